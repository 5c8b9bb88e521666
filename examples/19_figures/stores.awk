# What the chain's tills and books say of each store for the 30 days before the last night: all sales,
# of members and over the counter, and what winning members cost; one new store has no member yet. And
# some members are added as friends by a second member of the staff.
BEGIN {
    for (i = 5; i < members * 0.9; i += 1 + below(40)) {
        day = last - below(60)
        note("friends", day, "m" i "," time_on(day) "," shop[i] "-2")
    }
    write_table("friends", "member_id,at,owner")
    for (day = last - 30; day < last; day++) {
        n = split(diary["orders", day], lines, "\n")
        for (i = 1; i < n; i++) {
            split(lines[i], cell, ",")
            sales[cell[10]] += cell[5]
        }
    }
    file = dir "/whole_stores.csv"
    print "store,sales,recruiting" >file
    for (i = 1; i <= 13; i++) {
        store = sprintf("S%02d", i)
        others = 2000 + below(30000)
        printf "%s,%.2f,%s\n", store, sales[store] + others, i % 4 ? 50 * below(20) ".00" : "" >file
    }
    close(file)
}
