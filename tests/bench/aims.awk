# Which aims hold (needs median.awk): awk -v memory=GB/s -v conditions=SECONDS ... results.tsv
#
# Each is judged by medians at the largest size that was measured, and says which that was. `memory`:
# what the machine reads a second; `conditions`: how long W1's rules took over the most members.
BEGIN { FS = "\t" }
FNR > 1 {
    key = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4 SUBSEP $5 SUBSEP $6
    seconds[key] = seconds[key] " " $10
    evaluating[key] = evaluating[key] " " $8
    peak[key] = peak[key] " " $11
    if ($5 == 0 && $3 == 10 && ($1 != "w3" || $4 * 100 == $2)) {
        there[$1, $2, $6] = key
        if ($2 + 0 > most[$1] + 0)
            most[$1] = $2
        if ($2 + 0 > largest[$1, $6] + 0)
            largest[$1, $6] = $2
    }
    if ($6 ~ /^wayfare/ && substr($6, 9) + 0 > threads)
        threads = substr($6, 9) + 0
}
function total(workload, members, engine)
{
    return (workload, members, engine) in there ? median(seconds[there[workload, members, engine]]) : 0
}
# One line: what is wanted is at least (or, with most, at most) `aim`.
function judge(what, aim, is, at_most, members,    holds, by)
{
    if (!is) {
        printf "  %-58s %8s %8s  not measured\n", what, aim, "-"
        return
    }
    holds = at_most ? is <= aim : is >= aim
    by = at_most ? is / aim : aim / is
    printf "  %-58s %8s %8.2f  %s", what, aim, is, holds ? "holds" : sprintf("falls short %.2f times", by)
    print members ? " (" members " members)" : ""
}
function ratio(workload, engine, aim, words,    m, ours)
{
    m = largest[workload, engine]
    ours = total(workload, m, "wayfare-" threads)
    judge(toupper(workload) ": times as fast as " words, aim, ours ? total(workload, m, engine) / ours : 0, 0, m)
}
function memory_a_member(workload, aim,    m, key)
{
    m = most[workload]
    key = there[workload, m, "wayfare-" threads]
    judge(toupper(workload) ": bytes of memory a member", aim, m ? median(peak[key]) * 1024 / m : 0, 1, m)
}
# W1's seconds with so many rules, at the size where 1,000 of them were measured.
function with_rules(n,    key, parts)
{
    for (key in seconds) {
        split(key, parts, SUBSEP)
        if (parts[1] == "w1" && parts[5] == n && parts[6] == "wayfare-" threads)
            return median(evaluating[key])
    }
    return 0
}
# W3's seconds at the largest size where a tenfold change was measured too.
function w3_changed(share,    key, parts, at)
{
    for (key in seconds) {
        split(key, parts, SUBSEP)
        if (parts[1] == "w3" && parts[4] == parts[2] * share && parts[6] == "wayfare-" threads &&
            parts[2] + 0 >= at + 0) {
            at = parts[2]
            found = median(seconds[key])
        }
    }
    return at ? found : 0
}
END {
    duckdb = "duckdb-" threads
    printf "\naims, on %d threads %34s %8s\n", threads, "aim", "is"
    ratio("w1", duckdb, most["w1"] < 10000000 ? 8 : 15, "DuckDB")
    ratio("w1", "sqlite-1", 40, "SQLite")
    ratio("w1", "rows-1", 10, "a plain loop over rows in C")
    memory_a_member("w1", 100)
    ratio("w2", duckdb, most["w2"] < 10000000 ? 4 : 10, "DuckDB")
    memory_a_member("w2", 350)
    ratio("w3", duckdb, 30, "DuckDB over a persistent database")
    m = most["w3"]
    two = total("w2", m, "wayfare-" threads)
    judge("W3: share of our own W2", 0.3, two ? total("w3", m, "wayfare-" threads) / two : 0, 1, m)
    one = total("w1", most["w1"], "wayfare-1")
    ours = total("w1", most["w1"], "wayfare-" threads)
    judge("W1: times as fast as on one thread", 1.6, ours && threads > 1 ? one / ours : 0, 0, most["w1"])
    key = there["w1", most["w1"], "wayfare-1"]
    judge("W1: nanoseconds to evaluate a rule and member", 1,
          most["w1"] ? median(evaluating[key]) * 1e9 / most["w1"] / 100 : 0, 1, most["w1"])
    # 36 bytes a member is what W1's rules read of it, in the narrowest columns
    judge("W1: per cent of the memory's speed (" memory " GB/s) in rules", 35,
          conditions ? 36 * most["w1"] / conditions / 1e9 / memory * 100 : 0, 0, most["w1"])
    hundred = with_rules(100)
    judge("W1: 1,000 rules for 100, evaluating", 3, hundred ? with_rules(1000) / hundred : 0, 1)
    nothing = w3_changed(0.0001)
    much = w3_changed(0.1) - nothing
    little = w3_changed(0.01) - nothing
    judge("W3: what follows the change, 10% of members for 1%", 6, nothing && little > 0 ? much / little : 0, 0)
}
