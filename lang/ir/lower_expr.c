/*
 * Expressions, one function a kind of node. Sema has typed the tree and told readings apart (form);
 * here each becomes nodes, with the conversions that sema.h leaves to us.
 */
#include "lang/ir/lower_int.h"

/* ---- names and fields ---- */

static struct val member_value(struct lowering *l, const struct wf_field *field,
                               const struct wf_field *via)
{
    return exact(wf_irb_col(&l->b, member_input(l, field, via, false)));
}

/* A field of the row at hand, or through a table or member that it refers to. */
static struct val row_value(struct lowering *l, const struct wf_symbol *sym,
                            const struct wf_field *via)
{
    if (l->view == WF_NONE)
        return exact(refuse(l, "event field without an event"));
    return exact(event_column(l, l->view, sym->record, sym->field, via));
}

/* What `store` of `store.city` is: a field of the row at hand or of the member. */
static struct val through(struct lowering *l, const struct wf_node *base,
                          const struct wf_symbol *via)
{
    const struct wf_symbol *sym = base->sym;
    if (!sym || !sym->field || !via || !via->field)
        return exact(refuse(l, "field of what refers to nothing"));
    if (base->form == WF_FORM_ROW_FIELD)
        return row_value(l, sym, via->field);
    if (sym->kind != WF_SYM_FIELD)
        return exact(refuse(l, "field through more than one other record"));
    return member_value(l, sym->field, via->field);
}

static struct val lower_field(struct lowering *l, const struct wf_node *node)
{
    switch (node->form) {
    case WF_FORM_VIA_TABLE:
    case WF_FORM_VIA_MEMBER: return through(l, node->kid[WF_K_FIELD_BASE], node->sym);
    case WF_FORM_ROW_FIELD: return row_value(l, node->sym, NULL);
    default:
        if (node->sym && node->sym->kind == WF_SYM_FIELD)
            return member_value(l, node->sym->field, NULL);
        return exact(refuse(l, "field of what has none"));
    }
}

static struct val lower_name(struct lowering *l, const struct wf_node *node)
{
    const struct wf_symbol *sym = node->sym;
    if (node->form == WF_FORM_ENUM_VALUE)
        return exact(wf_irb_int(&l->b, WF_T_ENUM, node->num));
    if (!sym)
        return exact(refuse(l, "name without a meaning"));
    if (node->form == WF_FORM_ROW_FIELD || sym->kind == WF_SYM_EVENT_FIELD)
        return row_value(l, sym, NULL);
    const struct def *def;
    switch (sym->kind) {
    case WF_SYM_FIELD: return member_value(l, sym->field, NULL);
    case WF_SYM_LET:
    case WF_SYM_SEGMENT: def = lower_def(l, sym); return def ? def->val : exact(WF_NONE);
    case WF_SYM_CLASSIFY: return lower_classify_value(l, sym);
    default: return exact(refuse(l, "name that is no value"));
    }
}

/* ---- literals ---- */

/* `2026-11-22T14:00`: a local time, an instant only in the program's zone. */
static struct val lower_time(struct lowering *l, const struct wf_node *node)
{
    int64_t day = node->num / WF_DAY_SECONDS, clock = node->num % WF_DAY_SECONDS;
    if (clock < 0) {
        clock += WF_DAY_SECONDS;
        day--;
    }
    uint32_t date = wf_irb_int(&l->b, WF_T_DATE, day);
    uint32_t at = wf_irb_int(&l->b, WF_T_CLOCK, clock);
    return exact(mk2(l, WF_IR_LOCAL_TIME, date, at));
}

static struct val lower_literal(struct lowering *l, const struct wf_node *node)
{
    enum wf_type type = node->type ? (enum wf_type)node->type->base : WF_T_NONE;
    return exact(wf_irb_value(&l->b, wf_literal(node, type)));
}

/* ---- operators ---- */

