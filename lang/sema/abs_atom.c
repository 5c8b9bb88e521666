/*
 * abs_atom.c - conditions without and, or, not, as literals: a variable and what it may be.
 */
#include "lang/sema/abs_atom.h"

/* ---- literals ---- */

static const struct wf_formula *literal(struct wf_abs *a, const struct wf_node *at, uint32_t var,
                                        struct wf_states states, bool lone)
{
    struct wf_formula *f = wf_arena_alloc(&a->arena, sizeof(*f));
    if (!f || a->s->nomem) {
        a->s->nomem = true;
        return &wf_formula_holds;
    }
    *f = (struct wf_formula){
        .op = WF_F_LITERAL, .lone = lone, .var = var, .states = states, .at = at};
    return f;
}

/* `also`: what else makes the condition true; `never`: what makes it false; rest is unknown. */
static const struct wf_formula *with_gaps(struct wf_abs *a, const struct wf_node *at, uint32_t var,
                                          struct wf_ranges values, enum wf_abs_mode mode,
                                          uint8_t also, uint8_t never)
{
    bool ranged = a->n_vars && a->vars[var].ranged;
    uint8_t unknown = ranged ? 0 : (uint8_t)(3 & ~also & ~never);
    struct wf_states states = {values, also};
    if (mode == WF_ABS_FALSE || mode == WF_ABS_NOT_TRUE)
        states = (struct wf_states){wf_ranges_except(wf_abs_room(a), values), never};
    if (mode == WF_ABS_NOT_TRUE || mode == WF_ABS_NOT_FALSE)
        states.without |= unknown;
    bool lone = ranged && (mode == WF_ABS_NOT_TRUE || mode == WF_ABS_NOT_FALSE);
    return literal(a, at, var, states, lone);
}

const struct wf_formula *wf_abs_literal(struct wf_abs *a, const struct wf_node *at, uint32_t var,
                                        struct wf_ranges values, enum wf_abs_mode mode)
{
    return with_gaps(a, at, var, values, mode, 0, 0);
}

const struct wf_formula *wf_abs_there(struct wf_abs *a, const struct wf_node *at, uint32_t var,
                                      bool missing, enum wf_abs_mode mode)
{
    if (missing)
        return with_gaps(a, at, var, WF_RANGES_NONE, mode, WF_ABS_MISSING, 0);
    return with_gaps(a, at, var, WF_RANGES_ALL, mode, 0, WF_ABS_MISSING);
}

static const struct wf_formula *flag(struct wf_abs *a, const struct wf_node *at, uint32_t var,
                                     enum wf_abs_mode mode)
{
    return wf_abs_literal(a, at, var, wf_ranges_span(wf_abs_room(a), 1, 1), mode);
}

/* Not understood: true or false, and the same wherever it is written. */
static const struct wf_formula *opaque(struct wf_abs *a, const struct wf_node *node,
                                       enum wf_abs_mode mode)
{
    return flag(a, node, wf_abs_flag(a, node, wf_abs_term(a, node), UINT32_MAX), mode);
}

static struct wf_ranges beside(struct wf_abs *a, enum wf_op op, int64_t point)
{
    struct wf_room room = wf_abs_room(a);
    switch (op) {
    case WF_OP_EQ: return wf_ranges_span(room, point, point);
    case WF_OP_NE: return wf_ranges_except(room, wf_ranges_span(room, point, point));
    case WF_OP_LT:
        return point == INT64_MIN ? WF_RANGES_NONE : wf_ranges_span(room, INT64_MIN, point - 1);
    case WF_OP_LE: return wf_ranges_span(room, INT64_MIN, point);
    case WF_OP_GT:
        return point == INT64_MAX ? WF_RANGES_NONE : wf_ranges_span(room, point + 1, INT64_MAX);
    default: return wf_ranges_span(room, point, INT64_MAX);
    }
}

static enum wf_op turned(enum wf_op op)
{
    switch (op) {
    case WF_OP_LT: return WF_OP_GT;
    case WF_OP_LE: return WF_OP_GE;
    case WF_OP_GT: return WF_OP_LT;
    case WF_OP_GE: return WF_OP_LE;
    default: return op;
    }
}

/* ---- points of time against now and today ---- */

struct moved { /* now or today, moved by a duration */
    bool today;
    uint8_t unit; /* enum wf_type; NONE: not moved */
    int64_t by;
};

static bool is_now(const struct wf_node *node)
{
    return node->kind == WF_N_NOW || node->kind == WF_N_TODAY;
}

