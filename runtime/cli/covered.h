/*
 * covered.h - the branches of several rule files together: what two files import is one.
 */
#ifndef WF_CLI_COVERED_H
#define WF_CLI_COVERED_H

#include "lang/base/arena.h"
#include "runtime/run/coverage.h"

struct wf_covered_branch {
    const char *file, *rule, *missing, *label; /* label: of a split's branch; NULL */
    uint32_t line, column;
    uint8_t kind; /* enum wf_branch_kind */
    bool seen;
};

struct wf_covered {
    struct wf_arena arena;
    struct wf_covered_branch *branches;
    size_t n, room, seen;
};

void wf_covered_init(struct wf_covered *covered);
void wf_covered_release(struct wf_covered *covered);

/* Takes in what the tests of one file saw. WF_ERR_NOMEM. */
enum wf_status wf_covered_add(struct wf_covered *covered, const struct wf_coverage *coverage);

/* Whole percents, rounded down; 100 where there is nothing to see. */
int wf_covered_percent(const struct wf_covered *covered);

/* Appends a line for each branch that was not seen: FILE:LINE:COLUMN: RULE: what is missing. */
void wf_covered_missing(const struct wf_covered *covered, struct wf_buf *out);

/* The same as the members of a JSON array. */
void wf_covered_json(const struct wf_covered *covered, struct wf_buf *out);

#endif
