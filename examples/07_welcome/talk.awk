# Friends who are won later than on joining, friends who leave and return, and what members write to the service account.
function write_to_us(day, i,    at) {
    at = sprintf("%sT%02d:%02d", date_of(day), 7 + below(16), below(60)) # some before we open, some after
    note("replies", day, "m" i "," at ",service," phrase[1 + below(phrases)])
}

BEGIN {
    phrases = split("几点关门|请问地址在哪|我的积分还有多少|积分怎么用|想预约洗眼镜|眼镜可以免费保养吗|镜腿松了怎么办|谢谢|", phrase, "|")
    old = int(members * 0.9)
    for (day = from - 20; day <= last; day++) {
        for (k = 0; k < 12; k++) note("friends", day, "m" (1 + below(old)) "," time_on(day) ",S01-1")
        for (k = 0; k < 30; k++) write_to_us(day, 1 + below(old))
        if (chance(0.5)) note("replies", day, "m" (1 + below(old)) "," time_on(day) ",service,退订")
        if (day >= from) { # some delete us the day after, some of them come back
            i = 1 + below(old)
            note("friends", day, "m" i "," time_on(day) ",S01-2")
            if (day < last) note("unfriends", day + 1, "m" i "," time_on(day + 1) ",S01-2")
            if (day + 3 <= last && chance(0.6)) note("friends", day + 3, "m" i "," time_on(day + 3) ",S01-2")
        }
    }
    write_table("friends", "member_id,at,owner")
    write_table("unfriends", "member_id,at,owner")
    write_table("replies", "member_id,at,channel,words")
    for (i = 1; i <= members; i++) more[i] = below(3000)
    widen_members("points", more)
}
