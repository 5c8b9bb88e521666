/*
 * Metrics: a figure is arithmetic of reductions over all members, made row by row after the night's
 * conditions are known.
 */
#include "lang/ir/lower_int.h"

static uint8_t over_kind(uint8_t op)
{
    switch (op) {
    case WF_OP_SHARE: return WF_OVER_SHARE;
    case WF_OP_SUM: return WF_OVER_SUM;
    case WF_OP_AVERAGE: return WF_OVER_AVERAGE;
    case WF_OP_MEDIAN: return WF_OVER_MEDIAN;
    case WF_OP_TOTAL: return WF_OVER_TOTAL;
    default: return WF_OVER_COUNT;
    }
}

static uint32_t add_figure(struct lowering *l, uint8_t op, const struct wf_node *node,
                           struct wf_ir_figure row)
{
    row.op = op;
    row.type = node->type->base;
    return wf_irb_add_figures(&l->b, &row, 1);
}

static uint32_t figure_of_over(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *of = node->kid[WF_K_OVER_OF], *where = node->kid[WF_K_OVER_WHERE];
    bool total = node->op == WF_OP_TOTAL;
    struct wf_ir_over row = {.kind = over_kind(node->op),
                             .type = node->type->base,
                             .of = of && !total ? lower_expr(l, of).node : WF_NONE,
                             .where = where ? lower_cond(l, where) : WF_NONE,
                             .table = total ? of->sym->record->index : WF_NONE,
                             .field = total ? of->sym->field->index : 0};
    uint32_t over = wf_irb_add_overs(&l->b, &row, 1);
    return add_figure(
        l, WF_FIGURE_OVER, node,
        (struct wf_ir_figure){.over = over, .constant = WF_NONE, .a = WF_NONE, .b = WF_NONE});
}

static uint32_t figure_of_literal(struct lowering *l, const struct wf_node *node)
{
    struct wf_value value = wf_literal(node, (enum wf_type)node->type->base);
    uint32_t constant = wf_irb_const(&l->b, value);
    return add_figure(
        l, WF_FIGURE_CONST, node,
        (struct wf_ir_figure){.over = WF_NONE, .constant = constant, .a = WF_NONE, .b = WF_NONE});
}

static uint8_t figure_op(uint8_t op)
{
    switch (op) {
    case WF_OP_ADD: return WF_FIGURE_ADD;
    case WF_OP_SUB: return WF_FIGURE_SUB;
    case WF_OP_MUL: return WF_FIGURE_MUL;
    default: return WF_FIGURE_DIV;
    }
}

static uint32_t lower_figure(struct lowering *l, const struct wf_node *node)
{
    if (node->kind == WF_N_OVER)
        return figure_of_over(l, node);
    if (node->kind != WF_N_BINARY)
        return figure_of_literal(l, node);
    uint32_t a = lower_figure(l, node->kid[WF_K_BINARY_LEFT]);
    uint32_t b = lower_figure(l, node->kid[WF_K_BINARY_RIGHT]);
    return add_figure(l, figure_op(node->op), node,
                      (struct wf_ir_figure){.over = WF_NONE, .constant = WF_NONE, .a = a, .b = b});
}

static uint32_t first_class(struct lowering *l, const struct wf_node *by)
{
    const struct def *def =
        by->sym && by->sym->kind == WF_SYM_CLASSIFY ? lower_def(l, by->sym) : NULL;
    return def ? def->first_class : WF_NONE;
}

/* What the rows that `by` refers to are called. */
static uint32_t key_of(struct lowering *l, const struct wf_node *by)
{
    const struct wf_field *field =
        by->sym && by->sym->kind == WF_SYM_FIELD ? by->sym->field : NULL;
    const struct wf_field *key = field ? referred_key(field) : NULL;
    return key ? wf_irb_col(&l->b, member_input(l, field, key, false)) : WF_NONE;
}

static void lower_metric(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *among = node->kid[WF_K_METRIC_AMONG], *by = node->kid[WF_K_METRIC_BY];
    const struct wf_node *label = node->kid[WF_K_METRIC_LABEL];
    const struct wf_node *section = label ? label->next : NULL;
    struct wf_ir_metric row = {.name = str_text(l, node->name),
                               .label = label ? str_text(l, label->name) : WF_NONE,
                               .section = section ? str_text(l, section->name) : WF_NONE,
                               .figures_first = l->ir->n_figures,
                               .overs_first = l->ir->n_overs,
                               .among = among ? lower_cond(l, among) : WF_NONE,
                               .by = by ? lower_expr(l, by).node : WF_NONE,
                               .by_key = by ? key_of(l, by) : WF_NONE,
                               .by_class = by ? first_class(l, by) : WF_NONE,
                               .by_text = by ? canonical_text(l, by) : WF_NONE,
                               .text = canonical_text(l, node),
                               .place = place_of(l, node->name_span)};
    lower_figure(l, node->kid[WF_K_METRIC_IS]);
    row.figures_count = l->ir->n_figures - row.figures_first;
    row.overs_count = l->ir->n_overs - row.overs_first;
    wf_irb_add_metrics(&l->b, &row, 1);
}

void lower_metrics(struct lowering *l)
{
    if (l->checked->testing)
        return; /* nothing expects one */
    for (uint32_t i = 0; i < l->checked->metrics.n && l->b.status == WF_OK; i++)
        lower_metric(l, l->checked->metrics.items[i]);
}
