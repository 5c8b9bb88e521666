/*
 * Whole nights, from rules as text and exports as text to what was published: every moment, with
 * missed nights, late and corrected data, edited rules, merges, and the guards of a night.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/store/store.h"
#include "tests/tools/nights.h"

#define MEMBERS(rows) "member_id,joined\n" rows
#define ORDERS(rows) "member_id,at,order,line,amount\n" rows
#define BIRTHDAYS(rows) "member_id,joined,birthday\n" rows
#define POINTS(rows) "member_id,joined,points\n" rows

static void a_date(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "trigger a when joined + 7d and not purchased then tag \"x\"\n");
    chain_feed(chain, "orders.csv", ORDERS("m3,2026-11-12T10:00,o1,1,5.00\n"));
    chain_feed(chain, "members.csv",
               MEMBERS("m1,2026-11-12\nm2,2026-11-13\nm3,2026-11-13\nm4,2026-11-14\nm5,2026-11-16\n"
                       "m6,2026-11-18\nm9,2026-11-01\n"));
    chain_night(chain, "2026-11-20", "m2:x"); /* its first night: m1 and m9 were due before */
    chain_night(chain, "2026-11-20", "(already)");
    chain_night(chain, "2026-11-21", "m4:x");
    /* the night of the 22nd is lost, and nobody is due on it; m5 was due on the 23rd */
    chain_night(chain, "2026-11-23", "m5:x");
    /* m3's order turns out to be another's: decided is decided */
    chain_feed(chain, "orders.csv", ORDERS("m9,2026-11-12T10:00,o1,1,5.00\n"));
    chain_night(chain, "2026-11-24", "");
    /* m6 was due on the 25th; two nights are lost, the third is too late; m5 joined later again */
    chain_feed(chain, "members.csv",
               MEMBERS("m1,2026-11-12\nm2,2026-11-13\nm3,2026-11-13\nm4,2026-11-14\nm5,2026-11-18\n"
                       "m6,2026-11-18\nm7,2026-11-21\nm9,2026-11-01\n"));
    chain_night(chain, "2026-11-28", "m7:x m6:x!missed");
    chain_night(chain, "2026-11-29", "");
}

static void late_members(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "trigger a when joined + 2d then tag \"x\"\n"
                       "trigger g grace 5d when joined + 2d then tag \"y\"\n");
    chain_feed(chain, "members.csv", MEMBERS("m0,2026-11-01\n"));
    chain_night(chain, "2026-11-20", "");
    chain_feed(chain, "members.csv",
               MEMBERS("m0,2026-11-01\nm1,2026-11-18\nm2,2026-11-19\nm3,2026-11-20\nm4,2026-11-21\n"
                       "m5,2026-11-17\n"));
    /* due on the 20th, 21st, 22nd; m5 was due before the rules' first run */
    chain_night(chain, "2026-11-23", "m1:y m2:x m2:y m3:x m3:y m4:x m4:y m1:x!missed");
}

static void reaching_back(void **state)
{
    struct chain *chain = *state;
    chain_feed(chain, "members.csv",
               MEMBERS("m1,2026-10-01\nm2,2026-11-01\nm3,2026-11-10\nm4,2026-11-13\n"));
    chain_rules(chain, "trigger a when joined + 7d then tag \"x\"\n");
    chain_night(chain, "2026-11-20", "m4:x");
    chain_rules(chain, "trigger a when joined + 7d then tag \"x\"\n"
                       "trigger b backfill 15d when joined + 7d then tag \"y\"\n");
    chain_night(chain, "2026-11-21", "m2:y m3:y m4:y");
    chain_night(chain, "2026-11-22", "");
}

