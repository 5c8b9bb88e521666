/*
 * past.h - rows of nights before stand before tonight's, and what stands tonight is kept.
 *
 *   chain ─ blocks ─┬ owners of whom nothing is new ─ runs of rows ─────────────┐
 *   (oldest first)  └ the others ─▶ chunks (past) ─┐                            ▼
 *   tonight's files ──────────────▶ chunks ────────┴▶ members, events, as ever ─▶ views
 *                                                             └─▶ the chain's next snapshot
 *
 * A row that was kept is a row of a file older than any of tonight's: what replaces what, what is
 * one event, what is doubt is settled by the same code for both. Kept are the columns that rules
 * read tonight, rows that are not seen yet or are void, and rows of ids that are no member's.
 *
 * What was settled for an owner of rows (a member, or an id that is nobody's) stays so until a row
 * comes for it, another id becomes it, or the time of a row of it comes: till then its rows go from
 * the blocks to the view as they stand, and stay where they are kept. So a snapshot holds whole
 * owners, those of whom something was new, and the newest snapshot of a chain that knows an owner
 * has all of its rows. Under other rules all of it is settled anew, and the chain with it.
 */
#ifndef WF_DATA_PAST_H
#define WF_DATA_PAST_H

#include "runtime/data/feed_data.h"
#include "runtime/data/group.h"
#include "runtime/data/snap.h"

/* The columns of a block of members before those of the slots. */
enum { WF_PAST_MEMBER_ID, WF_PAST_MEMBER_HASH, WF_PAST_MEMBER_FLAGS, WF_PAST_MEMBER_COLUMNS };

/* The same of events. First come all rows of the block's owners that are seen, as the view has
 * them, then those that are not. */
enum {
    WF_PAST_OWNER,  /* id */
    WF_PAST_SEEN,   /* rows; an owner without any is there no more: another id became of it */
    WF_PAST_UNSEEN, /* rows */
    WF_PAST_WAKE,   /* when the first of these is seen; missing: never, for they are void */
    WF_PAST_OWNER_COLUMNS,
    WF_PAST_HASH = WF_PAST_OWNER_COLUMNS, /* of rows that are doubt, or not known by fields */
    WF_PAST_KEY_LOW,                      /* where an event has no first unique field */
    WF_PAST_KEY_HIGH,
    WF_PAST_FLAGS,
    WF_PAST_EVENT_COLUMNS
};
enum {
    WF_PAST_DOUBT = 1,
    WF_PAST_WHOLE = 2,   /* events: known by all unique fields, not by the row's bytes */
    WF_PAST_RENAMED = 4, /* members: the id was merged into this one */
    WF_PAST_BEGINS = 8,  /* events: the row begins one */
};

/* ---- past.c ---- */

/* A block of a chain. */
struct wf_past_place {
    const struct wf_snap *snap;
    const struct wf_snap_block *block;
    uint32_t link; /* of the chain */
    uint64_t row;  /* rows in the blocks before it */
};

/* What a chain holds of a feed. */
struct wf_past_feed {
    const struct wf_alloc *alloc;
    const struct wf_feed *feed;
    bool kept;         /* it was kept */
    uint32_t *columns; /* by slot: its column; WF_NONE: none */
    uint32_t lacking;  /* a slot without its column; WF_NONE: there is none */
    uint32_t n_columns;
    struct wf_past_place *places; /* oldest first */
    uint32_t n;
    uint64_t rows;
};

/* WF_ERR_NOMEM, WF_ERR_STATE: the chain is damaged, WF_ERR_LIMIT. */
enum wf_status wf_past_feed_init(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                                 const struct wf_feed *feed);
void wf_past_feed_release(struct wf_past_feed *past);

/* Whether all is to be settled anew, in a chain that begins tonight: there is none, other rules
 * kept it, or it has become long. */
enum wf_status wf_past_is_anew(const struct wf_load_ctx *ctx, const struct wf_feeds *feeds,
                               const unsigned char rules[16], bool *anew_out);

/* Proves block i of a feed and finds its columns (past->n_columns). WF_ERR_STATE: it is damaged. */
enum wf_status wf_past_columns(const struct wf_past_feed *past, uint32_t i,
                               struct wf_snap_column *columns);

/* Rows of a block that are read, and a desk to do it on: zeros at first, used again and again. */
struct wf_past_block {
    const struct wf_past_feed *past;
    const struct wf_snap_column *columns;
    const uint32_t *rows; /* those that are read, n of them, going up; NULL: the first n */
    uint32_t n;
    struct wf_cell *texts; /* of the column at hand */
    char *bytes;           /* what those are of that had to be written */
    size_t room_bytes;
    uint32_t *codes, *map; /* by row read: its text; by text: what it is here */
    uint64_t *numbers;     /* by row read */
    uint8_t *state;
    uint32_t room; /* of all these */
};

/* Block i, whose columns were found. All but the desk is borrowed. */
enum wf_status wf_past_lay_out(struct wf_past_block *block, const struct wf_past_feed *past,
                               uint32_t i, const struct wf_snap_column *columns,
                               const uint32_t *rows, uint32_t n);
void wf_past_block_release(struct wf_past_block *block);

/* Puts a column's texts into block->texts and which one each row has into block->codes.
 * WF_ERR_NOMEM. */
enum wf_status wf_past_texts(struct wf_past_block *block, uint32_t column);
const uint64_t *wf_past_numbers(struct wf_past_block *block, uint32_t column);
void wf_past_states(const struct wf_past_block *block, uint32_t column, uint8_t *out);

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

/* A chunk of n rows of the past; of events with all of its arrays. */
struct wf_chunk *wf_past_chunk(const struct wf_alloc *alloc, const struct wf_feed *feed,
                               uint64_t seq, uint32_t n);

/* Rows on their way into a block. */
struct wf_past_pack {
    const struct wf_alloc *alloc;
    struct wf_buf block;
    uint32_t n, room;
    uint8_t *state;
    uint64_t *numbers;
    struct wf_cell *texts;
};
void wf_past_pack_init(struct wf_past_pack *pack, const struct wf_alloc *alloc);
enum wf_status wf_past_pack_begin(struct wf_past_pack *pack, uint32_t n); /* a column of n cells */
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

/* ---- past_members.c ---- */

/* What a thread reads blocks of members with; zeroed at first. */
struct wf_past_desk {
    struct wf_past_block block;
    struct wf_snap_column *columns;
    uint64_t *cells; /* no slot has wider ones */
    uint8_t *state;
    uint32_t room;
};
void wf_past_desk_release(struct wf_past_desk *desk, const struct wf_alloc *alloc);

/* Reads block i of the members into a chunk; its cells go to the grid. */
enum wf_status wf_past_members(const struct wf_load_ctx *ctx, const struct wf_past_feed *past,
                               const struct wf_merged *merged, const struct wf_ids *const *refs,
                               struct wf_names *dicts, struct wf_grid *grid,
                               struct wf_past_desk *desk, uint32_t i, struct wf_chunk **chunk_out);

/* Keeps the members as they stand; the feed's rows are still there. */
enum wf_status wf_past_keep_members(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                                    const struct wf_entity *entity,
                                    const struct wf_column *columns);

#endif
