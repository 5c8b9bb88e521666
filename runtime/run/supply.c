#include "runtime/run/supply.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/engine/cap.h"
#include "runtime/engine/stock.h"
#include "runtime/run/action.h"

/* Whom a cap counted, once for each time. */
struct counted {
    uint64_t *parties;
    size_t n, room;
    int64_t since; /* what left before that shares no window with the next night */
};

struct looking {
    const struct wf_ir *ir;
    struct wf_state *state;
    struct wf_supply *out;
    int64_t rated;        /* the first instant of the rates' nights */
    struct counted *caps; /* by cap */
};

void wf_supply_release(struct wf_supply *supply)
{
    wf_free(supply->alloc, supply->stocks);
    wf_free(supply->alloc, supply->budgets);
    wf_free(supply->alloc, supply->caps);
}

/* ---- what left ---- */

static bool is_text(const struct wf_ir *ir, uint32_t text, struct wf_ledger_text is)
{
    return ir->texts[text]->len == is.len && memcmp(ir->texts[text]->text, is.text, is.len) == 0;
}

static void rate_stock(struct looking *l, const struct wf_ledger_row *row, int kind)
{
    bool named = kind == WF_ACT_COUPON || kind == WF_ACT_GRANT;
    struct wf_ledger_text coupon = named ? row->name : row->coupon;
    for (size_t i = 0; row->at >= l->rated && i < l->out->n_stocks; i++) {
        struct wf_supply_item *stock = &l->out->stocks[i];
        stock->recent += is_text(l->ir, l->ir->contents[stock->item].name, coupon);
    }
}

/* Whom it counts for; false: for nobody that is known. */
static bool party_of(struct looking *l, const struct wf_ir_cap *cap,
                     const struct wf_ledger_row *row, uint64_t *out, enum wf_status *st)
{
    enum wf_party_kind kind = wf_cap_party_kind(cap);
    uint64_t parties[WF_PARTIES] = {0};
    uint32_t member;
    memcpy(parties, row->party.text,
           row->party.len < sizeof(parties) ? row->party.len : sizeof(parties));
    *out = parties[kind];
    if (wf_party_is_shared(*out) || kind != WF_PARTY_CONTACT)
        return wf_party_is_shared(*out);
    *st = wf_members_find(&l->state->members, row->member.text, row->member.len, &member);
    *out = member == WF_NO_MEMBER ? member : wf_state_united(l->state, member);
    return *st == WF_OK && member != WF_NO_MEMBER;
}

static enum wf_status count_cap(struct looking *l, const struct wf_ir_cap *cap,
                                const struct wf_ledger_row *row, struct counted *counted)
{
    enum wf_status st = WF_OK;
    uint64_t party;
    if (row->at < counted->since || !party_of(l, cap, row, &party, &st))
        return st;
    if (wf_grow(l->out->alloc, &counted->parties, &counted->room, counted->n + 1, sizeof(party)) !=
        0)
        return WF_ERR_NOMEM;
    counted->parties[counted->n++] = party;
    return WF_OK;
}

static enum wf_status take_row(void *ctx, const struct wf_ledger_row *row)
{
    struct looking *l = ctx;
    int kind = wf_action_kind_of(row->kind.text, row->kind.len);
    enum wf_status st = kind < 0 ? WF_ERR_STATE : WF_OK;
    if (st != WF_OK)
        return st;
    rate_stock(l, row, kind);
    unsigned kinds = wf_capped_kinds((uint8_t)kind, row->coupon.len > 0);
    for (uint32_t i = 0; st == WF_OK && i < l->ir->n_caps; i++) {
        const struct wf_ir_cap *cap = &l->ir->caps[i];
        bool by = cap->channel == WF_NONE || row->channel.len == 0 ||
                  is_text(l->ir, cap->channel, row->channel);
        if ((kinds >> cap->kind & 1) && by)
            st = count_cap(l, cap, row, &l->caps[i]);
    }
    return st;
}

/* ---- figures ---- */

