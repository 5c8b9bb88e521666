#!/usr/bin/env bash
# compile_commands.json on standard output: compdb.sh "COMPILER FLAGS" SOURCES...
set -eu
flags=${1//\\/\\\\}; flags=${flags//\"/\\\"}; shift
echo '['
sep=
for source; do
    printf '%s  {"directory": "%s", "file": "%s", "command": "%s -c %s"}' "$sep" "$PWD" "$source" "$flags" "$source"
    sep=$',\n'
done
printf '\n]\n'