static void edited_rules(void **state)
{
    struct chain *chain = *state;
    chain_feed(chain, "members.csv", MEMBERS("m1,2026-11-13\nm2,2026-11-14\nm3,2026-11-16\n"));
    chain_rules(chain, "trigger a when joined + 7d then tag \"x\"\n");
    chain_night(chain, "2026-11-20", "m1:x");
    /* another offset: the same rule, the same keys */
    chain_rules(chain, "trigger a when joined + 8d then tag \"x\"\n");
    chain_night(chain, "2026-11-21", "");
    chain_night(chain, "2026-11-22", "m2:x");
    /* another name, which says what it was */
    chain_rules(chain, "trigger b was a when joined + 8d then tag \"x\"\n");
    chain_night(chain, "2026-11-23", "");
    chain_night(chain, "2026-11-24", "m3:x");
    /* a new rule, however alike: nobody is due again on the 25th */
    chain_rules(chain, "trigger c when joined + 8d then tag \"x\"\n");
    chain_night(chain, "2026-11-25", "");
}

static void a_year(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "timezone \"Europe/Berlin\"\n"
                       "trigger a when anniversary of birthday then tag \"x\"\n"
                       "trigger w when anniversary of birthday - 7d then tag \"w\"\n");
    const char *members = BIRTHDAYS("m1,2020-01-01,1990-02-28\nm2,2020-01-01,1992-02-29\n"
                                    "m3,2020-01-01,1990-03-01\nm4,2020-01-01,\n"
                                    "m5,2020-01-01,1900-01-01\nm6,2020-01-01,1990-03-07\n");
    chain_feed(chain, "members.csv", members);
    chain_night(chain, "2027-02-27", "");
    chain_night(chain, "2027-02-28", "m1:x m2:x m6:w");
    chain_night(chain, "2027-03-01", "m3:x");
    /* m1's birthday is corrected: no second present this year */
    members = BIRTHDAYS("m1,2020-01-01,1990-03-02\nm2,2020-01-01,1992-02-29\n"
                        "m3,2020-01-01,1990-03-01\nm6,2020-01-01,1990-03-07\n");
    chain_feed(chain, "members.csv", members);
    chain_night(chain, "2027-03-02", "");
    /* a week is lost */
    chain_night(chain, "2027-03-10", "m6:x!missed");
    chain_night(chain, "2028-02-28", "m1:w!missed m2:w!missed m3:w!missed");
}

static void leap_days(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "trigger a when anniversary of birthday on mar1 then tag \"x\"\n"
                       "trigger b when anniversary of birthday skip then tag \"y\"\n");
    chain_feed(chain, "members.csv", BIRTHDAYS("m2,2020-01-01,1992-02-29\n"));
    chain_night(chain, "2027-02-27", "");
    chain_night(chain, "2027-02-28", "");
    chain_night(chain, "2027-03-01", "m2:x");
    chain_night(chain, "2028-02-28", "");
    chain_night(chain, "2028-02-29", "m2:x m2:y");
}

static void an_event(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "trigger a when purchase[amount > 10] + 1d and joined < 2026-11-01"
                       " then tag \"x\"\n");
    chain_feed(chain, "members.csv", MEMBERS("m1,2026-10-01\nm2,2026-10-01\nm3,2026-11-10\n"));
    chain_feed(chain, "orders.csv",
               ORDERS("m1,2026-11-17T10:00,old,1,20.00\nm1,2026-11-19T00:00,o1,1,20.00\n"
                      "m1,2026-11-19T15:00,o2,1,20.00\nm1,2026-11-19T15:00,o2,2,30.00\n"
                      "m2,2026-11-19T15:00,o3,1,5.00\nm3,2026-11-19T15:00,o4,1,50.00\n"));
    chain_night(chain, "2026-11-20", "m1:x"); /* o1 at its midnight; o2 is due at 15:00 */
    chain_night(chain, "2026-11-21", "m1:x"); /* o2, two lines, once */
    /* late: o5 of the 20th within grace, o6 of the 18th missed; o3 gets a line that matches */
    chain_feed(chain, "orders.csv",
               ORDERS("m1,2026-11-17T10:00,old,1,20.00\nm1,2026-11-19T00:00,o1,1,20.00\n"
                      "m1,2026-11-19T15:00,o2,1,20.00\nm1,2026-11-19T15:00,o2,2,30.00\n"
                      "m1,2026-11-19T15:00,o2,3,30.00\nm2,2026-11-20T12:00,o5,1,11.00\n"
                      "m2,2026-11-19T15:00,o3,1,5.00\nm2,2026-11-19T15:00,o3,2,15.00\n"
                      "m2,2026-11-19T11:00,o6,1,12.00\nm3,2026-11-19T15:00,o4,1,50.00\n"));
    chain_night(chain, "2026-11-22", "m2:x m2:x m2:x");
    chain_night(chain, "2026-11-23", "");
    chain_feed(chain, "orders.csv",
               ORDERS("m1,2026-11-17T10:00,old,1,20.00\nm2,2026-11-20T13:00,o7,1,11.00\n"
                      "m1,2026-11-22T13:00,o8,1,11.00\n"));
    chain_night(chain, "2026-11-24", "m1:x m2:x!missed");
}

