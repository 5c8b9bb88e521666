/*
 * needs.h - what would have to change for a condition to be as it is wanted: the nearest change.
 */
#ifndef WF_RUN_NEEDS_H
#define WF_RUN_NEEDS_H

#include "runtime/run/why.h"

/*
 * Appends a sentence a line for the evaluator's member: from which day on the mere passing of time
 * would do it, if it does within WF_NEEDS_DAYS; and each figure that stands in the way with what it
 * would have to be. Nothing where it is so already. Population figures stay as they are tonight.
 */
enum { WF_NEEDS_DAYS = 400 };
void wf_needs(const struct wf_why *why, uint32_t node, int wanted, struct wf_buf *out);

#endif
