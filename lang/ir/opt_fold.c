/*
 * Folding: constants are computed now (by lang/base/value.h, like everywhere), and logic is made
 * shorter where that is true in all three values. `x and not x` stays: it is unknown where x is.
 *
 * Arithmetic whose result does not exist (overflow, division by zero) stays too, so that the run
 * counts it.
 */
#include "lang/base/zone.h"
#include "lang/ir/opt.h"
#include "lang/ir/rule.h"

struct fold {
    const struct wf_zone *zone;
    bool has_zone;
};

static const struct wf_ir_node *node_at(const struct wf_irb *b, uint32_t node)
{
    return &b->ir->nodes[node];
}

/* The value of a constant node, NULL if it is none. */
static const struct wf_value *constant(const struct wf_irb *b, uint32_t node)
{
    const struct wf_ir_node *n = node_at(b, node);
    return n->op == WF_IR_CONST ? &b->ir->consts[n->a] : NULL;
}

static bool is_known(const struct wf_value *v, bool truth)
{
    return v && v->present && (v->i != 0) == truth;
}

static bool is_missing(const struct wf_value *v)
{
    return v && !v->present;
}

/* ---- constants ---- */

static struct wf_value in_list(const struct wf_ir *ir, struct wf_value x, uint32_t list)
{
    const struct wf_ir_list *l = &ir->lists[list];
    if (!x.present)
        return wf_missing(WF_T_BOOL);
    for (uint32_t i = 0; i < l->count; i++)
        if (wf_value_compare(x, ir->consts[ir->list_items[l->first + i]]) == 0)
            return wf_bool_value(true);
    return wf_bool_value(false);
}

static struct wf_value exact(struct wf_value x, struct wf_value y)
{
    bool same = x.present && y.present &&
                (x.type == WF_T_SET ? x.len == y.len : wf_value_compare(x, y) == 0);
    return same && x.type != WF_T_SET ? x : wf_missing((enum wf_type)x.type);
}

/* False: not an operation of constants alone, or it needs a zone that is not known. */
static bool compute_time(const struct fold *f, uint8_t op, struct wf_value x, struct wf_value y,
                         struct wf_value *out)
{
    switch (op) {
    case WF_IR_DATE_ADD: *out = wf_value_date_add(x, y); return true;
    case WF_IR_DATE_DIFF: *out = wf_value_date_diff(x, y); return true;
    case WF_IR_TIME_DIFF: *out = wf_value_time_diff(x, y); return true;
    case WF_IR_DAYS_BETWEEN: *out = wf_value_days_between(x, y); return true;
    case WF_IR_DAYS_INT:
        *out = x.present ? wf_int_value(WF_T_INT, x.i) : wf_missing(WF_T_INT);
        return true;
    default: break;
    }
    if (!f->has_zone)
        return false;
    switch (op) {
    case WF_IR_TIME_ADD: *out = wf_value_time_add(f->zone, x, y); return true;
    case WF_IR_MIDNIGHT: *out = wf_value_midnight(f->zone, x); return true;
    case WF_IR_LOCAL_TIME: *out = wf_value_local_time(f->zone, x, y); return true;
    case WF_IR_DATE_OF: *out = wf_value_date_of(f->zone, x); return true;
    case WF_IR_CLOCK_OF: *out = wf_value_clock_of(f->zone, x); return true;
    default: return false;
    }
}

static bool compute_text(const struct wf_ir *ir, const struct wf_ir_node *n, struct wf_value x,
                         struct wf_value *out)
{
    switch (n->op) {
    case WF_IR_CONTAINS: *out = wf_value_contains(x, ir->consts[n->b]); return true;
    case WF_IR_STARTS: *out = wf_value_starts(x, ir->consts[n->b]); return true;
    case WF_IR_ENDS: *out = wf_value_ends(x, ir->consts[n->b]); return true;
    case WF_IR_MATCHES: *out = wf_value_matches(x, ir->consts[n->b]); return true;
    case WF_IR_TAGGED: *out = wf_value_tagged(x, ir->consts[n->b]); return true;
    case WF_IR_IN: *out = in_list(ir, x, n->b); return true;
    default: return false;
    }
}

static bool compute(const struct wf_irb *b, const struct wf_ir_node *n, struct wf_value x,
                    struct wf_value y, struct wf_value *out)
{
    switch (n->op) {
    case WF_IR_NOT: *out = wf_value_not(x); return true;
    case WF_IR_AND: *out = wf_value_and(x, y); return true;
    case WF_IR_OR: *out = wf_value_or(x, y); return true;
    case WF_IR_PRESENT: *out = wf_bool_value(x.present); return true;
    case WF_IR_MISSING: *out = wf_bool_value(!x.present); return true;
    case WF_IR_EQ: *out = wf_value_cmp(WF_CMP_EQ, x, y); return true;
    case WF_IR_NE: *out = wf_value_cmp(WF_CMP_NE, x, y); return true;
    case WF_IR_LT: *out = wf_value_cmp(WF_CMP_LT, x, y); return true;
    case WF_IR_LE: *out = wf_value_cmp(WF_CMP_LE, x, y); return true;
    case WF_IR_GT: *out = wf_value_cmp(WF_CMP_GT, x, y); return true;
    case WF_IR_GE: *out = wf_value_cmp(WF_CMP_GE, x, y); return true;
    case WF_IR_EXACT: *out = exact(x, y); return true;
    case WF_IR_ADD: *out = wf_value_add(x, y); return true;
    case WF_IR_SUB: *out = wf_value_sub(x, y); return true;
    case WF_IR_NEG: *out = wf_value_neg(x); return true;
    case WF_IR_MUL: *out = wf_value_mul(x, y); return true;
    case WF_IR_DIV: *out = wf_value_div(x, y); return true;
    case WF_IR_TO_NUMBER: *out = wf_value_to_number(x); return true;
    case WF_IR_TO_MONEY: *out = wf_value_to_money(x); return true;
    default: break;
    }
    return compute_text(b->ir, n, x, out) || compute_time(b->simplify_arg, n->op, x, y, out);
}

