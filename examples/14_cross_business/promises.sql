-- What each person heard, whatever house spoke and under whatever number.
create table heard as
  select a.*, m.contact, m.house, julianday(substr(a.not_before, 1, 19)) as at from actions a join raw_members m using (member_id) where kind = 'send';
create index heard_by on heard (contact, at);
select 'twice in three days', a.contact, a.not_before, b.not_before from heard a join heard b
  on b.contact = a.contact and b.action_id <> a.action_id and b.at >= a.at and b.at - a.at < 3 - 1e-6;
select 'five in thirty days', a.contact from heard a
 where (select count(*) from heard b where b.contact = a.contact and b.at > a.at - 30 + 1e-6 and b.at <= a.at) > 4;
select 'said no elsewhere', h.contact, h.night from heard h join raw_members m on m.contact = h.contact
  join raw_optouts o on o.member_id = m.member_id where o.at < h.night;

-- Never what the person has already: by contact, not by what the rows say of each other.
create table of_house as select contact, house, max(member_id) as member_id from raw_members group by 1, 2;
select 'knows the restaurant', contact from heard h where name = 'welcome_table'
   and exists (select 1 from of_house o where o.contact = h.contact and o.house = 'restaurant');
select 'knows the hotel', contact from heard h where name = 'weekend'
   and exists (select 1 from of_house o where o.contact = h.contact and o.house = 'hotel');
select 'not of all three', contact from heard h where name = 'circle' and (select count(*) from of_house o where o.contact = h.contact) < 3;
create index orders_by on raw_orders (member_id, at);
select 'dined lately', h.contact, h.night from heard h join of_house r on r.contact = h.contact and r.house = 'restaurant'
  join raw_orders o on o.member_id = r.member_id where name = 'dine_again' and o.at >= date(h.night, '-90 day') and o.at < h.night;

-- And everybody who is to be asked is: a guest whose stay fell due, with no number at the restaurant.
create table asked as select night, member_id from actions where name = 'welcome_table' union select night, member_id from suppressed where name = 'welcome_table';
select 'guest not asked', * from (
  select distinct date(o.at, '+2 day') as night, m.member_id from raw_orders o join raw_members m using (member_id), night n
   where m.house = 'hotel' and o.at >= '2026-03-01' and date(o.at, '+2 day') <= n.date and m.joined <= date(o.at)
     and not exists (select 1 from of_house r where r.contact = m.contact and r.house = 'restaurant')
  except select night, member_id from asked);
