"""The benchmark's work in Polars: polars_bench.py THREADS DATA WORK WORKLOAD OUT

Prints the seconds of reading, evaluating and writing. Needs: pip install polars
"""
import os
import pathlib
import re
import sys
import time

os.environ["POLARS_MAX_THREADS"] = sys.argv[1]
import polars as pl  # noqa: E402 (it looks at the environment when it is imported)

MONEY, FLAG = pl.Decimal(18, 2), pl.Int8
MEMBERS = {
    "member_id": pl.String, "joined": pl.Date, "birthday": pl.Date, "gender": pl.String,
    "city": pl.String, "store": pl.String, "tier": pl.String, "points": pl.Int64, "balance": MONEY,
    "wecom": FLAG, "sms": FLAG, "push": FLAG, "opted_in": FLAG, "source": pl.String,
    "age": pl.Int32, "visits": pl.Int32, "spent": MONEY, "last_visit": pl.Date,
    "last_open": pl.Date, "nps": pl.Float64, "children": pl.Int32, "brand": pl.String,
    "tags": pl.String, "owner": pl.String}
ORDERS = {
    "order": pl.String, "member_id": pl.String, "at": pl.Datetime("ms"), "amount": MONEY,
    "qty": pl.Int32, "brand": pl.String, "category": pl.String, "channel": pl.String,
    "coupon": pl.String, "status": pl.String}


def main():
    _, data, work, workload, out = sys.argv[1:6]
    work = pathlib.Path(work)
    started = time.perf_counter()
    frames = {"members": pl.read_csv(f"{data}/members.csv", schema=MEMBERS)}
    if workload != "w1":
        frames["orders"] = pl.read_csv(f"{data}/orders.csv", schema=ORDERS)
    read = time.perf_counter()
    base = pl.SQLContext(frames)

    def sql(text):
        return base.execute(re.sub(r"MONTHDAY\((\w+)\)", r"strftime(\1, '%m-%d')", text), eager=True)

    if workload != "w1":
        for table, text in re.findall(r"create table (\w+) as(.*?);",
                                      (work / f"{workload}_agg.sql").read_text(), re.S):
            base.register(table, sql(text))
    sizes = sql((work / f"{workload}_segments.sql").read_text()).row(0)
    answers = sql((work / f"{workload}_triggers.sql").read_text())
    evaluated = time.perf_counter()
    answers.write_csv(f"{out}/answers.csv", include_header=False)
    written = time.perf_counter()
    (pathlib.Path(out) / "sizes.txt").write_text("\n".join(map(str, sizes)) + "\n")
    print(f"{read - started:.3f} {evaluated - read:.3f} {written - evaluated:.3f}")


if __name__ == "__main__":
    main()
