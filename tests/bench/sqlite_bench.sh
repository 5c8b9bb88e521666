#!/usr/bin/env bash
# The benchmark's work in the sqlite3 command line: sqlite_bench.sh DATA SQL-FOLDER WORKLOAD OUT
# Prints the seconds of reading, evaluating and writing. Cells are imported as text; giving them
# types and making empty ones NULL is a second step of the reading.
set -eu
data=$1 sql=$2 workload=$3 out=$4
types() { # TABLE COLUMN:TYPE...: a statement that fills TABLE from TABLE_raw
    local table=$1 columns='' values='' column
    shift
    for column in "$@"; do
        columns+="${columns:+, }\"${column%:*}\" ${column#*:}"
        values+="${values:+, }nullif(\"${column%:*}\", '')"
    done
    echo "create table $table ($columns);"
    echo "insert into $table select $values from ${table}_raw; drop table ${table}_raw;"
}
clock=".shell date +%s.%N >>$out/clock"
{
    echo "$clock"
    echo ".import --csv $data/members.csv members_raw"
    types members member_id:text joined:text birthday:text gender:text city:text store:text \
        tier:text points:integer balance:real wecom:integer sms:integer push:integer \
        opted_in:integer source:text age:integer visits:integer spent:real last_visit:text \
        last_open:text nps:real children:integer brand:text tags:text owner:text
    if [ "$workload" = w2 ]; then
        echo ".import --csv $data/orders.csv orders_raw"
        types orders order:text member_id:text at:text amount:real qty:integer brand:text \
            category:text channel:text coupon:text status:text
    fi
    echo "$clock"
    [ "$workload" = w1 ] || cat "$sql/w2_agg.sql"
    echo ".mode list"
    echo ".separator \"\\n\""
    echo ".once $out/sizes.txt"
    sed -E 's/MONTHDAY\(([a-z_]+)\)/substr(\1, 6, 5)/g' "$sql/${workload}_segments.sql"
    echo "create table answers as"
    sed -E 's/MONTHDAY\(([a-z_]+)\)/substr(\1, 6, 5)/g' "$sql/${workload}_triggers.sql"
    echo "$clock"
    echo ".mode csv"
    echo ".once $out/answers.csv"
    echo "select * from answers;"
    echo "$clock"
} >"$out/script.sql"
rm -f "$out/clock"
sqlite3 :memory: <"$out/script.sql"
awk '{ t[NR] = $1 } END { printf "%.3f %.3f %.3f\n", t[2] - t[1], t[3] - t[2], t[4] - t[3] }' \
    "$out/clock"
