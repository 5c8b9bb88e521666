/*
 * check_rule.c - what `when` means: the moment, the guard, the options, who the rule is.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

/* ---- durations and shares ---- */

bool wf_check_duration(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    const struct wf_type_info *type = wf_check_expr(ctx, node, NULL);
    if (wf_type_bad(type))
        return false;
    if (node->kind == WF_N_DURATION && node->num > 0)
        return true;
    struct wf_diag *diag;
    if (node->kind == WF_N_DURATION) {
        wf_diag(s->diags, WF_E0311, node->span, "`%s` is no time at all", wf_words(s, node));
    } else if (node->kind == WF_N_INT) {
        diag =
            wf_diag(s->diags, WF_E0113, node->span,
                    "%s of what? a duration has its unit: d w mo y, or h min s", wf_words(s, node));
        wf_diag_days(s->diags, diag, node->span, wf_words(s, node));
    } else {
        diag = wf_diag(s->diags, WF_E0312, node->span,
                       "a duration is written out here, such as 30d or 12h; `%s` is %s",
                       wf_words(s, node), wf_type_text(type));
        if (wf_type_is(type, WF_T_DATE) || wf_type_is(type, WF_T_TIME))
            wf_diag_note(s->diags, diag, "from a date on, write `since %s`", wf_words(s, node));
    }
    return false;
}

bool wf_check_percent(struct wf_sema *s, const struct wf_node *node)
{
    if (node->kind != WF_N_PERCENT || (node->num >= 0 && node->num <= 1000000))
        return node->kind == WF_N_PERCENT;
    wf_diag(s->diags, WF_E0311, node->span, "a share goes from 0%% to 100%%; `%s` does not",
            wf_words(s, node));
    return false;
}

/* ---- moments ---- */

static const struct wf_type_info *anniversary(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *of = node->kid[WF_K_ANNIVERSARY_OF];
    const struct wf_type_info *type = wf_check_value(ctx, of, NULL);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (wf_type_is(type, WF_T_DATE))
        return wf_type_sort(WF_SORT_MOMENT);
    wf_diag(s->diags, WF_E0301, of->span, "an anniversary is of a date; `%s` is %s",
            wf_words(s, of), wf_type_text(type));
    return &wf_type_none;
}

static const struct wf_type_info *class_move(struct wf_ctx *ctx, struct wf_node *node,
                                             const struct wf_type_info *classes)
{
    struct wf_node *ends[] = {node->kid[WF_K_CROSSING_TO], node->kid[WF_K_CROSSING_FROM]};
    bool good = true;
    for (int i = 0; i < 2; i++) {
        if (ends[i] && wf_type_bad(wf_check_value(ctx, ends[i], classes)))
            good = false;
        else if (ends[i] && ends[i]->form != WF_FORM_ENUM_VALUE) {
            wf_diag(ctx->s->diags, WF_E0207, ends[i]->span, "`%s` is not one of %s",
                    wf_words(ctx->s, ends[i]), wf_enum_words(ctx->s, classes->enums));
            good = false;
        }
    }
    node->form = WF_FORM_CLASS_MOVE;
    return good ? wf_type_sort(WF_SORT_MOMENT) : &wf_type_none;
}

static const struct wf_type_info *segment_move(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *to = node->kid[WF_K_CROSSING_TO], *from = node->kid[WF_K_CROSSING_FROM];
    const struct wf_type_info *type = wf_check_condition(ctx, to);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (!to->sym || to->sym->kind != WF_SYM_SEGMENT) {
        struct wf_diag *diag = wf_diag(
            s->diags, WF_E0203, to->span, "a member %s a segment; `%s` is %s",
            wf_op_text((enum wf_op)node->op), wf_words(s, to),
            to->sym ? wf_symbol_kind_text((enum wf_symbol_kind)to->sym->kind) : wf_type_text(type));
        wf_diag_note(s->diags, diag, "name the condition first: segment NAME is ...");
        return &wf_type_none;
    }
    if (from)
        wf_diag(s->diags, WF_E0203, from->span,
                "`from` names the class that was left; a segment has none");
    node->form = WF_FORM_SEGMENT_MOVE;
    return from ? &wf_type_none : wf_type_sort(WF_SORT_MOMENT);
}

