#!/usr/bin/env bash
# Thirty nights of the chain against expected/.
. "$(dirname "$0")/../tools/play.sh"

# Nobody gets two of the first month's messages on one day, and no message goes to who opted out.
judge() {
    sqlite3 :memory: ".import --csv $1/actions.csv a" ".import --csv $1/year/optouts.csv o" "
        select 'two sends on one day: ' || member_id || ' on ' || night from a
         where kind = 'send' group by member_id, night having count(*) > 1
        union all
        select 'sent after opting out: ' || a.member_id || ' on ' || night from a join o using (member_id)
         where kind in ('send', 'coupon') and o.at < night || 'T00:00'" >"$1/wrong"
    [ ! -s "$1/wrong" ] || { cat "$1/wrong" >&2; return 1; }
}

play --members 5000 --first 2026-03-01 --nights 30 "$@"
