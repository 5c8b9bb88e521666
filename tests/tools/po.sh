#!/usr/bin/env bash
# Collects what is said into FILE.pot; lang/base/words.h tells how a text is marked.
#
#   po.sh FILE.pot
set -eu
collect() { # OPTIONS FILES: each call adds to what is there
    xgettext --join-existing --language=C --from-code=UTF-8 --add-location=file --no-wrap -o "$pot" --keyword "$@"
}
pot=$1.new
printf 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n' >"$pot"
tables='lang/syntax/diag_code.def'
collect --keyword=CODE:3 $tables
collect --keyword=CODE:4 $tables
collect --keyword=COMMAND:2 runtime/cli/commands.def
sources=$(git ls-files 'lang/*.[chy]' 'runtime/*.[ch]' | LC_ALL=C sort)
flag() { printf -- '--keyword=%s:%s --flag=%s:%s:c-format ' "$1" "$2" "$1" "$2"; }
collect --keyword=N_ --keyword=wf_word --keyword=wf_word_n:1,2 --keyword=wf_word_in:1c,2 --keyword=count_words:2,3 \
    --flag=wf_word:1:pass-c-format --flag=wf_word_n:1:pass-c-format --flag=wf_word_n:2:pass-c-format \
    $(flag wf_say 2) $(flag wf_diag 4) $(flag wf_diag_label 4) $(flag wf_diag_fix 3) \
    $(flag wf_diag_note 3) $(flag WF_REPORT 5) $(flag wf_fault_set 5) $(flag wf_usage 2) $sources
sed '/^"POT-Creation-Date:/d' "$pot" >"$1"
rm "$pot"
