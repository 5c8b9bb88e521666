#include "runtime/engine/contend.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/parallel.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/order.h"
#include "runtime/engine/turns.h"

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

/* The id of a new action. */
static void identify(const struct wf_contend *contend, struct wf_contender *c)
{
    const struct wf_dataset *data = contend->night->data;
    const struct wf_id *id = &data->ids[c->member];
    wf_action_id(contend->born[c->rule], c->key, data->id_heap + id->at, id->len, c->position,
                 c->id);
}

enum wf_status wf_contend_reserve(struct wf_contend *contend, uint32_t trigger, size_t n)
{
    struct wf_claims *claims = &contend->claims[trigger];
    bool grown = wf_grow(contend->night->alloc, &claims->items, &claims->room, claims->n + n,
                         sizeof(*claims->items)) == 0;
    return grown ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_contend_claim(struct wf_contend *contend, uint32_t trigger,
                                const struct wf_claim *claim)
{
    struct wf_claims *claims = &contend->claims[trigger];
    if (claims->n == claims->room && wf_contend_reserve(contend, trigger, 1) != WF_OK)
        return WF_ERR_NOMEM;
    claims->items[claims->n++] = *claim;
    return WF_OK;
}

enum wf_status wf_contend_add(struct wf_contend *contend, const struct wf_contender *contender)
{
    if (wf_grow(contend->night->alloc, &contend->others, &contend->room_others,
                contend->n_others + 1, sizeof(*contender)))
        return WF_ERR_NOMEM;
    struct wf_contender *added = &contend->others[contend->n_others++];
    *added = *contender;
    if (!contender->again)
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

/* What a key stands for, as far as it is sorted by. */
struct asked {
    uint32_t rule, member, position;
    int64_t occurred;
    const unsigned char *key;
};

static struct asked asked_of(const struct wf_contend *contend, const struct wf_order_key *key)
{
    if (key->list == contend->night->program->ir.n_triggers) {
        const struct wf_contender *c = &contend->others[key->index];
        return (struct asked){c->rule, c->member, c->position, c->occurred, c->key};
    }
    const struct wf_claim *claim = &contend->claims[key->list].items[key->index];
    return (struct asked){key->list, claim->member, claim->position, claim->occurred, claim->key};
}

static int compare_asked(const struct wf_dataset *data, struct asked x, struct asked y)
{
    int order;
    if (x.rule != y.rule)
        return x.rule < y.rule ? -1 : 1;
    if (x.member != y.member && (order = compare_ids(data, x.member, y.member)) != 0)
        return order;
    if (x.occurred != y.occurred)
        return x.occurred < y.occurred ? -1 : 1;
    order = memcmp(x.key, y.key, 16);
    if (order != 0)
        return order;
    return x.position < y.position ? -1 : x.position > y.position;
}

static int compare_keys(const void *a, const void *b, void *ctx)
{
    const struct wf_contend *contend = ctx;
    const struct wf_order_key *x = a, *y = b;
    uint32_t n_triggers = contend->night->program->ir.n_triggers;
    int order;
    if (x->target != y->target &&
        (order = compare_ids(contend->night->data, x->target, y->target)) != 0)
        return order;
    if (x->list != y->list && x->list != n_triggers && y->list != n_triggers)
        return x->list < y->list ? -1 : 1; /* claims need not be looked at */
    return compare_asked(contend->night->data, asked_of(contend, x), asked_of(contend, y));
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
    struct wf_gates *gates; /* by thread */
    struct wf_order_key *keys;
    size_t *first; /* by trigger, then of the others: the first key */
};

/* The key of an action, by who receives it: as the gates will have it. */
static struct wf_order_key key_of(const struct settling *s, unsigned thread, uint32_t member,
                                  uint32_t action)
{
    const struct wf_night *night = s->contend->night;
    struct wf_order_key key = {.target = member};
    if (night->program->ir.actions[action].to_inviter)
        wf_inviter_of(&s->gates[thread].parties, member, &key.target);
    key.head = head_of(night->data, key.target);
    return key;
}

/* The keys of a trigger's claims; those of the others come last. */
static enum wf_status make_keys(void *ctx, unsigned thread, uint32_t list)
{
    struct settling *s = ctx;
    const struct wf_contend *contend = s->contend;
    const struct wf_ir *ir = &contend->night->program->ir;
    bool last = list == ir->n_triggers;
    const struct wf_claim *claims = last ? NULL : contend->claims[list].items;
    size_t n = last ? contend->n_others : contend->claims[list].n;
    struct wf_order_key *keys = s->keys + s->first[list];
    for (size_t i = 0; i < n; i++) {
        if (claims && i + WF_IDS_AHEAD < n)
            wf_ids_fetch(contend->night->data, claims[i + WF_IDS_AHEAD].member,
                         claims[i + WF_IDS_AHEAD / 2].member);
        if (claims)
            keys[i] = key_of(s, thread, claims[i].member,
                             ir->triggers[list].actions_first + claims[i].position);
        else
            keys[i] = key_of(s, thread, contend->others[i].member, contend->others[i].action);
        keys[i].list = list;
        keys[i].index = (uint32_t)i;
    }
    return wf_gates_status(&s->gates[thread]);
}

static struct wf_contender contender_of(const struct wf_contend *contend,
                                        const struct wf_order_key *key)
{
    const struct wf_ir *ir = &contend->night->program->ir;
    if (key->list == ir->n_triggers)
        return contend->others[key->index];
    const struct wf_claim *claim = &contend->claims[key->list].items[key->index];
    struct wf_contender made = wf_contender_blank();
    made.rule = key->list;
    made.action = ir->triggers[key->list].actions_first + claim->position;
    made.position = claim->position;
    made.member = claim->member;
    made.event = claim->event;
    made.occurred = claim->occurred;
    made.gate = claim->missed ? WF_GATE_MISSED : WF_GATE_NONE;
    memcpy(made.key, claim->key, sizeof(made.key));
    identify(contend, &made);
    return made;
}

enum { PART = 4096 }; /* decisions that a thread makes at a time */

/* Fetches what the contender of a key is made of, and the id of one that comes sooner. (A call
 * that did only this would be thought to do nothing.) */
static inline __attribute__((always_inline)) void fetch(const struct wf_contend *contend,
                                                        const struct wf_order_key *far,
                                                        const struct wf_order_key *near)
{
    if (far->list < contend->night->program->ir.n_triggers) {
        const struct wf_claim *claim = &contend->claims[far->list].items[far->index];
        __builtin_prefetch(claim);
        __builtin_prefetch((const char *)(claim + 1) - 1); /* it may be on two lines */
    }
    wf_ids_fetch(contend->night->data, far->target, near->target);
}

/* Sorted claims pass gates 1 to 5 or do not, and become decisions in their place. */
static enum wf_status pass_part(void *ctx, unsigned thread, uint32_t part)
{
    struct settling *s = ctx;
    struct wf_outcome *out = s->contend->out;
    size_t first = (size_t)part * PART, left = out->n_decisions - first;
    size_t end = first + (left < PART ? left : PART);
    enum wf_status st = WF_OK;
    for (size_t i = first; st == WF_OK && i < end; i++) {
        if (i + WF_IDS_AHEAD < end)
            fetch(s->contend, &s->keys[i + WF_IDS_AHEAD], &s->keys[i + WF_IDS_AHEAD / 2]);
        struct wf_contender c = contender_of(s->contend, &s->keys[i]);
        wf_gates_pass(&s->gates[thread], &c);
        out->decisions[i].rare = NULL;
        st = wf_contender_keep(&c, s->contend->night, &out->rare[thread], &out->decisions[i]);
    }
    return st == WF_OK ? wf_gates_status(&s->gates[thread]) : st;
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
    s->keys = keys;
    enum wf_status st = keys && spare ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = wf_parallel(night->vm.threads, night->program->ir.n_triggers + 1, s, make_keys);
    if (st == WF_OK) {
        s->keys = wf_order(night->vm.threads, keys, spare, n, 8, compare_keys, s->contend);
        spare = s->keys == keys ? spare : keys;
        keys = s->keys;
        wf_free(night->alloc, spare);
        spare = NULL;
        out->decisions = wf_realloc(out->alloc, NULL, (n + !n) * sizeof(*out->decisions));
        st = out->decisions ? WF_OK : WF_ERR_NOMEM;
    }
    if (st == WF_OK) {
        out->n_decisions = n;
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
    enum wf_status st = s->first ? sort_and_pass(s, lay_out(s)) : WF_ERR_NOMEM;
    wf_free(alloc, s->first);
    return st;
}

/* ---- what stops more than one ---- */

/* Whether two actions of the program may contradict each other at all. */
static bool has_sets(const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_actions; i++)
        if (ir->actions[i].kind == WF_ACT_SET)
            return true;
    return false;
}

/* Those of one receiver, opened side by side in `room` for as many. */
static enum wf_status settle_receiver(struct wf_contend *contend, struct wf_decision *decisions,
                                      size_t n, struct wf_contender *room)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; i < n; i++)
        room[i] = wf_contender_of(&decisions[i]);
    wf_gates_conflicts(&contend->night->program->ir, room, n);
    for (size_t i = 0; st == WF_OK && i < n; i++)
        if (room[i].gate != decisions[i].gate)
            st = wf_contender_keep(&room[i], contend->night, &contend->out->rare[0], &decisions[i]);
    return st;
}

