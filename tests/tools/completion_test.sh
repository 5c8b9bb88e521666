#!/usr/bin/env bash
# Asks the shells what they would complete.
#
#   completion_test.sh FOLDER bash [zsh] [fish]     the scripts are in FOLDER
#
# A row: the line as typed so far, and what must be among the answers; !word must not be.
set -u
folder=$(realpath "$1"); shift
[ -x "${WAYFARE:-}" ] || { echo "completion_test.sh: WAYFARE must name the program"; exit 70; }
scratch=$(mktemp -d) || exit 70
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" "$scratch/here" && ln -s "$WAYFARE" "$scratch/bin/wayfare"
export PATH=$scratch/bin:$PATH LC_ALL=C.UTF-8
cd "$scratch/here" && mkdir exports && : >rules.way && : >shop.db
bad=0 asked=0

rows='wayfare che|check !test
wayfare |run approve explain help
wayfare check --str|--strict !--format
wayfare check |rules.way
wayfare check --format |text json !rules.way
wayfare run rules.way --data |exports !rules.way
wayfare run rules.way --state sh|shop.db
wayfare fmt --keywords |keep en zh
wayfare pause |all journey trigger
wayfare help exp|explain !check
wayfare help std.r|std.rfm std.retail.zh !std.value
wayfare --lang |en zh
wayfare compile rules.way -|-o --help
wayfare check --lang |en zh'

in_bash() { # LINE
    bash --norc -c '
        source "$1"
        read -ra COMP_WORDS <<<"$2"
        [[ $2 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _wayfare && printf "%s\n" "${COMPREPLY[@]}"' - "$folder/wayfare" "$1"
}

in_fish() { fish --no-config -c "source $folder/wayfare.fish; complete -C'$1'" | cut -f1; }

# zsh completes only at a prompt of its own: it is given a terminal, and what it offers is written down.
in_zsh() {
    : >"$scratch/hits"
    cat >"$scratch/.zshrc" <<'ZSH'
PS1=; fpath=($WF_FOLDER $fpath)
autoload -Uz compinit && compinit -u -d $WF_SCRATCH/dump
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    print -rl -- $hits >>$WF_SCRATCH/hits
    builtin compadd "$@"
}
finished() { print finished >>$WF_SCRATCH/hits; exit }
zle -N finished; bindkey '^X' finished
print ready >>$WF_SCRATCH/hits
ZSH
    cat >"$scratch/drive.zsh" <<'ZSH'
zmodload zsh/zpty
await() { local i; for i in {1..100}; do grep -qx $1 $WF_SCRATCH/hits && return; sleep 0.05; done }
zpty shell "ZDOTDIR=$WF_SCRATCH zsh -i"
await ready
zpty -w -n shell "$1"$'\t'
sleep 0.3
zpty -w -n shell $'\x18'
await finished
zpty -d shell
ZSH
    WF_FOLDER=$folder WF_SCRATCH=$scratch timeout 20 zsh -f "$scratch/drive.zsh" "$1"
    grep -vx 'ready\|finished' "$scratch/hits"
}

for shell in "$@"; do
    command -v "$shell" >/dev/null || { echo "no $shell here"; bad=1; continue; }
    while IFS='|' read -r line want; do
        got=$("in_$shell" "$line")
        for word in $want; do
            asked=$((asked + 1))
            not=; [ "${word#!}" = "$word" ] || { not=1; word=${word#!}; }
            if grep -qxF -e "$word" -e "$word/" <<<"$got"; then found=1; else found=; fi
            [ "$found" = "$not" ] || continue
            echo "FAILED $shell: '$line' ${not:+must not }${not:-must }offer $word; got: $(tr '\n' ' ' <<<"$got" | cut -c1-300)"
            bad=1
        done
    done <<<"$rows"
done
[ $bad -eq 0 ] && echo "completion: $asked answers as expected ($*)"
exit $bad
