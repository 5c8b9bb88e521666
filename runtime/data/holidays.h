/*
 * holidays.h - which days are business days: what `calendar NAME from "..."` reads.
 *
 *   date,kind
 *   2026-10-01,holiday          a weekday that is off       (also: 休)
 *   2026-10-10,workday          a weekend day at work       (also: 班)
 *
 * All other days go by the week: Monday to Friday are business days. A year of which the file has
 * no row is not known: nobody can say what its holidays are.
 */
#ifndef WF_DATA_HOLIDAYS_H
#define WF_DATA_HOLIDAYS_H

#include <stdbool.h>
#include <stdint.h>

struct wf_holiday {
    int32_t day; /* since 1970-01-01 */
    bool works;
};

struct wf_holidays {
    struct wf_holiday *days; /* ascending, each day once */
    uint32_t n;
};

/* The first business day at or after `day`. False: a year that would have to be looked at is not in
 * the calendar; *day_out is then a day of that year. */
bool wf_holidays_next(const struct wf_holidays *holidays, int64_t day, int64_t *day_out);

#endif
