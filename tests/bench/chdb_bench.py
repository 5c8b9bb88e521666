"""The benchmark's work in ClickHouse: chdb_bench.py THREADS DATA WORK WORKLOAD OUT

Prints the seconds of reading, evaluating and writing. Needs: pip install chdb
"""
import pathlib
import sys
import time

from chdb import session

MEMBERS = """member_id String, joined Date32, birthday Nullable(Date32), gender LowCardinality(Nullable(String)),
city LowCardinality(Nullable(String)), store LowCardinality(Nullable(String)), tier LowCardinality(Nullable(String)),
points Int64, balance Decimal(18, 2), wecom Int8, sms Int8, push Int8, opted_in Int8,
source LowCardinality(String), age Nullable(Int32), visits Int32, spent Decimal(18, 2),
last_visit Nullable(Date32), last_open Nullable(Date32), nps Nullable(Float64), children Nullable(Int32),
brand LowCardinality(Nullable(String)), tags Nullable(String), owner LowCardinality(Nullable(String))"""
ORDERS = """"order" String, member_id String, "at" DateTime64(0, 'UTC'), amount Decimal(18, 2), qty Int32,
brand LowCardinality(Nullable(String)), category LowCardinality(String), channel LowCardinality(String),
coupon LowCardinality(Nullable(String)), status LowCardinality(Nullable(String))"""
SETTINGS = "join_use_nulls = 1, session_timezone = 'UTC', max_query_size = 10000000, cast_keep_nullable = 1"


def load(base, table, columns, data):
    base.query(f"create table {table} ({columns}) engine = Memory")
    base.query(f"insert into {table} from infile '{data}/{table}.csv' format CSVWithNames")


def main():
    threads, data, work, workload, out = sys.argv[1:6]
    work = pathlib.Path(work)
    base = session.Session()
    base.query("create database shop")
    base.query("use shop")
    base.query(f"set max_threads = {threads}, {SETTINGS}")
    base.query("create or replace function MONTHDAY as d -> formatDateTime(d, '%m-%d')")
    started = time.perf_counter()
    load(base, "members", MEMBERS, data)
    if workload != "w1":
        load(base, "orders", ORDERS, data)
    read = time.perf_counter()
    if workload != "w1":
        for statement in (work / f"{workload}_agg.sql").read_text().split(";"):
            if statement.strip():
                base.query(statement.replace(" as\n", " engine = Memory as\n", 1))
    sizes = str(base.query((work / f"{workload}_segments.sql").read_text(), "CSV"))
    triggers = (work / f"{workload}_triggers.sql").read_text()
    base.query("create table answers engine = Memory as " + triggers)
    evaluated = time.perf_counter()
    base.query(f"select * from answers into outfile '{out}/answers.csv' format CSV")
    written = time.perf_counter()
    (pathlib.Path(out) / "sizes.txt").write_text(sizes.replace(",", "\n"))
    print(f"{read - started:.3f} {evaluated - read:.3f} {written - evaluated:.3f}")


if __name__ == "__main__":
    main()
