/*
 * abs_formula.c - conditions as formulas: and, or, not in Kleene's logic, asked in one of four
 * ways; names of segments and classes become what they stand for.
 *
 *   known true of (a and b)       both known true        known false: either known false
 *   not known true of (a and b)   either not known true  not known false: both not known false
 */
#include "lang/sema/abs.h"

const struct wf_formula wf_formula_holds = {.op = WF_F_HOLDS},
                        wf_formula_fails = {.op = WF_F_FAILS};

enum wf_abs_mode wf_abs_opposite(enum wf_abs_mode mode)
{
    switch (mode) {
    case WF_ABS_TRUE: return WF_ABS_FALSE;
    case WF_ABS_FALSE: return WF_ABS_TRUE;
    case WF_ABS_NOT_TRUE: return WF_ABS_NOT_FALSE;
    default: return WF_ABS_NOT_TRUE;
    }
}

static const struct wf_formula *join(struct wf_abs *a, enum wf_formula_op op,
                                     const struct wf_formula *x, const struct wf_formula *y)
{
    struct wf_formula *f = wf_arena_alloc(&a->arena, sizeof(*f));
    if (!f) {
        a->s->nomem = true;
        return &wf_formula_holds;
    }
    *f = (struct wf_formula){.op = (uint8_t)op, .a = x, .b = y};
    return f;
}

const struct wf_formula *wf_abs_both(struct wf_abs *a, const struct wf_formula *x,
                                     const struct wf_formula *y)
{
    if (x->op == WF_F_HOLDS || y->op == WF_F_FAILS)
        return y;
    if (y->op == WF_F_HOLDS || x->op == WF_F_FAILS)
        return x;
    return join(a, WF_F_BOTH, x, y);
}

const struct wf_formula *wf_abs_either(struct wf_abs *a, const struct wf_formula *x,
                                       const struct wf_formula *y)
{
    if (x->op == WF_F_FAILS || y->op == WF_F_HOLDS)
        return y;
    if (y->op == WF_F_FAILS || x->op == WF_F_HOLDS)
        return x;
    return join(a, WF_F_EITHER, x, y);
}

static const struct wf_formula *logic(struct wf_abs *a, const struct wf_node *node,
                                      enum wf_abs_mode mode, bool in_class)
{
    const struct wf_formula *x = wf_abs_formula(a, node->kid[WF_K_BINARY_LEFT], mode, in_class);
    const struct wf_formula *y = wf_abs_formula(a, node->kid[WF_K_BINARY_RIGHT], mode, in_class);
    bool affirms = mode == WF_ABS_TRUE || mode == WF_ABS_NOT_FALSE;
    return (node->op == WF_OP_AND) == affirms ? wf_abs_both(a, x, y) : wf_abs_either(a, x, y);
}

static const struct wf_formula *between(struct wf_abs *a, const struct wf_node *node,
                                        enum wf_abs_mode mode)
{
    if (node->flags & WF_F_NOT)
        mode = wf_abs_opposite(mode);
    const struct wf_node *value = node->kid[WF_K_BETWEEN_VALUE];
    const struct wf_formula *low =
        wf_abs_compare(a, node, value, WF_OP_GE, node->kid[WF_K_BETWEEN_LOW], mode);
    const struct wf_formula *high =
        wf_abs_compare(a, node, value, WF_OP_LE, node->kid[WF_K_BETWEEN_HIGH], mode);
    bool affirms = mode == WF_ABS_TRUE || mode == WF_ABS_NOT_FALSE;
    return affirms ? wf_abs_both(a, low, high) : wf_abs_either(a, low, high);
}

/* ---- names ---- */

static const struct wf_node *meaning(const struct wf_symbol *sym)
{
    return sym->kind == WF_SYM_SEGMENT ? sym->node->kid[WF_K_SEGMENT_COND]
                                       : sym->node->kid[WF_K_LET_VALUE];
}