static bool is_bool_literal(const struct wf_node *node)
{
    return node->kind == WF_N_BOOL;
}

/* `wecom = true` is wecom, `wecom != true` is its `not`. */
static struct val compare_bool(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    const struct wf_node *literal = is_bool_literal(b) ? b : a;
    struct val v = lower_expr(l, literal == b ? a : b);
    bool same = (literal->num != 0) == (node->op == WF_OP_EQ);
    return same ? v : val_1(l, WF_IR_NOT, v);
}

static const struct wf_symbol *classify_of(const struct wf_node *node)
{
    return node->kind == WF_N_NAME && node->sym && node->sym->kind == WF_SYM_CLASSIFY ? node->sym
                                                                                      : NULL;
}

static struct val compare(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *left = node->kid[WF_K_BINARY_LEFT];
    const struct wf_node *right = node->kid[WF_K_BINARY_RIGHT];
    bool equality = node->op == WF_OP_EQ || node->op == WF_OP_NE;
    if (equality && (is_bool_literal(left) || is_bool_literal(right)))
        return compare_bool(l, node);
    const struct wf_symbol *classify = classify_of(left);
    if (equality && classify && right->form == WF_FORM_ENUM_VALUE) {
        struct val match = exact(class_match(l, classify, (uint32_t)right->num));
        return node->op == WF_OP_EQ ? match : val_1(l, WF_IR_NOT, match);
    }
    struct val a = lower_expr(l, left);
    struct val b = lower_expr(l, right);
    enum wf_type ta = type_of(l, a.node), tb = type_of(l, b.node);
    if (ta == WF_T_INT && tb == WF_T_NUMBER)
        a = val_to_number(l, a);
    if (ta == WF_T_NUMBER && tb == WF_T_INT)
        b = val_to_number(l, b);
    return val_compare(l, (enum wf_op)node->op, a, b);
}

static struct val text_test(struct lowering *l, enum wf_ir_op op, const struct wf_node *text,
                            const struct wf_node *what)
{
    struct val v = lower_expr(l, text);
    if (what->kind != WF_N_STRING)
        return exact(refuse(l, "text test against what is no literal"));
    uint32_t constant = wf_irb_const(&l->b, wf_literal(what, WF_T_TEXT));
    return (struct val){wf_irb_2(&l->b, op, v.node, constant), WF_NONE, WF_NONE, v.sure};
}

static struct val lower_binary(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *left = node->kid[WF_K_BINARY_LEFT];
    const struct wf_node *right = node->kid[WF_K_BINARY_RIGHT];
    switch (node->op) {
    case WF_OP_EQ:
    case WF_OP_NE:
    case WF_OP_LT:
    case WF_OP_LE:
    case WF_OP_GT:
    case WF_OP_GE: return compare(l, node);
    case WF_OP_CONTAINS: return text_test(l, WF_IR_CONTAINS, left, right);
    case WF_OP_STARTS: return text_test(l, WF_IR_STARTS, left, right);
    case WF_OP_ENDS: return text_test(l, WF_IR_ENDS, left, right);
    case WF_OP_MATCHES: return text_test(l, WF_IR_MATCHES, left, right);
    default: break;
    }
    struct val a = lower_expr(l, left);
    struct val b = lower_expr(l, right);
    enum wf_type type = node->type ? (enum wf_type)node->type->base : WF_T_NONE;
    switch (node->op) {
    case WF_OP_AND: return val_2(l, WF_IR_AND, a, b);
    case WF_OP_OR: return val_2(l, WF_IR_OR, a, b);
    case WF_OP_OR_ELSE: return val_or_else(l, a, b);
    case WF_OP_ADD:
    case WF_OP_SUB:
    case WF_OP_MUL:
    case WF_OP_DIV: return val_arith(l, (enum wf_op)node->op, type, a, b);
    default: return exact(refuse(l, "operator"));
    }
}

