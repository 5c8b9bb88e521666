#!/usr/bin/env bash
# Turns w1.tsv or w2.tsv into rules and into SQL: make_work.sh WORKLOAD FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
workload=$1 out=$2
table=members
[ "$workload" = w1 ] || table=joined_agg
{
    cat "$here/head.way"
    awk -F'\t' '$1 == "segment" { print "segment " $2 " is " $3 }
                $1 == "trigger" { print "trigger " $2 " when " $3 " then send coupon DEAL" }' \
        "$here/$workload.tsv"
} >"$out/$workload.way"
awk -F'\t' -v table="$table" '
    $1 == "segment" { part = part (part ? ",\n" : "select\n") "  sum(case when " $4 " then 1 else 0 end)" }
    END { print part "\nfrom " table ";" }' "$here/$workload.tsv" >"$out/${workload}_segments.sql"
awk -F'\t' -v table="$table" '
    $1 == "trigger" { print (n++ ? "union all " : "") "select member_id, '\''" $2 "'\'' from " table " where " $4 }
    END { print ";" }' "$here/$workload.tsv" >"$out/${workload}_triggers.sql"
cp "$here/w2_agg.sql" "$out/"
