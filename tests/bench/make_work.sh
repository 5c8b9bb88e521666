#!/usr/bin/env bash
# Turns w1.tsv or w2.tsv into rules and into SQL: make_work.sh WORKLOAD FOLDER [RULES]
#
# W3 is W2 a night later: members come as changes, what W2 says of Sunday is said of Monday, and
# every day that its SQL names is the next one. (Its rules run on W2's night too: the same file.)
# RULES: W1 with as many of them as that (vary.pl).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
workload=$1 out=$2 table=members lines=$2/$1.tsv
[ "$workload" = w1 ] || table=joined_agg
if [ -n "${3:-}" ]; then
    perl "$here/vary.pl" "$3" <"$here/w1.tsv" >"$lines"
elif [ "$workload" = w3 ]; then
    cp "$here/w2.tsv" "$lines"
else
    cp "$here/$workload.tsv" "$lines"
fi

rules() {
    cat "$here/head.way"
    awk -F'\t' '$1 == "segment" { print "segment " $2 " is " $3 }
                $1 == "trigger" { print "trigger " $2 " when " $3 " then send coupon DEAL" }' "$lines"
}
segments() {
    awk -F'\t' -v table="$table" '
        $1 == "segment" { printf "%s  sum(case when %s then 1 else 0 end)", n++ ? ",\n" : "select\n", $4 }
        END { print "\nfrom " table ";" }' "$lines"
}
triggers() {
    awk -F'\t' -v table="$table" '
        $1 == "trigger" { printf "%sselect member_id, '\''%s'\'' as rule from %s where %s\n",
                                 n++ ? "union all " : "", $2, table, $4 }
        END { print ";" }' "$lines"
}
a_night_later() { # of the rules, and of SQL
    if [ "$workload" = w3 ]; then
        perl -MPOSIX=mktime,strftime -pe 's/^member from/member delta from/; s/every sunday/every monday/;
            s/(\d{4})-(\d\d)-(\d\d)/strftime("%F", 0, 0, 12, $3 + 1, $2 - 1, $1 - 1900)/ge'
    else
        cat
    fi
}

rules | a_night_later >"$out/$workload.way"
segments | a_night_later >"$out/${workload}_segments.sql"
triggers | a_night_later >"$out/${workload}_triggers.sql"
[ "$workload" = w1 ] || a_night_later <"$here/w2_agg.sql" >"$out/${workload}_agg.sql"
