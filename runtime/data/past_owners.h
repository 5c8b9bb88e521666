/*
 * past_owners.h - whose the events of nights before are, and of whom something is new tonight.
 *
 *   blocks ─ owners ─┬ another snapshot of the chain, a newer one, has them: passed over
 *                    ├ touched: their rows become chunks, and are settled with tonight's
 *                    └ else: members' rows stand as they were kept; those of ids that are nobody's
 *                      are not looked at
 */
#ifndef WF_DATA_PAST_OWNERS_H
#define WF_DATA_PAST_OWNERS_H

#include "runtime/data/past.h"

/* A block that was opened, for members' rows are copied out of it. */
struct wf_past_opened {
    struct wf_snap_column *columns;
    uint32_t *owners; /* by owner of the block: the member or stranger; WF_NONE: passed over */
    uint32_t seen;    /* rows: they come first */
};

/* Rows of a block that follow each other, and whose they are. */
struct wf_past_span {
    uint32_t owner, first, n;
};

/* Rows of a block that are settled with tonight's. */
struct wf_past_picked {
    uint32_t *rows, *members; /* of the block; whose they are */
    uint32_t n;
    struct wf_past_span *unseen; /* those that are not seen, until they are put behind the others */
    size_t n_unseen;
    size_t room_rows, room_members, room_unseen;
};
void wf_past_picked_release(struct wf_past_picked *picked, const struct wf_alloc *alloc);

struct wf_recall;

struct wf_past_owners {
    const struct wf_load_ctx *ctx;
    struct wf_past_feed past;
    const struct wf_ids *members;
    const struct wf_merged *merged;
    uint32_t n_members;
    uint8_t *touched;       /* by member: something is new */
    uint8_t *known;         /* by member: a newer snapshot has its rows */
    pthread_mutex_t lock;   /* of what follows, down to `gone` */
    uint8_t *strange;       /* by stranger: something is new */
    size_t room_strange;
    struct wf_names others; /* ids of blocks that are no member's tonight */
    struct wf_names gone;   /* those of them whose rows become another id's tonight */
    struct wf_past_opened *opened; /* by block */
    uint32_t *from, *count; /* by member: where its rows stand that nothing is new of (rows of all
                               blocks are numbered through), and how many */
    struct wf_recall *recall; /* who of them may sleep; NULL: nobody */
    uint64_t standing, voids, future; /* rows that stand; rows of theirs that stay unseen */
    uint64_t sleeping, fetched; /* rows of sleepers that are not counted; all that they have */
};

/* Before tonight's rows are read; the chain may be empty. WF_ERR_NOMEM, WF_ERR_STATE. */
enum wf_status wf_past_owners_init(struct wf_past_owners *owners, const struct wf_load_ctx *ctx,
                                   const struct wf_feed *feed, const struct wf_ids *members,
                                   const struct wf_merged *merged, uint32_t n_members);
void wf_past_owners_release(struct wf_past_owners *owners); /* of zeros is fine */

/* Rows came of these members and strangers. Any thread may say so. */
enum wf_status wf_past_touch(struct wf_past_owners *owners, const uint32_t *members, uint32_t n);

/* When tonight's rows are read: finds out whose the rows of the past are, and calls `then` for each
 * block (as wf_parallel does) once it is known of whom in it something is new. */
enum wf_status wf_past_owners_find(struct wf_past_owners *owners, void *ctx,
                                   enum wf_status (*then)(void *ctx, unsigned thread,
                                                          uint32_t block));

/* Picks the rows of block i that are to be settled; those of others are put down as standing. */
enum wf_status wf_past_pick(struct wf_past_owners *owners, uint32_t i,
                            struct wf_past_picked *picked);

/* The block that row `row` of all blocks is in. */
uint32_t wf_past_block_of(const struct wf_past_feed *past, uint64_t row);

#endif
