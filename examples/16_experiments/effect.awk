# What the shop's members do about what left on one night, so that there is something to find out:
# some buy the same evening. Reads actions.csv of the night, then the orders, whose rows are in order
# of time; new rows go behind those of that day.
BEGIN {
    FS = ","
    chances["BACK20"] = 0.3; chances["hello_again"] = 0.08; chances["task"] = 0.35
    chances["second"] = 0.12; chances["thanks_short"] = 0.05; chances["thanks_long"] = 0.3
}
FNR == 1 { file++ }
file == 1 { # the fields before the texts, which may hold commas, are enough
    what = $3 == "task" ? "task" : $5
    if (FNR > 1 && chance(chances[what])) {
        store = "S" sprintf("%02d", 1 + below(12))
        rows = rows sprintf("%s,%sT2%d:%02d,e%s-%d,1,%d.00,1,k1,Anran,sun,%s,shop,\n", $2, night, below(3), below(60),
            night, FNR, 40 + below(260), store)
    }
    next
}
FNR > 1 && !done && substr($2, 1, 10) > night { printf "%s", rows; done = 1 }
{ print }
END { if (!done) printf "%s", rows }
