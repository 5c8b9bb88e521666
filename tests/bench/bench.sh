#!/usr/bin/env bash
# The same nights in Wayfare and in other engines: see README.md for what is measured.
#
#   MEMBERS=1000000 ORDERS=10 CHANGED=1% RULES= REPEAT=3 WORKLOADS="w1 w2 w3" ENGINES="..." \
#       SLOW_MEMBERS=1000000 BENCH_DIR= RESULTS= PYTHON=python3 bash bench.sh
#
# RULES (with w1 alone): as many rules as that. BENCH_DIR: keeps what was made for the next time.
# Engines take turns; figures are medians. Every engine's answers (member, rule) and sizes of
# segments must be the same. Each run is a line of RESULTS (the header names its columns); where none
# is named, it ends with which aims hold.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
export WAYFARE=${WAYFARE:-$here/../../build/wayfare}
gen=$(dirname "$WAYFARE")/bench/gen
members=${MEMBERS:-1000000} orders=${ORDERS:-10} changed=${CHANGED:-1%} rules=${RULES:-}
repeat=${REPEAT:-3} workloads=${WORKLOADS:-w1 w2 w3} python=${PYTHON:-python3} cores=$(nproc)
engines=${ENGINES:-wayfare-1 wayfare-$cores columns-1 columns-$cores rows-1 duckdb-1 duckdb-$cores
    chdb-$cores polars-$cores sqlite-1 awk-1}
slow_members=${SLOW_MEMBERS:-1000000} # more than these are not given to SQLite and awk

work=${BENCH_DIR:-$(mktemp -d)}
[ -n "${BENCH_DIR:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
results=${RESULTS:-$work/results.tsv}
columns='workload members orders changed rules engine read evaluate write total peak_kb answers'
[ -s "$results" ] || tr ' ' '\t' <<<"$columns" >"$results"

# "1%" or a number: how many members change.
case $changed in
*%) changed=$(awk -v m="$members" -v p="${changed%\%}" 'BEGIN { printf "%.0f", m * p / 100 }') ;;
esac
data=$work/data-$members-$orders night=$work/night-$members-$orders-$changed
[ -f "$data/done" ] || { mkdir -p "$data" && "$gen" "$members" "$orders" "$data" && touch "$data/done"; }
case " $workloads " in
*" w3 "*) [ -f "$night/done" ] || { mkdir -p "$night" &&
    "$gen" "$members" "$orders" "$night" "$changed" && touch "$night/done"; } ;;
esac

has() { # ENGINE: whether it is installed; says a word where not
    case $1 in
    duckdb | chdb | polars)
        "$python" -c "import $1" 2>/dev/null ||
            { echo "$1 is not measured: $python -m pip install $1"; return 1; } ;;
    esac
}

does() { # ENGINE WORKLOAD: whether it is asked to do that
    case $1-$2 in
    sqlite-* | awk-w1) [ "$members" -le "$slow_members" ] ;;
    wayfare-* | duckdb-* | chdb-w[12] | polars-w[12] | rows-w1 | columns-w[12]) ;;
    *) false ;;
    esac
}

whole() { # COMMAND...: the seconds that it prints of its parts, and those of its whole process
    local started parts
    started=$EPOCHREALTIME
    parts=$("$@")
    echo "$parts" "$(echo "$EPOCHREALTIME" | awk -v started="$started" '{ printf "%.3f", $1 - started }')"
}

engine() { # ENGINE-THREADS DATA WORKLOAD OUT: runs it once; prints its seconds
    local name=${1%-*} threads=${1##*-}
    case $name in
    duckdb | chdb | polars)
        whole "$python" "$here/${name}_bench.py" "$threads" "$2" "$work" "$3" "$4" ;;
    sqlite) whole bash "$here/sqlite_bench.sh" "$threads" "$2" "$work" "$3" "$4" ;;
    wayfare) bash "$here/wayfare_bench.sh" "$threads" "$2" "$work" "$3" "$4" ;;
    *) bash "$here/hand_bench.sh" "$name" "$threads" "$2" "$work" "$3" "$4" ;;
    esac
}

