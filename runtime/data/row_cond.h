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
    const struct wf_feed *feed;
    uint32_t node;
    uint32_t *nodes; /* those it needs, ascending; the last is `node` */
    uint32_t n_nodes;
    uint32_t *place; /* by node: its index in `nodes` */
    uint32_t slot;   /* the one CODE column it reads, WF_NONE: none or several columns */
};

enum wf_status wf_row_cond_init(struct wf_row_cond *cond, const struct wf_load_ctx *ctx,
                                const struct wf_feed *feed, uint32_t node);
void wf_row_cond_release(struct wf_row_cond *cond);

/* What one thread needs to judge its chunks. */
struct wf_row_judge {
    const struct wf_row_cond *cond;
    const struct wf_names *dicts; /* by slot: the thread's own */
    struct wf_value *values;      /* by place: of the row at hand */
    struct wf_buf *normal;        /* by place: its text as NFC */
    uint8_t *by_code;             /* of the one slot: the answer by code, the last: missing */
    size_t room_codes;
    uint32_t judged; /* codes that by_code knows */
    uint8_t *marks;  /* of the last chunk: one byte a row, 1 where the condition is known true */
    size_t room_marks;
};

/* `cond` and `dicts` are borrowed. */
enum wf_status wf_row_judge_init(struct wf_row_judge *judge, const struct wf_row_cond *cond,
                                 const struct wf_names *dicts);
void wf_row_judge_release(struct wf_row_judge *judge);

/* Fills judge->marks. */
enum wf_status wf_row_judge_chunk(struct wf_row_judge *judge, const struct wf_chunk *chunk);

#endif
