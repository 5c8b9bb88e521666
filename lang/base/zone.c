#include "lang/base/zone.h"

#include "lang/base/checked.h"

enum { MAX_OFFSET = WF_ZONE_MAX_OFFSET };

/* Forty-eight days a hint, from 1970 to 2106: hardly a span begins and ends between two. */
enum { HINT_BITS = 22, HINTS = 1 << (32 - HINT_BITS) };

static const struct wf_stretch FOR_EVER = {INT64_MIN, INT64_MAX, 0};

void wf_zone_free(struct wf_zone *zone)
{
    if (!zone)
        return;
    const struct wf_alloc *alloc = zone->alloc;
    wf_free(alloc, zone->from);
    wf_free(alloc, zone->offset);
    wf_free(alloc, zone->hint);
    wf_free(alloc, zone);
}

enum wf_status wf_zone_fixed(const struct wf_alloc *alloc, int32_t offset,
                             struct wf_zone **zone_out)
{
    if (offset < -MAX_OFFSET || offset > MAX_OFFSET)
        return WF_ERR_USAGE;
    struct wf_zone *zone = wf_calloc(alloc, 1, sizeof(*zone));
    if (!zone)
        return WF_ERR_NOMEM;
    *zone = (struct wf_zone){.alloc = alloc, .n = 1, .cycle = INT64_MAX};
    zone->from = wf_calloc(alloc, 1, sizeof(*zone->from));
    zone->offset = wf_calloc(alloc, 1, sizeof(*zone->offset));
    if (!zone->from || !zone->offset) {
        wf_zone_free(zone);
        return WF_ERR_NOMEM;
    }
    zone->from[0] = INT64_MIN;
    zone->offset[0] = offset;
    *zone_out = zone;
    return WF_OK;
}

