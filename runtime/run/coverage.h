/*
 * coverage.h - which parts of the rules some test has seen at work.
 *
 * A branch is one way a rule can go:
 *
 *   trigger    it acts; where it has a guard, the guard once is not true when the moment has come
 *   segment    a member is in it; a member is not
 *   class      a member is of it
 *   journey    a member enters; leaves by its exit; reaches its goal; comes to each action, wait,
 *              milestone and `leave`; an `if` is true, and is not; a `wait for` ends by what it
 *              waits for, and by its time; each branch of a split is drawn
 *
 * What a gate stopped was come to. The rules of modules that are built in do not count.
 */
#ifndef WF_RUN_COVERAGE_H
#define WF_RUN_COVERAGE_H

#include "lang/lang.h"
#include "runtime/engine/engine.h"

enum wf_branch_kind {
    WF_BRANCH_ACTS, /* row: of ir.triggers */
    WF_BRANCH_REFUSES,
    WF_BRANCH_IN, /* row: of ir.segments */
    WF_BRANCH_OUT,
    WF_BRANCH_CLASS,  /* row: of ir.classes */
    WF_BRANCH_ENTERS, /* row: of ir.journeys */
    WF_BRANCH_EXITS,
    WF_BRANCH_GOAL,
    WF_BRANCH_STEP, /* row: of ir.steps */
    WF_BRANCH_TRUE, /* an `if` */
    WF_BRANCH_FALSE,
    WF_BRANCH_COMES, /* a `wait for` */
    WF_BRANCH_TIMES_OUT,
    WF_BRANCH_ARM, /* row: of ir.arms */
};

struct wf_branch {
    uint8_t kind;   /* enum wf_branch_kind */
    bool seen;      /* on any night of any test */
    uint32_t row;   /* of the table that the kind names */
    uint32_t place; /* row of ir.places */
    uint32_t rule;  /* text: whose branch it is; WF_NONE: the trigger `row` knows */
};

struct wf_coverage {
    const struct wf_alloc *alloc;
    const struct wf_ir *ir;
    const struct wf_sources *sources;
    struct wf_branch *branches;
    size_t n, room;
};

/* All is borrowed. Release it in any case. */
enum wf_status wf_coverage_init(struct wf_coverage *coverage, const struct wf_ir *ir,
                                const struct wf_sources *sources, const struct wf_alloc *alloc);
void wf_coverage_release(struct wf_coverage *coverage);

/* Takes a night in. */
void wf_coverage_add(struct wf_coverage *coverage, const struct wf_outcome *outcome);

/* Whose branch it is, and what no test has seen, in the reader's language. */
const char *wf_branch_rule(const struct wf_coverage *coverage, const struct wf_branch *branch);
const char *wf_branch_missing(const struct wf_branch *branch);

#endif
