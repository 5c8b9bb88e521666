/* Zones against tables, against the C library over every zone of the machine, and against damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ftw.h>

#include <cmocka.h>

#include "lang/base/calendar.h"
#include "lang/base/zone.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ZONES "/usr/share/zoneinfo/"

struct file {
    unsigned char bytes[1 << 16];
    size_t len;
};

static bool read_file(const char *path, struct file *file)
{
    FILE *in = fopen(path, "rb");
    if (!in)
        return false;
    file->len = fread(file->bytes, 1, sizeof(file->bytes), in);
    fclose(in);
    return true;
}

static struct wf_zone *load(const char *name)
{
    char path[256];
    struct file file;
    struct wf_zone *zone = NULL;
    snprintf(path, sizeof(path), ZONES "%s", name);
    if (!read_file(path, &file))
        fail_msg("%s is not there (tzdata)", path);
    assert_int_equal(wf_zone_parse(NULL, file.bytes, file.len, &zone), WF_OK);
    return zone;
}

/* "2026-03-08T02:30" without a zone as seconds; with one as the instant. */
static int64_t utc(const char *text)
{
    struct wf_stamp stamp;
    struct wf_stretch stretch = {0};
    if (!wf_stamp_parse(text, strlen(text), &stamp))
        fail_msg("not a stamp: %s", text);
    return wf_zone_stamp(NULL, &stretch, stamp);
}

static int64_t local(const struct wf_zone *zone, const char *text)
{
    struct wf_stamp stamp;
    if (!wf_stamp_parse(text, strlen(text), &stamp))
        fail_msg("not a stamp: %s", text);
    return wf_zone_instant(zone, stamp.day, stamp.clock);
}

static void assert_reads(const struct wf_zone *zone, int64_t time, const char *want)
{
    int64_t day, clock;
    char text[WF_STAMP_TEXT];
    wf_zone_local(zone, time, &day, &clock);
    wf_stamp_text(day, clock, text);
    assert_string_equal(text, want);
}

static void local_to_instant(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *local, *instant;
    } table[] = {
        {"America/New_York", "2026-03-08T01:59:59", "2026-03-08T06:59:59Z"},
        {"America/New_York", "2026-03-08T02:00", "2026-03-08T07:00Z"}, /* skipped */
        {"America/New_York", "2026-03-08T02:30", "2026-03-08T07:00Z"},
        {"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00Z"},
        {"America/New_York", "2026-03-08T03:01", "2026-03-08T07:01Z"},
        {"America/New_York", "2026-11-01T00:59", "2026-11-01T04:59Z"},
        {"America/New_York", "2026-11-01T01:00", "2026-11-01T05:00Z"}, /* twice: the earlier */
        {"America/New_York", "2026-11-01T01:59:59", "2026-11-01T05:59:59Z"},
        {"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00Z"},
        {"America/New_York", "2026-07-04T00:00", "2026-07-04T04:00Z"},
        {"America/New_York", "2399-07-04T00:00", "2399-07-04T04:00Z"}, /* by the rule */
        {"America/New_York", "9999-07-04T00:00", "9999-07-04T04:00Z"},
        {"America/New_York", "9999-12-31T00:00", "9999-12-31T05:00Z"},
        {"America/New_York", "1883-11-18T12:03:57",
         "1883-11-18T16:59:59Z"}, /* local mean time ends */
        {"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00Z"},
        {"Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00Z"},
        {"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z"},
        {"Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00Z"},
        {"Europe/Berlin", "1945-05-24T01:30", "1945-05-23T23:30Z"},
        {"Australia/Lord_Howe", "2026-10-04T02:00", "2026-10-03T15:30Z"}, /* half an hour */
        {"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30Z"},
        {"Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30Z"},
        {"Australia/Lord_Howe", "2026-04-05T01:30", "2026-04-04T14:30Z"},
        {"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z"},
        {"Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30Z"},
        {"Asia/Shanghai", "1986-05-04T01:59", "1986-05-03T17:59Z"},
        {"Asia/Shanghai", "1986-05-04T02:30", "1986-05-03T18:00Z"},
        {"Asia/Shanghai", "1986-07-01T00:00", "1986-06-30T15:00Z"},
        {"Asia/Shanghai", "1988-04-17T02:59", "1988-04-16T18:00Z"},
        {"Asia/Shanghai", "1989-09-17T01:30", "1989-09-16T16:30Z"}, /* twice */
        {"Asia/Shanghai", "1991-09-15T01:30", "1991-09-14T16:30Z"},
        {"Asia/Shanghai", "1991-09-15T02:00", "1991-09-14T18:00Z"},
        {"Asia/Shanghai", "1992-07-01T00:00", "1992-06-30T16:00Z"},
        {"Asia/Shanghai", "2026-11-22T00:00", "2026-11-21T16:00Z"},
        {"Asia/Shanghai", "9999-12-31T23:59:59", "9999-12-31T15:59:59Z"},
        {"Asia/Shanghai", "0001-01-01T08:05:43", "0001-01-01T00:00Z"},
        {"Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59Z"},
        {"Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00Z"}, /* a day that never was */
        {"Pacific/Apia", "2011-12-30T15:00", "2011-12-30T10:00Z"},
        {"Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00Z"},
        {"America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00Z"}, /* midnight is skipped */
        {"America/Sao_Paulo", "2018-02-17T23:30", "2018-02-18T01:30Z"},
        {"Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30Z"},
        {"Europe/Dublin", "2026-07-01T12:00", "2026-07-01T11:00Z"}, /* standard time is summer's */
        {"America/Nuuk", "2030-03-30T22:30", "2030-03-31T00:30Z"},
        {"UTC", "2026-11-22T00:00", "2026-11-22T00:00Z"},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_zone *zone = load(table[i].zone);
        int64_t got = local(zone, table[i].local), want = utc(table[i].instant);
        if (got != want)
            fail_msg("%s %s is off by %lld s", table[i].zone, table[i].local,
                     (long long)(got - want));
        wf_zone_free(zone);
    }
}

