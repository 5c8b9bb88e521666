#!/usr/bin/env bash
# A project as a large chain would have: campaigns of 25 lines each in files of 20 campaigns, all
# imported by rules.way. The same bytes for the same arguments.
#
#   make_project.sh DIR [LINES]      LINES: 5000
set -eu
dir=$1 lines=${2:-5000}
mkdir -p "$dir"
awk -v dir="$dir" -v campaigns=$((lines / 25)) '
function campaign(file, i) {
    printf "\n# campaign %d\n", i >file
    printf "coupon C%d \"%d off\" { value %d.00  stock %d  valid 14d }\n", i, i, 5 + i % 40, 1000 + i >file
    printf "message m%d \"Campaign %d\" { zh \"您好{name|亲}，活动%d\" en \"Hello {name|friend}\" }\n", i, i, i >file
    printf "let spend%d = sum purchase.amount in last %dd\n", i, 30 + i % 300 >file
    printf "segment lapsed%d is last purchase older than %dd and count purchase >= %d\n", i, 30 + i % 90, 1 + i % 5 >file
    printf "segment near%d is city = \"city%d\" and points between %d and %d\n", i, i % 60, i % 900, i % 900 + 50 + i >file
    printf "segment keen%d is near%d and (spend%d > %d.00 or count purchase[brand = \"brand%d\"] in last %dd >= %d)\n", i, i, i, 100 + i, i % 30, 60 + i % 30, 2 + i % 4 >file
    printf "classify value%d {\n", i >file
    printf "  super  when spend%d > %d.00 and not lapsed%d\n", i, 900 + i, i >file
    printf "  some   when spend%d > %d.00 or count purchase in last %dd > 3\n", i, 200 + i, 20 + i % 70 >file
    printf "  rest   otherwise\n}\n" >file
    printf "trigger hello%d when joined+%dd and city = \"city%d\" and not purchased then send coupon C%d\n", i, 1 + i % 30, i % 60, i >file
    printf "trigger gift%d when anniversary of birthday - %dd and value%d = super\n", i, i % 14, i >file
    printf "  then send m%d with coupon C%d, task owner \"Call %d\" due 3d\n", i, i, i >file
    printf "journey back%d {\n", i >file
    printf "  enter when member becomes lapsed%d\n  again after %dd\n", i, 90 + i % 90 >file
    printf "  exit when purchased since entry or opted_out\n" >file
    printf "  if keen%d and wecom { send m%d }\n", i, i >file
    printf "  wait %dd\n", 1 + i % 5 >file
    printf "  wait for purchase[amount > %d] up to %dd { leave } else { send coupon C%d }\n", 10 + i, 2 + i % 9, i >file
    printf "  if points > %d { tag \"again%d\" } else if points < %d { send coupon C%d }\n}\n", 200 + i, i, 20 + i % 50, i >file
}
BEGIN {
    main = dir "/rules.way"
    print "import std.retail" >main
    for (i = 1; i <= campaigns; i++) {
        part = int((i - 1) / 20) + 1
        file = dir "/part" part ".way"
        if (i % 20 == 1) {
            print "import std.retail" >file
            printf "import \"./part%d.way\"\n", part >main
        }
        campaign(file, i)
    }
    print "policy { quiet 21:00 to 09:00 defer  cap 3 send per 7d }" >main
}'
