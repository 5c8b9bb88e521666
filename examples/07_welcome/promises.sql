-- Who was a friend when a night began: added, and not deleted since. Who had said stop, or opted out.
create table friends as select member_id, at, 1 as added from raw_friends union all select member_id, at, 0 from raw_unfriends;
create index by_member on friends (member_id, at);
create table stops as
  select member_id, min(at) as at from (select member_id, at from raw_replies where words = '退订'
                                        union all select member_id, at from raw_optouts where channel <> 'sms') group by 1;
create table service as select member_id, at, words, date(at, '+1 day') as night from raw_replies where channel = 'service';
create table all_sends as
  select *, '' as stopped from actions where kind = 'send' union all select night, action_id, member_id, kind, channel,
    name, coupon, text, owner, due, not_before, not_after, journey, step, rule, file, line, reason, gate from suppressed;

-- Whoever became a friend yesterday for the first time is greeted that night: fifty points, once in a life.
create table welcome as
  select member_id, night from (select member_id, date(min(at), '+1 day') as night from raw_friends group by 1) n, night
   where night > '2026-03-01' and night <= night.date
     and (select added from friends f where f.member_id = n.member_id and at < n.night order by at desc, added limit 1)
     and not exists (select 1 from raw_replies r where r.member_id = n.member_id and r.words = '退订' and r.at < n.night);
select 'not greeted', * from (select * from welcome except select member_id, night from actions where kind = 'points');
select 'greeted without reason', * from (select member_id, night from actions where kind = 'points' except select * from welcome);
select 'points twice', member_id from actions where kind = 'points' group by member_id having count(*) > 1;
select 'coupon twice', member_id from actions where coupon = '新友20' group by member_id having count(*) > 1;

-- A message by WeCom only to a friend; nothing to who said stop.
select 'no friend', a.member_id, night, name from actions a where channel = 'wecom'
   and not (select added from friends f where f.member_id = a.member_id and at < a.night order by at desc, added limit 1);
select 'after a stop', a.member_id, night, name from actions a join stops x using (member_id)
 where kind = 'send' and x.at < a.night;

-- Every question gets its answer the next morning, unless the member was stopped from reaching.
select 'no answer', member_id, night, words from service v
 where night > '2026-03-01' and (words like '%几点%' or words like '%积分%' or words like '%保养%' or words like '%预约%')
   and night <= (select date from night)
   and not exists (select 1 from all_sends a where a.member_id = v.member_id and a.night = v.night
        and name = case when words like '%几点%' then '答营业' when words like '%积分%' then '答积分' else '答保养' end);

-- The service account speaks only within 48 hours of the member's last words, and only of what they asked.
select 'outside the 48 hours', a.member_id, not_before, not_after from actions a where channel = 'service'
   and datetime(not_after) > (select datetime(max(at), '+48 hours', '+1 second') from service v
        where v.member_id = a.member_id and v.at < a.night);
select 'not asked', a.member_id, a.night, name from actions a where channel = 'service' and name <> '再问'
   and not exists (select 1 from service v where v.member_id = a.member_id and v.night = a.night);
