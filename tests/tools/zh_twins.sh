#!/usr/bin/env bash
# What is said in Chinese has the shape of what is said in English: for every case of the golden area
# diag the same lines of source, carets and dashes in the same columns, the same places and codes; and
# no message is left in English.
#
#   zh_twins.sh
set -u
[ -x "${WAYFARE:-}" ] || { echo "zh_twins.sh: WAYFARE must name the program"; exit 70; }
export LC_ALL=C.UTF-8 NO_COLOR=1
scratch=$(mktemp -d) || exit 70
trap 'rm -rf "$scratch"' EXIT
cd tests/golden/diag || exit 70

# Words go; what is shown of the file, and what points into it, stays.
shape() {
    sed -E -e 's/^([^ ]+:[0-9]+:[0-9]+): [^[]*\[([EW][0-9]+)\]: .*/\1 \2/' \
        -e 's/^( +\| +-+) .*/\1/' -e 's/^( += )[^ ].*/\1/' -e 's/^([^ ]+\.way: ).*/\1/' "$1"
}

bad=0 same=0
for rules in *.way; do
    "$WAYFARE" --lang en check "$rules" >"$scratch/en" 2>&1
    "$WAYFARE" --lang zh check "$rules" >"$scratch/zh" 2>&1
    if ! diff <(shape "$scratch/en") <(shape "$scratch/zh") >"$scratch/diff"; then
        echo "FAILED $rules: the shapes differ"
        head -10 "$scratch/diff"
        bad=1
    elif grep -E '^[^ ]+:[0-9]+:[0-9]+: ' "$scratch/zh" | grep -vqP '[\x{4e00}-\x{9fff}].*\]: .*[\x{4e00}-\x{9fff}]'; then
        echo "FAILED $rules: not in Chinese"
        grep -E '^[^ ]+:[0-9]+:[0-9]+: ' "$scratch/zh" | head -3
        bad=1
    else
        same=$((same + 1))
    fi
done
[ $bad -eq 0 ] && [ $same -gt 100 ] && echo "diagnostics in Chinese: $same have the shape of the English ones"
exit $bad
