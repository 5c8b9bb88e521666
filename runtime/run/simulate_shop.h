/*
 * simulate_shop.h - the exports as they would be on nights to come, made of those at hand.
 *
 *   exports ─ read once ─▶ rows of each member  [ ...history... | window ]
 *   night T               [ ...history... | window | window + P | window + 2P ..., before T ]
 *
 * Without a window nothing new happens: what the exports date at or after the first night comes
 * when its time has come. With one, the P days (whole weeks) before the first night happen again
 * and again: every event P, 2P ... days later at the same local time, its own dates and times moved
 * as far; who joined in the window joins again as somebody new, who then does what the other did.
 * Events that the exports date at or after the first night are left out then.
 *
 * A replayed event is an event of its own, but its texts are those of the one it repeats. Fields of
 * members stay as they are; somebody new is a copy whose `joined`, and every date not before it, is
 * moved, and who shares no `contact`. What newcomers do does not count for who invited them.
 */
#ifndef WF_RUN_SIMULATE_SHOP_H
#define WF_RUN_SIMULATE_SHOP_H

#include "runtime/data/keep.h"
#include "runtime/run/night.h"

struct wf_shop_view;

/* Somebody who joins in the forecast: who they are like, and which time that happens again. */
struct wf_shop_clone {
    uint32_t of, times;
    int64_t day; /* of joining */
};

struct wf_shop {
    const struct wf_alloc *alloc;
    const struct wf_zone *zone;
    const struct wf_program *program; /* tonight's */
    int64_t first, last;              /* T of the first and of the last night */
    unsigned weeks;                   /* asked for; 0: nothing is replayed */
    unsigned replayed;                /* whole weeks that the exports hold of these */
    uint64_t left_out;                /* events that the exports date at or after the first night */
    struct wf_load_report report;     /* of the exports */

    struct wf_dataset *source;
    struct wf_ir_input *inputs; /* what the source was read for */
    struct wf_ir_view *ir_views;
    uint32_t n_inputs, n_views;

    struct wf_dataset tonight;
    struct wf_shop_view *views;
    struct wf_shop_clone *clones; /* by day, then by whom they are like */
    size_t n_clones, room_clones;
    struct wf_keep *keep; /* tonight's columns */
    struct wf_keep *sent; /* tonight's ledger */
};

/* Nothing is read yet. `weeks`: how many whole weeks are replayed; 0: none. Release it in any case.
 */
void wf_shop_init(struct wf_shop *shop, const struct wf_zone *zone, int64_t first, int64_t last,
                  unsigned weeks, const struct wf_alloc *alloc);
void wf_shop_release(struct wf_shop *shop);

/* For wf_run_options: nights must be asked for in their order. */
struct wf_night_source wf_shop_source(struct wf_shop *shop);

#endif
