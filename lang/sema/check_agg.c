/*
 * check_agg.c - any, count, sum, last ... of a set of events, and figures over all members.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

static const struct wf_type_info *report_set(struct wf_ctx *ctx, struct wf_node *node,
                                             const struct wf_type_info *set)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *operand = node->kid[WF_K_AGG_SET];
    const char *op = wf_op_text((enum wf_op)node->op);
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0306, operand->span, "`%s` is asked of events; `%s` is %s", op,
                wf_words(s, operand), wf_type_text(set));
    if (set->sort == WF_SORT_EVENT_VALUES && node->op == WF_OP_COUNT)
        wf_diag_note(s->diags, diag,
                     "`count %s` counts the events, `distinct %s` the different "
                     "values",
                     set->event->name->text, wf_words(s, operand));
    return &wf_type_none;
}

static const struct wf_type_info *report_needs_field(struct wf_ctx *ctx, struct wf_node *node,
                                                     const struct wf_type_info *set)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *operand = node->kid[WF_K_AGG_SET];
    const char *op = wf_op_text((enum wf_op)node->op);
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0306, operand->span, "`%s` of what? `%s` names whole events", op,
                wf_words(s, operand));
    const struct wf_record *event = set->event->record;
    for (uint32_t i = 0; i < event->n_fields; i++) {
        const struct wf_type_info *type = event->fields[i]->type;
        if (wf_type_is(type, WF_T_MONEY) ||
            (node->op == WF_OP_DISTINCT && type->base == WF_T_TEXT)) {
            wf_diag_note(s->diags, diag, "name one of its fields: `%s %s.%s`", op,
                         event->name->text, event->fields[i]->name->text);
            break;
        }
    }
    return &wf_type_none;
}

static bool ordered(const struct wf_type_info *type)
{
    switch (type->base) {
    case WF_T_INT:
    case WF_T_NUMBER:
    case WF_T_MONEY:
    case WF_T_DATE:
    case WF_T_TIME:
    case WF_T_CLOCK:
    case WF_T_DAYS:
    case WF_T_MONTHS:
    case WF_T_SECONDS: return true;
    case WF_T_ENUM: return type->enums && type->enums->ordered;
    default: return false;
    }
}

static bool suits(enum wf_op op, const struct wf_type_info *value)
{
    bool numeric =
        value->base == WF_T_INT || value->base == WF_T_NUMBER || value->base == WF_T_MONEY;
    switch (op) {
    case WF_OP_SUM:
    case WF_OP_AVERAGE: return numeric;
    case WF_OP_MIN:
    case WF_OP_MAX: return ordered(value);
    case WF_OP_DISTINCT: return value->base != WF_T_SET && value->base != WF_T_BOOL;
    default: return true;
    }
}

static const struct wf_type_info *plain_of(struct wf_sema *s, const struct wf_type_info *values)
{
    struct wf_type_info *type = wf_sema_alloc(s, sizeof(*type));
    if (!type)
        return &wf_type_none;
    *type = *values;
    type->sort = WF_SORT_VALUE;
    type->event = NULL;
    type->optional = true;
    return type;
}

/* sum average min max distinct first last of one field of each event */
static const struct wf_type_info *of_values(struct wf_ctx *ctx, struct wf_node *node,
                                            const struct wf_type_info *set)
{
    struct wf_sema *s = ctx->s;
    enum wf_op op = (enum wf_op)node->op;
    if (!suits(op, set)) {
        const struct wf_type_info *value = plain_of(s, set);
        struct wf_node *operand = node->kid[WF_K_AGG_SET];
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0301, operand->span, "there is no `%s` of `%s`: it is %s",
                    wf_op_text(op), wf_words(s, operand), wf_type_text(value));
        if (operand->sym && operand->sym->field && operand->sym->field->decl)
            wf_diag_label(s->diags, diag, operand->sym->field->decl->span, "declared here");
        return &wf_type_none;
    }
    switch (op) {
    case WF_OP_SUM: return wf_type_plain((enum wf_type)set->base, false);
    case WF_OP_AVERAGE: return wf_type_plain(WF_T_NUMBER, true);
    case WF_OP_DISTINCT: return wf_type_plain(WF_T_INT, false);
    default: return plain_of(s, set);
    }
}

static const struct wf_type_info *of_events(struct wf_ctx *ctx, struct wf_node *node,
                                            const struct wf_type_info *set)
{
    switch (node->op) {
    case WF_OP_ANY:
    case WF_OP_NO: return wf_type_plain(WF_T_BOOL, false);
    case WF_OP_COUNT: return wf_type_plain(WF_T_INT, false);
    case WF_OP_FIRST:
    case WF_OP_LAST: return wf_type_plain(WF_T_TIME, true);
    case WF_OP_GAP: return wf_type_plain(WF_T_DAYS, true);
    case WF_OP_HOUR: return wf_type_plain(WF_T_CLOCK, true);
    default: return report_needs_field(ctx, node, set);
    }
}

