#!/usr/bin/env bash
# The commands in the templates, run where they should pass and where they should not.
set -u
here=$(cd "$(dirname "$0")" && pwd)
[ -x "${WAYFARE:-}" ] || { echo "test.sh: WAYFARE must name the program"; exit 70; }
scratch=$(mktemp -d) || exit 70
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin" && ln -s "$WAYFARE" "$scratch/bin/wayfare"
export PATH=$scratch/bin:$PATH LC_ALL=C.UTF-8 NO_COLOR=1 LANGUAGE= GITHUB_BASE_REF=main GITHUB_STEP_SUMMARY=$scratch/summary
cd "$scratch" || exit 70
failed=0
wrong() { echo "examples/ci: $1"; [ ! -s said ] || head -5 said; failed=1; }

# The commands of a template that are wayfare's (or prepare one of them), one a line.
commands() {
    case $1 in
    github.yml) sed -nE 's/^ +(run: )?((wayfare|git) .*)/\2/p' "$here/$1" ;;
    gitlab.yml) sed -nE 's/^ +- (wayfare .*)/\1/p' "$here/$1" ;;
    check.sh) sed -n '/^wayfare /p' "$here/$1" ;;
    *.pre-commit* | pre-commit.yml) sed -nE 's/^ *entry: (wayfare .*)/\1 rules.way/p' "$here/$1" ;;
    esac
}

# A project of its own, with a history as a pull request has; the edit is made in its rules.
project() { # NAME SED-SCRIPT
    wayfare new "$1" >/dev/null && cd "$1" || exit 70
    git init --quiet && git add --all &&
        git -c user.name=t -c user.email=t commit --quiet --message first && git branch --force origin/main &&
        git update-ref refs/remotes/origin/main HEAD
    sed -i "$2" rules.way
}

play() { # TEMPLATE PROJECT SED-SCRIPT EXPECTED: the commands that may fail, by their first words
    local got=
    rm -rf "$scratch/$2"
    project "$2" "$3"
    while IFS= read -r command; do
        if ! bash -c "$command" >../said 2>&1; then
            got+="$(cut -d' ' -f1-2 <<<"$command"); "
            [ -s ../said ] || { cd ..; wrong "$1 in $2: says nothing: $command"; cd "$2" || exit 70; }
        fi
    done < <(commands "$1")
    cd ..
    [ "$got" = "$4" ] || wrong "$1 in $2: failed: '$got', not '$4'"
}

for template in github.yml gitlab.yml check.sh; do
    [ "$(commands $template | wc -l)" -ge 3 ] || wrong "$template has no commands"
    play $template good '' ''
    case $template in
    github.yml) failing='wayfare check; wayfare test; wayfare diff; ' ;;
    gitlab.yml) failing='wayfare test; wayfare check; wayfare test; ' ;;
    *) failing='wayfare check; wayfare test; ' ;;
    esac
    play $template mistake 's/joined + 7d/jonied + 7d/' "$failing"
    play $template untested 's/older than 90d/older than 95d/' 'wayfare test; '
    play $template crooked 's/^  valid 14d/     valid   14d/' 'wayfare fmt; '
done
play pre-commit.yml good '' ''
play pre-commit.yml mistake 's/joined + 7d/jonied + 7d/' 'wayfare check; '
for hook in $(sed -nE 's/^ *entry: wayfare ([a-z]+).*/\1/p' "$here/../../.pre-commit-hooks.yaml"); do
    wayfare "$hook" --help >/dev/null || wrong "hook $hook"
done

# What they leave for the machines is whole, and annotations name file and line.
cd mistake || exit 70
wayfare check --data data --format github rules.way | grep -q '^::error file=rules.way,line=42,' || wrong 'no annotation'
for made in findings.sarif codequality.json; do
    bash -c "$(commands github.yml | grep sarif; commands gitlab.yml | grep codequality)" 2>/dev/null
    python3 -c 'import json, sys; json.load(open(sys.argv[1]))' $made 2>/dev/null || ! command -v python3 >/dev/null || wrong "$made is no JSON"
done
cd ..
grep -q . summary || wrong 'no summary of the change'
if python3 -c 'import yaml' 2>/dev/null; then
    for template in "$here"/*.yml "$here/../../.pre-commit-hooks.yaml"; do
        python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))' "$template" || wrong "$template is no YAML"
    done
fi
[ $failed = 0 ] && echo "templates for CI: as expected"
exit $failed
