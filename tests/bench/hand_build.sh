#!/usr/bin/env bash
# Builds the programs by hand of w1 or w2, with its rules in them: hand_build.sh WORKLOAD FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
workload=$1 out=$2
flags="-I$here/../.. -O3 -march=native -std=c17 -D_GNU_SOURCE -Wall -Wno-parentheses -Wno-unused-variable"
perl "$here/hand_rules.pl" c <"$out/$workload.tsv" >"$out/$workload.h"
perl "$here/hand_rules.pl" awk <"$out/$workload.tsv" >"$out/$workload.awk"
# shellcheck disable=SC2086
if [ "$workload" = w1 ]; then
    ${CC:-gcc} $flags -include "$out/w1.h" -o "$out/rows-w1" "$here/rows.c"
    ${CC:-gcc} $flags -include "$out/w1.h" -o "$out/columns-w1" "$here/columns.c" -lpthread
else
    ${CC:-gcc} $flags -DORDERS -include "$out/w2.h" -o "$out/columns-w2" "$here/columns.c" -lpthread
fi
