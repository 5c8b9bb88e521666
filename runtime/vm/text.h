/*
 * text.h - texts with holes, filled for the current member of a row evaluator.
 */
#ifndef WF_VM_TEXT_H
#define WF_VM_TEXT_H

#include "lang/base/buf.h"
#include "runtime/vm/scalar.h"

/* The template of the chain that is written in `language` ("zh", "en"), else the first. */
uint32_t wf_text_choose(const struct wf_ir *ir, uint32_t template_, const char *language);

/* Appends template `template_`: literal parts, and for each hole its value or else its fallback. */
void wf_text_render(struct wf_scalar *scalar, uint32_t template_, struct wf_buf *out);

/* Appends the value of a node as people read it: names of enums, ids of members. */
void wf_text_node(struct wf_scalar *scalar, uint32_t node, struct wf_buf *out);
/* The same, of a value that is known. */
void wf_text_node_value(const struct wf_scalar *scalar, uint32_t node, struct wf_value value,
                        struct wf_buf *out);

/* The field whose value a node shows, seen through choices and aggregates; NULL: it is computed. */
const struct wf_ir_field *wf_text_field(const struct wf_ir *ir, uint32_t node);

/* Whether a private field has a part in the value of a node: then explanations do not show it. */
bool wf_text_private(const struct wf_ir *ir, uint32_t node);

#endif
