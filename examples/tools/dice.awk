# What made-up shops are made with: dice, and days as dates.

# Park and Miller's minimal standard generator, 1988: exact in a double.
function random() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
function below(n) { return int(random() * n) }
function chance(p) { return random() < p }

# Days since 1970-01-01 as a date, proleptic Gregorian: H. Hinnant's civil_from_days.
function date_of(day,    z, era, doe, yoe, doy, mp, d, m, y) {
    z = day + 719468; era = int(z / 146097); doe = z - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
    mp = int((5 * doy + 2) / 153); d = doy - int((153 * mp + 2) / 5) + 1
    m = mp < 10 ? mp + 3 : mp - 9; y = yoe + era * 400 + (m <= 2)
    return sprintf("%04d-%02d-%02d", y, m, d)
}
function time_on(day) { return sprintf("%sT%02d:%02d", date_of(day), 9 + below(13), below(60)) }
