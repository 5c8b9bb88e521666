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

/* Not given, or a number of days, months or seconds. */
bool wf_ir_duration_ok(const struct wf_ir_duration *d);
/* Atoms and what they show are of a member, or of a row of `view` (WF_NONE: of none). */
bool wf_ir_atoms_ok(const struct wf_ir *ir, uint32_t first, uint32_t count, uint32_t view);

bool wf_ir_verify_rules(const struct wf_ir *ir, struct wf_ir_fault *fault);
bool wf_ir_verify_metrics(const struct wf_ir *ir, struct wf_ir_fault *fault);

#endif
