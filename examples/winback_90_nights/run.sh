#!/usr/bin/env bash
# Ninety nights of the shop in the folder given, and what came of them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wayfare=${WAYFARE:-wayfare}
work=$1
mkdir -p "$work/data"
"$wayfare" init --state "$work/shop.db" >/dev/null
(cd "$here" && awk -v wayfare="$wayfare" -v dir="$work" -f ../tools/dice.awk -f shop.awk) || { tail -3 "$work/log" >&2; exit 1; }

# All nights' rows of one of the files, under its header.
all() {
    head -1 "$(ls "$work"/out/*/"$1" | head -1)"
    for file in "$work"/out/*/"$1"; do tail -n +2 "$file"; done
}
all actions.csv >"$work/actions.csv"
all suppressed.csv >"$work/suppressed.csv"

echo "what left, by rule:"
sqlite3 -batch :memory: ".import --csv $work/actions.csv a" ".mode list" ".separator ' '" "
    select printf('%7d', count(*)), kind || rtrim(' ' || name), 'by', rule from a
    group by rule, kind, name order by rule, kind, name"
echo "what was stopped, by gate:"
sqlite3 -batch :memory: ".import --csv $work/suppressed.csv s" ".mode list" ".separator ' '" "
    select printf('%7d', count(*)), gate from s group by gate order by gate"
echo "the journeys:"
"$wayfare" status --state "$work/shop.db" | awk '
    /^journey/ { name = $2; sub(":", "", name); print "  " substr($0, 9) }
    /so far/ { entered = $3; left = $5; exited = $7; goals = $9; print "  " $0 }
    /held out/ {
        out = $5; reached = $7; n = entered - out; p = (goals - reached) / n; q = reached / out
        error = 1.96 * sqrt(p * (1 - p) / n + q * (1 - q) / out)
        printf "    treated %d, came back %.1f%%; held out %d, came back %.1f%%\n", n, 100 * p, out, 100 * q
        printf "    lift %+.1f points, between %+.1f and %+.1f\n", 100 * (p - q), 100 * (p - q - error), 100 * (p - q + error)
    }'