static void instant_to_local(void **state)
{
    (void)state;
    struct wf_zone *apia = load("Pacific/Apia"), *york = load("America/New_York");
    assert_reads(apia, utc("2011-12-30T09:59:59Z"), "2011-12-29T23:59:59");
    assert_reads(apia, utc("2011-12-30T10:00Z"), "2011-12-31T00:00:00");
    assert_reads(york, utc("2026-11-01T05:30Z"), "2026-11-01T01:30:00");
    assert_reads(york, utc("2026-11-01T06:30Z"), "2026-11-01T01:30:00");
    assert_reads(york, utc("9998-07-04T04:00Z"), "9998-07-04T00:00:00");
    assert_reads(york, utc("1901-01-01T05:00Z"), "1901-01-01T00:00:00");
    assert_reads(NULL, utc("1969-12-31T23:59:59Z"), "1969-12-31T23:59:59");
    assert_int_equal(wf_zone_day(york, utc("2026-01-01T04:59:59Z")),
                     utc("2025-12-31T00:00Z") / 86400);
    wf_zone_free(apia);
    wf_zone_free(york);
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *from;
        int64_t months, days;
        const char *to; /* local */
    } table[] = {
        {"America/New_York", "2026-03-07T02:30", 0, 1, "2026-03-08T03:00:00"},
        {"America/New_York", "2026-03-07T02:30", 0, 2, "2026-03-09T02:30:00"},
        {"America/New_York", "2026-10-31T15:00", 0, 1, "2026-11-01T15:00:00"}, /* 25 hours on */
        {"America/New_York", "2026-01-31T09:00", 1, 0, "2026-02-28T09:00:00"},
        {"America/New_York", "2026-02-08T02:30", 1, 0, "2026-03-08T03:00:00"},
        {"Pacific/Apia", "2011-12-29T12:00", 0, 1, "2011-12-31T00:00:00"},
        {"Pacific/Apia", "2011-12-29T12:00", 0, 2, "2011-12-31T12:00:00"},
        {"Pacific/Apia", "2011-11-30T12:00", 1, 0, "2011-12-31T00:00:00"},
        {"Asia/Shanghai", "2024-02-29T00:00", 12, 0, "2025-02-28T00:00:00"},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct wf_zone *zone = load(table[i].zone);
        int64_t from = local(zone, table[i].from), to = 0;
        bool good = table[i].months ? wf_zone_add_months(zone, from, table[i].months, &to)
                                    : wf_zone_add_days(zone, from, table[i].days, &to);
        assert_true(good);
        assert_reads(zone, to, table[i].to);
        wf_zone_free(zone);
    }
    int64_t to = 77;
    assert_false(wf_zone_add_days(NULL, WF_MAX_TIME, 1, &to));
    assert_false(wf_zone_add_days(NULL, 0, INT64_MIN, &to));
    assert_false(wf_zone_add_months(NULL, WF_MIN_TIME, -1, &to));
    assert_false(wf_zone_add_months(NULL, 0, INT64_MAX, &to));
    assert_int_equal(to, 77);
}