static const struct wf_type_info *crossing(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *subject = node->kid[WF_K_CROSSING_SUBJECT];
    const struct wf_type_info *type = wf_check_expr(ctx, subject, NULL);
    if (wf_type_bad(type))
        return &wf_type_none;
    if (type->sort == WF_SORT_MEMBER)
        return segment_move(ctx, node);
    if (wf_type_is(type, WF_T_ENUM) && type->enums && type->enums->classify)
        return class_move(ctx, node, type);
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0203, subject->span, "`%s` does not become anything: it is %s",
                wf_words(s, subject), wf_type_text(type));
    wf_diag_note(s->diags, diag,
                 "write `member becomes SEGMENT`, or a classify and its class: "
                 "`value becomes super`");
    return &wf_type_none;
}

static const struct wf_type_info *every(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *length = node->kid[WF_K_EVERY_EVERY];
    if (node->op == WF_OP_MONTH_DAY && (node->num < 1 || node->num > 31)) {
        wf_diag(s->diags, WF_E0311, node->span, "a month has days 1 to 31, not %lld",
                (long long)node->num);
        return &wf_type_none;
    }
    if (node->op == WF_OP_EVERY_DAYS) {
        if (!wf_check_duration(ctx, length))
            return &wf_type_none;
        if (!wf_type_is(length->type, WF_T_DAYS)) {
            struct wf_diag *diag =
                wf_diag(s->diags, WF_E0304, length->span, "`every` counts whole days; `%s` is %s",
                        wf_words(s, length), wf_type_text(length->type));
            if (wf_type_is(length->type, WF_T_MONTHS))
                wf_diag_note(s->diags, diag, "for once a month write `every month on 1`");
            return &wf_type_none;
        }
    }
    return wf_type_sort(WF_SORT_MOMENT);
}

const struct wf_type_info *wf_check_moment(struct wf_ctx *ctx, struct wf_node *node)
{
    switch (node->kind) {
    case WF_N_ANNIVERSARY: return anniversary(ctx, node);
    case WF_N_CROSSING: return crossing(ctx, node);
    default: return every(ctx, node);
    }
}

/* ---- moment and guard ---- */

/* `sent[...] in last 30d`: noun and word are one; within a window it is the condition. */
static bool sent_within(const struct wf_node *node, const struct wf_type_info *type)
{
    if (type->sort != WF_SORT_EVENTS || !type->event->record->sent)
        return false;
    while (node->kind != WF_N_NAME && node->kind != WF_N_WINDOWED && node->kid[0])
        node = node->kid[0];
    return node->kind == WF_N_WINDOWED;
}

static bool denotes_moment(const struct wf_node *node, const struct wf_type_info *type)
{
    if (sent_within(node, type))
        return false;
    return type->sort == WF_SORT_MOMENT || type->sort == WF_SORT_EVENTS ||
           wf_type_is(type, WF_T_DATE) || wf_type_is(type, WF_T_TIME);
}

static struct wf_node *core_of(struct wf_node *node)
{
    for (;;) {
        bool let = node->kind == WF_N_NAME && node->sym && node->sym->kind == WF_SYM_LET;
        bool moved = node->kind == WF_N_BINARY && (node->op == WF_OP_ADD || node->op == WF_OP_SUB);
        if (let)
            node = node->sym->node->kid[WF_K_LET_VALUE];
        else if (moved)
            node = node->kid[WF_K_BINARY_LEFT];
        else
            return node;
    }
}

static enum wf_rule_moment kind_of(const struct wf_node *core)
{
    switch (core->kind) {
    case WF_N_ANNIVERSARY: return WF_RULE_ANNIVERSARY;
    case WF_N_CROSSING: return WF_RULE_CROSSING;
    case WF_N_EVERY: return WF_RULE_CALENDAR;
    case WF_N_AGG: return core->op == WF_OP_LAST ? WF_RULE_LAST : WF_RULE_TIME;
    default: return core->type->sort == WF_SORT_EVENTS ? WF_RULE_EVENT : WF_RULE_TIME;
    }
}

static bool is_op(const struct wf_node *node, enum wf_op op)
{
    return node->kind == WF_N_BINARY && node->op == op;
}

/* `joined+7d and a or b`: `and` binds tighter, so b would act without any moment. */
static bool moment_under_or(struct wf_ctx *ctx, struct wf_node *when)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *first = when, * or = NULL;
    while (is_op(first, WF_OP_AND) || is_op(first, WF_OP_OR)) {
        if (is_op(first, WF_OP_OR))
            or = first;
        first = first->kid[WF_K_BINARY_LEFT];
    }
    const struct wf_type_info *type = or ? wf_check_expr(ctx, first, NULL) : NULL;
    if (wf_type_bad(type) || !denotes_moment(first, type))
        return false;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0501, or->span,
                                   "the moment `%s` stands under an `or`", wf_words(s, first));
    wf_diag_label(s->diags, diag, first->span, "the moment");
    wf_diag_note(s->diags, diag,
                 "`and` binds tighter than `or`: put what belongs together in "
                 "parentheses, `%s and (... or ...)`, or write two rules",
                 wf_words(s, first));
    return true;
}

