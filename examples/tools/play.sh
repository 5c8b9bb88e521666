# Sourced by an example's test.sh:
#
#   . "$(dirname "$0")/../tools/play.sh"
#   play --members 5000 --first 2026-03-01 --nights 30 [--more make.awk] "$@"
#
# Makes the chain's tables (chain.awk; `--more`: a program of the example that adds feeds to the same
# folder), runs rules.way night by night over what each night knows, and compares what came with
# expected/: what left and what was stopped, the segments and the figures of the last night, and the
# digest of its files. `--accept` writes what came instead, `--keep FOLDER` works there and keeps it.
# Where there is a figures.sql, its answers over the last night's exports must be that night's
# metrics.csv; where there is a promises.sql, it must answer nothing. An example may also define `judge WORK`, which looks at all nights with SQL, and
# `after_night WORK NIGHT`, which carries out in WORK/year what left that night, and `look WORK`, whose words go
# into the summary. Lists that the house keeps beside its rules lie in tables/: tests read them there, every
# night has them whole.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$here/../tools" && pwd)
wayfare=${WAYFARE:-wayfare}

next_day() { date -u -d "$1 + 1 day" +%F; }

# What was known when NIGHT began: rows of earlier days, members who had joined.
cut_night() { # YEAR NIGHT FOLDER
    mkdir -p "$3"
    for table in "$1"/*.csv; do
        case $table in
        */members.csv) awk -F, -v night="$2" 'NR == 1 || $3 < night' "$table" ;;
        */whole_*) cat "$table" ;; # said whole every night
        *) awk -F, -v night="$2" 'NR == 1 { print; next } $2 >= night { exit } { print }' "$table" ;;
        esac >"$3/$(basename "${table/whole_/}")"
    done
}

# The folder of the rules of a night; an example whose rules change says so itself.
rules_of() { echo "$here"; } # WORK NIGHT

run_nights() { # WORK FIRST NIGHTS [RULES-FOLDER]
    local night=$2
    "$wayfare" init --state "$1/shop.db" >/dev/null
    for _ in $(seq "$3"); do
        cut_night "$1/year" "$night" "$1/exports"
        # The rules are named from their own folder, so that the bytes do not depend on the machine.
        (cd "${4:-$(rules_of "$1" "$night")}" && "$wayfare" run rules.way --data "$1/exports" --as-of "$night" --state "$1/shop.db" \
            --out "$1/out" --quiet) >"$1/log" 2>&1 || { status=$?; echo "night $night:"; cat "$1/log"; return $status; } >&2
        ! declare -F after_night >/dev/null || after_night "$1" "$night"
        last=$night night=$(next_day "$night")
    done
}

# All nights' rows of one file, with the night before them.
gather() { # WORK FILE
    awk -F, 'FNR == 1 { if (NR == 1) print "night," $0; n = split(FILENAME, part, "/"); next }
             { print part[n - 1] "," $0 }' "$1"/out/*/"$2" >"$1/$2"
}

summary() { # WORK
    echo "what left, by rule:"
    sqlite3 :memory: ".import --csv $1/actions.csv a" ".mode list" ".separator ' '" "
        select printf('%7d', count(*)), kind || rtrim(' ' || name), 'by', rule, 'on', count(distinct night), 'nights'
        from a group by rule, kind, name order by rule, kind, name"
    echo "what was stopped, by gate and rule:"
    sqlite3 :memory: ".import --csv $1/suppressed.csv s" ".mode list" ".separator ' '" "
        select printf('%7d', count(*)), gate, rule from s group by gate, rule order by gate, rule"
    for file in segments metrics; do
        [ ! -f "$1/out/$last/$file.csv" ] || { echo "$file of $last:"; cat "$1/out/$last/$file.csv"; }
    done
    ! declare -F look >/dev/null || look "$1"
    echo "files of $last:"
    (cd "$1/out/$last" && sha256sum actions.csv suppressed.csv)
}

# What a file of SQL answers; it finds raw_TABLE for each export of the last night, `night` (its date), and
# what left and what was stopped on all nights as `actions` and `suppressed`, each with its night.
ask() { # WORK FILE
    local imports=() table
    for table in "$1"/exports/*.csv; do
        imports+=(".import --csv $table raw_$(basename "$table" .csv)")
    done
    sqlite3 :memory: "${imports[@]}" ".import --csv $1/actions.csv actions" ".import --csv $1/suppressed.csv suppressed" \
        "create table night as select '$last' as date" ".mode csv" ".read $2"
}

# figures.sql answers metric, group, value, members.
judge_figures() { # WORK
    ask "$1" "$here/figures.sql" >"$1/sql.csv"
    sqlite3 :memory: ".import --csv $1/out/$last/metrics.csv m" ".mode csv" \
        'select metric, "group", value, members from m order by 1, 2' >"$1/way.csv"
    diff -u "$1/sql.csv" "$1/way.csv" >&2 || { echo "other figures than SQL computes" >&2; return 1; }
}

# promises.sql answers what the practice promises never to do: a row for each time it was done.
judge_promises() { # WORK
    ask "$1" "$here/promises.sql" >"$1/broken.csv"
    [ ! -s "$1/broken.csv" ] || { head -20 "$1/broken.csv" >&2; echo "promises broken" >&2; return 1; }
}

play() {
    local members=5000 first=2026-03-01 nights=30 more= accept= work= option table lists=
    while [ $# -gt 0 ]; do
        option=$1; shift
        case $option in
        --accept) accept=1 ;;
        --keep) work=$1; shift ;;
        --more) more=$here/$1; shift ;;
        --members | --first | --nights) printf -v "${option#--}" %s "$1"; shift ;;
        *) echo "test.sh: no option $option" >&2; return 64 ;;
        esac
    done
    [ -n "$work" ] || { work=$(mktemp -d); trap 'rm -rf "'"$work"'"' EXIT; }
    mkdir -p "$work/year"
    for table in "$here"/tables/*.csv; do # lists that the house keeps beside its rules
        [ ! -f "$table" ] || { lists=$here/tables && cp "$table" "$work/year/whole_$(basename "$table")"; }
    done
    "$wayfare" test --quiet --min-coverage 100 ${lists:+--data "$lists"} "$here/rules.way"
    awk -v dir="$work/year" -v members="$members" -v first="$first" -v nights="$nights" \
        -f "$tools/dice.awk" -f "$tools/chain.awk" ${more:+-f "$more"}
    run_nights "$work" "$first" "$nights"
    gather "$work" actions.csv
    gather "$work" suppressed.csv
    summary "$work" >"$work/summary.txt"
    [ -z "$accept" ] || { mkdir -p "$here/expected" && cp "$work/summary.txt" "$here/expected/"; }
    diff -u "$here/expected/summary.txt" "$work/summary.txt"
    [ -z "$(cut -d, -f2 "$work/actions.csv" | sort | uniq -d)" ] || { echo "an action left twice" >&2; return 1; }
    [ ! -f "$here/figures.sql" ] || judge_figures "$work"
    [ ! -f "$here/promises.sql" ] || judge_promises "$work"
    ! declare -F judge >/dev/null || judge "$work"
    echo "$(basename "$here"): $nights nights as expected"
}
