# Three houses share the chain's members out among them; some of the rows are one person under two or three numbers.
function kin(house, i) { return i in who && (who[i], house) in number ? number[who[i], house] : "" }

BEGIN {
    split("hotel restaurant shop", name, " ")
    for (i = 1; i <= members; i++) { # neighbours are of different houses, so that they can be one person
        house[i] = name[1 + i % 3]
        who[i] = i > 1 && chance(0.25) && !((who[i - 1], house[i]) in number) ? who[i - 1] : i
        number[who[i], house[i]] = "m" i
    }
    file = dir "/members.csv"
    for (n = 0; (getline line[n] < file) > 0; n++) ;
    close(file)
    print line[0] ",house,at_hotel,at_restaurant,at_shop" >file
    for (i = 1; i < n; i++) {
        split(line[i], cell, ",")
        cell[12] = "c" who[i]
        for (k = 1; k <= 13; k++) printf "%s,", cell[k] >file
        printf "%s,%s,%s,%s\n", house[i], kin("hotel", i), kin("restaurant", i), kin("shop", i) >file
    }
    close(file)
    for (day = start; day <= last; day++) {
        n = split(diary["orders", day], line, "\n")
        diary["orders", day] = ""
        for (k = 1; k < n; k++) note("orders", day, line[k] "," house[substr(line[k], 2, index(line[k], ",") - 2)])
    }
    write_table("orders", "member_id,at,order,line,amount,qty,sku,brand,category,store,channel,coupon,house")
}
