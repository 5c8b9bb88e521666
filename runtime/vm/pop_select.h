/*
 * pop_select.h - which key stands at a place, and what all before it add up to, without sorting.
 *
 *   keys ── counted in equal steps ──▶ the step of each place ── its keys alone, digit by digit ──▶
 *
 * A place costs next to nothing beside the passes over all keys, of which there are two.
 */
#ifndef WF_VM_POP_SELECT_H
#define WF_VM_POP_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "runtime/vm/population.h"

/* The keys of those who are counted. */
struct wf_pop_keys {
    const struct wf_pop_input *input;
    uint32_t n_members;
    size_t n;           /* who is counted */
    uint64_t low, high; /* the least key and the greatest; n > 0 */
};

struct wf_pop_place {
    size_t at;                /* so many keys come before it: at most all */
    uint64_t key;             /* the key there; 0 behind the last one */
    unsigned __int128 before; /* the keys before it, each less `low`, added up */
};

/* Keys farther apart than these bits say are not told: they are to be sorted. */
enum { WF_POP_SELECT_BITS = 47 };
bool wf_pop_selects(const struct wf_pop_keys *keys);

/* Fills in what is asked of `places`, whose `at` goes up. For keys that wf_pop_selects says yes to.
 * WF_ERR_NOMEM. */
enum wf_status wf_pop_select(const struct wf_pop_keys *keys, struct wf_pop_place *places,
                             uint32_t n_places, unsigned threads, const struct wf_alloc *alloc);

#endif
