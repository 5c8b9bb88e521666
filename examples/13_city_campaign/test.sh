#!/usr/bin/env bash
# 十八个晚上，对照 expected/；promises.sql 从导出文件独立推算：礼给了哪座城的谁，说的是哪条产品线，又提醒了谁。
. "$(dirname "$0")/../tools/play.sh"

# 收到礼品的人，三个里有一个来领：当天、过两天、五天或十一天，由会员号定。
after_night() { # WORK NIGHT
    local redeems=$1/year/redeems.csv days
    cp "$redeems" "$1/redeems"
    for days in 0 2 5 11; do
        awk -F, -v day="$(date -u -d "$2 + $days day" +%F)" -v days=$days '
            $6 == "城市礼" && substr($2, 2) * 7919 % 12 == days { print $2 "," day "T1" days % 10 ":30,城市礼," }
        ' "$1/out/$2/actions.csv"
    done >>"$1/redeems"
    { head -1 "$1/redeems" && tail -n +2 "$1/redeems" | LC_ALL=C sort -t, -k2,2 -k1,1; } >"$redeems"
}

play --members 5000 --first 2026-03-04 --nights 18 --more campaign.awk "$@"
