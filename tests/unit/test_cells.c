/* One cell at a time: what each type takes, what it refuses, and in which words. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/base/limits.h"
#include "runtime/data/cell.h"
#include "runtime/data/quick.h"

enum { NO = 0, YES = 1 };

struct int_case {
    const char *text;
    int ok;
    int64_t value;
};

static void whole_numbers(void **state)
{
    static const struct int_case cases[] = {
        {"0", YES, 0},
        {"-0", YES, 0},
        {"007", YES, 7},
        {" 12\t", YES, 12},
        {"999999999999999999", YES, 999999999999999999},
        {"9223372036854775807", YES, INT64_MAX},
        {"-9223372036854775808", YES, INT64_MIN},
        {"9223372036854775808", NO, 0},
        {"-9223372036854775809", NO, 0},
        {"99999999999999999999999999", NO, 0},
        {"", NO, 0},
        {"-", NO, 0},
        {"+5", NO, 0},
        {"1.0", NO, 0},
        {"1e3", NO, 0},
        {"1 000", NO, 0},
        {"1,000", NO, 0},
        {"0x10", NO, 0},
        {"12a", NO, 0},
        {"１２", NO, 0},
        {"4.4E+17", NO, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got = 77;
        const char *what = wf_cell_int(cases[i].text, strlen(cases[i].text), &got);
        if ((what == NULL) != cases[i].ok || got != (cases[i].ok ? cases[i].value : 77))
            fail_msg("\"%s\": %s, %lld", cases[i].text, what ? what : "taken", (long long)got);
    }
    int64_t got;
    assert_string_equal(wf_cell_int("9223372036854775808", 19, &got),
                        "is a whole number outside the 64-bit range");
    assert_string_equal(wf_cell_int("x", 1, &got), "is not a whole number");
}

static void amounts_of_money(void **state)
{
    static const struct int_case cases[] = {
        {"0", YES, 0},
        {"12", YES, 1200},
        {"12.5", YES, 1250},
        {"12.50", YES, 1250},
        {"-12.05", YES, -1205},
        {"-0.05", YES, -5},
        {".5", YES, 50},
        {"92233720368547758.07", YES, INT64_MAX},
        {"-92233720368547758.08", YES, INT64_MIN},
        {"92233720368547758.08", NO, 0},
        {"-92233720368547758.09", NO, 0},
        {"12.505", NO, 0},
        {"12.500", NO, 0},
        {"12.", NO, 0},
        {".", NO, 0},
        {"-", NO, 0},
        {"", NO, 0},
        {"1.2.3", NO, 0},
        {"1,5", NO, 0},
        {"¥12", NO, 0},
        {"12e1", NO, 0},
        {"1.-5", NO, 0},
        {"--1", NO, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t got = 77;
        const char *what = wf_cell_money(cases[i].text, strlen(cases[i].text), &got);
        if ((what == NULL) != cases[i].ok || got != (cases[i].ok ? cases[i].value : 77))
            fail_msg("\"%s\": %s, %lld", cases[i].text, what ? what : "taken", (long long)got);
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        int ok;
        double value;
    } cases[] = {
        {"0", YES, 0},
        {"-0.0", YES, 0},
        {"0.1", YES, 0.1},
        {"123456.789", YES, 123456.789},
        {"999999999999999", YES, 999999999999999.0},
        {"9007199254740993", YES, 9007199254740992.0},
        {"0.30000000000000004", YES, 0.30000000000000004},
        {"1e3", YES, 1000},
        {"1.5E-3", YES, 0.0015},
        {"1e308", YES, 1e308},
        {"4.9e-324", YES, 4.9406564584124654e-324},
        {".5", YES, 0.5},
        {"1e309", NO, 0},
        {"nan", NO, 0},
        {"inf", NO, 0},
        {"0x1p3", NO, 0},
        {"1,5", NO, 0},
        {"1.", NO, 0},
        {"e3", NO, 0},
        {"1e", NO, 0},
        {"", NO, 0},
        {"-", NO, 0},
    };
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double got = 77;
        const char *what = wf_cell_number(cases[i].text, strlen(cases[i].text), c, &got);
        if ((what == NULL) != cases[i].ok || (cases[i].ok && got != cases[i].value))
            fail_msg("\"%s\": %s, %.17g", cases[i].text, what ? what : "taken", got);
    }
    double minus;
    assert_null(wf_cell_number("-0", 2, c, &minus));
    assert_false(signbit(minus));
    /* the short way and strtod agree on every digit string that both take */
    uint64_t s = 9;
    for (unsigned round = 0; round < 200000; round++) {
        char text[40];
        s = s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t mantissa = (s >> 14) % UINT64_C(1000000000000000);
        unsigned decimals = round % 16;
        snprintf(text, sizeof(text), "%016llu", (unsigned long long)mantissa);
        memmove(text + 17 - decimals, text + 16 - decimals, decimals + 1);
        text[16 - decimals] = '.';
        if (!decimals)
            text[16] = '\0';
        double got;
        char *from = text + 1; /* fifteen digits */
        assert_null(wf_cell_number(from, strlen(from), c, &got));
        if (got != strtod_l(from, NULL, c))
            fail_msg("%s: %.17g", from, got);
    }
    freelocale(c);
}

