# When members open what they are sent: most at an hour of their own, some at any, some never.
BEGIN {
    for (i = 1; i <= members; i++) hour[i] = chance(0.3) ? -1 : pick("7 8 8 9 12 12 13 17 18 19 20 20 20 21 21 22 23")
    for (day = start; day <= last; day++) {
        diary["opens", day] = ""
        for (k = 0; k < members / 30; k++) {
            i = 1 + below(members)
            if (hour[i] >= 0)
                note("opens", day, sprintf("m%d,%sT%02d:%02d,wecom,news", i, date_of(day),
                    chance(0.7) ? hour[i] : 6 + below(18), below(60)))
        }
    }
    write_table("opens", "member_id,at,channel,message")
}
