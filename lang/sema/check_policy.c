/*
 * check_policy.c - what must never happen: reach, quiet hours, caps, budgets, circuit breakers.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

static void need_store(struct wf_ctx *ctx, struct wf_node *limit, const char *name)
{
    struct wf_sema *s = ctx->s;
    struct wf_field *field = wf_record_field(s->checked->member, wf_sema_name(s, name));
    if (field) {
        field->sym->used = true;
        return;
    }
    if (wf_blind(ctx->module) || !s->checked->member)
        return;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0507, limit->span,
                                   "`per %s`: the member has no field `%s`", name, name);
    wf_diag_note(s->diags, diag, "declare it: member { %s text? }", name);
}

/* Tasks leave by no channel: such a cap would never count one. */
static void refuse_task_via(struct wf_sema *s, const struct wf_node *limit)
{
    const struct wf_node *per = limit->kid[WF_K_LIMIT_PER], *via = limit->kid[WF_K_LIMIT_VIA];
    struct wf_diag *diag = wf_diag(s->diags, WF_E0515, via->span,
                                   "tasks leave by no channel, so not via `%s`", via->name->text);
    if (!per || per->span.end > via->span.start)
        return;
    struct wf_span rest = {via->span.file, per->span.end, via->span.end};
    wf_diag_edit(s->diags, diag, rest, "%s", "");
    wf_diag_fix(s->diags, diag, "leave out `via %s`", via->name->text);
}

static void check_cap(struct wf_ctx *ctx, struct wf_node *cap)
{
    struct wf_sema *s = ctx->s;
    for (struct wf_node *limit = cap->kid[WF_K_CAP_LIMITS]; limit; limit = limit->next) {
        if (limit->kind != WF_N_LIMIT)
            continue;
        struct wf_node *per = limit->kid[WF_K_LIMIT_PER], *via = limit->kid[WF_K_LIMIT_VIA];
        if (per && per->kind != WF_N_PERIOD)
            wf_check_duration(ctx, per);
        if (via && limit->op == WF_OP_KIND_TASK)
            refuse_task_via(s, limit);
        else if (via)
            wf_check_channel(ctx, via, via->name, via->span);
        if (limit->num < 0)
            wf_diag(s->diags, WF_E0311, limit->span, "a cap is 0 or more, not %lld",
                    (long long)limit->num);
        if (limit->flags & WF_F_PER_OWNER)
            need_store(ctx, limit, "owner");
        if (limit->flags & WF_F_PER_STORE)
            need_store(ctx, limit, "store");
    }
    if (cap->kid[WF_K_CAP_DEFER])
        wf_check_duration(ctx, cap->kid[WF_K_CAP_DEFER]);
}

static void check_quiet(struct wf_ctx *ctx, struct wf_node *quiet)
{
    struct wf_node *from = quiet->kid[WF_K_QUIET_FROM], *to = quiet->kid[WF_K_QUIET_TO];
    struct wf_sema *s = ctx->s;
    if (!from || !to || from->kind != WF_N_CLOCK || to->kind != WF_N_CLOCK || from->num != to->num)
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0311, quiet->span,
                "quiet hours that begin and end at %s: all day, or never?", wf_words(s, from));
    wf_diag_note(s->diags, diag,
                 "`quiet none` lifts quiet hours; `cap 0 send per 1d` forbids "
                 "sending");
}

static bool has_cost(struct wf_sema *s, const struct wf_str *channel)
{
    for (uint32_t i = 0; i < s->checked->costs.n; i++) {
        if (s->checked->costs.items[i]->name == channel)
            return true;
    }
    return false;
}

/* A coupon that does not say what it is worth would never use a budget up. */
static void need_value(struct wf_sema *s, const struct wf_node *budget,
                       const struct wf_node *coupon)
{
    const struct wf_node *prop = coupon->kid[WF_K_COUPON_PROPS];
    while (prop && !wf_is(prop->name, "value"))
        prop = prop->next;
    if (prop || !coupon->name)
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0509, budget->span,
                "a budget of coupons needs to know what `%s` is worth", coupon->name->text);
    wf_diag_label(s->diags, diag, wf_name_span(coupon), "it has no value");
    wf_diag_note(s->diags, diag, "declare it: coupon %s \"...\" { value 20.00 }",
                 coupon->name->text);
}

static void check_budget(struct wf_ctx *ctx, struct wf_node *budget)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *target = budget->kid[WF_K_BUDGET_TARGET];
    wf_check_against(ctx, budget->kid[WF_K_BUDGET_AMOUNT], wf_type_plain(WF_T_MONEY, false),
                     budget->span, N_("a budget is %s"));
    if (budget->op == WF_OP_CHANNEL && target) {
        if (!wf_check_channel(ctx, target, target->name, target->span) ||
            has_cost(s, target->name) || wf_blind(ctx->module))
            return;
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0509, budget->span,
                    "a budget of `%s` needs to know what sending costs", target->name->text);
        wf_diag_note(s->diags, diag, "declare it: cost %s 0.05", target->name->text);
    } else if (target) {
        wf_check_coupon_name(ctx, target);
        if (target->sym)
            need_value(s, budget, target->sym->node);
    }
}

/* ---- circuit breakers: counts over everyone ---- */

static bool is_count(const struct wf_node *node)
{
    if (node->kind == WF_N_PERCENT_OF)
        node = node->kid[WF_K_PERCENT_OF_VALUE];
    return node->kind == WF_N_AGG && node->op == WF_OP_COUNT;
}