static void truths(void **state)
{
    static const struct int_case cases[] = {
        {"1", YES, 1},  {"0", YES, 0},  {"true", YES, 1}, {"FALSE", YES, 0}, {"Yes", YES, 1},
        {"no", YES, 0}, {"是", YES, 1}, {"否", YES, 0},   {"t", NO, 0},      {"y", NO, 0},
        {"2", NO, 0},   {"真", NO, 0},  {"", NO, 0},      {"on", NO, 0},     {" true ", YES, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool got = false;
        const char *what = wf_cell_bool(cases[i].text, strlen(cases[i].text), &got);
        if ((what == NULL) != cases[i].ok || (cases[i].ok && got != cases[i].value))
            fail_msg("\"%s\"", cases[i].text);
    }
}

static void dates_of_every_day(void **state)
{
    (void)state;
    for (int64_t day = -25567; day <= WF_MAX_DAY; day++) {
        char text[WF_DATE_TEXT], other[32];
        struct wf_civil civil = wf_day_to_civil(day);
        int64_t got = -1;
        wf_date_text(day, text);
        if (wf_cell_date(text, 10, NULL, &got) || got != day)
            fail_msg("%s", text);
        snprintf(other, sizeof(other), "%02d/%02d/%04d", civil.day, civil.month, civil.year);
        if (wf_cell_date(other, strlen(other), "%d/%m/%Y", &got) || got != day)
            fail_msg("%s", other);
    }
}

static void dates_that_are_none(void **state)
{
    static const struct {
        const char *text, *what;
    } cases[] = {
        {"0000-00-00", "is not a day of the calendar"},
        {"2026-02-29", "is not a day of the calendar"},
        {"2026-13-01", "is not a day of the calendar"},
        {"2100-02-29", "is not a day of the calendar"},
        {"1899-12-31", "is a date outside the years 1900 to 9999"},
        {"0001-01-01", "is a date outside the years 1900 to 9999"},
        {"10000-01-01", "is not a date like 2026-11-22"},
        {"45982", "is not a date like 2026-11-22"},
        {"2026/11/22", "is not a date like 2026-11-22"},
        {"26-11-22", "is not a date like 2026-11-22"},
        {"2026-11-2", "is not a date like 2026-11-22"},
        {"2026-11-22x", "is not a date like 2026-11-22"},
        {"", "is not a date like 2026-11-22"},
    };
    int64_t got = 5;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *what = wf_cell_date(cases[i].text, strlen(cases[i].text), NULL, &got);
        assert_string_equal(what, cases[i].what);
        assert_int_equal(got, 5);
    }
    assert_null(wf_cell_date("2024-02-29", 10, NULL, &got));
    assert_null(wf_cell_date("1900-01-01", 10, NULL, &got));
    assert_null(wf_cell_date("9999-12-31", 10, NULL, &got));
    assert_null(wf_cell_date("2026-11-22 13:00", 16, "%Y-%m-%d %H:%M", &got));
    assert_non_null(wf_cell_date("22/11/2026", 10, "%m/%d/%Y", &got));
    assert_non_null(wf_cell_date("22/11/20261", 11, "%d/%m/%Y", &got));
    assert_non_null(wf_cell_date("22/11/", 6, "%d/%m/%Y", &got));
    assert_non_null(wf_cell_date("100%", 4, "%Y%", &got));
}

