#!/usr/bin/env bash
# How the program behaves towards whoever calls it: each exit code of the manual, help, options in any
# place, no colour, a standard output that cannot be written, an interrupt.
set -u
[ -x "${WAYFARE:-}" ] || { echo "conventions.sh: WAYFARE must name the program"; exit 70; }
root=$PWD
scratch=$(mktemp -d) || exit 70
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC LANGUAGE=
w=$WAYFARE
cd "$scratch" && cp -r "$root/examples/first_week" shop && cd shop || exit 70
passed=0 failed=0

expect() { # CODE WHAT COMMAND...: and, but for success, that it says something on standard error
    local want=$1 what=$2 got; shift 2
    "$@" >said 2>error </dev/null; got=$?
    if [ "$got" -eq "$want" ] && { [ "$want" -le 1 ] || [ -s error ]; }; then
        passed=$((passed + 1))
    else
        echo "FAILED $what: exit $got, not $want"; head -5 said error; failed=$((failed + 1))
    fi
}
holds() { # WHAT COMMAND...
    local what=$1; shift
    if "$@"; then passed=$((passed + 1)); else echo "FAILED $what"; failed=$((failed + 1)); fi
}
night() { # DATE STATE [OPTIONS]
    local date=$1 state=$2; shift 2
    "$w" run rules.way --data "data/$date" --as-of "$date" --state "$state" --out "${state%.db}.out" "$@"
}

# ---- exit codes ----

printf 'import std.retail\nwhen joned+7d then send coupon\n' >bad.way
cp rules.way other.way && echo 'segment new is joined within last 9d' >>other.way
ln -s rules.way link.way && mkfifo pipe.way
printf 'import std.retail\nsegment a is not (tier = "gold")\ntrigger t when member becomes a then tag "a"\n' >warns.way
sed 's/joined+7d/joined+8d/' rules.way >late.way && cp rules.way formed.way && "$w" fmt formed.way
echo 'segment a is' >broken.way
"$w" init --state s.db >/dev/null && "$w" init --state held.db >/dev/null && "$w" init --state locked.db >/dev/null
expect 0 'a night' night 2026-11-17 s.db
expect 0 'the same night again' night 2026-11-17 s.db
expect 1 'findings' "$w" check bad.way
expect 1 'a file that would change' "$w" fmt --check bad.way
expect 64 'no file' "$w" check
expect 64 'no such command' "$w" chek
expect 64 'no such option' "$w" check --no-such rules.way
expect 64 'no such language' "$w" check --lang fr rules.way
expect 65 'an earlier night' night 2026-11-16 s.db
printf '\n' >>data/2026-11-17/members.csv; printf 'x,y\n' >>data/2026-11-17/orders.csv
expect 65 'the same night from other exports' night 2026-11-17 s.db
expect 66 'no state' night 2026-11-18 none.db
expect 66 'no rules' "$w" check none.way
expect 66 'no exports' "$w" run rules.way --data none --as-of 2026-11-18 --state s.db --out s.out
expect 70 'ever less memory' bash -c 'for ((kb = 40000; kb > 0; kb -= 250)); do
    (ulimit -v $kb; exec "$@") || exit; done' - "$w" check rules.way
expect 74 'a damaged state' bash -c 'head -c 9000 s.db >half.db; exec "$@"' - "$w" status --state half.db
exec 8<>locked.db && flock 8
expect 75 'a state that is held' night 2026-11-18 locked.db
exec 8>&-
expect 77 'a symbolic link' "$w" check link.way
expect 77 'a pipe' "$w" check pipe.way
expect 78 'rules with errors' "$w" run bad.way --data data/2026-11-18 --as-of 2026-11-18 --state s.db --out s.out
expect 78 'a file that is no state' "$w" status --state rules.way
expect 0 'warnings' "$w" check warns.way
expect 1 'warnings, strictly' "$w" check --strict warns.way
for form in json sarif github gitlab junit; do
    expect 0 "no findings as $form" "$w" check --format $form rules.way
    expect 1 "findings as $form" "$w" check --format $form bad.way
done
expect 1 'exports that lack a feed' "$w" check --data . rules.way
expect 64 'no such form' "$w" check --format xml rules.way
expect 0 'tests that hold' "$w" test rules.way
expect 1 'tests that do not hold' "$w" test late.way
expect 1 'too little seen by tests' "$w" test --min-coverage 100 other.way
expect 64 'no test of that name' "$w" test --filter nothing rules.way
expect 66 'no rules to test' "$w" test none.way
expect 78 'tests of rules with errors' "$w" test bad.way
expect 0 'nothing to format' "$w" fmt --check formed.way
expect 66 'no rules to format' "$w" fmt none.way
expect 78 'what cannot be formatted' "$w" fmt broken.way
expect 0 'a new project' "$w" new project
expect 64 'a project where something is' "$w" new project
expect 64 'a project nowhere' "$w" new
expect 80 'too many actions' night 2026-11-22 held.db --max-actions 1

# ---- help and options ----

