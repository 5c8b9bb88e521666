# What people do about a message, the same day: most of them nothing. The more a member has heard lately, the less it
# takes; a pushy one takes hardly anything. Reads what left so far; the last night's are answered, in two files.
#
#   awk -v seed=N -v night=DATE -v unfriends=FILE -v optouts=FILE -f dice.awk -f people.awk actions.csv
BEGIN { FS = "," }
$4 != "send" { next }
{ heard[$3]++ }
$1 == night {
    p = ($6 == "flash" ? 0.16 : $5 == "wecom" ? 0.006 : $5 == "sms" ? 0.012 : 0.002) * (1 + 0.05 * heard[$3])
    if (!chance(p)) next
    at = sprintf("%sT%02d:%02d", night, 10 + below(12), below(60))
    if ($5 == "wecom") print $3 "," at ",S01-1" >>unfriends
    else print $3 "," at "," $5 >>optouts
}
