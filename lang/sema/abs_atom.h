/*
 * abs_atom.h - what abs_atom.c and abs_operand.c share; nobody else includes it.
 */
#ifndef WF_SEMA_ABS_ATOM_H
#define WF_SEMA_ABS_ATOM_H

#include "lang/sema/abs.h"

/* The value of a literal, also behind a let. */
bool wf_abs_constant(const struct wf_node *node, enum wf_type wanted, struct wf_value *value_out);
/* The point of a variable's line that a constant is. */
int64_t wf_abs_point(struct wf_abs *a, const struct wf_node *node, struct wf_value v);

uint32_t wf_abs_count(struct wf_abs *a, const struct wf_node *node, uint32_t set);
uint32_t wf_abs_order(struct wf_abs *a, const struct wf_node *left, const struct wf_node *right,
                      bool *turned_out);
/* True or false, known by its term; `of`: a test of that text, UINT32_MAX: of nothing known. */
uint32_t wf_abs_flag(struct wf_abs *a, const struct wf_node *node, uint32_t term, uint32_t of);
uint32_t wf_abs_place(struct wf_abs *a, const struct wf_node *top, bool in_class);

#endif
