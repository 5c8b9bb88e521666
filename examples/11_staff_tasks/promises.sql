create table tasks as select a.*, m.name as who, m.owner as their_owner, m.store as their_store
  from actions a join raw_members m using (member_id) where a.kind = 'task';
-- Three sentences, a day until which, a reason with its figures, and somebody who answers for it.
select 'not three sentences', rule, text from tasks
 where length(text) - length(replace(text || ' ', '. ', '')) <> 5 or text not like '%.';
select 'no day, or one too late', rule, due from tasks where due <= night or due > date(night, '+7 day');
select 'no reason', rule from tasks where length(reason) < 20;
select 'somebody else''s task', member_id, owner, their_owner, their_store from tasks
 where owner <> case when rule = 'prepare' or their_owner = '' then their_store else their_owner end;

-- No more in a day than a person, or a shop, can do.
select 'too many for one person', owner, night, count(*) from tasks where their_owner <> '' group by their_owner, night having count(*) > 2;
select 'too many for one shop', their_store, night, count(*) from tasks group by their_store, night having count(*) > 5;

-- Who asked not to be called is not called.
create table reports as select member_id, at, result from raw_done union all select member_id, at, result from raw_done_now;
select 'called in spite of it', t.member_id, t.rule, t.night from tasks t join reports r using (member_id)
 where result = 'refused' and r.at < t.night and t.rule <> 'prepare';

-- Nobody answered: a second call three days later, unless somebody reached them meanwhile. And only then.
select 'called again without reason', member_id, night from tasks t where rule = 'call_again'
   and not exists (select 1 from reports r where r.member_id = t.member_id and result = 'not_reached' and r.at < date(t.night, '-3 day'));
select 'reached already', t.member_id, t.night from tasks t join reports r using (member_id)
 where t.rule = 'call_again' and result in ('reached', 'appointed') and r.at >= date(t.night, '-3 day') and r.at < t.night;
select 'quiet call twice', member_id from tasks where rule = 'call_quiet' group by member_id having count(*) > 1;

-- A year-old pair of lenses is the last one, and it is a year old.
select 'lenses are not a year old', t.member_id, t.night from tasks t where rule = 'invite_exam'
   and (select date(max(at), '+360 day') from raw_orders o where o.member_id = t.member_id and category = 'lenses' and o.at < t.night)
       not between date(t.night, '-3 day') and t.night;
