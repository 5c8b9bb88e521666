/*
 * calendar.h - the proleptic Gregorian calendar of the years 1 to 9999, without any zone.
 *
 *   day    int64   days since 1970-01-01; WF_MIN_DAY is 0001-01-01, WF_MAX_DAY is 9999-12-31
 *   clock  int64   seconds since local midnight, 0 .. 86399
 *
 * The functions that answer bool answer false where the result would leave the calendar or the
 * text is not of the form, and then leave their outputs alone.
 */
#ifndef WF_BASE_CALENDAR_H
#define WF_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WF_DAY_SECONDS INT64_C(86400)
#define WF_MIN_DAY INT64_C(-719162)
#define WF_MAX_DAY INT64_C(2932896)

/* Instants of the language, in seconds since 1970-01-01T00:00:00Z: both ends are in. */
#define WF_MIN_TIME (WF_MIN_DAY * WF_DAY_SECONDS)
#define WF_MAX_TIME ((WF_MAX_DAY + 1) * WF_DAY_SECONDS - 1)

struct wf_civil {
    int32_t year, month, day; /* month 1..12, day 1..31 */
};

static inline bool wf_day_in_calendar(int64_t day)
{
    return day >= WF_MIN_DAY && day <= WF_MAX_DAY;
}
static inline bool wf_time_in_calendar(int64_t time)
{
    return time >= WF_MIN_TIME && time <= WF_MAX_TIME;
}

bool wf_leap_year(int64_t year);
int wf_month_days(int64_t year, int month); /* month 1..12 */
bool wf_civil_valid(int64_t year, int64_t month, int64_t day);

/* Of a valid civil date; of a day between about -10^9 and 10^9. */
int64_t wf_civil_to_day(int64_t year, int month, int day);
struct wf_civil wf_day_to_civil(int64_t day);

int wf_weekday(int64_t day); /* 0 = Monday .. 6 = Sunday */

/* Moves along the calendar; months clamp to the month's end (Jan 31 + 1mo = Feb 28/29). */
bool wf_day_add_days(int64_t day, int64_t days, int64_t *day_out);
bool wf_day_add_months(int64_t day, int64_t months, int64_t *day_out);

/* Where the anniversary of a Feb 29 falls in a common year. */
enum wf_feb29 { WF_FEB28, WF_MAR1, WF_FEB_SKIP };

/* The anniversary of `day` in `year`; false also where `year` is not after day's own year, and for
 * a Feb 29 in a common year with WF_FEB_SKIP. */
bool wf_day_anniversary(int64_t day, int64_t year, enum wf_feb29 feb29, int64_t *day_out);

/* A point of time as it is written: `2026-11-22T14:00[:05[.123]][Z|+08:00|+0800|+08]`, with a T or
 * one space. Fractions of a second are dropped; second 60 and 24:00 are not times. */
struct wf_stamp {
    int64_t day, clock;
    bool zoned;     /* an offset was written */
    int32_t offset; /* seconds east of UTC, when zoned */
};

/* All of the len bytes must be of the form. */
bool wf_date_parse(const char *text, size_t len, int64_t *day_out);    /* 2026-11-22 */
bool wf_clock_parse(const char *text, size_t len, int64_t *clock_out); /* 09:30 or 09:30:15 */
bool wf_stamp_parse(const char *text, size_t len, struct wf_stamp *stamp_out);

/* Write ISO 8601 and a NUL; the day is in the calendar, the clock in its range. */
#define WF_DATE_TEXT 11  /* 2026-11-22 */
#define WF_CLOCK_TEXT 9  /* 14:00:05 */
#define WF_STAMP_TEXT 20 /* 2026-11-22T14:00:05 */
void wf_date_text(int64_t day, char out[WF_DATE_TEXT]);
void wf_clock_text(int64_t clock, char out[WF_CLOCK_TEXT]);
void wf_stamp_text(int64_t day, int64_t clock, char out[WF_STAMP_TEXT]);

#endif
