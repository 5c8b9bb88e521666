/*
 * contend.h - the contenders of a night: every action that wants to leave, wherever it comes from.
 *
 *   decide (triggers) ─┐
 *   journeys (steps) ──┼─▶ wf_contend_add ─ wf_contend_settle: gates ─ order of output ─▶ outcome
 *   held actions ──────┘
 */
#ifndef WF_ENGINE_CONTEND_H
#define WF_ENGINE_CONTEND_H

#include "runtime/engine/engine.h"
#include "runtime/engine/rules.h"

struct wf_contend {
    const struct wf_night *night;
    struct wf_outcome *out; /* collects them as its decisions */
    const char **born;      /* by rule: the identity it had first (borrowed from the state) */
};

/* Knows the identities of the triggers; whoever finds a journey in the state sets its own. Release
 * it in any case. */
enum wf_status wf_contend_init(struct wf_contend *contend, const struct wf_night *night,
                               const struct wf_rule_night *rules, struct wf_outcome *out);
void wf_contend_release(struct wf_contend *contend);

/*
 * Adds a contender. The caller fills rule, action, position, step, member, event, occurred,
 * known_by, entry, key, and gate (MISSED or NONE); the rest is made here and by the gates.
 */
enum wf_status wf_contend_add(struct wf_contend *contend, const struct wf_decision *decision);

/* Lets the gates pass or stop each of them, sorts them for output and counts them by rule. */
enum wf_status wf_contend_settle(struct wf_contend *contend);

/* The action's idempotency key: of the rule's first identity, the occurrence, the member, the
 * action's place in the rule. */
void wf_action_id(const char *born, const unsigned char key[16], const void *member, size_t len,
                  uint32_t position, unsigned char out[16]);

#endif
