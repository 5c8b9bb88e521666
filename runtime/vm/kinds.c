#include "runtime/vm/kinds.h"

#include <string.h>

enum { ANSWERS = 4, ONE_KIND = 1 };

enum wf_status wf_kinds_init(struct wf_kinds *kinds, uint32_t n, struct wf_arena *arena)
{
    *kinds = (struct wf_kinds){.n = n, .count = ONE_KIND + 1};
    kinds->of = wf_arena_array(arena, (size_t)n + 1, 1);
    if (!kinds->of)
        return WF_ERR_NOMEM;
    memset(kinds->of, ONE_KIND, n);
    kinds->of[n] = WF_KIND_OUTSIDE;
    return WF_OK;
}

static unsigned bit(const uint32_t *bits, uint32_t i)
{
    return bits[i / 32] >> (i % 32) & 1;
}

/* The kind of a place so far, together with the answer. */
static unsigned pair_of(const struct wf_kinds *kinds, const uint32_t *t, const uint32_t *k,
                        uint32_t place)
{
    return kinds->of[place] * ANSWERS + bit(t, place) * 2 + (k ? bit(k, place) : 1);
}

bool wf_kinds_tell(struct wf_kinds *kinds, const uint32_t *t, const uint32_t *k)
{
    bool split[WF_KINDS] = {false}; /* by kind: one of its answers has taken it over */
    uint8_t kind_of[WF_KINDS * ANSWERS];
    bool seen[WF_KINDS * ANSWERS] = {false};
    uint32_t count = kinds->count, example[WF_KINDS];
    memcpy(example, kinds->example, sizeof(example));
    for (uint32_t place = 0; place < kinds->n; place++) {
        unsigned pair = pair_of(kinds, t, k, place);
        if (seen[pair])
            continue;
        uint32_t kind = kinds->of[place];
        if (split[kind]) {
            if (count == WF_KINDS)
                return false;
            kind = count++;
        }
        split[kinds->of[place]] = true;
        seen[pair] = true;
        kind_of[pair] = (uint8_t)kind;
        example[kind] = place;
    }
    for (uint32_t place = 0; place < kinds->n; place++)
        kinds->of[place] = kind_of[pair_of(kinds, t, k, place)];
    kinds->count = count;
    memcpy(kinds->example, example, sizeof(example));
    return true;
}

void wf_kinds_table(const struct wf_kinds *kinds, const uint32_t *bits, uint64_t table_out[4])
{
    memset(table_out, 0, 4 * sizeof(*table_out));
    for (uint32_t kind = WF_KIND_OUTSIDE + 1; kinds->n && kind < kinds->count; kind++)
        table_out[kind / 64] |= (uint64_t)bit(bits, kinds->example[kind]) << (kind % 64);
}

#define SORT(type)                                                                                 \
    do {                                                                                           \
        const type *in = cells;                                                                    \
        for (size_t i = 0; i < n; i++) {                                                           \
            uint32_t place = in[i] - low;                                                          \
            out[i] = of[place < n_places ? place : n_places];                                      \
        }                                                                                          \
    } while (0)

void wf_kinds_sort(const uint8_t *of, uint32_t n_places, const void *cells, unsigned width,
                   uint32_t low, size_t n, uint8_t *out)
{
    if (width == 1)
        SORT(uint8_t);
    else if (width == 2)
        SORT(uint16_t);
    else
        SORT(uint32_t);
}
#undef SORT