static bool split_guard(struct wf_ctx *ctx, struct wf_node *when, struct wf_rule *rule,
                        struct wf_node **first_out)
{
    uint32_t n = 0;
    struct wf_node *term = when;
    for (; is_op(term, WF_OP_AND); term = term->kid[WF_K_BINARY_LEFT])
        n++;
    *first_out = term;
    rule->guard = wf_sema_alloc(ctx->s, (n + 1) * sizeof(struct wf_node *));
    if (!rule->guard)
        return false;
    rule->n_guard = n;
    for (term = when; is_op(term, WF_OP_AND); term = term->kid[WF_K_BINARY_LEFT])
        rule->guard[--n] = term->kid[WF_K_BINARY_RIGHT];
    return true;
}

/* The inner `and` nodes of the chain are conditions too, but for the moment at their left end. */
static void type_chain(struct wf_node *when, bool moment)
{
    for (; is_op(when, WF_OP_AND); when = when->kid[WF_K_BINARY_LEFT]) {
        if (!when->type)
            when->type = moment ? wf_type_sort(WF_SORT_MOMENT) : wf_type_plain(WF_T_BOOL, true);
    }
}

bool wf_check_rule(struct wf_ctx *ctx, struct wf_node *node, struct wf_node *when,
                   struct wf_rule *rule_out)
{
    struct wf_rule *rule = rule_out;
    *rule = (struct wf_rule){.node = node, .condition = when, .module = ctx->module};
    struct wf_node *first;
    if (!when || moment_under_or(ctx, when) || !split_guard(ctx, when, rule, &first))
        return false;
    bool good = true;
    const struct wf_type_info *type = wf_check_expr(ctx, first, NULL);
    if (!wf_type_bad(type) && denotes_moment(first, type)) {
        rule->moment = first;
        rule->core = core_of(first);
        rule->kind = (uint8_t)kind_of(rule->core);
    } else {
        good = !wf_type_bad(wf_check_condition(ctx, first));
        rule->kind = WF_RULE_CONDITION;
    }
    for (uint32_t i = 0; i < rule->n_guard; i++)
        good = !wf_type_bad(wf_check_condition(ctx, rule->guard[i])) && good;
    type_chain(when, rule->moment != NULL);
    if (rule->moment || !good)
        return good;
    struct wf_node **terms = wf_sema_alloc(ctx->s, (rule->n_guard + 1) * sizeof(*terms));
    if (!terms)
        return false;
    terms[0] = first;
    for (uint32_t i = 0; i < rule->n_guard; i++)
        terms[i + 1] = rule->guard[i];
    rule->guard = terms;
    rule->n_guard++;
    return true;
}

/* ---- options ---- */

static bool is_repetition(const struct wf_node *option)
{
    return option->op == WF_OP_ONCE || option->op == WF_OP_AGAIN_AFTER ||
           option->op == WF_OP_AGAIN_ALWAYS;
}

static void check_option(struct wf_ctx *ctx, struct wf_node *option)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *value = option->kid[WF_K_OPTION_VALUE];
    switch (option->op) {
    case WF_OP_GRACE:
    case WF_OP_BACKFILL:
    case WF_OP_AGAIN_AFTER: wf_check_duration(ctx, value); break;
    case WF_OP_HOLDOUT: wf_check_percent(s, value); break;
    default: break;
    }
}

void wf_check_options(struct wf_ctx *ctx, struct wf_node *options)
{
    struct wf_sema *s = ctx->s;
    for (struct wf_node *option = options; option; option = option->next) {
        if (option->kind != WF_N_OPTION)
            continue;
        check_option(ctx, option);
        for (struct wf_node *other = options; other != option; other = other->next) {
            bool same =
                other->kind == WF_N_OPTION &&
                (other->op == option->op || (is_repetition(other) && is_repetition(option)));
            if (!same)
                continue;
            struct wf_diag *diag =
                wf_diag(s->diags, WF_E0404, option->span,
                        other->op == option->op ? N_("`%s` is said twice")
                                                : N_("`%s` contradicts what was said"),
                        wf_words(s, option));
            wf_diag_label(s->diags, diag, other->span, "said here");
            break;
        }
    }
}

