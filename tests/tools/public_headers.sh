#!/usr/bin/env bash
# The public headers and everything they include, one path a line.
set -eu
cc="${CC:-gcc} -std=c17 -I. -x c -M"
for header in lang/lang.h runtime/runtime.h; do
    [ -f "$header" ] && $cc "$header"
done | tr -s ' \\\n' '\n' | grep -E '^(lang|runtime)/.*\.(h|def)$' | sort -u
