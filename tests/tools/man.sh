#!/usr/bin/env bash
# Writes the manual pages: from the table of commands, the table of each command's options, and what
# runtime/cli/pages/COMMAND.LANG.scd tells beside them.
#
#   man.sh FOLDER      FOLDER/man1/wayfare-check.1, FOLDER/zh_CN/man1/wayfare-check.1, ...
#
# WAYFARE is the program, VERSION its version.
set -eu
pages=runtime/cli/pages
export LC_ALL=C.UTF-8 LANGUAGE=

plain() { sed 's/[\\_*]/\\&/g'; } # nothing of it is meant for scdoc

headings() { # LANG
    case $1 in
    en) manual=lang/REFERENCE.md rules="the language of Wayfare's rules" description=DESCRIPTION
        name=NAME synopsis=SYNOPSIS options=OPTIONS commands=COMMANDS examples=EXAMPLES see='SEE ALSO' title='Wayfare manual' ;;
    zh) manual=lang/REFERENCE.zh.md rules='Wayfare 规则的语言' description=描述
        name=名称 synopsis=概要 options=选项 commands=命令 examples=示例 see=另请参阅 title='Wayfare 手册' ;;
    esac
}

option_list() { # COMMAND LANG
    "$WAYFARE" "$1" --help=table --lang "$2" | plain | tr '\t' '\037' | while IFS=$'\037' read -r option _ value help; do
        printf '*%s*%s\n\t%s\n\n' "$option" "${value:+ $value}" "$help"
    done
}

part() { # before|behind FILE: of the line that begins the examples
    [ -f "$2" ] || return 0 # a test asks for it
    awk -v which="$1" -v at="# $examples" '
        $0 == at { found = 1 }
        /^```/ { literal = !literal }
        literal { gsub(/\\/, "&&") }
        (which == "before") != (found == 1)' "$2"
}

page() { # COMMAND SUMMARY USAGE LANG
    printf 'wayfare-%s(1) "wayfare %s" "%s"\n\n' "$1" "$VERSION" "$title"
    printf '# %s\n\nwayfare-%s - %s\n\n' "$name" "$1" "$(plain <<<"$2")"
    printf '# %s\n\n*wayfare* %s\n\n' "$synopsis" "$(plain <<<"$3")"
    part before "$pages/$1.$4.scd"
    printf '\n# %s\n\n' "$options"
    option_list "$1" "$4"
    part behind "$pages/$1.$4.scd"
    printf '\n# %s\n\n*wayfare*(1), *wayfare-rules*(5)\n' "$see"
}

overview() { # LANG
    printf 'wayfare(1) "wayfare %s" "%s"\n\n' "$VERSION" "$title"
    sed "/^# $commands\$/q" "$pages/wayfare.$1.scd"
    printf '\n'
    "$WAYFARE" help --table --lang "$1" | plain | while IFS=$'\t' read -r command summary _; do
        printf '*wayfare-%s*(1)\n\t%s\n\n' "$command" "$summary"
    done
    sed "1,/^# $commands\$/d" "$pages/wayfare.$1.scd"
}

for lang in en zh; do
    folder=$1/man1
    [ "$lang" = en ] || folder=$1/zh_CN/man1
    headings "$lang"
    mkdir -p "$folder" "${folder%1}5"
    awk -f tests/tools/man_rules.awk -v head="wayfare-rules(5) \"wayfare $VERSION\" \"$title\"" -v name="$name" \
        -v what="wayfare-rules - $rules" -v description="$description" "$manual" |
        scdoc >"${folder%1}5/wayfare-rules.5"
    overview "$lang" | scdoc >"$folder/wayfare.1"
    "$WAYFARE" help --table --lang "$lang" | while IFS=$'\t' read -r command summary usage; do
        page "$command" "$summary" "$usage" "$lang" | scdoc >"$folder/wayfare-$command.1" ||
            { echo "man.sh: wayfare-$command, $lang" >&2; exit 1; }
    done
done
