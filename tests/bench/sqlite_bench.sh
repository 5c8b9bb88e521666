#!/usr/bin/env bash
# The benchmark's work in the sqlite3 command line: sqlite_bench.sh THREADS DATA WORK WORKLOAD OUT
# Prints the seconds of reading, evaluating and writing. Cells are imported as text; giving
# them types and making empty ones NULL is a second step of the reading. W3 changes a database file
# that `base` made, and keeps its answers there.
set -eu
data=$2 work=$3 workload=$4 out=$5 base=:memory:
case $workload in base | w3) base=$out/shop.db ;; esac
clock=".shell date +%s.%N >>$out/clock"

fill() { # TABLE KEY COLUMN:TYPE...: statements that import TABLE's file, rows of known keys anew
    local table=$1 key='' columns='' values='' column
    [ "$base" = :memory: ] || key=", primary key ($2)"
    shift 2
    for column in "$@"; do
        columns+="${columns:+, }\"${column%:*}\" ${column#*:}"
        values+="${values:+, }nullif(\"${column%:*}\", '')"
    done
    echo ".import --csv $data/$table.csv ${table}_raw"
    echo "create table if not exists $table ($columns$key);"
    echo "insert or replace into $table select $values from ${table}_raw; drop table ${table}_raw;"
}

{
    echo "pragma journal_mode=wal; pragma synchronous=full; pragma cache_size=-1000000;"
    echo "$clock"
    echo "begin;"
    fill members member_id member_id:text joined:text birthday:text gender:text city:text \
        store:text tier:text points:integer balance:real wecom:integer sms:integer push:integer \
        opted_in:integer source:text age:integer visits:integer spent:real last_visit:text \
        last_open:text nps:real children:integer brand:text tags:text owner:text
    [ "$workload" = w1 ] || fill orders '"order"' order:text member_id:text at:text amount:real \
        qty:integer brand:text category:text channel:text coupon:text status:text
    echo "$clock"
    if [ "$workload" != base ]; then
        [ "$workload" = w1 ] || sed 's/create table/create temp table/' "$work/${workload}_agg.sql"
        echo ".mode list"
        echo ".separator \"\\n\""
        echo ".once $out/sizes.txt"
        sed -E 's/MONTHDAY\(([a-z_]+)\)/substr(\1, 6, 5)/g' "$work/${workload}_segments.sql"
        echo "create table answers as"
        sed -E 's/MONTHDAY\(([a-z_]+)\)/substr(\1, 6, 5)/g' "$work/${workload}_triggers.sql"
        echo "$clock"
        echo ".mode csv"
        echo ".once $out/answers.csv"
        echo "select * from answers;"
    fi
    echo "commit;"
    echo "$clock"
} >"$out/script.sql"
rm -f "$out/clock"
sqlite3 "$base" <"$out/script.sql" >"$out/log"
[ "$workload" = base ] || awk '{ t[NR] = $1 }
    END { printf "%.3f %.3f %.3f\n", t[2] - t[1], t[3] - t[2], t[4] - t[3] }' \
    "$out/clock"
