#!/usr/bin/env bash
# Thirty nights against expected/; no laxer policy compiles, and no franchised customer hears more than is allowed.
. "$(dirname "$0")/../tools/play.sh"

judge() {
    sqlite3 :memory: ".import --csv $1/actions.csv a" ".import --csv $1/exports/members.csv m" "
        select 'twice within fourteen days in a franchised shop: ' || a.member_id from a join m using (member_id)
          join a b on b.member_id = a.member_id and b.action_id <> a.action_id and b.night >= a.night
                  and julianday(b.night) - julianday(a.night) < 14
         where store in ('S01', 'S02', 'S03', 'S04');
        select 'an own offer in a franchised shop: ' || member_id from a join m using (member_id)
         where store in ('S01', 'S02', 'S03', 'S04') and rule in ('own_offer', 'own_news')" >"$1/wrong"
    [ ! -s "$1/wrong" ] || { cat "$1/wrong" >&2; return 1; }
    # a shop that would rather be heard more often is told where headquarters says otherwise
    sed 's/cap 1 send per 3d else defer 3d/cap 5 send per 7d/' "$here/rules.way" >"$1/lax.way"
    cp "$here/headquarters.way" "$1/"
    if "$wayfare" check "$1/lax.way" >"$1/lax.txt" || ! grep -q 'E0513.*' "$1/lax.txt"; then
        echo "a laxer cap was let through" >&2
        return 1
    fi
}

play --members 5000 --first 2026-03-01 --nights 30 "$@"
