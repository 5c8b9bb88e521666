# Nobody has an appointment when the story begins; forty reports are left from the weeks before.
BEGIN {
    for (i = 1; i <= members; i++) more[i] = ""
    widen_members("next_visit", more)
    for (k = 0; k < 40; k++)
        note("done", from - 20, "m" (1 + below(members * 0.9)) "," time_on(from - 20) "," (k % 4 ? "reached" : "refused"))
    write_table("done", "member_id,at,result")
}
