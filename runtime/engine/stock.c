#include "runtime/engine/stock.h"

#include <string.h>

#include "runtime/engine/tally.h"

/* The days that what was spent is kept: two months, so that no budget lacks a day. */
enum { SPENT_DAYS = 62 };

/* What a coupon or a channel cost on a local day, tonight. */
struct wf_spent_row {
    enum wf_counter_kind kind;
    uint32_t name;
    int64_t day, amount;
};

/* A budget's period, and what was spent in it so far. */
struct wf_spending {
    int64_t from, to; /* days: from <= day < to; equal: nothing asked yet */
    int64_t spent;
};

static const char *text_of(const struct wf_ir *ir, uint32_t text)
{
    return ir->texts[text]->text;
}

static bool same_text(const struct wf_ir *ir, uint32_t a, uint32_t b)
{
    return ir->texts[a] == ir->texts[b];
}

static int64_t plus(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t times_over(int64_t amount, uint64_t times)
{
    int64_t product;
    return __builtin_mul_overflow(amount, times, &product) ? INT64_MAX : product;
}

/* The coupon an action gives, texts; WF_NONE: none. */
static uint32_t coupon_of(const struct wf_ir_action *action)
{
    bool named = action->kind == WF_ACT_COUPON || action->kind == WF_ACT_GRANT;
    return named ? action->name : action->coupon;
}

/* The same as a row of contents; WF_NONE: none, or one of a catalogue. */
static uint32_t content_of(const struct wf_ir *ir, const struct wf_ir_action *action)
{
    uint32_t name = coupon_of(action);
    for (uint32_t i = 0; name != WF_NONE && i < ir->n_contents; i++)
        if (ir->contents[i].coupon && same_text(ir, ir->contents[i].name, name))
            return i;
    return WF_NONE;
}

enum wf_status wf_stocks_init(struct wf_stocks *stocks, const struct wf_night *night,
                              struct wf_policies *policies)
{
    const struct wf_ir *ir = &night->program->ir;
    *stocks = (struct wf_stocks){.night = night, .policies = policies};
    stocks->content = wf_calloc(night->alloc, ir->n_actions, sizeof(*stocks->content));
    stocks->issued = wf_calloc(night->alloc, ir->n_contents, sizeof(*stocks->issued));
    stocks->spending = wf_calloc(night->alloc, ir->n_budgets, sizeof(*stocks->spending));
    if (!stocks->content || !stocks->issued || !stocks->spending)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_actions; i++)
        stocks->content[i] = content_of(ir, &ir->actions[i]);
    for (uint32_t i = 0; i < ir->n_contents; i++)
        if (ir->contents[i].coupon)
            stocks->issued[i] = wf_rations_counted(&night->state->rations, WF_COUNTER_ISSUED,
                                                   text_of(ir, ir->contents[i].name), 0, 1);
    return WF_OK;
}

void wf_stocks_release(struct wf_stocks *stocks)
{
    const struct wf_alloc *alloc = stocks->night->alloc;
    wf_free(alloc, stocks->content);
    wf_free(alloc, stocks->issued);
    wf_free(alloc, stocks->spending);
    wf_free(alloc, stocks->tonight);
}

/* ---- what something costs ---- */

static int64_t day_of(const struct wf_stocks *stocks, const struct wf_contender *decision)
{
    int64_t time = decision->not_before == WF_NO_TIME ? stocks->night->now : decision->not_before;
    return wf_zone_day(stocks->night->zone, time);
}

static bool leaves_by(const struct wf_ir_action *action)
{
    return action->kind == WF_ACT_SEND || action->kind == WF_ACT_COUPON ||
           action->kind == WF_ACT_INVITE;
}

/* What sending this costs by a channel; 0: it does not go there. */
static int64_t cost_of(const struct wf_ir *ir, const struct wf_contender *decision,
                       const struct wf_ir_cost *cost)
{
    if (!leaves_by(&ir->actions[decision->action]))
        return 0;
    if (decision->channel != WF_NONE && !same_text(ir, decision->channel, cost->channel))
        return 0;
    return cost->amount;
}

static int64_t charge(const struct wf_stocks *stocks, const struct wf_ir_budget *budget,
                      const struct wf_contender *decision)
{
    const struct wf_ir *ir = &stocks->night->program->ir;
    uint32_t content = stocks->content[decision->action];
    if (budget->kind == WF_SPENT_COUPON) {
        if (content == WF_NONE ||
            (budget->name != WF_NONE && !same_text(ir, budget->name, ir->contents[content].name)))
            return 0;
        return ir->contents[content].value;
    }
    for (uint32_t i = 0; i < ir->n_costs; i++)
        if (same_text(ir, ir->costs[i].channel, budget->name))
            return cost_of(ir, decision, &ir->costs[i]);
    return 0;
}

/* ---- budgets ---- */

void wf_budget_days(const struct wf_ir_budget *budget, int64_t day, int64_t *from_out,
                    int64_t *to_out)
{
    struct wf_civil civil = wf_day_to_civil(day);
    *from_out = day;
    *to_out = day + 1;
    if (budget->period == WF_PER_WEEK) {
        *from_out = day - wf_weekday(day);
        *to_out = *from_out + 7;
    } else if (budget->period == WF_PER_MONTH) {
        *from_out = day - civil.day + 1;
        *to_out = *from_out + wf_month_days(civil.year, civil.month);
    }
}

