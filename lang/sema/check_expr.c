/*
 * check_expr.c - expressions: which part checks which node, and what is asked of the result.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

const char *wf_words(struct wf_sema *s, const struct wf_node *node)
{
    enum { MOST = 40 };
    const struct wf_source *source = &s->sources->files[node->span.file];
    size_t len = node->span.end - node->span.start;
    const char *text = source->text + node->span.start;
    size_t shown = len > MOST ? MOST : len;
    while (shown < len && shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--;
    char *copy = wf_sema_alloc(s, shown + sizeof("…"));
    if (!copy)
        return "";
    size_t n = 0;
    for (size_t i = 0; i < shown; i++) { /* line breaks and runs of spaces are one space */
        bool space = text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t';
        if (!space)
            copy[n++] = text[i];
        else if (n && copy[n - 1] != ' ')
            copy[n++] = ' ';
    }
    if (shown < len) {
        for (const char *mark = "…"; *mark; mark++)
            copy[n++] = *mark;
    }
    return copy;
}

static const struct wf_type_info *check_literal(struct wf_node *node)
{
    switch (node->kind) {
    case WF_N_INT: return wf_type_plain(WF_T_INT, false);
    case WF_N_NUMBER:
    case WF_N_PERCENT: return wf_type_plain(WF_T_NUMBER, false);
    case WF_N_STRING: return wf_type_plain(WF_T_TEXT, false);
    case WF_N_BOOL: return wf_type_plain(WF_T_BOOL, false);
    case WF_N_DATE:
    case WF_N_TODAY: return wf_type_plain(WF_T_DATE, false);
    case WF_N_TIME:
    case WF_N_NOW: return wf_type_plain(WF_T_TIME, false);
    case WF_N_CLOCK: return wf_type_plain(WF_T_CLOCK, false);
    default: break;
    }
    switch (node->op) {
    case WF_OP_UNIT_D:
    case WF_OP_UNIT_W: return wf_type_plain(WF_T_DAYS, false);
    case WF_OP_UNIT_MO:
    case WF_OP_UNIT_Y: return wf_type_plain(WF_T_MONTHS, false);
    default: return wf_type_plain(WF_T_SECONDS, false);
    }
}

static const struct wf_type_info *check_entry(struct wf_ctx *ctx, struct wf_node *node)
{
    if (ctx->entry)
        return wf_type_plain(WF_T_TIME, false);
    struct wf_diag *diag =
        wf_diag(ctx->s->diags, WF_E0309, node->span, "%s",
                ctx->no_entry ? wf_word(ctx->no_entry)
                              : wf_word("`since entry` has a meaning only inside a journey, "
                                        "after somebody entered it"));
    wf_diag_note(ctx->s->diags, diag, "name a date instead: since 2026-01-01, since joined");
    return &wf_type_none;
}

static const struct wf_type_info *check_not(struct wf_ctx *ctx, struct wf_node *node)
{
    const struct wf_type_info *type = wf_check_condition(ctx, node->kid[WF_K_NOT_VALUE]);
    return wf_type_bad(type) ? &wf_type_none : type;
}

static const struct wf_type_info *check_neg(struct wf_ctx *ctx, struct wf_node *node,
                                            const struct wf_type_info *wanted)
{
    struct wf_node *value = node->kid[WF_K_NEG_VALUE];
    const struct wf_type_info *type = wf_check_value(ctx, value, wanted);
    if (wf_type_bad(type) || wf_type_numeric(type) || wf_type_duration(type))
        return wf_type_bad(type) ? &wf_type_none : type;
    wf_diag(ctx->s->diags, WF_E0301, value->span, "a minus sign stands before numbers; `%s` is %s",
            wf_words(ctx->s, value), wf_type_text(type));
    return &wf_type_none;
}

static const struct wf_type_info *check_is(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *value = node->kid[WF_K_IS_VALUE];
    const struct wf_type_info *type = wf_check_expr(ctx, value, NULL);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (type->sort == WF_SORT_VALUE)
        return wf_type_plain(WF_T_BOOL, false);
    struct wf_diag *diag = wf_diag(ctx->s->diags, WF_E0307, value->span,
                                   "only a value can be missing or present; `%s` is %s",
                                   wf_words(ctx->s, value), wf_type_text(type));
    if (type->sort == WF_SORT_EVENTS)
        wf_diag_note(ctx->s->diags, diag, "say `any %s` or `no %s`", wf_words(ctx->s, value),
                     wf_words(ctx->s, value));
    return &wf_type_none;
}

