#!/usr/bin/env bash
# Judges the Debian packages in FOLDER and runs what they install, unpacked into a root of their own.
#
#   deb_test.sh FOLDER
set -eu
folder=$1
lintian --fail-on error,warning "$folder"/wayfare_*.changes
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for package in "$folder"/*.deb; do
    dpkg-deb --extract "$package" "$root"
done
triplet=$(gcc -print-multiarch)
export LC_ALL=C.UTF-8 LD_LIBRARY_PATH=$root/usr/lib/$triplet
wayfare=$root/usr/bin/wayfare
cp -r examples/first_week "$root/shop" && cd "$root/shop"
"$wayfare" check rules.way | grep -q 'ok (1 trigger'
"$wayfare" --lang zh check rules.zh.way | grep -q '1 个触发器' # its catalogue is found beside it
"$wayfare" init --state s.db >/dev/null
"$wayfare" run rules.way --data data/2026-11-16 --as-of 2026-11-16 --state s.db --out out --quiet
"$wayfare" log --state s.db | grep -q '1 actions'
for page in man1/wayfare.1 man1/wayfare-run.1 zh_CN/man1/wayfare.1 zh_CN/man1/wayfare-run.1; do
    man --warnings -l "$root/usr/share/man/$page.gz" >/dev/null
done
[ -f "$root/usr/share/bash-completion/completions/wayfare" ]
cat >"$root/use.c" <<'C'
#include "lang/lang.h"

int main(void)
{
    return wf_status_exit(WF_OK);
}
C
flags=$(PKG_CONFIG_PATH=$root/usr/lib/$triplet/pkgconfig pkg-config --define-variable=prefix="$root/usr" \
    --define-variable=libdir="$root/usr/lib/$triplet" --cflags --libs wayfare)
gcc -std=c17 -o "$root/use" "$root/use.c" $flags
"$root/use"
echo "packages: ok"
