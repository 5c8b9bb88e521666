-- Who bought for the first time the day before a night, and who brought them.
create table firsts as
  select o.member_id, date(min(o.at), '+1 day') as night, f.inviter, f.contact = i.contact as own
    from raw_orders o join raw_members f using (member_id) join raw_members i on i.member_id = f.inviter group by 1;
create table asked as
  select night, member_id, kind, name, rule, 1 as left_ from actions where rule in ('friend_bought', 'two_numbers')
  union all select night, member_id, kind, name, rule, 0 from suppressed where rule in ('friend_bought', 'two_numbers');
create table due as select f.* from firsts f, night where f.night > '2026-03-01' and f.night <= night.date;

-- Each friend's first order thanks the inviter once, and gives the friend fifty points once; nobody else is thanked.
select 'thanks', night, inviter, n, asked from (
  select night, inviter, count(*) as n, (select count(*) from asked a where a.night = d.night and a.member_id = d.inviter
     and a.kind = 'send') as asked from due d where not own group by 1, 2) where n <> asked;
select 'thanks for nobody', night, member_id from asked where rule = 'friend_bought' and kind = 'send'
  except select 'thanks for nobody', night, inviter from due where not own;
select 'points', * from (select night, member_id from asked where kind = 'points' except select night, member_id from due where not own);
select 'no points', * from (select night, member_id from due where not own except select night, member_id from asked where kind = 'points');

-- A second number of one's own is a question for the shop, and nothing else.
select 'unasked', * from (select night, member_id from due where own except select night, member_id from asked where rule = 'two_numbers');
-- Nobody gets more than three coupons in any thirty days, under whatever numbers.
select 'too many coupons', contact from (
  select contact, julianday(a.not_before) as at, count(*) over (partition by contact order by julianday(a.not_before)
     range between 29.99 preceding and current row) as n from actions a join raw_members using (member_id) where coupon <> '') where n > 3;
select 'not from a friend', m.member_id from actions join raw_members m using (member_id) left join raw_members i on i.member_id = m.inviter
 where rule = 'welcome_friend' and (i.member_id is null or i.contact = m.contact);
