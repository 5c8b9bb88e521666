#!/usr/bin/env bash
# The ninety nights, and the last of them as the shop sees it in the morning.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo
echo "== winback_90_nights: 20,000 made-up members, ninety nights, every gate in play"
bash "$here/run.sh" "$work"
last=$(ls "$work/out" | tail -1)
echo "the last night, $last, begins:"
sqlite3 -batch :memory: ".import --csv $work/out/$last/actions.csv a" ".mode list" ".separator ' '" "
    select '  ' || member_id || ':', kind, rtrim(name || ' ' || text), 'because', reason from a limit 6"
echo "and did not do:"
sqlite3 -batch :memory: ".import --csv $work/out/$last/suppressed.csv a" ".mode list" ".separator ' '" "
    select '  ' || member_id || ':', kind, name, '-', gate, 'because', reason from a group by gate limit 6"
