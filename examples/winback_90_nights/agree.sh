#!/usr/bin/env bash
# Whether `wayfare explain` tells of every member what the nights then did.
#
#   agree.sh WORK [NIGHT ...]     plays the ninety nights into WORK; before each of these nights (`all`:
#                                 every one) everyone is explained, and afterwards held against what was
#                                 published; after the last night, against the ledger
#
# What is told and what was done come together in SQLite only: the explanations as JSON on one side,
# actions.csv, suppressed.csv, manifest.json and the ledger on the other. With SPOIL=1 some of what is
# told is spoiled, which must be found.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$1; shift
mkdir -p "$work/told"
real=${WAYFARE:-wayfare}

# Stands in for wayfare: explains everyone before the night is run. A night that is held is decided
# again by its approval, later in the day: it is not this one.
cat >"$work/wayfare" <<END
#!/usr/bin/env bash
night=\$(sed -n 's/.*--as-of \([0-9-]*\).*/\1/p' <<<"\$*")
told=$work/told/\$night.jsonl
case "\$1 ${*:-} " in
run*" all "* | run*" \$night "*)
    cut -d, -f1 $work/data/members.csv | tail -n +2 |
        "$real" explain --members-from - rules.way --data $work/data --as-of \$night \\
            --state $work/shop.db --format json >\$told || exit 99 ;;
esac
"$real" "\$@" && exit 0
code=\$?
rm -f "\$told"
exit \$code
END
chmod +x "$work/wayfare"
WAYFARE=$work/wayfare bash "$here/run.sh" "$work" >"$work/summary.txt"
last=$(ls "$work/out" | tail -1)
cut -d, -f1 "$work/data/members.csv" | tail -n +2 |
    (cd "$here" && "$real" explain --members-from - rules.way --data "$work/data" --as-of "$last" \
        --state "$work/shop.db" --format json) >"$work/told/after.jsonl"

differences() { # SQL PARAMETERS...: prints what differs, at most a few of each
    sqlite3 -batch :memory: "$@" | head -20
}

bad=0
for told in "$work"/told/*.jsonl; do
    night=$(basename "$told" .jsonl)
    [ -z "${SPOIL:-}" ] || sed -i 's/"gate":"cap"/"gate":"reach"/' "$told"
    if [ "$night" = after ]; then
        "$real" log --state "$work/shop.db" --actions --json >"$work/log.json"
        said=$(differences ".mode list" ".import --csv $work/data/members.csv m" "create table log as select readfile('$work/log.json') as j" \
            "create table t(j)" ".mode ascii" ".separator \"\\037\" \"\\n\"" ".import $told t" ".mode list" ".read $here/agree_ledger.sql")
    else
        out=$work/out/$night
        said=$(differences ".import --csv $out/actions.csv a" ".import --csv $out/suppressed.csv s" \
            "create table t(j)" ".mode ascii" ".separator \"\\037\" \"\\n\"" ".import $told t" ".mode list" \
            "create table manifest as select readfile('$out/manifest.json') as j" ".read $here/agree.sql")
    fi
    [ -z "$said" ] || { echo "$night:"; echo "$said"; bad=1; }
    rm -f "$told"
    nights=$((${nights:-0} + 1))
done
[ $bad = 0 ] || { echo "explain does not agree with what was done" >&2; exit 1; }
echo "winback_90_nights: explain agrees on $nights nights for each of $(($(wc -l <"$work/data/members.csv") - 1)) members"
