#!/usr/bin/env bash
# How nights grow with members, orders, rules and the share that changed: growth.sh
#
#   MEMBERS_LIST="1000000 3000000 10000000" ORDERS_LIST="1 3 10 30" RULES_LIST="10 100 300 1000" \
#       CHANGED_LIST="0.01% 0.1% 1% 10%" AT=1000000 REPEAT=5 BENCH_DIR=DIR bash growth.sh
#
# One thing grows at a time; members at 10 orders each and 1% changed, the others at AT members. The
# runs go to growth.tsv of BENCH_DIR (needs some 15 GB at 10 million members; what was made of a
# size is removed when it is done). `make bench-figures` makes them the figures of the README.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
at=${AT:-1000000} cores=$(nproc)
export BENCH_DIR=${BENCH_DIR:?a folder for what is made} REPEAT=${REPEAT:-5}
export RESULTS=$BENCH_DIR/growth.tsv
mkdir -p "$BENCH_DIR"
rm -f "$RESULTS"
few="wayfare-$cores columns-$cores duckdb-$cores"
forget() { rm -rf "$BENCH_DIR"/data-"$1"-* "$BENCH_DIR"/night-"$1"-* "$BENCH_DIR"/base-*-"$1"-*; }

for members in ${MEMBERS_LIST:-1000000 3000000 10000000}; do
    MEMBERS=$members bash "$here/bench.sh"
    [ "$members" = "$at" ] || forget "$members"
done
for orders in ${ORDERS_LIST:-1 3 10 30}; do
    [ "$orders" = 10 ] || MEMBERS=$at ORDERS=$orders WORKLOADS=w2 ENGINES="$few" bash "$here/bench.sh"
    [ "$orders" = 10 ] || rm -rf "$BENCH_DIR/data-$at-$orders"
done
for rules in ${RULES_LIST:-10 100 300 1000}; do
    MEMBERS=$at RULES=$rules WORKLOADS=w1 ENGINES="$few" bash "$here/bench.sh"
done
for changed in ${CHANGED_LIST:-0.01% 0.1% 1% 10%}; do
    [ "$changed" = 1% ] || MEMBERS=$at CHANGED=$changed WORKLOADS=w3 \
        ENGINES="wayfare-$cores duckdb-$cores" bash "$here/bench.sh"
done
bash "$here/aims.sh" "$RESULTS" "$BENCH_DIR" | tee "$BENCH_DIR/aims.txt"
{
    date -u '+measured on %F'
    echo "$(nproc) cores, $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -1)," \
        "$(awk '/MemTotal/ { printf "%.0f GB of memory", $2 / 1e6 }' /proc/meminfo)"
    "${WAYFARE:-$here/../../build/wayfare}" version | head -1
} >"$BENCH_DIR/machine.txt"
forget "$at"
