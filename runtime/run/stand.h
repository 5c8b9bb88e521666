/*
 * stand.h - where a member stands in a journey, and what comes next there.
 */
#ifndef WF_RUN_STAND_H
#define WF_RUN_STAND_H

#include "runtime/run/why.h"
#include "runtime/store/entries.h"

/* The live entry of the member of `row` in journey `journey` after the night; NULL: none. */
const struct wf_entry *wf_stand_entry(const struct wf_why *why, uint32_t journey, uint32_t row);

/* The text of the label at or before the step where an entry waits, "start" before the first;
 * NULL: the program does not hold the structure it walks. */
const char *wf_stand_label(const struct wf_why *why, uint32_t journey,
                           const struct wf_entry *entry);

/* Appends lines: in flight or not, since when, at which step, until when, the exit; for who is not
 * in flight, what became of the entry. */
void wf_stand_say(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_buf *out);

#endif
