#!/usr/bin/env bash
# How long `check` takes on a project of 5,000 lines (make_project.sh): the median of five runs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wayfare=${WAYFARE:-$here/../../build/wayfare}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash "$here/make_project.sh" "$work" "${LINES_OF_RULES:-5000}"
TIMEFORMAT='%R %U %S'
for run in 1 2 3 4 5; do
    { time "$wayfare" check "$work/rules.way" >"$work/said" 2>&1; } 2>>"$work/times" || true
done
tail -1 "$work/said" | grep -q ', ok (' || { cat "$work/said"; exit 1; }
sort -n "$work/times" | awk -v lines="$(cat "$work"/*.way | wc -l)" 'NR == 3 {
    printf "check of %d lines: %.2f s, %.2f s of them computing (median of 5; should be below 0.1)\n",
        lines, $1, $2 + $3 }'
