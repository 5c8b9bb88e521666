/*
 * volume.h - a full feed that shrank or swelled overnight is most likely not what it should be: an
 * export that holds only what is new would make "not purchased" true for everybody else.
 */
#ifndef WF_RUN_VOLUME_H
#define WF_RUN_VOLUME_H

#include "lang/base/buf.h"
#include "runtime/data/load.h"
#include "runtime/store/state.h"

/*
 * A line to `odd` for each full feed that has fewer than half or more than twice the rows it had in
 * the last night that read it, where either count is above WF_VOLUME_ROWS.
 */
void wf_odd_volumes(const struct wf_state *state, const struct wf_load_report *report,
                    struct wf_buf *odd);

/* Tonight's counts are what the next night is held against. */
enum wf_status wf_keep_volume(struct wf_state *state, const struct wf_load_report *report);

#endif
