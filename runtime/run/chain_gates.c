/* The gates that an action passed, with what the ledger still tells of them. */
#include <inttypes.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/cap.h"
#include "runtime/engine/rules.h"
#include "runtime/run/action.h"
#include "runtime/run/chain_int.h"
#include "runtime/run/why.h"

/* The rule's number among triggers and journeys; WF_NONE: it is gone. */
uint32_t wf_chain_rule(const struct wf_chain *c)
{
    return c->trigger != WF_NONE   ? c->trigger
           : c->journey != WF_NONE ? c->ir->n_triggers + c->journey
                                   : WF_NONE;
}

static bool is_text(const struct wf_chain *c, uint32_t text, struct wf_ledger_text is)
{
    const char *own = wf_ir_text(c->ir, text);
    return strlen(own) == is.len && memcmp(own, is.text, is.len) == 0;
}

void wf_chain_place(const struct wf_chain *c, uint32_t place, struct wf_buf *out)
{
    wf_buf_adds(out, " (");
    wf_why_place(c->ir, place, out);
    wf_buf_addc(out, ')');
}

static struct wf_buf *add_gate(struct wf_chain *c, enum wf_gate gate)
{
    if (wf_grow(c->alloc, &c->passed, &c->room, c->n_passed + 1, sizeof(*c->passed)) != 0)
        return NULL;
    struct wf_chain_gate *p = &c->passed[c->n_passed++];
    *p = (struct wf_chain_gate){.gate = wf_gate_text(gate)};
    wf_buf_init(&p->found, c->alloc, 0);
    return &p->found;
}

static enum wf_status pass_holdout(struct wf_chain *c)
{
    uint32_t rule = wf_chain_rule(c);
    struct wf_buf *found = add_gate(c, WF_GATE_HOLDOUT);
    if (!found)
        return WF_ERR_NOMEM;
    int32_t parts = rule == WF_NONE ? 0 : wf_rule_view(c->ir, rule).holdout;
    if (parts)
        wf_say(found, "%g%% are held out; this member is not", (double)parts / 10000.0);
    for (uint32_t i = 0; i < c->ir->n_policies; i++) {
        const struct wf_ir_policy *policy = &c->ir->policies[i];
        if (!policy->holdout)
            continue;
        wf_buf_adds(found, found->len ? "; " : "");
        wf_say(found, "the house holds out %g%%; not this member",
               (double)policy->holdout / 10000.0);
        wf_chain_place(c, policy->place, found);
    }
    return WF_OK;
}

static enum wf_status pass_hours(struct wf_chain *c)
{
    char at[WF_STAMP_TEXT];
    struct wf_buf *found = add_gate(c, WF_GATE_HOURS);
    if (!found)
        return WF_ERR_NOMEM;
    wf_say(found, "open from %s on", wf_long_time(c->options->zone, c->row.at, at));
    return WF_OK;
}

static enum wf_status pass_reach(struct wf_chain *c)
{
    struct wf_buf *found = add_gate(c, WF_GATE_REACH);
    if (!found)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < c->ir->n_reaches; i++) {
        const struct wf_ir_reach *reach = &c->ir->reaches[i];
        if (!is_text(c, c->ir->channels[reach->channel].name, c->row.channel))
            continue;
        wf_buf_adds(found, found->len ? "; " : "");
        wf_buf_adds(found, wf_ir_text(c->ir, reach->text));
        wf_chain_place(c, reach->place, found);
    }
    return WF_OK;
}

/* How many of the kind had left to the member in the cap's span that ends with this one. */
static uint64_t counted(const struct wf_chain *c, const struct wf_ir_cap *cap)
{
    int64_t since = wf_time_shift(c->options->zone, c->row.at, cap->span, -1);
    uint64_t n = 0;
    for (size_t i = 0; i < c->history.n_rows; i++) {
        const struct wf_ledger_row *row = &c->history.rows[i];
        int kind = wf_action_kind_of(row->kind.text, row->kind.len);
        bool concerned = !row->gate && kind >= 0 && row->at > since && row->at <= c->row.at &&
                         (wf_capped_kinds((uint8_t)kind, row->coupon.len > 0) >> cap->kind & 1);
        n += concerned && (cap->channel == WF_NONE || is_text(c, cap->channel, row->channel));
    }
    return n;
}

static enum wf_status pass_caps(struct wf_chain *c)
{
    int kind = wf_action_kind_of(c->row.kind.text, c->row.kind.len);
    unsigned kinds = kind < 0 ? 0 : wf_capped_kinds((uint8_t)kind, c->row.coupon.len > 0);
    for (uint32_t i = 0; i < c->ir->n_caps; i++) {
        const struct wf_ir_cap *cap = &c->ir->caps[i];
        if (!(kinds >> cap->kind & 1) ||
            (cap->channel != WF_NONE && !is_text(c, cap->channel, c->row.channel)))
            continue;
        struct wf_buf *found = add_gate(c, WF_GATE_CAP);
        if (!found)
            return WF_ERR_NOMEM;
        wf_buf_addf(found, "cap %s", wf_ir_text(c->ir, cap->text));
        wf_chain_place(c, cap->place, found);
        if (cap->period == WF_PER_SPAN && !cap->per_owner && !cap->per_store)
            wf_say(found, ": number %" PRIu64 " of %" PRId64,
                   counted(c, cap) + (c->row.gate != NULL), cap->n);
    }
    return WF_OK;
}

