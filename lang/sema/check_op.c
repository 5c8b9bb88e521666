/*
 * check_op.c - arithmetic, literals that become what they meet, and the words for a mismatch.
 */
#include <stdlib.h>

#include "lang/base/words.h"
#include "lang/sema/check.h"

static const struct wf_node *behind_let(const struct wf_node *node)
{
    if (node->kind == WF_N_NAME && node->sym && node->sym->kind == WF_SYM_LET && node->sym->node)
        return node->sym->node->kid[WF_K_LET_VALUE];
    return node;
}

bool wf_is_number_literal(const struct wf_node *node)
{
    node = behind_let(node);
    if (node->kind == WF_N_NEG)
        node = node->kid[WF_K_NEG_VALUE];
    return node->kind == WF_N_INT || node->kind == WF_N_NUMBER;
}

static bool fits_money(const struct wf_node *node)
{
    if (node->kind == WF_N_INT)
        return node->num <= INT64_MAX / 100 && node->num >= INT64_MIN / 100;
    return (node->flags & WF_F_CENTS) != 0;
}

/* Retypes a literal, and the one behind a minus sign. */
static void retype(struct wf_node *node, const struct wf_type_info *type)
{
    node->type = type;
    if (node->kind == WF_N_NEG)
        node->kid[WF_K_NEG_VALUE]->type = type;
}

bool wf_adapt_literal(struct wf_ctx *ctx, struct wf_node *node, const struct wf_type_info *type)
{
    if (!wf_is_number_literal(node) || !wf_type_numeric(type))
        return false;
    const struct wf_node *literal = behind_let(node);
    if (literal->kind == WF_N_NEG)
        literal = literal->kid[WF_K_NEG_VALUE];
    if (wf_type_is(type, WF_T_MONEY) && !fits_money(literal)) {
        wf_diag(ctx->s->diags, WF_E0311, node->span,
                "an amount of money has at most two decimals and fits in hundredths; `%s` does not",
                wf_words(ctx->s, node));
        retype(node, &wf_type_none);
        return true; /* said; no mismatch on top of it */
    }
    if (wf_type_is(type, WF_T_INT) && literal->kind == WF_N_NUMBER)
        return false;
    retype(node, wf_type_plain((enum wf_type)type->base, false));
    return true;
}

/* `20.00`: written as an amount. */
static bool spelled_as_money(const struct wf_node *node)
{
    const struct wf_str *text = node->text;
    return node->kind == WF_N_NUMBER && (node->flags & WF_F_CENTS) && text && text->len > 3 &&
           text->text[text->len - 3] == '.';
}

static bool plain_number(const struct wf_node *node)
{
    return wf_type_is(node->type, WF_T_INT) || wf_type_is(node->type, WF_T_NUMBER);
}

/* `200.00 * count visit` where money is wanted: the factor is the amount. */
static bool can_be_money(const struct wf_node *node)
{
    if (spelled_as_money(node))
        return true;
    if (node->kind != WF_N_BINARY || !plain_number(node))
        return false;
    const struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    if (node->op == WF_OP_MUL)
        return (can_be_money(a) && plain_number(b)) || (can_be_money(b) && plain_number(a));
    return node->op == WF_OP_DIV && can_be_money(a) && plain_number(b);
}

static void make_money(struct wf_node *node)
{
    node->type = wf_type_plain(WF_T_MONEY, node->type->optional);
    if (node->kind == WF_N_BINARY)
        make_money(node->kid[can_be_money(node->kid[0]) ? 0 : 1]);
}

static bool same_enums(const struct wf_enum *a, const struct wf_enum *b)
{
    if (!a || !b || a->classify != b->classify || a->n != b->n || a->ordered != b->ordered)
        return false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->names[i] != b->names[i])
            return false;
    }
    return true;
}

