/*
 * past.h - rows of nights before stand before tonight's, and what stands tonight is kept.
 *
 *   snapshot ─ blocks ─▶ chunks (past) ─┐
 *   tonight's files ───▶ chunks ────────┴▶ members, events ─▶ as ever ─▶ the next snapshot
 *
 * A row that was kept is a row of a file older than any of tonight's: what replaces what, what is
 * one event, what is doubt is settled by the same code for both. Kept are the columns that rules
 * read tonight, rows that are not seen yet or are void, and rows of ids that are no member's.
 */
#ifndef WF_DATA_PAST_H
#define WF_DATA_PAST_H

#include "runtime/data/feed_data.h"
#include "runtime/data/group.h"
#include "runtime/data/snap.h"
#include "runtime/data/view.h"

struct wf_loading;

/* The columns of a block before those of the slots. */
enum {
    WF_PAST_ID,
    WF_PAST_HASH,
    WF_PAST_KEY_LOW, /* where an event has no first unique field */
    WF_PAST_KEY_HIGH,
    WF_PAST_FLAGS,
    WF_PAST_COLUMNS
};
enum { WF_PAST_DOUBT = 1, WF_PAST_WHOLE = 2, WF_PAST_RENAMED = 4 };

/* ---- past.c ---- */

/* Which column of a snapshot each slot of a feed is. */
struct wf_past_feed {
    const struct wf_alloc *alloc;
    const struct wf_snap *snap;
    const struct wf_feed *feed;
    uint32_t index;    /* of the feed in the snapshot; WF_SNAP_NONE: it was not kept */
    uint32_t *columns; /* by slot; WF_NONE: none */
    uint32_t lacking;  /* a slot without its column; WF_NONE: there is none */
    uint32_t first, n; /* its blocks */
    uint64_t rows;
};

/* The snapshot may be NULL: nothing was kept. WF_ERR_NOMEM. */
enum wf_status wf_past_feed_init(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                                 const struct wf_feed *feed);
void wf_past_feed_release(struct wf_past_feed *past);

/* A block on its way back to rows. */
struct wf_past_block {
    const struct wf_past_feed *past;
    uint32_t n;
    struct wf_snap_column *columns;
    struct wf_cell *texts; /* of a column */
    uint32_t *codes, *map;
    uint64_t *numbers;
    uint8_t *state;
};

/* Proves and opens block i of the feed. WF_ERR_STATE: it is damaged. Release it in any case. */
enum wf_status wf_past_open(const struct wf_past_feed *past, uint32_t i,
                            struct wf_past_block *block);
void wf_past_close(struct wf_past_block *block);

/* Puts a column's texts into block->texts and which one each row has into block->codes. */
void wf_past_texts(struct wf_past_block *block, uint32_t column);
const uint64_t *wf_past_numbers(struct wf_past_block *block, uint32_t column);

/* Where the cells of a slot go, and what their texts are looked up in. */
struct wf_past_cells {
    void *data;
    uint8_t *state;
    struct wf_names *dict;    /* CODE */
    struct wf_buf *heap;      /* STR */
    const struct wf_ids *ref; /* REF */
    const struct wf_merged *merged;
};
enum wf_status wf_past_cells(struct wf_past_block *block, uint32_t slot,
                             const struct wf_past_cells *to);

/* The arrays of a chunk of n rows of the past: hash, line, bad_row and what else `event` says. */
struct wf_chunk *wf_past_chunk(const struct wf_alloc *alloc, const struct wf_feed *feed,
                               uint64_t seq, uint32_t n);

/* Rows on their way into a block. */
struct wf_past_pack {
    const struct wf_alloc *alloc;
    struct wf_buf block;
    uint32_t n;
    uint8_t *state;
    uint64_t *numbers;
    struct wf_cell *texts;
};
enum wf_status wf_past_pack_init(struct wf_past_pack *pack, const struct wf_alloc *alloc,
                                 uint32_t room);
void wf_past_pack_begin(struct wf_past_pack *pack, uint32_t n);
enum wf_status wf_past_pack_numbers(struct wf_past_pack *pack, bool some_missing);
enum wf_status wf_past_pack_texts(struct wf_past_pack *pack, bool some_missing, bool repeat);
void wf_past_pack_release(struct wf_past_pack *pack);

/* Is a slot a column of the snapshot? A reference is there by its text alone. */
static inline bool wf_past_is_kept(const struct wf_slot *slot)
{
    return slot->type != WF_T_REF || slot->as_text;
}

/* Announces a feed to the writer of the next snapshot. */
enum wf_status wf_past_announce(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                                uint32_t *index_out);

/* ---- past_events.c ---- */

struct wf_past_events {
    const struct wf_load_ctx *ctx;
    struct wf_past_feed past;
    const struct wf_ids *members;
    const struct wf_merged *merged;
    const struct wf_ids *const *refs; /* by slot */
    struct wf_names *dicts;           /* worker * n_slots + slot */
    const struct wf_chunk_taker *taker;
};

/* Hands every row of the past to the taker, as chunks, each on its worker's thread. */
enum wf_status wf_past_events(struct wf_past_events *events);

/* What is kept of the events of a feed, while they are grouped. */
struct wf_past_keeping {
    const struct wf_load_ctx *ctx;
    const struct wf_event_rows *rows;
    const struct wf_dataset *data;
    const struct wf_names *dicts; /* worker * n_slots + slot */
    struct wf_view *view;         /* gets the rows too */
    uint32_t index;               /* of the feed in the snapshot */
};

/* The taker of wf_group_own and wf_group_strangers: members' rows go into the view, all rows into
 * the snapshot. */
enum wf_status wf_past_take(void *keeping, const struct wf_group_part *part);

/* ---- past_members.c ---- */

/* Reads block i of the members into a chunk; its cells go to the grid. */
enum wf_status wf_past_members(const struct wf_load_ctx *ctx, const struct wf_past_feed *past,
                               const struct wf_merged *merged, const struct wf_ids *const *refs,
                               struct wf_names *dicts, struct wf_grid *grid, uint32_t i,
                               struct wf_chunk **chunk_out);

/* Keeps the members as they stand; the feed's rows are still there. */
enum wf_status wf_past_keep_members(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                                    const struct wf_entity *entity,
                                    const struct wf_column *columns);

#endif
