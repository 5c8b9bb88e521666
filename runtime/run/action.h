/*
 * action.h - how a decision reads: the words of its kind, its name, its texts. Shared by the files
 * of a night and the ledger.
 */
#ifndef WF_RUN_ACTION_H
#define WF_RUN_ACTION_H

#include "runtime/engine/engine.h"
#include "runtime/engine/party.h"
#include "runtime/run/note.h"

const char *wf_action_kind(const struct wf_ir_action *action); /* "send", "coupon", ... */

int wf_action_kind_of(const char *word, size_t len); /* its enum wf_action_kind, -1: none */

const struct wf_ir_action *wf_decision_action(const struct wf_ir *ir,
                                              const struct wf_decision *decision);

/* A text of the program, "" for WF_NONE. */
const char *wf_ir_text(const struct wf_ir *ir, uint32_t text);

/* Appends the action in the words of the rules, but for what it says or gives: "send x with coupon
 * y", "points", "tag \"x\"", "task owner", "emit \"x\"". */
void wf_action_words(const struct wf_ir *ir, const struct wf_ir_action *action, struct wf_buf *out);

/* What the evaluator needs to know before it is asked about a decision. */
void wf_decision_enter(struct wf_scalar *scalar, const struct wf_ir *ir,
                       const struct wf_decision *decision);

/* Appends what is said or set: a message, what to do, points, a field's value, a topic's JSON. */
void wf_decision_text(struct wf_scalar *scalar, const struct wf_night *night,
                      const struct wf_decision *decision, struct wf_buf *out);

/* Appends the deciding condition in words with its values and, if a gate stopped it, why. */
void wf_decision_reason(struct wf_scalar *scalar, const struct wf_night *night,
                        const struct wf_decision *decision, struct wf_buf *out);

#endif
