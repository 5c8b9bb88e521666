#!/usr/bin/env bash
# Reports as a browser shows them: test.sh WORK. The pages are those of the golden test run/report and of
# examples/02_rfm, whose tables they are held against.
set -eu
work=$1
here=$(cd "$(dirname "$0")" && pwd)
for CHROMIUM in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$CHROMIUM" ] && CHROMIUM=$(command -v "$CHROMIUM") && break
done
if [ -z "$CHROMIUM" ]; then
    echo "report-test: skipped: there is no Chromium here (the package is called chromium)"
    exit 0
fi
command -v npm >/dev/null || { echo "report-test: skipped: there is no npm here"; exit 0; }
rm -rf "$work/small" "$work/shop"
mkdir -p "$work/small"
cp "$here/package.json" "$here/package-lock.json" "$work/"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
(cd "$work/small" && bash "$here/../golden/run/report/cmd" >log 2>&1)
bash "$here/../../examples/02_rfm/test.sh" --keep "$work/shop" >"$work/log"
last=$(ls "$work/shop/out" | tail -1)
"$WAYFARE" report "$work/shop/out/$last" -o "$work/shop/more.html" --forecast 14 --data "$work/shop/exports" \
    --state "$work/shop/shop.db" "$here/../../examples/02_rfm/rules.way"
export CHROMIUM NODE_PATH=$work/node_modules
PAGES="$work/small/again/2026-11-22/report.html $work/shop/out/$last/report.html" MORE="$work/shop/more.html" \
    node --test --test-timeout=120000 --test-reporter=dot "$here/report.test.js"
echo "report-test: passed"
