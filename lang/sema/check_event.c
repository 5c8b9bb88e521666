/*
 * check_event.c - sets of events, windows, and what is asked of them.
 *
 *   NAME ◀ FILTER ◀ BY ◀ WINDOWED ◀ FIELD ◀ AGG        a chain that begins with an event's name
 */
#include "lang/sema/check.h"

static bool is_events(const struct wf_type_info *type)
{
    return type->sort == WF_SORT_EVENTS || type->sort == WF_SORT_EVENT_VALUES;
}

static struct wf_node *root_of(struct wf_node *node)
{
    for (;;) {
        switch (node->kind) {
        case WF_N_FILTER:
        case WF_N_FIELD:
        case WF_N_WINDOWED:
        case WF_N_BY:
        case WF_N_FOLLOWED: node = node->kid[0]; break; /* each has its base there */
        default: return node;
        }
    }
}

/* An `as` word where the event's noun is needed. */
const struct wf_type_info *wf_report_word(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *root = root_of(node);
    const struct wf_str *noun = root->sym && root->sym->event ? root->sym->event->name : NULL;
    if (!noun)
        return &wf_type_none;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0306, root->span,
                                   "`%s` is a condition (there was one); the events themselves "
                                   "are called `%s`",
                                   root->name->text, noun->text);
    wf_diag_edit(s->diags, diag, root->span, "%s", noun->text);
    wf_diag_fix(s->diags, diag, "write `%s`", noun->text);
    return &wf_type_none;
}

static const struct wf_type_info *check_root(struct wf_ctx *ctx, struct wf_node *node,
                                             bool *word_out)
{
    struct wf_symbol *sym = wf_record_field(ctx->row, node->name)
                                ? NULL
                                : wf_find_node(ctx->s, WF_SCOPE_CONDITION, ctx->module, node);
    if (!sym || sym->kind != WF_SYM_WORD || ctx->no_members)
        return wf_check_expr(ctx, node, NULL);
    *word_out = true;
    node->sym = sym;
    sym->used = sym->event->used = true;
    return wf_type_events(ctx->s, sym->event);
}

static const struct wf_type_info *check_filter(struct wf_ctx *ctx, struct wf_node *node,
                                               bool *word_out)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *base = node->kid[WF_K_FILTER_BASE];
    const struct wf_type_info *type = wf_check_events(ctx, base, word_out);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (!is_events(type)) {
        wf_diag(s->diags, WF_E0306, base->span, "only events are picked out with [ ]; `%s` is %s",
                wf_words(s, base), wf_type_text(type));
        return &wf_type_none;
    }
    struct wf_ctx inside = *ctx;
    inside.row = type->event->record;
    const struct wf_type_info *cond = wf_check_condition(&inside, node->kid[WF_K_FILTER_COND]);
    return wf_type_bad(cond) ? &wf_type_none : type;
}

static const struct wf_type_info *check_by(struct wf_ctx *ctx, struct wf_node *node, bool *word_out)
{
    struct wf_sema *s = ctx->s;
    const struct wf_type_info *type = wf_check_events(ctx, node->kid[WF_K_BY_BASE], word_out);
    struct wf_symbol *sym = wf_find_node(s, WF_SCOPE_CONDITION, ctx->module, node);
    if (!sym || sym->kind != WF_SYM_INVITEES) {
        if (wf_blind(ctx->module))
            return &wf_type_none;
        struct wf_diag *diag = wf_diag(s->diags, WF_E0201, wf_name_span(node),
                                       "`by %s`: no member field declares `as %s`",
                                       node->name->text, node->name->text);
        wf_diag_note(s->diags, diag, "declare it: member { inviter member? as invitees }");
        return &wf_type_none;
    }
    node->sym = sym;
    sym->used = sym->field->sym->used = true;
    if (wf_type_bad(type))
        return &wf_type_none;
    if (is_events(type))
        return type;
    wf_diag(s->diags, WF_E0306, node->kid[WF_K_BY_BASE]->span,
            "`by` stands behind events; `%s` is %s", wf_words(s, node->kid[WF_K_BY_BASE]),
            wf_type_text(type));
    return &wf_type_none;
}

/* ---- windows ---- */

static bool is_length(enum wf_op op)
{
    return op != WF_OP_SINCE && op != WF_OP_FROM_TO;
}

