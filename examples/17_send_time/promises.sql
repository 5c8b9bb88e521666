-- The hour of every member on every night something was asked for: where they opened most in the 180 days before, the
-- earlier of two; else where they looked around; else ten.
create table asked as
  select distinct date(not_before, iif(time(not_before) = '08:00:00' and rule <> 'closed', '-1 day', '+0 day')) as night, member_id
    from actions where kind = 'send'
  union select date(not_before), member_id from actions where kind = 'send';
create table seen as
  select member_id, at, 1 as feed from raw_opens union all select member_id, at, 2 from raw_visits;
create index by_member on seen (member_id, at);
create table hours as
  select night, member_id, (select cast(strftime('%H', s.at) as integer) from seen s
      where s.member_id = a.member_id and s.at >= date(a.night, '-180 day') and s.at < a.night
      group by feed, strftime('%H', s.at) order by feed, count(*) desc, 1 limit 1) as hour
    from asked a;
create unique index by_night on hours (member_id, night);

-- When it leaves: at that hour; before eight at eight; from ten in the evening on at eight the day after.
create table leaves as
  select night, member_id, case when coalesce(hour, 10) >= 22 then date(night, '+1 day') || 'T08:00:00'
    when coalesce(hour, 10) < 8 then night || 'T08:00:00' else printf('%sT%02d:00:00', night, coalesce(hour, 10)) end as at
    from hours;
select 'not at their hour', a.rule, a.member_id, a.not_before from actions a
 where rule in ('weekly', 'congratulate', 'thank') and not exists (
   select 1 from leaves l where l.member_id = a.member_id and l.at = substr(a.not_before, 1, 19)
      and l.night in (a.night, date(a.night, '-1 day')));
select 'quiet', rule, member_id, not_before from actions where kind = 'send'
   and (substr(not_before, 12, 5) < '08:00' or substr(not_before, 12, 5) >= '22:00');
select 'twice in a day', member_id, date(not_before) from actions where kind = 'send' group by 2, 3 having count(*) > 1;

-- Everybody who bought within the year hears each Friday, unless they cannot be reached or had another message that day.
create table fridays as select distinct night from actions where rule = 'weekly' and strftime('%w', night) = '5';
select 'left out', * from (
  select m.member_id, f.night from raw_members m join raw_orders o using (member_id), fridays f
   where m.wecom = 'true' and o.at < f.night and o.at >= date(f.night, '-365 day')
  except select o.member_id, f.night from raw_optouts o, fridays f where o.at < f.night
  except select member_id, f.night from actions, fridays f where rule = 'weekly' and actions.night in (f.night, date(f.night, '+1 day'))
  except select member_id, f.night from suppressed s, fridays f
   where rule = 'weekly' and gate = 'cap' and s.night in (f.night, date(f.night, '+1 day')));
