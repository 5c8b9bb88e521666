/* The calendar against a second one that only ever counts one day further. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/calendar.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The other calendar: a wall calendar whose leaf is torn off every day. */
struct leaf {
    int year, month, day, weekday;
};

static int leaf_month(int year, int month)
{
    switch (month) {
    case 4:
    case 6:
    case 9:
    case 11: return 30;
    case 2: break;
    default: return 31;
    }
    if (year % 400 == 0)
        return 29;
    if (year % 100 == 0)
        return 28;
    return year % 4 == 0 ? 29 : 28;
}

static void tear_off(struct leaf *leaf)
{
    leaf->weekday = leaf->weekday == 6 ? 0 : leaf->weekday + 1;
    if (++leaf->day <= leaf_month(leaf->year, leaf->month))
        return;
    leaf->day = 1;
    if (++leaf->month <= 12)
        return;
    leaf->month = 1;
    leaf->year++;
}

static void every_day(void **state)
{
    (void)state;
    struct leaf leaf = {1, 1, 1, 0}; /* 0001-01-01 was a Monday */
    char text[WF_DATE_TEXT];
    int64_t day = WF_MIN_DAY, count = 0;
    for (; leaf.year <= 9999; tear_off(&leaf), day++, count++) {
        struct wf_civil c = wf_day_to_civil(day);
        int64_t parsed = INT64_MIN;
        wf_date_text(day, text);
        bool good = c.year == leaf.year && c.month == leaf.month && c.day == leaf.day &&
                    wf_weekday(day) == leaf.weekday &&
                    wf_civil_to_day(leaf.year, leaf.month, leaf.day) == day &&
                    wf_civil_valid(leaf.year, leaf.month, leaf.day) &&
                    wf_date_parse(text, 10, &parsed) && parsed == day;
        if (!good)
            fail_msg("%04d-%02d-%02d is day %lld, %s", leaf.year, leaf.month, leaf.day,
                     (long long)day, text);
    }
    assert_int_equal(count, 3652059);
    assert_int_equal(day - 1, WF_MAX_DAY);
}

/* From tables that others printed: the oracle of the two calendars above. */
static void known_days(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        int64_t day;
        int weekday;
    } table[] = {
        {"0001-01-01", -719162, 0}, {"1582-10-15", -141427, 4}, {"1600-02-29", -135081, 1},
        {"1900-01-01", -25567, 0},  {"1969-12-31", -1, 2},      {"1970-01-01", 0, 3},
        {"2000-02-29", 11016, 1},   {"2000-03-01", 11017, 2},   {"2026-11-22", 20779, 6},
        {"2038-01-19", 24855, 1},   {"2100-02-28", 47540, 6},   {"9999-12-31", 2932896, 4},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        int64_t day;
        char text[WF_DATE_TEXT];
        assert_true(wf_date_parse(table[i].date, 10, &day));
        assert_int_equal(day, table[i].day);
        assert_int_equal(wf_weekday(day), table[i].weekday);
        wf_date_text(day, text);
        assert_string_equal(text, table[i].date);
    }
}

static int64_t day_of(const char *text)
{
    int64_t day = INT64_MIN;
    if (!wf_date_parse(text, strlen(text), &day))
        fail_msg("not a date: %s", text);
    return day;
}

static void months(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        int64_t months;
        const char *to; /* NULL: leaves the calendar */
    } table[] = {
        {"2026-01-31", 1, "2026-02-28"},
        {"2024-01-31", 1, "2024-02-29"},
        {"2026-03-31", -1, "2026-02-28"},
        {"2026-01-31", 12, "2027-01-31"},
        {"2024-02-29", 12, "2025-02-28"},
        {"2024-02-29", 48, "2028-02-29"},
        {"2026-12-15", 1, "2027-01-15"},
        {"2026-01-15", -1, "2025-12-15"},
        {"2026-10-31", 1, "2026-11-30"},
        {"2026-05-31", -3, "2026-02-28"},
        {"2026-11-22", 0, "2026-11-22"},
        {"2026-11-22", -24, "2024-11-22"},
        {"0001-01-01", -1, NULL},
        {"0001-12-31", -11, "0001-01-31"},
        {"9999-12-31", 1, NULL},
        {"9999-01-31", 11, "9999-12-31"},
        {"2026-11-22", 119988, NULL},
        {"2026-11-22", INT64_MAX, NULL},
        {"2026-11-22", INT64_MIN, NULL},
        {"0001-01-01", 119987, "9999-12-01"},
        {"9999-12-31", -119987, "0001-01-31"},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        int64_t day = 77;
        bool stays = wf_day_add_months(day_of(table[i].from), table[i].months, &day);
        assert_int_equal(stays, table[i].to != NULL);
        assert_int_equal(day, table[i].to ? day_of(table[i].to) : 77);
    }
}

