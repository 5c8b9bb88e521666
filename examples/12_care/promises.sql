-- Orders as the rules see them: an order has the time of its lines, and what any of its lines is.
create table orders as
  select member_id, "order" as id, min(at) as at, max(care_line = 'refill') as refill, max(care_line = 'wash') as wash,
         max(category = 'lenses') as lenses from raw_orders group by 1, 2;
create index by_member on orders (member_id, at);
-- What was asked for, on the night that asked first: whether it left then, later, or not.
create table asked as
  select rule, member_id, min(night) as night from (select rule, member_id, action_id, night from actions
                                                    union all select rule, member_id, action_id, night from suppressed)
   group by action_id;

-- Each refill opens a cycle: so many days as there were between this member's refills on average, up to then. Three days
-- before it is over, and no refill meanwhile, the member is asked the morning after.
create table refills as
  select member_id, at, lead(at) over w as next, row_number() over w as n,
         count(*) over w as orders from orders where refill window w as (partition by member_id order by at);
create index refills_by_member on refills (member_id, at);
create table cycles as
  select r.member_id, r.at, r.next, r.n,
         (select cast((julianday(max(date(e.at))) - julianday(min(date(e.at)))) / (count(distinct date(e.at)) - 1) + 0.5 as integer)
            from refills e where e.member_id = r.member_id and e.at <= r.at) as gap
    from refills r where r.n >= 3;
create table due as
  select member_id, date(datetime(at, (gap - 3) || ' days'), '+1 day') as night, next from cycles where gap between 7 and 180;
create table refill_due as
  select member_id, night from due d, night x where night > '2026-03-01' and night <= x.date and (next is null or next >= night);
select 'not asked though it runs low', * from (select * from refill_due except select member_id, night from asked where rule = 'refill_own');
select 'asked, and it does not run low', * from (select member_id, night from asked where rule = 'refill_own' except select * from refill_due);

-- Washing: two weeks after each purchase of what is washed, once for an order.
create table washes as
  select member_id, date(at, '+15 days') as night from orders, night n where wash and date(at, '+15 days') between '2026-03-02' and n.date;
select 'not told how to wash', * from (select * from washes except select member_id, night from asked where rule = 'wash_first');
select 'told without a purchase', * from (select member_id, night from asked where rule = 'wash_first' except select * from washes);

-- Bought A and not B: lenses and never solution, frames and no sunglasses within a year.
create table no_solution as
  select f.member_id, f.night from (select member_id, date(min(at), '+4 days') as night from orders where lenses group by 1) f, night n
   where f.night between '2026-03-02' and n.date
     and not exists (select 1 from orders o where o.member_id = f.member_id and refill and o.at < f.night);
select 'no solution and not told', * from (select * from no_solution except select member_id, night from asked where rule = 'lens_no_solution');
select 'told, and has solution', * from (select member_id, night from asked where rule = 'lens_no_solution' except select * from no_solution);
create table no_sun as
  select member_id from raw_orders where at >= date('2026-03-20', '-365 days') and at < '2026-03-20' group by 1
  having max(category = 'frames') and not max(category = 'sun');
select 'no sunglasses and not told', * from (select * from no_sun except select member_id from asked where rule = 'frames_no_sun');
select 'told, and has sunglasses', * from (select member_id from asked where rule = 'frames_no_sun' except select * from no_sun);

select 'two messages in three days', a.member_id, a.night, b.night from actions a join actions b using (member_id)
 where a.kind = 'send' and b.kind = 'send' and a.action_id <> b.action_id and a.night <= b.night
   and julianday(b.not_before) - julianday(a.not_before) < 3;
