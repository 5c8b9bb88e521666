"""Applies the fixes that `check --format json` and `--format sarif` print, by their own places alone,
until none is left, and compares with what `check --fix` makes of the files."""
import json, os, shutil, subprocess, sys

program, folder, main, other = sys.argv[1:]


def say(form, where):
    return json.loads(subprocess.run([program, "check", "--format", form, main], cwd=where, capture_output=True).stdout)


def from_json(where):
    for finding in say("json", where):
        for fix in finding["fixes"]:
            yield [(e["file"], e["line"], e["column"], e["end_line"], e["end_column"], e["text"]) for e in fix["edits"]]


def from_sarif(where):
    from urllib.parse import unquote
    for result in say("sarif", where)["runs"][0]["results"]:
        for fix in result.get("fixes", []):
            yield [(unquote(change["artifactLocation"]["uri"]), r["deletedRegion"]["startLine"], r["deletedRegion"]["startColumn"],
                    r["deletedRegion"]["endLine"], r["deletedRegion"]["endColumn"], r["insertedContent"]["text"])
                   for change in fix["artifactChanges"] for r in change["replacements"]]


def apply(edits, where):
    for name, line, column, end_line, end_column, text in reversed(edits):
        path = os.path.join(where, name)
        lines = open(path, encoding="utf-8", newline="").read().split("\n")
        at = lambda l, c: sum(len(x) + 1 for x in lines[:l - 1]) + c - 1
        whole = "\n".join(lines)
        open(path, "w", encoding="utf-8", newline="").write(whole[:at(line, column)] + text + whole[at(end_line, end_column):])


def mended(reader, where):
    for _ in range(50):
        edits = next((e for e in reader(where) if e), None)
        if not edits:
            return [open(os.path.join(where, name), encoding="utf-8").read() for name in (main, other)]
        apply(edits, where)
    sys.exit("no end of fixes")


outcomes = []
for name in ("json", "sarif", "fix"):
    shutil.rmtree(name, ignore_errors=True)
    os.mkdir(name)
    for source in (main, other):
        shutil.copy(os.path.join(folder, source), name)
    if name == "fix":
        subprocess.run([program, "check", "--fix", main], cwd=name, capture_output=True)
    outcomes.append(mended(from_json if name != "sarif" else from_sarif, name))
before = [open(os.path.join(folder, name), encoding="utf-8").read() for name in (main, other)]
assert outcomes[0] == outcomes[1] == outcomes[2], outcomes
assert all(a != b for a, b in zip(before, outcomes[0])), "nothing was mended"
