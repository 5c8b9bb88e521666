/* verify_journeys.h - the rules that journeys and policies keep; for verify_rules.c only. */
#ifndef WF_IR_VERIFY_JOURNEYS_H
#define WF_IR_VERIFY_JOURNEYS_H

#include "lang/ir/verify.h"

/* Answer false and fill *fault with the first row that breaks a rule. Indices and ranges have been
 * verified by their description. */
bool wf_ir_verify_journeys(const struct wf_ir *ir, struct wf_ir_fault *fault);
bool wf_ir_verify_policies(const struct wf_ir *ir, struct wf_ir_fault *fault);

#endif
