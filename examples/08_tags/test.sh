#!/usr/bin/env bash
# Thirty nights against expected/, in which the shop carries out what was asked; promises.sql says who must have which tag.
. "$(dirname "$0")/../tools/play.sh"

after_night() { # WORK NIGHT
    local day
    day=$(date -u -d "$2" +%u)
    awk -v seed="$(date -u -d "$2" +%Y%m%d)" -v monday=$((day == 1)) -f "$tools/dice.awk" -f "$here/carry.awk" \
        "$1/out/$2/actions.csv" "$1/year/members.csv" >"$1/carried.csv"
    mv "$1/carried.csv" "$1/year/members.csv"
}

look() { # WORK
    echo "who lost which tag, and why (two of each):"
    sqlite3 :memory: ".import --csv $1/actions.csv a" ".mode list" ".separator ' | '" "
        select member_id, name, reason from
          (select *, row_number() over (partition by name order by night desc, member_id) as n from a where kind = 'untag')
         where n <= 2 order by name, n"
}

play --members 5000 --first 2026-03-01 --nights 30 --more make.awk "$@"