/* `count E > p% of count F`, `count E >= 500`, and the same the other way round. */
static void check_counts(struct wf_ctx *ctx, struct wf_node *pause)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *when = pause->kid[WF_K_PAUSE_WHEN], *least = pause->kid[WF_K_PAUSE_AT_LEAST];
    bool less = when->op == WF_OP_LT || when->op == WF_OP_LE;
    bool compares =
        when->kind == WF_N_BINARY && (less || when->op == WF_OP_GT || when->op == WF_OP_GE);
    const struct wf_node *left = compares ? when->kid[WF_K_BINARY_LEFT] : NULL;
    const struct wf_node *right = compares ? when->kid[WF_K_BINARY_RIGHT] : NULL;
    bool good = compares && (is_count(left) || left->kind == WF_N_INT) &&
                (is_count(right) || right->kind == WF_N_INT) && (is_count(left) || is_count(right));
    if (!good) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0512, when->span,
                                       "`%s` cannot be counted over everyone", wf_words(s, when));
        wf_diag_note(s->diags, diag,
                     "compare counts of events: pause when count optout in last 7d > 10%% of "
                     "count sent in last 7d at least 500");
    } else if (least && !is_count(less ? left : right)) {
        wf_diag(s->diags, WF_E0512, least->span,
                "`at least` asks how many there are of what the share is taken of; `%s` is no "
                "count",
                wf_words(s, less ? left : right));
    }
}

static void check_pause(struct wf_ctx *ctx, struct wf_node *pause)
{
    struct wf_sema *s = ctx->s;
    if (pause->name) {
        pause->sym = wf_find_node(s, WF_SCOPE_JOURNEY, ctx->module, pause);
        if (pause->sym) {
            pause->sym->used = true;
        } else if (!wf_blind(ctx->module)) {
            struct wf_suggest suggest;
            wf_suggest_init(&suggest, pause->name);
            wf_suggest_scope(s, &suggest, WF_SCOPE_JOURNEY, ctx->module);
            struct wf_diag *diag = wf_diag(s->diags, WF_E0201, wf_name_span(pause),
                                           "there is no journey `%s`", pause->name->text);
            wf_suggest_fix(s, diag, &suggest);
        }
    }
    struct wf_node *when = pause->kid[WF_K_PAUSE_WHEN];
    if (when && !wf_type_bad(wf_check_condition(ctx, when)))
        check_counts(ctx, pause);
    struct wf_node *least = pause->kid[WF_K_PAUSE_AT_LEAST];
    if (least)
        wf_check_against(ctx, least, wf_type_plain(WF_T_INT, false), pause->span,
                         N_("`at least` is %s"));
}

static void check_item(struct wf_ctx *ctx, struct wf_node *item)
{
    switch (item->kind) {
    case WF_N_REACH: wf_check_condition(ctx, item->kid[WF_K_REACH_WHEN]); break;
    case WF_N_QUIET: check_quiet(ctx, item); break;
    case WF_N_CAP: check_cap(ctx, item); break;
    case WF_N_BUDGET: check_budget(ctx, item); break;
    case WF_N_PAUSE: check_pause(ctx, item); break;
    case WF_N_HOLDOUT: wf_check_percent(ctx->s, item->kid[WF_K_HOLDOUT_SHARE]); break;
    case WF_N_VOLUME:
        wf_check_against(ctx, item->kid[WF_K_VOLUME_COUNT], wf_type_plain(WF_T_INT, false),
                         item->span, N_("a volume is %s"));
        break;
    default: break;
    }
}

/* Of some things a block says only one. */
static void check_once(struct wf_sema *s, struct wf_node *first, struct wf_node *item)
{
    if (item->kind != WF_N_QUIET && item->kind != WF_N_HOLDOUT && item->kind != WF_N_VOLUME)
        return;
    for (struct wf_node *other = first; other != item; other = other->next) {
        if (other->kind != item->kind)
            continue;
        struct wf_diag *diag = wf_diag(s->diags, WF_E0404, item->span, "`%s` is said twice here",
                                       wf_node_kind_text((enum wf_node_kind)item->kind));
        wf_diag_label(s->diags, diag, other->span, "said here");
        return;
    }
}

void wf_check_policy(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_ctx ctx = {.s = s, .module = module};
    if (node->kid[WF_K_POLICY_SCOPE])
        wf_check_condition(&ctx, node->kid[WF_K_POLICY_SCOPE]);
    struct wf_node *first = node->kid[WF_K_POLICY_ITEMS];
    for (struct wf_node *item = first; item && !s->nomem; item = item->next) {
        check_item(&ctx, item);
        check_once(s, first, item);
    }
}

/* The first budget of all coupons. */
static const struct wf_node *coupon_budget(const struct wf_nodes *policies)
{
    for (uint32_t p = 0; p < policies->n; p++) {
        const struct wf_node *item = policies->items[p]->kid[WF_K_POLICY_ITEMS];
        for (; item; item = item->next)
            if (item->kind == WF_N_BUDGET && item->op == WF_OP_COUPONS &&
                !item->kid[WF_K_BUDGET_TARGET])
                return item;
    }
    return NULL;
}

void wf_check_budgets(struct wf_sema *s)
{
    const struct wf_nodes *coupons = &s->checked->coupons;
    const struct wf_node *budget = coupon_budget(&s->checked->policies);
    for (uint32_t i = 0; budget && i < coupons->n; i++)
        if (coupons->items[i]->sym && coupons->items[i]->sym->used &&
            !coupons->items[i]->sym->module->embedded) /* `coupon default` is worth nothing */
            need_value(s, budget, coupons->items[i]);
}
