/*
 * check_compare.c - = < in between contains: two sides of one kind.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

/* A bare name that only the other side can explain: `tier = gold`. */
static bool waits_for_other(struct wf_ctx *ctx, struct wf_node *node)
{
    return node->kind == WF_N_NAME && !node->type && !wf_name_known(ctx, node);
}

/* Types both sides, the one that explains the other first. False: something was said. */
static bool both_sides(struct wf_ctx *ctx, struct wf_node *a, struct wf_node *b)
{
    bool swap = waits_for_other(ctx, a) && !waits_for_other(ctx, b);
    struct wf_node *first = swap ? b : a, *second = swap ? a : b;
    const struct wf_type_info *type = wf_check_value(ctx, first, NULL);
    if (wf_type_bad(type)) {
        if (waits_for_other(ctx, second))
            second->type = &wf_type_none; /* nobody can tell what it means: say nothing */
        else
            wf_check_value(ctx, second, NULL);
        return false;
    }
    return !wf_type_bad(wf_check_value(ctx, second, type));
}

static bool is_order(const struct wf_node *node)
{
    return node->op == WF_OP_LT || node->op == WF_OP_LE || node->op == WF_OP_GT ||
           node->op == WF_OP_GE;
}

static bool ordered(const struct wf_type_info *type)
{
    if (type->base == WF_T_ENUM)
        return type->enums && type->enums->ordered;
    return type->base != WF_T_BOOL && type->base != WF_T_TEXT && type->base != WF_T_SET &&
           type->base != WF_T_REF;
}

static bool report_unordered(struct wf_ctx *ctx, struct wf_span span, struct wf_node *a,
                             const char *op)
{
    struct wf_sema *s = ctx->s;
    if (ordered(a->type))
        return false;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0305, span,
                                   "`%s` asks for an order, but `%s` is "
                                   "%s, which has none",
                                   op, wf_words(s, a), wf_type_text(a->type));
    if (a->type->base == WF_T_ENUM && !a->type->enums->classify) {
        if (a->sym && a->sym->field && a->sym->field->decl)
            wf_diag_label(s->diags, diag, a->sym->field->decl->span, "declared here");
        wf_diag_note(s->diags, diag,
                     "declare the order: one of (%s < ...), or list the values: "
                     "`%s in (%s, ...)`",
                     a->type->enums->names[0]->text, wf_words(s, a),
                     a->type->enums->names[0]->text);
    }
    return true;
}

static bool report_set(struct wf_ctx *ctx, struct wf_node *node, struct wf_node *a,
                       struct wf_node *b)
{
    struct wf_sema *s = ctx->s;
    if (!wf_type_is(a->type, WF_T_SET))
        return false;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0305, node->span,
                                   "`%s` is a set: ask whether it holds something", wf_words(s, a));
    if (b->kind == WF_N_STRING && (node->op == WF_OP_EQ || node->op == WF_OP_CONTAINS)) {
        wf_diag_edit(s->diags, diag, node->span, "%s in %s", wf_words(s, b), wf_words(s, a));
        wf_diag_fix(s->diags, diag, "write `%s in %s`", wf_words(s, b), wf_words(s, a));
    }
    return true;
}

static const struct wf_type_info *comparison(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    if (!both_sides(ctx, a, b))
        return &wf_type_none;
    if (report_set(ctx, node, a, b) || report_set(ctx, node, b, a))
        return &wf_type_none;
    if (!wf_unify(ctx, a, b)) {
        wf_report_mismatch(ctx, node->span, a, b, N_("cannot compare `%s` and `%s`: %s and %s"));
        return &wf_type_none;
    }
    if (wf_type_bad(a->type) || wf_type_bad(b->type))
        return &wf_type_none;
    if (is_order(node) && report_unordered(ctx, node->span, a, wf_op_text((enum wf_op)node->op)))
        return &wf_type_none;
    if (wf_type_is(a->type, WF_T_BOOL) && a->kind != WF_N_BOOL && b->kind != WF_N_BOOL) {
        struct wf_diag *diag =
            wf_diag(ctx->s->diags, WF_E0305, node->span,
                    "two conditions are not compared; join them by and, or, not");
        wf_diag_note(ctx->s->diags, diag,
                     "for \"both or neither\": (a and b) or (not a and not b)");
        return &wf_type_none;
    }
    return wf_type_plain(WF_T_BOOL, a->type->optional || b->type->optional);
}

