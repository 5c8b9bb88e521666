"""The benchmark's work in DuckDB: duckdb_bench.py THREADS DATA WORK WORKLOAD OUT

Prints the seconds of reading, evaluating and writing. W3 changes a database file that `base` made,
and keeps its answers there. Needs: pip install duckdb
"""
import pathlib
import sys
import time

import duckdb

MEMBERS = """member_id varchar, joined date, birthday date, gender varchar, city varchar, store varchar,
tier varchar, points bigint, balance decimal(18, 2), wecom tinyint, sms tinyint, push tinyint,
opted_in tinyint, source varchar, age integer, visits integer, spent decimal(18, 2),
last_visit date, last_open date, nps double, children integer, brand varchar, tags varchar,
owner varchar"""
ORDERS = """"order" varchar, member_id varchar, "at" timestamp, amount decimal(18, 2), qty integer,
brand varchar, category varchar, channel varchar, coupon varchar, status varchar"""


def load(base, table, columns, data):
    base.execute(f"create table {table} ({columns})")
    base.execute(f"copy {table} from '{data}/{table}.csv' (header, delimiter ',')")


def change(base, table, key, columns, data):
    """Rows of keys that the table has take their place: faster here than a primary key would be."""
    base.execute(f"create temp table changed as select * from {table} limit 0")
    base.execute(f"copy changed from '{data}/{table}.csv' (header, delimiter ',')")
    base.execute(f"delete from {table} where {key} in (select {key} from changed)")
    base.execute(f"insert into {table} select * from changed")
    base.execute("drop table changed")


def evaluate(base, work, workload):
    if workload != "w1":
        aggregates = (work / f"{workload}_agg.sql").read_text()
        base.execute(aggregates.replace("create table", "create temp table"))
    sizes = base.execute((work / f"{workload}_segments.sql").read_text()).fetchone()
    base.execute("create table answers as " + (work / f"{workload}_triggers.sql").read_text())
    return sizes


def main():
    threads, data, work, workload, out = sys.argv[1:6]
    work, out = pathlib.Path(work), pathlib.Path(out)
    started = time.perf_counter()
    lasting = workload in ("base", "w3")
    base = duckdb.connect(str(out / "shop.duckdb") if lasting else ":memory:",
                          config={"threads": int(threads)})
    base.execute("create or replace macro MONTHDAY(d) as strftime(d, '%m-%d')")
    base.execute("begin")
    put = change if workload == "w3" else lambda base, table, key, *rest: load(base, table, *rest)
    put(base, "members", "member_id", MEMBERS, data)
    if workload != "w1":
        put(base, "orders", '"order"', ORDERS, data)
    read = time.perf_counter()
    if workload == "base":
        base.execute("commit")
        base.close()
        return
    sizes = evaluate(base, work, workload)
    evaluated = time.perf_counter()
    base.execute(f"copy answers to '{out}/answers.csv' (header false)")
    base.execute("commit")
    if lasting:
        base.close()
    written = time.perf_counter()
    (out / "sizes.txt").write_text("\n".join(map(str, sizes)) + "\n")
    print(f"{read - started:.3f} {evaluated - read:.3f} {written - evaluated:.3f}")


if __name__ == "__main__":
    main()
