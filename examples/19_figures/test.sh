#!/usr/bin/env bash
# Ten nights of the chain against expected/; every figure of the last one against SQL; and the same
# figures by the rules in Chinese.
. "$(dirname "$0")/../tools/play.sh"

judge() { # WORK
    "$wayfare" init --state "$1/zh.db" >/dev/null
    (cd "$here" && "$wayfare" run rules.zh.way --data "$1/exports" --as-of "$last" --state "$1/zh.db" \
        --out "$1/zh" --quiet) >&2
    # What rests on what was sent before is empty in a state that never sent anything.
    values() { sqlite3 :memory: ".import --csv $1 m" "select \"group\", value, members from m
        where metric not in ('reply_rate', 'reply_rate_by_store', 'deletion_rate', 'deletion_rate_by_store',
                             '回复率', '回复率_分店', '删除率', '删除率_分店')"; }
    diff <(values "$1/out/$last/metrics.csv") <(values "$1/zh/$last/metrics.csv") >&2 ||
        { echo "the rules in Chinese have other figures" >&2; return 1; }
}
play --members 5000 --first 2026-03-01 --nights 10 --more stores.awk "$@"