static const struct wf_type_info *check_percent_of(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *value = node->kid[WF_K_PERCENT_OF_VALUE];
    const struct wf_type_info *type = wf_check_value(ctx, value, NULL);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (!wf_type_numeric(type)) {
        wf_diag(ctx->s->diags, WF_E0301, value->span,
                "a percentage is of a number or an amount; `%s` is %s", wf_words(ctx->s, value),
                wf_type_text(type));
        return &wf_type_none;
    }
    node->kid[WF_K_PERCENT_OF_PERCENT]->type = wf_type_plain(WF_T_NUMBER, false);
    enum wf_type base = wf_type_is(type, WF_T_MONEY) ? WF_T_MONEY : WF_T_NUMBER;
    return wf_type_plain(base, type->optional);
}

static const struct wf_type_info *check_tagged(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *tag = node->kid[WF_K_TAGGED_TAG];
    const struct wf_str *tags = wf_sema_name(s, "tags");
    tag->type = wf_type_plain(WF_T_TEXT, false);
    struct wf_field *field = wf_record_field(ctx->row, tags);
    if (!field)
        field = wf_record_field(s->checked->member, tags);
    if (!field || !wf_sees(ctx->module, field->sym)) {
        if (wf_blind(ctx->module))
            return &wf_type_none;
        struct wf_diag *diag = wf_diag(s->diags, WF_E0201, node->span,
                                       "`tagged` looks into the member's field `tags`, which is "
                                       "not declared");
        wf_diag_note(s->diags, diag, "declare it: member { tags set }, or import std.retail");
        return &wf_type_none;
    }
    if (wf_type_bad(field->type))
        return &wf_type_none;
    if (!wf_type_is(field->type, WF_T_SET)) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0301, node->span,
                                       "`tagged` looks into a set, but the field `tags` is %s",
                                       wf_type_text(field->type));
        if (field->decl)
            wf_diag_label(s->diags, diag, field->decl->span, "declared here");
        return &wf_type_none;
    }
    node->sym = field->sym;
    field->sym->used = true;
    node->form = field->sym->kind == WF_SYM_EVENT_FIELD ? WF_FORM_ROW_FIELD : WF_FORM_NONE;
    return wf_type_plain(WF_T_BOOL, false);
}

/* MISSING and LIST have a meaning only where their parents look at them themselves. */
static const struct wf_type_info *misplaced(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    if (node->kind == WF_N_MISSING) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0307, node->span, "`missing` is not a value");
        wf_diag_note(s->diags, diag, "ask `x is missing` or `x is present`");
    } else if (node->kind == WF_N_LIST) {
        wf_diag(s->diags, WF_E0307, node->span, "a list stands only behind `in`");
    } else if (node->kind == WF_N_OVER) {
        wf_diag(s->diags, WF_E0307, node->span,
                "figures over all members stand only in a `metric`");
    }
    return &wf_type_none;
}

static const struct wf_type_info *check_kind(struct wf_ctx *ctx, struct wf_node *node,
                                             const struct wf_type_info *wanted)
{
    switch (node->kind) {
    case WF_N_INT:
    case WF_N_NUMBER:
    case WF_N_PERCENT:
    case WF_N_STRING:
    case WF_N_BOOL:
    case WF_N_DATE:
    case WF_N_TIME:
    case WF_N_CLOCK:
    case WF_N_DURATION:
    case WF_N_NOW:
    case WF_N_TODAY: return check_literal(node);
    case WF_N_ENTRY: return check_entry(ctx, node);
    case WF_N_NAME: return wf_check_name(ctx, node, wanted);
    case WF_N_FIELD: return wf_check_field(ctx, node);
    case WF_N_NEG: return check_neg(ctx, node, wanted);
    case WF_N_NOT: return check_not(ctx, node);
    case WF_N_BINARY: return wf_check_binary(ctx, node, wanted);
    case WF_N_IS: return check_is(ctx, node);
    case WF_N_IN: return wf_check_in(ctx, node);
    case WF_N_BETWEEN: return wf_check_between(ctx, node);
    case WF_N_TAGGED: return check_tagged(ctx, node);
    case WF_N_PERCENT_OF: return check_percent_of(ctx, node);
    case WF_N_FILTER:
    case WF_N_BY:
    case WF_N_WINDOWED: return wf_check_windowed(ctx, node);
    case WF_N_FOLLOWED: return wf_check_followed(ctx, node);
    case WF_N_AGG: return wf_check_agg(ctx, node);
    case WF_N_DAYS_SINCE: return wf_check_days_since(ctx, node);
    case WF_N_TOP:
    case WF_N_QUANTILE: return wf_check_population(ctx, node);
    case WF_N_ANNIVERSARY:
    case WF_N_CROSSING:
    case WF_N_EVERY: return wf_check_moment(ctx, node);
    case WF_N_OVER:
        if (ctx->figures)
            return wf_check_figure(ctx, node);
        return misplaced(ctx, node);
    case WF_N_MISSING:
    case WF_N_LIST: return misplaced(ctx, node);
    default: return &wf_type_none;
    }
}

