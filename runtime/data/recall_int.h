/*
 * recall_int.h - the inside of a recall, for the loader's files that make it.
 */
#ifndef WF_DATA_RECALL_INT_H
#define WF_DATA_RECALL_INT_H

#include "runtime/data/past_view.h"
#include "runtime/data/recall.h"

struct wf_recall_block {
    struct wf_snap_column *columns;
    uint32_t n, link;
};

/* Of one event. */
struct wf_recall {
    struct wf_load_ctx ctx; /* a copy: what is here outlives the loader */
    struct wf_feed feed;    /* a copy that owns its slots and uniques */
    const struct wf_recall_ask *ask;
    uint32_t n_members;
    struct wf_recall_block *blocks;
    uint32_t n_blocks;
    uint32_t *place;  /* by member: its entry */
    uint64_t *asleep; /* bits by member */
    /* By member who has an entry: limits that have passed rows. Up to eight limits: `few`. */
    uint8_t *few;
    uint32_t *many;
    uint32_t *count; /* by sleeper: rows */
    uint32_t *at;    /* by sleeper: where its rows are in the view, and one more; 0: not there */
    pthread_mutex_t lock;
    uint32_t used; /* rows of the view */
    struct wf_past_owners owners;
    struct wf_past_view standing;
    struct wf_view view;
};

/* For a feed whose members may sleep. NULL: no memory. */
struct wf_recall *wf_recall_new(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                                const struct wf_recall_ask *ask, uint32_t n_members);

/* Finds each member's newest entry. WF_ERR_STATE: a block is damaged; WF_ERR_NOMEM. */
enum wf_status wf_recall_open(struct wf_recall *recall, const struct wf_ids *members);

/* Sleepers a thread has met whose bits share a word, which it puts down when it is done with them:
 * an atomic write for each would take longer than all else. Zero at first; wf_recall_put at last.
 */
struct wf_recall_word {
    size_t at;
    uint64_t bits;
};
void wf_recall_put(struct wf_recall *recall, struct wf_recall_word *word);

/* The member, untouched, has `count` rows in a snapshot that is `link` of the chain: puts it to
 * sleep if its entry holds. Rows before *floor_out are not needed then, INT64_MAX: none is. Any
 * thread may ask. */
bool wf_recall_rest(struct wf_recall *recall, struct wf_recall_word *word, uint32_t member,
                    uint32_t link, uint32_t count, int64_t *floor_out);

#endif
