# Sourced by demo.sh and test.sh: cuts the year into the exports of one night.
#
# The shop's system exports every table whole, each night, as it stood at local midnight. New York
# is five hours behind UTC in winter; orders carry UTC times, the other feeds local dates.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

unpack() { # FOLDER: the year's tables as plain CSV
    mkdir -p "$1"
    for table in members orders mailings redemptions; do
        zstd -q -d -f "$here/data/$table.csv.zst" -o "$1/$table.csv"
    done
}

export_night() { # YEAR-FOLDER DATE FOLDER: what was known when DATE began
    mkdir -p "$3"
    awk -F, -v night="$2" 'NR == 1 || $2 < night' "$1/members.csv" >"$3/members.csv"
    awk -F, -v until="$2T05:00:00Z" 'NR == 1 { print; next } $2 >= until { exit } { print }' \
        "$1/orders.csv" >"$3/orders.csv"
    for table in mailings redemptions; do
        awk -F, -v until="$2T00:00:00" 'NR == 1 { print; next } $2 >= until { exit } { print }' \
            "$1/$table.csv" >"$3/$table.csv"
    done
}

next_day() {
    date -u -d "$1 + 1 day" +%F
}
