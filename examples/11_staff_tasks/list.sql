.mode list
.separator "\n    "
select owner || ', until ' || due || ' (' || rule || ')', text, 'because: ' || reason
  from actions a, night where a.night = night.date and kind = 'task' and owner like 'S03%' order by owner, due, member_id;