const struct wf_type_info *wf_check_agg(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_ctx outside = *ctx;
    outside.row = NULL; /* an aggregate is the member's, also inside [ ] */
    struct wf_node *operand = node->kid[WF_K_AGG_SET];
    bool word = false;
    const struct wf_type_info *set = wf_check_events(&outside, operand, &word);
    if (wf_type_bad(set))
        return &wf_type_none;
    if (word)
        return wf_report_word(ctx, operand);
    if (operand->form == WF_FORM_ANY && operand->sym && operand->sym->kind == WF_SYM_WORD)
        return wf_report_word(ctx, operand);
    if (set->sort == WF_SORT_EVENTS)
        return of_events(ctx, node, set);
    bool of_field = node->op == WF_OP_SUM || node->op == WF_OP_AVERAGE || node->op == WF_OP_MIN ||
                    node->op == WF_OP_MAX || node->op == WF_OP_DISTINCT ||
                    node->op == WF_OP_FIRST || node->op == WF_OP_LAST;
    if (set->sort == WF_SORT_EVENT_VALUES && of_field)
        return of_values(ctx, node, set);
    return report_set(ctx, node, set);
}

const struct wf_type_info *wf_check_days_since(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *point = node->kid[WF_K_DAYS_SINCE_POINT];
    const struct wf_type_info *type = wf_check_expr(ctx, point, NULL);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (wf_type_is(type, WF_T_DATE) || wf_type_is(type, WF_T_TIME))
        return wf_type_plain(WF_T_INT, type->optional);
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, point->span,
                                   "days are counted since a date or a point in time; `%s` is %s",
                                   wf_words(s, point), wf_type_text(type));
    if (type->sort == WF_SORT_EVENTS) {
        struct wf_span front = {point->span.file, point->span.start, point->span.start};
        wf_diag_edit(s->diags, diag, front, "last ");
        wf_diag_fix(s->diags, diag, "write `days since last %s`", wf_words(s, point));
    }
    return &wf_type_none;
}

/* ---- over all members ---- */

static bool check_count(struct wf_ctx *ctx, struct wf_node *count)
{
    if (count->kind == WF_N_PERCENT) {
        count->type = wf_type_plain(WF_T_NUMBER, false);
        return wf_check_percent(ctx->s, count);
    }
    count->type = wf_type_plain(WF_T_INT, false);
    if (count->kind == WF_N_INT && count->num > 0)
        return true;
    wf_diag(ctx->s->diags, WF_E0311, count->span,
            "`top` takes a number of members (top 100) or a share of them (top 7%%)");
    return false;
}

static bool check_rank_by(struct wf_ctx *ctx, struct wf_node *by)
{
    const struct wf_type_info *type = wf_check_value(ctx, by, NULL);
    if (wf_type_bad(type))
        return false;
    if (ordered(type) && !wf_type_is(type, WF_T_ENUM))
        return true;
    wf_diag(ctx->s->diags, WF_E0301, by->span,
            "members are ranked by a number, an amount or a date; `%s` is %s", wf_words(ctx->s, by),
            wf_type_text(type));
    return false;
}

static bool check_per(struct wf_ctx *ctx, struct wf_node *per)
{
    const struct wf_type_info *type = wf_check_value(ctx, per, NULL);
    if (wf_type_bad(type))
        return false;
    if (!wf_type_is(type, WF_T_SET))
        return true;
    wf_diag(ctx->s->diags, WF_E0301, per->span,
            "`per` makes one group for each value; `%s` is a set, which has many",
            wf_words(ctx->s, per));
    return false;
}

const struct wf_type_info *wf_check_population(struct wf_ctx *ctx, struct wf_node *node)
{
    bool top = node->kind == WF_N_TOP;
    struct wf_ctx outside = *ctx;
    outside.row = NULL;
    outside.entry = false;
    if (ctx->entry)
        outside.no_entry = N_("members are ranked among everyone, and most of them never entered: "
                              "`since entry` cannot stand here");
    struct wf_node *by = node->kid[top ? WF_K_TOP_BY : WF_K_QUANTILE_OF];
    struct wf_node *among = node->kid[top ? WF_K_TOP_AMONG : WF_K_QUANTILE_AMONG];
    struct wf_node *per = node->kid[top ? WF_K_TOP_PER : WF_K_QUANTILE_PER];
    bool good = !top || check_count(ctx, node->kid[WF_K_TOP_COUNT]);
    good = check_rank_by(&outside, by) && good;
    if (among)
        good = !wf_type_bad(wf_check_condition(&outside, among)) && good;
    if (per)
        good = check_per(&outside, per) && good;
    if (!good)
        return &wf_type_none;
    return wf_type_plain(top ? WF_T_BOOL : WF_T_INT, by->type->optional || among);
}
