# What the till says a line asks for, down jackets among the goods, and members who refill by a rhythm of their own.
BEGIN {
    asks["care"] = "refill"; asks["down"] = "wash"; asks["lenses"] = "check"
    for (i = 20; i <= members * 0.9; i += 11) { # one in eleven uses care solution up in so many days
        cycle = 12 + below(60); stops = chance(0.2) ? last - 90 - below(60) : last
        for (day = last - 400 + below(cycle); day <= stops; day += cycle - 2 + below(5))
            note("orders", day, "m" i "," time_on(day) ",r" i "-" day ",1,39.90,1,k7,Anran,care," shop[i] ",shop,")
    }
    for (day = start; day <= last; day++) {
        n = split(diary["orders", day], line, "\n")
        diary["orders", day] = ""
        for (k = 1; k < n; k++) {
            split(line[k], cell, ",")
            goods = cell[9] == "gift" ? "down" : cell[9]
            sub("," cell[9] ",", "," goods ",", line[k])
            note("orders", day, line[k] "," asks[goods])
        }
    }
    write_table("orders", "member_id,at,order,line,amount,qty,sku,brand,category,store,channel,coupon,care_line")
}