bool wf_unify(struct wf_ctx *ctx, struct wf_node *a, struct wf_node *b)
{
    const struct wf_type_info *x = a->type, *y = b->type;
    if (wf_type_is(x, WF_T_ENUM) && wf_type_is(y, WF_T_ENUM))
        return same_enums(x->enums, y->enums);
    if (wf_type_same(x, y))
        return true;
    if (wf_is_number_literal(b) && wf_adapt_literal(ctx, b, x))
        return true;
    if (wf_is_number_literal(a) && wf_adapt_literal(ctx, a, y))
        return true;
    struct wf_node *amount = wf_type_is(x, WF_T_MONEY) ? b : wf_type_is(y, WF_T_MONEY) ? a : NULL;
    if (amount && can_be_money(amount)) {
        make_money(amount);
        return true;
    }
    return (wf_type_is(x, WF_T_INT) && wf_type_is(y, WF_T_NUMBER)) ||
           (wf_type_is(x, WF_T_NUMBER) && wf_type_is(y, WF_T_INT));
}

static bool bare_int(const struct wf_node *node)
{
    return node->kind == WF_N_INT;
}

/* `90` where `90d` was meant, or `90d` where a number of days is a plain number. */
static bool report_unit(struct wf_ctx *ctx, struct wf_node *number, struct wf_node *other)
{
    struct wf_sema *s = ctx->s;
    if (!bare_int(number))
        return false;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0113, number->span,
                "%s of what? a duration has its unit: d w mo y, or h min s", wf_words(s, number));
    wf_diag_label(s->diags, diag, other->span, "%s", wf_type_text(other->type));
    wf_diag_days(s->diags, diag, number->span, wf_words(s, number));
    return true;
}

static bool report_surplus_unit(struct wf_ctx *ctx, struct wf_node *duration, struct wf_node *other)
{
    struct wf_sema *s = ctx->s;
    if (duration->kind != WF_N_DURATION || duration->op != WF_OP_UNIT_D ||
        other->kind != WF_N_DAYS_SINCE)
        return false;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, duration->span,
                                   "`%s` is a duration, but `%s` is a plain number",
                                   wf_words(s, duration), wf_words(s, other));
    wf_diag_label(s->diags, diag, other->span, "%s", wf_type_text(other->type));
    wf_diag_edit(s->diags, diag, duration->span, "%lld", (long long)duration->num);
    wf_diag_fix(s->diags, diag, "write `%lld`", (long long)duration->num);
    return true;
}

static bool report_midnight(struct wf_ctx *ctx, struct wf_node *date, struct wf_node *time)
{
    struct wf_sema *s = ctx->s;
    if (date->kind != WF_N_DATE || !wf_type_is(time->type, WF_T_TIME))
        return false;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0301, date->span, "`%s` is a whole day, but `%s` is a point in time",
                wf_words(s, date), wf_words(s, time));
    struct wf_span behind = {date->span.file, date->span.end, date->span.end};
    wf_diag_label(s->diags, diag, time->span, "%s", wf_type_text(time->type));
    wf_diag_edit(s->diags, diag, behind, "T00:00");
    wf_diag_fix(s->diags, diag, "write `%sT00:00`: the beginning of that day", wf_words(s, date));
    return true;
}

static bool report_quoted_value(struct wf_ctx *ctx, struct wf_node *string, struct wf_node *value)
{
    struct wf_sema *s = ctx->s;
    if (string->kind != WF_N_STRING || !wf_type_is(value->type, WF_T_ENUM))
        return false;
    const struct wf_enum *enums = value->type->enums;
    struct wf_diag *diag = NULL;
    for (uint32_t i = 0; enums && i < enums->n; i++) {
        if (enums->names[i] != string->name)
            continue;
        diag =
            wf_diag(s->diags, WF_E0301, string->span,
                    "`%s` is one of a list of words, written without quotes", wf_words(s, value));
        wf_diag_edit(s->diags, diag, string->span, "%s", string->name->text);
        wf_diag_fix(s->diags, diag, "write `%s`", string->name->text);
        return true;
    }
    if (enums)
        diag = wf_diag(s->diags, WF_E0207, string->span, "%s is not one of %s", wf_words(s, string),
                       wf_enum_words(s, enums));
    wf_diag_label(s->diags, diag, value->span, "takes one of these words, without quotes");
    return true;
}

