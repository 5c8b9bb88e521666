#include "runtime/engine/contend.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/parallel.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/order.h"

/* Hashing in one go is several times as fast as piece by piece, and gives the same. */
enum { AT_ONCE = 256 };

void wf_action_id(const char *born, const unsigned char key[16], const void *member, size_t len,
                  uint32_t position, unsigned char out[16])
{
    unsigned char tail[4] = {(unsigned char)position, (unsigned char)(position >> 8),
                             (unsigned char)(position >> 16), (unsigned char)(position >> 24)};
    size_t born_len = strlen(born) + 1, all = born_len + 16 + sizeof(tail) + len;
    XXH128_canonical_t canonical;
    if (born_len < AT_ONCE && all <= AT_ONCE) {
        unsigned char text[AT_ONCE];
        memcpy(text, born, born_len);
        memcpy(text + born_len, key, 16);
        memcpy(text + born_len + 16, tail, sizeof(tail));
        memcpy(text + born_len + 16 + sizeof(tail), member, len);
        XXH128_canonicalFromHash(&canonical, XXH3_128bits(text, all));
    } else {
        XXH3_state_t state;
        XXH3_128bits_reset(&state);
        XXH3_128bits_update(&state, born, born_len);
        XXH3_128bits_update(&state, key, 16);
        XXH3_128bits_update(&state, tail, sizeof(tail));
        XXH3_128bits_update(&state, member, len);
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    }
    memcpy(out, canonical.digest, 16);
}

enum wf_status wf_contend_init(struct wf_contend *contend, const struct wf_night *night,
                               const struct wf_rule_night *rules, struct wf_outcome *out)
{
    const struct wf_ir *ir = &night->program->ir;
    *contend = (struct wf_contend){.night = night, .out = out};
    contend->born = wf_calloc(night->alloc, wf_n_rules(ir), sizeof(*contend->born));
    contend->claims = wf_calloc(night->alloc, ir->n_triggers, sizeof(*contend->claims));
    if (!contend->born || !contend->claims)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        contend->born[i] = night->state->rules[rules[i].state].born;
    return WF_OK;
}

void wf_contend_release(struct wf_contend *contend)
{
    const struct wf_alloc *alloc = contend->night->alloc;
    uint32_t n_triggers = contend->claims ? contend->night->program->ir.n_triggers : 0;
    for (uint32_t i = 0; i < n_triggers; i++)
        wf_free(alloc, contend->claims[i].items);
    wf_free(alloc, contend->claims);
    wf_free(alloc, contend->others);
    wf_free(alloc, contend->born);
}

struct wf_decision wf_decision_blank(void)
{
    return (struct wf_decision){
        .step = WF_NONE,
        .channel = WF_NONE,
        .event = WF_NO_EVENT,
        .entry = WF_NO_TIME,
        .not_before = WF_NO_TIME,
        .not_after = WF_NO_TIME,
        .earliest = WF_NO_TIME,
        .held = WF_NO_TIME,
        .note.item = WF_NONE,
    };
}

/* The id of a new action. */
static void identify(const struct wf_contend *contend, struct wf_decision *decision)
{
    const struct wf_dataset *data = contend->night->data;
    const struct wf_id *id = &data->ids[decision->member];
    wf_action_id(contend->born[decision->rule], decision->key, data->id_heap + id->at, id->len,
                 decision->position, decision->id);
}

