#!/usr/bin/env bash
# Twenty-seven nights against expected/, in which people delete the shop that annoys them; promises.sql judges caps, quota and
# breaker. The operator looks into it and lets the shop speak again on the 22nd.
. "$(dirname "$0")/../tools/play.sh"

after_night() { # WORK NIGHT
    local answers=$1/year/unfriends_answers.csv stops=$1/year/optouts_answers.csv
    [ -f "$answers" ] || echo "member_id,at,owner" >"$answers"
    [ -f "$stops" ] || echo "member_id,at,channel" >"$stops"
    sed "s/^/$2,/" "$1/out/$2/actions.csv" | tail -n +2 >>"$1/left.csv"
    awk -v seed="${2//-/}" -v night="$2" -v unfriends="$answers" -v optouts="$stops" \
        -f "$tools/dice.awk" -f "$here/people.awk" "$1/left.csv"
    if [ "$2" = 2026-03-21 ]; then "$wayfare" resume all --state "$1/shop.db" >/dev/null; fi
}

look() { # WORK
    cut_night "$1/year" "$(next_day "$last")" "$1/exports"
    echo "what each message cost: gone within two days of it"
    ask "$1" "$here/cost.sql"
    echo "what each cap stopped:"
    sqlite3 :memory: ".import --csv $1/suppressed.csv s" ".mode list" ".separator ' '" "
        with caps as (select substr(reason, instr(reason, 'stopped: cap') + 9) as cap from s where gate = 'cap')
        select printf('%7d', count(*)), substr(cap, 1, instr(cap, '):')) from caps group by 2 order by 2"
    echo "the breaker:"
    sqlite3 :memory: ".import --csv $1/suppressed.csv s" ".mode list" ".separator ' '" "
        select '  ' || night || ' stopped', count(*), max(substr(reason, instr(reason, 'all paused'))) from s where gate = 'paused' group by 1"
}

play --members 5000 --first 2026-03-01 --nights 27 "$@"
