-- The layers and figures of rules.way, computed by SQLite from the exports of the last night, in the
-- form of metrics.csv. Expects raw_members, raw_orders and night (one row: the date).
create index orders_by_member on raw_orders (member_id);
create table years as
  select m.member_id, m.store, coalesce(sum(cast(round(o.amount * 100) as integer)), 0) as cents,
         count(distinct o."order") as n, count(distinct iif(o.coupon <> '', o."order", null)) as with_coupon,
         (select max("at") from raw_orders l where l.member_id = m.member_id) as last_at
    from night, raw_members m
    left join raw_orders o on o.member_id = m.member_id and o.at >= date(night.date, '-365 day') || 'T00:00'
   group by m.member_id;
create table placed as
  select *, rank() over (order by cents desc) as place, row_number() over (order by cents desc) as seat,
         count(*) over () as of from years;
create table layered as
  select *, case when cents > 0 and place <= ceil(of * 0.07) then 'super_user'
                 when cents > 0 and place <= ceil(of * 0.30) then 'potential'
                 when n >= 2 and 2 * with_coupon >= n then 'deal_hunter' else 'regular' end as layer
    from placed;
create table figures (metric, grp, value, members);
insert into figures
  select 'top_' || top.n, '', printf('%.6f', 1.0 * sum(cents) filter (where seat <= ceil(of * top.n / 100.0)) / sum(cents)),
         count(*) from layered, (select 1 as n union select 7 union select 20 union select 50) top group by top.n;
insert into figures select 'layers', layer, printf('%d', count(*)), count(*) from layered group by layer;
insert into figures select 'year', layer, printf('%.2f', round(avg(cents)) / 100), count(*) from layered group by layer;
insert into figures
  select 'basket', layer, case when sum(n) then printf('%.2f', round(1.0 * sum(cents) / sum(n)) / 100) else '' end, count(*)
    from layered group by layer;
insert into figures
  select 'quiet_share', store, printf('%.6f', avg(last_at < date(night.date, '-45 day') || 'T00:00')), count(*)
    from layered, night where layer = 'super_user' group by store;
update figures set value = rtrim(rtrim(value, '0'), '.') where value like '%.______';
select metric, grp, value, members from figures order by 1, 2;
