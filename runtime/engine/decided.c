#include "runtime/engine/decided.h"

bool wf_marks_seek(const struct wf_marks *marks, struct wf_mark_cursor *cursor,
                   const struct wf_mark *mark)
{
    size_t low = cursor->at, n = marks->n_sorted, step = 1;
    if (low >= n || wf_mark_compare(&marks->items[low], mark) > 0)
        low = 0; /* backwards, or at the end: from the beginning */
    size_t high = low;
    while (high < n && wf_mark_compare(&marks->items[high], mark) < 0) {
        low = high + 1;
        high = n - high > step ? high + step : n;
        step *= 2;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (wf_mark_compare(&marks->items[mid], mark) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    cursor->at = low;
    return low < n && wf_mark_compare(&marks->items[low], mark) == 0;
}

/* Calendar days that `months` months may be, the fewest or the most. */
static int64_t days_of(int64_t months, bool most)
{
    return months * ((months < 0) == most ? 28 : 31);
}

bool wf_anniv_one_year(const struct wf_zone *zone, const struct wf_ir_anniv *offset, int64_t from,
                       int64_t to, int64_t *year_out)
{
    enum { SLACK = 3 }; /* clocks, zones, Feb 29 */
    const int64_t far = 100000;
    int64_t seconds = offset->seconds / WF_DAY_SECONDS;
    if (offset->months > far || offset->months < -far || offset->days > far ||
        offset->days < -far || seconds > far || seconds < -far)
        return false;
    int64_t first = wf_zone_day(zone, from) - days_of(offset->months, true) - offset->days;
    int64_t last = wf_zone_day(zone, to) - days_of(offset->months, false) - offset->days;
    first -= seconds + SLACK;
    last -= seconds - SLACK;
    if (!wf_day_in_calendar(first) || !wf_day_in_calendar(last))
        return false;
    *year_out = wf_day_to_civil(last).year;
    return wf_day_to_civil(first).year == *year_out;
}
