#!/usr/bin/env bash
# The benchmark's work in Wayfare: wayfare_bench.sh THREADS DATA WORK WORKLOAD OUT
# Prints the seconds of reading, evaluating, writing, and of the whole process.
set -eu
threads=$1 data=$2 work=$3 workload=$4 out=$5 night=2026-11-22
wayfare=${WAYFARE:-$(dirname "$0")/../../build/wayfare}
case $workload in
w3) night=2026-11-23 ;; # its state stands in OUT: that of `base`
base) workload=w3 ;;
esac
[ -f "$out/state.db" ] || "$wayfare" init --state "$out/state.db" >"$out/log"
started=$EPOCHREALTIME
"$wayfare" run "$work/$workload.way" --data "$data" --as-of "$night" --state "$out/state.db" \
    --out "$out/out" --threads "$threads" --accept-volume --json >"$out/summary.json" 2>"$out/log" ||
    { cat "$out/log" >&2; exit 1; }
ended=$EPOCHREALTIME
sed -E 's/.*"read": ?([0-9.]+), ?"evaluate": ?([0-9.]+), ?"write": ?([0-9.]+).*/\1 \2 \3/' \
    "$out/summary.json" | awk -v total="$started $ended" \
    '{ split(total, t, " "); printf "%s %.3f\n", $0, t[2] - t[1] }'
# What SQL answers too: who was sent what, and how large each segment is.
sqlite3 :memory: ".import --csv $out/out/$night/actions.csv a" ".mode csv" ".once $out/answers.csv" \
    "select member_id, rule from a"
sqlite3 :memory: ".import --csv $out/out/$night/segments.csv s" ".mode list" \
    ".once $out/sizes.txt" "select size from s order by rowid"
