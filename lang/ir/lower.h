/*
 * lower.h - from the checked syntax tree to the graph of nodes: where doubt, the unseen past and
 * moments become ordinary operations.
 *
 * Lowered is what runs: schema, every segment and classify that the main program declares, every
 * trigger, and what those use. Modules' own definitions that nothing uses are left out, so that a
 * column only they read may be absent. Tests are not lowered.
 */
#ifndef WF_IR_LOWER_H
#define WF_IR_LOWER_H

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "lang/ir/ir.h"
#include "lang/sema/sema.h"
#include "lang/syntax/source.h"

/*
 * Requires a program that sema accepted without errors. Fills *ir_out, whose tables live in
 * `arena`; nothing in it points into `checked`. WF_ERR_NOMEM, WF_ERR_LIMIT, or WF_ERR_INTERNAL when
 * the tree holds what sema should have refused (*why_out then says what, static text; else NULL).
 */
enum wf_status wf_lower(const struct wf_checked *checked, const struct wf_sources *sources,
                        struct wf_arena *arena, const struct wf_alloc *alloc, struct wf_ir *ir_out,
                        const char **why_out);

#endif
