#!/bin/sh
# Writes a C file that holds the given standard-library modules as bytes: std.NAME for NAME.way.
set -eu
echo '/* Made from stdlib by tests/tools/embed.sh. */'
echo '#include "lang/sema/stdlib.h"'
echo 'const struct wf_stdlib_file wf_stdlib_files[] = {'
for file; do
    name=$(basename "$file" .way)
    printf '    {"std.%s", (const char *)(const unsigned char[]){' "$name"
    od -An -v -tu1 "$file" | tr -s ' \n' ',' | sed 's/^,//'
    printf '0}, %s},\n' "$(wc -c <"$file" | tr -d ' ')"
done
echo '    {0, 0, 0}};'
