# Medians of one workload, size and number of rules as a table (needs median.awk): bench.sh names
# the columns.
BEGIN { FS = "\t" }
$1 == workload && $2 == members && $3 == orders && $4 == changed && $5 == rules {
    if (!(($6) in runs))
        order[++engines] = $6
    runs[$6]++
    for (i = 7; i <= 11; i++)
        values[$6, i] = values[$6, i] " " $i
    answers = $12
}
END {
    if (!engines)
        exit
    printf "\n%-4s %-11s %8s %9s %8s %8s %9s %9s\n", workload, "engine", "read", "evaluate", "write",
        "total", "peak MB", "x wayfare"
    for (e = 1; e <= engines; e++)
        if (order[e] ~ /^wayfare/)
            base = median(values[order[e], 10]) # the last: of most threads
    for (e = 1; e <= engines; e++) {
        name = order[e]
        if (name ~ /^(rows|columns|awk)/) # they do all at once
            printf "%-4s %-11s %8s %9s %8s", "", name, "-", "-", "-"
        else
            printf "%-4s %-11s %8.2f %9.2f %8.2f", "", name, median(values[name, 7]),
                median(values[name, 8]), median(values[name, 9])
        printf " %8.2f %9.0f %9.2f\n", median(values[name, 10]), median(values[name, 11]) / 1024,
            base ? median(values[name, 10]) / base : 0
    }
    printf "     %d actions, the same in every engine\n", answers
}
