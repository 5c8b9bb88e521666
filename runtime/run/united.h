/*
 * united.h - members that merged stay merged: an old id means the new one in every later feed, also
 * when the merges of that night no longer say so.
 */
#ifndef WF_RUN_UNITED_H
#define WF_RUN_UNITED_H

#include "runtime/data/load.h"
#include "runtime/store/state.h"

/* The pairs the state knows, pointing into it; free the array with wf_free. */
enum wf_status wf_united_known(const struct wf_state *state, struct wf_load_merge **pairs_out,
                               size_t *n_out);

/* All pairs of tonight, which hold those of the nights before, into the state. */
enum wf_status wf_united_keep(struct wf_state *state, const struct wf_load_report *report);

#endif
