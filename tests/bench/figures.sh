#!/usr/bin/env bash
# The figures of README.md from the runs of growth.sh: figures.sh FOLDER
# FOLDER: growth.sh's BENCH_DIR, or figures/ here, to draw the same runs again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
from=${1:-$here/figures} to=$here/figures
mkdir -p "$to"
[ "$from" -ef "$to" ] || cp "$from/growth.tsv" "$from/machine.txt" "$from/aims.txt" "$to/"
runs=$to/growth.tsv
at=$(awk -F'\t' 'FNR > 1 && $5 > 0 { print $2; exit }' "$runs") # where members did not grow

chart() { # NAME WORKLOAD COLUMN AT UNIT TITLE
    awk -v workload="$2" -v grows="$3" -v at="$4" -v unit="$5" -v title="$6" \
        -f "$here/median.awk" -f "$here/plot.awk" "$runs" >"$to/$1.svg"
    if [ -s "$to/$1.svg" ]; then
        printf '![%s](figures/%s.svg)\n\n' "$6" "$1"
    else
        rm "$to/$1.svg" # nothing grew
    fi
}

figures() {
    echo '```'
    cat "$to/machine.txt"
    awk -F'\t' 'FNR > 1 && $5 == 0 && $3 == 10 && ($1 != "w3" || $4 * 100 == $2) &&
        !seen[$1, $2]++ { print $1, $2, $3, $4, $5 }' "$runs" | sort -s -k1,1 -k2,2n |
        while read -r workload members orders changed rules; do
            echo
            echo "$members members"
            awk -v workload="$workload" -v members="$members" -v orders="$orders" \
                -v changed="$changed" -v rules="$rules" -f "$here/median.awk" \
                -f "$here/medians.awk" "$runs" | tail -n +2
        done
    [ ! -f "$from/aims.txt" ] || cat "$from/aims.txt"
    printf '```\n\n'
    chart members-w1 w1 2 "* 10 0 0" members "W1: members alone"
    chart members-w2 w2 2 "* 10 0 0" members "W2: members and ten orders each"
    chart orders w2 3 "$at * 0 0" "orders a member" "W2 as orders grow"
    chart rules w1 5 "$at 10 0 *" rules "W1 as rules grow"
    chart changed w3 4 "$at 10 * 0" "members who changed" "W3 as the change grows"
}

figures >"$to/figures.md"
awk -v figures="$to/figures.md" '
    /^<!-- figures -->/ { print; print ""; while ((getline line < figures) > 0) print line; skip = 1 }
    /^<!-- end of figures -->/ { skip = 0 }
    !skip { print }' "$here/README.md" >"$to/README.new"
mv "$to/README.new" "$here/README.md"
rm "$to/figures.md"
