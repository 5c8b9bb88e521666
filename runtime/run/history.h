/*
 * history.h - what the ledger holds of one member.
 */
#ifndef WF_RUN_HISTORY_H
#define WF_RUN_HISTORY_H

#include "lang/base/zone.h"
#include "runtime/store/store.h"

/*
 * Appends a line for each of the newest actions of the member, the oldest of them first: when,
 * what, by which rule, and whether it left or what stopped it. `state` knows the rules' names.
 * Nothing is appended for a member whom the ledger does not know.
 */
enum wf_status wf_history_say(struct wf_store *store, const struct wf_state *state,
                              const struct wf_zone *zone, const char *member, struct wf_buf *out);

#endif
