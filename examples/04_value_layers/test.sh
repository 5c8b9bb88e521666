#!/usr/bin/env bash
# Forty nights of the chain against expected/; whoever got something was of the layer it is for.
. "$(dirname "$0")/../tools/play.sh"

# The layers of each member on the first of April, by SQL, against what they were sent that night.
judge() {
    sqlite3 :memory: ".import --csv $1/exports/members.csv raw_members" \
        ".import --csv $1/exports/orders.csv raw_orders" ".import --csv $1/actions.csv a" "
        create table layered as
          select member_id, case when cents > 0 and place <= ceil(of * 0.07) then 'super_user'
                                 when cents > 0 and place <= ceil(of * 0.30) then 'potential'
                                 when n >= 2 and 2 * with_coupon >= n then 'deal_hunter' else 'regular' end as layer
            from (select *, rank() over (order by cents desc) as place, count(*) over () as of from (
              select m.member_id, coalesce(sum(cast(round(o.amount * 100) as integer)), 0) as cents,
                     count(distinct o.\"order\") as n, count(distinct iif(o.coupon <> '', o.\"order\", null)) as with_coupon
                from raw_members m left join raw_orders o
                  on o.member_id = m.member_id and o.at >= '2025-04-01T00:00' and o.at < '2026-04-01T00:00'
               where m.joined < '2026-04-01' group by m.member_id));
        select 'on the wrong layer: ' || member_id || ' got ' || name || ' as ' || layer from a join layered using (member_id)
         where night = '2026-04-01' and kind = 'send'
           and layer <> case name when 'hunt' then 'deal_hunter' when 'evening' then 'super_user' else '' end" >"$1/wrong"
    [ ! -s "$1/wrong" ] || { cat "$1/wrong" >&2; return 1; }
}

play --members 5000 --first 2026-03-01 --nights 40 "$@"
