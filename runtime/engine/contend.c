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
    *contend = (struct wf_contend){.night = night, .out = out, .n_lists = ir->n_triggers + 1};
    contend->born = wf_calloc(night->alloc, wf_n_rules(ir), sizeof(*contend->born));
    contend->lists = wf_calloc(night->alloc, contend->n_lists, sizeof(*contend->lists));
    if (!contend->born || !contend->lists)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        contend->born[i] = night->state->rules[rules[i].state].born;
    return WF_OK;
}

void wf_contend_release(struct wf_contend *contend)
{
    for (uint32_t i = 0; contend->lists && i < contend->n_lists; i++)
        wf_free(contend->night->alloc, contend->lists[i].items);
    wf_free(contend->night->alloc, contend->lists);
    wf_free(contend->night->alloc, contend->born);
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

enum wf_status wf_contend_add(struct wf_contend *contend, const struct wf_decision *decision)
{
    const struct wf_dataset *data = contend->night->data;
    const struct wf_id *id = &data->ids[decision->member];
    uint32_t last = contend->n_lists - 1;
    struct wf_contenders *list = &contend->lists[decision->rule < last ? decision->rule : last];
    if (wf_grow(contend->night->alloc, &list->items, &list->room, list->n + 1, sizeof(*decision)))
        return WF_ERR_NOMEM;
    struct wf_decision *added = &list->items[list->n++];
    *added = *decision;
    if (decision->again)
        return WF_OK;
    wf_action_id(contend->born[decision->rule], decision->key, data->id_heap + id->at, id->len,
                 decision->position, added->id);
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

static int compare_decisions(const struct wf_dataset *data, const struct wf_decision *x,
                             const struct wf_decision *y)
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
    return compare_decisions(ctx, x->decision, y->decision);
}

/* The first bytes of an id; shorter ones are filled up with zeros. */
static uint64_t head_of(const struct wf_dataset *data, uint32_t row)
{
    unsigned char first[8] = {0};
    const struct wf_id *id = &data->ids[row];
    memcpy(first, data->id_heap + id->at, id->len < 8 ? id->len : 8);
    return wf_order_head(first);
}

/* The work of settling, list by list or part by part, on all threads. */
struct settling {
    struct wf_contend *contend;
    struct wf_gates *gates; /* by thread */
    struct wf_order_key *keys;
    size_t *first; /* by list: its first key */
};

enum { SORTED_PART = 4096 }; /* decisions that a thread puts into their place at a time */

static void fetch(const struct wf_decision *decision)
{
    for (size_t at = 0; at < sizeof(*decision); at += 64)
        __builtin_prefetch((const char *)decision + at);
}

static enum wf_status put_sorted(void *ctx, unsigned thread, uint32_t part)
{
    struct settling *s = ctx;
    struct wf_outcome *out = s->contend->out;
    size_t first = (size_t)part * SORTED_PART;
    size_t end = first + SORTED_PART < out->n_decisions ? first + SORTED_PART : out->n_decisions;
    (void)thread;
    for (size_t i = first; i < end; i++) {
        if (i + WF_IDS_AHEAD < end)
            fetch(s->keys[i + WF_IDS_AHEAD].decision);
        out->decisions[i] = *s->keys[i].decision;
    }
    return WF_OK;
}

/* From the lists into the outcome. */
static enum wf_status sort_decisions(struct settling *s, struct wf_order_key *keys,
                                     struct wf_order_key *spare)
{
    const struct wf_night *night = s->contend->night;
    struct wf_outcome *out = s->contend->out;
    size_t n = out->n_decisions;
    void *data;
    memcpy(&data, &night->data, sizeof(data)); /* qsort_r hands its context on as it came */
    s->keys = wf_order(keys, spare, n, compare_keys, data);
    out->decisions = wf_realloc(out->alloc, NULL, (n + !n) * sizeof(*out->decisions));
    out->room = n;
    if (!out->decisions)
        return WF_ERR_NOMEM;
    uint32_t parts = (uint32_t)((n + SORTED_PART - 1) / SORTED_PART);
    return wf_parallel(night->vm.threads, parts, s, put_sorted);
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

static void settle_conflicts(struct wf_contend *contend)
{
    const struct wf_outcome *out = contend->out;
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

/* Gates 1 to 5 over the contenders of a list; its keys as far as they can be had now. */
static enum wf_status pass_list(void *ctx, unsigned thread, uint32_t list)
{
    struct settling *s = ctx;
    const struct wf_night *night = s->contend->night;
    struct wf_contenders *contenders = &s->contend->lists[list];
    struct wf_order_key *key = s->keys + s->first[list];
    for (size_t i = 0; i < contenders->n; i++) {
        struct wf_decision *d = &contenders->items[i];
        if (i + WF_IDS_AHEAD < contenders->n)
            wf_ids_fetch(night->data, d[WF_IDS_AHEAD].member, d[WF_IDS_AHEAD / 2].member);
        wf_gates_pass(&s->gates[thread], d);
        *key++ = (struct wf_order_key){head_of(night->data, d->target), d};
    }
    return wf_gates_status(&s->gates[thread]);
}

/* All lists pass side by side, then come together in their order. */
static enum wf_status pass_and_sort(struct settling *s)
{
    struct wf_contend *contend = s->contend;
    const struct wf_night *night = contend->night;
    size_t n = 0;
    s->first = wf_calloc(night->alloc, contend->n_lists, sizeof(*s->first));
    for (uint32_t i = 0; s->first && i < contend->n_lists; i++) {
        s->first[i] = n;
        n += contend->lists[i].n;
    }
    contend->out->n_decisions = n;
    struct wf_order_key *keys = wf_calloc(night->alloc, n, sizeof(*keys));
    struct wf_order_key *spare = wf_calloc(night->alloc, n, sizeof(*spare));
    s->keys = keys;
    enum wf_status st = s->first && keys && spare ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = wf_parallel(night->vm.threads, contend->n_lists, s, pass_list);
    if (st == WF_OK)
        st = sort_decisions(s, keys, spare);
    if (st != WF_OK)
        contend->out->n_decisions = 0;
    wf_free(night->alloc, keys);
    wf_free(night->alloc, spare);
    wf_free(night->alloc, s->first);
    return st;
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
        st = pass_and_sort(&s);
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
