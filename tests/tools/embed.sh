#!/bin/sh
# Writes a C file that holds files as bytes: embed.sh HEADER STRUCT NAME=FILE... makes the array
# STRUCTs of {NAME, bytes, length}, which ends with a NULL name.
set -eu
header=$1 row=$2
shift 2
echo '/* Made by tests/tools/embed.sh. */'
echo "#include \"$header\""
echo "const struct $row ${row}s[] = {"
for pair; do
    printf '    {"%s", (const char *)(const unsigned char[]){' "${pair%%=*}"
    od -An -v -tu1 "${pair#*=}" | tr -s ' \n' ',' | sed 's/^,//'
    printf '0}, %s},\n' "$(wc -c <"${pair#*=}" | tr -d ' ')"
done
echo '    {0, 0, 0}};'
