-- The figures of std.figures, computed by SQLite from the exports of the last night and from what
-- left before it, in the form of metrics.csv.
create table span as
  select date || 'T00:00' as till, date(date, '-28 day') || 'T00:00' as d28, date(date, '-30 day') || 'T00:00' as d30,
         date(date, '-180 day') || 'T00:00' as d180, date(date, '-365 day') || 'T00:00' as d365 from night;
create table lines as
  select member_id, "order", at, cast(round(amount * 100) as integer) as cents, cast(qty as integer) as qty
    from raw_orders, span where at < till;
create table bought as
  select member_id, sum(cents) filter (where at >= d30) as cents30, count(distinct iif(at >= d30, "order", null)) as n30,
         sum(qty) filter (where at >= d30) as qty30, sum(cents) filter (where at >= d365) as cents365,
         count(distinct iif(at >= d365, "order", null)) as n365, max(at) as last_at
    from lines, span group by 1;
create table visited as
  select member_id, sum(at >= d28) as n28, sum(at >= d30) as n30 from raw_visits, span where at < till group by 1;
create table opened as select distinct member_id from raw_opens, span where at >= d30 and at < till;
create table replied as select distinct member_id from raw_replies, span where at >= d30 and at < till;
create table added as select member_id, count(*) as n, max(at) as last_at from raw_friends, span where at < till group by 1;
create table deleted as
  select member_id, max(at) as last_at, max(at >= d30) as lately from raw_unfriends, span where at < till group by 1;
create table contacted as
  select distinct member_id from actions, span where kind in ('send', 'coupon') and not_before >= d30 and not_before < till;
create table everyone as
  select m.member_id, s.store as shop, m.wecom = 'true' or m.push = 'true' as online,
         m.joined >= date(night.date, '-30 day') and m.joined < night.date as newcomer,
         coalesce(b.cents30, 0) as cents30, coalesce(b.n30, 0) as n30, coalesce(b.qty30, 0) as qty30,
         coalesce(b.cents365, 0) as cents365, coalesce(b.n365, 0) as n365, coalesce(v.n28, 0) as n28,
         b.last_at is not null as buyer, b.last_at < d180 as strayed, coalesce(a.n, 0) as adds,
         coalesce(a.n > 0 and (d.last_at is null or d.last_at < a.last_at), 0) as friend,
         coalesce(b.n30, 0) > 0 or coalesce(v.n30, 0) > 0 or o.member_id is not null or r.member_id is not null as active,
         c.member_id is not null as contacted, r.member_id is not null as replied, coalesce(d.lately, 0) as deleted,
         m.owner = '' as alone
    from night, span, raw_members m
    left join raw_stores s using (store) left join bought b using (member_id) left join visited v using (member_id)
    left join opened o using (member_id) left join replied r using (member_id) left join added a using (member_id)
    left join deleted d using (member_id) left join contacted c using (member_id);
-- Once for the house (scope ''), once for each store.
create table looked as select '' as scope, * from everyone union all select '_by_store', * from everyone;
create table asked as select *, iif(scope = '', '', shop) as grp from looked;
create table tills as
  select '' as scope, '' as grp, sum(cast(round(sales * 100) as integer)) as sales,
         sum(cast(round(iif(recruiting = '', 0, recruiting) * 100) as integer)) as cost from raw_stores
  union all
  select '_by_store', store, cast(round(sales * 100) as integer),
         cast(round(iif(recruiting = '', 0, recruiting) * 100) as integer) from raw_stores;
create table figures (metric, grp, value, members);
insert into figures select 'member_share' || scope, grp, 1.0 * sum(cents30) / t.sales, count(*)
  from asked join tills t using (scope, grp) group by scope, grp;
insert into figures select 'online_rate' || scope, grp, avg(online), count(*) from asked group by scope, grp;
insert into figures select 'friend_conversion' || scope, grp, avg(friend), count(*) from asked where n30 group by scope, grp;
insert into figures select 'friend_validity' || scope, grp, 1.0 * sum(friend) / sum(adds), count(*) from asked group by scope, grp;
insert into figures select 'friend_duplicates' || scope, grp, 1.0 * (sum(adds) - sum(adds > 0)) / sum(adds), count(*)
  from asked group by scope, grp;
insert into figures select 'friend_blocked' || scope, grp, avg(not friend), count(*) from asked where adds group by scope, grp;
insert into figures select 'activity_rate' || scope, grp, avg(active), count(*) from asked group by scope, grp;
insert into figures select 'churn_rate' || scope, grp, avg(strayed), count(*) from asked where buyer group by scope, grp;
insert into figures select 'visits_week' || scope, grp, sum(n28) / 4.0 / count(*), count(*) from asked group by scope, grp;
insert into figures select 'reply_rate' || scope, grp, avg(replied), count(*) from asked where contacted group by scope, grp;
insert into figures select 'deletion_rate' || scope, grp, avg(deleted), count(*) from asked where contacted group by scope, grp;
insert into figures select 'repurchase_rate' || scope, grp, avg(n365 >= 2), count(*) from asked where n365 group by scope, grp;
insert into figures select 'order_items' || scope, grp, 1.0 * sum(qty30) / sum(n30), count(*) from asked group by scope, grp;
insert into figures select 'owners', '', avg(alone), count(*) from everyone;
update figures set value = rtrim(rtrim(printf('%.6f', value), '0'), '.') where value is not null;
insert into figures select 'recruited' || scope, grp, printf('%d', sum(newcomer)), count(*) from asked group by scope, grp;
insert into figures select 'new_member_cost' || scope, grp, round(1.0 * t.cost / nullif(sum(newcomer), 0)), count(*)
  from asked join tills t using (scope, grp) group by scope, grp;
insert into figures select 'order_value' || scope, grp, round(1.0 * sum(cents30) / nullif(sum(n30), 0)), count(*)
  from asked group by scope, grp;
insert into figures select 'yearly_contribution' || scope, grp, round(avg(cents365)), count(*) from asked group by scope, grp;
update figures set value = printf('%.2f', value / 100) where metric glob 'new_member_cost*' or metric glob 'order_value*'
   or metric glob 'yearly_contribution*';
select metric, grp, value, members from figures order by 1, 2;
