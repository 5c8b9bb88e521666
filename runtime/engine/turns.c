#include "runtime/engine/turns.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct turn {
    uint32_t rank;    /* of the rule, by priority and name */
    uint32_t content; /* the coupon that says `prefer by`, else WF_NONE */
    struct wf_value x;
    uint64_t hash;
    struct wf_decision *decision;
};

/* xxh3-64(salt NUL "order" NUL id), the salt as for the holdout. */
static uint64_t order_hash(const char *salt, const void *id, size_t len)
{
    static const char WORD[] = "order";
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, salt, strlen(salt) + 1);
    XXH3_64bits_update(&state, WORD, sizeof(WORD));
    XXH3_64bits_update(&state, id, len);
    return XXH3_64bits_digest(&state);
}

static int compare_turns(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->content != y->content)
        return x->content < y->content ? -1 : 1;
    if (x->x.present != y->x.present)
        return x->x.present ? -1 : 1;
    int order = x->x.present ? wf_value_compare(y->x, x->x) : 0;
    if (order != 0)
        return order;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    if (x->decision->occurred != y->decision->occurred)
        return x->decision->occurred < y->decision->occurred ? -1 : 1;
    if (x->decision->position != y->decision->position)
        return x->decision->position < y->decision->position ? -1 : 1;
    return memcmp(x->decision->id, y->decision->id, sizeof(x->decision->id));
}

struct ranked {
    int64_t priority;
    const char *name;
    uint32_t rule;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority > y->priority ? -1 : 1;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

/* By rule, its place among all; NULL: no memory. */
static uint32_t *rank_rules(const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    uint32_t n = wf_n_rules(ir);
    struct ranked *sorted = wf_calloc(night->alloc, n, sizeof(*sorted));
    uint32_t *ranks = wf_calloc(night->alloc, n, sizeof(*ranks));
    for (uint32_t i = 0; sorted && i < n; i++) {
        struct wf_rule_view rule = wf_rule_view(ir, i);
        sorted[i] = (struct ranked){rule.priority, ir->texts[rule.name]->text, i};
    }
    if (sorted && ranks) {
        qsort(sorted, n, sizeof(*sorted), compare_ranked);
        for (uint32_t i = 0; i < n; i++)
            ranks[sorted[i].rule] = i;
    }
    wf_free(night->alloc, sorted);
    return ranks;
}

static struct turn turn_of(const struct wf_contend *contend, struct wf_gates *gates,
                           const uint32_t *ranks, struct wf_decision *d)
{
    const struct wf_ir *ir = &contend->night->program->ir;
    const struct wf_id *id = &contend->night->data->ids[d->member];
    uint32_t content = gates->stocks.content[d->action];
    struct turn made = {
        .rank = ranks[d->rule],
        .content = WF_NONE,
        .hash = order_hash(wf_rule_salt(ir, d->rule, contend->born[d->rule]),
                           contend->night->data->id_heap + id->at, id->len),
        .decision = d,
    };
    if (content != WF_NONE && ir->contents[content].prefer != WF_NONE) {
        made.content = content;
        wf_scalar_member(gates->scalar, d->target);
        made.x = wf_scalar_value(gates->scalar, ir->contents[content].prefer);
    }
    return made;
}

/* ---- what others take away ---- */

/* What left on earlier nights counts for the members it left to, as they are called tonight. */
static enum wf_status count_past(struct wf_contend *contend, struct wf_gates *gates)
{
    const struct wf_night *night = contend->night;
    if (night->n_past == 0)
        return WF_OK;
    uint32_t *rows = wf_roster_rows(&contend->out->roster, night->state->members.n);
    enum wf_status st =
        rows ? wf_marks_sort(&night->state->merged, night->state->alloc) : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < night->n_past; i++) {
        const struct wf_past *past = &night->past[i];
        bool known = past->member != WF_NO_MEMBER;
        st = wf_caps_past(&gates->caps, past,
                          known ? rows[wf_state_united(night->state, past->member)] : WF_NONE);
    }
    wf_free(night->alloc, rows);
    return st;
}