# What W3 starts from, made once: the state, or the database, of the night before.
base() { # ENGINE: prints its folder
    local folder=$work/base-$1-$members-$orders-${rules:-all}
    if [ ! -f "$folder/done" ] || { [ "$1" = wayfare ] && [ "$WAYFARE" -nt "$folder/done" ]; }; then
        rm -rf "$folder" && mkdir -p "$folder"
        engine "$1-$cores" "$data" base "$folder" >"$folder/seconds"
        rm -rf "$folder/answers.csv" "$folder/sizes.txt"
        touch "$folder/done"
    fi
    echo "$folder"
}

timer=
[ -x /usr/bin/time ] && timer=yes || echo "peak memory is not measured: install the package 'time'"

# A copy of what W3 starts from. Snapshots are written once and for all: they are linked, for copying
# gigabytes before each run would drive from memory what the run finds there on other days.
begin() { # ENGINE OUT
    local one
    for one in "$(base "$1")"/*; do
        case $one in
        *.snap-*) ln "$one" "$2" && cat "$one" >/dev/null ;;
        *) cp -r "$one" "$2" ;;
        esac
    done
}

# Runs one engine once and adds a line to the results; its answers stand in OUT.
measure() { # ENGINE-THREADS WORKLOAD OUT
    local from=$data
    rm -rf "$3" && mkdir -p "$3"
    if [ "$2" = w3 ]; then
        from=$night
        begin "${1%-*}" "$3"
    fi
    sync "$work"                 # what was written before is not this run's
    cat "$from"/*.csv >/dev/null # every engine finds its files in memory, the first one, too
    if [ -n "$timer" ]; then
        export -f engine whole
        export here work python
        /usr/bin/time -f %M -o "$3/peak" bash -euc 'engine "$@"' - "$1" "$from" "$2" "$3" >"$3/seconds"
    else
        engine "$1" "$from" "$2" "$3" >"$3/seconds"
        echo 0 >"$3/peak"
    fi
    tr -d '\r"' <"$3/answers.csv" | sort >"$3/sorted"
    echo "$2 $members $orders $([ "$2" = w3 ] && echo "$changed" || echo 0) ${rules:-0} $1" \
        "$(cat "$3/seconds") $(tail -1 "$3/peak") $(wc -l <"$3/sorted")" | tr ' ' '\t' >>"$results"
}

compare() { # ENGINE-THREADS WORKLOAD OUT: with the first engine's answers
    local part
    for part in sorted sizes.txt; do
        [ -f "$work/$2.$part" ] || cp "$3/$part" "$work/$2.$part"
        cmp "$work/$2.$part" "$3/$part" || { echo "$1 answers $2 differently ($part)"; exit 1; }
    done
}

printf '%s members, %s orders, %s members changed; medians of %s runs; seconds\n' \
    "$members" $((members * orders)) "$changed" "$repeat"
there=
for one in $engines; do
    case " $there " in *" $one "*) continue ;; esac
    if has "${one%-*}"; then there="$there $one"; fi
done
for workload in $workloads; do
    bash "$here/make_work.sh" "$workload" "$work" "$rules"
    [ "$workload" = w3 ] || bash "$here/hand_build.sh" "$workload" "$work"
    rm -f "$work/$workload".{sorted,sizes.txt}
    for run in $(seq "$repeat"); do
        for one in $there; do
            does "${one%-*}" "$workload" || continue
            case $run-${one%-*} in [!1]*-sqlite | [!1]*-awk) continue ;; esac # once will do
            measure "$one" "$workload" "$work/run"
            compare "$one" "$workload" "$work/run"
        done
    done
    rm -rf "$work/run"
    awk -f "$here/median.awk" -f "$here/medians.awk" -v workload="$workload" -v members="$members" -v orders="$orders" \
        -v changed="$([ "$workload" = w3 ] && echo "$changed" || echo 0)" -v rules="${rules:-0}" \
        "$results"
done
[ -n "${RESULTS:-}" ] || bash "$here/aims.sh" "$results" "$work"
