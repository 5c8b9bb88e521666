#!/usr/bin/env bash
# Which of the aims hold for the results of bench.sh: aims.sh RESULTS FOLDER
# FOLDER is bench.sh's (BENCH_DIR); the speed of memory, and of the rules alone, are measured here.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
results=$1 work=$2 cores=$(nproc)
wayfare=${WAYFARE:-$here/../../build/wayfare}
${CC:-gcc} -O3 -march=native -o "$work/memory" "$here/memory.c" -lpthread
members=$(awk -F'\t' '$1 == "w1" && $5 == 0 && $2 > most { most = $2 } END { print most + 0 }' "$results")
data=$(ls -d "$work/data-$members-"* 2>/dev/null | head -1 || true)
conditions=0
if [ -n "$data" ]; then
    rm -rf "$work/rules" && mkdir "$work/rules"
    bash "$here/make_work.sh" w1 "$work/rules"
    "$wayfare" init --state "$work/rules/state.db" >"$work/rules/log"
    conditions=$("$wayfare" run "$work/rules/w1.way" --data "$data" --as-of 2026-11-22 --dry-run \
        --state "$work/rules/state.db" --out "$work/rules/out" --threads "$cores" --profile --json \
        2>"$work/rules/log" | sed -E 's/.*"phase":"rules","depth":1,"seconds":([0-9.]+).*/\1/')
    rm -rf "$work/rules"
fi
awk -v memory="$("$work/memory" "$cores")" -v conditions="$conditions" \
    -f "$here/median.awk" -f "$here/aims.awk" "$results"
