/*
 * inputs.h - what a night was decided from: a line "FEED SHA256" for each feed that was read, over
 * the names and bytes of its files.
 */
#ifndef WF_RUN_INPUTS_H
#define WF_RUN_INPUTS_H

#include "lang/base/buf.h"
#include "runtime/data/load.h"

enum wf_status wf_inputs(const struct wf_load_report *report, struct wf_buf *out);

/* Every feed of one night was a feed of the other, with the same bytes. */
bool wf_inputs_within(const char *lines, const char *others);

/* No feed that both nights read has other bytes, and there is such a feed. */
bool wf_inputs_repeat(const char *lines, const char *others);

#endif
