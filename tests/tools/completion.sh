#!/usr/bin/env bash
# Writes the completion of a shell, from the table of commands and the tables of their options.
#
#   completion.sh bash|zsh|fish
#
# WAYFARE is the program.
set -eu
export LC_ALL=C.UTF-8 LANGUAGE=

# Parted by a sign that, unlike a tab, does not swallow an empty field.
commands() { "$WAYFARE" help --table --lang en | tr '\t' '\037'; } # command, summary, usage
options() { "$WAYFARE" "$1" --help=table --lang en | tr '\t' '\037'; } # --name, kind, value, help

operands() { # COMMAND USAGE: the words that may stand without an option; none: files
    case $1 in
    help) (commands | cut -d$'\037' -f1; echo std; "$WAYFARE" help std --table) | tr '\n' ' ' ;;
    *) grep -qE '(^| )all\|journey NAME\|trigger NAME' <<<"$2" && echo 'all journey trigger' || true ;;
    esac
}

bash_values() { # KIND VALUE
    case $1:$2 in
    choice:*) echo "COMPREPLY=(\$(compgen -W '${2//|/ }' -- \"\$cur\"))" ;;
    text:DIR) echo 'COMPREPLY=($(compgen -d -- "$cur"))' ;;
    text:FILE) echo 'COMPREPLY=($(compgen -f -- "$cur"))' ;;
    *) echo 'COMPREPLY=()' ;;
    esac
}

in_bash() {
    cat <<'HEAD'
# bash completion for wayfare
_wayfare()
{
    local cur prev command='' word options='' words='' i
    COMPREPLY=()
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = && $COMP_CWORD -gt 1 ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
        --lang) ((i++)) ;;
        -*) ;;
        *) command=$word; break ;;
        esac
    done
    [[ $prev == --lang ]] && { COMPREPLY=($(compgen -W 'en zh' -- "$cur")); return; }
    case $command in
HEAD
    commands | while IFS=$'\037' read -r command _ usage; do
        printf '    %s)\n        case $prev in\n' "$command"
        options "$command" | while IFS=$'\037' read -r option kind value _; do
            [ "$kind" = flag ] || [ "$option" = --lang ] ||
                printf '        %s) %s; return ;;\n' "$option" "$(bash_values "$kind" "$value")"
        done
        printf "        esac\n        options='%s'\n" "$(options "$command" | cut -d$'\037' -f1 | tr '\n' ' ')"
        printf "        words='%s'\n        ;;\n" "$(operands "$command" "$usage")"
    done
    printf "    '')\n        words='%s'\n        options='--help --lang --version'\n        ;;\n    esac\n" \
        "$(commands | cut -d$'\037' -f1 | tr '\n' ' ')"
    cat <<'TAIL'
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
    elif [[ $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
    else
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
}
complete -o filenames -F _wayfare wayfare
TAIL
}

quoted() { sed "s/'/'\\\\''/g"; }

zsh_value() { # KIND VALUE
    case $1:$2 in
    flag:*) ;;
    choice:*) echo ":$1:(${2//|/ })" ;;
    text:DIR) echo ':folder:_files -/' ;;
    text:FILE) echo ':file:_files' ;;
    *) echo ":$2: " ;;
    esac
}

in_zsh() {
    printf '#compdef wayfare\n\n_wayfare() {\n    local -a commands\n    commands=(\n'
    commands | while IFS=$'\037' read -r command summary _; do
        printf "        '%s:%s'\n" "$command" "$(quoted <<<"$summary")"
    done
    cat <<'HEAD'
    )
    local context state state_descr line
    typeset -A opt_args
    _arguments -C '--lang[en or zh]:language:(en zh)' '(- *)--help[list the commands]' \
        '(- *)--version[print the version]' '1: :->command' '*:: :->rest'
    case $state in
    command) _describe -t commands command commands ;;
    rest)
        case $words[1] in
HEAD
    commands | while IFS=$'\037' read -r command _ usage; do
        printf '        %s)\n            _arguments -s' "$command"
        options "$command" | while IFS=$'\037' read -r option kind value help; do
            help=$(sed 's/[]:[]/\\&/g' <<<"$help" | quoted)
            printf " \\\\\n                '%s[%s]%s'" "$option" "$help" "$(zsh_value "$kind" "$value")"
        done
        words=$(operands "$command" "$usage")
        [ -n "$words" ] && words="($words)" || words=_files
        printf " \\\\\n                '*:operand:%s'\n            ;;\n" "$words"
    done
    printf '        esac\n        ;;\n    esac\n}\n\n_wayfare "$@"\n'
}

in_fish() {
    echo '# fish completion for wayfare'
    commands | while IFS=$'\037' read -r command summary usage; do
        printf "complete -c wayfare -f -n __fish_use_subcommand -a %s -d '%s'\n" "$command" "$(quoted <<<"$summary")"
        options "$command" | while IFS=$'\037' read -r option kind value help; do
            name=${option#-} way=-s
            [ "${option#--}" = "$option" ] || { name=${option#--} way=-l; }
            case $kind:$value in
            flag:*) takes= ;;
            choice:*) takes="-x -a '${value//|/ }'" ;;
            text:FILE) takes='-r -F' ;;
            text:DIR) takes="-x -a '(__fish_complete_directories)'" ;;
            *) takes=-x ;;
            esac
            printf "complete -c wayfare -n '__fish_seen_subcommand_from %s' %s %s %s -d '%s'\n" "$command" \
                "$way" "$name" "$takes" "$(quoted <<<"$help")"
        done
        words=$(operands "$command" "$usage")
        [ -z "$words" ] ||
            printf "complete -c wayfare -f -n '__fish_seen_subcommand_from %s' -a '%s'\n" "$command" "$words"
    done
    echo "complete -c wayfare -x -n __fish_use_subcommand -l lang -a 'en zh'"
}

"in_$1"
