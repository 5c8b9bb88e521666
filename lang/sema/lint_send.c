/*
 * lint_send.c - what is sent in vain: at an hour that is always quiet, or more coupons in a day
 * than there are.
 */
#include "lang/base/words.h"
#include "lang/sema/lint.h"

/* ---- quiet hours ---- */

static bool is_quiet(const struct wf_node *quiet, int64_t clock)
{
    int64_t from = quiet->kid[WF_K_QUIET_FROM]->num, to = quiet->kid[WF_K_QUIET_TO]->num;
    return from < to ? clock >= from && clock < to : clock >= from || clock < to;
}

/* The quiet hours that hold for everybody and have `clock` in them; those that drop come first.
 * *any_out: some policy speaks of quiet hours, so that the usual ones may not hold. */
static const struct wf_node *quiet_at(const struct wf_checked *c, int64_t clock, bool *any_out)
{
    const struct wf_node *found = NULL;
    *any_out = false;
    for (uint32_t p = 0; p < c->policies.n; p++) {
        const struct wf_node *item = c->policies.items[p]->kid[WF_K_POLICY_ITEMS];
        for (; item; item = item->next) {
            if (item->kind != WF_N_QUIET)
                continue;
            *any_out = true;
            bool clocks = item->kid[WF_K_QUIET_FROM] && item->kid[WF_K_QUIET_TO];
            if (c->policies.items[p]->kid[WF_K_POLICY_SCOPE] || !clocks || !is_quiet(item, clock))
                continue;
            if (!found || item->op == WF_OP_DROP)
                found = item;
        }
    }
    return found;
}

static void look_at_hour(struct wf_lint *l, const struct wf_node *action)
{
    enum { USUAL_FROM = 21 * 3600, USUAL_TO = 9 * 3600 };
    struct wf_sema *s = l->s;
    const struct wf_node *at = action->kid[WF_K_ACTION_AT];
    bool sends = action->op == WF_OP_DO_COUPON || action->op == WF_OP_DO_SEND ||
                 action->op == WF_OP_DO_INVITE;
    if (!at || at->kind != WF_N_CLOCK || !sends)
        return;
    bool any;
    const struct wf_node *quiet = quiet_at(s->checked, at->num, &any);
    bool usual = !any && (at->num >= USUAL_FROM || at->num < USUAL_TO);
    if (!quiet && !usual)
        return;
    const char *words = wf_words(s, at);
    struct wf_diag *diag;
    if (quiet && quiet->op == WF_OP_DROP) {
        diag = wf_diag(s->diags, WF_W0506, at->span,
                       "%s lies in the quiet hours, which drop it: this never leaves", words);
        wf_diag_label(s->diags, diag, quiet->span, "quiet for everybody");
        return;
    }
    diag = wf_diag(s->diags, WF_W0506, at->span,
                   "%s lies in the quiet hours: this leaves when they end, not then", words);
    if (quiet)
        wf_diag_label(s->diags, diag, quiet->span, "quiet for everybody");
    else
        wf_diag_note(s->diags, diag,
                     "no policy says otherwise, so `quiet 21:00 to 09:00 defer` holds");
}

/* ---- stock ---- */

/* The most members whom a rule can mean on one day: they are among the first n by some measure.
 * INT64_MAX: nobody knows. */
static int64_t most_of(struct wf_lint *l, const struct wf_rule *rule,
                       const struct wf_node **top_out)
{
    struct wf_given all[WF_MOST_FACTS];
    int64_t most = INT64_MAX;
    uint32_t n = 0;
    wf_give_moment(l, rule);
    for (uint32_t i = 0; i < l->n_given; i++)
        n = wf_lint_apart(l, l->given[i], all, n);
    l->n_given = 0;
    for (uint32_t i = 0; i < rule->n_guard; i++)
        n = wf_lint_apart(l, (struct wf_given){.fact = {.node = rule->guard[i]}}, all, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_node *node = all[i].fact.node;
        bool counted = !all[i].fact.rule && node->kind == WF_N_TOP &&
                       all[i].fact.mode == WF_ABS_TRUE && !node->kid[WF_K_TOP_PER] &&
                       node->kid[WF_K_TOP_COUNT]->kind == WF_N_INT;
        if (!counted || node->kid[WF_K_TOP_COUNT]->num >= most)
            continue;
        most = node->kid[WF_K_TOP_COUNT]->num;
        *top_out = node;
    }
    return most;
}

/* The coupon that an action gives out, or NULL. */
static const struct wf_node *coupon_of(const struct wf_node *action)
{
    const struct wf_node *name = NULL;
    if (action->op == WF_OP_DO_COUPON || action->op == WF_OP_DO_GRANT)
        name = action->kid[WF_K_ACTION_TARGET];
    else if (action->op == WF_OP_DO_SEND)
        name = action->kid[WF_K_ACTION_WITH];
    return name && name->sym && name->sym->kind == WF_SYM_COUPON ? name->sym->node : NULL;
}

static const struct wf_node *stock_of(const struct wf_node *coupon)
{
    const struct wf_node *prop = coupon->kid[WF_K_COUPON_PROPS];
    while (prop && !wf_is(prop->name, "stock"))
        prop = prop->next;
    bool whole = prop && prop->kid[WF_K_PROP_VALUE] && prop->kid[WF_K_PROP_VALUE]->kind == WF_N_INT;
    return whole ? prop : NULL;
}

static void look_at_stock(struct wf_lint *l, const struct wf_rule *rule)
{
    struct wf_sema *s = l->s;
    const struct wf_node *top = NULL;
    int64_t most = most_of(l, rule, &top);
    const struct wf_node *action = rule->node->kid[WF_K_TRIGGER_ACTIONS];
    for (; action && top; action = action->next) {
        const struct wf_node *coupon = coupon_of(action), *stock = coupon ? stock_of(coupon) : NULL;
        int64_t left = stock ? stock->kid[WF_K_PROP_VALUE]->num : INT64_MAX;
        if (left <= 0 || left >= most)
            continue;
        struct wf_diag *diag =
            wf_diag(s->diags, WF_W0407, action->span,
                    "this may give out %lld of the coupon `%s` on one day; there are only %lld",
                    (long long)most, coupon->name->text, (long long)left);
        wf_diag_label(s->diags, diag, top->span, "that many members");
        wf_diag_label(s->diags, diag, stock->span, "that many coupons, ever");
    }
}

/* ---- the whole program ---- */

static void look_at_actions(struct wf_lint *l, const struct wf_node *node)
{
    if (node->kind == WF_N_ACTION) {
        look_at_hour(l, node);
        return;
    }
    for (int i = 0; i < WF_MAX_KIDS; i++)
        for (const struct wf_node *kid = node->kid[i]; kid; kid = kid->next)
            look_at_actions(l, kid);
}

void wf_lint_send(struct wf_lint *l)
{
    const struct wf_checked *c = l->s->checked;
    for (uint32_t m = 0; m < c->n_modules; m++) {
        const struct wf_node *item = c->modules[m]->node->kid[WF_K_MODULE_ITEMS];
        for (; item && !c->modules[m]->embedded; item = item->next)
            if (item->kind == WF_N_TRIGGER || item->kind == WF_N_JOURNEY)
                look_at_actions(l, item);
    }
    for (uint32_t i = 0; i < c->n_rules && !l->s->nomem; i++)
        if (!c->rules[i].module->embedded)
            look_at_stock(l, &c->rules[i]);
}