static bool moved_now(const struct wf_node *node, struct moved *out)
{
    node = wf_abs_through(node);
    *out = (struct moved){.today = node->kind == WF_N_TODAY};
    if (is_now(node))
        return true;
    if (node->kind != WF_N_BINARY || (node->op != WF_OP_ADD && node->op != WF_OP_SUB))
        return false;
    const struct wf_node *from = wf_abs_through(node->kid[WF_K_BINARY_LEFT]);
    const struct wf_node *by = wf_abs_through(node->kid[WF_K_BINARY_RIGHT]);
    if (!is_now(from) || by->kind != WF_N_DURATION)
        return false;
    struct wf_value v = wf_literal(by, WF_T_NONE);
    *out = (struct moved){from->kind == WF_N_TODAY, v.type, node->op == WF_OP_SUB ? -v.i : v.i};
    return v.i < INT32_MAX * INT64_C(86400);
}

static enum wf_axis axis_of(uint8_t unit)
{
    return unit == WF_T_MONTHS    ? WF_AXIS_MONTHS
           : unit == WF_T_SECONDS ? WF_AXIS_SECONDS
                                  : WF_AXIS_DAYS;
}

/* point < now - 30d; NULL: not one of these. */
static const struct wf_formula *against_now(struct wf_abs *a, const struct wf_node *at,
                                            const struct wf_node *point, enum wf_op op,
                                            const struct wf_node *other, enum wf_abs_mode mode)
{
    struct moved m;
    if (!point->type || !moved_now(other, &m) || is_now(wf_abs_through(point)))
        return NULL;
    bool whole_days = m.today && (m.unit == WF_T_NONE || m.unit == WF_T_DAYS);
    if (point->type->base == WF_T_DATE && whole_days) {
        uint32_t var = wf_abs_operand(a, point, WF_AXIS_TODAY);
        return wf_abs_literal(a, at, var, beside(a, op, m.by), mode);
    }
    if (point->type->base != WF_T_TIME || m.today)
        return NULL;
    uint32_t var = wf_abs_operand(a, point, axis_of(m.unit));
    return wf_abs_literal(a, at, var, beside(a, op, 2 * m.by), mode);
}

/* The point whose age in days an expression is: days since X, today - X. */
static const struct wf_node *aged(const struct wf_node *node)
{
    node = wf_abs_through(node);
    if (node->kind == WF_N_DAYS_SINCE)
        return node->kid[WF_K_DAYS_SINCE_POINT];
    if (node->kind != WF_N_BINARY || node->op != WF_OP_SUB)
        return NULL;
    const struct wf_node *left = wf_abs_through(node->kid[WF_K_BINARY_LEFT]);
    const struct wf_node *right = node->kid[WF_K_BINARY_RIGHT];
    bool dates = right->type && right->type->base == WF_T_DATE;
    return left->kind == WF_N_TODAY && dates ? right : NULL;
}

const struct wf_formula *wf_abs_days_back(struct wf_abs *a, const struct wf_node *point,
                                          int64_t days)
{
    uint32_t var = wf_abs_operand(a, point, WF_AXIS_TODAY);
    return wf_abs_literal(a, point, var, beside(a, WF_OP_LE, -days), WF_ABS_TRUE);
}

/* ---- comparison ---- */

/* A whole number against 0.5: where the whole numbers change sides. False: too large to tell. */
static bool whole_bound(enum wf_op *op, double f, int64_t *point_out)
{
    if (!(f > -4e15 && f < 4e15))
        return false;
    int64_t down = (int64_t)f;
    if ((double)down > f)
        down--;
    *point_out = down;
    if ((double)down == f)
        return true;
    if (*op == WF_OP_LT)
        *op = WF_OP_LE;
    else if (*op == WF_OP_GE)
        *op = WF_OP_GT;
    return *op != WF_OP_EQ && *op != WF_OP_NE;
}

/* The point of x's line that the constant is; may change `op` to one that means the same there. */
static bool bound(struct wf_abs *a, const struct wf_node *x, enum wf_op *op,
                  const struct wf_node *c, int64_t *point_out)
{
    enum wf_type type = x->type ? (enum wf_type)x->type->base : WF_T_NONE;
    const struct wf_node *written = wf_abs_through(c);
    struct wf_value v;
    if (written->kind == WF_N_TIME && type == WF_T_TIME) {
        *point_out = 2 * written->num; /* a clock that is put back or forth: not the next second */
        return true;
    }
    if (!wf_abs_constant(c, type, &v))
        return false;
    if (type == WF_T_INT && v.type == WF_T_NUMBER)
        return whole_bound(op, v.f, point_out);
    if (type == WF_T_NUMBER && v.type == WF_T_INT)
        v = wf_value_to_number(v);
    if (v.type != type || type == WF_T_SET || type == WF_T_BOOL)
        return false;
    *point_out = wf_abs_point(a, written, v);
    return true;
}

