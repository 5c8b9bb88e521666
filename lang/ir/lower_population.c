/*
 * Figures over all members, and the names that conditions share: lets, segments, classes.
 */
#include "lang/ir/lower_int.h"

/* ---- figures ---- */

/* X, `among` and `per` of a figure, with what puts them in doubt. */
struct base {
    struct wf_ir_pop row;
    uint32_t sure; /* of X */
};

static struct base base_of(struct lowering *l, const struct wf_node *x, const struct wf_node *among,
                           const struct wf_node *per)
{
    bool in_classify = l->in_classify;
    l->in_classify = false;
    struct base base = {.row = {.among = WF_NONE, .per = WF_NONE}};
    struct val v = lower_expr(l, x);
    base.row.x = v.node;
    base.sure = v.sure;
    if (among)
        base.row.among = lower_cond(l, among);
    if (per)
        base.row.per = lower_expr(l, per).node;
    l->in_classify = in_classify;
    return base;
}

static struct val pop_value(struct lowering *l, const struct base *base)
{
    if (l->b.status != WF_OK)
        return exact(WF_NONE);
    uint32_t pop = wf_irb_pop(&l->b, &base->row);
    struct val v = exact(wf_irb_node(&l->b, WF_IR_POP, pop, 0, 0));
    v.sure = base->sure;
    return v;
}

/* In a class, whoever is no candidate is no match; but who might be one is in doubt. */
static struct val no_match(struct lowering *l, const struct base *base, struct val v)
{
    uint32_t known = base->sure;
    if (base->row.among != WF_NONE)
        known = both(l, known, mk1(l, WF_IR_PRESENT, base->row.among));
    if (known != WF_NONE)
        v.node = mk2(l, WF_IR_KNOWN_IF, known, v.node);
    return v;
}

struct val lower_top(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *count = node->kid[WF_K_TOP_COUNT];
    struct base base =
        base_of(l, node->kid[WF_K_TOP_BY], node->kid[WF_K_TOP_AMONG], node->kid[WF_K_TOP_PER]);
    base.row.kind = node->op == WF_OP_TOP ? WF_POP_TOP : WF_POP_BOTTOM;
    base.row.type = WF_T_BOOL;
    base.row.percent = count->kind == WF_N_PERCENT;
    base.row.n = base.row.percent ? count->num / 100 : count->num; /* millionths */
    base.row.no_match = l->in_classify;
    struct val v = pop_value(l, &base);
    return l->in_classify && l->b.status == WF_OK ? no_match(l, &base, v) : v;
}

struct val lower_quantile(struct lowering *l, const struct wf_node *node)
{
    struct base base = base_of(l, node->kid[WF_K_QUANTILE_OF], node->kid[WF_K_QUANTILE_AMONG],
                               node->kid[WF_K_QUANTILE_PER]);
    base.row.kind = node->op == WF_OP_RANK ? WF_POP_RANK : WF_POP_QUANTILE;
    base.row.type = WF_T_INT;
    switch (node->op) {
    case WF_OP_QUARTILE: base.row.n = 4; break;
    case WF_OP_QUINTILE: base.row.n = 5; break;
    case WF_OP_DECILE: base.row.n = 10; break;
    case WF_OP_PERCENTILE: base.row.n = 100; break;
    default: base.row.n = 0; break;
    }
    return pop_value(l, &base);
}

/* ---- classes: the first `when` that is true ---- */

/*
 * Read in order: nobody has matched before the first class; from where a `when` is unknown,
 * everything is. `a then b` is b where a is true, else a.
 */
static uint32_t then(struct lowering *l, uint32_t a, uint32_t b)
{
    uint32_t known = mk1(l, WF_IR_PRESENT, a);
    uint32_t value = mk2(l, WF_IR_AND, a, b);
    return mk2(l, WF_IR_KNOWN_IF, known, value);
}

/* The condition under which class `c` is the first that matches; *none: no class so far matched
 * (WF_NONE: there was none), and is moved behind `c`. */
static uint32_t class_cond(struct lowering *l, const struct wf_node *c, uint32_t *none)
{
    if (!c->kid[WF_K_CLASS_WHEN]) /* otherwise */
        return *none == WF_NONE ? wf_irb_bool(&l->b, true) : *none;
    l->in_classify = true;
    uint32_t when = lower_cond(l, c->kid[WF_K_CLASS_WHEN]);
    l->in_classify = false;
    uint32_t match = *none == WF_NONE ? when : then(l, *none, when);
    uint32_t not_this = mk1(l, WF_IR_NOT, when);
    *none = *none == WF_NONE ? not_this : then(l, *none, not_this);
    return match;
}