/* The span of an instant among those that are written down. */
static uint32_t find_span(const struct wf_zone *zone, int64_t time)
{
    if (zone->hint && time >= 0 && time >> HINT_BITS < HINTS) {
        uint32_t at = zone->hint[time >> HINT_BITS];
        while (at + 1 < zone->n && zone->from[at + 1] <= time)
            at++;
        return at;
    }
    uint32_t low = 0, high = zone->n; /* from[low] <= time < from[high] */
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (zone->from[mid] <= time)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static struct wf_stretch listed_span(const struct wf_zone *zone, int64_t time)
{
    uint32_t at = find_span(zone, time);
    int64_t to = at + 1 < zone->n ? zone->from[at + 1] : INT64_MAX;
    return (struct wf_stretch){zone->from[at], to, zone->offset[at]};
}

int wf_zone_index(struct wf_zone *zone)
{
    uint32_t *hint = wf_calloc(zone->alloc, HINTS, sizeof(*hint));
    if (!hint)
        return -1;
    for (uint32_t i = 0; i < HINTS; i++)
        hint[i] = find_span(zone, (int64_t)i << HINT_BITS);
    zone->hint = hint;
    return 0;
}

struct wf_stretch wf_zone_stretch(const struct wf_zone *zone, int64_t time)
{
    if (!zone)
        return FOR_EVER;
    if (time < zone->cycle)
        return listed_span(zone, time);
    /* The last 400 years that are listed stand for all later ones. */
    int64_t first = zone->cycle - WF_ZONE_CYCLE;
    int64_t shift = (time - first) / WF_ZONE_CYCLE * WF_ZONE_CYCLE;
    struct wf_stretch stretch = listed_span(zone, time - shift);
    int64_t from = stretch.from > first ? stretch.from : first;
    int64_t to = stretch.to < zone->cycle ? stretch.to : zone->cycle;
    return (struct wf_stretch){from + shift, to + shift, stretch.offset};
}

void wf_zone_local(const struct wf_zone *zone, int64_t time, int64_t *day_out, int64_t *clock_out)
{
    int64_t local = time + wf_zone_stretch(zone, time).offset;
    int64_t day = wf_floor_day(local);
    *day_out = day;
    *clock_out = local - day * WF_DAY_SECONDS;
}

int64_t wf_zone_day(const struct wf_zone *zone, int64_t time)
{
    return wf_floor_day(time + wf_zone_stretch(zone, time).offset);
}

int64_t wf_zone_instant(const struct wf_zone *zone, int64_t day, int64_t clock)
{
    int64_t local = day * WF_DAY_SECONDS + clock;
    /* Nothing before this instant can read `local` or later: no offset is that large. */
    struct wf_stretch stretch = wf_zone_stretch(zone, local - MAX_OFFSET);
    for (;;) {
        int64_t time = local - stretch.offset;
        if (time < stretch.from)
            return stretch.from; /* skipped: the gap before this span */
        if (time < stretch.to)
            return time;
        stretch = wf_zone_stretch(zone, stretch.to);
    }
}

int64_t wf_zone_midnight(const struct wf_zone *zone, int64_t day)
{
    return wf_zone_instant(zone, day, 0);
}

int64_t wf_zone_stamp(const struct wf_zone *zone, struct wf_stretch *stretch, struct wf_stamp stamp)
{
    if (stamp.zoned)
        return stamp.day * WF_DAY_SECONDS + stamp.clock - stamp.offset;
    return wf_stretch_instant(zone, stretch, stamp.day, stamp.clock);
}

/* The instant of a local reading, where it lies in the calendar. */
static bool instant_of(const struct wf_zone *zone, int64_t day, int64_t clock, int64_t *time_out)
{
    int64_t time = wf_zone_instant(zone, day, clock);
    if (!wf_time_in_calendar(time))
        return false;
    *time_out = time;
    return true;
}

bool wf_zone_add_days(const struct wf_zone *zone, int64_t time, int64_t days, int64_t *time_out)
{
    int64_t day, clock;
    wf_zone_local(zone, time, &day, &clock);
    return wf_day_add_days(day, days, &day) && instant_of(zone, day, clock, time_out);
}

bool wf_zone_add_months(const struct wf_zone *zone, int64_t time, int64_t months, int64_t *time_out)
{
    int64_t day, clock;
    wf_zone_local(zone, time, &day, &clock);
    return wf_day_add_months(day, months, &day) && instant_of(zone, day, clock, time_out);
}

static bool anniversary_due(const struct wf_zone *zone, int64_t day, int64_t year,
                            const struct wf_anniv_offset *offset, int64_t *due_out)
{
    int64_t due;
    if (!wf_day_anniversary(day, year, offset->feb29, &day) ||
        !wf_day_add_months(day, offset->months, &day) ||
        !wf_day_add_days(day, offset->days, &day) ||
        !wf_add_i64(wf_zone_midnight(zone, day), offset->seconds, &due) ||
        !wf_time_in_calendar(due))
        return false;
    *due_out = due;
    return true;
}

bool wf_zone_anniversary(const struct wf_zone *zone, int64_t day,
                         const struct wf_anniv_offset *offset, int64_t now, int64_t *due_out,
                         int64_t *year_out)
{
    /* Walk the offset back from now to the last year that can matter, one to spare. */
    int64_t latest;
    if (!wf_sub_i64(now, offset->seconds, &latest) || !wf_time_in_calendar(latest))
        return false;
    latest = wf_zone_day(zone, latest);
    int64_t back_days, back_months;
    if (!wf_sub_i64(0, offset->days, &back_days) || !wf_sub_i64(0, offset->months, &back_months) ||
        !wf_day_add_days(latest, back_days, &latest) ||
        !wf_day_add_months(latest, back_months, &latest))
        return false;
    int64_t born = wf_day_to_civil(day).year;
    for (int64_t year = wf_day_to_civil(latest).year + 1; year > born; year--) {
        int64_t due;
        if (!anniversary_due(zone, day, year, offset, &due) || due > now)
            continue;
        *due_out = due;
        *year_out = year;
        return true;
    }
    return false;
}
