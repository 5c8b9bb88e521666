# The exports of a small shop, made up: awk -v lang=en|zh -v what=members|orders|optouts. The same
# bytes everywhere and always: the numbers come from a generator of our own.
function next_number(limit) { seed = (seed * 16807) % 2147483647; return seed % limit }

# A date as ISO text, from days since 1970-01-01.
function date(days,    era, doe, yoe, doy, mp, d, m, y) {
    days += 719468
    era = int(days / 146097)
    doe = days - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
    mp = int((5 * doy + 2) / 153)
    d = doy - int((153 * mp + 2) / 5) + 1
    m = mp < 10 ? mp + 3 : mp - 9
    y = yoe + era * 400 + (m <= 2)
    return sprintf("%04d-%02d-%02d", y, m, d)
}

function called(    who, title) {
    who = next_number(16) + 1
    title = next_number(2)
    if (!next_number(12)) return ""
    return lang == "zh" ? family[who] (title ? "女士" : "先生") : first[who]
}

function member(i,    store, who, born) {
    join[i] = i <= 12 ? NIGHT - 7 : i <= 60 ? NIGHT - next_number(45) : NIGHT - 30 - next_number(700)
    store = next_number(5) + 1
    who = called()
    born = next_number(10) ? date(NIGHT - 6600 - next_number(16000)) : ""
    keen[i] = next_number(4)
    row = sprintf("M%05d,%s,%s,%s,%s,S%d,E%02d,%d,%s", i, date(join[i]), who, born, city[store], store,
        store * 2 - next_number(2), next_number(3000), next_number(10) < 7 ? "true" : "false")
    if (what == "members") print row
}

function buy(i,    n, day, k) {
    n = i <= 12 ? i % 3 : (keen[i] == 0 ? 0 : keen[i] == 3 ? next_number(14) : next_number(5))
    day = join[i]
    for (k = 0; k < n; k++) {
        day += next_number(i <= 12 ? 7 : keen[i] == 3 ? 40 : 90)
        if (day >= NIGHT) return
        orders++
        row = sprintf("M%05d,%s %02d:%02d:00,A%06d,1,%s,%d,%d.%02d,S%d", i, date(day), 10 + next_number(11),
            next_number(60), orders, kind[next_number(4) + 1], 1 + next_number(2), 20 + next_number(380),
            next_number(2) * 90, 1 + next_number(5))
        if (what == "orders") print row
    }
}

BEGIN {
    NIGHT = 20779 # 2026-11-22
    seed = 20261122
    if (lang == "zh") {
        split("杭州 上海 南京 苏州 宁波", city, " ")
        split("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 马 朱 胡 林", family, " ")
        split("镜架 镜片 太阳镜 隐形眼镜", kind, " ")
    } else {
        split("Hangzhou Shanghai Nanjing Suzhou Ningbo", city, " ")
        split("Anna Ben Clara David Emma Felix Grace Hugo Iris Jack Karen Leo Mia Noah Olivia Paul", first, " ")
        split("frames lenses sunglasses contacts", kind, " ")
    }
    if (what == "members") print "member_id,joined,name,birthday,city,store,owner,points,wecom"
    if (what == "orders") print "member_id,at,order,line,category,qty,amount,store"
    if (what == "optouts") print "member_id,at,channel"
    for (i = 1; i <= 300; i++) member(i)
    for (i = 1; i <= 300; i++) buy(i)
    for (i = 1; i <= 300; i++)
        if (next_number(40) == 0 && what == "optouts")
            printf "M%05d,%s %02d:00:00,wecom\n", i, date(NIGHT - 1 - next_number(20)), 8 + next_number(12)
}
