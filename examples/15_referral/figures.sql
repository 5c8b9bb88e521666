-- The five stages, computed by SQLite from the exports of the last night, in the form of metrics.csv.
create table spent as
  select m.member_id, m.joined, m.contact, m.inviter, count(distinct o."order") as orders,
         coalesce(sum(cast(round(o.amount * 100) as integer)), 0) as cents
    from raw_members m left join raw_orders o using (member_id) group by m.member_id;
create table won as
  select inviter as member_id, count(*) filter (where orders > 0) as friends, sum(cents) as cents
    from spent where inviter in (select member_id from spent) group by inviter;
create table staged as
  select s.member_id, case when i.member_id is null then 'alone' when i.contact = s.contact then 'by_oneself' else 'by_a_friend' end as origin,
         joined_lately as s1, joined_lately and s.orders >= 1 as s2, joined_lately and s.orders >= 2 as s3,
         joined_lately and s.orders >= 2 and s.cents >= 50000 as s4,
         joined_lately and s.orders >= 2 and s.cents >= 50000 and coalesce(w.friends, 0) >= 1 as s5,
         s.orders, coalesce(w.friends, 0) as friends, coalesce(w.cents, 0) as friends_cents
    from (select *, joined >= date(night.date, '-180 day') as joined_lately from spent, night) s
    left join spent i on i.member_id = s.inviter left join won w on w.member_id = s.member_id;
create table figures (metric, grp, value, members);
insert into figures select 's1_acquire', origin, sum(s1), count(*) from staged group by origin;
insert into figures select 's2_activate', origin, sum(s2), count(*) from staged group by origin;
insert into figures select 's3_retain', origin, sum(s3), count(*) from staged group by origin;
insert into figures select 's4_earn', origin, sum(s4), count(*) from staged group by origin;
insert into figures select 's5_refer', origin, sum(s5), count(*) from staged group by origin;
insert into figures select 'activation', origin, rtrim(rtrim(printf('%.6f', avg(s2)), '0'), '.'), count(*) from staged where s1 group by origin;
insert into figures select 'coming_back', origin, rtrim(rtrim(printf('%.6f', avg(s3)), '0'), '.'), count(*) from staged where s2 group by origin;
insert into figures select 'spread', '', rtrim(rtrim(printf('%.6f', 1.0 * sum(friends) / sum(orders > 0)), '0'), '.'), count(*) from staged;
insert into figures select 'brought', '', printf('%.2f', sum(friends_cents) / 100.0), count(*) from staged;
select metric, grp, value, members from figures order by 1, 2;
