#!/usr/bin/env bash
# The public headers and everything they include, one path a line.
set -eu
cc="${CC:-gcc} -std=c17 -I. -x c -M"
for header in lang/lang.h lang/format.h runtime/run/night.h; do
    $cc "$header"
done | tr -s ' \\\n' '\n' | grep -E '^(lang|runtime)/.*\.(h|def)$' | sort -u