"$w" help --table >commands
while IFS=$'\t' read -r command _ usage; do
    expect 0 "$command --help" "$w" "$command" --help
    holds "$command --help is on standard output" grep -q "^usage: wayfare $command" said
    expect 0 "help $command" "$w" help "$command"
    expect 0 "$command --help --lang zh" "$w" "$command" --help --lang zh
    holds "$command --help speaks Chinese" grep -q '^用法：wayfare' said
    expect 74 "$command --help to a full disk" bash -c '"$@" >/dev/full' - "$w" "$command" --help
done <commands
holds 'a dash is standard input' bash -c '"$1" check - <rules.way | grep -q "^-: ok"' - "$w"
cp rules.way ./--strict
expect 0 'options end at --' "$w" check -- --strict
expect 0 'options before operands' "$w" check --strict rules.way
expect 0 'options behind operands' "$w" check rules.way --strict
expect 0 'a value behind =' "$w" check --format=json rules.way
holds 'no colours on a terminal with NO_COLOR' bash -c \
    '! NO_COLOR=1 script -qec "$1 check bad.way" /dev/null </dev/null | grep -q $'"'\\x1b'" - "$w"
holds 'colours on a terminal' bash -c \
    'env -u NO_COLOR TERM=xterm script -qec "$1 check bad.way" /dev/null </dev/null | grep -q $'"'\\x1b'" - "$w"
night 2026-11-18 s.db --quiet >said 2>&1
holds '--quiet says nothing' [ ! -s said ]

# ---- a standard output that cannot be written ----

to_full() { # COMMAND...: what it prints cannot be kept
    expect 74 "$1 ${2:-} to a full disk" bash -c '"$@" >/dev/full' - "$w" "$@"
    expect 74 "$1 ${2:-} to a closed output" bash -c '"$@" >&-' - "$w" "$@"
}
to_full check rules.way
to_full check bad.way
to_full check --format json rules.way
to_full test rules.way
to_full fmt --check bad.way
to_full dump rules.way
to_full explain --member 1002 rules.way --data data/2026-11-19 --as-of 2026-11-19 --state s.db
to_full status --state s.db
to_full status --json --state s.db
to_full log --state s.db
to_full claim --state s.db --out s.out
to_full pause all --state s.db
expect 74 'resume to a full disk' bash -c '"$@" >/dev/full' - "$w" resume all --state s.db
to_full version
to_full help E0113
expect 74 'init to a full disk' bash -c '"$@" >/dev/full' - "$w" init --state full.db
expect 74 'a night to a full disk' bash -c '"$@" >/dev/full' - "$w" run rules.way --data data/2026-11-19 \
    --as-of 2026-11-19 --state s.db --out s.out
expect 0 'which has happened all the same' night 2026-11-19 s.db
holds 'a reader that goes away is told of' bash -c \
    '{ "$1" help; echo "exit $?" >code; } 2>error | exec 0<&-; sleep 0.1; grep -q "exit 74\|exit 0" code' - "$w"

# ---- an interrupt ----

awk 'BEGIN { print "member_id,joined"; for (i = 0; i < 300000; i++)
    printf "m%06d,2026-11-%02d\n", i, 1 + i % 20 }' >members.csv
mkdir big && mv members.csv big/
echo 'member_id,at,amount' >big/orders.csv
awk 'BEGIN { for (i = 0; i < 300000; i += 3) printf "m%06d,2026-11-%02d 10:00:00,12.50\n", i, 2 + i % 19 }' >>big/orders.csv
big() { "$w" run rules.way --data big --as-of 2026-11-21 --state "$1.db" --out "$1.out" --quiet; }
"$w" init --state whole.db >/dev/null && big whole
cut_short=0
for delay in 0.02 0.05 0.1 0.2 0.3; do
    "$w" init --state cut.db >/dev/null
    timeout --signal INT "$delay" "$w" run rules.way --data big --as-of 2026-11-21 --state cut.db --out cut.out --quiet \
        >/dev/null 2>&1
    [ $? -eq 124 ] && cut_short=$((cut_short + 1))
    expect 0 "the run after an interrupt at $delay s" big cut
    holds "its files are the same" diff -r -x manifest.json whole.out/2026-11-21 cut.out/2026-11-21 -x PUBLISHED
    rm -rf cut.db cut.out
done
holds 'some runs were cut short' [ $cut_short -gt 0 ]

# ---- progress ----

printf 'import std.retail\nwhen joined+7d then send coupon\n' >slow.way
"$w" init --state slow.db >/dev/null
slowly='{ head -1000 big/members.csv; sleep 1; tail -n +1001 big/members.csv; } |
    "$0" run slow.way --data - --as-of 2026-11-21 --state slow.db --out slow.out --dry-run'
holds 'a terminal sees how far a night is' bash -c \
    'script -qec "bash -c '"'\$1'"' $2" /dev/null </dev/null | grep -q "reading: [0-9]* rows"' - "$slowly" "$w"
bash -c "$slowly" "$w" >said 2>error
holds 'a file does not' bash -c '! grep -q reading: said error'

echo "conventions: $passed passed, $failed failed"
[ $failed -eq 0 ]
