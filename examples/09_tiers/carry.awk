# What the shop's systems make of a night: points that rules gave are booked, tiers are set. Reads the actions, then
# the members; writes the members as the next export has them, and adds bookings to the file called `booked`.
#
#   awk -v booked=FILE -f carry.awk actions.csv members.csv
BEGIN { FS = OFS = "," }
FNR == NR {
    if ($3 == "points") print $2, night "T02:00", $1, $7 + 0, "act" >>booked
    if ($3 == "set") set[$2, $5] = $7
    next
}
($1, "tier") in set { $14 = set[$1, "tier"] }
($1, "tier_since") in set { $15 = set[$1, "tier_since"] }
{ print }
