/*
 * pop_int.h - the inside of population.h: who is counted, and the two ways from there to a figure.
 *
 *   members ── counted ─┬ whole numbers, no `per`: cuts and scores from a few places (pop_cut.c)
 *                       └ ranks, groups, what is far apart: all of them sorted (population.c)
 */
#ifndef WF_VM_POP_INT_H
#define WF_VM_POP_INT_H

#include "runtime/vm/pop_select.h"
#include "runtime/vm/population.h"

/* Those whom a figure is about. */
struct wf_pop_crowd {
    const struct wf_ir_pop *pop;
    const struct wf_dataset *data;
    const struct wf_alloc *alloc;
    struct wf_figure *figure;
    struct wf_pop_keys keys;
    size_t zeros, below; /* of the counted: whose X is zero, whose X is less than that */
    unsigned threads;
};

/* Does pop_cut.c do it? */
bool wf_pop_is_cut(const struct wf_pop_crowd *crowd);
enum wf_status wf_pop_cut(const struct wf_pop_crowd *crowd);

/* Of n members alike in X, takes `quota`. */
enum wf_status wf_pop_take_tied(const struct wf_pop_crowd *crowd, const uint32_t *members, size_t n,
                                size_t quota);

/* A part of a whole in hundredths of a percent. */
uint16_t wf_pop_share(__int128 part, __int128 all);

#endif