static void anniversaries(void **state)
{
    (void)state;
    static const struct {
        const char *born;
        struct wf_anniv_offset offset;
        const char *now, *due; /* local; due NULL: none yet */
        int64_t year;
    } table[] = {
        {"1990-05-20", {0}, "2026-05-19T23:59:59", "2025-05-20T00:00", 2025},
        {"1990-05-20", {0}, "2026-05-20T00:00", "2026-05-20T00:00", 2026},
        {"1990-05-20", {.days = -7}, "2026-05-12T23:00", "2025-05-13T00:00", 2025},
        {"1990-05-20", {.days = -7}, "2026-05-13T00:00", "2026-05-13T00:00", 2026},
        {"1990-01-03", {.days = -7}, "2026-12-27T00:00", "2026-12-27T00:00", 2027},
        {"1990-12-28", {.days = 7}, "2026-01-04T00:00", "2026-01-04T00:00", 2025},
        {"1990-05-20", {.months = -1}, "2026-04-20T00:00", "2026-04-20T00:00", 2026},
        {"1990-05-31", {.months = -3, .days = -1}, "2026-02-27T00:00", "2026-02-27T00:00", 2026},
        {"1990-05-20", {.seconds = 32400}, "2026-05-20T08:59:59", "2025-05-20T09:00", 2025},
        {"1990-05-20", {.seconds = 32400}, "2026-05-20T09:00", "2026-05-20T09:00", 2026},
        {"2026-01-01", {0}, "2026-12-31T00:00", NULL, 0},
        {"2026-01-01", {0}, "2027-01-01T00:00", "2027-01-01T00:00", 2027},
        {"2030-01-01", {0}, "2026-12-31T00:00", NULL, 0},
        {"2024-02-29", {0}, "2026-02-28T00:00", "2026-02-28T00:00", 2026},
        {"2024-02-29", {.feb29 = WF_MAR1}, "2026-02-28T00:00", "2025-03-01T00:00", 2025},
        {"2024-02-29", {.feb29 = WF_MAR1}, "2026-03-01T00:00", "2026-03-01T00:00", 2026},
        {"2020-02-29", {.feb29 = WF_FEB_SKIP}, "2027-06-01T00:00", "2024-02-29T00:00", 2024},
        {"2024-02-29", {.feb29 = WF_FEB_SKIP}, "2027-06-01T00:00", NULL, 0},
        {"1896-02-29", {.feb29 = WF_FEB_SKIP}, "1903-06-01T00:00", NULL, 0},
        {"1896-02-29", {.feb29 = WF_FEB_SKIP}, "1911-06-01T00:00", "1908-02-29T00:00", 1908},
        {"1990-05-20", {.days = INT64_MIN}, "2026-05-20T00:00", NULL, 0},
        {"1990-05-20", {.months = INT64_MAX}, "2026-05-20T00:00", NULL, 0},
        {"1990-05-20", {.seconds = INT64_MIN}, "2026-05-20T00:00", NULL, 0},
        {"1990-05-20", {.days = 20000}, "2026-05-20T00:00", NULL, 0},
        {"0001-01-01", {.days = 4000}, "0012-12-14T00:00", "0012-12-14T00:00", 2},
    };
    struct wf_zone *zone = load("Asia/Shanghai");
    for (size_t i = 0; i < LENGTH(table); i++) {
        int64_t born, due = 77, year = 77;
        assert_true(wf_date_parse(table[i].born, 10, &born));
        bool has = wf_zone_anniversary(zone, born, &table[i].offset, local(zone, table[i].now),
                                       &due, &year);
        if (has != (table[i].due != NULL))
            fail_msg("case %zu (%s)", i, table[i].born);
        assert_int_equal(due, table[i].due ? local(zone, table[i].due) : 77);
        assert_int_equal(year, table[i].due ? table[i].year : 77);
    }
    wf_zone_free(zone);
}

/* ---- the C library as the oracle, over every zone file ---- */

static size_t zones_seen;

