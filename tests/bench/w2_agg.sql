-- What W2 asks of the orders, in one pass: one row a member.
create table agg as
select member_id, count(*) as n,
    count(*) filter (where "at" >= '2026-10-23T00:00:00') as n30,
    count(*) filter (where "at" >= '2026-05-26T00:00:00') as n180,
    coalesce(sum(amount) filter (where "at" >= '2026-08-24T00:00:00'), 0) as amt90,
    coalesce(sum(amount) filter (where "at" >= '2025-11-22T00:00:00'), 0) as amt365,
    avg(amount) filter (where "at" >= '2025-11-22T00:00:00') as avg365,
    max(amount) as max_amt, min("at") as first_at, max("at") as last_at,
    count(*) filter (where channel = 'app' and "at" >= '2026-08-24T00:00:00') as app90,
    count(*) filter (where coupon is not null and "at" >= '2026-05-26T00:00:00') as cpn180,
    count(distinct brand) as brands,
    count(*) filter (where category = 'kids' and "at" >= '2025-11-22T00:00:00') as kids365,
    coalesce(sum(qty) filter (where "at" >= '2026-08-24T00:00:00'), 0) as qty90,
    count(*) filter (where amount > 500.005 and channel = 'store' and "at" >= '2025-11-22T00:00:00') as big365,
    count(*) filter (where brand = '明月' or brand = '蔡司') as lens_n
from orders
where "at" < '2026-11-22T00:00:00' and (status is null or status <> 'cancelled')
group by member_id;

create table joined_agg as
select m.*, coalesce(n, 0) as n, coalesce(n30, 0) as n30, coalesce(n180, 0) as n180,
    coalesce(amt90, 0) as amt90, coalesce(amt365, 0) as amt365, avg365, max_amt, first_at, last_at,
    coalesce(app90, 0) as app90, coalesce(cpn180, 0) as cpn180, coalesce(brands, 0) as brands,
    coalesce(kids365, 0) as kids365, coalesce(qty90, 0) as qty90, coalesce(big365, 0) as big365,
    coalesce(lens_n, 0) as lens_n,
    10 * (rank() over (order by round(coalesce(amt365, 0), 2)) - 1) as ten_before,
    count(*) over () as everyone
from members m left join agg using (member_id);
