# What the shop's systems make of a night: marks that were asked for are set and taken away, and on Mondays the model
# gives new scores. Reads the actions, then the members; writes the members as the next export has them.
#
#   awk -v seed=N -v monday=0|1 -f dice.awk -f carry.awk actions.csv members.csv
BEGIN { FS = OFS = "," }
FNR == NR {
    if ($3 == "tag") set[$2] = set[$2] ";" $5
    if ($3 == "untag") gone[$2, $5] = 1
    next
}
FNR == 1 { print; next }
{
    n = split($14 set[$1], tag, ";"); $14 = ""
    for (i = 1; i <= n; i++)
        if (tag[i] != "" && !(($1, tag[i]) in gone) && index(";" $14 ";", ";" tag[i] ";") == 0)
            $14 = $14 ($14 == "" ? "" : ";") tag[i]
    if (monday && $15 != "" && chance(0.1)) $15 = sprintf("%.2f", random() * random())
    print
}