/* (x or else 5) > 3 */
static const struct wf_formula *else_against(struct wf_abs *a, const struct wf_node *at,
                                             const struct wf_node *x, enum wf_op op, int64_t point,
                                             enum wf_abs_mode mode)
{
    const struct wf_node *value = x->kid[WF_K_BINARY_LEFT];
    const struct wf_node *spare = x->kid[WF_K_BINARY_RIGHT];
    enum wf_op same = WF_OP_EQ;
    int64_t otherwise;
    if (!value->type || !x->type || value->type->base != x->type->base ||
        !bound(a, value, &same, spare, &otherwise))
        return NULL;
    uint32_t var = wf_abs_operand(a, value, WF_AXIS_VALUE);
    if (a->s->nomem || a->vars[var].ranged)
        return NULL;
    struct wf_ranges values = beside(a, op, point);
    bool in = wf_ranges_hold(values, otherwise);
    return with_gaps(a, at, var, values, mode, in ? WF_ABS_MISSING : 0, in ? 0 : WF_ABS_MISSING);
}

static const struct wf_formula *against_constant(struct wf_abs *a, const struct wf_node *at,
                                                 const struct wf_node *x, enum wf_op op,
                                                 const struct wf_node *c, enum wf_abs_mode mode)
{
    x = wf_abs_through(x);
    const struct wf_node *point_of_age = aged(x);
    int64_t point;
    if (!bound(a, x, &op, c, &point))
        return NULL;
    if (point_of_age) {
        if (point == INT64_MIN)
            return NULL;
        uint32_t var = wf_abs_operand(a, point_of_age, WF_AXIS_TODAY);
        return wf_abs_literal(a, at, var, beside(a, turned(op), -point), mode);
    }
    if (x->kind == WF_N_BINARY && x->op == WF_OP_OR_ELSE)
        return else_against(a, at, x, op, point, mode);
    uint32_t var = wf_abs_operand(a, x, WF_AXIS_VALUE);
    return wf_abs_literal(a, at, var, beside(a, op, point), mode);
}

/* -1, 0 and 1 that a comparison of two values allows. */
static struct wf_ranges signs(struct wf_abs *a, enum wf_op op)
{
    struct wf_room room = wf_abs_room(a);
    switch (op) {
    case WF_OP_EQ: return wf_ranges_span(room, 0, 0);
    case WF_OP_NE: return wf_ranges_except(room, wf_ranges_span(room, 0, 0));
    case WF_OP_LT: return wf_ranges_span(room, INT64_MIN, -1);
    case WF_OP_LE: return wf_ranges_span(room, INT64_MIN, 0);
    case WF_OP_GT: return wf_ranges_span(room, 1, INT64_MAX);
    default: return wf_ranges_span(room, 0, INT64_MAX);
    }
}

static const struct wf_symbol *classify_of(const struct wf_node *node)
{
    node = wf_abs_through(node);
    return node->kind == WF_N_NAME && node->sym && node->sym->kind == WF_SYM_CLASSIFY ? node->sym
                                                                                      : NULL;
}

/* wecom = true; NULL: no comparison with a written truth. */
static const struct wf_formula *with_truth(struct wf_abs *a, const struct wf_node *left,
                                           enum wf_op op, const struct wf_node *right,
                                           enum wf_abs_mode mode)
{
    const struct wf_node *truth = right->kind == WF_N_BOOL ? right : left;
    const struct wf_node *other = truth == right ? left : right;
    if (truth->kind != WF_N_BOOL || other->kind == WF_N_TOP || (op != WF_OP_EQ && op != WF_OP_NE))
        return NULL;
    bool same = (truth->num != 0) == (op == WF_OP_EQ);
    return wf_abs_formula(a, other, same ? mode : wf_abs_opposite(mode), false);
}

