/*
 * note.h - what stopped an action, in words: the rule of the policy, where it stands, the figures.
 *
 *   cap 3 send per 7d via wecom (shop.way:12): 3 since 2026-11-16; deferred until 2026-11-25
 */
#ifndef WF_RUN_NOTE_H
#define WF_RUN_NOTE_H

#include "runtime/engine/engine.h"

/* Appends nothing for an action that left. */
void wf_note_text(const struct wf_night *night, const struct wf_decision *decision,
                  struct wf_buf *out);

/* Appends an instant as local ISO 8601; nothing for WF_NO_TIME. `short_`: a midnight is a date. */
void wf_local_time(struct wf_buf *out, const struct wf_zone *zone, int64_t time);
void wf_local_short(struct wf_buf *out, const struct wf_zone *zone, int64_t time);

/* Both forms by themselves; "" for WF_NO_TIME. They answer `out`. */
const char *wf_long_time(const struct wf_zone *zone, int64_t time, char out[WF_STAMP_TEXT]);
const char *wf_short_time(const struct wf_zone *zone, int64_t time, char out[WF_STAMP_TEXT]);

#endif
