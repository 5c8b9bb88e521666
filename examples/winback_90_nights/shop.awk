# A shop of 20,000 made-up members over 90 days, and what they do when they hear from it.
#
#   awk -v wayfare=... -v dir=WORK -f ../tools/dice.awk -f shop.awk      (in the folder of rules.way)
#
# Each day: the members buy (of themselves, or because of what they were sent), join, opt out; their
# exports are written to WORK/data; the night is run; what was sent is read from WORK/out, and the
# next day they react to it. Numbers come from a generator of its own, so that every awk makes the
# same shop.

# The next day on which a member of that habit buys of themselves.
function next_visit(from, rate) { return rate > 0 ? from + 1 + int(-log(1 - random()) / rate) : 1e9 }

function join_shop(i, day,    habit) {
    habit = random()
    rate[i] = habit < 0.10 ? 1 / 18 : habit < 0.45 ? 1 / 45 : habit < 0.80 ? 1 / 110 : 0
    joined[i] = day
    store[i] = sprintf("s%02d", 1 + below(30))
    owner[i] = chance(0.9) ? store[i] "-" (1 + below(3)) : ""
    birthday[i] = chance(0.8) ? date_of(1000 + below(14000)) : ""
    wecom[i] = chance(0.65); sms[i] = chance(0.8)
    visit[i] = next_visit(day, rate[i])
}

# Someone who has two ids but one telephone.
function contact_of(i) { return i % 200 == 7 ? "c" (i - 1) : "c" i }

function write_members(day,    i, file) {
    file = dir "/data/members.csv"
    print "member_id,name,joined,birthday,store,owner,tier,points,wecom,sms,contact" >file
    for (i = 1; i <= n; i++)
        print "m" i "," (i % 7 ? "Member " i : "") "," date_of(joined[i]) "," birthday[i] "," store[i] "," owner[i] ",," \
            (10 * bought[i]) "," (wecom[i] ? "true" : "false") "," (sms[i] ? "true" : "false") "," \
            contact_of(i) >file
    close(file)
}

function buy(i, day) {
    print "m" i "," time_on(day) ",o" ++orders "," (40 + below(400)) ".00" >orders_file
    bought[i]++
    visit[i] = next_visit(day, rate[i])
}

# What was sent works for some days: on who would not have come of themselves, too.
function live(day,    i, p) {
    for (i = 1; i <= n; i++) {
        p = day < warm[i] ? 0.02 : day < keen[i] ? 0.06 : 0
        if (visit[i] <= day || (p > 0 && chance(p)))
            buy(i, day)
    }
    for (i = below(40); i > 0; i--)
        join_shop(++n, day - 1)
}

# What left this morning: who read it, who had enough of it.
function react(day,    file, line, cell, i, angry, stop) {
    file = dir "/out/" date_of(day) "/actions.csv"
    if ((getline line <file) <= 0)
        return
    while ((getline line <file) > 0) {
        split(line, cell, ",")
        if (cell[3] != "send" && cell[3] != "coupon")
            continue
        i = substr(cell[2], 2) + 0
        if (cell[3] == "coupon") keen[i] = day + 8
        else warm[i] = day + 4
        angry = cell[5] == "flash" ? 0.09 : 0.004
        if (chance(angry)) {
            print "m" i "," time_on(day) >optouts_file
            stop++
        }
    }
    close(file)
}

function wayfare_does(what) {
    return system("'" wayfare "' " what " --state " dir "/shop.db >>" dir "/log 2>&1")
}

# A night that is held is looked at and let go: the shop knows why its opt-outs jumped.
function run_night(day,    files, status, line, plan) {
    fflush(orders_file); fflush(optouts_file)
    files = " --data " dir "/data --out " dir "/out"
    status = wayfare_does("run rules.way --as-of " date_of(day) files " --quiet")
    if (status == 80) {
        close(dir "/log")
        while ((getline line <(dir "/log")) > 0)
            if (match(line, /held as plan [0-9a-f]+/))
                plan = substr(line, RSTART + 13, RLENGTH - 13)
        close(dir "/log")
        status = wayfare_does("approve rules.way --plan " plan files " --now " date_of(day) "T08:00")
    }
    if (status != 0) {
        print date_of(day) ": exit " status ", see " dir "/log" >"/dev/stderr"
        exit 1
    }
}

BEGIN {
    seed = 20261122
    first = 20518 # 2026-03-06
    members = 20000; nights = 90
    orders_file = dir "/data/orders.csv"
    optouts_file = dir "/data/optouts.csv"
    print "member_id,at,order,amount" >orders_file
    print "member_id,at" >optouts_file
    for (i = 1; i <= members; i++)
        join_shop(++n, first - 1 - below(500))
    for (i = 1; i <= members; i++) # the months before the first night
        while (visit[i] < first - 1)
            buy(i, visit[i] < first - 240 ? first - 240 + below(10) : visit[i])
    for (i = 1; i <= members / 100; i++) # some had enough of us before
        print "m" (1 + below(members)) "," time_on(first - 1 - below(300)) >optouts_file
    for (day = first; day < first + nights; day++) {
        live(day - 1)
        write_members(day)
        if (day == first + 33 || day == first + 34)
            continue # two nights are lost
        if (day == first + 56)
            wayfare_does("resume all")
        run_night(day)
        react(day)
    }
}
