/*
 * Policies: every item of every block becomes a row that names its block. What the blocks come to
 * together (the strictest) is for the engine to see.
 */
#include "lang/ir/lower_int.h"

/* ---- channels ---- */

static uint32_t channel_row(struct lowering *l, const struct wf_str *name)
{
    uint32_t text = str_text(l, name);
    for (uint32_t i = 0; i < l->ir->n_channels && l->b.status == WF_OK; i++)
        if (l->ir->channels[i].name == text)
            return i;
    return refuse(l, "channel that is not declared");
}

static void lower_channels(struct lowering *l)
{
    const struct wf_checked *c = l->checked;
    for (uint32_t i = 0; i < c->n_channels; i++) {
        const struct wf_symbol *sym = c->channels[i];
        struct wf_ir_channel row = {.name = str_text(l, sym->name),
                                    .place = sym->node ? place_of(l, sym->node->span) : WF_NONE};
        wf_irb_add_channels(&l->b, &row, 1);
    }
    for (uint32_t i = 0; i < c->costs.n; i++) {
        const struct wf_node *node = c->costs.items[i];
        struct wf_ir_cost row = {.channel = str_text(l, node->name),
                                 .amount = wf_literal(node->kid[WF_K_COST_AMOUNT], WF_T_MONEY).i,
                                 .place = place_of(l, node->span)};
        wf_irb_add_costs(&l->b, &row, 1);
    }
}

/* ---- reach, quiet, caps, budgets ---- */

static void add_reach(struct lowering *l, uint32_t policy, const struct wf_node *item)
{
    struct wf_ir_reach row = {.policy = policy,
                              .channel = channel_row(l, item->name),
                              .cond = lower_cond(l, item->kid[WF_K_REACH_WHEN]),
                              .text = canonical_text(l, item),
                              .place = place_of(l, item->span)};
    wf_irb_add_reaches(&l->b, &row, 1);
}

static void add_quiet(struct lowering *l, uint32_t policy, const struct wf_node *item)
{
    const struct wf_node *from = item->kid[WF_K_QUIET_FROM], *to = item->kid[WF_K_QUIET_TO];
    struct wf_ir_quiet row = {.policy = policy,
                              .kind = item->op == WF_OP_DROP   ? WF_QUIET_DROP
                                      : item->op == WF_OP_NONE ? WF_QUIET_NONE
                                                               : WF_QUIET_DEFER,
                              .text = canonical_text(l, item),
                              .place = place_of(l, item->span)};
    if (from && to && row.kind != WF_QUIET_NONE) {
        row.from = (int32_t)from->num;
        row.to = (int32_t)to->num;
    }
    wf_irb_add_quiets(&l->b, &row, 1);
}

static uint8_t period_of(const struct wf_node *period)
{
    return period->op == WF_OP_UNIT_D   ? WF_PER_DAY
           : period->op == WF_OP_UNIT_W ? WF_PER_WEEK
                                        : WF_PER_MONTH;
}

static uint8_t capped_by(enum wf_op op)
{
    switch (op) {
    case WF_OP_KIND_COUPON: return WF_CAPPED_COUPON;
    case WF_OP_KIND_TASK: return WF_CAPPED_TASK;
    case WF_OP_KIND_INVITE: return WF_CAPPED_INVITE;
    default: return WF_CAPPED_SEND;
    }
}

/* Whose tasks and messages a cap counts together: the column that says so is read by the rule. */
static void read_owner(struct lowering *l, const char *name)
{
    const struct wf_field *field = member_field(l, name);
    if (field)
        member_input(l, field, referred_key(field), false);
    else
        refuse(l, "cap per a field that is not there");
}

static void add_limit(struct lowering *l, struct wf_ir_cap row, const struct wf_node *limit)
{
    const struct wf_node *per = limit->kid[WF_K_LIMIT_PER], *via = limit->kid[WF_K_LIMIT_VIA];
    row.kind = capped_by((enum wf_op)limit->op);
    row.n = limit->num;
    if (per->kind == WF_N_PERIOD)
        row.period = period_of(per);
    else
        row.span = duration_of(l, per);
    row.channel = via ? str_text(l, via->name) : WF_NONE;
    row.per_owner = (limit->flags & WF_F_PER_OWNER) != 0;
    row.per_store = (limit->flags & WF_F_PER_STORE) != 0;
    if (row.per_owner)
        read_owner(l, "owner");
    if (row.per_store)
        read_owner(l, "store");
    row.text = canonical_text(l, limit);
    row.place = place_of(l, limit->span);
    wf_irb_add_caps(&l->b, &row, 1);
}

static void add_cap(struct lowering *l, uint32_t policy, const struct wf_node *item)
{
    struct wf_ir_cap row = {.policy = policy,
                            .period = WF_PER_SPAN,
                            .on_full = item->op == WF_OP_DEFER ? WF_FULL_DEFER : WF_FULL_DROP,
                            .defer = duration_of(l, item->kid[WF_K_CAP_DEFER])};
    const struct wf_node *limit = item->kid[WF_K_CAP_LIMITS];
    for (; limit && l->b.status == WF_OK; limit = limit->next)
        add_limit(l, row, limit);
}