bool wf_check_point(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_ctx outside = *ctx;
    outside.row = NULL; /* a window is the member's, not an event's */
    const struct wf_type_info *type = wf_check_expr(&outside, node, NULL);
    if (wf_type_bad(type))
        return false;
    if (wf_type_is(type, WF_T_DATE) || wf_type_is(type, WF_T_TIME))
        return true;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, node->span,
                                   "a date or a point in time is needed here, but `%s` is %s",
                                   wf_words(s, node), wf_type_text(type));
    if (type->sort == WF_SORT_EVENTS) {
        struct wf_span front = {node->span.file, node->span.start, node->span.start};
        wf_diag_edit(s->diags, diag, front, "last ");
        wf_diag_fix(s->diags, diag, "write `last %s`", wf_words(s, node));
    } else if (wf_type_duration(type)) {
        wf_diag_note(s->diags, diag, "for a length of time write `in last %s`", wf_words(s, node));
    }
    return false;
}

static bool check_bounds(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *a = node->kid[WF_K_WINDOWED_A], *b = node->kid[WF_K_WINDOWED_B];
    if (is_length((enum wf_op)node->op))
        return wf_check_duration(ctx, a);
    bool good = wf_check_point(ctx, a);
    if (b)
        good = wf_check_point(ctx, b) && good;
    if (!good || !b || a->kind != b->kind || (a->kind != WF_N_DATE && a->kind != WF_N_TIME))
        return good;
    if (a->num < b->num)
        return true;
    struct wf_diag *diag =
        wf_diag(ctx->s->diags, WF_E0311, wf_span_join(a->span, b->span),
                "this window ends before it begins: from %s to %s", wf_words(ctx->s, a),
                wf_words(ctx->s, b));
    if (b->num < a->num)
        wf_diag_fix(ctx->s->diags, diag, "write `from %s to %s` if that is meant",
                    wf_words(ctx->s, b), wf_words(ctx->s, a));
    return false;
}

/* `in last` is for events; a single date is `within last`. */
static const struct wf_type_info *wrong_window(struct wf_ctx *ctx, struct wf_node *node,
                                               const struct wf_type_info *base)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *left = node->kid[WF_K_WINDOWED_BASE], *a = node->kid[WF_K_WINDOWED_A];
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0308, node->span, "`%s` picks out events, but `%s` is %s",
                wf_op_text((enum wf_op)node->op), wf_words(s, left), wf_type_text(base));
    bool point = wf_type_is(base, WF_T_DATE) || wf_type_is(base, WF_T_TIME);
    if (point && (node->op == WF_OP_IN_LAST || node->op == WF_OP_IN_NEXT)) {
        const char *word = node->op == WF_OP_IN_LAST ? "within last" : "within next";
        struct wf_span between = {node->span.file, left->span.end, a->span.start};
        wf_diag_edit(s->diags, diag, between, " %s ", word);
        wf_diag_fix(s->diags, diag, "write `%s %s %s`", wf_words(s, left), word, wf_words(s, a));
    } else if (point) {
        wf_diag_note(s->diags, diag, "compare a single date: `%s >= ...`", wf_words(s, left));
    }
    return &wf_type_none;
}

static const struct wf_type_info *check_window(struct wf_ctx *ctx, struct wf_node *node,
                                               bool *word_out)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *left = node->kid[WF_K_WINDOWED_BASE];
    const struct wf_type_info *base = wf_check_events(ctx, left, word_out);
    if (wf_type_bad(base) || (!is_events(base) && base->sort != WF_SORT_VALUE)) {
        if (!wf_type_bad(base))
            wf_diag(s->diags, WF_E0306, left->span, "a window needs events; `%s` is %s",
                    wf_words(s, left), wf_type_text(base));
        return &wf_type_none;
    }
    bool events = is_events(base);
    bool single =
        node->op == WF_OP_OLDER || node->op == WF_OP_WITHIN_LAST || node->op == WF_OP_WITHIN_NEXT;
    if (!events && !single)
        return wrong_window(ctx, node, base);
    if (!events && !wf_type_is(base, WF_T_DATE) && !wf_type_is(base, WF_T_TIME)) {
        wf_diag(s->diags, WF_E0308, left->span,
                "`%s` is asked of a date or a point in time; `%s` is %s",
                wf_op_text((enum wf_op)node->op), wf_words(s, left), wf_type_text(base));
        return &wf_type_none;
    }
    if (!check_bounds(ctx, node))
        return &wf_type_none;
    return events ? base : wf_type_plain(WF_T_BOOL, base->optional);
}

