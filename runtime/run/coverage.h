/*
 * coverage.h - which parts of the rules some test has seen at work.
 *
 * A branch is one way a rule can go: a trigger acts; where it has a guard, the guard once is not
 * true when the moment has come; a journey comes to each of its actions. What a gate stopped was
 * come to.
 */
#ifndef WF_RUN_COVERAGE_H
#define WF_RUN_COVERAGE_H

#include "runtime/engine/engine.h"

struct wf_coverage_rule {
    uint64_t acted, refused; /* occurrences over all nights of all tests */
};

struct wf_coverage {
    const struct wf_alloc *alloc;
    const struct wf_ir *ir;
    struct wf_coverage_rule *triggers;
    bool *actions; /* of journeys: somebody came to it */
};

/* Release it in any case. */
enum wf_status wf_coverage_init(struct wf_coverage *coverage, const struct wf_ir *ir,
                                const struct wf_alloc *alloc);
void wf_coverage_release(struct wf_coverage *coverage);

/* Takes a night in. */
void wf_coverage_add(struct wf_coverage *coverage, const struct wf_outcome *outcome);

/* How many branches were seen, of how many. */
void wf_coverage_count(const struct wf_coverage *coverage, uint64_t *seen_out,
                       uint64_t *branches_out);

/* Appends a line for each branch that no test has seen. */
void wf_coverage_missing(const struct wf_coverage *coverage, struct wf_buf *out);

#endif
