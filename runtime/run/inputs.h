/*
 * inputs.h - what a night was decided from: a line "FEED XXH128" or "FEED XXH128+SHA256" for each
 * feed that was read, over the names and digests of its files; the second where all of them have a
 * SHA-256. Nights of before XXH128 stand in a state as "FEED SHA256".
 */
#ifndef WF_RUN_INPUTS_H
#define WF_RUN_INPUTS_H

#include "lang/base/buf.h"
#include "runtime/data/load.h"

enum wf_status wf_inputs(const struct wf_load_report *report, struct wf_buf *out);

/* Some line names a SHA-256 alone: to be compared with it, inputs must have theirs. NULL: none. */
bool wf_inputs_ask_sha256(const char *lines);

/* How long the name of the feed is that a line begins with. */
size_t wf_inputs_name(const char *line);

/* How long a line is without what only somebody who asks for a SHA-256 has in it. */
size_t wf_inputs_least(const char *line);

/* Two lines are of one feed, with the same bytes. */
bool wf_inputs_same(const char *line, const char *other);

/* Every feed of one night was a feed of the other, with the same bytes. */
bool wf_inputs_within(const char *lines, const char *others);

/* No feed that both nights read has other bytes, and there is such a feed. */
bool wf_inputs_repeat(const char *lines, const char *others);

#endif
