-- The truth on the last morning, from the exports alone.
create table orders as
  select member_id, "order" as id, min(at) as at, max(coupon <> '') as with_coupon, sum(cast(round(amount * 100) as integer)) as cents
    from raw_orders group by 1, 2;
create table year as
  select m.member_id, count(o.id) as n, sum(with_coupon) as with_coupon, coalesce(sum(cents), 0) as cents
    from raw_members m, night left join orders o on o.member_id = m.member_id and o.at >= date(night.date, '-365 day')
   group by 1;
create table hours as -- the hour seen most, the earlier of two
  select member_id, hour from (
    select member_id, substr(at, 12, 2) as hour, sum(count(*)) over (partition by member_id) as n,
           row_number() over (partition by member_id order by count(*) desc, substr(at, 12, 2)) as place
      from orders group by 1, 2) where place = 1 and n >= 3;
create table truth (member_id, tag);
insert into truth
  select member_id, 'price' from year where n >= 2 and 2 * with_coupon >= n union all
  select member_id, 'best' from (select *, rank() over (order by cents desc) as place, count(*) over () as of from year)
   where cents > 0 and place <= ceil(of * 0.10) union all
  select member_id, 'regular' from orders, night where at >= date(night.date, '-90 day') group by 1 having count(*) >= 3 union all
  select member_id, 'evening' from hours where hour >= '18' union all
  select member_id, 'loyal' from raw_orders group by 1 having count(distinct "order") >= 3 and count(distinct brand) = 1 union all
  select member_id, 'risk' from raw_members where churn_risk <> '' and churn_risk >= 0.7;

-- The tags as they are once the night's actions are carried out.
create table had (member_id, tag);
insert into had select member_id, value from raw_members, json_each('["' || replace(tags, ';', '","') || '"]') where value <> '';
create table tonight as select a.member_id, a.kind, a.name as tag from actions a, night where a.night = night.date;
create table has as
  select * from (select * from had union select member_id, tag from tonight where kind = 'tag')
  except select member_id, tag from tonight where kind = 'untag';

select 'should have it', * from (select * from truth except select * from has);
select 'should not have it', * from (select h.* from has h where tag in (select tag from truth) except select * from truth);
select 'looks around no more', h.member_id from has h, night where tag = 'looking'
   and not exists (select 1 from raw_visits v where v.member_id = h.member_id and v.at >= date(night.date, '-2 day'));
select 'given what they had', t.* from tonight t join had using (member_id, tag) where kind = 'tag';
select 'taken what they had not', * from (select member_id, tag from tonight where kind = 'untag' except select * from had);
select 'a raw tag was written', member_id, name from actions where kind in ('tag', 'untag') and name in ('dry_eyes', 'vip');
-- Whoever loses a tag loses it for a reason that names the figures.
select 'no reason', member_id, name from actions where kind = 'untag' and reason not like '%(%)%';
