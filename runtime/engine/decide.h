/*
 * decide.h - from candidates to decisions: key, due, missed, act.
 */
#ifndef WF_ENGINE_DECIDE_H
#define WF_ENGINE_DECIDE_H

#include "runtime/engine/collect.h"
#include "runtime/engine/gates.h"

/* The action's idempotency key: of the rule's first identity, the occurrence, the member, the
 * action's place in the rule. */
void wf_action_id(const char *born, const unsigned char key[16], const void *member, size_t len,
                  uint32_t position, unsigned char out[16]);

/* Decides every candidate; marks what is decided in the state; fills out's decisions and counts. */
enum wf_status wf_decide(struct wf_collect *collect, struct wf_scalar *scalar,
                         struct wf_outcome *out, struct wf_buf *why);

#endif