static struct val lower_between(struct lowering *l, const struct wf_node *node)
{
    struct val v = lower_expr(l, node->kid[WF_K_BETWEEN_VALUE]);
    struct val low = lower_expr(l, node->kid[WF_K_BETWEEN_LOW]);
    struct val high = lower_expr(l, node->kid[WF_K_BETWEEN_HIGH]);
    bool number = type_of(l, v.node) == WF_T_NUMBER || type_of(l, low.node) == WF_T_NUMBER ||
                  type_of(l, high.node) == WF_T_NUMBER;
    struct val *all[3] = {&v, &low, &high};
    for (int i = 0; i < 3; i++)
        if (number && type_of(l, all[i]->node) == WF_T_INT)
            *all[i] = val_to_number(l, *all[i]);
    struct val above = val_compare(l, WF_OP_GE, v, low);
    struct val below = val_compare(l, WF_OP_LE, v, high);
    struct val in = val_2(l, WF_IR_AND, above, below);
    return node->flags & WF_F_NOT ? val_1(l, WF_IR_NOT, in) : in;
}

static struct val in_classes(struct lowering *l, const struct wf_symbol *classify,
                             const struct wf_node *items)
{
    uint32_t any = WF_NONE;
    for (const struct wf_node *i = items; i; i = i->next) {
        uint32_t match = class_match(l, classify, (uint32_t)i->num);
        any = any == WF_NONE ? match : mk2(l, WF_IR_OR, any, match);
    }
    return exact(any == WF_NONE ? refuse(l, "empty list") : any);
}

static struct val in_list(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *value = node->kid[WF_K_IN_VALUE];
    const struct wf_node *items = node->kid[WF_K_IN_SET]->kid[WF_K_LIST_ITEMS];
    if (classify_of(value) && items && items->form == WF_FORM_ENUM_VALUE)
        return in_classes(l, classify_of(value), items);
    struct val v = lower_expr(l, value);
    enum wf_type type = type_of(l, v.node);
    uint32_t n = 0, k = 0;
    for (const struct wf_node *i = items; i; i = i->next)
        n++;
    struct wf_value *values = wf_calloc(l->b.alloc, n + (size_t)1, sizeof(*values));
    if (!values)
        return exact(wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL));
    for (const struct wf_node *i = items; i; i = i->next)
        values[k++] = wf_literal(i, type);
    uint32_t list = wf_irb_list(&l->b, values, n);
    wf_free(l->b.alloc, values);
    return (struct val){wf_irb_2(&l->b, WF_IR_IN, v.node, list), WF_NONE, WF_NONE, v.sure};
}

static struct val lower_in(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *set = node->kid[WF_K_IN_SET];
    struct val v;
    if (node->form == WF_FORM_IN_SEGMENT)
        v = lower_name(l, set);
    else if (node->form == WF_FORM_IN_SET)
        v = text_test(l, WF_IR_TAGGED, set, node->kid[WF_K_IN_VALUE]);
    else if (set->kind == WF_N_LIST)
        v = in_list(l, node);
    else
        v = exact(refuse(l, "in of what is no list"));
    return node->flags & WF_F_NOT ? val_1(l, WF_IR_NOT, v) : v;
}

static struct val lower_tagged(struct lowering *l, const struct wf_node *node)
{
    const struct wf_field *tags = member_field(l, "tags");
    if (!tags || tags->type->base != WF_T_SET)
        return exact(refuse(l, "tagged without tags"));
    const struct wf_node *tag = node->kid[WF_K_TAGGED_TAG];
    uint32_t constant = wf_irb_const(&l->b, wf_literal(tag, WF_T_TEXT));
    struct val v = member_value(l, tags, NULL);
    return exact(wf_irb_2(&l->b, WF_IR_TAGGED, v.node, constant));
}