const struct wf_type_info *wf_check_expr(struct wf_ctx *ctx, struct wf_node *node,
                                         const struct wf_type_info *wanted)
{
    struct wf_sema *s = ctx->s;
    if (!node || s->nomem)
        return &wf_type_none;
    if (node->type)
        return node->type; /* an atom that two parents look at is judged once */
    if (s->depth >= WF_MAX_DEPTH) {
        wf_diag(s->diags, WF_E0108, node->span,
                "this expression, with all it uses, is nested deeper than %d", WF_MAX_DEPTH);
        node->type = &wf_type_none;
        return node->type;
    }
    s->depth++;
    const struct wf_type_info *type = check_kind(ctx, node, wanted);
    s->depth--;
    node->type = type ? type : &wf_type_none;
    return node->type;
}

const struct wf_type_info *wf_check_value(struct wf_ctx *ctx, struct wf_node *node,
                                          const struct wf_type_info *wanted)
{
    struct wf_sema *s = ctx->s;
    const struct wf_type_info *type = wf_check_expr(ctx, node, wanted);
    if (wf_type_bad(type) || type->sort == WF_SORT_VALUE)
        return wf_type_bad(type) ? &wf_type_none : type;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0307, node->span, "a value is needed here, but `%s` is %s",
                wf_words(s, node), wf_type_text(type));
    if (type->sort == WF_SORT_EVENTS)
        wf_diag_note(s->diags, diag, "say what you want to know of them: count %s, last %s, any %s",
                     wf_words(s, node), wf_words(s, node), wf_words(s, node));
    else if (type->sort == WF_SORT_EVENT_VALUES)
        wf_diag_note(s->diags, diag, "say which: sum %s, last %s, max %s ...", wf_words(s, node),
                     wf_words(s, node), wf_words(s, node));
    else if (type->sort == WF_SORT_MOMENT)
        wf_diag_note(s->diags, diag, "a moment comes first behind `when`");
    return &wf_type_none;
}

static void report_events(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0302, node->span, "`%s` names events, but a condition is needed here",
                wf_words(s, node));
    const struct wf_record *event = node->type->event->record;
    if (node->kind == WF_N_NAME && event->word) {
        const char *word = wf_name_like(s, ctx->module, node->span, event->word);
        wf_diag_edit(s->diags, diag, node->span, "%s", word);
        wf_diag_fix(s->diags, diag, "write `%s`: true when there was one", word);
    } else {
        struct wf_span front = {node->span.file, node->span.start, node->span.start};
        wf_diag_edit(s->diags, diag, front, "any ");
        wf_diag_fix(s->diags, diag, "write `any %s`: true when there was one", wf_words(s, node));
    }
}

const struct wf_type_info *wf_check_condition(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    const struct wf_type_info *type = wf_check_expr(ctx, node, NULL);
    if (wf_type_bad(type) || wf_type_is(type, WF_T_BOOL))
        return wf_type_bad(type) ? &wf_type_none : type;
    if (type->sort == WF_SORT_EVENTS && type->event->record->sent) {
        node->form = WF_FORM_ANY; /* `sent` is its own word: there was one */
        return node->type = wf_type_plain(WF_T_BOOL, false);
    }
    if (type->sort == WF_SORT_EVENTS) {
        report_events(ctx, node);
    } else if (type->sort == WF_SORT_MOMENT || wf_type_is(type, WF_T_DATE) ||
               wf_type_is(type, WF_T_TIME)) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0308, node->span,
                    "`%s` is a moment, but a condition is needed here", wf_words(s, node));
        bool end = node->kind == WF_N_AGG && node->kid[0]->kind == WF_N_WINDOWED;
        if (end)
            wf_diag_note(s->diags, diag, "if it matters whether there was one, write `any %s`",
                         wf_words(s, node->kid[0]));
        else
            wf_diag_note(s->diags, diag,
                         "a moment comes first behind `when`, everything joined to "
                         "it by `and` is a condition");
    } else {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0302, node->span, "a condition is needed here, but `%s` is %s",
                    wf_words(s, node), wf_type_text(type));
        if (wf_type_is(type, WF_T_ENUM) && type->enums && type->enums->n)
            wf_diag_note(s->diags, diag, "compare it: %s = %s", wf_words(s, node),
                         type->enums->names[0]->text);
        else if (type->sort == WF_SORT_VALUE)
            wf_diag_note(s->diags, diag, "compare it with something: `%s >= ...`, `%s is present`",
                         wf_words(s, node), wf_words(s, node));
    }
    return &wf_type_none;
}
