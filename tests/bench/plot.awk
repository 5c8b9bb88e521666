# A chart of medians over what grows, both axes logarithmic, as SVG (needs median.awk):
#
#   awk -v workload=w1 -v grows=2 -v title="..." -v unit="members" ... growth.tsv
#
# grows: the column that grows (2 members, 3 orders, 4 changed, 5 rules); at: lines of other sizes
# are left out, "members orders changed rules" with * where any will do.
BEGIN { FS = "\t"; split(at, wanted, " ") }
FNR > 1 && $1 == workload {
    for (i = 1; i <= 4; i++)
        if (wanted[i] != "*" && wanted[i] != "" && wanted[i] != $(i + 1))
            next
    if ($grows + 0 <= 0)
        next
    if (!(($6, $grows) in seconds)) {
        if (!($6 in points))
            engine[++engines] = $6
        points[$6]++
        x[$6, points[$6]] = $grows + 0
    }
    seconds[$6, $grows] = seconds[$6, $grows] " " $10
}
function short(v) { return v >= 1000000 ? v / 1000000 "M" : (v >= 1000 ? v / 1000 "k" : v) }
function log10(v) { return log(v) / log(10) }
function across(v) { return left + (log10(v) - log10(low)) / (log10(high) - log10(low)) * width }
function down(v) { return top + height - (log10(v) - log10(least)) / (log10(most) - log10(least)) * height }
function decade(v, up) { v = log10(v); v = int(v + 100) - 100; return 10 ^ (v + up) }
END {
    left = 60; top = 40; width = 460; height = 300
    split("#0b6e4f #3a86ff #8338ec #d00000 #fb8500 #6c757d #00a5cf #b5179e #7f4f24 #2b2d42 #588157", colour, " ")
    for (e = 1; e <= engines; e++)
        for (i = 1; i <= points[engine[e]]; i++) {
            v = x[engine[e], i]
            s = median(seconds[engine[e], v])
            low = !low || v < low ? v : low
            high = v > high ? v : high
            least = !least || s < least ? s : least
            most = s > most ? s : most
        }
    if (!engines || low == high)
        exit
    least = decade(least, 0)
    most = decade(most, 1)
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 390\" font-family=\"sans-serif\" font-size=\"12\">\n"
    printf "<rect width=\"700\" height=\"390\" fill=\"white\"/>\n<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>\n", left, title
    for (v = least; v <= most * 1.001; v *= 10) {
        printf "<path d=\"M%d %.1fh%d\" stroke=\"#ddd\"/>", left, down(v), width
        printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g s</text>\n", left - 6, down(v) + 4, v
    }
    for (e = 1; e <= engines; e++) {
        name = engine[e]
        line = ""
        last = 0
        for (i = 1; i <= points[name]; i++) { # those that are measured, from left to right
            next_x = 0
            for (j = 1; j <= points[name]; j++)
                if (x[name, j] > last && (!next_x || x[name, j] < next_x))
                    next_x = x[name, j]
            last = next_x
            y = down(median(seconds[name, last]))
            line = line (line ? "L" : "M") sprintf("%.1f %.1f", across(last), y)
            printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", across(last), y, colour[e]
            ticks[last] = 1
        }
        printf "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"/>", line, colour[e], name ~ /^wayfare/ ? 3 : 1.5
        printf "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n", left + width + 24, top + 12 + 18 * e, colour[e], name
    }
    for (v in ticks)
        printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", across(v), top + height + 20,
            short(v + 0)
    printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n</svg>\n", left + width / 2, top + height + 40, unit
}
