#!/usr/bin/env bash
# Thirty nights of the chain against expected/, and the figures of the last one against SQL.
. "$(dirname "$0")/../tools/play.sh"

judge() {
    sqlite3 :memory: ".import --csv $1/exports/members.csv raw_members" \
        ".import --csv $1/exports/orders.csv raw_orders" "create table night as select '$last' as date" \
        ".mode csv" ".read $here/figures.sql" >"$1/sql.csv"
    sqlite3 :memory: ".import --csv $1/out/$last/metrics.csv m" ".mode csv" \
        'select metric, "group", value, members from m order by 1, 2' >"$1/way.csv"
    diff -u "$1/sql.csv" "$1/way.csv" >&2
}

play --members 6000 --first 2026-03-01 --nights 32 "$@"
