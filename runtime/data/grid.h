/*
 * grid.h - the cells of a feed of members, of a table or of merges: one array a slot over all rows.
 *
 *   segment   0         1         2            a segment's rows go where they will stay: behind as
 *   data[s]   [rrrrrrrr][rrrrr---][rrrrrrr...  many rows as line feeds went before it; where rows
 *                             gap              fell out a gap is left, and closed in the end
 *
 * Any number of threads write at once, each in its own segment's place.
 */
#ifndef WF_DATA_GRID_H
#define WF_DATA_GRID_H

#include <pthread.h>

#include "runtime/data/feeds.h"

struct wf_grid {
    const struct wf_alloc *alloc;
    const struct wf_feed *feed;
    void **data;             /* by slot: room cells of slot->size bytes, not all written */
    uint8_t **state;         /* by slot: 1: there is a value */
    uint64_t room;           /* rows */
    pthread_rwlock_t moving; /* exclusive while arrays move */
};

enum wf_status wf_grid_init(struct wf_grid *grid, const struct wf_alloc *alloc,
                            const struct wf_feed *feed);
void wf_grid_release(struct wf_grid *grid); /* of zeros is fine */

/* Until wf_grid_leave the arrays have room for `upto` rows and stay where they are. `guess` is how
 * many rows the feed may have in all. WF_ERR_NOMEM: nothing was entered. */
enum wf_status wf_grid_enter(struct wf_grid *grid, uint64_t upto, uint64_t guess);
void wf_grid_leave(struct wf_grid *grid);

/* n cells of a slot that stood at row `from` stand at row `to` <= from. */
void wf_grid_shift(struct wf_grid *grid, uint32_t slot, uint64_t from, uint64_t to, uint32_t n);

/* Hands a slot's arrays to the caller, with `room` cells, those from `rows` on zero. */
enum wf_status wf_grid_take(struct wf_grid *grid, uint32_t slot, uint64_t rows, uint64_t room,
                            void **data_out, uint8_t **state_out);

#endif
