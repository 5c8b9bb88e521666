-- One night: t(j) is what was told of everyone before it; a, s are what left and what was stopped;
-- manifest(j) is what the night counted. Each line that comes out is a difference.
create table told(action_id, member, gate, note);
insert into told
    select distinct value->>'action_id', value->>'to', coalesce(value->>'gate', ''), coalesce(value->>'note', '')
    from t, json_each(t.j, '$.tonight');
create table done(action_id, member, gate, note);
insert into done select action_id, member_id, '', '' from a;
insert into done select action_id, member_id, gate, substr(reason, instr(reason, '; stopped: ') + 11) from s;
select 'told, not done', * from (select * from told except select * from done limit 3);
select 'done, not told', * from (select * from done except select * from told limit 3);

-- What every rule did to every member: the occurrences that act hold the very actions of that rule.
create table fates(member, rule, fate, crossing, guard, j);
insert into fates
    select t.j->>'member', r.value->>'rule', o.value->>'fate', o.value->>'crossing', o.value->>'guard', o.value
    from t, json_each(t.j, '$.rules') r, json_each(r.value, '$.occurrences') o;
create table acts(action_id, rule);
insert into acts
    select distinct x.value->>'action_id', fates.rule from fates, json_each(fates.j, '$.actions') x
    where fate = 'acts';
create table by_rule(action_id, rule);
insert into by_rule
    select action_id, rule from (select action_id, rule, journey from a union all select action_id, rule, journey from s)
    where journey = '';
select 'acts, not of that rule', * from (select * from acts except select * from by_rule limit 3);
select 'of that rule, does not act', * from (select * from by_rule except select * from acts limit 3);
select 'member acts and does not', member, rule from fates
    group by member, rule having count(distinct fate) > 1 limit 3;

-- What the machine counted for all, and what the explanations say one by one.
create table counted(rule, what, n);
insert into counted
    select r.value->>'rule', f.key, f.value
    from manifest, json_each(manifest.j, '$.rules') r, json_each(r.value) f
    where f.key in ('guard_not_true', 'acted_before') and r.value->>'rule' in (select rule from fates);
create table one_by_one(rule, what, n);
insert into one_by_one
    select rule, 'guard_not_true', sum(fate = 'refused') from fates group by rule;
insert into one_by_one
    select rule, 'acted_before', sum(fate = 'acted_before') from fates group by rule;
select 'counted', *, (select n from one_by_one o where o.rule = c.rule and o.what = c.what) from counted c
    where n <> (select n from one_by_one o where o.rule = c.rule and o.what = c.what);

-- Who stands where in which journey when the night is over.
create table stand(journey, step, n);
insert into stand
    select x.value->>'journey', x.value->>'at', count(*) from t, json_each(t.j, '$.journeys') x
    where x.value->>'in' group by 1, 2;
create table stood(journey, step, n);
insert into stood
    select x.value->>'journey', f.key, f.value
    from manifest, json_each(manifest.j, '$.journeys') x, json_each(x.value, '$.steps') f where f.value > 0;
select 'told to stand', * from (select * from stand except select * from stood);
select 'stands', * from (select * from stood except select * from stand);
