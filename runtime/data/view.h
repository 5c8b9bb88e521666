/*
 * view.h - the columns of a view of events, filled one part after the other as rows are grouped.
 */
#ifndef WF_DATA_VIEW_H
#define WF_DATA_VIEW_H

#include "runtime/data/group.h"

struct wf_view {
    const struct wf_load_ctx *ctx;
    const struct wf_event_rows *rows;
    struct wf_column *columns; /* by slot; without data where nobody asked */
    uint64_t *heap_used;       /* by slot: of its heap */
    uint64_t *begins, *doubt;  /* bits by row of the view: the keep's */
    uint32_t room;             /* rows there is room for */
    bool shared, doubted;      /* some row does not begin an event; some row is doubt */
    unsigned char (*key)[16];  /* the keep's; NULL: nobody asked */
    struct wf_own_row *own;    /* the rows themselves, for views by another member; NULL */
};

/* Room for n rows. `wanted` tells the slots, dicts (by slot) are those of the CODE ones. */
enum wf_status wf_view_init(struct wf_view *view, const struct wf_load_ctx *ctx,
                            const struct wf_event_rows *rows, struct wf_dict *const *dicts,
                            const bool *wanted, bool keys, uint32_t n);
void wf_view_finish(struct wf_view *view, uint32_t n); /* n rows were taken: zeros behind them */
void wf_view_release(struct wf_view *view);            /* the columns stay: they are the keep's */

/* What fills it: the taker of wf_group_own or wf_group_by. */
enum wf_status wf_view_take(void *view, const struct wf_group_part *part);

#endif
