#!/usr/bin/env bash
# Every module of the library says what it is for, in English and in Chinese, and what it reads; and
# some example uses it, itself or through the module that brings it along.
set -eu
[ -x "${WAYFARE:-}" ] || { echo "stdlib_test.sh: WAYFARE must name the program"; exit 70; }
bad=0 seen=0
fail() { echo "FAILED $1"; bad=1; }

used() { # MODULE
    local by
    grep -qrE "^(导出 |export )?(import|引入) $1(\.zh)?\$" examples/*/*.way && return
    for by in $(grep -lE "^(导出 |export )?(import|引入) $1\$" stdlib/*.way); do
        by=std.$(basename "$by" .way)
        [ "$by" = "$1.zh" ] || ! used "$by" || return 0
    done
    return 1
}

for module in $("$WAYFARE" help std --table); do
    seen=$((seen + 1))
    file=stdlib/${module#std.}.way
    [ -f "$file" ] || fail "$module: no $file"
    case $module in
    *.zh) head -1 "$file" | grep -qP "^# $module：.*\p{Han}" || fail "$module: does not say in Chinese what it is for" ;;
    *)
        [ -f "stdlib/${module#std.}.zh.way" ] || fail "$module: has no Chinese twin"
        head -1 "$file" | grep -qE "^# $module: [^ ]" || fail "$module: does not say what it is for"
        used "$module" || fail "$module: no example uses it"
        ;;
    esac
    for lang in en zh; do
        said=$("$WAYFARE" help "$module" --lang $lang)
        [ "$(grep -cE '\.csv +[^ ]' <<<"$said")" -gt 0 ] || fail "$module: does not say in $lang what it reads"
        ! grep -qE '^  (test|测试) ' <<<"$said" || fail "$module: shows its tests in $lang"
    done
done
[ "$seen" -eq "$(ls stdlib/*.way | wc -l)" ] || fail "$seen modules are listed"
[ $bad = 0 ] && echo "library: $seen modules documented in both languages and used"
exit $bad