/* Keys are not kept for ever, and yet nothing is decided twice. */
static void forgotten_keys(void **state)
{
    struct chain *chain = *state;
    const char *rules = "trigger a when purchase + 1d and points > 0 then tag \"x\"\n"
                        "trigger b when anniversary of birthday and points > 0 then tag \"b\"\n";
    chain_rules(chain, rules);
    chain_feed(chain, "members.csv",
               "member_id,joined,birthday,points\n"
               "m1,2020-01-01,1990-05-02,1\nm2,2020-01-01,1990-05-02,0\n");
    chain_feed(chain, "orders.csv",
               ORDERS("m1,2026-05-01T10:00,o1,1,1.00\nm2,2026-05-01T10:00,o2,1,1.00\n"));
    chain_night(chain, "2026-05-02", "m1:b");
    chain_night(chain, "2026-05-03", "m1:x");
    chain_night(chain, "2026-06-30", "");
    chain_night(chain, "2026-09-30", "");
    chain_night(chain, "2026-10-01", ""); /* the marks of May are gone */
    chain_feed(chain, "members.csv",
               "member_id,joined,birthday,points\n"
               "m1,2020-01-01,1990-05-02,1\nm2,2020-01-01,1990-05-02,1\n");
    chain_rules(chain, "trigger a grace 300d when purchase + 1d and points > 0 then tag \"x\"\n"
                       "trigger b grace 300d when anniversary of birthday and points > 0"
                       " then tag \"b\"\n");
    chain_night(chain, "2026-10-02", "");
    chain_night(chain, "2026-10-03", "");
}

static void first_and_last(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "trigger f when first purchase + 2d then tag \"f\"\n"
                       "trigger l when last purchase + 2d then tag \"l\"\n");
    chain_feed(chain, "members.csv", MEMBERS("m1,2026-10-01\nm2,2026-10-01\n"));
    chain_feed(chain, "orders.csv", ORDERS("m1,2026-11-18T10:00,a,1,1.00\n"));
    chain_night(chain, "2026-11-20", "");
    chain_night(chain, "2026-11-21", "m1:f m1:l");
    chain_feed(chain, "orders.csv",
               ORDERS("m1,2026-11-18T10:00,a,1,1.00\nm1,2026-11-20T10:00,b,1,1.00\n"
                      "m1,2026-11-21T10:00,c,1,1.00\nm2,2026-11-20T10:00,d,1,1.00\n"));
    chain_night(chain, "2026-11-22", "");
    chain_night(chain, "2026-11-23", "m2:f m2:l"); /* m1's b was replaced by c before it was due */
    chain_night(chain, "2026-11-24", "m1:l");
    chain_night(chain, "2026-11-25", "");
}