const struct wf_formula *wf_abs_compare(struct wf_abs *a, const struct wf_node *at,
                                        const struct wf_node *left, enum wf_op op,
                                        const struct wf_node *right, enum wf_abs_mode mode)
{
    const struct wf_formula *f = with_truth(a, left, op, right, mode);
    if (!f && classify_of(left) && right->form == WF_FORM_ENUM_VALUE &&
        (op == WF_OP_EQ || op == WF_OP_NE))
        return wf_abs_class(a, at, classify_of(left), (uint32_t)right->num,
                            op == WF_OP_EQ ? mode : wf_abs_opposite(mode));
    if (!f)
        f = against_now(a, at, left, op, right, mode);
    if (!f)
        f = against_now(a, at, right, turned(op), left, mode);
    if (!f)
        f = against_constant(a, at, left, op, right, mode);
    if (!f)
        f = against_constant(a, at, right, turned(op), left, mode);
    if (f)
        return f;
    bool turn;
    uint32_t order = wf_abs_order(a, left, right, &turn);
    return wf_abs_literal(a, at, order, signs(a, turn ? turned(op) : op), mode);
}

/* ---- the other conditions ---- */

const struct wf_formula *wf_abs_any(struct wf_abs *a, const struct wf_node *node, uint32_t set,
                                    enum wf_abs_mode mode)
{
    if (set == UINT32_MAX)
        return opaque(a, node, mode);
    uint32_t var = wf_abs_count(a, node, set);
    return wf_abs_literal(a, node, var, beside(a, WF_OP_GE, 1), mode);
}

static const struct wf_formula *any_of(struct wf_abs *a, const struct wf_node *node,
                                       enum wf_abs_mode mode)
{
    return wf_abs_any(a, node, wf_abs_set(a, node), mode);
}

/* joined older than 30d, last visit within last 7d */
static const struct wf_formula *windowed(struct wf_abs *a, const struct wf_node *node,
                                         enum wf_abs_mode mode)
{
    struct wf_value v = wf_literal(node->kid[WF_K_WINDOWED_A], WF_T_NONE);
    if (!v.present || v.i > INT32_MAX * INT64_C(86400))
        return opaque(a, node, mode);
    struct wf_room room = wf_abs_room(a);
    struct wf_ranges values;
    switch (node->op) {
    case WF_OP_OLDER: values = beside(a, WF_OP_LT, -2 * v.i); break;
    case WF_OP_WITHIN_LAST: values = wf_ranges_span(room, -2 * v.i, -1); break;
    case WF_OP_WITHIN_NEXT: values = wf_ranges_span(room, 0, 2 * v.i - 1); break;
    default: return opaque(a, node, mode);
    }
    uint32_t var = wf_abs_operand(a, node->kid[WF_K_WINDOWED_BASE], axis_of(v.type));
    return wf_abs_literal(a, node, var, values, mode);
}

static const struct wf_formula *in_list(struct wf_abs *a, const struct wf_node *node,
                                        enum wf_abs_mode mode)
{
    const struct wf_node *x = wf_abs_through(node->kid[WF_K_IN_VALUE]);
    const struct wf_node *items = node->kid[WF_K_IN_SET]->kid[WF_K_LIST_ITEMS];
    uint32_t n = 0;
    for (const struct wf_node *item = items; item; item = item->next)
        n++;
    int64_t *points = wf_arena_array(&a->arena, (size_t)n + 1, sizeof(*points));
    if (!points) {
        a->s->nomem = true;
        return &wf_formula_holds;
    }
    n = 0;
    for (const struct wf_node *item = items; item; item = item->next) {
        enum wf_op op = WF_OP_EQ;
        if (aged(x) || !bound(a, x, &op, item, &points[n++]))
            return opaque(a, node, mode);
    }
    uint32_t var = wf_abs_operand(a, x, WF_AXIS_VALUE);
    return wf_abs_literal(a, node, var, wf_ranges_points(wf_abs_room(a), points, n), mode);
}

static const struct wf_formula *in_classes(struct wf_abs *a, const struct wf_node *node,
                                           const struct wf_symbol *classify, enum wf_abs_mode mode)
{
    const struct wf_node *item = node->kid[WF_K_IN_SET]->kid[WF_K_LIST_ITEMS];
    bool any = mode == WF_ABS_TRUE || mode == WF_ABS_NOT_FALSE;
    const struct wf_formula *f = any ? &wf_formula_fails : &wf_formula_holds;
    for (; item; item = item->next) {
        const struct wf_formula *one = wf_abs_class(a, node, classify, (uint32_t)item->num, mode);
        f = any ? wf_abs_either(a, f, one) : wf_abs_both(a, f, one);
    }
    return f;
}

