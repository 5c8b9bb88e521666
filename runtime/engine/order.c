#include "runtime/engine/order.h"

#include <stdlib.h>

static unsigned byte_of(const struct wf_order_key *key, unsigned shift)
{
    return (unsigned)(key->head >> shift) & 0xff;
}

/* By the upper bytes. Those that are alike in all heads cost nothing. */
static struct wf_order_key *by_head(struct wf_order_key *keys, struct wf_order_key *spare, size_t n,
                                    unsigned bytes)
{
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= keys[i].head ^ keys[0].head;
    for (unsigned shift = 64 - 8 * bytes; shift < 64; shift += 8) {
        size_t at[257] = {0};
        if (!(differ >> shift & 0xff))
            continue;
        for (size_t i = 0; i < n; i++)
            at[byte_of(&keys[i], shift) + 1]++;
        for (unsigned byte = 1; byte < 256; byte++)
            at[byte] += at[byte - 1];
        for (size_t i = 0; i < n; i++)
            spare[at[byte_of(&keys[i], shift)]++] = keys[i];
        struct wf_order_key *sorted = spare;
        spare = keys;
        keys = sorted;
    }
    return keys;
}

struct wf_order_key *wf_order(struct wf_order_key *keys, struct wf_order_key *spare, size_t n,
                              unsigned bytes,
                              int (*compare)(const void *a, const void *b, void *ctx), void *ctx)
{
    struct wf_order_key *sorted = by_head(keys, spare, n, bytes);
    unsigned unseen = 64 - 8 * bytes;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && sorted[end].head >> unseen == sorted[i].head >> unseen;)
            end++;
        if (end - i > 1)
            qsort_r(sorted + i, end - i, sizeof(*sorted), compare, ctx);
    }
    return sorted;
}