enum wf_status wf_contend_reserve(struct wf_contend *contend, uint32_t trigger, size_t n)
{
    struct wf_claims *claims = &contend->claims[trigger];
    bool grown = wf_grow(contend->night->alloc, &claims->items, &claims->room, claims->n + n,
                         sizeof(*claims->items)) == 0;
    return grown ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_contend_claim(struct wf_contend *contend, const struct wf_claim *claim)
{
    struct wf_claims *claims = &contend->claims[claim->rule];
    if (claims->n == claims->room && wf_contend_reserve(contend, claim->rule, 1) != WF_OK)
        return WF_ERR_NOMEM;
    claims->items[claims->n++] = *claim;
    return WF_OK;
}

enum wf_status wf_contend_add(struct wf_contend *contend, const struct wf_decision *decision)
{
    if (wf_grow(contend->night->alloc, &contend->others, &contend->room_others,
                contend->n_others + 1, sizeof(*decision)))
        return WF_ERR_NOMEM;
    struct wf_decision *added = &contend->others[contend->n_others++];
    *added = *decision;
    if (!decision->again)
        identify(contend, added);
    return WF_OK;
}

/* ---- the order of what comes out ---- */

static int compare_ids(const struct wf_dataset *data, uint32_t a, uint32_t b)
{
    const struct wf_id *x = &data->ids[a], *y = &data->ids[b];
    uint32_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(data->id_heap + x->at, data->id_heap + y->at, len);
    if (order != 0)
        return order;
    return x->len < y->len ? -1 : x->len > y->len;
}

static int compare_claims(const struct wf_dataset *data, const struct wf_claim *x,
                          const struct wf_claim *y)
{
    int order;
    if (x->target != y->target && (order = compare_ids(data, x->target, y->target)) != 0)
        return order;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    if (x->member != y->member && (order = compare_ids(data, x->member, y->member)) != 0)
        return order;
    if (x->occurred != y->occurred)
        return x->occurred < y->occurred ? -1 : 1;
    order = memcmp(x->key, y->key, sizeof(x->key));
    if (order != 0)
        return order;
    return x->position < y->position ? -1 : x->position > y->position;
}

static int compare_keys(const void *a, const void *b, void *ctx)
{
    const struct wf_order_key *x = a, *y = b;
    return compare_claims(ctx, x->claim, y->claim);
}

/* The first bytes of an id; shorter ones are filled up with zeros. */
static uint64_t head_of(const struct wf_dataset *data, uint32_t row)
{
    unsigned char first[8] = {0};
    const struct wf_id *id = &data->ids[row];
    memcpy(first, data->id_heap + id->at, id->len < 8 ? id->len : 8);
    return wf_order_head(first);
}

/* The work of settling, trigger by trigger or part by part, on all threads. */
struct settling {
    struct wf_contend *contend;
    struct wf_gates *gates;  /* by thread */
    struct wf_claim *others; /* of the decisions that are made already */
    struct wf_order_key *keys;
    size_t *first; /* by trigger, then of the others: the first key */
};

/* Who receives an action, as the gates will have it. */
static uint32_t target_of(const struct settling *s, unsigned thread, const struct wf_claim *claim)
{
    uint32_t target = claim->member;
    if (s->contend->night->program->ir.actions[claim->action].to_inviter)
        wf_inviter_of(&s->gates[thread].parties, claim->member, &target);
    return target;
}

/* The keys of a trigger's claims; those of the others come last. */
static enum wf_status make_keys(void *ctx, unsigned thread, uint32_t list)
{
    struct settling *s = ctx;
    const struct wf_night *night = s->contend->night;
    bool last = list == night->program->ir.n_triggers;
    struct wf_claim *claims = last ? s->others : s->contend->claims[list].items;
    size_t n = last ? s->contend->n_others : s->contend->claims[list].n;
    struct wf_order_key *keys = s->keys + s->first[list];
    for (size_t i = 0; i < n; i++) {
        if (i + WF_IDS_AHEAD < n)
            wf_ids_fetch(night->data, claims[i + WF_IDS_AHEAD].member,
                         claims[i + WF_IDS_AHEAD / 2].member);
        claims[i].target = target_of(s, thread, &claims[i]);
        keys[i] = (struct wf_order_key){.head = head_of(night->data, claims[i].target),
                                        .claim = &claims[i]};
    }
    return wf_gates_status(&s->gates[thread]);
}

static struct wf_decision decision_of(const struct wf_contend *contend,
                                      const struct wf_claim *claim)
{
    if (claim->whole)
        return *claim->whole;
    struct wf_decision made = wf_decision_blank();
    made.rule = claim->rule;
    made.action = claim->action;
    made.position = claim->position;
    made.member = claim->member;
    made.event = claim->event;
    made.occurred = claim->occurred;
    made.known_by = claim->known_by;
    made.gate = claim->missed ? WF_GATE_MISSED : WF_GATE_NONE;
    memcpy(made.key, claim->key, sizeof(made.key));
    identify(contend, &made);
    return made;
}

enum { PART = 4096 }; /* decisions that a thread makes at a time */

static const struct wf_claim *claim_at(const struct settling *s, size_t i)
{
    return s->keys[i].claim;
}

/* Sorted claims become decisions in their place, which pass gates 1 to 5 or do not. */
static enum wf_status pass_part(void *ctx, unsigned thread, uint32_t part)
{
    struct settling *s = ctx;
    const struct wf_dataset *data = s->contend->night->data;
    struct wf_outcome *out = s->contend->out;
    size_t first = (size_t)part * PART, left = out->n_decisions - first;
    size_t end = first + (left < PART ? left : PART);
    for (size_t i = first; i < end; i++) {
        if (i + 2 * WF_IDS_AHEAD < end) {
            __builtin_prefetch(claim_at(s, i + 2 * WF_IDS_AHEAD));
            wf_ids_fetch(data, claim_at(s, i + WF_IDS_AHEAD)->member,
                         claim_at(s, i + WF_IDS_AHEAD / 2)->member);
        }
        out->decisions[i] = decision_of(s->contend, claim_at(s, i));
        wf_gates_pass(&s->gates[thread], &out->decisions[i]);
    }
    return wf_gates_status(&s->gates[thread]);
}

/* What was added as a decision is sorted like the claims. */
static enum wf_status claim_others(struct settling *s)
{
    const struct wf_contend *contend = s->contend;
    s->others = wf_calloc(contend->night->alloc, contend->n_others, sizeof(*s->others));
    for (size_t i = 0; s->others && i < contend->n_others; i++) {
        const struct wf_decision *d = &contend->others[i];
        s->others[i] = (struct wf_claim){.rule = d->rule,
                                         .action = d->action,
                                         .position = d->position,
                                         .member = d->member,
                                         .occurred = d->occurred,
                                         .whole = d};
        memcpy(s->others[i].key, d->key, sizeof(d->key));
    }
    return s->others ? WF_OK : WF_ERR_NOMEM;
}

/* Finds the place of every key; answers how many there are. */
static size_t lay_out(struct settling *s)
{
    const struct wf_contend *contend = s->contend;
    uint32_t n_triggers = contend->night->program->ir.n_triggers;
    size_t n = 0;
    for (uint32_t i = 0; i < n_triggers; i++) {
        s->first[i] = n;
        n += contend->claims[i].n;
    }
    s->first[n_triggers] = n;
    return n + contend->n_others;
}

/* From the claims into the outcome, in order. */
static enum wf_status sort_and_pass(struct settling *s, size_t n)
{
    const struct wf_night *night = s->contend->night;
    struct wf_outcome *out = s->contend->out;
    struct wf_order_key *keys = wf_realloc(night->alloc, NULL, (n + !n) * sizeof(*keys));
    struct wf_order_key *spare = wf_realloc(night->alloc, NULL, (n + !n) * sizeof(*spare));
    void *data;
    memcpy(&data, &night->data, sizeof(data)); /* qsort_r hands its context on as it came */
    s->keys = keys;
    enum wf_status st = keys && spare ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = wf_parallel(night->vm.threads, night->program->ir.n_triggers + 1, s, make_keys);
    if (st == WF_OK) {
        s->keys = wf_order(keys, spare, n, compare_keys, data);
        out->decisions = wf_realloc(out->alloc, NULL, (n + !n) * sizeof(*out->decisions));
        st = out->decisions ? WF_OK : WF_ERR_NOMEM;
    }
    if (st == WF_OK) {
        out->n_decisions = out->room = n;
        st = wf_parallel(night->vm.threads, (uint32_t)((n + PART - 1) / PART), s, pass_part);
    }
    wf_free(night->alloc, keys);
    wf_free(night->alloc, spare);
    return st;
}

static enum wf_status pass_all(struct settling *s)
{
    const struct wf_alloc *alloc = s->contend->night->alloc;
    s->first =
        wf_calloc(alloc, s->contend->night->program->ir.n_triggers + (size_t)1, sizeof(*s->first));
    enum wf_status st = s->first ? claim_others(s) : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = sort_and_pass(s, lay_out(s));
    wf_free(alloc, s->others);
    wf_free(alloc, s->first);
    return st;
}

/* ---- the order of contention ---- */

struct contender {
    uint32_t rank;    /* of the rule, by priority and name */
    uint32_t content; /* the coupon that says `prefer by`, else WF_NONE */
    struct wf_value x;
    uint64_t hash;
    struct wf_decision *decision;
};

uint64_t wf_order_hash(const char *salt, const void *id, size_t len)
{
    static const char WORD[] = "order";
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, salt, strlen(salt) + 1);
    XXH3_64bits_update(&state, WORD, sizeof(WORD));
    XXH3_64bits_update(&state, id, len);
    return XXH3_64bits_digest(&state);
}

