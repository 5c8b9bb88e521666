#!/usr/bin/env bash
# Every ```way block of the manuals is a whole file: `wayfare check` must accept it, and the tests
# in it must pass.
set -u
scratch=$(mktemp -d) || exit 70
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0
for manual in "$@"; do
    rm -f "$scratch"/*.way
    awk -v dir="$scratch" '/^```way$/ { file = sprintf("%s/line_%04d.way", dir, NR); next }
        /^```/ { file = "" } file { print > file }' "$manual"
    for example in "$scratch"/*.way; do
        [ -f "$example" ] || continue
        if NO_COLOR=1 "$WAYFARE" check "$example" >"$scratch/said" 2>&1 &&
            NO_COLOR=1 "$WAYFARE" test "$example" >"$scratch/said" 2>&1; then
            passed=$((passed + 1))
        else
            echo "FAILED $manual, the example at $(basename "$example" .way)"
            cat "$scratch/said"
            failed=$((failed + 1))
        fi
    done
done
echo "manuals: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
