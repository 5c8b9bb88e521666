#!/usr/bin/env bash
# The benchmark's work by hand: hand_bench.sh rows|columns|awk THREADS DATA WORK WORKLOAD OUT
# Prints its seconds: none for reading, evaluating and writing, which are one here, and the total.
set -eu
name=$1 threads=$2 data=$3 work=$4 workload=$5 out=$6
started=$EPOCHREALTIME
case $name in
rows) "$work/rows-$workload" "$data" "$out" ;;
columns) "$work/columns-$workload" "$threads" "$data" "$out" ;;
awk) awk -F, -v sizes="$out/sizes.txt" -f "$(dirname "$0")/members.awk" -f "$work/$workload.awk" \
    "$data/members.csv" >"$out/answers.csv" ;;
esac
echo "$EPOCHREALTIME" | awk -v started="$started" '{ printf "0 0 0 %.3f\n", $1 - started }'