static void times_in_the_zone(void **state)
{
    static const struct int_case cases[] = {
        {"2026-11-22T14:00:00", YES, 1795327200},
        {"2026-11-22 14:00:00", YES, 1795327200},
        {"2026-11-22 14:00", YES, 1795327200},
        {"2026-11-22T14:00:00.999", YES, 1795327200},
        {"2026-11-22T06:00:00Z", YES, 1795327200},
        {"2026-11-22T14:00:00+08:00", YES, 1795327200},
        {"2026-11-22T07:00:00+0100", YES, 1795327200},
        {"2026-11-22T01:00:00-05", YES, 1795327200},
        {"2026-11-22", NO, 0},
        {"2026-11-22T24:00:00", NO, 0},
        {"2026-11-22T14:60:00", NO, 0},
        {"2026-11-22  14:00:00", NO, 0},
        {"2026-11-22T14:00:00 CST", NO, 0},
        {"0000-00-00 00:00:00", NO, 0},
        {"1899-12-31 23:59:59", NO, 0},
        {"45982.58", NO, 0},
    };
    struct wf_zone *zone;
    (void)state;
    assert_int_equal(wf_zone_fixed(NULL, 8 * 3600, &zone), WF_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wf_stretch span = {0};
        int64_t got = 0;
        const char *what =
            wf_cell_time(cases[i].text, strlen(cases[i].text), NULL, zone, &span, &got);
        if ((what == NULL) != cases[i].ok || got != cases[i].value)
            fail_msg("\"%s\": %s, %lld", cases[i].text, what ? what : "taken", (long long)got);
    }
    struct wf_stretch span = {0};
    int64_t got;
    assert_null(wf_cell_time("22/11/2026 14.00 +0800", 22, "%d/%m/%Y %H.%M %z", zone, &span, &got));
    assert_int_equal(got, 1795327200);
    assert_non_null(
        wf_cell_time("22/11/2026 14.00 +9900", 22, "%d/%m/%Y %H.%M %z", zone, &span, &got));
    wf_zone_free(zone);
}

static void clocks_and_durations(void **state)
{
    int64_t got;
    (void)state;
    assert_null(wf_cell_clock("09:30", 5, &got));
    assert_int_equal(got, 34200);
    assert_non_null(wf_cell_clock("24:00", 5, &got));
    assert_null(wf_cell_duration("2w", 2, WF_T_DAYS, &got));
    assert_int_equal(got, 14);
    assert_null(wf_cell_duration("3mo", 3, WF_T_MONTHS, &got));
    assert_int_equal(got, 3);
    assert_null(wf_cell_duration("5min", 4, WF_T_SECONDS, &got));
    assert_int_equal(got, 300);
    assert_non_null(wf_cell_duration("5", 1, WF_T_DAYS, &got));
    assert_non_null(wf_cell_duration("5mo", 3, WF_T_DAYS, &got));
    assert_non_null(wf_cell_duration("9223372036854775807w", 20, WF_T_DAYS, &got));
}

static void sets(void **state)
{
    static const char *const cases[][2] = {
        {"vip", "vip"},     {"b;a", "a;b"},   {"b|a|b", "a;b"}, {" b ; a ", "a;b"},
        {";;", ""},         {"a;;b|", "a;b"}, {"ab;a", "a;ab"}, {"新客;老客", "新客;老客"},
        {"a b;c", "a b;c"},
    };
    struct wf_buf out;
    (void)state;
    wf_buf_init(&out, NULL, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wf_buf_reset(&out);
        assert_null(wf_cell_set(cases[i][0], strlen(cases[i][0]), &out));
        assert_string_equal(wf_buf_str(&out), cases[i][1]);
    }
    wf_buf_reset(&out);
    struct wf_buf many;
    wf_buf_init(&many, NULL, 0);
    for (unsigned i = 0; i < WF_MAX_SET; i++)
        wf_buf_addf(&many, "%u;", i);
    assert_null(wf_cell_set(many.data, many.len, &out));
    wf_buf_adds(&many, "one more");
    assert_string_equal(wf_cell_set(many.data, many.len, &out),
                        "is a set of more than WF_MAX_SET (4096) members");
    wf_buf_release(&many);
    wf_buf_release(&out);
}

static void ids(void **state)
{
    char longest[WF_MAX_ID + 2];
    (void)state;
    memset(longest, '7', sizeof(longest));
    assert_null(wf_cell_id(longest, WF_MAX_ID));
    assert_non_null(wf_cell_id(longest, WF_MAX_ID + 1));
    static const char *const mangled[] = {"4.4E+17", "4E+17", "1.23457E+11", "4.4e+17"};
    static const char *const sound[] = {"4.4E17",  "44E+17", "E+17", "4.4E+",
                                        "4.4E+1x", "007",    "m1"};
    for (size_t i = 0; i < sizeof(mangled) / sizeof(mangled[0]); i++)
        assert_string_equal(wf_cell_id(mangled[i], strlen(mangled[i])),
                            "is an id that a spreadsheet has turned into a number");
    for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++)
        assert_null(wf_cell_id(sound[i], strlen(sound[i])));
}

/* ---- the quick readers take nothing that cell.h would not, and say the same ---- */

