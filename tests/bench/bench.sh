#!/usr/bin/env bash
# The same night in Wayfare, in SQLite and in DuckDB: see README.md for what is measured.
#
#   MEMBERS=1000000 ORDERS=10 REPEAT=3 WORKLOADS="w1 w2" PYTHON=python3 bash bench.sh
#
# Engines take turns; figures are medians. Every engine's answers (member, rule) must be the same.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
wayfare=${WAYFARE:-$here/../../build/wayfare}
gen=$(dirname "$wayfare")/bench/gen
members=${MEMBERS:-1000000} orders=${ORDERS:-10} repeat=${REPEAT:-3}
workloads=${WORKLOADS:-w1 w2} python=${PYTHON:-python3} threads=${THREADS:-$(nproc)}

work=${BENCH_DIR:-$(mktemp -d)}
[ -n "${BENCH_DIR:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
data=$work/data-$members-$orders
if [ ! -f "$data/done" ]; then
    mkdir -p "$data"
    "$gen" "$members" "$orders" "$data" && touch "$data/done"
fi

timer=
[ -x /usr/bin/time ] && timer="/usr/bin/time -f %e\ %M -o"
[ -n "$timer" ] || echo "peak memory is not measured: install the package 'time'"
engines="wayfare wayfare-$threads sqlite"
if "$python" -c 'import duckdb' 2>/dev/null; then
    engines="$engines duckdb duckdb-$threads"
else
    echo "DuckDB is not measured: $python -m pip install duckdb"
fi

# Runs one engine once; its phases go to OUT/phases ("read evaluate write"), its wall time and peak
# memory to OUT/cost, its answers to OUT/answers.csv.
measure() { # ENGINE WORKLOAD OUT
    local engine=${1%-*} many=1
    [ "$1" = "$engine" ] || many=${1##*-}
    rm -rf "$3" && mkdir -p "$3"
    case $engine in
    wayfare)
        "$wayfare" init --state "$3/state.db" >/dev/null
        # shellcheck disable=SC2086
        ${timer:+eval $timer "$3/cost"} "$wayfare" run "$work/$2.way" --data "$data" \
            --as-of 2026-11-22 --state "$3/state.db" --out "$3/out" --threads "$many" --json \
            >"$3/summary.json" 2>"$3/log" || { cat "$3/log" >&2; return 1; }
        sed -E 's/.*"read": ?([0-9.]+), ?"evaluate": ?([0-9.]+), ?"write": ?([0-9.]+).*/\1 \2 \3/' \
            "$3/summary.json" >"$3/phases"
        ;;
    sqlite)
        # shellcheck disable=SC2086
        ${timer:+eval $timer "$3/cost"} bash "$here/sqlite_bench.sh" "$data" "$work" "$2" "$3" \
            >"$3/phases"
        ;;
    duckdb)
        # shellcheck disable=SC2086
        ${timer:+eval $timer "$3/cost"} "$python" "$here/duckdb_bench.py" "$many" "$data" "$work" \
            "$2" "$3" >"$3/phases"
        ;;
    esac
}

answers() { # ENGINE OUT: sorted lines "member,rule", and the sizes of the segments
    case $1 in
    wayfare*) # the only fields of an action that SQL answers too
        sqlite3 :memory: ".import --csv $2/out/2026-11-22/actions.csv a" ".mode csv" \
            "select member_id, rule from a" | tr -d '\r"' | sort >"$2/sorted"
        sqlite3 :memory: ".import --csv $2/out/2026-11-22/segments.csv s" ".mode list" \
            "select size from s order by rowid" >"$2/sizes.txt"
        ;;
    *) tr -d '\r"' <"$2/answers.csv" | sort >"$2/sorted" ;;
    esac
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

printf '%s members, %s orders; medians of %s runs; seconds\n' \
    "$members" $((members * orders)) "$repeat"
for workload in $workloads; do
    bash "$here/make_work.sh" "$workload" "$work"
    rm -f "$work"/*.times
    for run in $(seq "$repeat"); do
        for engine in $engines; do
            measure "$engine" "$workload" "$work/$engine"
            total=$(awk '{ print $1 + $2 + $3 }' "$work/$engine/phases")
            echo "$total $(cat "$work/$engine/phases") $(tail -1 "$work/$engine/cost" \
                2>/dev/null)" >>"$work/$engine.times"
            if [ "$run" = 1 ]; then
                answers "$engine" "$work/$engine"
                [ "$engine" != wayfare ] || cp "$work/wayfare/sorted" "$work/wayfare/sizes.txt" "$work"
                for part in sorted sizes.txt; do
                    cmp "$work/$part" "$work/$engine/$part" ||
                        { echo "$engine answers $workload differently ($part)"; exit 1; }
                done
            fi
        done
    done
    echo
    printf '%-4s %-11s %8s %9s %8s %8s %9s %9s\n' "$workload" engine read evaluate write total \
        'peak MB' 'x wayfare'
    base=$(cut -d' ' -f1 "$work/wayfare.times" | median)
    for engine in $engines; do
        total=$(cut -d' ' -f1 "$work/$engine.times" | median)
        printf '%-4s %-11s %8.2f %9.2f %8.2f %8.2f %9.0f %9.2f\n' '' "$engine" \
            "$(cut -d' ' -f2 "$work/$engine.times" | median)" \
            "$(cut -d' ' -f3 "$work/$engine.times" | median)" \
            "$(cut -d' ' -f4 "$work/$engine.times" | median)" "$total" \
            "$(awk '{ print $6 / 1024 }' "$work/$engine.times" | median)" \
            "$(awk -v a="$total" -v b="$base" 'BEGIN { print a / b }')"
    done
    echo "     $(wc -l <"$work/sorted") actions, the same in every engine"
done
