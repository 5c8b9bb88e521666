#!/usr/bin/env bash
# Plays a timeline: rules, exports and nights in one text; prints what each night did, in order.
#
#   @# WORDS                  said in the output
#   @rules [FILE]             the lines that follow are the rules from now on; `import std.retail` is
#                             put above them unless they import something themselves
#   @file NAME                the lines that follow are this export from now on
#   @add NAME                 ... are added to it
#   @gone NAME                the export is not there any more
#   @night DATE [DATE ...] [-- OPTIONS]      runs these nights; FIRST..LAST is every night between
#   @do COMMAND ARGUMENTS     `wayfare COMMAND` on this state, its output said
#   @action MEMBER KIND[:NAME] [--rule RULE] ...   `wayfare explain --action` of the member's first such action
#
# An action reads `member: kind name [via channel] ["text"] [between] [journey / step]`, one that was
# stopped `member: ... ! gate, why`. Times are said where they are not the day's 09:00 to 21:00.
set -u
: "${WAYFARE:?}"
work=$(mktemp -d) || exit 70
trap 'rm -rf "$work"' EXIT
input=$(realpath "$1")
cd "$work" || exit 70
mkdir data
"$WAYFARE" init --state shop.db >/dev/null || exit 70

rules_end() { # what was gathered becomes rules.way
    grep -q '^import' rules.new || echo 'import std.retail' >rules.way.new
    cat rules.new >>rules.way.new && mv rules.way.new rules.way && rm rules.new
}

show() { # DATE FILE STOPPED
    [ -f "out/$1/$2" ] || return
    sqlite3 -batch :memory: ".import --csv out/$1/$2 a" "
        select '  ' || member_id || ': ' || kind || rtrim(' ' || name)
            || case when coupon not in ('', name) then ' with ' || coupon else '' end
            || case when channel <> '' then ' via ' || channel else '' end
            || case when text <> '' then ' \"' || text || '\"' else '' end
            || case when owner <> '' then ' by ' || owner else '' end
            || case when kind = 'task' and due <> '' then ' due ' || substr(due, 1, 10) else '' end
            || case when not_before in ('', '$1T09:00:00' || substr(not_before, 20)) then ''
                    else ' from ' || substr(not_before, 6, 11) end
            || case when not_after in ('', '$1T21:00:00' || substr(not_after, 20)) then ''
                    else ' until ' || substr(not_after, 6, 11) end
            || case when journey <> '' then ' [' || rtrim(journey || ' / ' || step, ' /') || ']' else '' end
            || $3
        from a" 2>/dev/null
}

night() { # DATE
    local code out again=
    [ -d "out/$1" ] && again=" again"
    out=$("$WAYFARE" run rules.way --data data --as-of "$1" --state shop.db --out out --quiet --accept-repeat "${options[@]}" 2>&1)
    code=$?
    [ $code -eq 0 ] || again=" -> $code"
    echo "$1$again"
    [ -z "$out" ] || sed 's/^/  | /' <<<"$out"
    [ -z "$again" ] || return
    show "$1" actions.csv "''"
    show "$1" suppressed.csv "' ! ' || gate || ', ' || substr(reason, instr(reason, '; stopped: ') + 11)"
}

action() { # MEMBER KIND[:NAME] [--rule RULE] OPTIONS
    local member=$1 kind=$2 rule=% name=
    [[ $kind == *:* ]] && name=${kind#*:} kind=${kind%%:*}
    shift 2
    [ "${1:-}" = --rule ] && rule=$2% && shift 2
    "$WAYFARE" log --member "$member" --json --state shop.db >log.json
    local id=$(sqlite3 -batch :memory: "select value->>'action_id' from json_each(readfile('log.json'))
        where value->>'kind' = '$kind' and value->>'name' like '${name:-%}' and replace(value->>'rule', 'journey ', '') like '$rule' order by key limit 1")
    rm log.json
    echo "\$ wayfare explain --action ($member $kind${name:+ $name}) rules.way $*"
    "$WAYFARE" explain --action "$id" rules.way --state shop.db "$@" 2>&1 | sed "s/^/  | /; s/$id/ID/g"
}

nights() {
    options=()
    local dates=()
    while [ $# -gt 0 ]; do
        [ "$1" = -- ] && shift && options=("$@") && break
        dates+=("$1"); shift
    done
    for date in "${dates[@]}"; do
        local day=${date%..*} last=${date#*..}
        while [[ ! $day > $last ]]; do
            night "$day"
            day=$(date -u -d "$day + 1 day" +%F)
        done
    done
}

into=/dev/null section=
while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line != @* ]]; then printf '%s\n' "$line" >>"$into"; continue; fi
    [ "$section" = rules ] && rules_end
    read -r section rest <<<"${line#@}"
    into=/dev/null
    case $section in
    '#') echo "# $rest" ;;
    rules) into=rules.new; : >"$into" ;;
    file) into=data/$rest; : >"$into" ;;
    add) into=data/$rest ;;
    gone) rm "data/$rest" ;;
    night) read -ra words <<<"$rest"; nights "${words[@]}" ;;
    action) read -ra words <<<"$rest"; action "${words[@]}" ;;
    do) read -ra words <<<"$rest"
        echo "\$ wayfare $rest"
        "$WAYFARE" "${words[@]}" --state shop.db 2>&1 | sed 's/^/  | /' ;;
    *) echo "what is @$section?"; exit 64 ;;
    esac
done <"$input"
