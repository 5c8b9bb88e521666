/*
 * past_events.h - events of nights before on their way to tonight's, and into the next snapshot.
 */
#ifndef WF_DATA_PAST_EVENTS_H
#define WF_DATA_PAST_EVENTS_H

#include "runtime/data/past_owners.h"

/* ---- past_events.c ---- */

struct wf_past_events {
    struct wf_past_owners *owners;
    const struct wf_ids *const *refs; /* by slot */
    struct wf_names *dicts;           /* worker * n_slots + slot */
    const struct wf_chunk_taker *taker;
};

/* Hands the rows that are to be settled to the taker, as chunks, each on its worker's thread. */
enum wf_status wf_past_events(const struct wf_past_events *events);

/* ---- past_keep.c ---- */

/* What is kept of the events of a feed, while they are grouped. */
struct wf_past_keeping {
    const struct wf_load_ctx *ctx;
    const struct wf_event_rows *rows;
    const struct wf_dataset *data;
    const struct wf_names *dicts; /* worker * n_slots + slot */
    uint32_t index;               /* of the feed in the snapshot */
};

/* Keeps the rows of a part that was grouped. Any thread may. */
enum wf_status wf_past_keep(const struct wf_past_keeping *keeping,
                            const struct wf_group_part *part);

/* Keeps that these ids have no rows any more: other ids became of them. */
enum wf_status wf_past_keep_gone(const struct wf_past_keeping *keeping,
                                 const struct wf_names *gone);

#endif
