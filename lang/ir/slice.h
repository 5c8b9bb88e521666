/*
 * slice.h - one journey out of a program, with all that its steps and conditions read.
 */
#ifndef WF_IR_SLICE_H
#define WF_IR_SLICE_H

#include "lang/base/status.h"
#include "lang/ir/ir.h"

/*
 * Makes `out`, whose arena is set, a program of that one journey: its schema, its conditions and
 * its actions as they are; nobody enters it (`pinned`), nothing migrates to it. What policies,
 * contents and other rules say is left out. `from` must outlive the call only.
 */
enum wf_status wf_ir_slice(const struct wf_ir *from, uint32_t journey, const struct wf_alloc *alloc,
                           struct wf_ir *out);

#endif