/* Spent in the period before tonight and tonight. */
static struct wf_spending *spending_of(struct wf_stocks *stocks, uint32_t item, int64_t day)
{
    const struct wf_ir *ir = &stocks->night->program->ir;
    const struct wf_ir_budget *budget = &ir->budgets[item];
    struct wf_spending *spending = &stocks->spending[item];
    enum wf_counter_kind kind =
        budget->kind == WF_SPENT_COUPON ? WF_COUNTER_COUPON : WF_COUNTER_CHANNEL;
    if (day >= spending->from && day < spending->to)
        return spending;
    wf_budget_days(budget, day, &spending->from, &spending->to);
    spending->spent = wf_rations_counted(&stocks->night->state->rations, kind,
                                         budget->name == WF_NONE ? NULL : text_of(ir, budget->name),
                                         spending->from, spending->to);
    for (size_t i = 0; i < stocks->n_tonight; i++) {
        const struct wf_spent_row *row = &stocks->tonight[i];
        if (row->kind == kind && row->day >= spending->from && row->day < spending->to &&
            (budget->name == WF_NONE || same_text(ir, row->name, budget->name)))
            spending->spent = plus(spending->spent, row->amount);
    }
    return spending;
}

enum wf_gate wf_stocks_allow(struct wf_stocks *stocks, struct wf_contender *decision)
{
    const struct wf_ir *ir = &stocks->night->program->ir;
    uint32_t content = stocks->content[decision->action];
    if (content != WF_NONE && ir->contents[content].stock >= 0 &&
        stocks->issued[content] >= ir->contents[content].stock) {
        decision->note = (struct wf_gate_note){.what = WF_NOTE_STOCK,
                                               .item = content,
                                               .have = stocks->issued[content],
                                               .limit = ir->contents[content].stock};
        return WF_GATE_STOCK;
    }
    for (uint32_t i = 0; i < ir->n_budgets; i++) {
        const struct wf_ir_budget *budget = &ir->budgets[i];
        int64_t amount = charge(stocks, budget, decision);
        if (amount == 0)
            continue;
        if (wf_policies_of(stocks->policies, decision->target)[budget->policy] == WF_APPLIES_NOT)
            continue;
        const struct wf_spending *spending = spending_of(stocks, i, day_of(stocks, decision));
        if (plus(spending->spent, amount) <= budget->amount)
            continue;
        decision->note =
            (struct wf_gate_note){.what = WF_NOTE_BUDGET,
                                  .item = i,
                                  .have = spending->spent,
                                  .limit = budget->amount,
                                  .since = wf_zone_midnight(stocks->night->zone, spending->from)};
        return WF_GATE_BUDGET;
    }
    return WF_GATE_NONE;
}

/* ---- taking ---- */

static enum wf_status spend(struct wf_stocks *stocks, enum wf_counter_kind kind, uint32_t name,
                            int64_t day, int64_t amount)
{
    for (size_t i = 0; i < stocks->n_tonight; i++) {
        struct wf_spent_row *row = &stocks->tonight[i];
        if (row->kind == kind && row->name == name && row->day == day) {
            row->amount = plus(row->amount, amount);
            return WF_OK;
        }
    }
    if (wf_grow(stocks->night->alloc, &stocks->tonight, &stocks->room_tonight,
                stocks->n_tonight + 1, sizeof(*stocks->tonight)) != 0)
        return WF_ERR_NOMEM;
    stocks->tonight[stocks->n_tonight++] = (struct wf_spent_row){kind, name, day, amount};
    return WF_OK;
}

enum wf_status wf_stocks_take(struct wf_stocks *stocks, const struct wf_contender *decision,
                              uint64_t times)
{
    const struct wf_ir *ir = &stocks->night->program->ir;
    uint32_t content = stocks->content[decision->action];
    int64_t day = day_of(stocks, decision);
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; i < ir->n_budgets; i++) {
        int64_t amount = times_over(charge(stocks, &ir->budgets[i], decision), times);
        if (amount) {
            struct wf_spending *spending = spending_of(stocks, i, day);
            spending->spent = plus(spending->spent, amount);
        }
    }
    uint32_t coupon = coupon_of(&ir->actions[decision->action]);
    if (coupon != WF_NONE)
        st = spend(stocks, WF_COUNTER_ISSUED, coupon, 0, times_over(1, times));
    if (content != WF_NONE) {
        stocks->issued[content] = plus(stocks->issued[content], times_over(1, times));
        if (st == WF_OK && ir->contents[content].value)
            st = spend(stocks, WF_COUNTER_COUPON, coupon, day,
                       times_over(ir->contents[content].value, times));
    }
    for (uint32_t i = 0; st == WF_OK && i < ir->n_costs; i++) {
        int64_t amount = times_over(cost_of(ir, decision, &ir->costs[i]), times);
        if (amount)
            st = spend(stocks, WF_COUNTER_CHANNEL, ir->costs[i].channel, day, amount);
    }
    return st;
}

enum wf_status wf_stocks_keep(const struct wf_stocks *stocks)
{
    const struct wf_ir *ir = &stocks->night->program->ir;
    struct wf_rations *rations = &stocks->night->state->rations;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < stocks->n_tonight; i++) {
        const struct wf_spent_row *row = &stocks->tonight[i];
        st = wf_rations_count(rations, row->kind, text_of(ir, row->name), (int32_t)row->day,
                              row->amount);
    }
    wf_rations_forget(rations, wf_zone_day(stocks->night->zone, stocks->night->now) - SPENT_DAYS);
    return st;
}
