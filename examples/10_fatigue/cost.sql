create table gone as
  select member_id, at, 'wecom' as channel from raw_unfriends union all select member_id, at, 'wecom' from raw_unfriends_answers union all
  select member_id, at, channel from raw_optouts union all select member_id, at, channel from raw_optouts_answers;
create index by_member on gone (member_id, channel);
.mode list
.separator ' '
select printf('  %-6s %-6s %6d sent %5d gone %6.2f%%', channel, name, n, gone, 100.0 * gone / n) from (
  select channel, name, count(*) as n,
         sum(exists (select 1 from gone g where g.member_id = a.member_id and g.channel = a.channel
                      and datetime(g.at) > datetime(a.not_before) and datetime(g.at) <= datetime(a.not_before, '+2 days'))) as gone
    from actions a where kind = 'send' group by 1, 2 order by 1, 2);
