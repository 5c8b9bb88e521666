/*
 * abs_operand.c - the variable that an expression is, and what it may be before anything is said:
 * a count is never negative, a quintile is 1 to 5, a field without `?` is never missing.
 */
#include <float.h>
#include <string.h>

#include "lang/sema/abs_atom.h"

/* ---- values as points of a line ---- */

static int64_t number_point(double f)
{
    int64_t bits;
    if (f == 0)
        f = 0; /* -0 is 0 */
    memcpy(&bits, &f, sizeof(bits));
    return bits < 0 ? INT64_MIN - bits : bits;
}

int64_t wf_abs_point(struct wf_abs *a, const struct wf_node *node, struct wf_value v)
{
    if (v.type == WF_T_TEXT)
        return wf_abs_text(a, node->name);
    return v.type == WF_T_NUMBER ? number_point(v.f) : v.i;
}

bool wf_abs_constant(const struct wf_node *node, enum wf_type wanted, struct wf_value *value_out)
{
    node = wf_abs_through(node);
    const struct wf_node *inner = node->kind == WF_N_NEG ? node->kid[WF_K_NEG_VALUE] : node;
    enum wf_type type = inner->type ? (enum wf_type)inner->type->base : WF_T_NONE;
    if (inner->kind == WF_N_NAME && inner->form != WF_FORM_ENUM_VALUE)
        return false;
    *value_out = wf_literal(node, type == WF_T_NONE ? wanted : type);
    return value_out->present;
}

/* ---- what a variable may be at all ---- */

static struct wf_ranges values_of_type(struct wf_abs *a, const struct wf_type_info *type)
{
    struct wf_room room = wf_abs_room(a);
    switch (type->base) {
    case WF_T_BOOL: return wf_ranges_span(room, 0, 1);
    case WF_T_NUMBER: return wf_ranges_span(room, number_point(-DBL_MAX), number_point(DBL_MAX));
    case WF_T_CLOCK: return wf_ranges_span(room, 0, 86399);
    case WF_T_ENUM:
        return type->enums ? wf_ranges_span(room, 0, (int64_t)type->enums->n - 1) : WF_RANGES_ALL;
    default: return WF_RANGES_ALL;
    }
}

static struct wf_ranges parts_of_quantile(struct wf_abs *a, const struct wf_node *node)
{
    int64_t parts = node->op == WF_OP_QUARTILE     ? 4
                    : node->op == WF_OP_QUINTILE   ? 5
                    : node->op == WF_OP_DECILE     ? 10
                    : node->op == WF_OP_PERCENTILE ? 100
                                                   : INT64_MAX;
    return wf_ranges_span(wf_abs_room(a), 1, parts);
}

/* On the axes that are measured from now: what was is before it. */
static struct wf_ranges past(struct wf_abs *a, enum wf_axis axis)
{
    return wf_ranges_span(wf_abs_room(a), INT64_MIN, axis == WF_AXIS_TODAY ? 0 : -1);
}

static struct wf_states whole_of(struct wf_abs *a, const struct wf_node *node, enum wf_axis axis,
                                 const struct wf_var *var)
{
    struct wf_states whole = {WF_RANGES_ALL, WF_ABS_MISSING | WF_ABS_UNSURE};
    bool happened =
        (var->role == WF_ROLE_FIRST || var->role == WF_ROLE_LAST) && !a->sets[var->set].future;
    if (axis == WF_AXIS_VALUE && node->type)
        whole.values = values_of_type(a, node->type);
    else if (happened)
        whole.values = past(a, axis);
    if (var->role == WF_ROLE_COUNT || (node->kind == WF_N_AGG && node->op == WF_OP_DISTINCT))
        whole.values = wf_ranges_span(wf_abs_room(a), 0, INT64_MAX);
    if (node->kind == WF_N_AGG && node->op == WF_OP_GAP)
        whole.values = wf_ranges_span(wf_abs_room(a), 1, INT64_MAX);
    if (node->kind == WF_N_QUANTILE)
        whole.values = parts_of_quantile(a, node);
    const struct wf_symbol *sym = node->sym;
    bool plain = node->kind == WF_N_NAME || node->form == WF_FORM_OWN_FIELD ||
                 node->form == WF_FORM_ROW_FIELD;
    if (plain && sym && (sym->kind == WF_SYM_FIELD || sym->kind == WF_SYM_EVENT_FIELD) &&
        sym->field && !sym->field->type->optional && !(sym->record && sym->record->sent))
        whole.without = 0;
    return whole;
}

/* ---- variables ---- */

static enum wf_role role_of(struct wf_abs *a, const struct wf_node *node, uint32_t *set_out)
{
    if (node->kind != WF_N_AGG || node->op == WF_OP_ANY || node->op == WF_OP_NO)
        return WF_ROLE_PLAIN;
    *set_out = wf_abs_set(a, node);
    if (*set_out == UINT32_MAX)
        return WF_ROLE_PLAIN;
    const struct wf_node *of = node->kid[WF_K_AGG_SET];
    bool values = of->type && of->type->sort == WF_SORT_EVENT_VALUES;
    switch (node->op) {
    case WF_OP_COUNT: return WF_ROLE_COUNT;
    case WF_OP_SUM:
    case WF_OP_DISTINCT: return WF_ROLE_SUM;
    case WF_OP_FIRST: return values ? WF_ROLE_PICKED : WF_ROLE_FIRST;
    case WF_OP_LAST: return values ? WF_ROLE_PICKED : WF_ROLE_LAST;
    default: return WF_ROLE_PICKED;
    }
}