static int compare_parties(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void judge_cap(const struct wf_ir_cap *cap, const struct counted *counted,
                      struct wf_supply_cap *out)
{
    if (counted->n)
        qsort(counted->parties, counted->n, sizeof(*counted->parties), compare_parties);
    for (size_t i = 0, end; i < counted->n; i = end) {
        for (end = i + 1; end < counted->n && counted->parties[end] == counted->parties[i];)
            end++;
        int64_t have = (int64_t)(end - i);
        out->full += have >= cap->n;
        out->near += have == cap->n - 1;
    }
}

/* On which night the last of it goes, at the rate; nothing left: on the last one. */
static int64_t empty_on(const struct wf_supply *supply, const struct wf_supply_item *item)
{
    int64_t left = item->limit - item->used;
    if (left <= 0)
        return supply->day;
    if (item->recent <= 0)
        return WF_LASTS;
    __int128 days = ((__int128)left * supply->nights + item->recent - 1) / item->recent;
    return days > INT32_MAX ? WF_LASTS : supply->day + (int64_t)days;
}

static void list_stocks(struct looking *l)
{
    for (uint32_t i = 0; i < l->ir->n_contents; i++) {
        const struct wf_ir_content *content = &l->ir->contents[i];
        if (!content->coupon || content->stock < 0)
            continue;
        l->out->stocks[l->out->n_stocks++] = (struct wf_supply_item){
            .item = i,
            .limit = content->stock,
            .used = wf_rations_counted(&l->state->rations, WF_COUNTER_ISSUED,
                                       l->ir->texts[content->name]->text, 0, 1)};
    }
}

static void list_budgets(struct looking *l)
{
    struct wf_supply *out = l->out;
    for (uint32_t i = 0; i < l->ir->n_budgets; i++) {
        const struct wf_ir_budget *budget = &l->ir->budgets[i];
        const char *name = budget->name == WF_NONE ? NULL : l->ir->texts[budget->name]->text;
        enum wf_counter_kind kind =
            budget->kind == WF_SPENT_COUPON ? WF_COUNTER_COUPON : WF_COUNTER_CHANNEL;
        struct wf_supply_item *item = &out->budgets[out->n_budgets++];
        int64_t from;
        *item = (struct wf_supply_item){.item = i, .limit = budget->amount};
        wf_budget_days(budget, out->day + 1, &from, &item->until);
        item->used = wf_rations_counted(&l->state->rations, kind, name, from, item->until);
        item->recent = wf_rations_counted(&l->state->rations, kind, name,
                                          out->day - out->nights + 1, out->day + 2);
        item->empty = empty_on(out, item);
        if (item->empty >= item->until)
            item->empty = WF_LASTS;
    }
}

static enum wf_status look(struct looking *l, struct wf_store *store, const struct wf_zone *zone)
{
    int64_t next = wf_zone_midnight(zone, l->out->day + 1), since = l->rated;
    for (uint32_t i = 0; i < l->ir->n_caps; i++) {
        l->caps[i].since = wf_cap_reach(&l->ir->caps[i], zone, next);
        since = l->caps[i].since < since ? l->caps[i].since : since;
    }
    enum wf_status st = wf_marks_sort(&l->state->merged, l->state->alloc);
    if (st == WF_OK)
        st = store->ops->each_sent(store, since - 1, take_row, l);
    for (uint32_t i = 0; st == WF_OK && i < l->ir->n_caps; i++) {
        struct wf_supply_cap *cap = &l->out->caps[l->out->n_caps++];
        cap->item = i;
        judge_cap(&l->ir->caps[i], &l->caps[i], cap);
    }
    for (size_t i = 0; i < l->out->n_stocks; i++)
        l->out->stocks[i].empty = empty_on(l->out, &l->out->stocks[i]);
    return st;
}

enum wf_status wf_supply_make(struct wf_store *store, struct wf_state *state,
                              const struct wf_ir *ir, const struct wf_zone *zone,
                              struct wf_supply *out)
{
    const struct wf_alloc *alloc = store->alloc;
    struct looking l = {.ir = ir, .state = state, .out = out};
    int64_t first = wf_zone_day(zone, state->began);
    *out = (struct wf_supply){.alloc = alloc, .day = wf_zone_day(zone, state->last.t)};
    out->nights = out->day - first + 1 < WF_SUPPLY_NIGHTS ? out->day - first + 1 : WF_SUPPLY_NIGHTS;
    l.rated = wf_zone_midnight(zone, out->day - out->nights + 1);
    out->stocks = wf_calloc(alloc, ir->n_contents + (size_t)1, sizeof(*out->stocks));
    out->budgets = wf_calloc(alloc, ir->n_budgets + (size_t)1, sizeof(*out->budgets));
    out->caps = wf_calloc(alloc, ir->n_caps + (size_t)1, sizeof(*out->caps));
    l.caps = wf_calloc(alloc, ir->n_caps + (size_t)1, sizeof(*l.caps));
    enum wf_status st = out->stocks && out->budgets && out->caps && l.caps ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK) {
        list_stocks(&l);
        list_budgets(&l);
        st = look(&l, store, zone);
    }
    for (uint32_t i = 0; l.caps && i < ir->n_caps; i++)
        wf_free(alloc, l.caps[i].parties);
    wf_free(alloc, l.caps);
    return st;
}
