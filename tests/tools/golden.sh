#!/usr/bin/env bash
# Language tests as data.
#
#   tests/golden/AREA/cmd            a shell snippet; $1 is the case's input; $WAYFARE the program
#   tests/golden/AREA/NAME.way       an input (or NAME.timeline); its output must be NAME.expected
#   tests/golden/AREA/NAME/cmd       a case of its own: runs in a fresh copy of that folder,
#   tests/golden/AREA/NAME/expected  and must print this
#
# stdout, stderr and a last line `exit N` are compared. --accept writes what came instead.
set -u
: "${WAYFARE:?must name the program}"
accept= TOOLS=$PWD/tests/tools; export TOOLS
[ "${1:-}" = --accept ] && accept=1 && shift
export LC_ALL=C.UTF-8 NO_COLOR=1 TZ=UTC GOLDEN=$PWD/tests/golden
scratch=$(mktemp -d) || exit 70
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

judge() { # NAME EXPECTED GOT
    if cmp -s "$2" "$3"; then
        passed=$((passed + 1))
    elif [ -n "$accept" ]; then
        cp "$3" "$2"; echo "accepted $1"; passed=$((passed + 1))
    else
        echo "FAILED $1"; diff -u "$2" "$3" 2>&1 | head -40; failed=$((failed + 1))
    fi
}

for area in "$@"; do
    [ -d "$area" ] || continue
    for input in "$area"/*.way "$area"/*.timeline; do
        [ -f "$input" ] && [ -f "$area/cmd" ] || continue
        (cd "$area" && bash ./cmd "$(basename "$input")"; echo "exit $?") >"$scratch/got" 2>&1
        judge "$input" "${input%.*}.expected" "$scratch/got"
    done
    for case in "$area"/*/cmd; do
        [ -f "$case" ] || continue
        dir=$(dirname "$case")
        rm -rf "$scratch/work" && cp -r "$dir" "$scratch/work" && rm -f "$scratch/work/expected"
        (cd "$scratch/work" && bash ./cmd; echo "exit $?") >"$scratch/got" 2>&1
        judge "$dir" "$dir/expected" "$scratch/got"
    done
done
echo "golden: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
