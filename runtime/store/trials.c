#include "runtime/store/trials.h"

#include <string.h>

_Static_assert(sizeof(struct wf_trial_cell) == 64, "cells are stored without gaps");

enum { MOST_CELLS = 1 << 16 };

void wf_trials_release(struct wf_trials *trials, const struct wf_alloc *alloc)
{
    for (size_t i = 0; i < trials->n; i++)
        wf_free(alloc, trials->items[i].cells);
    wf_free(alloc, trials->items);
    *trials = (struct wf_trials){0};
}

static enum wf_status add(struct wf_trials *trials, uint64_t hash, uint32_t holdout,
                          uint32_t n_cells, const struct wf_alloc *alloc, struct wf_trial **out)
{
    if (wf_grow(alloc, &trials->items, &trials->room, trials->n + 1, sizeof(*trials->items)))
        return WF_ERR_NOMEM;
    struct wf_trial trial = {.hash = hash, .holdout = holdout, .n_cells = n_cells};
    trial.cells = wf_calloc(alloc, n_cells, sizeof(*trial.cells));
    if (!trial.cells)
        return WF_ERR_NOMEM;
    *out = &trials->items[trials->n++];
    **out = trial;
    return WF_OK;
}

enum wf_status wf_trials_get(struct wf_trials *trials, uint64_t hash, uint32_t holdout,
                             uint32_t n_cells, const struct wf_alloc *alloc, struct wf_trial **out)
{
    for (size_t i = 0; i < trials->n; i++) {
        *out = &trials->items[i];
        if ((*out)->hash == hash && (*out)->holdout == holdout)
            return (*out)->n_cells == n_cells ? WF_OK : WF_ERR_STATE;
    }
    return add(trials, hash, holdout, n_cells, alloc, out);
}

void wf_trial_add(struct wf_trial_cell *cell, bool reached, int64_t value)
{
    unsigned __int128 square = (unsigned __int128)((__int128)value * value);
    cell->members++;
    cell->reached += reached;
    cell->sum += value; /* fewer members than 2^32, of 2^63 each */
    if (__builtin_add_overflow(cell->squares, square, &cell->squares))
        cell->squares = WF_TRIAL_LOST;
}

/* ---- as bytes ---- */

struct head {
    uint64_t hash;
    uint32_t holdout, n_cells;
};

enum wf_status wf_trials_read(struct wf_trials *trials, const void *bytes, size_t len,
                              const struct wf_alloc *alloc)
{
    struct head head;
    struct wf_trial *trial;
    if (len < sizeof(head))
        return WF_ERR_STATE;
    memcpy(&head, bytes, sizeof(head));
    size_t size = (size_t)head.n_cells * sizeof(*trial->cells);
    if (head.n_cells == 0 || head.n_cells > MOST_CELLS || len - sizeof(head) != size)
        return WF_ERR_STATE;
    enum wf_status st = add(trials, head.hash, head.holdout, head.n_cells, alloc, &trial);
    if (st != WF_OK)
        return st;
    memcpy(trial->cells, (const unsigned char *)bytes + sizeof(head), size);
    for (uint32_t i = 0; i < trial->n_cells; i++)
        if (trial->cells[i].reached > trial->cells[i].members || trial->cells[i].none)
            return WF_ERR_STATE;
    return WF_OK;
}

void wf_trial_write(const struct wf_trial *trial, struct wf_buf *out)
{
    struct head head = {trial->hash, trial->holdout, trial->n_cells};
    wf_buf_add(out, &head, sizeof(head));
    wf_buf_add(out, trial->cells, trial->n_cells * sizeof(*trial->cells));
}
