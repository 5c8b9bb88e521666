"""The benchmark's work in DuckDB: duckdb_bench.py THREADS DATA SQL-FOLDER WORKLOAD OUT

Prints the seconds of reading, evaluating and writing. Needs: pip install duckdb
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


def load(base, table, columns, path):
    base.execute(f"create table {table} ({columns})")
    base.execute(f"copy {table} from '{path}' (header, delimiter ',')")


def main():
    threads, data, sql, workload, out = sys.argv[1:6]
    sql = pathlib.Path(sql)
    base = duckdb.connect(config={"threads": int(threads)})
    base.execute("create macro MONTHDAY(d) as strftime(d, '%m-%d')")
    started = time.perf_counter()
    load(base, "members", MEMBERS, f"{data}/members.csv")
    if workload == "w2":
        load(base, "orders", ORDERS, f"{data}/orders.csv")
    read = time.perf_counter()
    if workload == "w2":
        for statement in (sql / "w2_agg.sql").read_text().split(";"):
            if statement.strip():
                base.execute(statement)
    sizes = base.execute((sql / f"{workload}_segments.sql").read_text()).fetchone()
    base.execute("create table answers as " + (sql / f"{workload}_triggers.sql").read_text())
    evaluated = time.perf_counter()
    base.execute(f"copy answers to '{out}/answers.csv' (header false)")
    written = time.perf_counter()
    (pathlib.Path(out) / "sizes.txt").write_text("\n".join(map(str, sizes)) + "\n")
    print(f"{read - started:.3f} {evaluated - read:.3f} {written - evaluated:.3f}")


if __name__ == "__main__":
    main()