struct quick_tally {
    unsigned ints, amounts, dates, truths, numbers, clocks, stamps;
    locale_t c_locale;
};

static void compare_quick(const char text[32], struct quick_tally *tally)
{
    uint32_t len = (uint32_t)strlen(text);
    int64_t quick = -1, slow = -2;
    bool truth = false;
    if (wf_quick_int(text, len, &quick)) {
        assert_null(wf_cell_int(text, len, &slow));
        assert_int_equal(quick, slow);
        tally->ints++;
    }
    if (wf_quick_money(text, len, &quick)) {
        assert_null(wf_cell_money(text, len, &slow));
        assert_int_equal(quick, slow);
        tally->amounts++;
    }
    if (wf_quick_date(text, len, &quick)) {
        assert_null(wf_cell_date(text, len, NULL, &slow));
        assert_int_equal(quick, slow);
        tally->dates++;
    }
    if (len && wf_quick_bool(text, len, &quick)) {
        assert_null(wf_cell_bool(text, len, &truth));
        assert_int_equal(quick, truth);
        tally->truths++;
    }
    if (wf_quick_clock(text, len, &quick)) {
        assert_null(wf_cell_clock(text, len, &slow));
        assert_int_equal(quick, slow);
        tally->clocks++;
    }
    int64_t day;
    if (wf_quick_stamp(text, len, &day, &quick)) {
        struct wf_stamp stamp;
        assert_true(wf_stamp_parse(text, len, &stamp));
        assert_int_equal(day, stamp.day);
        assert_int_equal(quick, stamp.clock);
        assert_false(stamp.zoned);
        tally->stamps++;
    }
    double number = -1, full = -2;
    if (wf_quick_number(text, len, &number)) {
        assert_null(wf_cell_number(text, len, tally->c_locale, &full));
        assert_memory_equal(&number, &full, sizeof(number));
        tally->numbers++;
    }
}

/* Every byte in every place of plain cells, and their shorter beginnings. */
static void quick_readers_agree(void **state)
{
    static const char *const plain[] = {"0",
                                        "1",
                                        "99",
                                        "12345678",
                                        "0.00",
                                        "57.88",
                                        "12345678.90",
                                        "2026-11-22",
                                        "1900-01-01",
                                        "2000-02-28",
                                        "9999-12-31",
                                        "9.5",
                                        "0.1",
                                        "12345678.9",
                                        "00:00",
                                        "23:59",
                                        "09:30:59",
                                        "2026-11-22T14:00",
                                        "2024-12-31 23:59:59"};
    struct quick_tally tally = {.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    (void)state;
    assert_true(tally.c_locale != (locale_t)0);
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        size_t len = strlen(plain[i]);
        for (size_t cut = 0; cut <= len; cut++) {
            char text[32] = {0};
            memcpy(text, plain[i], cut);
            memset(text + cut + 1, '7', 8); /* what lies behind a cell does not matter */
            compare_quick(text, &tally);
            for (size_t at = 0; at < cut; at++)
                for (int byte = 1; byte < 256; byte++) {
                    text[at] = (char)byte;
                    compare_quick(text, &tally);
                    text[at] = plain[i][at];
                }
        }
    }
    assert_true(tally.ints > 500 && tally.amounts > 100 && tally.dates > 100);
    assert_true(tally.truths > 20 && tally.numbers > 500);
    assert_true(tally.clocks > 100 && tally.stamps > 200);
    freelocale(tally.c_locale);
}

static void quick_dates_of_every_day(void **state)
{
    unsigned taken = 0;
    (void)state;
    for (int year = 1890; year < 2420; year++)
        for (int month = 0; month < 14; month++)
            for (int day = 0; day < 33; day++) {
                char text[64];
                int64_t quick = -1, slow = -2;
                snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
                if (!wf_quick_date(text, 10, &quick))
                    continue;
                assert_null(wf_cell_date(text, 10, NULL, &slow));
                assert_int_equal(quick, slow);
                taken++;
            }
    assert_int_equal(taken, (2420 - 1900) * 365 + 520 / 4 - 4); /* 2000 and 2400 are leap years */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(amounts_of_money),
        cmocka_unit_test(numbers),
        cmocka_unit_test(truths),
        cmocka_unit_test(dates_of_every_day),
        cmocka_unit_test(dates_that_are_none),
        cmocka_unit_test(times_in_the_zone),
        cmocka_unit_test(clocks_and_durations),
        cmocka_unit_test(sets),
        cmocka_unit_test(ids),
        cmocka_unit_test(quick_readers_agree),
        cmocka_unit_test(quick_dates_of_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
