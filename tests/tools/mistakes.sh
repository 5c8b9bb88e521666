#!/usr/bin/env bash
# Each mistake of a list, made in a correct file: the one finding must stand exactly where the
# mistake was made, say how to mend it, or mend it back to the correct file, byte for byte. A legal
# mistake must make a test fail, for a reason that names its line.
#
#   mistakes.sh FILE LIST
#
#   ## what was done wrong
#   - lines of the correct file (without their indentation)
#   + what stands there instead, the place to be marked between the brackets of mathematicians: ⟦ ⟧
#   @ line              or: the place, marked in another line; without ⟧ it ends in a later one
#   ! CODE [and N]      what `check --strict` must find there, and nothing else (or what follows: N in all)
#   ! test NAME         or: legal, and this test fails because of that line
#   = mends             --fix gives the correct file back
#   = says TEXT         the finding proposes this
set -u
correct=$1 list=$2 bad=0 n=0
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
wrong() { echo "WRONG: $1"; bad=$((bad + 1)); }

# Makes the edit; prints LINE COLUMN ENDLINE ENDCOLUMN of the marked place, in characters.
make_it() { # OLD NEW ELSEWHERE
    LC_ALL=C awk -v old="$1" -v new="$2" -v elsewhere="$3" -v out="$work/shop.way" '
        function bare(s) { sub(/^ +/, "", s); return s }
        function chars(s) { gsub(/[\200-\277]/, "", s); return length(s) }
        # Takes the marks out of the text; c1, c2: the columns that they stood at.
        function unmark(s,    p) {
            marked = 0
            if (p = index(s, "⟦")) { c1 = 1 + chars(substr(s, 1, p - 1)); sub(/⟦/, "", s); marked += 1 }
            if (p = index(s, "⟧")) { c2 = 1 + chars(substr(s, 1, p - 1)); sub(/⟧/, "", s); marked += 2 }
            return s
        }
        { line[NR] = $0 }
        END {
            k = split(old, o, "\n"); m = split(new, w, "\n")
            for (i = 1; i + k - 1 <= NR && !at; i++) {
                for (j = 0; j < k && bare(line[i + j]) == o[j + 1]; j++);
                if (j == k) at = i
            }
            if (!at) { print "the correct file has no such lines" > "/dev/stderr"; exit 1 }
            for (i = 1; i < at; i++) print line[i] > out
            indent = line[at]; sub(/[^ ].*/, "", indent)
            for (j = 1; j <= m; j++) {
                text = indent w[j]
                text = unmark(text)
                if (marked % 2) l1 = at + j - 1
                if (marked > 1) l2 = at + j - 1
                print text > out
            }
            for (i = at + k; i <= NR; i++) print line[i] > out
            if (elsewhere) {
                text = unmark(elsewhere)
                for (i = 1; i <= NR && bare(line[i]) != text; i++);
                indent = length(line[i]) - length(text)
                l1 = i < at ? i : i + m - k
                if (marked > 1) l2 = l1
                c1 += indent; c2 += indent
            }
            print l1, c1, l2 + 0, c2 + 0
        }' "$correct"
}

judge_found() { # CODE PLACE MEND FINDINGS
    local line column end_line end_column place
    read -r line column end_line end_column <<<"$2"
    (cd "$work" && "$WAYFARE" check --strict --format github shop.way) >"$work/found"
    [ "$(wc -l <"$work/found")" = "${4:-1}" ] || wrong "$(wc -l <"$work/found") findings"
    grep -q "title=$1 " "$work/found" || wrong "not found: $1"
    place="line=$line,endLine=$end_line,col=$column,endColumn=$end_column,"
    [ "$end_line" = 0 ] && place="line=$line," # over several lines: where it begins
    grep -q "$place" "$work/found" || wrong "the place is $place"
    grep -q "^shop.way:$line:$column: " "$work/said" || wrong "the place is $line:$column"
    case $3 in
    mends)
        (cd "$work" && "$WAYFARE" check --fix shop.way) >/dev/null
        cmp -s "$correct" "$work/shop.way" || { wrong "--fix gives another file"; diff "$correct" "$work/shop.way"; } ;;
    "says "*)
        grep -qF -- "${3#says }" "$work/said" || wrong "does not say: ${3#says }" ;;
    *) wrong "no mend is asked for" ;;
    esac
}

judge_tested() { # NAME LINE
    (cd "$work" && "$WAYFARE" check --strict shop.way) >"$work/found" || { wrong "check finds something"; cat "$work/found"; }
    (cd "$work" && "$WAYFARE" test --quiet --filter "$1" shop.way) >"$work/found" && wrong "the test passes"
    grep -q "shop.way:$2\b" "$work/found" || wrong "line $2 is not named"
    cat "$work/found"
}

finish() {
    [ -n "$title" ] || return
    n=$((n + 1))
    echo "---- $title"
    local place
    rm -f "$work/shop.way"
    place=$(make_it "${old%$'\n'}" "${new%$'\n'}" "$elsewhere") || { wrong "cannot be made"; return; }
    case $wanted in
    "test "*) judge_tested "${wanted#test }" "${place%% *}" ;;
    *) (cd "$work" && "$WAYFARE" check --strict shop.way) >"$work/said"
       grep -v '^shop.way: ' "$work/said"
       judge_found "${wanted%% *}" "$place" "$mend" "$(sed -n "s/.* and //p" <<<"$wanted")" ;;
    esac
}

title=
while IFS= read -r text; do
    case $text in
    "## "*) finish; title=${text#\#\# } old= new= elsewhere= wanted= mend= ;;
    "- "*) old+=${text#- }$'\n' ;;
    "+ "*) new+=${text#+ }$'\n' ;;
    "@ "*) elsewhere=${text#@ } ;;
    "! "*) wanted=${text#! } ;;
    "= "*) mend=${text#= } ;;
    esac
done <"$list"
finish
echo "$n mistakes, $bad of them not told as they should be"
[ "$bad" -eq 0 ]
