"""lift.csv of the last night, computed anew from what left, what was held out and the orders.

    judge.py WORK LAST     WORK: actions.csv, suppressed.csv (night, ...), exports/, out/LAST/lift.csv

Intervals by other means than the program's: Wilson's as the roots of his equation, Student's
quantile by integrating the density.
"""
import csv
import math
import sys
from datetime import datetime, timedelta
from statistics import NormalDist, fmean, variance

work, last = sys.argv[1], sys.argv[2]
now = datetime.fromisoformat(last)


def rows(name):
    with open(f"{work}/{name}", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


orders = {}  # member: {order: [when, cents]}
for row in rows("exports/orders.csv"):
    order = orders.setdefault(row["member_id"], {}).setdefault(row["order"], [datetime.fromisoformat(row["at"]), 0])
    order[1] += round(float(row["amount"]) * 100)

ARMS = {"BACK20": "coupon", "hello_again": "words", "": "call", "thanks_short": "short", "thanks_long": "long"}
BEFORE = {"winback": timedelta(0), "after_purchase": timedelta(days=3), "visitors": timedelta(0)}
WITHIN = {"winback": timedelta(days=10), "after_purchase": timedelta(days=10), "visitors": timedelta(days=7)}

people = {name: {} for name in BEFORE}  # journey: (arm, held out): outcomes
for row in rows("actions.csv") + rows("suppressed.csv"):
    journey = row["journey"]
    entry = datetime.fromisoformat(row["due"] if "due" in row else row["night"]) - BEFORE[journey]
    if journey == "winback" and row["kind"] == "task":
        entry = datetime.fromisoformat(row["night"])
    until = entry + WITHIN[journey]
    if until > now:
        continue  # the time of the goal is not over
    mine = orders.get(row["member_id"], {}).values()
    # The order that entered a journey is no reason to be glad; it stands at the very instant.
    since = [cents for when, cents in mine if (when > entry if journey == "after_purchase" else when >= entry) and when < until]
    outcome = sum(since) if journey == "winback" else int(bool(since))
    key = (ARMS.get(row["name"], ""), row.get("gate") == "holdout")
    people[journey].setdefault(key, []).append(outcome)


def wilson(reached, n):
    z2 = NormalDist().inv_cdf(0.975) ** 2
    p, a, b = reached / n, 1 + z2 / n, 2 * reached / n + z2 / n  # a x^2 - b x + p^2 = 0
    root = math.sqrt(b * b - 4 * a * p * p)
    return (b - root) / (2 * a), (b + root) / (2 * a)


def student(df):
    scale = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(df * math.pi)

    def below(t, steps=400):  # Simpson's rule from 0 to t
        h = t / steps
        f = [(1 + (i * h) ** 2 / df) ** (-(df + 1) / 2) for i in range(steps + 1)]
        return 0.5 + scale * h / 3 * (f[0] + f[-1] + 4 * sum(f[1:-1:2]) + 2 * sum(f[2:-1:2]))

    low, high = 1.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < 0.975 else (low, middle)
    return low


def compare(group, base, figure):
    n, m, r, s = len(group), len(base), sum(x > 0 for x in group), sum(x > 0 for x in base)
    p, q, (l1, u1), (l2, u2) = r / n, s / m, wilson(r, n), wilson(s, m)
    out = {"members": n, "reached": r, "rate": p, "base_members": m, "base_reached": s, "base_rate": q,
           "difference": p - q, "low": p - q - math.hypot(p - l1, u2 - q), "high": p - q + math.hypot(u1 - p, q - l2)}
    if figure:
        a, b = variance(group) / n, variance(base) / m
        half = student((a + b) ** 2 / (a * a / (n - 1) + b * b / (m - 1))) * math.sqrt(a + b)
        d = fmean(group) - fmean(base)
        out |= {"mean": fmean(group), "base_mean": fmean(base), "mean_difference": d, "mean_low": d - half,
                "mean_high": d + half, "incremental": d * n, "incremental_low": (d - half) * n,
                "incremental_high": (d + half) * n}
    return out


SPLITS = {"winback": ["coupon", "words", "call"], "after_purchase": [], "visitors": ["short", "long"]}
wanted = {}
for journey, found in people.items():
    held = [x for (_, out), xs in found.items() if out for x in xs]
    treated = [x for (_, out), xs in found.items() if not out for x in xs]
    figure = journey == "winback"
    if held:
        wanted[journey, "", "", ""] = compare(treated, held, figure)
    for i, arm in enumerate(SPLITS[journey]):
        mine = found[arm, False]
        if held:
            wanted[journey, "1", arm, ""] = compare(mine, held, figure)
        if i:
            first = SPLITS[journey][0]
            wanted[journey, "1", arm, first] = compare(mine, found[first, False], figure)

figures, wrong = 0, 0
lift = rows(f"out/{last}/lift.csv")
if {(r["journey"], r["split"], r["variant"], r["base"]) for r in lift} != set(wanted):
    sys.exit("lift.csv compares others")
for row in lift:
    for column, value in wanted[row["journey"], row["split"], row["variant"], row["base"]].items():
        money = column.startswith(("mean", "base_mean", "incremental"))
        shown = float(row[column]) * (100 if money else 1)
        near = 0.51 + abs(value) * 1e-6 if money else 0 if isinstance(value, int) else 6e-7
        figures += 1
        if abs(shown - value) > near:
            wrong += 1
            print(row["journey"], row["variant"], column, row[column], "is", value, file=sys.stderr)
if wrong or figures < 50:
    sys.exit(f"{wrong} of {figures} figures of lift.csv are others than Python's")
