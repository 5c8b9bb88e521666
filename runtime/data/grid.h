/*
 * grid.h - the cells of a feed of members, of a table or of merges: one array a slot over all rows.
 *
 *   segment   0         1         2            a segment's rows go where they will stay: behind as
 *   slot s    [rrrrrrrr][rrrrr---][rrrrrrr...  many rows as line feeds went before it; where rows
 *                             gap              fell out a gap is left, and closed in the end
 *
 * Any number of threads put at once, each in its own segment's place. Cells are as narrow as all
 * values so far allow (narrow.h); presence is a bitmap from the beginning.
 */
#ifndef WF_DATA_GRID_H
#define WF_DATA_GRID_H

#include <pthread.h>

#include "runtime/data/feeds.h"
#include "runtime/data/narrow.h"

struct wf_grid_slot {
    void *cells;       /* BITS: a bitmap; STR: struct wf_cut */
    uint64_t *present; /* bit: there is a value */
    uint64_t room;     /* rows */
    uint64_t used;     /* no row from here on was put */
    struct wf_narrow form;
};

struct wf_grid {
    const struct wf_alloc *alloc;
    const struct wf_feed *feed;
    struct wf_grid_slot *slots;
    pthread_rwlock_t moving; /* exclusive while arrays move */
};

enum wf_status wf_grid_init(struct wf_grid *grid, const struct wf_alloc *alloc,
                            const struct wf_feed *feed);
void wf_grid_release(struct wf_grid *grid); /* of zeros is fine */

/* Puts the cells (slot->size bytes each, as decoded) and states (a byte each, 1: there is a value)
 * of n rows at row `place`, where none was put before. `guess` is how many rows the feed may have
 * in all. WF_ERR_NOMEM. */
enum wf_status wf_grid_put(struct wf_grid *grid, uint32_t slot, uint64_t place, uint32_t n,
                           uint64_t guess, const void *cells, const uint8_t *states);

/* n rows of a slot that stood at row `from` stand at row `to` <= from. Rows move in their order. */
void wf_grid_shift(struct wf_grid *grid, uint32_t slot, uint64_t from, uint64_t to, uint32_t n);

/* Hands a slot's arrays to the caller, with `room` rows (a multiple of 64), those from `rows` on
 * zero. */
enum wf_status wf_grid_take(struct wf_grid *grid, uint32_t slot, uint64_t rows, uint64_t room,
                            struct wf_grid_slot *out);

#endif
