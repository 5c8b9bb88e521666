/*
 * trials.h - what became of the members of a journey that tries something out: a part of its state.
 *
 *   trial    a structure of the journey and the share that was held out of it
 *     cells  [treated, held out] of all, then of each arm of its splits, as ir.arms has them
 *
 * A member is counted once, when the time of the goal is over: then nothing can change any more,
 * and everybody was looked at equally long. Another structure or share is another trial: members of
 * the one are never compared with those of the other.
 */
#ifndef WF_STORE_TRIALS_H
#define WF_STORE_TRIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/buf.h"
#include "lang/base/status.h"

/* Stored as it stands in memory. Values are hundredths; what does not fit makes `squares` the
 * largest number, and there are no figures of values any more. */
struct wf_trial_cell {
    uint64_t members, reached;
    uint64_t unknown; /* whose goal, a figure, was never known: not among the members */
    uint64_t none;    /* 0 */
    __int128 sum;
    unsigned __int128 squares;
};
#define WF_TRIAL_LOST (~(unsigned __int128)0)

struct wf_trial {
    uint64_t hash;    /* of the structure */
    uint32_t holdout; /* parts of 1,000,000 */
    uint32_t n_cells;
    struct wf_trial_cell *cells;
};

struct wf_trials {
    struct wf_trial *items; /* in the order in which they began */
    size_t n, room;
    bool dirty;
};

void wf_trials_release(struct wf_trials *trials, const struct wf_alloc *alloc);

/* The trial of that structure and share, begun with `n_cells` if there is none. */
enum wf_status wf_trials_get(struct wf_trials *trials, uint64_t hash, uint32_t holdout,
                             uint32_t n_cells, const struct wf_alloc *alloc,
                             struct wf_trial **out);

/* One more member of a cell; `value` counts where the goal is a figure. */
void wf_trial_add(struct wf_trial_cell *cell, bool reached, int64_t value);

/* As bytes, one trial each; WF_ERR_STATE for bytes that writing does not make. */
enum wf_status wf_trials_read(struct wf_trials *trials, const void *bytes, size_t len,
                              const struct wf_alloc *alloc);
void wf_trial_write(const struct wf_trial *trial, struct wf_buf *out);

#endif
