#!/usr/bin/env bash
# The same nights on processors without AVX-512, without AVX2, without AVX: none crashes, all write
# the same bytes, which are also those of this machine. Processors are QEMU's (package qemu-user).
#
#   GEN=build/bench/gen WAYFARE=build/wayfare bash cpus_test.sh FOLDER
#
# Two nights each: the export of everybody, and the next night's changes.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
bench=$here/../bench work=$1
qemu=$(command -v qemu-x86_64) || {
    echo "cpus: skipped: there is no qemu-x86_64 (install the package qemu-user)"
    exit 0
}
[ "$(uname -m)" = x86_64 ] || {
    echo "cpus: skipped: this is no x86-64 machine"
    exit 0
}
members=8000 orders=6
rm -rf "$work"
mkdir -p "$work/first" "$work/second"
"$GEN" $members $orders "$work/first"
"$GEN" $members $orders "$work/second" 100
for workload in w1 w3; do
    bash "$bench/make_work.sh" $workload "$work"
done

# Runs the nights on a processor ("" is this machine's own); prints what they wrote.
nights() { # CPU
    local run=("$WAYFARE") out=$work/out-${1:-own} state=$work/state-${1:-own}
    [ -z "$1" ] || run=("$qemu" -cpu "$1" "$WAYFARE")
    mkdir -p "$out"
    for workload in w1 w3; do
        "${run[@]}" init --state "$state-$workload.db" >/dev/null
        "${run[@]}" run "$work/$workload.way" --data "$work/first" --as-of 2026-11-22 \
            --state "$state-$workload.db" --out "$out/$workload" --threads 2 --quiet
    done
    "${run[@]}" run "$work/w3.way" --data "$work/second" --as-of 2026-11-23 \
        --state "$state-w3.db" --out "$out/w3" --accept-volume --threads 2 --quiet
    (cd "$out" && find . -type f | sort | xargs sha256sum)
}

nights "" >"$work/own"
actions=$(cat "$work"/out-own/*/*/actions.csv | wc -l)
[ "$actions" -gt 100 ] || { echo "cpus: only $actions actions to compare"; exit 1; }
for cpu in Nehalem Haswell max; do
    nights "$cpu" >"$work/$cpu" 2>"$work/$cpu.err" || { grep -v ^qemu "$work/$cpu.err"; exit 1; }
    diff "$work/own" "$work/$cpu" || { echo "cpus: $cpu writes other bytes"; exit 1; }
done
echo "cpus: $(wc -l <"$work/own") files of 3 nights ($actions lines of actions) are the same without" \
    "AVX (Nehalem), with AVX2 (Haswell), with all that QEMU has, and on this machine"