/* "vip" in tags, and tagged "vip" */
static const struct wf_formula *tagged(struct wf_abs *a, const struct wf_node *node,
                                       enum wf_abs_mode mode)
{
    struct wf_term term = {.kind = WF_N_TAGGED, .kid = {0, UINT32_MAX, UINT32_MAX, UINT32_MAX}};
    if (node->kind == WF_N_IN) {
        term.kid[0] = wf_abs_term(a, node->kid[WF_K_IN_SET]);
        term.ref = node->kid[WF_K_IN_VALUE]->name;
    } else {
        const struct wf_record *member = a->s->checked->member;
        struct wf_field *tags = wf_record_field(member, wf_sema_name(a->s, "tags"));
        struct wf_term name = {.kind = WF_N_NAME, .ref = tags ? tags->sym : NULL};
        term.kid[0] = wf_abs_made_term(a, &name);
        term.ref = node->kid[WF_K_TAGGED_TAG]->name;
    }
    uint32_t var = wf_abs_flag(a, node, wf_abs_made_term(a, &term), UINT32_MAX);
    return flag(a, node, var, mode);
}

static const struct wf_formula *text_test(struct wf_abs *a, const struct wf_node *node,
                                          enum wf_abs_mode mode)
{
    uint32_t text = wf_abs_operand(a, node->kid[WF_K_BINARY_LEFT], WF_AXIS_VALUE);
    return flag(a, node, wf_abs_flag(a, node, wf_abs_term(a, node), text), mode);
}

static const struct wf_formula *is_there(struct wf_abs *a, const struct wf_node *node,
                                         enum wf_abs_mode mode)
{
    const struct wf_node *x = wf_abs_through(node->kid[WF_K_IS_VALUE]);
    bool missing = (node->op == WF_OP_MISSING) != ((node->flags & WF_F_NOT) != 0);
    if (x->type && x->type->base == WF_T_BOOL && x->kind != WF_N_NAME)
        return opaque(a, node, mode);
    uint32_t var = wf_abs_operand(a, x, WF_AXIS_VALUE);
    if (a->s->nomem || a->vars[var].ranged || classify_of(x) ||
        (x->kind == WF_N_NAME && x->sym && x->sym->kind == WF_SYM_SEGMENT))
        return opaque(a, node, mode);
    return wf_abs_there(a, node, var, missing, mode);
}

static const struct wf_formula *binary(struct wf_abs *a, const struct wf_node *node,
                                       enum wf_abs_mode mode)
{
    switch (node->op) {
    case WF_OP_CONTAINS:
    case WF_OP_STARTS:
    case WF_OP_ENDS:
    case WF_OP_MATCHES: return text_test(a, node, mode);
    case WF_OP_EQ:
    case WF_OP_NE:
    case WF_OP_LT:
    case WF_OP_LE:
    case WF_OP_GT:
    case WF_OP_GE:
        return wf_abs_compare(a, node, node->kid[WF_K_BINARY_LEFT], (enum wf_op)node->op,
                              node->kid[WF_K_BINARY_RIGHT], mode);
    default: return opaque(a, node, mode);
    }
}

const struct wf_formula *wf_abs_atom(struct wf_abs *a, const struct wf_node *node,
                                     enum wf_abs_mode mode, bool in_class)
{
    if (node->form == WF_FORM_ANY || node->kind == WF_N_FOLLOWED)
        return any_of(a, node, mode);
    switch (node->kind) {
    case WF_N_BINARY: return binary(a, node, mode);
    case WF_N_IS: return is_there(a, node, mode);
    case WF_N_TAGGED: return tagged(a, node, mode);
    case WF_N_WINDOWED: return windowed(a, node, mode);
    case WF_N_IN:
        if (node->form == WF_FORM_IN_SET)
            return tagged(a, node, mode);
        if (classify_of(node->kid[WF_K_IN_VALUE]))
            return in_classes(a, node, classify_of(node->kid[WF_K_IN_VALUE]), mode);
        return in_list(a, node, mode);
    case WF_N_TOP: {
        const struct wf_node *count = node->kid[WF_K_TOP_COUNT];
        int64_t most = count->kind == WF_N_PERCENT ? count->num / 100 : count->num;
        return wf_abs_literal(a, node, wf_abs_place(a, node, in_class), beside(a, WF_OP_LE, most),
                              mode);
    }
    case WF_N_AGG:
        if (node->op == WF_OP_ANY)
            return any_of(a, node, mode);
        if (node->op == WF_OP_NO)
            return any_of(a, node, wf_abs_opposite(mode));
        return opaque(a, node, mode);
    case WF_N_NAME:
    case WF_N_FIELD: return flag(a, node, wf_abs_operand(a, node, WF_AXIS_VALUE), mode);
    default: return opaque(a, node, mode);
    }
}
