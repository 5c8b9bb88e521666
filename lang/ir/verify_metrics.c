/*
 * Metrics: what they reduce, and that arithmetic only looks back.
 */
#include "lang/ir/verify_rules.h"

static bool is_figure(uint8_t type)
{
    return type == WF_T_INT || type == WF_T_NUMBER || type == WF_T_MONEY;
}

static bool total_ok(const struct wf_ir *ir, const struct wf_ir_over *over)
{
    if (over->table == WF_NONE || over->of != WF_NONE || over->where != WF_NONE)
        return false;
    const struct wf_ir_record *record = &ir->tables[over->table];
    return over->field < record->fields_count && is_figure(over->type) &&
           ir->fields[record->fields_first + over->field].type == over->type;
}

static bool over_ok(const struct wf_ir *ir, const struct wf_ir_over *over)
{
    if (over->kind == WF_OVER_TOTAL)
        return total_ok(ir, over);
    if (over->table != WF_NONE)
        return false;
    bool plain = over->kind == WF_OVER_SHARE || over->kind == WF_OVER_COUNT;
    if (over->where != WF_NONE && !wf_ir_node_is(ir, over->where, WF_DOM_MEMBER, WF_T_BOOL))
        return false;
    if (plain)
        return over->of == WF_NONE &&
               over->type == (over->kind == WF_OVER_SHARE ? WF_T_NUMBER : WF_T_INT);
    if (over->of == WF_NONE || !wf_ir_node_is(ir, over->of, WF_DOM_MEMBER, WF_T_NONE))
        return false;
    uint8_t of = ir->nodes[over->of].type;
    bool rounded = over->kind != WF_OVER_SUM && of == WF_T_INT;
    return is_figure(of) && over->type == (rounded ? WF_T_NUMBER : of);
}

static bool in_span(uint32_t row, uint32_t first, uint32_t count)
{
    return row - first < count;
}

/* Of metric m: it reads that metric's reductions and earlier rows only. */
static bool figure_ok(const struct wf_ir *ir, const struct wf_ir_metric *m, uint32_t i)
{
    const struct wf_ir_figure *f = &ir->figures[i];
    bool over = f->op == WF_FIGURE_OVER, constant = f->op == WF_FIGURE_CONST;
    bool operands = f->a != WF_NONE && f->b != WF_NONE, none = f->a == WF_NONE && f->b == WF_NONE;
    if (!is_figure(f->type) || over != (f->over != WF_NONE) ||
        constant != (f->constant != WF_NONE) || (over || constant ? !none : !operands))
        return false;
    if (over)
        return in_span(f->over, m->overs_first, m->overs_count) &&
               ir->overs[f->over].type == f->type &&
               (ir->overs[f->over].table == WF_NONE || m->by == WF_NONE ||
                ir->nodes[m->by].type == WF_T_REF);
    if (constant)
        return ir->consts[f->constant].present && ir->consts[f->constant].type == f->type;
    return in_span(f->a, m->figures_first, i - m->figures_first) &&
           in_span(f->b, m->figures_first, i - m->figures_first);
}

static bool metric_ok(const struct wf_ir *ir, const struct wf_ir_metric *m)
{
    for (uint32_t i = 0; i < m->figures_count; i++)
        if (!figure_ok(ir, m, m->figures_first + i))
            return false;
    if (m->among != WF_NONE && !wf_ir_node_is(ir, m->among, WF_DOM_MEMBER, WF_T_BOOL))
        return false;
    bool by = m->by != WF_NONE;
    if (m->by_key != WF_NONE &&
        (!by || ir->nodes[m->by].type != WF_T_REF ||
         !wf_ir_node_is(ir, m->by_key, WF_DOM_MEMBER, WF_T_NONE)))
        return false;
    if (m->by_class != WF_NONE && (!by || ir->nodes[m->by].type != WF_T_ENUM))
        return false;
    return m->figures_count > 0 && by == (m->by_text != WF_NONE) &&
           (!by || (wf_ir_node_is(ir, m->by, WF_DOM_MEMBER, WF_T_NONE) &&
                    ir->nodes[m->by].type != WF_T_SET));
}

bool wf_ir_verify_metrics(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_overs; i++)
        if (!over_ok(ir, &ir->overs[i]))
            return wf_ir_fault(fault, "overs", i, "kind, type or nodes");
    for (uint32_t i = 0; i < ir->n_metrics; i++)
        if (!metric_ok(ir, &ir->metrics[i]))
            return wf_ir_fault(fault, "metrics", i, "figures or nodes");
    return true;
}