static bool report_reference(struct wf_ctx *ctx, struct wf_node *text, struct wf_node *ref)
{
    struct wf_sema *s = ctx->s;
    if (!wf_type_is(ref->type, WF_T_REF) || !ref->type->ref->record->key)
        return false;
    const struct wf_field *key = ref->type->ref->record->key;
    if (key->type->base != text->type->base)
        return false;
    struct wf_span behind = {ref->span.file, ref->span.end, ref->span.end};
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, ref->span, "`%s` is %s, not a text",
                                   wf_words(s, ref), wf_type_text(ref->type));
    wf_diag_label(s->diags, diag, text->span, "%s", wf_type_text(text->type));
    wf_diag_edit(s->diags, diag, behind, ".%s", key->name->text);
    wf_diag_fix(s->diags, diag, "write `%s.%s`: its key", wf_words(s, ref), key->name->text);
    return true;
}

static bool report_mixed_durations(struct wf_ctx *ctx, struct wf_span span, struct wf_node *a,
                                   struct wf_node *b)
{
    struct wf_sema *s = ctx->s;
    if (!wf_type_duration(a->type) || !wf_type_duration(b->type))
        return false;
    bool exact = wf_type_is(a->type, WF_T_SECONDS) || wf_type_is(b->type, WF_T_SECONDS);
    struct wf_diag *diag = wf_diag(
        s->diags, WF_E0304, span, "`%s` and `%s` do not mix: %s", wf_words(s, a), wf_words(s, b),
        exact ? wf_word("one moves along the calendar, the other counts exact hours")
              : wf_word("a month has no fixed number of days"));
    wf_diag_label(s->diags, diag, a->span, "%s", wf_type_text(a->type));
    wf_diag_label(s->diags, diag, b->span, "%s", wf_type_text(b->type));
    wf_diag_note(s->diags, diag,
                 "use one kind for both, such as days; to move a date by both, add "
                 "one after the other: joined + 1mo + 3d");
    return true;
}

static bool report_one_way(struct wf_ctx *ctx, struct wf_node *a, struct wf_node *b)
{
    return (wf_type_duration(b->type) && report_unit(ctx, a, b)) ||
           report_surplus_unit(ctx, b, a) || report_midnight(ctx, a, b) ||
           report_quoted_value(ctx, a, b) || report_reference(ctx, a, b);
}

/* A code of digits, such as a store's, is a text. */
static bool quote_literal(struct wf_ctx *ctx, struct wf_diag *diag, const struct wf_node *text,
                          const struct wf_node *number)
{
    if (!wf_type_is(text->type, WF_T_TEXT) || number->kind != WF_N_INT)
        return false;
    wf_diag_edit(ctx->s->diags, diag, number->span, "\"%s\"", wf_words(ctx->s, number));
    wf_diag_fix(ctx->s->diags, diag, "write `\"%s\"`", wf_words(ctx->s, number));
    return true;
}

static void note_literal(struct wf_ctx *ctx, struct wf_diag *diag, const struct wf_node *a,
                         const struct wf_node *b)
{
    struct wf_sema *s = ctx->s;
    if (quote_literal(ctx, diag, a, b) || quote_literal(ctx, diag, b, a))
        return;
    bool day = wf_type_is(a->type, WF_T_DATE) || wf_type_is(b->type, WF_T_DATE);
    bool point = wf_type_is(a->type, WF_T_TIME) || wf_type_is(b->type, WF_T_TIME);
    bool money = wf_type_is(a->type, WF_T_MONEY) || wf_type_is(b->type, WF_T_MONEY);
    if ((day || point) && (a->kind == WF_N_INT || b->kind == WF_N_INT))
        wf_diag_note(s->diags, diag, "a date is written 2026-11-22");
    else if (day && point)
        wf_diag_note(s->diags, diag, "`days since ...` of both can be compared");
    else if (money && wf_type_numeric(a->type) && wf_type_numeric(b->type))
        wf_diag_note(s->diags, diag,
                     "only a number written out, such as 300 or 20.00, becomes "
                     "money by itself");
}

