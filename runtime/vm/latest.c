#include "runtime/vm/latest.h"

#include "lang/base/zone.h"

bool wf_latest_anniversary(struct wf_latest *latest, const struct wf_ir *ir,
                           const struct wf_vm_params *params, uint32_t anniv, int32_t day,
                           int64_t *due_out, int64_t *year_out)
{
    uint32_t hash = ((uint32_t)day + anniv) * UINT32_C(2654435761);
    struct wf_latest_kept *kept = &latest->kept[hash >> 23];
    if (kept->anniv != anniv + 1 || kept->day != day) {
        const struct wf_ir_anniv *by = &ir->annivs[anniv];
        struct wf_anniv_offset offset = {by->months, by->days, by->seconds,
                                         (enum wf_feb29)by->feb29};
        *kept = (struct wf_latest_kept){.anniv = anniv + 1, .day = day};
        if (!wf_day_in_calendar(day) ||
            !wf_zone_anniversary(params->zone, day, &offset, params->now, &kept->due, &kept->year))
            kept->year = INT64_MIN;
    }
    *due_out = kept->due;
    *year_out = kept->year;
    return kept->year != INT64_MIN;
}