static void same_as_libc(const struct wf_zone *zone, const char *name, int64_t time)
{
    struct tm tm;
    time_t t = (time_t)time;
    int64_t day, clock;
    assert_non_null(localtime_r(&t, &tm));
    wf_zone_local(zone, time, &day, &clock);
    int64_t want = wf_civil_to_day(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    if (day != want || clock != tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec)
        fail_msg("%s at %lld", name, (long long)time);
    /* back: the first instant that reads so */
    int64_t back = wf_zone_instant(zone, day, clock);
    int64_t back_day, back_clock;
    wf_zone_local(zone, back, &back_day, &back_clock);
    assert_true(back <= time && back_day == day && back_clock == clock);
    struct wf_stretch stretch = wf_zone_stretch(zone, time), fresh = {0};
    assert_int_equal(wf_stretch_instant(zone, &stretch, day, clock), back);
    assert_int_equal(wf_stretch_instant(zone, &fresh, day, clock), back);
    assert_int_equal(wf_stretch_day(zone, &stretch, time), day);
}

static int one_zone(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    struct file file;
    const char *name = path + strlen(ZONES);
    bool other = strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0;
    if (kind != FTW_F || ftw->level < 1 || other || !read_file(path, &file) || file.len < 44 ||
        memcmp(file.bytes, "TZif", 4) != 0)
        return 0;
    struct wf_zone *zone = NULL;
    if (wf_zone_parse(NULL, file.bytes, file.len, &zone) != WF_OK)
        fail_msg("%s is refused", name);
    char variable[300];
    snprintf(variable, sizeof(variable), ":%s", path);
    setenv("TZ", variable, 1);
    tzset();
    /* every 37 days and some hours; denser round each transition that is written down */
    for (int64_t t = utc("1902-01-01T00:00Z"); t < utc("2120-01-01T00:00Z");
         t += 37 * 86400 + 12347)
        same_as_libc(zone, name, t);
    for (int64_t t = utc("2400-01-01T00:00Z"); t < utc("2830-01-01T00:00Z"); t += 97 * 86400 + 4321)
        same_as_libc(zone, name, t);
    for (uint32_t i = 1; i < zone->n && zone->from[i] < utc("2045-01-01T00:00Z"); i++) {
        if (zone->from[i] < utc("1902-01-01T00:00Z"))
            continue;
        for (int64_t near = -7200; near <= 7200; near += 900) {
            same_as_libc(zone, name, zone->from[i] + near);
            same_as_libc(zone, name, zone->from[i] + near - 1);
        }
    }
    wf_zone_free(zone);
    zones_seen++;
    return 0;
}

static void every_zone_of_the_machine(void **state)
{
    (void)state;
    zones_seen = 0;
    assert_int_equal(nftw(ZONES, one_zone, 16, FTW_PHYS), 0);
    assert_true(zones_seen > 250);
}

/* ---- files made by hand ---- */

static void put32(struct file *file, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        file->bytes[file->len++] = (unsigned char)(value >> shift);
}

static void put_head(struct file *file, char version, uint32_t times, uint32_t types)
{
    memcpy(file->bytes + file->len, "TZif", 4);
    memset(file->bytes + file->len + 4, 0, 16);
    file->bytes[file->len + 4] = (unsigned char)version;
    file->len += 20;
    put32(file, 0);
    put32(file, 0);
    put32(file, 0);
    put32(file, times);
    put32(file, types);
    put32(file, 4);
}

/* One type of `offset`, no transitions, and a rule. */
static struct file made(int32_t offset, const char *rule)
{
    struct file file = {.len = 0};
    put_head(&file, '2', 0, 0);
    file.bytes[file.len - 1] = 0; /* the 32-bit block is empty */
    put_head(&file, '3', 0, 1);
    put32(&file, (uint32_t)offset);
    memcpy(file.bytes + file.len, "\0\0AAA\0\n", 7);
    file.len += 7;
    memcpy(file.bytes + file.len, rule, strlen(rule));
    file.len += strlen(rule);
    file.bytes[file.len++] = '\n';
    return file;
}

static void rules(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        int32_t offset;
        const char *instant, *reads;
    } table[] = {
        {"EST5EDT,M3.2.0,M11.1.0", -18000, "2026-07-01T00:00Z", "2026-06-30T20:00:00"},
        {"EST5EDT,M3.2.0,M11.1.0", -18000, "2026-12-01T00:00Z", "2026-11-30T19:00:00"},
        {"EST5EDT,M3.2.0,M11.1.0", -18000, "0002-07-01T00:00Z", "0002-06-30T20:00:00"},
        {"EST5EDT,M3.2.0,M11.1.0", -18000, "9999-07-01T00:00Z", "9999-06-30T20:00:00"},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37800, "2026-01-01T00:00Z", "2026-01-01T11:00:00"},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37800, "2026-07-01T00:00Z", "2026-07-01T10:30:00"},
        {"AAA0BBB,J60/0,J300/0", 0, "2024-02-29T12:00Z", "2024-02-29T12:00:00"}, /* J60: Mar 1 */
        {"AAA0BBB,J60/0,J300/0", 0, "2024-03-01T00:00Z", "2024-03-01T01:00:00"},
        {"AAA0BBB,59/0,300/0", 0, "2024-02-29T12:00Z", "2024-02-29T13:00:00"}, /* 59: Feb 29 */
        {"AAA0BBB,59/0,300/0", 0, "2025-02-28T23:59:59Z", "2025-02-28T23:59:59"},
        {"AAA0BBB,59/0,300/0", 0, "2025-03-01T00:00Z", "2025-03-01T01:00:00"},
        {"AAA3BBB4,0/0,J365/23", -10800, "2026-01-01T03:00Z", "2025-12-31T23:00:00"}, /* all year */
        {"AAA3BBB4,0/0,J365/23", -10800, "2026-07-01T03:00Z", "2026-06-30T23:00:00"},
        {"IST-2IDT,M3.4.4/26,M10.5.0", 7200, "2026-03-26T23:59:59Z", "2026-03-27T01:59:59"},
        {"IST-2IDT,M3.4.4/26,M10.5.0", 7200, "2026-03-27T00:00Z", "2026-03-27T03:00:00"},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, "2026-03-29T01:00Z", "2026-03-29T00:00:00"},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, "2026-03-29T00:59:59Z", "2026-03-28T22:59:59"},
        {"CST-8", 28800, "2026-07-01T00:00Z", "2026-07-01T08:00:00"},
        {"", 28800, "2026-07-01T00:00Z", "2026-07-01T08:00:00"},
        {"CST-8:05:43", 29143, "2026-07-01T00:00Z", "2026-07-01T08:05:43"},
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct file file = made(table[i].offset, table[i].rule);
        struct wf_zone *zone = NULL;
        if (wf_zone_parse(NULL, file.bytes, file.len, &zone) != WF_OK)
            fail_msg("refused: %s", table[i].rule);
        assert_reads(zone, utc(table[i].instant), table[i].reads);
        wf_zone_free(zone);
    }
}

