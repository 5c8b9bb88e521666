/*
 * ranges.h - sets of int64, as sorted ranges with gaps between them; what a value can still be.
 *
 *   [3, 7] [12, 12] [20, INT64_MAX]       ends belong to the range; neighbours never touch
 *
 * Sets are immutable; results lie in the arena that is passed. Where it has no memory the answer is
 * WF_RANGES_ALL, and *nomem is set.
 */
#ifndef WF_SEMA_RANGES_H
#define WF_SEMA_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/arena.h"

struct wf_range {
    int64_t lo, hi;
};

struct wf_ranges {
    const struct wf_range *at;
    uint32_t n;
};

extern const struct wf_ranges WF_RANGES_ALL, WF_RANGES_NONE;

struct wf_room {
    struct wf_arena *arena;
    bool *nomem;
};

struct wf_ranges wf_ranges_span(struct wf_room room, int64_t lo, int64_t hi); /* lo > hi: none */
/* The points of a list, in any order, also alike ones. */
struct wf_ranges wf_ranges_points(struct wf_room room, const int64_t *points, uint32_t n);
struct wf_ranges wf_ranges_except(struct wf_room room, struct wf_ranges a); /* all the others */
struct wf_ranges wf_ranges_meet(struct wf_room room, struct wf_ranges a, struct wf_ranges b);
bool wf_ranges_same(struct wf_ranges a, struct wf_ranges b);
bool wf_ranges_hold(struct wf_ranges a, int64_t point);

static inline int64_t wf_ranges_least(struct wf_ranges a)
{
    return a.n ? a.at[0].lo : INT64_MAX;
}
static inline int64_t wf_ranges_most(struct wf_ranges a)
{
    return a.n ? a.at[a.n - 1].hi : INT64_MIN;
}

#endif
