-- The groups and figures of rules.way, computed by SQLite from the exports of the last night, in the
-- form of metrics.csv. Expects raw_members, raw_orders and night (one row: the date).
create table bought as
  select m.member_id, m.store, count(distinct o."order") as ever,
         max(o.at) as last_at,
         count(distinct o."order") filter (where o.at >= date(night.date, '-365 day') || 'T00:00') as f,
         coalesce(sum(cast(round(o.amount * 100) as integer))
                  filter (where o.at >= date(night.date, '-365 day') || 'T00:00'), 0) as cents
    from night, raw_members m left join raw_orders o using (member_id) group by m.member_id;
create table fifths as -- of those who ever bought: how many of them are strictly less
  select *, 1 + 5 * (rank() over (order by date(last_at)) - 1) / count(*) over () as r5,
         1 + 5 * (rank() over (order by f) - 1) / count(*) over () as f5,
         1 + 5 * (rank() over (order by cents) - 1) / count(*) over () as m5
    from bought where ever > 0;
create table grouped as
  select member_id, store, f, cents, r5 >= 4 as recent,
         case when r5 >= 4 and f5 >= 4 and m5 >= 4 then 'champion'
              when r5 >= 4 and m5 >= 4 then 'developing' when f5 >= 4 and m5 >= 4 then 'keeping'
              when m5 >= 4 then 'rescuing' when r5 >= 4 and f5 >= 4 then 'regular'
              when r5 >= 4 then 'fresh' when f5 >= 4 then 'fading' else 'dormant' end as rfm
    from fifths
  union all select member_id, store, f, cents, null, 'prospect' from bought where ever = 0;
create table figures (metric, grp, value, members);
insert into figures select 'groups', rfm, printf('%d', count(*)), count(*) from grouped group by rfm;
insert into figures select 'sales', rfm, printf('%.2f', sum(cents) / 100.0), count(*) from grouped group by rfm;
insert into figures
  select 'basket', rfm, case when sum(f) > 0 then printf('%.2f', round(1.0 * sum(cents) / sum(f)) / 100) else '' end,
         count(*) from grouped group by rfm;
insert into figures
  select 'best', '', rtrim(rtrim(printf('%.6f', 1.0 * sum(cents) filter (where rfm = 'champion') / sum(cents)), '0'), '.'),
         count(*) from grouped;
insert into figures
  select 'recent_share', store, rtrim(rtrim(printf('%.6f', avg(recent)), '0'), '.'), count(*)
    from grouped where rfm <> 'prospect' group by store;
select metric, grp, value, members from figures order by 1, 2;
