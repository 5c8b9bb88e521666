#!/usr/bin/env bash
# Twenty nights against expected/, in which the shop carries out what was asked; promises.sql judges tiers, points and
# privileges. Then the same members live the same nights again under a proposal of four tiers.
. "$(dirname "$0")/../tools/play.sh"

after_night() { # WORK NIGHT
    local booked=$1/year/points_act.csv
    [ -d "$1/first" ] || cp -r "$1/year" "$1/first"
    [ -f "$booked" ] || echo "member_id,at,booking,value,source" >"$booked"
    awk -v night="$2" -v booked="$booked" -f "$here/carry.awk" "$1/out/$2/actions.csv" "$1/year/members.csv" >"$1/carried.csv"
    mv "$1/carried.csv" "$1/year/members.csv"
}

look() { # WORK
    local three=$1 four=$1/four final=$last
    mkdir -p "$four/rules" "$three/rules"
    cp -r "$three/first" "$four/year"
    cp "$three/first/members.csv" "$three/exports/first_members.csv" # for promises.sql
    cp "$here/rules.way" "$three/rules/three.way"
    sed -f "$here/four_tiers.sed" "$here/rules.way" | tee "$three/rules/four.way" >"$four/rules/rules.way"
    run_nights "$four" "$first" "$nights" "$four/rules"
    gather "$four" actions.csv
    echo "the same members, the same nights:      three     four"
    sqlite3 :memory: ".import --csv $three/actions.csv three" ".import --csv $four/actions.csv four" \
        ".import --csv $three/year/members.csv three_members" ".import --csv $four/year/members.csv four_members" \
        ".mode list" ".read $here/compare.sql"
    echo "wayfare diff, on the morning after:"
    cut_night "$three/year" "$(next_day "$final")" "$three/tomorrow"
    (cd "$three/rules" && "$wayfare" diff three.way four.way --data "$three/tomorrow" --as-of "$(next_day "$final")" \
        --state "$three/shop.db" --samples 1) | sed -n '/^Classes/,/^$/p'
}

play --members 5000 --first 2026-03-14 --nights 20 --more make.awk "$@"