static uint32_t make(struct wf_abs *a, const struct wf_node *node, enum wf_axis axis)
{
    struct wf_var var = {.axis = (uint8_t)axis, .node = node, .a = UINT32_MAX, .b = UINT32_MAX};
    var.term = wf_abs_term(a, node);
    var.set = UINT32_MAX;
    var.role = (uint8_t)role_of(a, node, &var.set);
    if (a->s->nomem)
        return 0;
    var.type = node->type ? node->type->base : WF_T_NONE;
    var.ranged = a->terms[var.term].ranged;
    bool point = var.type == WF_T_DATE || var.type == WF_T_TIME;
    if (point && axis != WF_AXIS_DAYS)
        var.b = make(a, node, WF_AXIS_DAYS);
    var.whole = whole_of(a, node, axis, &var);
    return wf_abs_var(a, &var);
}

uint32_t wf_abs_operand(struct wf_abs *a, const struct wf_node *node, enum wf_axis axis)
{
    return make(a, wf_abs_through(node), axis);
}

uint32_t wf_abs_count(struct wf_abs *a, const struct wf_node *node, uint32_t set)
{
    struct wf_var var = {.role = WF_ROLE_COUNT,
                         .type = WF_T_INT,
                         .ranged = true,
                         .set = set,
                         .a = UINT32_MAX,
                         .b = UINT32_MAX,
                         .node = node};
    var.whole.values = wf_ranges_span(wf_abs_room(a), 0, INT64_MAX);
    var.whole.without = WF_ABS_MISSING | WF_ABS_UNSURE;
    return wf_abs_var(a, &var);
}

/* Two values held against each other; the one whose term is the smaller comes first. */
uint32_t wf_abs_order(struct wf_abs *a, const struct wf_node *left, const struct wf_node *right,
                      bool *turned_out)
{
    uint32_t x = wf_abs_term(a, left), y = wf_abs_term(a, right);
    *turned_out = x > y;
    const struct wf_node *first = *turned_out ? right : left, *second = *turned_out ? left : right;
    struct wf_term pair = {.kind = WF_N_BINARY, .op = WF_OP_EQ};
    pair.kid[0] = *turned_out ? y : x;
    pair.kid[1] = *turned_out ? x : y;
    pair.kid[2] = pair.kid[3] = UINT32_MAX;
    struct wf_var var = {.term = wf_abs_made_term(a, &pair), .role = WF_ROLE_ORDER};
    var.a = wf_abs_operand(a, first, WF_AXIS_VALUE);
    var.b = wf_abs_operand(a, second, WF_AXIS_VALUE);
    if (a->s->nomem)
        return 0;
    var.type = WF_T_INT;
    var.ranged = a->vars[var.a].ranged || a->vars[var.b].ranged;
    var.set = UINT32_MAX;
    var.whole.values = wf_ranges_span(wf_abs_room(a), x == y ? 0 : -1, x == y ? 0 : 1);
    var.whole.without = WF_ABS_MISSING | WF_ABS_UNSURE;
    return wf_abs_var(a, &var);
}

uint32_t wf_abs_flag(struct wf_abs *a, const struct wf_node *node, uint32_t term, uint32_t of)
{
    struct wf_var var = {.term = term,
                         .role = of == UINT32_MAX ? WF_ROLE_PLAIN : WF_ROLE_TEXT,
                         .type = WF_T_BOOL,
                         .set = UINT32_MAX,
                         .a = of,
                         .b = UINT32_MAX,
                         .node = node};
    if (a->s->nomem)
        return 0;
    var.ranged = a->terms[term].ranged;
    var.whole.values = wf_ranges_span(wf_abs_room(a), 0, 1);
    var.whole.without = WF_ABS_MISSING | WF_ABS_UNSURE;
    return wf_abs_var(a, &var);
}

/* `top 7% by X`: how many one must take for the member to be among them. */
uint32_t wf_abs_place(struct wf_abs *a, const struct wf_node *top, bool in_class)
{
    const struct wf_node *kids[] = {top->kid[WF_K_TOP_BY], top->kid[WF_K_TOP_AMONG],
                                    top->kid[WF_K_TOP_PER]};
    struct wf_term term = {.kind = WF_N_TOP, .op = top->op, .flags = in_class};
    term.num = top->kid[WF_K_TOP_COUNT]->kind == WF_N_PERCENT;
    term.kid[3] = UINT32_MAX;
    for (int i = 0; i < 3; i++)
        term.kid[i] = kids[i] ? wf_abs_term(a, kids[i]) : UINT32_MAX;
    struct wf_var var = {.term = wf_abs_made_term(a, &term),
                         .role = WF_ROLE_PLAIN,
                         .type = WF_T_INT,
                         .set = UINT32_MAX,
                         .a = UINT32_MAX,
                         .b = UINT32_MAX,
                         .node = top};
    var.whole.values = wf_ranges_span(wf_abs_room(a), 1, INT64_MAX);
    var.whole.without = WF_ABS_MISSING | WF_ABS_UNSURE;
    return wf_abs_var(a, &var);
}
