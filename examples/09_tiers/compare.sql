-- The two worlds side by side: what the tiers are in the end, who rose, stayed and fell, what the coupons are worth.
create table said as select 'three' as world, * from three union all select 'four', * from four;
create table people as select 'three' as world, tier from three_members union all select 'four', tier from four_members;
create table lines (place, what, world, n);
insert into lines
  select case tier when 'black' then 1 when 'platinum' then 2 when 'gold' then 3 else 4 end, tier || ' members', world, count(*)
    from people group by 1, 2, 3 union all
  select 5, 'rose', world, count(*) from said where kind = 'set' and name = 'tier' and rule like 'to_%' group by 3 union all
  select 6, 'kept', world, count(*) from said where rule like 'keep_%' group by 3 union all
  select 7, 'fell', world, count(*) from said where kind = 'set' and name = 'tier' and rule like 'fall_%' group by 3 union all
  select 8, 'monthly coupons', world, count(*) from said where rule like '%_month' and kind = 'coupon' group by 3 union all
  select 9, 'their worth', world, sum(case name when 'GOLD20' then 20 when 'PLAT30' then 30 else 50 end) from said
   where rule like '%_month' and kind = 'coupon' group by 3;
select printf('  %-18s %8d %8d', what, coalesce(sum(n) filter (where world = 'three'), 0), coalesce(sum(n) filter (where world = 'four'), 0))
  from lines group by place, what order by place;
