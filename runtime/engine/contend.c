#include "runtime/engine/contend.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/engine/gates.h"

void wf_action_id(const char *born, const unsigned char key[16], const void *member, size_t len,
                  uint32_t position, unsigned char out[16])
{
    unsigned char tail[4] = {(unsigned char)position, (unsigned char)(position >> 8),
                             (unsigned char)(position >> 16), (unsigned char)(position >> 24)};
    XXH128_canonical_t canonical;
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, born, strlen(born) + 1);
    XXH3_128bits_update(&state, key, 16);
    XXH3_128bits_update(&state, tail, sizeof(tail));
    XXH3_128bits_update(&state, member, len);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    memcpy(out, canonical.digest, 16);
}

enum wf_status wf_contend_init(struct wf_contend *contend, const struct wf_night *night,
                               const struct wf_rule_night *rules, struct wf_outcome *out)
{
    uint32_t n_triggers = night->program->ir.n_triggers;
    *contend = (struct wf_contend){.night = night, .out = out};
    contend->born = wf_calloc(night->alloc, n_triggers, sizeof(*contend->born));
    if (!contend->born)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < n_triggers; i++)
        contend->born[i] = night->state->rules[rules[i].state].born;
    return WF_OK;
}

void wf_contend_release(struct wf_contend *contend)
{
    wf_free(contend->night->alloc, contend->born);
}

enum wf_status wf_contend_add(struct wf_contend *contend, const struct wf_decision *decision)
{
    struct wf_outcome *out = contend->out;
    const struct wf_dataset *data = contend->night->data;
    const struct wf_piece *id = &data->ids[decision->member];
    if (wf_grow(out->alloc, &out->decisions, &out->room, out->n_decisions + 1, sizeof(*decision)) !=
        0)
        return WF_ERR_NOMEM;
    struct wf_decision *added = &out->decisions[out->n_decisions++];
    *added = *decision;
    wf_action_id(contend->born[decision->rule], decision->key, data->id_heap + id->at, id->len,
                 decision->position, added->id);
    return WF_OK;
}

/* ---- the order of what comes out ---- */

static int compare_ids(const struct wf_dataset *data, uint32_t a, uint32_t b)
{
    const struct wf_piece *x = &data->ids[a], *y = &data->ids[b];
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

/* What is sorted in place of a decision: the first bytes of its target's id tell most apart. */
struct sort_key {
    uint64_t prefix;
    const struct wf_decision *decision;
};

static int compare_keys(const void *a, const void *b, void *ctx)
{
    const struct sort_key *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return compare_decisions(ctx, x->decision, y->decision);
}

/* Eight bytes that compare as the id does; shorter ids are filled up with zeros. */
static uint64_t prefix_of(const struct wf_dataset *data, uint32_t row)
{
    unsigned char first[8] = {0};
    uint64_t prefix = 0;
    const struct wf_piece *id = &data->ids[row];
    memcpy(first, data->id_heap + id->at, id->len < 8 ? id->len : 8);
    for (int i = 0; i < 8; i++)
        prefix = prefix << 8 | first[i];
    return prefix;
}

static enum wf_status sort_decisions(const struct wf_night *night, struct wf_outcome *out)
{
    size_t n = out->n_decisions;
    void *data;
    memcpy(&data, &night->data, sizeof(data)); /* qsort_r hands its context on as it came */
    struct sort_key *keys = wf_calloc(night->alloc, n, sizeof(*keys));
    struct wf_decision *sorted = wf_calloc(night->alloc, n, sizeof(*sorted));
    if (!keys || !sorted) {
        wf_free(night->alloc, keys);
        wf_free(night->alloc, sorted);
        return WF_ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++)
        keys[i] =
            (struct sort_key){prefix_of(night->data, out->decisions[i].target), &out->decisions[i]};
    qsort_r(keys, n, sizeof(*keys), compare_keys, data);
    for (size_t i = 0; i < n; i++)
        sorted[i] = *keys[i].decision;
    wf_free(night->alloc, keys);
    wf_free(night->alloc, out->decisions);
    out->decisions = sorted;
    out->room = n;
    return WF_OK;
}

enum wf_status wf_contend_settle(struct wf_contend *contend)
{
    struct wf_outcome *out = contend->out;
    const struct wf_ir *ir = &contend->night->program->ir;
    struct wf_gates gates = wf_gates_make(contend->night);
    for (size_t i = 0; i < out->n_decisions; i++)
        wf_gates_pass(&gates, contend->born[out->decisions[i].rule], &out->decisions[i]);
    enum wf_status st = sort_decisions(contend->night, out);
    if (st != WF_OK)
        return st;
    for (size_t i = 0, end; i < out->n_decisions; i = end) {
        for (end = i + 1;
             end < out->n_decisions && out->decisions[end].target == out->decisions[i].target;)
            end++;
        wf_gates_conflicts(ir, out->decisions + i, end - i);
    }
    for (size_t i = 0; i < out->n_decisions; i++) {
        struct wf_rule_counts *counts = &out->rules[out->decisions[i].rule];
        if (out->decisions[i].gate == WF_GATE_NONE)
            counts->left++;
        else
            counts->stopped++;
    }
    return WF_OK;
}
