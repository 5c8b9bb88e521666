/*
 * expect_action.h - an action as a test writes it, held against what the rules can do and did.
 *
 * Only what is written is compared: `send hello` is also a `send hello with coupon X via sms`. A
 * hole in a text that is expected, as in "Call {name}", stands for whatever came in its place.
 */
#ifndef WF_RUN_EXPECT_ACTION_H
#define WF_RUN_EXPECT_ACTION_H

#include "runtime/run/expect.h"

/* Could this action of the program be the one, values aside? */
bool wf_expect_could(const struct wf_ir *ir, const struct wf_node *action,
                     const struct wf_ir_action *did);

/* Is this decision the one? *failed is set when memory ran out. */
bool wf_expect_is(const struct wf_scene *scene, const struct wf_node *action,
                  const struct wf_decision *decision, bool *failed);

/* Appends a literal in the words in which texts show values of that type; MISSING: nothing. */
void wf_expect_literal(const struct wf_scene *scene, const struct wf_node *value, enum wf_type type,
                       struct wf_buf *out);

#endif
