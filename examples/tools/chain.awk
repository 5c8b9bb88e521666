# A chain of made-up shops: its members, and what they do over some months.
#
#   awk -v dir=FOLDER -v members=5000 -v first=2026-03-01 -v nights=30 [-v seed=N] \
#       -f dice.awk -f chain.awk
#
# Writes whole tables (members, orders, visits, friends, unfriends, optouts, opens, replies) from two
# years before `first` to the last night; play.sh cuts what each night knows. Numbers come from a
# generator of its own, so that every awk makes the same chain.

function pick(list,    n, item) { n = split(list, item, " "); return item[1 + below(n)] }

# A date as days since 1970-01-01: H. Hinnant's days_from_civil.
function day_of(text,    part, y, m, era, yoe, doy) {
    split(text, part, "-"); y = part[1] - (part[2] <= 2); m = part[2] + 0
    era = int(y / 400); yoe = y - era * 400
    doy = int((153 * (m > 2 ? m - 3 : m + 9) + 2) / 5) + part[3] - 1
    return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}
function yes(p) { return chance(p) ? "true" : "false" }

# How often one buys: at each day with this chance, until the day they turn away.
function habit(    x) {
    x = random()
    return x < 0.08 ? 1 / 14 : x < 0.35 ? 1 / 40 : x < 0.70 ? 1 / 90 : x < 0.88 ? 1 / 200 : 0
}

# The columns of one member; `joined` is a day.
function member_line(i, joined,    store) {
    store = 1 + below(12)
    shop[i] = sprintf("S%02d", store)
    return "m" i "," (chance(0.9) ? pick(surnames) pick(given) : "") "," date_of(joined) "," \
        (chance(0.8) ? date_of(1000 + below(14000)) : "") "," (chance(0.6) ? "f" : chance(0.9) ? "m" : "") "," \
        city[1 + store % 6] "," shop[i] "," (chance(0.85) ? shop[i] "-" (1 + below(3)) : "") "," yes(0.7) "," \
        yes(0.8) "," yes(0.3) ",c" (i % 150 == 7 ? i - 1 : i) "," \
        (i > 50 && chance(0.08) ? "m" (1 + below(i - 1)) : "")
}

# Days stand in `diary` until all are known, so that each table comes out in order of time.
function note(table, day, line) { diary[table, day] = diary[table, day] line "\n" }

function buy(i, day,    lines, k, order, at) {
    order = "o" ++orders; at = time_on(day)
    lines = 1 + below(3)
    for (k = 1; k <= lines; k++)
        note("orders", day, "m" i "," at "," order "," k "," (20 + below(280)) "." (chance(0.5) ? "00" : "90") "," \
            1 + below(2) ",k" (1 + below(90)) "," pick("Mingyue Linhai Beichen Anran") "," \
            pick("frames lenses sun care gift") "," shop[i] "," (chance(0.7) ? "shop" : "mini") "," \
            (i % 9 == 4 && orders % 10 < 7 || orders % 13 == 5 ? "SAVE20" : ""))
}

function live(i, joined, last,    rate, leaves, day) {
    rate = habit()
    leaves = chance(0.35) ? joined + 30 + below(500) : last + 1
    if (chance(0.7))
        note("friends", joined, "m" i "," time_on(joined) "," shop[i] "-1")
    for (day = joined; day <= last; day++) {
        if (day < leaves && rate > 0 && chance(rate))
            buy(i, day)
        else if (chance(0.004))
            note("visits", day, "m" i "," time_on(day) "," shop[i] ",mini")
        if (chance(0.002)) note("opens", day, "m" i "," time_on(day) ",wecom,news")
        if (chance(0.0006)) note("replies", day, "m" i "," time_on(day) ",wecom,好的")
        if (chance(0.00006)) note("optouts", day, "m" i "," time_on(day) ",sms")
        if (chance(0.0001)) note("unfriends", day, "m" i "," time_on(day) "," shop[i] "-1")
    }
}

function write_table(table, header,    day, file) {
    file = dir "/" table ".csv"
    print header >file
    for (day = start; day <= last; day++)
        printf "%s", diary[table, day] >file
    close(file)
}

# Columns that an example adds to the members: `more[i]` for the i-th, under `header`.
function widen_members(header, more,    file, line, n, i) {
    file = dir "/members.csv"
    for (n = 0; (getline line[n] < file) > 0; n++) ;
    close(file)
    print line[0] "," header >file
    for (i = 1; i < n; i++) print line[i] "," more[i] >file
    close(file)
}

BEGIN {
    if (!seed) seed = 20261122
    surnames = "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡"
    given = "敏 静 丽 强 磊 洋 艳 勇 杰 娟 涛 明 超 秀英 芳 伟 欣 佳"
    split("上海 苏州 杭州 南京 宁波 无锡", city, " ")
    from = day_of(first); last = from + nights - 1; start = from - 730
    file = dir "/members.csv"
    print "member_id,name,joined,birthday,gender,city,store,owner,wecom,sms,push,contact,inviter" >file
    for (i = 1; i <= members; i++) { # most are old; some join on each of the nights
        joined = i <= members * 0.9 ? start + int(i * 730 / (members * 0.9)) - 1 \
            : from - 40 + int((i - members * 0.9) * (nights + 39) / (members * 0.1))
        print member_line(i, joined) >file
        live(i, joined, last)
    }
    close(file)
    write_table("orders", "member_id,at,order,line,amount,qty,sku,brand,category,store,channel,coupon")
    write_table("visits", "member_id,at,store,channel")
    write_table("friends", "member_id,at,owner")
    write_table("unfriends", "member_id,at,owner")
    write_table("optouts", "member_id,at,channel")
    write_table("opens", "member_id,at,channel,message")
    write_table("replies", "member_id,at,channel,words")
}