void wf_report_mismatch(struct wf_ctx *ctx, struct wf_span span, struct wf_node *a,
                        struct wf_node *b, const char *what)
{
    struct wf_sema *s = ctx->s;
    if (report_mixed_durations(ctx, span, a, b) || report_one_way(ctx, a, b) ||
        report_one_way(ctx, b, a))
        return;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, span, what, wf_words(s, a), wf_words(s, b),
                                   wf_type_text(a->type), wf_type_text(b->type));
    wf_diag_label(s->diags, diag, a->span, "%s", wf_type_text(a->type));
    wf_diag_label(s->diags, diag, b->span, "%s", wf_type_text(b->type));
    note_literal(ctx, diag, a, b);
}

bool wf_check_against(struct wf_ctx *ctx, struct wf_node *node, const struct wf_type_info *type,
                      struct wf_span because, const char *why)
{
    struct wf_sema *s = ctx->s;
    const struct wf_type_info *got = wf_check_value(ctx, node, type);
    if (wf_type_bad(got) || wf_type_bad(type))
        return false;
    struct wf_node target = {.kind = WF_N_ERROR, .span = because, .type = type};
    if (wf_unify(ctx, node, &target)) {
        /* int and number meet in comparisons, but an int field holds no fractions */
        if (!wf_type_is(type, WF_T_INT) || wf_type_is(node->type, WF_T_INT))
            return !wf_type_bad(node->type);
    }
    if (report_quoted_value(ctx, node, &target))
        return false;
    if (wf_type_duration(type) && report_unit(ctx, node, &target))
        return false;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, node->span, "`%s` is %s, but %s is needed",
                                   wf_words(s, node), wf_type_text(node->type), wf_type_text(type));
    wf_diag_label(s->diags, diag, because, why, wf_type_text(type));
    return false;
}

/* ---- + - * / ---- */

/* `count purchase since today - 30d`: a window takes one word, or parentheses. */
static bool report_since(struct wf_ctx *ctx, struct wf_node *a, struct wf_node *b)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *window = a->kind == WF_N_AGG ? a->kid[WF_K_AGG_SET] : a;
    if (window->kind != WF_N_WINDOWED || window->op != WF_OP_SINCE || !wf_type_duration(b->type))
        return false;
    struct wf_node *point = window->kid[WF_K_WINDOWED_A];
    struct wf_span front = {point->span.file, point->span.start, point->span.start};
    struct wf_span behind = {b->span.file, b->span.end, b->span.end};
    struct wf_span whole = wf_span_join(point->span, b->span);
    struct wf_diag *diag = wf_diag(s->diags, WF_E0301, whole,
                                   "behind `since` stands one date; a calculated one needs "
                                   "parentheses");
    wf_diag_edit(s->diags, diag, front, "(");
    wf_diag_edit(s->diags, diag, behind, ")");
    struct wf_node words = {.span = whole};
    wf_diag_fix(s->diags, diag, "write `since (%s)`", wf_words(s, &words));
    return true;
}

static const struct wf_type_info *report_arithmetic(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    if ((node->op == WF_OP_ADD || node->op == WF_OP_SUB) && report_since(ctx, a, b))
        return &wf_type_none;
    const char *what = node->op == WF_OP_ADD   ? N_("cannot add `%s` and `%s`: %s and %s")
                       : node->op == WF_OP_SUB ? N_("cannot subtract `%s` and `%s`: %s and %s")
                       : node->op == WF_OP_MUL ? N_("cannot multiply `%s` and `%s`: %s and %s")
                                               : N_("cannot divide `%s` and `%s`: %s and %s");
    wf_report_mismatch(ctx, node->span, a, b, what);
    return &wf_type_none;
}