static void rules_refused(void **state)
{
    (void)state;
    static const char *const table[] = {
        "E5",
        "EST",
        "EST25",
        "EST5EDT",
        "EST5EDT,M3.2.0",
        "<+08-8",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5 ",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3.2.0,M11.1.0x",
        "EST5:60",
        "EST5EDT,J0,J300",
        "EST5EDT,J366,J300",
        "EST5EDT,366,300",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST99999999999999999999",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT4,,",
        "5EST",
    };
    for (size_t i = 0; i < LENGTH(table); i++) {
        struct file file = made(0, table[i]);
        struct wf_zone *zone = NULL;
        if (wf_zone_parse(NULL, file.bytes, file.len, &zone) != WF_ERR_DATA)
            fail_msg("taken: %s", table[i]);
        assert_null(zone);
    }
}

static void fixed(void **state)
{
    (void)state;
    struct wf_zone *zone = NULL;
    assert_int_equal(wf_zone_fixed(NULL, 28800, &zone), WF_OK);
    assert_reads(zone, utc("2026-11-21T16:00Z"), "2026-11-22T00:00:00");
    assert_int_equal(wf_zone_midnight(zone, 20779), utc("2026-11-21T16:00Z"));
    wf_zone_free(zone);
    zone = NULL;
    assert_int_equal(wf_zone_fixed(NULL, 26 * 3600 + 1, &zone), WF_ERR_USAGE);
    assert_null(zone);
    wf_zone_free(NULL);
    assert_int_equal(wf_zone_midnight(NULL, 20779), utc("2026-11-22T00:00Z"));
}

/* ---- damage ---- */

