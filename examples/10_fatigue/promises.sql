-- One person is one contact, under however many numbers.
create table sends as
  select a.night, m.contact, a.member_id, a.channel, a.name, julianday(a.not_before) as at from actions a join raw_members m using (member_id)
   where a.kind = 'send';
create index by_contact on sends (contact, channel, at);
-- How many of their messages came in the span that ends with each of them; a week later is another week.
create table spans as
  select *, (select count(*) from sends b where b.contact = a.contact and b.channel = a.channel and b.at <= a.at and b.at > a.at - 6.999) as week_channel,
            (select count(*) from sends b where b.contact = a.contact and b.at <= a.at and b.at > a.at - 6.999) as week
    from sends a;
select 'more in a week than the house allows', contact, channel, night, week, week_channel from spans
 where week > 4 or week_channel > case channel when 'sms' then 1 else 2 end;
select 'more than WeCom''s quota', contact, substr(night, 1, 7), count(*) from sends where channel = 'wecom' group by 2, 3 having count(*) > 4;

-- Nobody hears by a way that they left.
create table gone as
  select member_id, at, 'wecom' as channel from raw_unfriends union all select member_id, at, 'wecom' from raw_unfriends_answers union all
  select member_id, at, channel from raw_optouts union all select member_id, at, channel from raw_optouts_answers;
create index gone_by on gone (member_id, channel, at);
select 'after they left', s.member_id, s.channel, s.night from sends s join gone g using (member_id, channel)
 where g.at < s.night and not exists (select 1 from raw_friends f where s.channel = 'wecom' and f.member_id = s.member_id
                                         and f.at > g.at and f.at < s.night);

-- The breaker: every night's rate over the seven days before it. Above one in ten nothing leaves, until the 22nd.
create table rates as
  select n.night, (select count(*) from gone g where g.channel = 'wecom' and g.at >= date(n.night, '-7 day') and g.at < n.night) as went,
                  (select count(*) from sends s where s.channel = 'wecom' and s.at >= julianday(n.night, '-7 day')
                                                  and s.at < julianday(n.night)) as sent
    from (select distinct night from actions union select distinct night from suppressed) n;
create table trip as select min(night) as night from rates where sent >= 300 and 10 * went > sent;
select 'never tripped' from trip where night is null;
select 'left while all was paused', a.night, a.name from actions a, trip where a.night >= trip.night and a.night < '2026-03-22';
select 'paused without a reason', s.night from suppressed s, trip where gate = 'paused' and (s.night < trip.night or s.night >= '2026-03-22');
