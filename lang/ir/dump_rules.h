/* dump_rules.h - the parts of the dump that are no nodes; between dump.c and dump_rules.c only. */
#ifndef WF_IR_DUMP_RULES_H
#define WF_IR_DUMP_RULES_H

#include "lang/ir/dump.h"

void wf_ir_dump_text(struct wf_buf *out, const struct wf_ir *ir, uint32_t text); /* quoted */
void wf_ir_dump_schema(struct wf_buf *out, const struct wf_ir *ir);
void wf_ir_dump_rules(struct wf_buf *out, const struct wf_ir *ir);
const char *wf_ir_type_name(uint8_t type);

#endif