static void check_promises(const struct wf_zone *zone)
{
    static const int64_t times[] = {WF_MIN_TIME, -1, 0, 1763769600, 4102444800, WF_MAX_TIME};
    for (size_t i = 0; i < LENGTH(times); i++) {
        struct wf_stretch stretch = wf_zone_stretch(zone, times[i]);
        assert_true(stretch.from <= times[i] && times[i] < stretch.to);
        assert_true(stretch.offset > -26 * 3600 && stretch.offset < 26 * 3600);
        int64_t day, clock;
        wf_zone_local(zone, times[i], &day, &clock);
        assert_true(clock >= 0 && clock < 86400);
        assert_true(wf_zone_instant(zone, day, clock) <= times[i]);
    }
}

static void try_bytes(const unsigned char *bytes, size_t len)
{
    /* an own block of exactly this size: a read behind it is seen by the sanitizer */
    unsigned char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    struct wf_zone *zone = NULL;
    enum wf_status status = wf_zone_parse(NULL, copy, len, &zone);
    assert_true(status == WF_OK || (status == WF_ERR_DATA && !zone));
    if (zone)
        check_promises(zone);
    wf_zone_free(zone);
    free(copy);
}

static void damaged(void **state)
{
    (void)state;
    static const char *const names[] = {"America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"};
    static const unsigned char values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '0', ',', '\n'};
    for (size_t i = 0; i < LENGTH(names); i++) {
        char path[128];
        struct file file;
        snprintf(path, sizeof(path), ZONES "%s", names[i]);
        assert_true(read_file(path, &file));
        for (size_t len = 0; len < file.len; len++)
            try_bytes(file.bytes, len);
        for (size_t at = 0; at < file.len; at++) {
            unsigned char was = file.bytes[at];
            for (size_t v = 0; v < LENGTH(values); v++) {
                file.bytes[at] = values[v];
                try_bytes(file.bytes, file.len);
            }
            file.bytes[at] = was;
        }
    }
}

static void named_damage(void **state)
{
    (void)state;
    struct file file = made(28800, "CST-8");
    struct wf_zone *zone = NULL;
    struct file bad = file;
    bad.bytes[4] = '5'; /* a version that is not known */
    assert_int_equal(wf_zone_parse(NULL, bad.bytes, bad.len, &zone), WF_ERR_DATA);
    bad = file;
    bad.bytes[file.len - 1] = 'x'; /* the rule has no end */
    assert_int_equal(wf_zone_parse(NULL, bad.bytes, bad.len, &zone), WF_ERR_DATA);
    bad = made(26 * 3600, "CST-8"); /* no such offset */
    assert_int_equal(wf_zone_parse(NULL, bad.bytes, bad.len, &zone), WF_ERR_DATA);
    assert_int_equal(wf_zone_parse(NULL, "", 0, &zone), WF_ERR_DATA);
    struct file leap;
    if (read_file(ZONES "right/UTC", &leap)) /* counts leap seconds */
        assert_int_equal(wf_zone_parse(NULL, leap.bytes, leap.len, &zone), WF_ERR_DATA);
    assert_null(zone);
}

/* Answers NULL from the n-th call on. */
static void *failing(void *ctx, void *ptr, size_t size)
{
    int *left = ctx;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return (*left)-- > 0 ? realloc(ptr, size) : NULL;
}

static void without_memory(void **state)
{
    (void)state;
    struct file file = made(-18000, "EST5EDT,M3.2.0,M11.1.0");
    struct wf_zone *zone = NULL;
    int n = 0, left;
    struct wf_alloc alloc = {failing, &left}; /* the zone keeps it */
    for (;; n++) {
        left = n;
        enum wf_status status = wf_zone_parse(&alloc, file.bytes, file.len, &zone);
        if (status == WF_OK)
            break;
        assert_int_equal(status, WF_ERR_NOMEM);
        assert_null(zone);
    }
    assert_int_equal(n, 6);
    wf_zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_to_instant),
        cmocka_unit_test(instant_to_local),
        cmocka_unit_test(durations),
        cmocka_unit_test(anniversaries),
        cmocka_unit_test(every_zone_of_the_machine),
        cmocka_unit_test(rules),
        cmocka_unit_test(rules_refused),
        cmocka_unit_test(fixed),
        cmocka_unit_test(damaged),
        cmocka_unit_test(named_damage),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
