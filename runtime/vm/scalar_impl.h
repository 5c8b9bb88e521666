/*
 * scalar_impl.h - the inside of the row evaluator, shared by scalar.c and scalar_agg.c.
 *
 * A memo is valid while its stamp equals the serial of its node's domain; moving to another row
 * gives the domain a new serial, and coming back gives it the old one again.
 */
#ifndef WF_VM_SCALAR_IMPL_H
#define WF_VM_SCALAR_IMPL_H

#include "runtime/vm/latest.h"
#include "runtime/vm/scalar.h"

struct wf_agg_memo {
    uint64_t stamp;
    struct wf_value part[4]; /* by enum wf_ir_part */
    uint64_t row;            /* FIRST, LAST: the row, where part[VALUE] is present */
};

/* An event of the current member, by its key in all views of its record that are grouped by the
 * same members. */
struct wf_marked {
    bool set;
    uint32_t event, by; /* as the view's */
    unsigned char key[16];
};

struct wf_scalar {
    const struct wf_ir *ir;
    const struct wf_dataset *data;
    const struct wf_vm_params *params;
    const struct wf_pops *pops;
    const struct wf_noted *noted; /* NULL: every aggregate is walked */
    const struct wf_alloc *alloc;
    enum wf_status status; /* the first failure */
    uint32_t member;
    uint64_t *row;    /* by view */
    uint64_t *serial; /* by domain */
    uint64_t next;    /* the last serial given */
    struct wf_value *memo;
    uint64_t *stamp; /* by node */
    struct wf_agg_memo *aggs;
    struct wf_latest *latest; /* NULL: the program asks for no anniversary */
    struct wf_trace *trace;   /* how reasons are worded; NULL: none was asked for */
    uint32_t *stack;          /* nodes waiting for their operands */
    size_t n_stack, room_stack;
    unsigned depth; /* aggregates within aggregates */
    bool in_journey;
    int64_t entry; /* ENTRY, where in_journey */
    struct wf_marked entered, hidden;
};

void wf_trace_free(const struct wf_alloc *alloc, struct wf_trace *trace);

/* Where a view stands, to come back to. */
struct wf_standing {
    uint64_t row, serial;
};
struct wf_standing wf_scalar_leave(const struct wf_scalar *scalar, uint32_t view);
void wf_scalar_return(struct wf_scalar *scalar, uint32_t view, struct wf_standing standing);

/* Is that row of the event that was marked? */
bool wf_scalar_is_marked(const struct wf_scalar *scalar, const struct wf_marked *marked,
                         uint32_t view, uint64_t row);

/* A text test (EQ NE IN CONTAINS ...) with `text` in place of its operand that is no RUN node. */
struct wf_value wf_scalar_test(struct wf_scalar *scalar, uint32_t node, struct wf_value text);

/* The aggregate for the current member; valid until the member changes. */
const struct wf_agg_memo *wf_scalar_agg(struct wf_scalar *scalar, uint32_t agg);

/* FOLLOWED for the current row of `view`, whose operand a is `first`. */
struct wf_value wf_scalar_followed(struct wf_scalar *scalar, uint32_t view,
                                   const struct wf_ir_follow *follow, struct wf_value first);

#endif