static void add_budget(struct lowering *l, uint32_t policy, const struct wf_node *item)
{
    const struct wf_node *target = item->kid[WF_K_BUDGET_TARGET];
    struct wf_ir_budget row = {.policy = policy,
                               .kind =
                                   item->op == WF_OP_CHANNEL ? WF_SPENT_CHANNEL : WF_SPENT_COUPON,
                               .name = target ? str_text(l, target->name) : WF_NONE,
                               .amount = wf_literal(item->kid[WF_K_BUDGET_AMOUNT], WF_T_MONEY).i,
                               .period = period_of(item->kid[WF_K_BUDGET_PER]),
                               .text = canonical_text(l, item),
                               .place = place_of(l, item->span)};
    wf_irb_add_budgets(&l->b, &row, 1);
}

/* ---- pause ---- */

static uint32_t journey_row(struct lowering *l, const struct wf_symbol *sym)
{
    const struct wf_nodes *journeys = &l->checked->journeys;
    for (uint32_t i = 0; sym && i < journeys->n; i++)
        if (journeys->items[i] == sym->node)
            return i; /* lower_journeys makes one row each, in this order */
    return refuse(l, "pause of no journey");
}

/* `count E`, `p% of count E`, or a whole number (sema has seen to it). */
static struct wf_ir_side side_of(struct lowering *l, const struct wf_node *node)
{
    struct wf_ir_side side = {
        .view = WF_NONE, .filter = WF_NONE, .seen = WF_NONE, .times = WF_SHARE_ALL};
    if (node->kind == WF_N_INT) {
        side.constant = node->num;
        return side;
    }
    if (node->kind == WF_N_PERCENT_OF) {
        side.times = node->kid[WF_K_PERCENT_OF_PERCENT]->num;
        node = node->kid[WF_K_PERCENT_OF_VALUE];
    }
    struct set set = lower_set(l, node->kid[WF_K_AGG_SET]);
    if (l->b.status != WF_OK)
        return side;
    side.view = set.view;
    side.filter = set_filter(l, &set);
    side.seen = set_seen(l, &set);
    return side;
}

static void add_pause(struct lowering *l, uint32_t policy, const struct wf_node *item)
{
    const struct wf_node *when = item->kid[WF_K_PAUSE_WHEN];
    const struct wf_node *least = item->kid[WF_K_PAUSE_AT_LEAST];
    uint32_t journey = item->sym ? journey_row(l, item->sym) : WF_NONE;
    if (!when) {
        struct wf_ir_freeze row = {policy, journey, place_of(l, item->span)};
        wf_irb_add_freezes(&l->b, &row, 1);
        return;
    }
    bool turned = when->op == WF_OP_LT || when->op == WF_OP_LE;
    const struct wf_node *left = when->kid[turned ? WF_K_BINARY_RIGHT : WF_K_BINARY_LEFT];
    const struct wf_node *right = when->kid[turned ? WF_K_BINARY_LEFT : WF_K_BINARY_RIGHT];
    struct wf_ir_breaker row = {.policy = policy,
                                .journey = journey,
                                .or_equal = when->op == WF_OP_GE || when->op == WF_OP_LE,
                                .base_left = turned,
                                .left = side_of(l, left),
                                .right = side_of(l, right),
                                .at_least = least ? least->num : 0,
                                .text = canonical_text(l, item),
                                .place = place_of(l, item->span)};
    wf_irb_add_breakers(&l->b, &row, 1);
}

/* ---- the block ---- */

static void add_item(struct lowering *l, uint32_t policy, const struct wf_node *item)
{
    switch (item->kind) {
    case WF_N_REACH: add_reach(l, policy, item); break;
    case WF_N_QUIET: add_quiet(l, policy, item); break;
    case WF_N_CAP: add_cap(l, policy, item); break;
    case WF_N_BUDGET: add_budget(l, policy, item); break;
    case WF_N_PAUSE: add_pause(l, policy, item); break;
    default: break; /* holdout, volume: of the block itself */
    }
}

static void lower_policy(struct lowering *l, const struct wf_node *node)
{
    struct wf_ir_policy row = {.name = str_text(l, node->name),
                               .locked = (node->flags & WF_F_LOCKED) != 0,
                               .scope = WF_NONE,
                               .volume = -1,
                               .place = place_of(l, node->span)};
    if (node->kid[WF_K_POLICY_SCOPE])
        row.scope = lower_cond(l, node->kid[WF_K_POLICY_SCOPE]);
    const struct wf_node *first = node->kid[WF_K_POLICY_ITEMS];
    for (const struct wf_node *item = first; item; item = item->next) {
        if (item->kind == WF_N_HOLDOUT)
            row.holdout = (int32_t)item->kid[WF_K_HOLDOUT_SHARE]->num;
        else if (item->kind == WF_N_VOLUME)
            row.volume = item->kid[WF_K_VOLUME_COUNT]->num;
    }
    uint32_t policy = wf_irb_add_policies(&l->b, &row, 1);
    for (const struct wf_node *item = first; item && l->b.status == WF_OK; item = item->next) {
        l->b.place = place_of(l, item->span);
        add_item(l, policy, item);
    }
    l->b.place = WF_NONE;
}

void lower_policies(struct lowering *l)
{
    lower_channels(l);
    for (uint32_t i = 0; i < l->checked->policies.n && l->b.status == WF_OK; i++)
        lower_policy(l, l->checked->policies.items[i]);
}
