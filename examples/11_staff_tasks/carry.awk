# What staff members do with the tasks of a night, and what comes of it: seven in ten report the same day. Of those they
# reach some make an appointment; some of these come. Reads the actions, then the members; writes the members as the
# next export has them, and adds to the files called `done` and `kept`.
#
#   awk -v seed=N -v night=DATE -v today=DAY -v done=FILE -v kept=FILE -f dice.awk -f carry.awk actions.csv members.csv
BEGIN { FS = OFS = "," }
FNR == NR {
    if ($3 != "task" || $2 in asked) next
    asked[$2]
    if (!chance(0.7)) next
    x = random()
    said = x < 0.35 ? "reached" : x < 0.65 ? "not_reached" : x < 0.95 ? "appointed" : "refused"
    print $2, time_on(today), said >>done
    if (said == "appointed") visit[$2] = date_of(today + 1 + below(9))
    next
}
FNR > 1 && $14 == night && chance(0.75) { print $1, night "T15:00", $7, "shop" >>kept }
$1 in visit { $14 = visit[$1] }
{ print }