const struct wf_formula *wf_abs_named(struct wf_abs *a, const struct wf_symbol *sym,
                                      enum wf_abs_mode mode)
{
    const struct wf_formula *known = a->memos[sym->index].formula[mode];
    if (!known)
        known = a->memos[sym->index].formula[mode] = wf_abs_formula(a, meaning(sym), mode, false);
    return known;
}

/* One that was reported may be anything from there on. */
static const struct wf_formula *named(struct wf_abs *a, const struct wf_node *node,
                                      enum wf_abs_mode mode)
{
    const struct wf_symbol *sym = node->sym;
    bool known = sym->index < a->s->checked->n_defs && a->memos && sym->node;
    if (!known || a->memos[sym->index].never)
        return wf_abs_atom(a, node, mode, false);
    return wf_abs_named(a, sym, mode);
}

/*
 * Known to be of class k: its `when` is known true, those before known false. Known not to be: only
 * that the class, where there is one, is another; which `when` says so is left open.
 */
const struct wf_formula *wf_abs_class(struct wf_abs *a, const struct wf_node *at,
                                      const struct wf_symbol *classify, uint32_t position,
                                      enum wf_abs_mode mode)
{
    struct wf_node *name = wf_sema_node(a->s, WF_N_NAME, at->span);
    if (!name)
        return &wf_formula_holds;
    name->sym = classify->node->sym;
    name->name = classify->name;
    name->type = classify->type;
    uint32_t var = wf_abs_operand(a, name, WF_AXIS_VALUE);
    struct wf_ranges one = wf_ranges_span(wf_abs_room(a), position, position);
    if (mode == WF_ABS_FALSE || mode == WF_ABS_NOT_TRUE) {
        if (mode == WF_ABS_NOT_TRUE)
            return wf_abs_literal(a, at, var, one, mode);
        struct wf_ranges others = wf_ranges_except(wf_abs_room(a), one);
        return wf_abs_literal(a, at, var, others, WF_ABS_NOT_FALSE);
    }
    const struct wf_formula *f = wf_abs_literal(a, at, var, one, mode);
    if (mode == WF_ABS_NOT_FALSE || a->memos[classify->index].never)
        return f;
    const struct wf_node *c = classify->node->kid[WF_K_CLASSIFY_CLASSES];
    for (uint32_t i = 0; c && i <= position; i++, c = c->next) {
        if (!c->kid[WF_K_CLASS_WHEN])
            break;
        f = wf_abs_both(a, f,
                        wf_abs_formula(a, c->kid[WF_K_CLASS_WHEN],
                                       i == position ? WF_ABS_TRUE : WF_ABS_FALSE, true));
    }
    return f;
}

const struct wf_formula *wf_abs_formula(struct wf_abs *a, const struct wf_node *cond,
                                        enum wf_abs_mode mode, bool in_class)
{
    if (!cond || a->s->nomem)
        return &wf_formula_holds;
    switch (cond->kind) {
    case WF_N_BOOL: {
        bool affirms = mode == WF_ABS_TRUE || mode == WF_ABS_NOT_FALSE;
        return (cond->num != 0) == affirms ? &wf_formula_holds : &wf_formula_fails;
    }
    case WF_N_NOT:
        return wf_abs_formula(a, cond->kid[WF_K_NOT_VALUE], wf_abs_opposite(mode), in_class);
    case WF_N_BETWEEN: return between(a, cond, mode);
    case WF_N_BINARY:
        if (cond->op == WF_OP_AND || cond->op == WF_OP_OR)
            return logic(a, cond, mode, in_class);
        break;
    case WF_N_IN:
        if (cond->flags & WF_F_NOT)
            mode = wf_abs_opposite(mode);
        if (cond->form == WF_FORM_IN_SEGMENT)
            return wf_abs_formula(a, cond->kid[WF_K_IN_SET], mode, in_class);
        break;
    case WF_N_NAME:
        if (cond->form == WF_FORM_ANY || !cond->sym)
            break;
        if (cond->sym->kind == WF_SYM_SEGMENT || cond->sym->kind == WF_SYM_LET)
            return named(a, cond, mode);
        break;
    default: break;
    }
    return wf_abs_atom(a, cond, mode, in_class);
}