static const struct wf_type_info *numeric_result(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    bool optional = a->type->optional || b->type->optional;
    bool product = node->op == WF_OP_MUL || node->op == WF_OP_DIV;
    bool money_a = wf_type_is(a->type, WF_T_MONEY), money_b = wf_type_is(b->type, WF_T_MONEY);
    if (!product && !wf_unify(ctx, a, b))
        return report_arithmetic(ctx, node);
    if (wf_type_bad(a->type) || wf_type_bad(b->type))
        return &wf_type_none;
    bool money = product ? money_a || money_b : wf_type_is(a->type, WF_T_MONEY);
    bool number = wf_type_is(a->type, WF_T_NUMBER) || wf_type_is(b->type, WF_T_NUMBER);
    if (node->op == WF_OP_MUL && money_a && money_b)
        return report_arithmetic(ctx, node);
    if (node->op == WF_OP_DIV) {
        if (money_b && !money_a)
            return report_arithmetic(ctx, node);
        bool safe =
            wf_is_number_literal(b) && b->kind != WF_N_NAME && (b->num != 0 || b->real != 0);
        return wf_type_plain(money_a && !money_b ? WF_T_MONEY : WF_T_NUMBER, optional || !safe);
    }
    return wf_type_plain(money ? WF_T_MONEY : number ? WF_T_NUMBER : WF_T_INT, optional);
}

/* A date has no hour that hours could count from. */
static const struct wf_type_info *report_hours(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    struct wf_diag *diag = wf_diag(s->diags, WF_E0304, node->span,
                                   "`%s` is a date, which has no hour to count `%s` from",
                                   wf_words(s, a), wf_words(s, b));
    wf_diag_label(s->diags, diag, b->span, "%s", wf_type_text(b->type));
    wf_diag_note(s->diags, diag,
                 "move a date by days, weeks, months or years (d w mo y); an action "
                 "leaves at an hour with `at 10:00`");
    return &wf_type_none;
}

static const struct wf_type_info *report_swapped(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0301, node->span, "the date comes first, then what moves it");
    wf_diag_label(s->diags, diag, a->span, "%s", wf_type_text(a->type));
    wf_diag_label(s->diags, diag, b->span, "%s", wf_type_text(b->type));
    wf_diag_fix(s->diags, diag, "write `%s + %s`", wf_words(s, b), wf_words(s, a));
    wf_diag_edit(s->diags, diag, node->span, "%s + %s", wf_words(s, b), wf_words(s, a));
    return &wf_type_none;
}

static const struct wf_type_info *moved(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    const struct wf_type_info *x = a->type, *y = b->type;
    bool optional = x->optional || y->optional;
    bool date = wf_type_is(x, WF_T_DATE), time = wf_type_is(x, WF_T_TIME);
    if (node->op == WF_OP_SUB && wf_type_same(x, y) && (date || time))
        return wf_type_plain(date ? WF_T_DAYS : WF_T_SECONDS, optional);
    if (node->op == WF_OP_ADD && wf_type_duration(x) &&
        (wf_type_is(y, WF_T_DATE) || wf_type_is(y, WF_T_TIME)))
        return report_swapped(ctx, node);
    if (date && wf_type_is(y, WF_T_SECONDS))
        return report_hours(ctx, node);
    if ((date || time) && wf_type_duration(y))
        return wf_type_plain((enum wf_type)x->base, optional);
    if ((date || time) && report_unit(ctx, b, a))
        return &wf_type_none;
    if (wf_type_duration(x) && wf_type_same(x, y))
        return wf_type_plain((enum wf_type)x->base, optional);
    return report_arithmetic(ctx, node);
}

static bool additive(const struct wf_node *node)
{
    return node->op == WF_OP_ADD || node->op == WF_OP_SUB;
}

/* A figure and a figure, or a literal: amounts are not added to numbers nor multiplied by amounts.
 */
static const struct wf_type_info *figure_result(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    bool money_a = a->type->base == WF_T_MONEY, money_b = b->type->base == WF_T_MONEY;
    if (additive(node) && money_a != money_b) {
        const struct wf_type_info *money = wf_type_plain(WF_T_MONEY, false);
        if (!wf_adapt_literal(ctx, money_a ? b : a, money))
            return report_arithmetic(ctx, node);
        return wf_type_bad((money_a ? b : a)->type) ? &wf_type_none : wf_type_figure(WF_T_MONEY);
    }
    if ((node->op == WF_OP_MUL && money_a && money_b) ||
        (node->op == WF_OP_DIV && money_b && !money_a))
        return report_arithmetic(ctx, node);
    if (node->op == WF_OP_DIV)
        return wf_type_figure(money_a && !money_b ? WF_T_MONEY : WF_T_NUMBER);
    bool whole = a->type->base == WF_T_INT && b->type->base == WF_T_INT;
    return wf_type_figure(money_a || money_b ? WF_T_MONEY : whole ? WF_T_INT : WF_T_NUMBER);
}

