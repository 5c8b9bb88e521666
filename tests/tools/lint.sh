#!/usr/bin/env bash
# The tree's style where a machine can judge it: lengths, calls that are banned, headers that lang/
# may not see, generated files that were committed, marks left behind.
set -u
bad=0
say() { echo "$1"; bad=1; }
sources=$(git ls-files '*.c' '*.h' '*.y' '*.l')

out=$(awk 'FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^\}/ { if (start && FNR - start > 80) printf "%s:%d: a function of %d lines (80)\n", FILENAME, start, FNR - start; start = 0 }
    { lines[FILENAME] = FNR }
    END { for (f in lines) if (lines[f] > 600) printf "%s: %d lines (600)\n", f, lines[f] }' $sources)
[ -z "$out" ] || say "$out"
out=$(LC_ALL=C.UTF-8 grep -nE '^.{101,}$' $sources | grep -v '_code.def' | cut -c1-90)
[ -z "$out" ] || say "longer than 100 columns:
$out"
out=$(grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca|system|popen|setlocale_l|rand|tmpnam|mktemp)\(' $sources | grep -vE '^(tests/)')
[ -z "$out" ] || say "banned calls:
$out"
out=$(grep -nE '#include <(time|setjmp|pthread|sys/.*|unistd|fcntl|dirent|locale|jansson|sqlite3|zlib|zstd)\.h>' $(git ls-files 'lang/*.c' 'lang/*.h' 'lang/*.l' 'lang/*.y'))
[ -z "$out" ] || say "not in lang/:
$out"
out=$(grep -nE '\bv?f?printf\(|\bexit\(|\babort\(' $(git ls-files 'lang/*.c' 'runtime/*.c') | grep -vE '^runtime/cli/|snprintf\(|__attribute__|_addf|format\(printf')
[ -z "$out" ] || say "a library prints or exits:
$out"
out=$(git grep -nIE 'TODO|FIXME|\bXXX\b|HACK' -- '*.c' '*.h' '*.y' '*.l' '*.way' Makefile .ci | grep -v 'tests/tools/lint.sh')
[ -z "$out" ] || say "marks left in the tree:
$out"
stray=$(git -c core.quotePath=false ls-files | cut -d/ -f1 | sort -u | grep -vxE 'lang|runtime|stdlib|examples|tests|Makefile|README\.md|LICENSE|\..*')
[ -z "$stray" ] || say "not at the top level: $stray"
[ $bad -eq 0 ] && echo "lint: ok"
exit $bad
