/*
 * Keys are dealt out by the highest bits in which their heads differ, and what was dealt out is
 * gathered into parts that stay in a processor's cache:
 *
 *   keys ──▶ buckets by 12 bits ──▶ parts of some thousand keys, each on a thread:
 *                                   by head, byte by byte from the lowest; then those alike
 */
#include "runtime/engine/order.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/data/parallel.h"

enum { WINDOW = 12, BUCKETS = 1 << WINDOW, PART = 4096 };

struct ordering {
    struct wf_order_key *keys, *spare;
    uint64_t mask; /* the bytes of heads that are looked at */
    int (*compare)(const void *a, const void *b, void *ctx);
    void *ctx;
    uint32_t n_parts;
    size_t first[BUCKETS + 1]; /* of each part; of none, the end */
};

/* The bits, of those looked at, in which not all heads are alike. */
static uint64_t differing(const struct wf_order_key *keys, size_t n, uint64_t mask)
{
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= keys[i].head ^ keys[0].head;
    return differ & mask;
}

/* By the byte of the heads from bit `shift` on; those alike stay as they were. */
static void by_byte(const struct wf_order_key *keys, struct wf_order_key *out, size_t n,
                    unsigned shift)
{
    size_t at[257] = {0};
    for (size_t i = 0; i < n; i++)
        at[(keys[i].head >> shift & 0xff) + 1]++;
    for (unsigned byte = 1; byte < 256; byte++)
        at[byte] += at[byte - 1];
    for (size_t i = 0; i < n; i++)
        out[at[keys[i].head >> shift & 0xff]++] = keys[i];
}

static void by_head(struct wf_order_key *keys, struct wf_order_key *spare, size_t n, uint64_t mask)
{
    uint64_t differ = differing(keys, n, mask);
    struct wf_order_key *from = keys, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if (!(differ >> shift & 0xff))
            continue;
        by_byte(from, to, n, shift);
        struct wf_order_key *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != keys)
        memcpy(keys, from, n * sizeof(*keys));
}

/* Keys of one head: most often they came in order. */
static void sort_alike(const struct ordering *o, struct wf_order_key *keys, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (o->compare(&keys[i - 1], &keys[i], o->ctx) > 0) {
            qsort_r(keys, n, sizeof(*keys), o->compare, o->ctx);
            return;
        }
}

static enum wf_status sort_part(void *ctx, unsigned thread, uint32_t part)
{
    const struct ordering *o = ctx;
    struct wf_order_key *keys = o->keys + o->first[part];
    size_t n = o->first[part + 1] - o->first[part];
    (void)thread;
    by_head(keys, o->spare + o->first[part], n, o->mask);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !((keys[end].head ^ keys[i].head) & o->mask);)
            end++;
        sort_alike(o, keys + i, end - i);
    }
    return WF_OK;
}

/* Deals the keys out by the highest bits that differ, and makes parts of what lies together. */
static void deal_out(struct ordering *o, size_t n, uint64_t differ)
{
    unsigned top = 64 - (unsigned)__builtin_clzll(differ);
    unsigned shift = top > WINDOW ? top - WINDOW : 0;
    size_t at[BUCKETS + 1] = {0};
    for (size_t i = 0; i < n; i++)
        at[((o->keys[i].head & o->mask) >> shift) % BUCKETS + 1]++;
    for (unsigned bucket = 1; bucket <= BUCKETS; bucket++) {
        at[bucket] += at[bucket - 1];
        if (at[bucket] - o->first[o->n_parts] >= PART)
            o->first[++o->n_parts] = at[bucket];
    }
    if (o->first[o->n_parts] < n)
        o->first[++o->n_parts] = n;
    for (size_t i = 0; i < n; i++)
        o->spare[at[((o->keys[i].head & o->mask) >> shift) % BUCKETS]++] = o->keys[i];
    struct wf_order_key *dealt = o->spare;
    o->spare = o->keys;
    o->keys = dealt;
}

struct wf_order_key *wf_order(unsigned threads, struct wf_order_key *keys,
                              struct wf_order_key *spare, size_t n, unsigned bytes,
                              int (*compare)(const void *a, const void *b, void *ctx), void *ctx)
{
    struct ordering o = {.keys = keys,
                         .spare = spare,
                         .mask = UINT64_MAX << (64 - 8 * bytes),
                         .compare = compare,
                         .ctx = ctx};
    uint64_t differ = differing(keys, n, o.mask);
    if (n > PART && differ)
        deal_out(&o, n, differ);
    else
        o.first[o.n_parts = 1] = n;
    wf_parallel(threads, o.n_parts, &o, sort_part);
    return o.keys;
}