/* ---- E followed by F within W ---- */

static const struct wf_type_info *check_pair(struct wf_ctx *ctx, struct wf_node *node,
                                             bool *word_out)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *then = node->kid[WF_K_FOLLOWED_THEN];
    const struct wf_type_info *first =
        wf_check_events(ctx, node->kid[WF_K_FOLLOWED_FIRST], word_out);
    bool word = false;
    const struct wf_type_info *second = wf_check_events(ctx, then, &word);
    bool good = wf_check_duration(ctx, node->kid[WF_K_FOLLOWED_WITHIN]);
    if (wf_type_bad(first) || wf_type_bad(second) || !good)
        return &wf_type_none;
    if (word)
        return wf_report_word(ctx, then);
    struct wf_node *wrong = first->sort != WF_SORT_EVENTS    ? node->kid[WF_K_FOLLOWED_FIRST]
                            : second->sort != WF_SORT_EVENTS ? then
                                                             : NULL;
    if (!wrong)
        return first;
    wf_diag(s->diags, WF_E0306, wrong->span, "`followed by` joins two events; `%s` is %s",
            wf_words(s, wrong), wf_type_text(wrong->type));
    return &wf_type_none;
}

const struct wf_type_info *wf_check_followed(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *first = node->kid[WF_K_FOLLOWED_FIRST];
    bool any = first->kind == WF_N_AGG && (first->op == WF_OP_ANY || first->op == WF_OP_NO);
    if (!any)
        return wf_check_windowed(ctx, node);
    /* `any E followed by F`: the pair is what there is any of */
    struct wf_node pair = *node;
    pair.kid[WF_K_FOLLOWED_FIRST] = first->kid[WF_K_AGG_SET];
    bool word = false;
    const struct wf_type_info *type = check_pair(ctx, &pair, &word);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (word)
        return wf_report_word(ctx, first->kid[WF_K_AGG_SET]);
    first->type = wf_type_plain(WF_T_BOOL, false);
    return first->type;
}

/* ---- the chain ---- */

const struct wf_type_info *wf_check_events(struct wf_ctx *ctx, struct wf_node *node, bool *word_out)
{
    struct wf_sema *s = ctx->s;
    const struct wf_type_info *type;
    if (node->type)
        return node->type;
    if (s->depth >= WF_MAX_DEPTH)
        return wf_check_expr(ctx, node, NULL); /* says so */
    s->depth++;
    switch (node->kind) {
    case WF_N_NAME: type = check_root(ctx, node, word_out); break;
    case WF_N_FILTER: type = check_filter(ctx, node, word_out); break;
    case WF_N_BY: type = check_by(ctx, node, word_out); break;
    case WF_N_WINDOWED: type = check_window(ctx, node, word_out); break;
    case WF_N_FIELD:
        type = wf_check_field_of(ctx, node,
                                 wf_check_events(ctx, node->kid[WF_K_FIELD_BASE], word_out));
        break;
    case WF_N_FOLLOWED:
        if (node->kid[WF_K_FOLLOWED_FIRST]->kind == WF_N_AGG)
            type = wf_check_followed(ctx, node);
        else
            type = check_pair(ctx, node, word_out);
        break;
    default: type = wf_check_expr(ctx, node, NULL); break;
    }
    s->depth--;
    node->type = type;
    return type;
}

/* FILTER, BY, WINDOWED, FOLLOWED on their own: events, or `any` of them behind an `as` word. */
const struct wf_type_info *wf_check_windowed(struct wf_ctx *ctx, struct wf_node *node)
{
    bool word = false;
    const struct wf_type_info *type = wf_check_events(ctx, node, &word);
    if (!word || wf_type_bad(type))
        return type;
    if (type->sort != WF_SORT_EVENTS)
        return wf_report_word(ctx, node);
    node->form = WF_FORM_ANY;
    return wf_type_plain(WF_T_BOOL, false);
}
