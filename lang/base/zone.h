/*
 * zone.h - a time zone: instants to local dates and clocks, and back.
 *
 *   from     [INT64_MIN][t1][t2] ... [tn]      span i reaches from from[i] up to from[i + 1]
 *   offset   [o0       ][o1][o2] ... [on]      seconds east of UTC during span i
 *
 * A zone is immutable and may be shared by threads. A NULL zone is UTC everywhere below. Local time
 * that is skipped means the first instant after the gap; local time that occurs twice, the earlier.
 */
#ifndef WF_BASE_ZONE_H
#define WF_BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/calendar.h"
#include "lang/base/status.h"

/* No offset of a TZif file is larger (RFC 8536, section 3.2: -25 h < utoff < 26 h). */
#define WF_ZONE_MAX_OFFSET (26 * 3600)
/* 400 years are whole weeks: the calendar, weekdays included, repeats after them. */
#define WF_ZONE_CYCLE (INT64_C(146097) * WF_DAY_SECONDS)

struct wf_zone {
    const struct wf_alloc *alloc;
    uint32_t n; /* spans, at least 1 */
    int64_t *from;
    int32_t *offset;
    int64_t cycle;  /* from here on the 400 years before repeat; INT64_MAX: never */
    uint32_t *hint; /* the span at each 2^22nd second since 1970: where looking up begins */
};

/*
 * Reads a TZif file (RFC 8536: versions 1 to 4, the POSIX footer included) from memory; the bytes
 * may be hostile. WF_ERR_DATA: not a TZif file, damaged, or one that counts leap seconds.
 */
enum wf_status wf_zone_parse(const struct wf_alloc *alloc, const void *bytes, size_t len,
                             struct wf_zone **zone_out);

/* For the reader of TZif: makes `hint` once the spans stand. -1: out of memory. */
int wf_zone_index(struct wf_zone *zone);

/* Always `offset` seconds east of UTC. WF_ERR_USAGE beyond +-26 hours. */
enum wf_status wf_zone_fixed(const struct wf_alloc *alloc, int32_t offset,
                             struct wf_zone **zone_out);
void wf_zone_free(struct wf_zone *zone);

/* A stretch of time with one offset: from <= t < to (to = INT64_MAX: for ever). */
struct wf_stretch {
    int64_t from, to;
    int32_t offset;
};
struct wf_stretch wf_zone_stretch(const struct wf_zone *zone, int64_t time);

static inline int64_t wf_floor_day(int64_t local)
{
    int64_t day = local / WF_DAY_SECONDS;
    return day - (local % WF_DAY_SECONDS < 0);
}

/*
 * For many instants: keep one struct wf_stretch {0} beside the loop and let these look the zone up
 * only when an instant falls outside it. `time` is an instant of the calendar.
 */
static inline int32_t wf_stretch_offset(const struct wf_zone *zone, struct wf_stretch *stretch,
                                        int64_t time)
{
    if (time < stretch->from || time >= stretch->to)
        *stretch = wf_zone_stretch(zone, time);
    return stretch->offset;
}
static inline int64_t wf_stretch_day(const struct wf_zone *zone, struct wf_stretch *stretch,
                                     int64_t time)
{
    return wf_floor_day(time + wf_stretch_offset(zone, stretch, time));
}

/* The local date and clock of an instant of the calendar. */
void wf_zone_local(const struct wf_zone *zone, int64_t time, int64_t *day_out, int64_t *clock_out);
int64_t wf_zone_day(const struct wf_zone *zone, int64_t time);

/* The first instant whose local reading is (day, clock) or later; day is in the calendar. */
int64_t wf_zone_instant(const struct wf_zone *zone, int64_t day, int64_t clock);
/* The same for many: keep one struct wf_stretch {0} beside the loop. */
static inline int64_t wf_stretch_instant(const struct wf_zone *zone, struct wf_stretch *stretch,
                                         int64_t day, int64_t clock)
{
    /* Three days into a span no instant of an earlier one can read as late as this one does. */
    const int64_t margin = 3 * WF_DAY_SECONDS;
    int64_t time = day * WF_DAY_SECONDS + clock - stretch->offset;
    if (time < stretch->to && time >= stretch->from &&
        (stretch->from == INT64_MIN || time - stretch->from >= margin))
        return time;
    time = wf_zone_instant(zone, day, clock);
    *stretch = wf_zone_stretch(zone, time);
    return time;
}
/* When the local day begins. */
int64_t wf_zone_midnight(const struct wf_zone *zone, int64_t day);

/* An instant from a stamp as it was written: by its own offset, else in the zone. */
int64_t wf_zone_stamp(const struct wf_zone *zone, struct wf_stretch *stretch,
                      struct wf_stamp stamp);

/* Calendar durations keep the wall clock; false: the result leaves the calendar. */
bool wf_zone_add_days(const struct wf_zone *zone, int64_t time, int64_t days, int64_t *time_out);
bool wf_zone_add_months(const struct wf_zone *zone, int64_t time, int64_t months,
                        int64_t *time_out);

/* What is added to each anniversary: months and then days along the calendar, then seconds. */
struct wf_anniv_offset {
    int64_t months, days, seconds;
    enum wf_feb29 feb29;
};

/*
 * The latest anniversary of `day` whose due instant (its local midnight plus the offset) is at or
 * before `now`, and that anniversary's year. false: none yet.
 */
bool wf_zone_anniversary(const struct wf_zone *zone, int64_t day,
                         const struct wf_anniv_offset *offset, int64_t now, int64_t *due_out,
                         int64_t *year_out);

#endif
