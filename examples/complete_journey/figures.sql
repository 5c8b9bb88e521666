-- The metrics of rules.way, computed by SQLite from the night's exports, in the form of metrics.csv.
-- Expects the tables raw_members, raw_orders and night (one row: the date). A local midnight is five
-- hours behind UTC.
create table lines as
  select member_id, "order", cast(round(amount * 100) as integer) as cents, cast(qty as integer) as qty, paid_at
    from raw_orders, night where paid_at < night.date || 'T05:00:00Z';
create table baskets as -- of four weeks
  select member_id, sum(cents) as cents, sum(qty) as qty, count(distinct "order") as n
    from lines, night where paid_at >= date(night.date, '-28 day') || 'T05:00:00Z' group by member_id;
create table spends as -- of eight weeks
  select member_id, sum(cents) as cents
    from lines, night where paid_at >= date(night.date, '-56 day') || 'T05:00:00Z' group by member_id;
create table households as
  select m.member_id, coalesce(m.age, '') as age, coalesce(m.income, '') as income,
         b.n is not null as came, coalesce(b.n, 0) as n, coalesce(b.cents, 0) as cents,
         coalesce(b.qty, 0) as qty, coalesce(s.cents, 0) as spend,
         rank() over (order by coalesce(s.cents, 0) desc) as place,
         1 + 5 * (rank() over (order by coalesce(s.cents, 0)) - 1) / count(*) over () as fifth,
         count(*) over () as of
    from raw_members m left join baskets b using (member_id) left join spends s using (member_id);
create table classed as
  select *, case when spend > 0 and place <= ceil(of * 0.07) then 'super'
                 when spend > 0 and place <= ceil(of * 0.30) then 'potential'
                 else 'regular' end as value
    from households;
create table figures (metric, by, grp, value, members);
insert into figures select 'size', '', '', printf('%d', count(*)), count(*) from classed;
insert into figures
  select 'active', 'income', income, printf('%.6f', avg(came)), count(*) from classed group by income;
insert into figures
  select 'repurchase', 'age', age, printf('%.6f', avg(n >= 2)), count(*) from classed where came group by age;
insert into figures
  select 'order_value', 'value', value, printf('%.2f', round(1.0 * sum(cents) / sum(n)) / 100), count(*)
    from classed group by value;
insert into figures select 'pieces', '', '', printf('%.6f', 1.0 * sum(qty) / sum(n)), count(*) from classed;
insert into figures
  select 'middle', '', '', printf('%.2f', round(avg(cents)) / 100), (select count(*) from classed)
    from (select cents, row_number() over (order by cents) as i, count(*) over () as n from classed where came)
   where i in ((n + 1) / 2, (n + 2) / 2);
insert into figures
  select 'best', '', '', printf('%.6f', 1.0 * sum(spend) filter (where value = 'super') / sum(spend)), count(*)
    from classed;
insert into figures
  select 'fifths', 'spend_fifth', fifth, printf('%.2f', round(avg(spend)) / 100), count(*)
    from classed group by fifth;
insert into figures
  select 'best_' || top.n, '', '', printf('%.6f', 1.0 * sum(spend) filter (where seat <= ceil(of * top.n / 100.0)) / sum(spend)),
         count(*)
    from (select spend, of, row_number() over (order by spend desc) as seat from classed),
         (select 1 as n union select 20 union select 50) top group by top.n;
create table histories as -- of the whole year so far; days are local
  select member_id, max(date(paid_at, '-5 hours')) as last_day, count(distinct "order") as n, sum(cents) as cents
    from lines group by member_id;
create table grouped as
  select m.member_id, coalesce(m.income, '') as income, coalesce(f.n, 0) as n, coalesce(f.cents, 0) as cents,
         case when f.n is null then 'prospect' when r5 >= 4 and f5 >= 4 and m5 >= 4 then 'champion'
              when r5 >= 4 and m5 >= 4 then 'developing' when f5 >= 4 and m5 >= 4 then 'keeping'
              when m5 >= 4 then 'rescuing' when r5 >= 4 and f5 >= 4 then 'regular'
              when r5 >= 4 then 'fresh' when f5 >= 4 then 'fading' else 'dormant' end as rfm
    from raw_members m left join
         (select *, 1 + 5 * (rank() over (order by last_day) - 1) / count(*) over () as r5,
                 1 + 5 * (rank() over (order by n) - 1) / count(*) over () as f5,
                 1 + 5 * (rank() over (order by cents) - 1) / count(*) over () as m5 from histories) f using (member_id);
insert into figures select 'rfm_groups', 'rfm', rfm, printf('%d', count(*)), count(*) from grouped group by rfm;
insert into figures select 'rfm_sales', 'rfm', rfm, printf('%.2f', sum(cents) / 100.0), count(*) from grouped group by rfm;
insert into figures
  select 'rfm_basket', 'rfm', rfm, case when sum(n) then printf('%.2f', round(1.0 * sum(cents) / sum(n)) / 100) else '' end,
         count(*) from grouped group by rfm;
insert into figures
  select 'again', 'income', income, printf('%.6f', avg(n >= 2)), count(*) from grouped where n group by income;
update figures set value = rtrim(rtrim(value, '0'), '.') where value like '%.______';
select metric, by, grp, value, members from figures order by 1, 3;