/* contains, starts with, ends with, matches */
static const struct wf_type_info *text_test(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    const char *op = wf_op_text((enum wf_op)node->op);
    const struct wf_type_info *x = wf_check_value(ctx, a, NULL);
    const struct wf_type_info *y = wf_check_value(ctx, b, NULL);
    if (wf_type_bad(x) || wf_type_bad(y) || report_set(ctx, node, a, b))
        return &wf_type_none;
    if (!wf_type_is(x, WF_T_TEXT)) {
        wf_diag(s->diags, WF_E0301, a->span, "`%s` is asked of a text; `%s` is %s", op,
                wf_words(s, a), wf_type_text(x));
        return &wf_type_none;
    }
    if (b->kind != WF_N_STRING) {
        wf_diag(s->diags, WF_E0312, b->span,
                "behind `%s` stands a text in quotes, the same for every member", op);
        return &wf_type_none;
    }
    return wf_type_plain(WF_T_BOOL, x->optional);
}

const struct wf_type_info *wf_check_compare(struct wf_ctx *ctx, struct wf_node *node)
{
    switch (node->op) {
    case WF_OP_CONTAINS:
    case WF_OP_STARTS:
    case WF_OP_ENDS:
    case WF_OP_MATCHES: return text_test(ctx, node);
    default: return comparison(ctx, node);
    }
}

const struct wf_type_info *wf_check_between(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *value = node->kid[WF_K_BETWEEN_VALUE];
    struct wf_node *ends[] = {node->kid[WF_K_BETWEEN_LOW], node->kid[WF_K_BETWEEN_HIGH]};
    const struct wf_type_info *type = wf_check_value(ctx, value, NULL);
    bool good = !wf_type_bad(type), optional = good && type->optional;
    for (int i = 0; i < 2; i++) {
        if (!good && ends[i]->kind == WF_N_NAME)
            continue;
        if (wf_type_bad(wf_check_value(ctx, ends[i], type)) || !good) {
            good = false;
        } else if (!wf_unify(ctx, value, ends[i])) {
            wf_report_mismatch(ctx, ends[i]->span, value, ends[i],
                               N_("cannot compare `%s` and `%s`: %s and %s"));
            good = false;
        } else {
            good = !wf_type_bad(ends[i]->type);
            optional |= ends[i]->type->optional;
        }
    }
    if (!good || report_unordered(ctx, node->span, value, "between"))
        return &wf_type_none;
    if (ends[0]->kind == ends[1]->kind && ends[0]->kind != WF_N_NAME &&
        ends[0]->type->base == type->base &&
        (ends[0]->kind == WF_N_INT || ends[0]->kind == WF_N_DATE || ends[0]->kind == WF_N_CLOCK) &&
        ends[0]->num > ends[1]->num) {
        wf_diag(s->diags, WF_E0311, node->span, "nothing is between %s and %s: the first is larger",
                wf_words(s, ends[0]), wf_words(s, ends[1]));
        return &wf_type_none;
    }
    return wf_type_plain(WF_T_BOOL, optional);
}

/* ---- in ---- */

static bool constant(const struct wf_node *node)
{
    if (node->kind == WF_N_NEG)
        node = node->kid[WF_K_NEG_VALUE];
    switch (node->kind) {
    case WF_N_INT:
    case WF_N_NUMBER:
    case WF_N_PERCENT:
    case WF_N_STRING:
    case WF_N_DATE:
    case WF_N_TIME:
    case WF_N_CLOCK:
    case WF_N_DURATION: return true;
    case WF_N_NAME: return node->form == WF_FORM_ENUM_VALUE;
    default: return false;
    }
}

