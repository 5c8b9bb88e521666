-- Whose member everybody is, from the exports of the last night alone: a person is a contact.
create table person as select contact, count(*) as houses from raw_members group by contact;
create table spent as
  select m.member_id, coalesce(sum(cast(round(o.amount * 100) as integer)), 0) as cents
    from night, raw_members m left join raw_orders o
      on o.member_id = m.member_id and o.at >= date(night.date, '-90 day') and o.at < night.date group by m.member_id;
create table known as
  select m.member_id, m.house, p.houses, s.cents,
         case p.houses when 1 then 'one_house' when 2 then 'two_houses' else 'three_houses' end as membership
    from raw_members m join person p using (contact) join spent s using (member_id);
create table figures (metric, grp, value, members);
insert into figures select 'members_of', house, count(*), count(*) from known group by house;
insert into figures select 'overlap', membership, count(*), count(*) from known group by membership;
insert into figures select 'persons', '', (select count(*) from person), count(*) from known;
insert into figures select 'known_elsewhere', house, rtrim(rtrim(printf('%.6f', avg(houses > 1)), '0'), '.'), count(*) from known group by house;
insert into figures select 'per_member', membership, printf('%.2f', round(1.0 * sum(cents) / count(*)) / 100), count(*) from known group by membership;
select metric, grp, value, members from figures order by 1, 2;
