-- 名单上的城市、开始那天的成年会员，和按年纪、场合该说的产品线。
create index by_member on raw_orders (member_id, at);
create table adults as
  select m.member_id, c.starts as night, m.city, case
      when birthday <> '' and birthday < date(c.starts, '-45 year') and (tags like '%看书%' or tags like '%电脑%') then '看得清远近'
      when tags like '%开车%' then '开车不晃眼' when tags like '%户外%' then '出门晒太阳'
      when tags like '%电脑%' then '对着屏幕' else '春天换一副' end as words,
    (select sum(cast(round(o.amount * 100) as integer)) from raw_orders o where o.member_id = m.member_id
       and o.at >= date(c.starts, '-365 day') and o.at < c.starts) as cents
    from raw_members m join raw_cities c using (city)
   where m.joined < c.starts and (birthday = '' or birthday < date(c.starts, '-18 year'));
create table asked as -- 每城近一年买得最多的三百位；退订的除外
  select night, a.member_id, words, cents from (select *, rank() over (partition by city order by cents desc) as place from adults) a
   where place <= 300 and cents > 0 and not exists (select 1 from raw_optouts o where o.member_id = a.member_id and o.at < a.night);
create table gifts as select night, member_id, name from actions where coupon = '城市礼';
create table refused as select night, member_id, name, gate from suppressed where coupon = '城市礼';

-- 每个该邀请的人都过了一遍关卡，说的正是他的产品线；别的城、未成年人一个也没有。
select '该邀请的没有邀请', * from (select night, member_id, words from asked
  except select night, member_id, name from gifts except select night, member_id, name from refused);
select '不该邀请', * from (select night, member_id, name from gifts union select night, member_id, name from refused
  except select night, member_id, words from asked);

-- 礼品不超过七百五十份；同一晚里，拿到的人一年消费都不比因礼品发完而落空的人少。
select '礼品超发', count(*) from gifts having count(*) > 750;
select '老主顾落空', g.night, min(a.cents) as least, r.most from gifts g join asked a using (night, member_id)
  join (select night, max(cents) as most from refused join asked using (night, member_id) where gate = 'stock' group by night) r using (night)
 group by g.night having least < r.most;

-- 只提醒许了礼、九天里没来领的人；领了的人第二天有人问。
create table took as select member_id, min(at) as at from raw_redeems where coupon = '城市礼' group by 1;
select '乱提醒', * from (select night, member_id from actions where name = '礼盒还在'
  except select date(g.night, '+9 day'), g.member_id from gifts g left join took t using (member_id)
    where t.at is null or t.at >= date(g.night, '+9 day'));
select '没人问', * from (select date(t.at, '+1 day') as asked_on, g.member_id from gifts g join took t using (member_id), night
   where t.at < date(g.night, '+9 day') and date(t.at) < night.date
  except select t.night, t.member_id from actions t where kind = 'task'
  except select s.night, s.member_id from suppressed s where kind = 'task');
