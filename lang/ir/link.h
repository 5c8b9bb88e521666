/*
 * link.h - tonight's program and the journeys that members entered under older ones, as one.
 *
 * What a pinned journey reads is looked up by name in tonight's schema: the exports are tonight's.
 */
#ifndef WF_IR_LINK_H
#define WF_IR_LINK_H

#include "lang/base/buf.h"
#include "lang/base/status.h"
#include "lang/ir/ir.h"

struct wf_slice {
    const struct wf_ir *ir;
    const char *identity; /* by which tonight's rules know it; NULL: its own */
};

/*
 * Makes `out`, whose arena is set, tonight's program with the slices' journeys (slice.h) behind its
 * own. A pinned journey takes its name, salt, holdout, priority and grace from tonight's journey of
 * its identity, if there is one. Nothing of the arguments is needed afterwards.
 *
 * WF_ERR_RULES, with a sentence in `why`: a field, event or table that a slice reads is gone from
 * the schema, or is of another type.
 */
enum wf_status wf_ir_link(const struct wf_ir *tonight, const struct wf_slice *slices, size_t n,
                          const struct wf_alloc *alloc, struct wf_ir *out, struct wf_buf *why);

#endif
