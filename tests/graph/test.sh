#!/usr/bin/env bash
# `wayfare graph` against the programs it writes for: Mermaid's own parser and Graphviz, which must
# understand the same nodes, edges and labels; and a broken text, which they must refuse.
#   WAYFARE=build/wayfare test.sh WORK
set -eu
here=$(cd "$(dirname "$0")" && pwd)
: "${WAYFARE:?}"
work=$1
mkdir -p "$work" && cd "$work"
cp "$here/package.json" "$here/package-lock.json" "$here/parse.mjs" .
[ node_modules -nt package-lock.json ] || { npm ci --silent --no-audit --no-fund && touch node_modules; }

draw() { # NAME FILE [JOURNEY]
    name=$1; shift
    "$WAYFARE" graph "$@" --format mermaid >"$name.mmd"
    "$WAYFARE" graph "$@" --format dot >"$name.dot"
    "$WAYFARE" graph "$@" --format svg >"$name.svg"
    dot -Tdot_json "$name.dot" >"$name.json"
    node parse.mjs "$name.mmd" "$name.json"
    [ "$(grep -c '<g id="node' "$name.svg")" = "$(grep -c '^  n[0-9]* \[' "$name.dot")" ]
}
forms=$here/../golden/graph/forms/rules.way
draw forms "$forms"
draw winback "$forms" winback
draw nothing "$forms" nothing
(cd "$here/../.." && ls examples/*/rules.way) | while read -r rules; do
    draw "$(basename "$(dirname "$rules")")" "$here/../../$rules"
done

sed 's/"\]:::act/]:::act/' winback.mmd >broken.mmd
if node parse.mjs broken.mmd winback.json 2>/dev/null; then echo "a broken text was accepted" >&2; exit 1; fi
sed 's/wait 3d/wait 4d/' winback.mmd >other.mmd
if node parse.mjs other.mmd winback.json 2>/dev/null; then echo "another label was accepted" >&2; exit 1; fi
echo "graphs: as Mermaid and Graphviz read them"