static struct val lower_percent_of(struct lowering *l, const struct wf_node *node)
{
    struct val of = lower_expr(l, node->kid[WF_K_PERCENT_OF_VALUE]);
    struct val share = lower_expr(l, node->kid[WF_K_PERCENT_OF_PERCENT]);
    return val_arith(l, WF_OP_MUL, WF_T_NUMBER, of, share);
}

static struct val lower_days_since(struct lowering *l, const struct wf_node *node)
{
    struct val point = lower_expr(l, node->kid[WF_K_DAYS_SINCE_POINT]);
    if (type_of(l, point.node) == WF_T_TIME)
        point = val_1(l, WF_IR_DATE_OF, point);
    struct val today = exact(wf_irb_param(&l->b, WF_PARAM_TODAY, 0));
    return val_2(l, WF_IR_DAYS_BETWEEN, point, today);
}

static struct val lower_is(struct lowering *l, const struct wf_node *node)
{
    bool present = (node->op == WF_OP_PRESENT) != ((node->flags & WF_F_NOT) != 0);
    return val_is(l, lower_expr(l, node->kid[WF_K_IS_VALUE]), present);
}

/* ---- all ---- */

/* `purchased in last 7d`, and `any E followed by F within W`: is there any such event? */
static bool is_any_of_set(const struct wf_node *node)
{
    return node->form == WF_FORM_ANY || node->kind == WF_N_FOLLOWED;
}

struct val lower_expr(struct lowering *l, const struct wf_node *node)
{
    if (l->b.status != WF_OK)
        return exact(WF_NONE);
    if (!node)
        return exact(refuse(l, "expression that is not there"));
    if (is_any_of_set(node)) {
        struct set set = lower_set(l, node);
        return l->b.status == WF_OK ? any_of(l, &set) : exact(WF_NONE);
    }
    switch ((enum wf_node_kind)node->kind) {
    case WF_N_INT:
    case WF_N_NUMBER:
    case WF_N_PERCENT:
    case WF_N_STRING:
    case WF_N_BOOL:
    case WF_N_DATE:
    case WF_N_CLOCK: return lower_literal(l, node);
    case WF_N_TIME: return lower_time(l, node);
    case WF_N_DURATION: return exact(duration_const(l, node, false));
    case WF_N_NAME: return lower_name(l, node);
    case WF_N_FIELD: return lower_field(l, node);
    case WF_N_NOW: return exact(wf_irb_param(&l->b, WF_PARAM_NOW, 0));
    case WF_N_TODAY: return exact(wf_irb_param(&l->b, WF_PARAM_TODAY, 0));
    case WF_N_ENTRY: return exact(wf_irb_node(&l->b, WF_IR_ENTRY, 0, 0, 0));
    case WF_N_NEG: return val_neg(l, lower_expr(l, node->kid[WF_K_NEG_VALUE]));
    case WF_N_NOT: return val_1(l, WF_IR_NOT, lower_expr(l, node->kid[WF_K_NOT_VALUE]));
    case WF_N_BINARY: return lower_binary(l, node);
    case WF_N_IS: return lower_is(l, node);
    case WF_N_IN: return lower_in(l, node);
    case WF_N_BETWEEN: return lower_between(l, node);
    case WF_N_TAGGED: return lower_tagged(l, node);
    case WF_N_PERCENT_OF: return lower_percent_of(l, node);
    case WF_N_WINDOWED: return lower_windowed_value(l, node);
    case WF_N_AGG: return lower_agg(l, node);
    case WF_N_DAYS_SINCE: return lower_days_since(l, node);
    case WF_N_TOP: return lower_top(l, node);
    case WF_N_QUANTILE: return lower_quantile(l, node);
    default: return exact(refuse(l, "expression"));
    }
}

uint32_t lower_cond(struct lowering *l, const struct wf_node *node)
{
    uint32_t cond = lower_expr(l, node).node;
    if (cond != WF_NONE && type_of(l, cond) != WF_T_BOOL)
        return refuse(l, "condition that is no bool");
    return cond;
}