void wf_check_rule_options(struct wf_ctx *ctx, const struct wf_rule *rule, struct wf_node *options)
{
    struct wf_sema *s = ctx->s;
    bool crosses = rule->kind == WF_RULE_CROSSING || rule->kind == WF_RULE_CONDITION;
    bool trigger = rule->node->kind == WF_N_TRIGGER; /* a journey may always be entered again */
    for (struct wf_node *option = options; option; option = option->next) {
        if (option->kind != WF_N_OPTION)
            continue;
        if (option->op == WF_OP_AGAIN_AFTER && !crosses && trigger) {
            struct wf_diag *diag = wf_diag(
                s->diags, WF_E0502, option->span,
                "`again after` is for rules that watch a change; this one acts once for each "
                "occurrence of its moment");
            wf_diag_label(s->diags, diag, rule->moment->span, "the moment");
            wf_diag_note(s->diags, diag,
                         "to send less often, use a cap: policy { cap 1 send per "
                         "30d }");
        } else if (option->op == WF_OP_BACKFILL && crosses) {
            wf_diag(s->diags, WF_E0502, option->span,
                    "a change is only seen between two nights: there is nothing to `backfill`");
        }
    }
}

/* ---- who a rule is ---- */

static const struct wf_str *identity_of(struct wf_sema *s, const struct wf_module *module,
                                        const struct wf_str *name)
{
    const struct wf_checked *c = s->checked;
    if (module == c->modules[c->n_modules - 1])
        return name; /* the main file may be renamed without its rules becoming others */
    struct wf_buf text;
    wf_buf_init(&text, s->alloc, 0);
    wf_buf_addf(&text, "%s:%s", module->name->text, name->text);
    const struct wf_str *identity = text.failed ? NULL : wf_intern(s->names, text.data, text.len);
    wf_buf_release(&text);
    if (!identity)
        s->nomem = true;
    return identity;
}

const struct wf_str *wf_identity_of_text(struct wf_sema *s, const struct wf_node *node)
{
    struct wf_buf text;
    wf_buf_init(&text, s->alloc, 0);
    wf_print_canonical(&text, node);
    const struct wf_str *identity =
        text.failed ? NULL : wf_intern(s->names, wf_buf_str(&text), text.len);
    wf_buf_release(&text);
    if (!identity)
        s->nomem = true;
    return identity;
}

void wf_rule_identity(struct wf_sema *s, struct wf_rule *rule, const struct wf_str *name,
                      const struct wf_node *options)
{
    rule->identity = name ? identity_of(s, rule->module, name) : wf_identity_of_text(s, rule->node);
    for (const struct wf_node *o = options; o; o = o->next) {
        const struct wf_node *was = o->kid[WF_K_OPTION_VALUE];
        if (o->kind == WF_N_OPTION && o->op == WF_OP_WAS && was && was->name)
            rule->was = identity_of(s, rule->module, was->name);
    }
}

static bool identify(struct wf_sema *s, struct wf_rule *rule)
{
    const struct wf_node *node = rule->node;
    wf_rule_identity(s, rule, node->name, node->kid[WF_K_TRIGGER_OPTIONS]);
    struct wf_symbol *same = node->name ? NULL : wf_find(s, WF_SCOPE_RULE, NULL, rule->identity);
    if (!node->name && !same)
        wf_declare_quietly(s, WF_SCOPE_RULE,
                           wf_symbol_new(s, WF_SYM_TRIGGER, rule->identity, rule->node, NULL));
    if (same) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0208, node->span, "this rule stands twice");
        wf_diag_label(s->diags, diag, same->node->span, "the same rule");
        wf_diag_note(s->diags, diag,
                     "without names they cannot be told apart; drop one, or give "
                     "both a name: trigger NAME when ...");
        return false;
    }
    return true;
}

void wf_check_trigger(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_ctx ctx = {.s = s, .module = module};
    struct wf_checked *c = s->checked;
    struct wf_rule rule;
    bool good = wf_check_rule(&ctx, node, node->kid[WF_K_TRIGGER_WHEN], &rule);
    wf_check_options(&ctx, node->kid[WF_K_TRIGGER_OPTIONS]);
    for (struct wf_node *a = node->kid[WF_K_TRIGGER_ACTIONS]; a; a = a->next)
        wf_check_action(&ctx, a);
    if (!good || !identify(s, &rule))
        return;
    wf_check_rule_options(&ctx, &rule, node->kid[WF_K_TRIGGER_OPTIONS]);
    if (c->n_rules >= WF_MAX_RULES) {
        wf_diag(s->diags, WF_E0108, node->span, "more than %d rules", WF_MAX_RULES);
        return;
    }
    wf_sema_push(s, &c->rules, &c->n_rules, &c->room_rules, &rule, sizeof(rule));
    if (node->sym)
        node->sym->index = c->n_rules - 1;
}