static enum wf_status settle_conflicts(struct wf_contend *contend)
{
    const struct wf_outcome *out = contend->out;
    const struct wf_alloc *alloc = contend->night->alloc;
    struct wf_contender *side = NULL;
    size_t room = 0;
    enum wf_status st = WF_OK;
    if (!has_sets(&contend->night->program->ir))
        return WF_OK;
    for (size_t i = 0, end; st == WF_OK && i < out->n_decisions; i = end) {
        for (end = i + 1;
             end < out->n_decisions && out->decisions[end].target == out->decisions[i].target;)
            end++;
        if (end - i == 1)
            continue;
        st = wf_grow(alloc, &side, &room, end - i, sizeof(*side)) ? WF_ERR_NOMEM : WF_OK;
        if (st == WF_OK)
            st = settle_receiver(contend, out->decisions + i, end - i, side);
    }
    wf_free(alloc, side);
    return st;
}

static void count_by_rule(struct wf_outcome *out)
{
    for (size_t i = 0; i < out->n_decisions; i++) {
        const struct wf_decision *d = &out->decisions[i];
        struct wf_rule_counts *counts = &out->rules[d->rule];
        counts->left += d->gate == WF_GATE_NONE;
        counts->stopped += d->gate != WF_GATE_NONE;
        counts->held += d->rare && d->rare->held != WF_NO_TIME;
    }
}

