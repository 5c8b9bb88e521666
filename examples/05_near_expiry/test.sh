#!/usr/bin/env bash
# The night of the twenty crates: exactly twenty, here before near, the most faithful first.
. "$(dirname "$0")/../tools/play.sh"

judge() {
    sqlite3 :memory: ".import --csv $1/actions.csv a" ".import --csv $1/suppressed.csv s" \
        ".import --csv $1/exports/orders.csv o" "
        create table crates as select member_id, count(distinct \"order\") as n from o
         where brand = 'Mingyue' and \"at\" >= '2025-12-20T00:00' and \"at\" < '2026-03-20T00:00' group by member_id;
        select 'promised ' || count(*) || ' crates, not 20' from a where coupon = 'CRATE20' having count(*) <> 20;
        select 'told as one who is near while ' || count(*) || ' here were not' from s
         where rule = 'here' and gate = 'stock' and exists (select 1 from a where rule = 'near') having count(*) > 0;
        select 'less faithful, and yet before others: ' || a.rule from a join crates c using (member_id)
         group by a.rule having min(c.n) < (select max(n) from s join crates using (member_id)
                                             where s.rule = a.rule and s.gate = 'stock')" >"$1/wrong"
    [ ! -s "$1/wrong" ] || { cat "$1/wrong" >&2; return 1; }
}

play --members 5000 --first 2026-03-18 --nights 4 "$@"