static void a_crossing(void **state)
{
    struct chain *chain = *state;
    const char *rules = "segment rich is points >= 100\n"
                        "trigger a when member becomes rich then tag \"in\"\n"
                        "trigger b when member leaves rich then tag \"out\"\n"
                        "trigger c again after 3d when member becomes rich then tag \"again\"\n";
    chain_rules(chain, rules);
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,50\nm2,2020-01-01,150\n"));
    chain_night(chain, "2026-11-20", ""); /* only records */
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,150\nm2,2020-01-01,50\n"));
    chain_night(chain, "2026-11-21", "m1:in m1:again m2:out");
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,50\nm2,2020-01-01,150\n"));
    chain_night(chain, "2026-11-22", "m1:out m2:in m2:again");
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,150\nm2,2020-01-01,50\n"));
    chain_night(chain, "2026-11-23", ""); /* m1 and m2 acted already; again only after three days */
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,50\nm2,2020-01-01,50\n"));
    chain_night(chain, "2026-11-24", "");
    /* one night is lost: still near enough; m1's last `again` was on the 21st */
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,150\nm2,2020-01-01,50\n"));
    chain_night(chain, "2026-11-26", "m1:again");
    /* two nights are lost: only records */
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,50\nm2,2020-01-01,150\n"));
    chain_night(chain, "2026-11-29", "");
    /* who is new: m3 joined before the last run's day, m4 after */
    chain_feed(
        chain, "members.csv",
        POINTS("m1,2020-01-01,50\nm2,2020-01-01,150\nm3,2026-11-28,500\nm4,2026-11-29,500\n"));
    chain_night(chain, "2026-11-30", "m4:in m4:again");
}

static void crossings_only_recorded(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "segment rich is points >= 100\n"
                       "trigger a when member becomes rich then tag \"in\"\n");
    chain_feed(chain, "members.csv",
               POINTS("m1,2020-01-01,50\nm2,2020-01-01,50\nm3,2020-01-01,50\n"));
    chain_night(chain, "2026-11-20", "");
    /* another meaning of rich */
    chain_rules(chain, "segment rich is points >= 90\n"
                       "trigger a when member becomes rich then tag \"in\"\n");
    chain_feed(chain, "members.csv",
               POINTS("m1,2020-01-01,95\nm2,2020-01-01,50\nm3,2020-01-01,50\n"));
    chain_night(chain, "2026-11-21", "");
    /* m2 is absent for a night; a new rule on the old segment has nothing to compare with */
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,95\nm3,2020-01-01,50\n"));
    chain_night(chain, "2026-11-22", "");
    chain_rules(chain, "segment rich is points >= 90\n"
                       "trigger a when member becomes rich then tag \"in\"\n"
                       "trigger b when member becomes rich then tag \"b\"\n");
    chain_feed(chain, "members.csv",
               POINTS("m1,2020-01-01,95\nm2,2020-01-01,95\nm3,2020-01-01,95\n"));
    chain_night(chain, "2026-11-23", "m3:in");
    chain_night(chain, "2026-11-24", "");
}

static void unknown_is_no_crossing(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain,
                "trigger a when city = \"Suzhou\" then tag \"x\"\n"
                "classify value { high when points > 100  low when points > 10  none otherwise }\n"
                "trigger v when value becomes low from high then tag \"v\"\n"
                "trigger w when value becomes low then tag \"w\"\n");
    chain_feed(chain, "members.csv",
               "member_id,joined,city,points\nm1,2020-01-01,,200\n"
               "m2,2020-01-01,Wuxi,5\nm3,2020-01-01,Suzhou,200\n");
    chain_night(chain, "2026-11-20", "");
    chain_feed(chain, "members.csv",
               "member_id,joined,city,points\nm1,2020-01-01,Suzhou,20\n"
               "m2,2020-01-01,Suzhou,20\nm3,2020-01-01,Suzhou,200\n");
    chain_night(chain, "2026-11-21", "m1:v m1:w m2:x m2:w");
}