/* Whether something may still stop a contender: what can run out, or a veto. */
static bool may_stop(const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    bool stock = false;
    for (uint32_t i = 0; i < ir->n_contents; i++)
        stock |= ir->contents[i].stock >= 0;
    return stock || ir->n_caps || ir->n_budgets || night->veto.last;
}

/* Gates 6 and 7; what passes them stays as it is. */
static enum wf_status take_one(struct wf_contend *contend, struct wf_gates *gates,
                               struct wf_decision *decision)
{
    struct wf_contender c = wf_contender_of(decision);
    enum wf_status st = wf_gates_take(gates, &c);
    if (st != WF_OK || c.gate == WF_GATE_NONE)
        return st;
    return wf_contender_keep(&c, contend->night, &contend->out->rare[0], decision);
}

/* Those of one action that leave alike, not counted yet. */
struct alike {
    uint64_t n;
    int64_t not_before;
    uint32_t channel;
};

static enum wf_status count_alike(struct wf_gates *gates, uint32_t action, struct alike *alike)
{
    struct wf_contender all = wf_contender_blank();
    uint64_t n = alike->n;
    all.action = action;
    all.channel = alike->channel;
    all.not_before = alike->not_before;
    alike->n = 0;
    return n ? wf_stocks_take(&gates->stocks, &all, n) : WF_OK;
}

/* Nothing is stopped: all that passed so far leave and are only counted, those alike at once. */
static enum wf_status take_all(struct wf_contend *contend, struct wf_gates *gates)
{
    const struct wf_outcome *out = contend->out;
    const struct wf_alloc *alloc = contend->night->alloc;
    uint32_t n_actions = contend->night->program->ir.n_actions;
    struct alike *alike = wf_calloc(alloc, n_actions, sizeof(*alike)); /* by action */
    enum wf_status st = alike ? WF_OK : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++) {
        const struct wf_decision *d = &out->decisions[i];
        if (d->gate != WF_GATE_NONE)
            continue;
        struct alike *like = &alike[d->action];
        if (like->channel != d->channel || like->not_before != d->not_before)
            st = count_alike(gates, d->action, like);
        like->channel = d->channel;
        like->not_before = d->not_before;
        like->n++;
    }
    for (uint32_t i = 0; st == WF_OK && i < n_actions; i++)
        st = count_alike(gates, i, &alike[i]);
    wf_free(alloc, alike);
    return st;
}

static enum wf_status take_in_order(struct wf_contend *contend, struct wf_gates *gates)
{
    struct wf_outcome *out = contend->out;
    const struct wf_alloc *alloc = contend->night->alloc;
    struct turn *order = wf_calloc(alloc, out->n_decisions, sizeof(*order));
    uint32_t *ranks = rank_rules(contend->night);
    enum wf_status st = order && ranks ? WF_OK : WF_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++) {
        struct wf_decision *d = &out->decisions[i];
        if (d->gate != WF_GATE_NONE)
            continue;
        struct wf_contender c = wf_contender_of(d);
        order[n++] = turn_of(contend, gates, ranks, d);
        st = wf_caps_watch(&gates->caps, &c);
    }
    if (st == WF_OK)
        st = count_past(contend, gates);
    if (st == WF_OK)
        qsort(order, n, sizeof(*order), compare_turns);
    for (size_t i = 0; st == WF_OK && i < n; i++)
        st = take_one(contend, gates, order[i].decision);
    wf_free(alloc, order);
    wf_free(alloc, ranks);
    return st;
}

enum wf_status wf_turns_take(struct wf_contend *contend, struct wf_gates *gates)
{
    enum wf_status st =
        may_stop(contend->night) ? take_in_order(contend, gates) : take_all(contend, gates);
    if (st == WF_OK)
        st = wf_stocks_keep(&gates->stocks);
    return st == WF_OK ? wf_gates_status(gates) : st;
}
