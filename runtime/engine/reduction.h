/*
 * reduction.h - one reduction of a metric over the members of one group: how many, how much.
 *
 * Sums are exact (whole numbers in 128 bits, numbers by exact.h) and rounded once, so neither the
 * order of the members nor the number of threads shows in a figure.
 */
#ifndef WF_ENGINE_REDUCTION_H
#define WF_ENGINE_REDUCTION_H

#include <stdbool.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "lang/code/program.h"
#include "runtime/vm/exact.h"

struct wf_reduced {
    uint64_t n;           /* members that count: `where` is known true, and `of` has a value;
                             TOTAL: rows that have one */
    __int128 whole;       /* SUM, TOTAL, AVERAGE of INT, MONEY */
    struct wf_exact *sum; /* the same of NUMBER; NULL: nothing was added yet */
    double *values;       /* MEDIAN; amounts in hundredths */
    size_t room;
};

/* `type` is that of `of`. */
enum wf_status wf_reduced_add_whole(struct wf_reduced *r, const struct wf_ir_over *over,
                                    int64_t value, const struct wf_alloc *alloc);
enum wf_status wf_reduced_add_number(struct wf_reduced *r, const struct wf_ir_over *over,
                                     double value, const struct wf_alloc *alloc);

/* Moves what `from` holds into `into`. */
enum wf_status wf_reduced_merge(struct wf_reduced *into, struct wf_reduced *from,
                                const struct wf_alloc *alloc);

/*
 * The figure, amounts in hundredths; false where there is none: a share or an average of nobody, a
 * total of no row.
 * `members`: how many there are in the group. Sorts the values of a median.
 */
bool wf_reduced_value(struct wf_reduced *r, const struct wf_ir_over *over, uint64_t members,
                      double *out);

void wf_reduced_release(struct wf_reduced *r, const struct wf_alloc *alloc);

#endif
