/* dump_rules.h - the records of a program as text; for dump.c and dump_journeys.c only. */
#ifndef WF_IR_DUMP_RULES_H
#define WF_IR_DUMP_RULES_H

#include "lang/ir/dump.h"

/* Appends the schema: the member, events, tables. */
void wf_ir_dump_schema(struct wf_buf *out, const struct wf_ir *ir);
/* Appends what the program is for: segments, classes, watches, content, triggers, journeys ... */
void wf_ir_dump_rules(struct wf_buf *out, const struct wf_ir *ir);

/* The pieces of a line. */
void wf_ir_dump_text(struct wf_buf *out, const struct wf_ir *ir, uint32_t text); /* quoted */
const char *wf_ir_type_name(uint8_t type);
const char *wf_ir_dump_text_of(const struct wf_ir *ir, uint32_t text); /* "-" for WF_NONE */
/* ` label "text"`, ` label %node`, ` label 3 days`: nothing where there is none. */
void wf_ir_dump_label(struct wf_buf *out, const struct wf_ir *ir, const char *label, uint32_t text);
void wf_ir_dump_node_of(struct wf_buf *out, const char *label, uint32_t node);
void wf_ir_dump_duration(struct wf_buf *out, const char *label, const struct wf_ir_duration *d);
void wf_ir_dump_atom(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_atom *atom);
void wf_ir_dump_action(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_action *a);

#endif