static uint32_t fold_constants(struct wf_irb *b, const struct wf_ir_node *n)
{
    const char *args = wf_ir_op_args(n->op);
    if (args[0] != 'n' || n->op == WF_IR_LIFT || n->op == WF_IR_DOUBTED || args[2] == 'n')
        return WF_NONE;
    const struct wf_value *x = constant(b, n->a);
    const struct wf_value *y = args[1] == 'n' ? constant(b, n->b) : x;
    struct wf_value result;
    if (!x || !y || !compute(b, n, *x, *y, &result))
        return WF_NONE;
    bool lost = !result.present && x->present && y->present && n->type != WF_T_BOOL;
    return lost && n->op != WF_IR_EXACT ? WF_NONE : wf_irb_value(b, result);
}

/* ---- logic ---- */

/* Operations whose value is always known. */
static bool is_always_known(const struct wf_irb *b, uint32_t node)
{
    const struct wf_ir_node *n = node_at(b, node);
    switch (n->op) {
    case WF_IR_PRESENT:
    case WF_IR_MISSING: return true;
    case WF_IR_AGG: return n->b == WF_PART_SURE;
    case WF_IR_PARAM: return n->a == WF_PARAM_NOW || n->a == WF_PARAM_TODAY;
    case WF_IR_CONST: return b->ir->consts[n->a].present;
    default: return false;
    }
}

static enum wf_ir_op opposite(uint8_t op)
{
    switch (op) {
    case WF_IR_EQ: return WF_IR_NE;
    case WF_IR_NE: return WF_IR_EQ;
    case WF_IR_LT: return WF_IR_GE;
    case WF_IR_LE: return WF_IR_GT;
    case WF_IR_GT: return WF_IR_LE;
    case WF_IR_GE: return WF_IR_LT;
    case WF_IR_PRESENT: return WF_IR_MISSING;
    case WF_IR_MISSING: return WF_IR_PRESENT;
    default: return WF_IR_COUNT_;
    }
}

static uint32_t fold_not(struct wf_irb *b, const struct wf_ir_node *n)
{
    struct wf_ir_node x = *node_at(b, n->a);
    if (x.op == WF_IR_NOT)
        return x.a;
    enum wf_ir_op op = opposite(x.op);
    return op == WF_IR_COUNT_ ? WF_NONE : wf_irb_node(b, op, x.a, x.b, 0);
}

/* and: `stop` is false, `pass` is true; or: the other way round. */
static uint32_t fold_junction(struct wf_irb *b, const struct wf_ir_node *n, bool stop)
{
    const struct wf_value *x = constant(b, n->a), *y = constant(b, n->b);
    if (n->a == n->b || is_known(y, !stop))
        return n->a;
    if (is_known(x, !stop))
        return n->b;
    if (is_known(x, stop))
        return n->a;
    return is_known(y, stop) ? n->b : WF_NONE;
}

static uint32_t fold_choice(struct wf_irb *b, const struct wf_ir_node *n)
{
    const struct wf_value *x = constant(b, n->a);
    switch (n->op) {
    case WF_IR_KNOWN_IF:
        if (is_known(x, true))
            return n->b;
        return x ? wf_irb_value(b, wf_missing(WF_T_BOOL)) : WF_NONE;
    case WF_IR_WITHIN: return n->a == n->b ? n->a : WF_NONE;
    case WF_IR_SELECT:
        if (n->b == n->c || is_known(x, true))
            return n->b;
        return x ? n->c : WF_NONE;
    case WF_IR_OR_ELSE:
        if (n->a == n->b || is_always_known(b, n->a))
            return n->a;
        return is_missing(x) ? n->b : WF_NONE;
    default: return n->a == n->b ? n->a : WF_NONE; /* EXACT */
    }
}

static uint32_t simplify(struct wf_irb *b, const struct wf_ir_node *n)
{
    uint32_t folded = fold_constants(b, n);
    if (folded != WF_NONE || b->status != WF_OK)
        return folded;
    switch (n->op) {
    case WF_IR_NOT: return fold_not(b, n);
    case WF_IR_AND: return fold_junction(b, n, false);
    case WF_IR_OR: return fold_junction(b, n, true);
    case WF_IR_PRESENT: return is_always_known(b, n->a) ? wf_irb_bool(b, true) : WF_NONE;
    case WF_IR_MISSING: return is_always_known(b, n->a) ? wf_irb_bool(b, false) : WF_NONE;
    case WF_IR_KNOWN_IF:
    case WF_IR_WITHIN:
    case WF_IR_SELECT:
    case WF_IR_OR_ELSE:
    case WF_IR_EXACT: return fold_choice(b, n);
    default: return WF_NONE;
    }
}

enum wf_status wf_ir_fold(struct wf_ir *ir, const struct wf_zone *zone,
                          const struct wf_alloc *alloc)
{
    struct fold fold = {zone, zone != NULL};
    return wf_ir_rebuild(ir, alloc, simplify, &fold);
}
