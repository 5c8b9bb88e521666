#include "lang/base/calendar.h"

#include "lang/base/checked.h"
#include "lang/base/limits.h"

/*
 * Counting with a year that begins on March 1st puts the leap day last, so a month's start within
 * the year is (153 * m + 2) / 5, the straight line through 31 30 31 30 31 31 30 31 30 31 31 (the
 * rule of Zeller's congruence, 1882). 400 years are 146,097 days; the era of 0000-03-01 begins
 * 719,468 days before 1970-01-01.
 */
enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 };

bool wf_leap_year(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int wf_month_days(int64_t year, int month)
{
    static const int8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && wf_leap_year(year) ? 29 : days[month];
}

bool wf_civil_valid(int64_t year, int64_t month, int64_t day)
{
    return year >= WF_MIN_YEAR && year <= WF_MAX_YEAR && month >= 1 && month <= 12 && day >= 1 &&
           day <= wf_month_days(year, (int)month);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t wf_civil_to_day(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t era = floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * m + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_SHIFT;
}

struct wf_civil wf_day_to_civil(int64_t day)
{
    int64_t z = day + EPOCH_SHIFT;
    int64_t era = floor_div(z, ERA_DAYS);
    uint32_t in_era = (uint32_t)(z - era * ERA_DAYS); /* narrow: divisions cost half */
    /* Leave out the leap days gone by, so that every year has 365. */
    uint32_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    uint32_t of_year = in_era - (365 * y + y / 4 - y / 100);
    uint32_t m = (5 * of_year + 2) / 153;
    struct wf_civil civil = {
        .year = (int32_t)(y + era * 400 + (m >= 10)),
        .month = (int32_t)(m < 10 ? m + 3 : m - 9),
        .day = (int32_t)(of_year - (153 * m + 2) / 5 + 1),
    };
    return civil;
}

int wf_weekday(int64_t day)
{
    int64_t w = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(w < 0 ? w + 7 : w);
}

bool wf_day_add_days(int64_t day, int64_t days, int64_t *day_out)
{
    int64_t sum;
    if (!wf_add_i64(day, days, &sum) || !wf_day_in_calendar(sum))
        return false;
    *day_out = sum;
    return true;
}

bool wf_day_add_months(int64_t day, int64_t months, int64_t *day_out)
{
    if (!months) {
        *day_out = day;
        return wf_day_in_calendar(day);
    }
    struct wf_civil c = wf_day_to_civil(day);
    int64_t total;
    if (!wf_add_i64((int64_t)c.year * 12 + c.month - 1, months, &total))
        return false;
    int64_t year = floor_div(total, 12);
    int month = (int)(total - year * 12) + 1;
    if (year < WF_MIN_YEAR || year > WF_MAX_YEAR)
        return false;
    int last = wf_month_days(year, month);
    *day_out = wf_civil_to_day(year, month, c.day < last ? c.day : last);
    return true;
}

bool wf_day_anniversary(int64_t day, int64_t year, enum wf_feb29 feb29, int64_t *day_out)
{
    struct wf_civil c = wf_day_to_civil(day);
    if (year <= c.year || year > WF_MAX_YEAR)
        return false;
    if (c.month == 2 && c.day == 29 && !wf_leap_year(year)) {
        if (feb29 == WF_FEB_SKIP)
            return false;
        *day_out = wf_civil_to_day(year, 2, 28) + (feb29 == WF_MAR1);
        return true;
    }
    *day_out = wf_civil_to_day(year, c.month, c.day);
    return true;
}

/* ---- reading ---- */

/* `n` digits at *at; moves behind them. -1: something else stands there. */
static int digits(const char **at, const char *end, int n)
{
    int value = 0;
    if (end - *at < n)
        return -1;
    for (int i = 0; i < n; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    *at += n;
    return value;
}

static bool eat(const char **at, const char *end, char c)
{
    if (*at == end || **at != c)
        return false;
    (*at)++;
    return true;
}

static bool read_date(const char **at, const char *end, int64_t *day_out)
{
    int year = digits(at, end, 4);
    if (year < 0 || !eat(at, end, '-'))
        return false;
    int month = digits(at, end, 2);
    if (month < 0 || !eat(at, end, '-'))
        return false;
    int day = digits(at, end, 2);
    if (!wf_civil_valid(year, month, day))
        return false;
    *day_out = wf_civil_to_day(year, month, day);
    return true;
}

static bool read_clock(const char **at, const char *end, int64_t *clock_out)
{
    int hour = digits(at, end, 2);
    if (hour < 0 || hour > 23 || !eat(at, end, ':'))
        return false;
    int minute = digits(at, end, 2), second = 0;
    if (minute < 0 || minute > 59)
        return false;
    if (eat(at, end, ':'))
        second = digits(at, end, 2);
    if (second < 0 || second > 59)
        return false;
    *clock_out = hour * 3600 + minute * 60 + second;
    return true;
}

/* ".123" behind the seconds: read, and dropped. */
static bool skip_fraction(const char **at, const char *end)
{
    if (!eat(at, end, '.'))
        return true;
    const char *first = *at;
    while (*at < end && **at >= '0' && **at <= '9')
        (*at)++;
    return *at > first;
}

static bool read_offset(const char **at, const char *end, struct wf_stamp *stamp)
{
    if (*at == end)
        return true;
    stamp->zoned = true;
    if (eat(at, end, 'Z') || eat(at, end, 'z'))
        return true;
    bool west = eat(at, end, '-');
    if (!west && !eat(at, end, '+'))
        return false;
    int hour = digits(at, end, 2), minute = 0;
    if (hour < 0 || hour > 23)
        return false;
    if (*at != end) {
        eat(at, end, ':');
        minute = digits(at, end, 2);
    }
    if (minute < 0 || minute > 59)
        return false;
    stamp->offset = (west ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

bool wf_date_parse(const char *text, size_t len, int64_t *day_out)
{
    const char *at = text, *end = text + len;
    int64_t day;
    if (!read_date(&at, end, &day) || at != end)
        return false;
    *day_out = day;
    return true;
}

bool wf_clock_parse(const char *text, size_t len, int64_t *clock_out)
{
    const char *at = text, *end = text + len;
    int64_t clock;
    if (!read_clock(&at, end, &clock) || at != end)
        return false;
    *clock_out = clock;
    return true;
}

bool wf_stamp_parse(const char *text, size_t len, struct wf_stamp *stamp_out)
{
    const char *at = text, *end = text + len;
    struct wf_stamp stamp = {0};
    if (!read_date(&at, end, &stamp.day) || !(eat(&at, end, 'T') || eat(&at, end, ' ')))
        return false;
    const char *clock = at;
    if (!read_clock(&at, end, &stamp.clock) || (at - clock == 8 && !skip_fraction(&at, end)))
        return false;
    if (!read_offset(&at, end, &stamp) || at != end)
        return false;
    *stamp_out = stamp;
    return true;
}

/* ---- writing ---- */

static void put(char *at, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
}

void wf_date_text(int64_t day, char out[WF_DATE_TEXT])
{
    struct wf_civil c = wf_day_to_civil(day);
    put(out, c.year, 4);
    out[4] = out[7] = '-';
    put(out + 5, c.month, 2);
    put(out + 8, c.day, 2);
    out[10] = '\0';
}

void wf_clock_text(int64_t clock, char out[WF_CLOCK_TEXT])
{
    put(out, clock / 3600, 2);
    out[2] = out[5] = ':';
    put(out + 3, clock / 60 % 60, 2);
    put(out + 6, clock % 60, 2);
    out[8] = '\0';
}

void wf_stamp_text(int64_t day, int64_t clock, char out[WF_STAMP_TEXT])
{
    wf_date_text(day, out);
    out[10] = 'T';
    wf_clock_text(clock, out + 11);
}
