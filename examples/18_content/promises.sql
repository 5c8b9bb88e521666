-- The night from which SPRING30 and its words are withdrawn.
create table since as select '2026-03-12' as night;
select 'not approved', a.night, a.name, a.coupon from actions a
 where iif(kind = 'grant', name, coupon) not in (select code from raw_coupons where approved = 'yes' union select '');
select 'after it was withdrawn', a.night, a.member_id, a.name from actions a, since s
 where a.night >= s.night and (a.coupon = 'SPRING30' or a.name in ('SPRING30', 'spring', 'remind'));
select 'was never given', count(*) from actions a, since s
 where a.night < s.night and 'SPRING30' in (a.coupon, a.name) having count(*) = 0;

-- Newcomers who were on their way, who had opted out by then, and when they first bought.
create table newcomer as
  select m.member_id, m.joined, (select min(at) from raw_orders o where o.member_id = m.member_id) as bought,
         (select min(at) from raw_optouts o where o.member_id = m.member_id) as out
    from raw_members m, since s where m.joined >= '2026-03-01' and date(m.joined, '+1 day') < s.night;
create table due as
  select member_id, date(joined, '+5 day') as night, 'spring' as name, bought, out from newcomer
  union all select member_id, date(joined, '+8 day'), 'remind', bought, out from newcomer
  union all select member_id, date(joined, '+13 day'), 'tips', bought, out from newcomer;
create table meant as
  select d.member_id, d.night, d.name from due d, night n
   where d.night <= n.date and (out is null or out >= d.night) and (name = 'tips' or bought is null or bought >= d.night);

-- What was still to come of it is stopped as `valid`, each with its name; what was to come of the others comes.
select 'neither sent nor stopped', * from (select * from meant
  except select member_id, night, name from actions except select member_id, night, name from suppressed);
select 'stopped without reason', s.night, s.member_id, s.name from suppressed s, since w
 where gate = 'valid' and (s.night < w.night or s.name not in ('spring', 'remind'));
select 'not stopped as withdrawn', * from (select m.* from meant m, since w where m.night >= w.night and name in ('spring', 'remind')
  except select member_id, night, name from suppressed where gate = 'valid');
select 'tips did not go on', * from (select * from meant where name = 'tips'
  except select member_id, night, name from actions except select member_id, night, name from suppressed where gate in ('reach', 'cap'));
-- Who comes from then on is given what is approved.
select 'no other coupon', count(*) from actions a, since s where a.night >= s.night and 'CARE20' in (a.name, a.coupon) having count(*) = 0;
