-- After the last night: t(j) is what was told of everyone, log(j) what `wayfare log` says of all
-- actions, m the members of the last exports. Each line that comes out is a difference.
create table told(action_id, member, night, gate, note);
insert into told
    select x.value->>'action_id', t.j->>'member', x.value->>'night', coalesce(x.value->>'gate', ''), coalesce(x.value->>'note', '')
    from t, json_each(t.j, '$.ledger') x;
create table done(action_id, member, night, gate, note);
insert into done
    select x.value->>'action_id', x.value->>'member', x.value->>'night', coalesce(x.value->>'gate', ''),
        case when x.value->>'gate' is null then '' else x.value->>'note' end
    from log, json_each(log.j) x where x.value->>'member' in (select member_id from m);
select 'told, not in the ledger', * from (select * from told except select * from done limit 3);
select 'in the ledger, not told', * from (select * from done except select * from told limit 3);
select 'not told at all', n from (select count(*) as n from done) where n = 0;

-- What an occurrence is said to have done on an earlier night stands in the ledger, for that member.
create table recalled(action_id, member, gate);
insert into recalled
    select x.value->>'action_id', t.j->>'member', coalesce(x.value->>'gate', '')
    from t, json_each(t.j, '$.rules') r, json_each(r.value, '$.occurrences') o, json_each(o.value, '$.ledger') x;
select 'recalled, not in the ledger', * from
    (select * from recalled except select action_id, member, gate from done limit 3);
-- ... and what is said to have done nothing has left no row of that rule for that member and year.
select 'nothing recalled', n from (select count(*) as n from recalled) where n = 0;
create table silent(member, rule);
insert into silent
    select t.j->>'member', r.value->>'rule' from t, json_each(t.j, '$.rules') r, json_each(r.value, '$.occurrences') o
    where o.value->>'fate' = 'decided' and json_array_length(o.value, '$.ledger') = 0;
select 'said to have done nothing', * from silent where rule in ('gold', 'silver') limit 3;
select 'has never acted, says the ledger, and has', t.j->>'member', r.value->>'rule'
    from t, json_each(t.j, '$.rules') r, json_each(r.value, '$.occurrences') o
    where r.value->>'rule' in ('gold', 'silver') and o.value->>'fate' = 'no_crossing'
        and o.value->>'crossing' = 'first_night' limit 3;