static const struct wf_type_info *in_list(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *value = node->kid[WF_K_IN_VALUE], *list = node->kid[WF_K_IN_SET];
    const struct wf_type_info *type = wf_check_value(ctx, value, NULL);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (wf_type_is(type, WF_T_BOOL) || wf_type_is(type, WF_T_SET)) {
        wf_diag(s->diags, WF_E0305, value->span, "`%s` is %s; ask for it directly",
                wf_words(s, value), wf_type_text(type));
        return &wf_type_none;
    }
    bool good = true;
    for (struct wf_node *item = list->kid[WF_K_LIST_ITEMS]; item; item = item->next) {
        if (wf_type_bad(wf_check_value(ctx, item, type))) {
            good = false;
        } else if (!wf_unify(ctx, value, item)) {
            wf_report_mismatch(ctx, item->span, value, item,
                               N_("cannot compare `%s` and `%s`: %s and %s"));
            good = false;
        } else if (!constant(item)) {
            struct wf_diag *diag = wf_diag(s->diags, WF_E0312, item->span,
                                           "a list holds plain values, the same for every member");
            wf_diag_note(s->diags, diag, "compare with `=` and join by `or`");
            good = false;
        }
    }
    node->form = WF_FORM_IN_LIST;
    return good ? wf_type_plain(WF_T_BOOL, type->optional) : &wf_type_none;
}

static const struct wf_type_info *in_segment(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *set = node->kid[WF_K_IN_SET];
    const struct wf_type_info *type = wf_check_condition(ctx, set);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (!set->sym || set->sym->kind != WF_SYM_SEGMENT) {
        wf_diag(s->diags, WF_E0203, set->span, "a member is `in` a segment; `%s` is none",
                wf_words(s, set));
        return &wf_type_none;
    }
    node->form = WF_FORM_IN_SEGMENT;
    return wf_type_plain(WF_T_BOOL, type->optional);
}

static const struct wf_type_info *in_set(struct wf_ctx *ctx, struct wf_node *node,
                                         const struct wf_type_info *type)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *value = node->kid[WF_K_IN_VALUE], *set = node->kid[WF_K_IN_SET];
    const struct wf_type_info *holds = wf_check_value(ctx, set, type);
    if (wf_type_bad(holds))
        return &wf_type_none;
    if (set->form == WF_FORM_ENUM_VALUE) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0305, node->span,
                                       "`%s` is one value, not a list of them", wf_words(s, set));
        const char *sign = node->flags & WF_F_NOT ? "!=" : "=";
        wf_diag_edit(s->diags, diag, node->span, "%s %s %s", wf_words(s, value), sign,
                     wf_words(s, set));
        wf_diag_fix(s->diags, diag, "write `%s %s %s`", wf_words(s, value), sign, wf_words(s, set));
        return &wf_type_none;
    }
    if (!wf_type_is(holds, WF_T_SET)) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0305, set->span, "`in` looks into a list or a set; `%s` is %s",
                    wf_words(s, set), wf_type_text(holds));
        if (set->sym && set->sym->kind == WF_SYM_SEGMENT)
            wf_diag_note(s->diags, diag,
                         "a segment is a condition by itself: `%s`, or `member in "
                         "%s`",
                         set->sym->name->text, set->sym->name->text);
        return &wf_type_none;
    }
    if (value->kind != WF_N_STRING) {
        wf_diag(s->diags, WF_E0312, value->span,
                "what is looked for in a set is a text in quotes, the same for every member");
        return &wf_type_none;
    }
    node->form = WF_FORM_IN_SET;
    return wf_type_plain(WF_T_BOOL, false);
}

const struct wf_type_info *wf_check_in(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *value = node->kid[WF_K_IN_VALUE], *set = node->kid[WF_K_IN_SET];
    if (set->kind == WF_N_LIST)
        return in_list(ctx, node);
    const struct wf_type_info *type = wf_check_expr(ctx, value, NULL);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (type->sort == WF_SORT_MEMBER)
        return in_segment(ctx, node);
    if (wf_type_bad(wf_check_value(ctx, value, NULL)))
        return &wf_type_none;
    return in_set(ctx, node, type);
}
