/*
 * order.h - many decisions by something of which eight bytes tell most apart.
 */
#ifndef WF_ENGINE_ORDER_H
#define WF_ENGINE_ORDER_H

#include "runtime/engine/engine.h"

/* What is sorted in place of a decision, or of a claim (contend.h). */
struct wf_order_key {
    uint64_t head; /* compares as what is sorted by, as far as it goes */
    union {
        const struct wf_decision *decision;
        struct {
            uint32_t list, index, target;
        };
    };
};

/* Eight bytes as a head: they compare as memcmp does. */
static inline uint64_t wf_order_head(const unsigned char bytes[8])
{
    uint64_t head = 0;
    for (unsigned i = 0; i < 8; i++)
        head = head << 8 | bytes[i];
    return head;
}

/*
 * By the first `bytes` (1 to 8) of the heads, then by `compare` (of two keys, as qsort_r has it;
 * on several threads) where these are alike. `spare` is as long as `keys`; answers which of the two
 * holds the keys in order.
 */
struct wf_order_key *wf_order(unsigned threads, struct wf_order_key *keys,
                              struct wf_order_key *spare, size_t n, unsigned bytes,
                              int (*compare)(const void *a, const void *b, void *ctx), void *ctx);

#endif
