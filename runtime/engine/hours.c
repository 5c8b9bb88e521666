#include "runtime/engine/hours.h"

/* Quiet hours that leave a gap at all leave one within this many days. */
enum { FAR_DAYS = 3 };

/* The last instant whose local reading is (day, clock). */
static int64_t last_instant(const struct wf_zone *zone, int64_t day, int64_t clock)
{
    int64_t first = wf_zone_instant(zone, day, clock);
    struct wf_stretch stretch = wf_zone_stretch(zone, first);
    if (stretch.to == INT64_MAX)
        return first;
    int64_t again = first + stretch.offset - wf_zone_stretch(zone, stretch.to).offset;
    return again >= stretch.to ? again : first;
}

/* The quiet span that begins on a day. */
static void span_of(const struct wf_zone *zone, const struct wf_quiet *quiet, int64_t day,
                    int64_t *from_out, int64_t *to_out)
{
    *from_out = *to_out = wf_zone_instant(zone, day, quiet->from);
    if (quiet->from != quiet->to)
        *to_out = last_instant(zone, quiet->from < quiet->to ? day : day + 1, quiet->to);
}

/* The end of the longest quiet span that holds `time`, NULL if none does. `drop`: only those. */
static const struct wf_quiet *quiet_at(const struct wf_zone *zone, int64_t time, bool drop,
                                       const struct wf_quiet *quiet, size_t n, int64_t *end_out)
{
    const struct wf_quiet *found = NULL;
    int64_t today = wf_zone_day(zone, time), from, to;
    for (size_t i = 0; i < n; i++) {
        for (int64_t day = today - 1; day <= today; day++) {
            span_of(zone, &quiet[i], day, &from, &to);
            if (time < from || time >= to || (drop && !quiet[i].drop) || (found && to <= *end_out))
                continue;
            found = &quiet[i];
            *end_out = to;
        }
    }
    return found;
}

/* When quiet begins next after `time`, which is not quiet; at latest `latest`. */
static int64_t next_quiet(const struct wf_zone *zone, int64_t time, int64_t latest,
                          const struct wf_quiet *quiet, size_t n)
{
    int64_t first = wf_zone_day(zone, time), last = wf_zone_day(zone, latest), from, to;
    for (size_t i = 0; i < n; i++) {
        for (int64_t day = first; day <= last; day++) {
            span_of(zone, &quiet[i], day, &from, &to);
            if (from > time && from < to && from < latest)
                latest = from;
        }
    }
    return latest;
}

enum wf_hours_verdict wf_hours(const struct wf_zone *zone, int64_t now, int64_t at,
                               int64_t earliest, const struct wf_quiet *quiet, size_t n,
                               struct wf_hours *out)
{
    int64_t start = now, next_run, end = 0;
    const struct wf_quiet *in;
    *out = (struct wf_hours){.item = UINT32_MAX};
    if (!wf_zone_add_days(zone, now, 1, &next_run))
        next_run = now;
    if (at >= 0) {
        int64_t asked = wf_zone_instant(zone, wf_zone_day(zone, now), at);
        start = asked > now ? asked : now;
        in = quiet_at(zone, asked, true, quiet, n, &end);
        if (in) {
            *out = (struct wf_hours){start, start, in->item};
            return WF_HOURS_DROPPED;
        }
    }
    start = earliest > start ? earliest : start;
    int64_t far = start + (int64_t)FAR_DAYS * WF_DAY_SECONDS;
    while (start < far && (in = quiet_at(zone, start, false, quiet, n, &end))) {
        out->item = in->item;
        start = end;
    }
    out->not_before = start;
    out->not_after = next_quiet(zone, start, next_run, quiet, n);
    if (start >= far)
        return WF_HOURS_NEVER;
    return start < next_run ? WF_HOURS_OPEN : WF_HOURS_HELD;
}
