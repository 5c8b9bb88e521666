#!/usr/bin/env bash
# The main job on real data, night by night: February 2017 of The Complete Journey. Prints what was
# sent each night, the month's totals, and why for a few members. Everything it writes is in a
# temporary folder (kept with KEEP=1).
set -eu
. "$(dirname "$0")/nights.sh"
wayfare=${WAYFARE:-wayfare}
first=${FIRST:-2017-02-01} last=${LAST:-2017-02-28}

work=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
unpack "$work/year"
"$wayfare" init --state "$work/shop.db" >/dev/null

echo "The Complete Journey, $first to $last (rules: examples/complete_journey/rules.way)"
echo
printf '%-10s %8s %9s %8s   %s\n' night members orders actions "of which"
started=$(date +%s.%N) nights=0 night=$first
until [[ "$night" > "$last" ]]; do
    export_night "$work/year" "$night" "$work/exports/$night"
    "$wayfare" run "$here/rules.way" --data "$work/exports/$night" --as-of "$night" \
        --state "$work/shop.db" --out "$work/out" --quiet >"$work/log" 2>&1 ||
        { status=$?; cat "$work/log" >&2; exit $status; }
    cat >"$work/line.sql" <<SQL
.mode list
select coalesce(group_concat(n || ' ' || rule, ', '), '-')
  from (select rule, count(*) as n from actions group by rule order by n desc, rule);
SQL
    printf '%-10s %8d %9d %8d   %s\n' "$night" \
        $(($(wc -l <"$work/exports/$night/members.csv") - 1)) \
        $(($(wc -l <"$work/exports/$night/orders.csv") - 1)) \
        "$(sqlite3 :memory: ".import --csv $work/out/$night/actions.csv actions" \
            'select count(*) from actions')" \
        "$(sqlite3 :memory: ".import --csv $work/out/$night/actions.csv actions" \
            ".read $work/line.sql")"
    sqlite3 "$work/all.db" ".import --csv $work/out/$night/actions.csv actions" 2>/dev/null
    rm -rf "${work:?}/exports/$night"
    nights=$((nights + 1)) night=$(next_day "$night")
done
took=$(awk -v a="$started" -v b="$(date +%s.%N)" 'BEGIN { print b - a }')

echo
echo "The month, by rule:"
sqlite3 -box "$work/all.db" "
select rule, kind, name as what, count(*) as actions, count(distinct member_id) as members
  from actions where action_id <> 'action_id' group by 1, 2, 3 order by 4 desc, 1"
echo
echo "Why, for one member of each rule:"
sqlite3 -list "$work/all.db" "
select rule || ': member ' || member_id || ' on ' || substr(due, 1, 10) || char(10) || '    ' || reason
  from (select *, row_number() over (partition by rule order by due, length(member_id), member_id) k
          from actions where action_id <> 'action_id')
 where k = 1 order by rule"
echo
echo "The figures of the last night:"
sqlite3 -box :memory: ".import --csv $work/out/$last/metrics.csv m" "
select label as figure, case when by = '' then '' else by || ' ' || iif(\"group\" = '', '-', \"group\") end as 'for',
       value, cast(members as integer) as members from m where by in ('', 'value', 'spend_fifth')"
echo
printf '%d nights in %.1f s, exports cut included.\n' "$nights" "$took"
[ -z "${KEEP:-}" ] || echo "Kept in $work"