/* The code of the coupon that an action gives; none: its length is 0. */
struct wf_ledger_text wf_chain_coupon(const struct wf_ledger_row *row)
{
    int kind = wf_action_kind_of(row->kind.text, row->kind.len);
    return kind == WF_ACT_COUPON || kind == WF_ACT_GRANT ? row->name : row->coupon;
}

/* What was given out since the night. */
struct rationed {
    const struct wf_chain *chain;
    uint64_t later;
};

static enum wf_status count_issued(void *ctx, const struct wf_ledger_row *row)
{
    struct rationed *r = ctx;
    struct wf_ledger_text code = wf_chain_coupon(row), is = wf_chain_coupon(&r->chain->row);
    r->later += !row->gate && row->run > r->chain->row.run && code.len == is.len &&
                memcmp(code.text, is.text, is.len) == 0;
    return WF_OK;
}

static enum wf_status pass_stock(struct wf_chain *c)
{
    struct rationed r = {.chain = c};
    struct wf_store *store = c->history.store;
    for (uint32_t i = 0; i < c->ir->n_contents; i++) {
        const struct wf_ir_content *content = &c->ir->contents[i];
        if (!content->coupon || content->stock < 0 ||
            !is_text(c, content->name, wf_chain_coupon(&c->row)))
            continue;
        enum wf_status st = store->ops->each_of(store, NULL, 0, count_issued, &r);
        struct wf_buf *found = st == WF_OK ? add_gate(c, WF_GATE_STOCK) : NULL;
        if (!found)
            return st == WF_OK ? WF_ERR_NOMEM : st;
        int64_t issued = wf_rations_counted(&c->history.state->rations, WF_COUNTER_ISSUED,
                                            wf_ir_text(c->ir, content->name), 0, 1);
        wf_say(found, "%" PRId64 " of %" PRId64 " issued when the night was over",
               issued - (int64_t)r.later, content->stock);
    }
    return WF_OK;
}

static enum wf_status pass_budgets(struct wf_chain *c)
{
    for (uint32_t i = 0; i < c->ir->n_budgets; i++) {
        const struct wf_ir_budget *budget = &c->ir->budgets[i];
        bool coupon = budget->kind == WF_SPENT_COUPON;
        struct wf_ledger_text of = coupon ? wf_chain_coupon(&c->row) : c->row.channel;
        if (of.len == 0 || (budget->name != WF_NONE && !is_text(c, budget->name, of)))
            continue;
        struct wf_buf *found = add_gate(c, WF_GATE_BUDGET);
        if (!found)
            return WF_ERR_NOMEM;
        wf_buf_adds(found, wf_ir_text(c->ir, budget->text));
        wf_chain_place(c, budget->place, found);
    }
    return WF_OK;
}

typedef enum wf_status pass_fn(struct wf_chain *c);

static bool is_at(const struct wf_chain *c, enum wf_gate gate)
{
    return c->row.gate && strcmp(c->row.gate, wf_gate_text(gate)) == 0;
}

static enum wf_status pass_bare(struct wf_chain *c, enum wf_gate gate)
{
    return add_gate(c, gate) ? WF_OK : WF_ERR_NOMEM;
}

/* In the order of the gates, to the one that stopped it. */
enum wf_status wf_chain_gates(struct wf_chain *c)
{
    static const struct {
        enum wf_gate gate;
        pass_fn *pass;
        bool messages; /* concerns what is sent only */
    } GATES[] = {
        {WF_GATE_MISSED, NULL, false},          {WF_GATE_VALID, NULL, false},
        {WF_GATE_HOLDOUT, pass_holdout, false}, {WF_GATE_PAUSED, NULL, false},
        {WF_GATE_HOURS, pass_hours, true},      {WF_GATE_REACH, pass_reach, true},
        {WF_GATE_CAP, pass_caps, false},        {WF_GATE_STOCK, pass_stock, false},
        {WF_GATE_BUDGET, pass_budgets, false},
    };
    int kind = wf_action_kind_of(c->row.kind.text, c->row.kind.len);
    bool sent = kind == WF_ACT_SEND || kind == WF_ACT_COUPON || kind == WF_ACT_INVITE;
    bool noted = kind == WF_ACT_SET || kind == WF_ACT_TAG || kind == WF_ACT_UNTAG;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < sizeof(GATES) / sizeof(*GATES); i++) {
        if (is_at(c, GATES[i].gate)) {
            struct wf_buf *found = add_gate(c, GATES[i].gate);
            if (!found)
                return WF_ERR_NOMEM;
            c->passed[c->n_passed - 1].stopped = true;
            wf_buf_add(found, c->row.note.text, c->row.note.len);
            return WF_OK;
        }
        bool asked = GATES[i].gate != WF_GATE_HOLDOUT || !noted;
        if (asked && (!GATES[i].messages || sent))
            st = GATES[i].pass ? GATES[i].pass(c) : pass_bare(c, GATES[i].gate);
    }
    return st;
}
