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

/* `sum of stores.sales`: over the rows of a table. */
static const struct wf_type_info *check_total(struct wf_ctx *ctx, struct wf_node *of)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *base = of->kind == WF_N_FIELD ? of->kid[WF_K_FIELD_BASE] : NULL;
    struct wf_symbol *table = base && base->kind == WF_N_NAME
                                  ? wf_find_node(s, WF_SCOPE_TABLE, ctx->module, base)
                                  : NULL;
    if (!table) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0510, of->span, "`%s` is no column of a table", wf_words(s, of));
        wf_diag_note(s->diags, diag,
                     "a sum is over members (`sum of X over members`) or of a table's column "
                     "(`sum of stores.sales`)");
        return &wf_type_none;
    }
    struct wf_field *field =
        wf_record_find(s, ctx->module, table->record, of, wf_name_span(of));
    if (!field || wf_type_bad(field->type))
        return &wf_type_none;
    table->used = field->sym->used = true;
    base->sym = table;
    of->sym = field->sym;
    of->type = field->type;
    if (wf_type_numeric(field->type))
        return wf_type_figure(field->type->base);
    wf_diag(s->diags, WF_E0301, of->span, "a sum is of a number or an amount; `%s` is %s",
            wf_words(s, of), wf_type_text(field->type));
    return &wf_type_none;
}

const struct wf_type_info *wf_check_figure(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_ctx inside = *ctx;
    inside.figures = false; /* what is counted of one member is no figure */
    struct wf_node *of = node->kid[WF_K_OVER_OF], *where = node->kid[WF_K_OVER_WHERE];
    bool good = true;
    if (node->op == WF_OP_TOTAL)
        return check_total(&inside, of);
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

/* The rows of a table are told apart by a field that refers to them, or not at all. */
static void check_totals_by(struct wf_sema *s, const struct wf_node *node, const struct wf_node *by)
{
    const struct wf_node *of = node->kind == WF_N_OVER ? node->kid[WF_K_OVER_OF] : NULL;
    if (node->kind == WF_N_BINARY) {
        check_totals_by(s, node->kid[WF_K_BINARY_LEFT], by);
        check_totals_by(s, node->kid[WF_K_BINARY_RIGHT], by);
    }
    if (!of || node->op != WF_OP_TOTAL || !of->sym)
        return;
    const struct wf_symbol *table = of->kid[WF_K_FIELD_BASE]->sym;
    if (wf_type_is(by->type, WF_T_REF) && by->type->ref == table)
        return;
    wf_diag(s->diags, WF_E0510, by->span,
            "`%s` does not tell the rows of `%s` apart; split by a field whose type is `%s`, or "
            "not at all",
            wf_words(s, by), table->name->text, table->name->text);
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
    if (!wf_type_bad(type))
        check_totals_by(s, is, by);
}
