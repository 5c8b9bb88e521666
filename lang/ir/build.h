/*
 * build.h - makes a struct wf_ir: the only way that rows get into it.
 *
 * The builder finds equal rows again (hash-consing): the same node, constant, text, input, view,
 * aggregate or population figure built twice is one row, so what a program computes twice it
 * computes once. Other tables only grow. Node types and domains are computed here (rule.h).
 *
 * Errors are sticky: after the first failure (out of memory, WF_MAX_NODES, operands that no rule
 * allows) `status` holds it, every call answers WF_NONE, and WF_NONE as an operand is accepted, so
 * callers build freely and look once at the end. An ill-typed node is WF_ERR_INTERNAL, `why` says
 * which rule it broke: sema has refused such sources.
 */
#ifndef WF_IR_BUILD_H
#define WF_IR_BUILD_H

#include "lang/base/alloc.h"
#include "lang/base/intern.h"
#include "lang/base/status.h"
#include "lang/ir/ir.h"

struct wf_irb_slot;

struct wf_irb {
    struct wf_ir *ir;
    enum wf_status status;
    const char *why; /* with WF_ERR_INTERNAL: the broken rule, static text */
    uint32_t place;  /* given to new nodes: index into places, or WF_NONE */
    /* Called for every node before it is looked up; answers the node to use instead, or WF_NONE to
     * build it as it is. How opt_fold simplifies; NULL in lowering. */
    uint32_t (*simplify)(struct wf_irb *b, const struct wf_ir_node *node);
    const void *simplify_arg;
    const struct wf_alloc *alloc;
    struct wf_irb_slot *slots; /* open addressing; room is 0 or a power of two */
    size_t n_slots, room_slots;
};

/* An empty program whose tables live in `arena` (not owned). */
void wf_ir_init(struct wf_ir *ir, struct wf_arena *arena);

/* `ir` may already hold rows: those are found again too. `alloc` is for the lookup table only. */
void wf_irb_init(struct wf_irb *b, struct wf_ir *ir, const struct wf_alloc *alloc);
void wf_irb_release(struct wf_irb *b); /* the lookup table; the ir stays */

/* Notes a failure; the first one stays. Answers WF_NONE. */
uint32_t wf_irb_fail(struct wf_irb *b, enum wf_status status, const char *why);

uint32_t wf_irb_text(struct wf_irb *b, const char *bytes, size_t len);
uint32_t wf_irb_textz(struct wf_irb *b, const char *text);
uint32_t wf_irb_place(struct wf_irb *b, uint32_t file, uint32_t line, uint32_t column);

/* A constant (index into consts); the bytes of a TEXT or SET are copied. */
uint32_t wf_irb_const(struct wf_irb *b, struct wf_value value);
/* A list of constants (index into lists); sorted by wf_value_compare, equal ones once. */
uint32_t wf_irb_list(struct wf_irb *b, const struct wf_value *values, uint32_t n);

/* needed is or-ed, implied and-ed in. */
uint32_t wf_irb_input(struct wf_irb *b, const struct wf_ir_input *input);
uint32_t wf_irb_view(struct wf_irb *b, uint32_t event, uint32_t by, bool sent);
uint32_t wf_irb_agg(struct wf_irb *b, const struct wf_ir_agg *agg);
uint32_t wf_irb_pop(struct wf_irb *b, const struct wf_ir_pop *pop);
uint32_t wf_irb_anniv(struct wf_irb *b, const struct wf_ir_anniv *anniv);
uint32_t wf_irb_follow(struct wf_irb *b, const struct wf_ir_follow *follow);

/* A node; unused arguments are 0. */
uint32_t wf_irb_node(struct wf_irb *b, enum wf_ir_op op, uint32_t a, uint32_t bb, uint32_t c);

/* Shorthands: constants as nodes, and nodes of one, two and three arguments. */
uint32_t wf_irb_value(struct wf_irb *b, struct wf_value value);
uint32_t wf_irb_int(struct wf_irb *b, enum wf_type type, int64_t i);
uint32_t wf_irb_bool(struct wf_irb *b, bool value);
uint32_t wf_irb_str(struct wf_irb *b, const char *text); /* a TEXT constant node */
static inline uint32_t wf_irb_1(struct wf_irb *b, enum wf_ir_op op, uint32_t x)
{
    return wf_irb_node(b, op, x, 0, 0);
}
static inline uint32_t wf_irb_2(struct wf_irb *b, enum wf_ir_op op, uint32_t x, uint32_t y)
{
    return wf_irb_node(b, op, x, y, 0);
}
uint32_t wf_irb_col(struct wf_irb *b, uint32_t input);
uint32_t wf_irb_param(struct wf_irb *b, enum wf_ir_param param, uint32_t index);
uint32_t wf_irb_aggpart(struct wf_irb *b, uint32_t agg, enum wf_ir_part part);

/*
 * Appends `n` rows and answers the index of the first (an empty range is {table's end, 0}).
 * wf_irb_add_TABLE(b, rows, n) for every table but texts and consts.
 */
#define X(type, name) uint32_t wf_irb_add_##name(struct wf_irb *b, type const *rows, uint32_t n);
WF_IR_TABLES(X)
#undef X

#endif
