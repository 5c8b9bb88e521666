-- A year's points on the last morning, from the bookings alone, and what they make a member worth.
create table bookings as select member_id, at, source, cast(value as integer) as value from raw_points
  union all select member_id, at, source, cast(value as integer) from raw_points_act;
create table worth as
  select m.member_id, case when coalesce(sum(value), 0) >= 6000 and coalesce(sum(iif(source = 'buy', value, 0)), 0) >= 5000 then 3
                           when coalesce(sum(value), 0) >= 2000 then 2 else 1 end as level
    from raw_members m, night left join bookings b on b.member_id = m.member_id
     and at >= date(night.date, '-365 day') and at < night.date group by 1;
create table levels (tier, level);
insert into levels values ('silver', 1), ('gold', 2), ('black', 3);
-- The tier as it is once the last night's actions are carried out.
create table stands as
  select m.member_id, coalesce((select text from actions a, night where a.member_id = m.member_id and a.night = night.date
                                   and a.kind = 'set' and a.name = 'tier'), m.tier) as tier from raw_members m;
select 'below their worth', member_id, tier from stands join levels using (tier) join worth w using (member_id) where levels.level < w.level;

-- Up only for who is worth it; down only on the day of the year it was given, and by one step.
create table moves as
  select a.member_id, night, rule, text as tier, lag(text, 1, m.tier) over (partition by a.member_id order by night) as was, m.tier_since,
         row_number() over (partition by a.member_id order by night) as n
    from actions a left join raw_first_members m using (member_id) where kind = 'set' and a.name = 'tier';
select 'two steps down', m.member_id, night from moves m join levels l on l.tier = m.tier join levels b on b.tier = m.was where l.level < b.level - 1;
select 'fell on another day', member_id, night, tier_since from moves
 where rule like 'fall_%' and n = 1 and substr(night, 6) <> substr(tier_since, 6);
select 'rose downwards', m.member_id, night from moves m join levels l on l.tier = m.tier join levels b on b.tier = m.was
 where rule like 'to_%' and l.level <= b.level;
select 'rose for nothing', a.member_id, a.text from actions a join night on a.night = night.date join worth w using (member_id)
  join levels l on l.tier = a.text where kind = 'set' and a.name = 'tier' and rule like 'to_%' and w.level <> l.level;

-- Twenty points a visit, the next morning, once.
create table visits as select member_id, date(at, '+1 day') as night, count(distinct at) as n from raw_visits, night
 where at >= '2026-03-14' and at < night.date group by 1, 2;
create table given as select member_id, night, count(*) as n from actions where rule = 'visit_points' and text = '+20' group by 1, 2;
select 'visits and points differ', * from (select * from visits except select * from given union all
                                           select * from (select * from given except select * from visits));

-- Privileges are for who has paid, the offer for who never has; a tier's coupon is for that tier.
select 'a privilege not paid for', a.member_id, a.name from actions a join raw_members m using (member_id)
 where a.name in ('CLOTH', 'GIFT100') and (plus_until = '' or plus_until < night);
select 'offered to who pays', a.member_id from actions a join raw_members m using (member_id) where a.name = 'plus_offer' and plus_until <> '';
select 'another tier''s coupon', a.member_id, a.name from actions a join raw_members m using (member_id)
 where a.night = '2026-04-01' and a.rule like '%_month' and tier_since < '2026-04-01'
   and a.name <> case tier when 'gold' then 'GOLD20' when 'black' then 'BLACK50' else '' end;
