#!/usr/bin/env bash
# Thirty nights against expected/, in which staff members report and members come or do not; promises.sql reads every task.
. "$(dirname "$0")/../tools/play.sh"

after_night() { # WORK NIGHT
    local reported=$1/year/done_now.csv kept=$1/year/visits_kept.csv
    [ -f "$reported" ] || echo "member_id,at,result" >"$reported"
    [ -f "$kept" ] || echo "member_id,at,store,channel" >"$kept"
    awk -v seed="${2//-/}" -v night="$2" -v today=$(($(date -u -d "$2" +%s) / 86400)) -v done="$reported" -v kept="$kept" \
        -f "$tools/dice.awk" -f "$here/carry.awk" "$1/out/$2/actions.csv" "$1/year/members.csv" >"$1/carried.csv"
    mv "$1/carried.csv" "$1/year/members.csv"
}

look() { # WORK
    echo "what shop S03 has to do on $last:"
    ask "$1" "$here/list.sql"
}

play --members 5000 --first 2026-03-01 --nights 30 --more make.awk "$@"