static void by_calendar(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "trigger m when every monday and points > 0 then tag \"m\"\n"
                       "trigger e when every month on 31 and points > 0 then tag \"e\"\n"
                       "trigger o when on 2026-12-01 and points > 0 then tag \"o\"\n"
                       "trigger t when every 2d from 2026-11-24 and points > 0 then tag \"t\"\n");
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,1\nm2,2020-01-01,0\n"));
    chain_night(chain, "2026-11-22", ""); /* a Sunday */
    chain_night(chain, "2026-11-23", "m1:m");
    chain_night(chain, "2026-11-24", "m1:t");
    chain_feed(chain, "members.csv", POINTS("m1,2020-01-01,1\nm2,2020-01-01,1\n"));
    chain_night(chain, "2026-11-25", ""); /* the 23rd is decided for m2 as well */
    chain_night(chain, "2026-11-30",
                "m1:m m1:e m1:t m2:m m2:e m2:t m1:t!missed m1:t!missed "
                "m2:t!missed m2:t!missed");
    chain_night(chain, "2026-12-02", "m1:o m1:t m2:o m2:t");
}

static void merged_members(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "merges from \"merges*.csv\"\n"
                       "segment rich is points >= 100\n"
                       "trigger a when joined + 7d then tag \"x\"\n"
                       "trigger b when member becomes rich then tag \"in\"\n");
    chain_feed(chain, "merges.csv", "old,new\n");
    chain_feed(chain, "members.csv",
               POINTS("m1,2026-11-13,50\nm2,2026-11-17,50\nm3,2026-11-14,50\n"));
    chain_night(chain, "2026-11-20", "m1:x");
    /* m1 is m2: m2's own seventh day was decided under m1; its crossing is only recorded */
    chain_feed(chain, "merges.csv", "old,new\nm1,m2\n");
    chain_feed(chain, "members.csv", POINTS("m2,2026-11-17,500\nm3,2026-11-14,500\n"));
    chain_night(chain, "2026-11-21", "m3:x m3:in");
    chain_feed(chain, "members.csv", POINTS("m2,2026-11-17,50\nm3,2026-11-14,500\n"));
    chain_night(chain, "2026-11-22", "");
    chain_feed(chain, "members.csv", POINTS("m2,2026-11-17,500\nm3,2026-11-14,500\n"));
    chain_night(chain, "2026-11-23", "m2:in");
    chain_night(chain, "2026-11-24", "");
}

static void gates(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "member from \"members*.csv\" { grade text? }\n"
                       "trigger a when on 2026-11-20 then task owner \"Call\"\n"
                       "trigger b when on 2026-11-20 then send coupon at 22:00\n"
                       "trigger c holdout 100% when on 2026-11-20 then send coupon, tag \"kept\"\n"
                       "trigger d when on 2026-11-20 then set grade = \"one\"\n"
                       "trigger e priority 5 when on 2026-11-20 then set grade = \"two\"\n");
    chain_feed(chain, "members.csv",
               "member_id,joined,owner,store,grade\nm1,2020-01-01,ann,s1,\nm2,2020-01-01,,s2,\n"
               "m3,2020-01-01,,,\n");
    chain_night(chain, "2026-11-20",
                "m1: m1:kept m1:grade m2: m2:kept m2:grade m3:kept m3:grade "
                "m1:default!hours m1:default!holdout m1:grade!valid "
                "m2:default!hours m2:default!holdout m2:grade!valid "
                "m3:!reach m3:default!hours m3:default!holdout m3:grade!valid");
}

/* What leaves while nothing can stop it is counted all the same: a budget of the next night knows.
 */
static void spent_before_a_budget(void **state)
{
#define SENDS(budgets)                                                                             \
    "message hello \"Hello\" { en \"Hello\" }\ncost sms 1.00\ncost wecom 2.00\n"                   \
    "policy { reach wecom when wecom\n reach sms when sms\n" budgets "}\n"                         \
    "trigger a when on 2026-11-20 then send hello\n"                                               \
    "trigger b when on 2026-11-21 then send hello\n"
    struct chain *chain = *state;
    chain_rules(chain, SENDS(""));
    chain_feed(chain, "members.csv",
               "member_id,joined,wecom,sms\nm1,2020-01-01,0,1\nm2,2020-01-01,1,0\n"
               "m3,2020-01-01,0,1\nm4,2020-01-01,1,0\n");
    chain_night(chain, "2026-11-20", "m1:hello m2:hello m3:hello m4:hello");
    /* 2.00 went to the one, 4.00 to the other */
    chain_rules(chain, SENDS("budget sms 2.99 per calendar month\n"
                             "budget wecom 8.00 per calendar month\n"));
    chain_night(chain, "2026-11-21", "m2:hello m4:hello m1:hello!budget m3:hello!budget");
#undef SENDS
}