static void days(void **state)
{
    (void)state;
    int64_t day = 77;
    assert_false(wf_day_add_days(WF_MAX_DAY, 1, &day));
    assert_false(wf_day_add_days(WF_MIN_DAY, -1, &day));
    assert_false(wf_day_add_days(0, INT64_MAX, &day));
    assert_false(wf_day_add_days(WF_MAX_DAY, INT64_MAX, &day));
    assert_false(wf_day_add_days(WF_MIN_DAY, INT64_MIN, &day));
    assert_int_equal(day, 77);
    assert_true(wf_day_add_days(WF_MIN_DAY, WF_MAX_DAY - WF_MIN_DAY, &day));
    assert_int_equal(day, WF_MAX_DAY);
}

static void anniversaries(void **state)
{
    (void)state;
    static const struct {
        const char *born;
        int64_t year;
        enum wf_feb29 feb29;
        const char *day; /* NULL: none that year */
    } table[] = {
        {"1990-05-20", 2026, WF_FEB28, "2026-05-20"},
        {"1990-05-20", 1991, WF_FEB28, "1991-05-20"},
        {"1990-05-20", 1990, WF_FEB28, NULL}, /* the day itself is no anniversary */
        {"1990-05-20", 1989, WF_FEB28, NULL},
        {"2000-02-29", 2026, WF_FEB28, "2026-02-28"},
        {"2000-02-29", 2026, WF_MAR1, "2026-03-01"},
        {"2000-02-29", 2026, WF_FEB_SKIP, NULL},
        {"2000-02-29", 2028, WF_FEB28, "2028-02-29"},
        {"2000-02-29", 2028, WF_MAR1, "2028-02-29"},
        {"2000-02-29", 2028, WF_FEB_SKIP, "2028-02-29"},
        {"2000-02-29", 2100, WF_MAR1, "2100-03-01"},
        {"2001-02-28", 2028, WF_MAR1, "2028-02-28"},
        {"2001-02-28", 9999, WF_MAR1, "9999-02-28"},
        {"2001-02-28", 10000, WF_MAR1, NULL},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        int64_t day = 77;
        bool has = wf_day_anniversary(day_of(table[i].born), table[i].year, table[i].feb29, &day);
        assert_int_equal(has, table[i].day != NULL);
        assert_int_equal(day, table[i].day ? day_of(table[i].day) : 77);
    }
}

static void dates_refused(void **state)
{
    (void)state;
    static const char *const table[] = {
        "",           "2026-11-2",   "2026-11-222", "2026-13-01", "2026-00-10", "2026-02-29",
        "2100-02-29", "2026-04-31",  "0000-01-01",  "0000-00-00", "2026/11/22", "2026-11 22",
        "20261122",   " 2026-11-22", "2026-11-22 ", "+026-11-22", "-001-01-01", "2026-1a-01",
        "26-11-22",   "2026-11-00",  "2026-11-31",
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        int64_t day = 77;
        if (wf_date_parse(table[i], strlen(table[i]), &day))
            fail_msg("taken: %s", table[i]);
        assert_int_equal(day, 77);
    }
}