/* Those that passed so far, one after the other. */
static enum wf_status ask_veto(struct wf_contend *contend)
{
    const struct wf_veto *veto = &contend->night->veto;
    struct wf_outcome *out = contend->out;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && veto->fn && i < out->n_decisions; i++) {
        if (out->decisions[i].gate != WF_GATE_NONE)
            continue;
        struct wf_contender c = wf_contender_of(&out->decisions[i]);
        veto->fn(veto->ctx, &c);
        if (c.gate != WF_GATE_NONE)
            st = wf_contender_keep(&c, contend->night, &out->rare[0], &out->decisions[i]);
    }
    return st;
}

/* An arena a thread. */
static enum wf_status make_rare(struct wf_outcome *out, unsigned threads)
{
    out->rare = wf_calloc(out->alloc, threads, sizeof(*out->rare));
    for (unsigned i = 0; out->rare && i < threads; i++)
        wf_arena_init(&out->rare[i], out->alloc);
    out->n_rare = out->rare ? threads : 0;
    return out->rare ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_contend_settle(struct wf_contend *contend, struct wf_scalar *const *scalars,
                                 const struct wf_vm_params *params)
{
    const struct wf_night *night = contend->night;
    struct wf_outcome *out = contend->out;
    unsigned threads = night->vm.threads;
    struct settling s = {.contend = contend};
    s.gates = wf_calloc(night->alloc, threads, sizeof(*s.gates));
    enum wf_status st = s.gates ? make_rare(out, threads) : WF_ERR_NOMEM;
    for (unsigned i = 0; st == WF_OK && i < threads; i++)
        st = wf_gates_init(&s.gates[i], night, contend->born, scalars[i], params, &out->pops);
    if (st == WF_OK)
        st = pass_all(&s);
    if (st == WF_OK)
        st = ask_veto(contend);
    if (st == WF_OK)
        st = settle_conflicts(contend);
    if (st == WF_OK)
        st = wf_turns_take(contend, &s.gates[0]);
    if (st == WF_OK)
        count_by_rule(out);
    for (unsigned i = 0; s.gates && i < threads; i++)
        wf_gates_release(&s.gates[i]);
    wf_free(night->alloc, s.gates);
    return st;
}