static const struct wf_type_info *arithmetic(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    const struct wf_type_info *x = wf_check_expr(ctx, a, NULL);
    bool moment = x->sort == WF_SORT_MOMENT || x->sort == WF_SORT_EVENTS;
    if (!wf_type_bad(x) && !(moment && additive(node)) && x->sort != WF_SORT_FIGURE)
        x = wf_check_value(ctx, a, NULL);
    const struct wf_type_info *y = wf_check_expr(ctx, b, NULL);
    if (!wf_type_bad(y) && y->sort != WF_SORT_FIGURE)
        y = wf_check_value(ctx, b, NULL);
    if (wf_type_bad(x) || wf_type_bad(y))
        return &wf_type_none;
    if (x->sort == WF_SORT_FIGURE || y->sort == WF_SORT_FIGURE)
        return figure_result(ctx, node);
    if (moment) {
        if (wf_type_duration(y))
            return wf_type_sort(WF_SORT_MOMENT);
        if (!report_unit(ctx, b, a))
            return report_arithmetic(ctx, node);
        return &wf_type_none;
    }
    if (wf_type_numeric(x) && wf_type_numeric(y))
        return numeric_result(ctx, node);
    if (node->op == WF_OP_MUL && wf_type_duration(x) && wf_type_is(y, WF_T_INT))
        return wf_type_plain((enum wf_type)x->base, x->optional || y->optional);
    if (node->op == WF_OP_MUL && wf_type_is(x, WF_T_INT) && wf_type_duration(y))
        return wf_type_plain((enum wf_type)y->base, x->optional || y->optional);
    return additive(node) ? moved(ctx, node) : report_arithmetic(ctx, node);
}

static const struct wf_type_info *or_else(struct wf_ctx *ctx, struct wf_node *node,
                                          const struct wf_type_info *wanted)
{
    struct wf_node *a = node->kid[WF_K_BINARY_LEFT], *b = node->kid[WF_K_BINARY_RIGHT];
    const struct wf_type_info *x = wf_check_value(ctx, a, wanted);
    if (wf_type_bad(x))
        return &wf_type_none;
    const struct wf_type_info *y = wf_check_value(ctx, b, x);
    if (wf_type_bad(y))
        return &wf_type_none;
    if (!wf_unify(ctx, a, b)) {
        wf_report_mismatch(
            ctx, node->span, a, b,
            N_("both sides of `or else` are of one kind; here `%s` and `%s`: %s and %s"));
        return &wf_type_none;
    }
    if (wf_type_bad(b->type))
        return &wf_type_none;
    bool number = wf_type_is(b->type, WF_T_NUMBER);
    return wf_type_optional(ctx->s, number ? b->type : a->type, b->type->optional);
}

static const struct wf_type_info *logic(struct wf_ctx *ctx, struct wf_node *node)
{
    const struct wf_type_info *x = wf_check_condition(ctx, node->kid[WF_K_BINARY_LEFT]);
    const struct wf_type_info *y = wf_check_condition(ctx, node->kid[WF_K_BINARY_RIGHT]);
    if (wf_type_bad(x) || wf_type_bad(y))
        return &wf_type_none;
    return wf_type_plain(WF_T_BOOL, x->optional || y->optional);
}

const struct wf_type_info *wf_check_binary(struct wf_ctx *ctx, struct wf_node *node,
                                           const struct wf_type_info *wanted)
{
    switch (node->op) {
    case WF_OP_OR:
    case WF_OP_AND: return logic(ctx, node);
    case WF_OP_ADD:
    case WF_OP_SUB:
    case WF_OP_MUL:
    case WF_OP_DIV: return arithmetic(ctx, node);
    case WF_OP_OR_ELSE: return or_else(ctx, node, wanted);
    default: return wf_check_compare(ctx, node);
    }
}
