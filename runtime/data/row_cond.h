/*
 * row_cond.h - whether `void when` holds of a row, before there is a dataset.
 *
 * The condition sees the row's own cells and constants. What it cannot see here (a member's
 * aggregates) is unknown, and an unknown condition voids nothing.
 */
#ifndef WF_DATA_ROW_COND_H
#define WF_DATA_ROW_COND_H

#include "runtime/data/feed_data.h"

struct wf_row_cond {
    const struct wf_load_ctx *ctx;
    const struct wf_feed_data *data;
    const struct wf_raw *raw; /* by slot */
    uint32_t node;
    uint32_t *nodes; /* those it needs, ascending; the last is `node` */
    uint32_t n_nodes;
    uint32_t *place; /* by node: its index in `nodes` */
    uint32_t slot;   /* the one CODE column it reads, WF_NONE: none or several columns */
};

enum wf_status wf_row_cond_init(struct wf_row_cond *cond, const struct wf_load_ctx *ctx,
                                const struct wf_feed_data *data, const struct wf_raw *raw,
                                uint32_t node);
void wf_row_cond_release(struct wf_row_cond *cond);

/* Marks the rows of which it is known true: one byte a row. Uses the threads of the context. */
enum wf_status wf_row_cond_mark(const struct wf_row_cond *cond, uint8_t *marks);

#endif
