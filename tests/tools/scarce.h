/*
 * scarce.h - memory that runs out: the nth allocation fails, or all from it on.
 */
#ifndef TESTS_TOOLS_SCARCE_H
#define TESTS_TOOLS_SCARCE_H

#include <stdbool.h>

#include "lang/base/alloc.h"

struct scarce {
    long calls, fail_at; /* fail_at: from 1; 0: none fails */
    bool for_ever;
    long live; /* allocations not freed */
};

/* Of a struct scarce, which must outlive it. */
struct wf_alloc scarce_alloc(struct scarce *scarce);

#endif
