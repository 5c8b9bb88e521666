#!/usr/bin/env bash
# The ninety nights against expected/: how much of what, and the bytes of the last night; what was
# explained before one of them, and after the last, against what was done. --accept writes what came instead.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash "$here/agree.sh" "$work" 2026-05-15
last=$(ls "$work/out" | tail -1)
(cd "$work/out/$last" && sha256sum actions.csv suppressed.csv segments.csv) >>"$work/summary.txt"
if [ "${1:-}" = --accept ]; then
    mkdir -p "$here/expected" && cp "$work/summary.txt" "$here/expected/summary.txt"
fi
diff -u "$here/expected/summary.txt" "$work/summary.txt"
[ "$(sort "$work/actions.csv" | cut -d, -f1 | uniq -d | wc -l)" = 0 ] || { echo "an action left twice" >&2; exit 1; }
echo "winback_90_nights: as expected, nothing twice"