static void clocks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t clock; /* -1: refused */
    } table[] = {
        {"00:00", 0}, {"09:30", 34200}, {"23:59:59", 86399}, {"14:00:05", 50405}, {"24:00", -1},
        {"9:30", -1}, {"09:60", -1},    {"09:30:60", -1},    {"09:30:", -1},      {"", -1},
        {"0930", -1}, {"09:30:5", -1},  {"09:30:00.5", -1},  {"09:30 ", -1},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        int64_t clock = -1;
        assert_int_equal(wf_clock_parse(table[i].text, strlen(table[i].text), &clock),
                         table[i].clock >= 0);
        assert_int_equal(clock, table[i].clock);
        char text[WF_CLOCK_TEXT];
        if (table[i].clock >= 0) {
            wf_clock_text(clock, text);
            assert_memory_equal(text, table[i].text, strlen(table[i].text));
        }
    }
}

static void stamps(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good, zoned;
        int64_t clock;
        int32_t offset;
    } table[] = {
        {"2026-11-22T14:00", true, false, 50400, 0},
        {"2026-11-22 14:00", true, false, 50400, 0},
        {"2026-11-22T14:00:05", true, false, 50405, 0},
        {"2026-11-22T14:00:05.123456", true, false, 50405, 0},
        {"2026-11-22T14:00:05Z", true, true, 50405, 0},
        {"2026-11-22T14:00:05z", true, true, 50405, 0},
        {"2026-11-22T14:00:05+08:00", true, true, 50405, 28800},
        {"2026-11-22T14:00:05.5-0330", true, true, 50405, -12600},
        {"2026-11-22 14:00+08", true, true, 50400, 28800},
        {"2026-11-22", false, false, 0, 0},
        {"2026-11-22T", false, false, 0, 0},
        {"2026-11-22  14:00", false, false, 0, 0},
        {"2026-11-22T24:00", false, false, 0, 0},
        {"2026-11-22T23:59:60", false, false, 0, 0},
        {"2026-11-22T14:00.5", false, false, 0, 0},
        {"2026-11-22T14:00:05.", false, false, 0, 0},
        {"2026-11-22T14:00:05+", false, false, 0, 0},
        {"2026-11-22T14:00:05+08:", false, false, 0, 0},
        {"2026-11-22T14:00:05+24:00", false, false, 0, 0},
        {"2026-11-22T14:00:05+08:60", false, false, 0, 0},
        {"2026-11-22T14:00:05 Z", false, false, 0, 0},
        {"2026-11-22T14:00:05Zulu", false, false, 0, 0},
        {"2026-02-29T14:00:05", false, false, 0, 0},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_stamp stamp = {.day = 77};
        if (wf_stamp_parse(table[i].text, strlen(table[i].text), &stamp) != table[i].good)
            fail_msg("%s", table[i].text);
        assert_int_equal(stamp.day, table[i].good ? 20779 : 77);
        assert_int_equal(stamp.clock, table[i].clock);
        assert_int_equal(stamp.zoned, table[i].zoned);
        assert_int_equal(stamp.offset, table[i].offset);
    }
    char text[WF_STAMP_TEXT];
    wf_stamp_text(20779, 50405, text);
    assert_string_equal(text, "2026-11-22T14:00:05");
}

/* A parser must never look behind the length it was given. */
static void parsers_stop_at_len(void **state)
{
    (void)state;
    const char *full = "2026-11-22T14:00:05.25+08:00";
    for (size_t len = 0; len <= strlen(full); len++) {
        char exact[32];
        memcpy(exact, full, len); /* no NUL, and rubbish behind */
        memset(exact + len, '9', sizeof(exact) - len);
        struct wf_stamp stamp;
        bool good = wf_stamp_parse(exact, len, &stamp);
        bool whole = len == 16 || len == 19 || len == 21 || len == 22 || len == 25 || len == 28;
        assert_int_equal(good, whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day),
        cmocka_unit_test(known_days),
        cmocka_unit_test(months),
        cmocka_unit_test(days),
        cmocka_unit_test(anniversaries),
        cmocka_unit_test(dates_refused),
        cmocka_unit_test(clocks),
        cmocka_unit_test(stamps),
        cmocka_unit_test(parsers_stop_at_len),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
