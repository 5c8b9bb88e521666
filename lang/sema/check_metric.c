/*
 * check_metric.c - figures over all members.
 */
#include "lang/sema/check.h"

static const struct wf_type_info *figure_type(const struct wf_node *node, const struct wf_node *of)
{
    if (node->op == WF_OP_COUNT)
        return wf_type_figure(WF_T_INT);
    if (of && of->type->base == WF_T_MONEY)
        return wf_type_figure(WF_T_MONEY);
    bool whole = node->op == WF_OP_SUM && of->type->base == WF_T_INT;
    return wf_type_figure(whole ? WF_T_INT : WF_T_NUMBER);
}

const struct wf_type_info *wf_check_figure(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_ctx inside = *ctx;
    inside.figures = false; /* what is counted of one member is no figure */
    struct wf_node *of = node->kid[WF_K_OVER_OF], *where = node->kid[WF_K_OVER_WHERE];
    bool good = true;
    if (of) {
        const struct wf_type_info *type = wf_check_value(&inside, of, NULL);
        good = !wf_type_bad(type);
        if (good && !wf_type_numeric(type)) {
            wf_diag(s->diags, WF_E0301, of->span,
                    "`%s` over members is of a number or an amount; `%s` is %s",
                    wf_op_text((enum wf_op)node->op), wf_words(s, of), wf_type_text(type));
            good = false;
        }
    }
    if (where)
        good = !wf_type_bad(wf_check_condition(&inside, where)) && good;
    return good ? figure_type(node, of) : &wf_type_none;
}

bool wf_names_private(const struct wf_node *node)
{
    if (node->sym && node->sym->field && node->sym->field->private_)
        return true;
    if (node->kind == WF_N_NAME && node->sym && node->sym->kind == WF_SYM_LET)
        return wf_names_private(node->sym->node);
    for (int k = 0; k < WF_MAX_KIDS; k++)
        for (const struct wf_node *kid = node->kid[k]; kid; kid = kid->next)
            if (wf_names_private(kid))
                return true;
    return false;
}

void wf_check_metric(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_ctx ctx = {.s = s, .module = module, .figures = true};
    struct wf_node *is = node->kid[WF_K_METRIC_IS], *by = node->kid[WF_K_METRIC_BY];
    const struct wf_type_info *type = wf_check_expr(&ctx, is, NULL);
    if (!wf_type_bad(type) && type->sort != WF_SORT_FIGURE) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0510, is->span,
                                       "a metric is one figure over all members; `%s` is %s of "
                                       "each member",
                                       wf_words(s, is), wf_type_text(type));
        if (wf_is_number_literal(is) || is->kind == WF_N_BINARY)
            wf_diag_note(s->diags, diag,
                         "write share of members where ..., count members, or "
                         "average of ... over members");
        else if (wf_type_numeric(type))
            wf_diag_note(s->diags, diag,
                         "write `average of %s over members` or `sum of %s over "
                         "members`",
                         wf_words(s, is), wf_words(s, is));
        else
            wf_diag_note(s->diags, diag, "write `share of members where %s`", wf_words(s, is));
    }
    ctx.figures = false;
    if (node->kid[WF_K_METRIC_AMONG])
        wf_check_condition(&ctx, node->kid[WF_K_METRIC_AMONG]);
    if (!by)
        return;
    type = wf_check_value(&ctx, by, NULL);
    if (!wf_type_bad(type) && wf_names_private(by))
        wf_diag(s->diags, WF_E0514, by->span, "`%s` is private; no figure is shown by it",
                wf_words(s, by));
    if (!wf_type_bad(type) && wf_type_is(type, WF_T_SET))
        wf_diag(s->diags, WF_E0301, by->span,
                "`by` makes one row for each value; `%s` is a set, which has many",
                wf_words(s, by));
}
