#!/usr/bin/env bash
# A manual and its translation may not drift apart: the same headings by level and number, the same
# blocks of code in the same order, tables of as many rows, lists of as many points.
#
#   manual_twins.sh MANUAL TRANSLATION ...
set -u
shape() {
    awk '
        /^```/ { code = !code; print; next }
        code { print; next }
        /^#/ { match($0, /^#+ *[0-9.]*/); print "heading " substr($0, 1, RLENGTH); next }
        /^\|/ { print "row of " gsub(/[^\\]\|/, "") + 0; next }
        /^[-*] / { print "point" }' "$1"
}
bad=0
while [ $# -gt 1 ]; do
    if ! diff -u --label "$1" --label "$2" <(shape "$1") <(shape "$2") >/dev/shm/twins.$$; then
        echo "$1 and $2 have drifted apart:"
        head -40 /dev/shm/twins.$$
        bad=1
    fi
    rm -f /dev/shm/twins.$$
    shift 2
done
[ $bad -eq 0 ] && echo "translations of the manuals: in step"
exit $bad