static void over_dst(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "timezone \"Europe/Berlin\"\n"
                       "trigger a when joined + 1d then tag \"x\"\n"
                       "trigger p when purchase + 1d then tag \"p\"\n");
    chain_feed(chain, "members.csv", MEMBERS("m1,2026-03-28\nm2,2026-10-24\nm3,2026-03-29\n"));
    chain_feed(chain, "orders.csv",
               ORDERS("m1,2026-03-28T02:30,a,1,1.00\nm1,2026-10-24T02:30,b,1,1.00\n"));
    chain_night(chain, "2026-03-28", "");
    chain_night(chain, "2026-03-29", "m1:x");
    chain_night(chain, "2026-03-30", "m1:p m3:x"); /* 02:30 does not exist on the 29th */
    chain_night(chain, "2026-10-24", "");
    chain_night(chain, "2026-10-25", "m2:x");
    chain_night(chain, "2026-10-26", "m1:p");
}

static void messages_are_remembered(void **state)
{
    struct chain *chain = *state;
    /* the ledger is whole from the first night on: of m0, who was there before, nobody knows */
    chain_rules(chain,
                "trigger a when joined + 1d and points > 0 then send coupon\n"
                "trigger b when joined + 3d and no sent[name = \"default\"] then tag \"none\"\n"
                "trigger c when joined + 3d and any sent[name = \"default\"] then tag \"one\"\n");
    chain_feed(chain, "members.csv", POINTS("m0,2026-11-19,0\nm1,2026-11-20,1\nm2,2026-11-20,0\n"));
    chain_night(chain, "2026-11-20", "");
    chain_night(chain, "2026-11-21", "m1:default");
    chain_night(chain, "2026-11-22", "");
    chain_night(chain, "2026-11-23", "m1:one m2:none");
}

static void refusals(void **state)
{
    struct chain *chain = *state;
    char command[256];
    chain_rules(chain, "trigger a when joined + 7d and not purchased then tag \"x\"\n");
    chain_feed(chain, "members.csv", MEMBERS("m1,2026-11-13\nm2,2026-11-14\n"));
    chain_night(chain, "2026-11-20", "refused 66"); /* no orders is not "no orders" */
    chain_feed(chain, "orders.csv", ORDERS("m9,2026-11-01T10:00,o,1,1.00\n"));
    chain_night(chain, "2026-11-20", "m1:x");
    chain_night(chain, "2026-11-19", "refused 65");
    chain_feed(chain, "orders.csv", ORDERS("m9,2026-11-01T10:00,o,1,2.00\n"));
    chain_night(chain, "2026-11-20", "refused 65");
    chain_feed(chain, "orders.csv", ORDERS("m9,2026-11-01T10:00,o,1,1.00\n"));
    chain_night(chain, "2026-11-20", "(already)");
    chain_rules(chain, "trigger a when joined + 6d and not purchased then tag \"x\"\n");
    chain_night(chain, "2026-11-20", "refused 78");
    chain_rules(chain, "trigger a when joined + 7d and not purchased then tag \"x\"\n");
    /* a copy of the state from before the 21st comes back after it */
    snprintf(command, sizeof(command), "cp %s/shop.db %s/copy.db", chain->dir, chain->dir);
    assert_int_equal(system(command), 0);
    chain_night(chain, "2026-11-21", "m2:x");
    snprintf(command, sizeof(command), "cp %s/copy.db %s/shop.db", chain->dir, chain->dir);
    assert_int_equal(system(command), 0);
    chain_night(chain, "2026-11-22", "refused 78");
    chain_night(chain, "2026-11-21", "refused 78");
    snprintf(command, sizeof(command), ": > %s/shop.db", chain->dir);
    assert_int_equal(system(command), 0);
    chain_night(chain, "2026-11-22", "refused 78");
    snprintf(command, sizeof(command), "rm %s/shop.db", chain->dir);
    assert_int_equal(system(command), 0);
    chain_night(chain, "2026-11-22", "refused 66");
}