static int compare_contenders(const void *a, const void *b)
{
    const struct contender *x = a, *y = b;
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

static struct contender contender_of(const struct wf_contend *contend, struct wf_gates *gates,
                                     const uint32_t *ranks, struct wf_decision *d)
{
    const struct wf_ir *ir = &contend->night->program->ir;
    const struct wf_id *id = &contend->night->data->ids[d->member];
    uint32_t content = gates->stocks.content[d->action];
    struct contender made = {
        .rank = ranks[d->rule],
        .content = WF_NONE,
        .hash = wf_order_hash(wf_rule_salt(ir, d->rule, contend->born[d->rule]),
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

/* Tonight's row of a member who received something once; WF_NONE: not among tonight's. */
static enum wf_status row_of(struct wf_state *state, const uint32_t *rows,
                             struct wf_member_hash member, uint32_t *row_out)
{
    uint32_t ordinal;
    enum wf_status st = wf_state_find(state, member, &ordinal);
    *row_out = WF_NONE;
    if (st != WF_OK || ordinal == WF_NO_MEMBER)
        return st;
    *row_out = rows[wf_state_united(state, ordinal)];
    return WF_OK;
}

/* What left on earlier nights counts for the members it left to, as they are called tonight. */
static enum wf_status count_past(struct wf_contend *contend, struct wf_gates *gates)
{
    const struct wf_night *night = contend->night;
    if (night->n_past == 0)
        return WF_OK;
    uint32_t *rows = wf_roster_rows(&contend->out->roster, night->state->n_ids);
    enum wf_status st =
        rows ? wf_marks_sort(&night->state->merged, night->state->alloc) : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < night->n_past; i++) {
        uint32_t row;
        st = row_of(night->state, rows, night->past[i].member, &row);
        if (st == WF_OK)
            st = wf_caps_past(&gates->caps, &night->past[i], row);
    }
    wf_free(night->alloc, rows);
    return st;
}

/* Whether anything can run out for some contender, so that the order matters. */
static bool is_scarce(const struct wf_ir *ir)
{
    bool stock = false;
    for (uint32_t i = 0; i < ir->n_contents; i++)
        stock |= ir->contents[i].stock >= 0;
    return stock || ir->n_caps || ir->n_budgets;
}

/* One after the other as they are sorted, where the order does not matter: nothing is counted. */
static enum wf_status take_all(struct wf_contend *contend, struct wf_gates *gates)
{
    struct wf_outcome *out = contend->out;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++)
        if (out->decisions[i].gate == WF_GATE_NONE)
            st = wf_gates_take(gates, &out->decisions[i]);
    return st;
}

static enum wf_status take_in_order(struct wf_contend *contend, struct wf_gates *gates)
{
    struct wf_outcome *out = contend->out;
    const struct wf_alloc *alloc = contend->night->alloc;
    struct contender *order = wf_calloc(alloc, out->n_decisions, sizeof(*order));
    uint32_t *ranks = rank_rules(contend->night);
    enum wf_status st = order && ranks ? WF_OK : WF_ERR_NOMEM;
    size_t n = 0;
    for (size_t i = 0; st == WF_OK && i < out->n_decisions; i++) {
        struct wf_decision *d = &out->decisions[i];
        if (d->gate != WF_GATE_NONE)
            continue;
        order[n++] = contender_of(contend, gates, ranks, d);
        st = wf_caps_watch(&gates->caps, d);
    }
    if (st == WF_OK)
        st = count_past(contend, gates);
    if (st == WF_OK)
        qsort(order, n, sizeof(*order), compare_contenders);
    for (size_t i = 0; st == WF_OK && i < n; i++)
        st = wf_gates_take(gates, order[i].decision);
    wf_free(alloc, order);
    wf_free(alloc, ranks);
    return st;
}

/* Whether two actions of the program may contradict each other at all. */
static bool has_sets(const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_actions; i++)
        if (ir->actions[i].kind == WF_ACT_SET)
            return true;
    return false;
}

static void settle_conflicts(struct wf_contend *contend)
{
    const struct wf_outcome *out = contend->out;
    if (!has_sets(&contend->night->program->ir))
        return;
    for (size_t i = 0, end; i < out->n_decisions; i = end) {
        for (end = i + 1;
             end < out->n_decisions && out->decisions[end].target == out->decisions[i].target;)
            end++;
        wf_gates_conflicts(&contend->night->program->ir, out->decisions + i, end - i);
    }
}

static void count_by_rule(struct wf_outcome *out)
{
    for (size_t i = 0; i < out->n_decisions; i++) {
        const struct wf_decision *d = &out->decisions[i];
        struct wf_rule_counts *counts = &out->rules[d->rule];
        counts->left += d->gate == WF_GATE_NONE;
        counts->stopped += d->gate != WF_GATE_NONE;
        counts->held += d->held != WF_NO_TIME;
    }
}

static enum wf_status take(struct wf_contend *contend, struct wf_gates *gates)
{
    enum wf_status st = is_scarce(&contend->night->program->ir) ? take_in_order(contend, gates)
                                                                : take_all(contend, gates);
    if (st == WF_OK)
        st = wf_stocks_keep(&gates->stocks);
    return st == WF_OK ? wf_gates_status(gates) : st;
}

enum wf_status wf_contend_settle(struct wf_contend *contend, struct wf_scalar *const *scalars,
                                 const struct wf_vm_params *params)
{
    const struct wf_night *night = contend->night;
    struct wf_outcome *out = contend->out;
    unsigned threads = night->vm.threads;
    struct settling s = {.contend = contend};
    s.gates = wf_calloc(night->alloc, threads, sizeof(*s.gates));
    enum wf_status st = s.gates ? WF_OK : WF_ERR_NOMEM;
    for (unsigned i = 0; st == WF_OK && i < threads; i++)
        st = wf_gates_init(&s.gates[i], night, contend->born, scalars[i], params, &out->pops);
    if (st == WF_OK)
        st = pass_all(&s);
    for (size_t i = 0; st == WF_OK && night->veto.fn && i < out->n_decisions; i++)
        if (out->decisions[i].gate == WF_GATE_NONE)
            night->veto.fn(night->veto.ctx, &out->decisions[i]);
    if (st == WF_OK) {
        settle_conflicts(contend);
        st = take(contend, &s.gates[0]);
    }
    if (st == WF_OK)
        count_by_rule(out);
    for (unsigned i = 0; s.gates && i < threads; i++)
        wf_gates_release(&s.gates[i]);
    wf_free(night->alloc, s.gates);
    return st;
}
