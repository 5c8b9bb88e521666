/*
 * verify_rules.h - the second half of the verifier: triggers, actions and what hangs on them.
 * Between verify.c and verify_rules.c only; every index is already known to be in range.
 */
#ifndef WF_IR_VERIFY_RULES_H
#define WF_IR_VERIFY_RULES_H

#include "lang/ir/verify.h"

/* False, with the fault noted. */
bool wf_ir_fault(struct wf_ir_fault *fault, const char *table, uint32_t row, const char *rule);

/* The node is RUN or of `domain`, and of `type` (WF_T_NONE: any). */
bool wf_ir_node_is(const struct wf_ir *ir, uint32_t node, uint16_t domain, enum wf_type type);

bool wf_ir_verify_rules(const struct wf_ir *ir, struct wf_ir_fault *fault);

#endif
