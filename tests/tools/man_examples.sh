#!/usr/bin/env bash
# The examples of the manual pages: each page's run in a copy of examples/first_week, in its language,
# and must say what the page says. --accept writes what came instead.
#
#   man_examples.sh [--accept] PAGE.LANG.scd ...
set -u
accept=
[ "${1:-}" = --accept ] && accept=1 && shift
[ -x "${WAYFARE:-}" ] || { echo "man_examples.sh: WAYFARE must name the program"; exit 70; }
root=$PWD
scratch=$(mktemp -d) || exit 70
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" && ln -s "$WAYFARE" "$scratch/bin/wayfare"
export LC_ALL=C.UTF-8 PATH=$scratch/bin:$PATH NO_COLOR=1 TZ=UTC WAYFARE_LOCALE_DIR=${WAYFARE%/*}/locale
passed=0 failed=0

# The page with each line after "$ " in a literal block followed by what it prints. The id of a plan is
# of the rules' compiled form: the page's gives way to the one that was printed last.
play() { # PAGE
    local line literal= plan= ran
    while IFS= read -r line; do
        case $line in
        '```') [ -z "$literal" ] && literal=1 || literal=
            printf '%s\n' "$line" ;;
        '$ '*) [ -z "$plan" ] || line=$(sed -E "s/--plan [0-9a-f]{12}/--plan $plan/" <<<"$line")
            printf '%s\n' "$line"
            [ -n "$literal" ] || continue
            ran=$(bash -c "${line#??}" 2>&1 </dev/null; echo .)
            printf '%s' "${ran%.}"
            plan=$(grep -oE -m1 -- '--plan [0-9a-f]{12}' <<<"$ran" | cut -d' ' -f2) ;;
        *) [ -n "$literal" ] || printf '%s\n' "$line" ;;
        esac
    done <"$1"
}

same() { cmp -s <(sed -E 's/\b[0-9a-f]{12}\b/PLAN/g' "$1") <(sed -E 's/\b[0-9a-f]{12}\b/PLAN/g' "$2"); }

for page in "$@"; do
    case $page in
    *.zh.scd) export LANGUAGE=zh_CN ;;
    *) export LANGUAGE=en ;;
    esac
    rm -rf "$scratch/work" && cp -r "$root/examples/first_week" "$scratch/work"
    (cd "$scratch/work" && play "$root/$page") >"$scratch/got"
    if same "$page" "$scratch/got"; then
        passed=$((passed + 1))
    elif [ -n "$accept" ]; then
        cp "$scratch/got" "$page"; echo "accepted $page"; passed=$((passed + 1))
    else
        echo "FAILED $page"; diff -u "$page" "$scratch/got" | head -40; failed=$((failed + 1))
    fi
done
while IFS=$'\t' read -r command _; do
    for lang in en zh; do
        case " $* " in
        *"/$command.$lang.scd "*) ;;
        *) echo "FAILED the command $command has no page runtime/cli/pages/$command.$lang.scd"
            failed=$((failed + 1)) ;;
        esac
    done
done < <(wayfare help --table)
echo "manual pages: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
