#!/usr/bin/env bash
# The month of demo.sh against expected/: how many of what each night, and the bytes of each
# published file. --accept writes what came instead.
set -eu
. "$(dirname "$0")/nights.sh"
wayfare=${WAYFARE:-wayfare}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

judge_figures() { # NIGHT: metrics.csv against figures.sql, over the same exports
    sqlite3 :memory: ".import --csv $work/exports/$1/members.csv raw_members" \
        ".import --csv $work/exports/$1/orders.csv raw_orders" \
        "create table night as select '$1' as date" ".mode csv" ".read $here/figures.sql" >"$work/sql.csv"
    sqlite3 :memory: ".import --csv $work/out/$1/metrics.csv m" ".mode csv" \
        'select metric, by, "group", value, members from m order by 1, 3' >"$work/way.csv"
    diff -u "$work/sql.csv" "$work/way.csv" || { echo "night $1: other figures than SQL" >&2; exit 1; }
    figures=$((figures + $(wc -l <"$work/sql.csv")))
}

figures=0
unpack "$work/year"
"$wayfare" init --state "$work/shop.db" >/dev/null
night=2017-02-01
until [[ "$night" > 2017-02-28 ]]; do
    export_night "$work/year" "$night" "$work/exports/$night"
    # The rules are named from their own folder, so that the bytes do not depend on the machine.
    (cd "$here" && "$wayfare" run rules.way --data "$work/exports/$night" --as-of "$night" \
        --state "$work/shop.db" --out "$work/out" --quiet) >"$work/log" 2>&1 ||
        { status=$?; echo "night $night:" >&2; cat "$work/log" >&2; exit $status; }
    for file in actions suppressed; do
        sqlite3 :memory: ".import --csv $work/out/$night/$file.csv t" ".mode list" \
            "select '$night', '$file', rule, kind, name, count(*) from t group by rule, kind, name
             order by rule, kind, name" >>"$work/summary.txt"
    done
    (cd "$work/out" && sha256sum "$night/actions.csv" "$night/suppressed.csv" "$night/segments.csv" \
        "$night/rejects.csv") >>"$work/sha256.txt"
    judge_figures "$night"
    rm -rf "${work:?}/exports/$night"
    night=$(next_day "$night")
done
if [ "${1:-}" = --accept ]; then
    mkdir -p "$here/expected"
    cp "$work/summary.txt" "$work/sha256.txt" "$here/expected/"
    echo "accepted: $(wc -l <"$work/summary.txt") lines of summary"
    exit 0
fi
diff -u "$here/expected/summary.txt" "$work/summary.txt"
diff -u "$here/expected/sha256.txt" "$work/sha256.txt"
echo "complete_journey: 28 nights as expected, $figures figures as SQL computes them"
