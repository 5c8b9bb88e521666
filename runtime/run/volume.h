/*
 * volume.h - a feed that shrank or swelled overnight is most likely not what it should be: an
 * export that was cut short would make "not purchased" true for everybody it lacks.
 */
#ifndef WF_RUN_VOLUME_H
#define WF_RUN_VOLUME_H

#include "lang/base/buf.h"
#include "runtime/data/load.h"
#include "runtime/store/state.h"

/*
 * A line to `odd` for each feed that has fewer than half or more than twice the rows it should
 * have, where either count is above WF_VOLUME_ROWS: a full feed as many as in the last night. One
 * that may hold only what is new may as well have as many as the median of the last three nights
 * of that day of the week (of `day`, a civil date) that read it, once there are three; a feed of
 * changes must.
 */
void wf_odd_volumes(const struct wf_state *state, const struct wf_load_report *report, int64_t day,
                    struct wf_buf *odd);

/* Tonight's counts are what nights to come are held against. */
enum wf_status wf_keep_volume(struct wf_state *state, const struct wf_load_report *report,
                              int64_t day);

/* Is it the count of a feed's last night, and not of a day of the week? */
bool wf_volume_is_last(const struct wf_feed_rows *feed);

#endif
