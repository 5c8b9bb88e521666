#!/usr/bin/env bash
# What the program writes for other programs, judged by independent validators: SARIF by Microsoft's
# multitool, JSON by a JSON Schema validator, JUnit by a parser of its own, the CI templates by the
# schemas of GitHub and GitLab, the hooks by pre-commit. Installs them into build/formats-test.
set -eu
[ -x "${WAYFARE:-}" ] || { echo "formats_test.sh: WAYFARE must name the program"; exit 70; }
root=$PWD tools=${1:-build/formats-test}
mkdir -p "$tools" && tools=$(cd "$tools" && pwd)
if [ ! -x "$tools/venv/bin/check-jsonschema" ]; then
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet check-jsonschema==0.39.0 pre-commit==4.7.0 junitparser==5.0.3
fi
[ -d "$tools/node_modules" ] || npm install --silent --no-audit --no-fund --prefix "$tools" \
    @microsoft/sarif-multitool-linux@5.7.0
bin=$tools/venv/bin
export LC_ALL=C.UTF-8 NO_COLOR=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT

# Every mistake that the golden tests have, in one place; exports with bad rows.
cp -r tests/golden/diag "$scratch/rules"
cd "$scratch"
printf 'import std.retail\nimport "./b.way"\nsegment 常客 is joined+7 > today and not (tier = "a,b: 100%%")\n' >'rules/ü,%.way'
printf 'import std.retail\nsegment keen is joined+7 > today\n' >rules/b.way
files=$(cd rules && ls ./*.way | grep -v hazard_)
check() { (cd rules && "$WAYFARE" check --strict "$@") || [ $? -eq 1 ]; }

echo "== SARIF"
# shellcheck disable=SC2086
check --format sarif $files >all.sarif
check --format sarif ok_everything.way >none.sarif
for log in all.sarif none.sarif; do
    # SARIF2005 asks for a web address of the tool, which has none.
    "$tools"/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool validate $log \
        --rule-kind 'Sarif;Ghas' >said 2>&1 || { cat said; exit 1; }
    ! grep -E '(error|warning) (SARIF|GH)' said | grep -v SARIF2005 || exit 1
done

echo "== JSON"
"$WAYFARE" check --schema >schema.json
"$bin/check-jsonschema" --check-metaschema schema.json
# shellcheck disable=SC2086
check --format json $files >all.json
"$bin/check-jsonschema" --schemafile schema.json all.json
echo '[{"code": "E1", "line": 0}]' >bad.json
! "$bin/check-jsonschema" --schemafile schema.json bad.json >/dev/null || { echo "the schema takes anything"; exit 1; }

echo "== fixes, applied by the JSON and by the SARIF alone, are what --fix does"
python3 "$root/tests/tools/apply_fixes.py" "$WAYFARE" rules 'ü,%.way' b.way

echo "== JUnit"
# shellcheck disable=SC2086
check --format junit $files >all.xml
"$WAYFARE" new project >/dev/null
(cd project && "$WAYFARE" test --format junit rules.way) >tests.xml
"$bin/python" - <<'P'
from junitparser import JUnitXml
findings, tests = (JUnitXml.fromfile(f) for f in ("all.xml", "tests.xml"))
cases = [case for suite in findings for case in suite]
assert findings.tests == len(cases) > 200, findings.tests
assert findings.failures == sum(bool(case.result) for case in cases)
assert tests.tests == 4 and tests.failures == 0
P

echo "== templates"
"$bin/check-jsonschema" --builtin-schema vendor.github-workflows "$root/examples/ci/github.yml" project/.github/workflows/rules.yml
"$bin/check-jsonschema" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$root/examples/ci/gitlab.yml"
"$bin/pre-commit" validate-manifest "$root/.pre-commit-hooks.yaml"
"$bin/pre-commit" validate-config "$root/examples/ci/pre-commit.yml"
mkdir path && ln -s "$WAYFARE" path/wayfare
(cd project && export PATH=$scratch/path:$PATH && git init -q && git add -A && cp "$root/examples/ci/pre-commit.yml" .pre-commit-config.yaml &&
    "$bin/pre-commit" run --all-files >../said || { cat ../said; exit 1; }
    sed -i 's/joined + 7d/jonied + 7d/' rules.way && git add -A
    ! "$bin/pre-commit" run --all-files >../said || { echo "pre-commit lets a mistake pass"; exit 1; }
    grep -q E0201 ../said)
echo "formats: ok"