/* The last night's inputs as versions wrote them that knew them by nothing but their SHA-256. */
static void know_by_sha256(struct chain *chain)
{
    char path[100];
    struct wf_store *store;
    struct wf_state state;
    snprintf(path, sizeof(path), "%s/shop.db", chain->dir);
    assert_int_equal(wf_store_open(path, NULL, &store, NULL), WF_OK);
    wf_state_init(&state, NULL);
    assert_int_equal(wf_store_load(store, &state), WF_OK);
    char *at = state.last.inputs;
    for (char *sha256; (sha256 = strchr(at, '+')); at = strchr(at, '\n') + 1) {
        at = strchr(at, ' ') + 1;
        memmove(at, sha256 + 1, strlen(sha256));
    }
    assert_null(strchr(state.last.inputs, '+'));
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->put_run(store, &state.last), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    wf_state_release(&state);
    wf_store_close(store);
}

static void a_state_that_knows_sha256(void **state)
{
    struct chain *chain = *state;
    chain_rules(chain, "trigger a when joined + 7d and not purchased then tag \"x\"\n");
    chain_feed(chain, "members.csv", MEMBERS("m1,2026-11-13\nm2,2026-11-14\n"));
    chain_feed(chain, "orders.csv", ORDERS("m9,2026-11-01T10:00,o,1,1.00\n"));
    chain->sha256 = true;
    chain_night(chain, "2026-11-20", "m1:x");
    chain->sha256 = false;
    know_by_sha256(chain);
    chain_night(chain, "2026-11-20", "(already)");
    chain_feed(chain, "orders.csv", ORDERS("m9,2026-11-01T10:00,o,1,2.00\n"));
    chain_night(chain, "2026-11-20", "refused 65");
    chain_night(chain, "2026-11-21", "m2:x");
    chain_night(chain, "2026-11-21", "(already)");
}

static void dry_runs(void **state)
{
    struct chain *chain = *state;
    struct wf_buf out;
    chain_rules(chain, "trigger a when joined + 7d then tag \"x\"\n");
    chain_feed(chain, "members.csv", MEMBERS("m1,2026-11-13\n"));
    wf_buf_init(&out, NULL, 0);
    chain->dry_run = true;
    assert_int_equal(chain_run(chain, "2026-11-20", &out), WF_OK);
    assert_int_equal(chain_run(chain, "2026-11-25", &out), WF_OK);
    chain->dry_run = false;
    wf_buf_release(&out);
    chain_night(chain, "2026-11-20", "m1:x"); /* nothing was remembered */
}

int main(void)
{
#define NIGHTS(f) cmocka_unit_test_setup_teardown(f, chain_setup, chain_teardown)
    const struct CMUnitTest tests[] = {
        NIGHTS(a_date),
        NIGHTS(late_members),
        NIGHTS(reaching_back),
        NIGHTS(edited_rules),
        NIGHTS(a_year),
        NIGHTS(leap_days),
        NIGHTS(an_event),
        NIGHTS(forgotten_keys),
        NIGHTS(first_and_last),
        NIGHTS(a_crossing),
        NIGHTS(crossings_only_recorded),
        NIGHTS(unknown_is_no_crossing),
        NIGHTS(by_calendar),
        NIGHTS(merged_members),
        NIGHTS(gates),
        NIGHTS(spent_before_a_budget),
        NIGHTS(over_dst),
        NIGHTS(messages_are_remembered),
        NIGHTS(refusals),
        NIGHTS(a_state_that_knows_sha256),
        NIGHTS(dry_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
