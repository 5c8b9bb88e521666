#!/usr/bin/env bash
# Every message is translated into every language, none is doubtful, and every format takes what the
# English one takes.
#
#   po_check.sh BUILD
set -u
pot=$1/wayfare.pot bad=0
bash tests/tools/po.sh "$pot" || exit 70
for po in lang/po/*.po; do
    msgfmt --check -o /dev/null "$po" 2>"$1/po.said" || { cat "$1/po.said"; bad=1; }
    merged=$1/$(basename "$po").merged
    msgmerge --quiet --no-fuzzy-matching --no-wrap -o "$merged" "$po" "$pot" || bad=1
    for what in untranslated only-fuzzy; do
        left=$(msgattrib --no-wrap --no-obsolete --"$what" "$merged" | grep -c '^msgid "..*\|^msgid ""$')
        [ "$left" -eq 0 ] && continue
        echo "$po: $((left - 1)) messages are $what:"
        msgattrib --no-wrap --no-obsolete --"$what" "$merged" | grep -A4 '^msgid' | sed 1,20d | head -60
        bad=1
    done
done
[ $bad -eq 0 ] && echo "translations: ok"
exit $bad
