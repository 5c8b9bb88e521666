/* dump_journeys.h - journeys and policies as text; for dump_rules.c only. */
#ifndef WF_IR_DUMP_JOURNEYS_H
#define WF_IR_DUMP_JOURNEYS_H

#include "lang/ir/dump.h"

void wf_ir_dump_journeys(struct wf_buf *out, const struct wf_ir *ir);
void wf_ir_dump_policies(struct wf_buf *out, const struct wf_ir *ir);

#endif
