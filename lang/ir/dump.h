/*
 * dump.h - a program as text for people and golden tests: `dump --stage ir`.
 *
 * Stable: the same program gives the same bytes. Nodes are %N, one a line: type, domain, operation.
 */
#ifndef WF_IR_DUMP_H
#define WF_IR_DUMP_H

#include "lang/base/buf.h"
#include "lang/ir/ir.h"

/* Appends the whole program: schema, inputs, figures, nodes, rules, and the plan of passes. Failure
 * shows in out->failed. The program must be one that wf_ir_verify accepts. */
void wf_ir_dump(struct wf_buf *out, const struct wf_ir *ir);

/* Appends one node as it stands in the dump, without its number. */
void wf_ir_dump_node(struct wf_buf *out, const struct wf_ir *ir, uint32_t node);

/*
 * Which pass computes a node: 0, or one more than the last population figure it needs. Fills
 * stage_out[0 .. n_nodes-1]; answers the number of passes (at least 1).
 */
uint32_t wf_ir_stages(const struct wf_ir *ir, uint32_t *stage_out);

#endif
