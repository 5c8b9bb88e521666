/*
 * agg.h - the inside of the reductions, shared by kernel_agg.c (row by row, whatever comes) and
 * kernel_agg_quick.c (all members of a piece at once, where nothing is in doubt).
 */
#ifndef WF_VM_AGG_H
#define WF_VM_AGG_H

#include <string.h>

#include "runtime/vm/machine.h"

/* One REDUCE over one piece. */
struct wf_source {
    struct wf_worker *worker;
    const struct wf_ir_agg *agg;
    const struct wf_events *events;
    const uint64_t *t, *k; /* the filter */
    char class_;           /* of the value: 'V' 'W' 'B', 0: none */
    uint8_t type;          /* of the value */
    const void *lanes;     /* 'V', 'W' */
    const uint64_t *bits;  /* 'B' */
    const uint64_t *present;
    const uint64_t *begins; /* of the piece; NULL: each row is an event */
};

/* The bits of a value; -0.0 and 0.0 stay apart. */
static inline int64_t wf_value_of(const struct wf_source *source, uint32_t row)
{
    if (source->class_ == 'V')
        return ((const int64_t *)source->lanes)[row];
    if (source->class_ == 'W')
        return ((const int32_t *)source->lanes)[row];
    return wf_bit(source->bits, row);
}

static inline double wf_number_of(int64_t bits)
{
    double out;
    memcpy(&out, &bits, sizeof(out));
    return out;
}

static inline bool wf_value_less(const struct wf_source *source, int64_t a, int64_t b)
{
    return source->type == WF_T_NUMBER ? wf_number_of(a) < wf_number_of(b) : a < b;
}

/*
 * Reduces the segments first .. end - 1, each a whole member, and writes their results. None of
 * their rows counts without a value (SUM AVERAGE MIN MAX) or is in doubt; but where each row is an
 * event, a COUNT may have rows in doubt. false: not this aggregate, or not over these rows; then
 * nothing was written that counts.
 */
bool wf_reduce_at_once(const struct wf_source *source, struct wf_reduction *r, uint32_t first,
                       uint32_t end);

#endif
