# What the till booked: a point a yuan. What was booked for visits before the first night. The tier that a member was
# given on a day of the last year, by the points of the year before it; and who has paid to belong, until when.
function book(i, day, at, booking, value, source) {
    note("points", day, "m" i "," at "," booking "," value "," source)
    booked[i] = booked[i] " " day ":" value
}

function points_before(i, day,    n, item, k, sum, part) {
    n = split(booked[i], item, " ")
    for (k = 1; k <= n; k++) {
        split(item[k], part, ":")
        if (part[1] < day && part[1] >= day - 365) sum += part[2]
    }
    return sum
}

BEGIN {
    for (day = start; day <= last; day++) {
        n = split(diary["orders", day], line, "\n")
        for (k = 1; k < n; k++) {
            split(line[k], cell, ",")
            book(substr(cell[1], 2), day, cell[2], cell[3] "-" cell[4], int(cell[5]), "buy")
        }
        n = day < from ? split(diary["visits", day], line, "\n") : 0
        for (k = 1; k < n; k++) {
            split(line[k], cell, ",")
            book(substr(cell[1], 2), day, cell[2], "v" day "-" k, 20, "act")
        }
    }
    write_table("points", "member_id,at,booking,value,source")
    for (i = 1; i <= members; i++) {
        day = from - 365 + int(below(365) * random()) # more of them early: cards were given in a campaign
        points = points_before(i, day)
        more[i] = (points >= 6000 ? "black," date_of(day) : points >= 2000 ? "gold," date_of(day) : "silver,") "," \
            (chance(0.12) ? date_of(from - 40 + below(400)) : "")
    }
    widen_members("tier,tier_since,plus_until", more)
}
