/*
 * rule.h - what each operation takes and gives: the one place where node types are decided.
 *
 * The builder asks it for new nodes, the verifier for stored ones.
 */
#ifndef WF_IR_RULE_H
#define WF_IR_RULE_H

#include "lang/ir/ir.h"

/*
 * Computes node->type and node->domain from its operation and operands. The node is, or will be,
 * number `at`: operands must be smaller. Answers NULL, or which rule it breaks (static text).
 */
const char *wf_ir_rule(const struct wf_ir *ir, uint32_t at, struct wf_ir_node *node);

#endif