static uint32_t count_of(const struct wf_node *list)
{
    uint32_t n = 0;
    for (; list; list = list->next)
        n++;
    return n;
}

/* Rows are gathered first: a `when` may use another classify, whose rows then come before ours. */
static void lower_classes(struct lowering *l, const struct wf_symbol *sym, struct def *def)
{
    const struct wf_node *c = sym->node->kid[WF_K_CLASSIFY_CLASSES];
    uint32_t none = WF_NONE, n = 0;
    struct wf_ir_class *rows = wf_calloc(l->b.alloc, count_of(c) + (size_t)1, sizeof(*rows));
    if (!rows) {
        wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL);
        return;
    }
    uint32_t classify = str_text(l, sym->name);
    for (; c && l->b.status == WF_OK; c = c->next) {
        struct wf_ir_class row = {.classify = classify};
        row.match = class_cond(l, c, &none);
        row.name = str_text(l, c->name);
        row.place = place_of(l, c->name_span);
        rows[n++] = row;
    }
    def->first_class = wf_irb_add_classes(&l->b, rows, n);
    wf_free(l->b.alloc, rows);
}

uint32_t class_match(struct lowering *l, const struct wf_symbol *sym, uint32_t position)
{
    const struct def *def = lower_def(l, sym);
    if (!def || position >= l->ir->n_classes - def->first_class)
        return refuse(l, "class");
    return l->ir->classes[def->first_class + position].match;
}

struct val lower_classify_value(struct lowering *l, const struct wf_symbol *sym)
{
    uint32_t n = count_of(sym->node->kid[WF_K_CLASSIFY_CLASSES]);
    uint32_t value = missing(l, WF_T_ENUM);
    while (n-- > 0 && l->b.status == WF_OK) {
        uint32_t match = class_match(l, sym, n);
        uint32_t position = wf_irb_int(&l->b, WF_T_ENUM, n);
        value = mk3(l, WF_IR_SELECT, match, position, value);
    }
    return exact(value);
}

static uint32_t class_name(struct lowering *l, const struct wf_symbol *sym)
{
    const struct def *def = lower_def(l, sym);
    uint32_t n = count_of(sym->node->kid[WF_K_CLASSIFY_CLASSES]);
    uint32_t value = missing(l, WF_T_TEXT);
    while (n-- > 0 && l->b.status == WF_OK) {
        const struct wf_ir_class *row = &l->ir->classes[def->first_class + n];
        const struct wf_str *name = l->ir->texts[row->name];
        uint32_t text = wf_irb_value(&l->b, wf_text_value(WF_T_TEXT, name->text, name->len));
        value = mk3(l, WF_IR_SELECT, class_match(l, sym, n), text, value);
    }
    return value;
}

uint32_t lower_readable(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *named = node;
    while (named->kind == WF_N_NAME && named->sym && named->sym->kind == WF_SYM_LET)
        named = named->sym->node->kid[WF_K_LET_VALUE];
    if (named->kind == WF_N_NAME && named->sym && named->sym->kind == WF_SYM_CLASSIFY)
        return class_name(l, named->sym);
    return lower_expr(l, node).node;
}

/* ---- definitions, lowered when first used ---- */

const struct def *lower_def(struct lowering *l, const struct wf_symbol *sym)
{
    if (l->b.status != WF_OK)
        return NULL;
    if (sym->index >= l->checked->n_defs || l->checked->defs[sym->index] != sym) {
        refuse(l, "definition that is in no list");
        return NULL;
    }
    struct def *def = &l->defs[sym->index];
    if (def->done)
        return def;
    uint32_t view = l->view;
    bool in_classify = l->in_classify;
    uint32_t place = l->b.place;
    l->b.place = place_of(l, sym->node->name_span);
    l->view = WF_NONE; /* a definition means the same wherever it is used */
    l->in_classify = false;
    if (sym->kind == WF_SYM_CLASSIFY)
        lower_classes(l, sym, def);
    else if (sym->kind == WF_SYM_SEGMENT)
        def->val = lower_expr(l, sym->node->kid[WF_K_SEGMENT_COND]);
    else
        def->val = lower_expr(l, sym->node->kid[WF_K_LET_VALUE]);
    l->view = view;
    l->in_classify = in_classify;
    l->b.place = place;
    def->done = l->b.status == WF_OK;
    return def->done ? def : NULL;
}
