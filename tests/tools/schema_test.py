"""Validates JSON lines by a JSON Schema: schema_test.py SCHEMA < LINES. Each line, spoiled, must fail."""
import json
import sys

from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1], encoding="utf-8"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
lines = [json.loads(line) for line in sys.stdin if line.strip()]
for value in lines:
    for error in validator.iter_errors(value):
        sys.exit(f"{'/'.join(map(str, error.absolute_path))}: {error.message}")
    for spoiled in ({**value, "night": "tonight"}, {**value, "surprise": 1},
                    {k: v for k, v in value.items() if k != "found"}):
        if validator.is_valid(spoiled):
            sys.exit("a spoiled line passed")
print(f"{len(lines)} lines: valid")
sys.exit(not lines)
