/*
 * chunk.h - what became of one segment: the rows that count, as typed columns.
 *
 *   segment ─▶ chunk ┬ data[slot], state[slot]   n cells each; of other feeds than events in
 *                    │                           the grid, from row `place` on
 *                    ├ id (members, tables) or member (events)
 *                    ├ hash, first, full, key    what the row is known by
 *                    └ bad                       rows to report
 */
#ifndef WF_DATA_CHUNK_H
#define WF_DATA_CHUNK_H

#include <pthread.h>

#include "runtime/data/grid.h"
#include "runtime/data/rows.h"

/* A row to report; `row` belongs to the chunk. */
struct wf_bad_row {
    uint64_t line;
    const char *column, *what; /* borrowed: from the plan, or static */
    char *row;
    size_t row_len;
    bool unreadable;
};

/* Where rows ended (load.h, struct wf_load_feed). */
struct wf_counts {
    uint64_t rows, rejects, unreadable, nobodys, orphans;
};

struct wf_chunk {
    const struct wf_alloc *alloc;
    uint64_t seq, first_line, place;
    uint32_t file, worker, n, n_slots;
    bool past;     /* of no file of tonight: rows that were kept, older than any; `file` says since
                      which link of the chain */
    uint32_t room; /* rows that the arrays are for */
    void **data;
    uint8_t **state;
    uint32_t ids_at;  /* members, tables, merges: where their ids begin in the heap */
    uint32_t *id_end; /* ... and where each ends: one follows the other; NULL where each has
                         id_len bytes */
    uint32_t id_len;
    unsigned order;   /* ... and how they follow each other: enum wf_order bits */
    bool counting;    /* ... they are one head and a number, each one more than the one before it */
    uint32_t *member; /* events; WF_STRANGER and a number: nobody who is known */
    uint32_t *line;   /* where the row starts, counted from first_line; not of events:
                         NULL where row i is line i */
    uint8_t *renamed; /* members: 1: the row's own id was merged into this one; NULL where
                         nothing was merged */
    uint8_t *bad_row; /* 1: a cell was rejected; members: or says that one is gone; of what
                         was kept of them NULL where there is none */
    uint64_t *hash;   /* of the row's bytes; NULL: nobody asked */
    struct wf_snap_column *late_ids; /* members that were kept: the serial numbers by which their
                                        ids are written behind the heap when it is joined; NULL:
                                        they are there */
    uint64_t *first; /* events: of the first unique field; NULL: there is none, or it is a text */
    uint64_t *full;  /* events: of all unique fields; NULL: as first */
    unsigned char (*key)[16]; /* events: xxh3-128 of the first unique field, NULL: nobody asks */
    struct wf_buf heap;
    struct wf_bad_row *bad;
    size_t n_bad, room_bad;
    struct wf_counts counts;
};

/* Row i's id, into the heap; its line in the file; whether its own id was another one. */
static inline struct wf_cut wf_chunk_id(const struct wf_chunk *chunk, uint32_t i)
{
    if (!chunk->id_end)
        return (struct wf_cut){chunk->ids_at + i * chunk->id_len, chunk->id_len};
    uint32_t at = i ? chunk->id_end[i - 1] : chunk->ids_at;
    return (struct wf_cut){at, chunk->id_end[i] - at};
}
static inline uint64_t wf_chunk_line(const struct wf_chunk *chunk, uint32_t i)
{
    return chunk->first_line + (chunk->line ? chunk->line[i] : i);
}
static inline bool wf_chunk_is_bad(const struct wf_chunk *chunk, uint32_t i)
{
    return chunk->bad_row && chunk->bad_row[i];
}
static inline bool wf_chunk_has_bad(const struct wf_chunk *chunk)
{
    uint8_t any = 0;
    for (uint32_t i = 0; chunk->bad_row && i < chunk->n; i++)
        any |= chunk->bad_row[i];
    return any != 0;
}
static inline bool wf_chunk_renamed(const struct wf_chunk *chunk, uint32_t i)
{
    return chunk->renamed && chunk->renamed[i];
}

/* Old ids and what they became. */
struct wf_merged {
    struct wf_names old;
    struct wf_cell *now; /* by name */
};

static inline bool wf_merges_any(const struct wf_merged *merged)
{
    return merged && merged->old.n;
}

/* `renamed` (may be NULL) gets a 1 for each cell that changed. `merged` may be NULL. */
void wf_follow_merges(const struct wf_merged *merged, struct wf_cell *cells, uint32_t n,
                      uint8_t *renamed);

/* Ids that are no member's tonight, but may be one's on a later night. */
#define WF_STRANGER (UINT32_C(1) << 31)
struct wf_strangers {
    pthread_mutex_t lock;
    struct wf_names names;
};

/* WF_STRANGER and the number of an id. WF_ERR_NOMEM, WF_ERR_LIMIT. */
enum wf_status wf_stranger(struct wf_strangers *strangers, struct wf_cell id, uint32_t *member_out);

/* What all threads share while they read a feed. */
struct wf_chunk_rules {
    const struct wf_alloc *alloc;
    const struct wf_feed *feed;
    const struct wf_ids *members;   /* events: NULL for other feeds */
    const struct wf_merged *merged; /* may be NULL */
    struct wf_grid *grid;           /* takes the cells; events: NULL */
    struct wf_strangers *strangers; /* events: keeps the rows of orphans; NULL: they fall out */
    bool unhashed;                  /* rows have no hash: not of events */
};

/* What a thread makes its chunks with; zeroed at first. */
struct wf_chunk_desk {
    uint32_t *which; /* rows that are kept */
    struct wf_cell *cells;
    uint32_t *owners;        /* events: the member of each cell, WF_NONE: of nobody known */
    struct wf_bad_cell *bad; /* by kept row */
    uint64_t *values;        /* a slot's cells on their way to the grid, and their states */
    uint8_t *states;
    uint32_t room;
    struct wf_chunk *spare; /* a chunk that was left: its arrays are used again */
};

/* Turns split rows into a chunk. WF_ERR_NOMEM, WF_ERR_LIMIT. */
enum wf_status wf_chunk_make(const struct wf_chunk_rules *rules, struct wf_decoder *decoder,
                             struct wf_chunk_desk *desk, struct wf_rows *rows,
                             struct wf_chunk **chunk_out);
void wf_chunk_free(struct wf_chunk *chunk);

/* Copies the ids of its n rows. WF_ERR_NOMEM. */
enum wf_status wf_chunk_put_ids(struct wf_chunk *chunk, const struct wf_cell *ids, uint32_t n);

/* Leaves a chunk to the desk when its rows went elsewhere; a new one, without rows but with its
 * number of rows, keeps what is to be reported. The chunk is gone in any case. */
enum wf_status wf_chunk_leave(struct wf_chunk_desk *desk, struct wf_chunk *chunk,
                              struct wf_chunk **report_out);
void wf_chunk_desk_release(const struct wf_alloc *alloc, struct wf_chunk_desk *desk);

#endif
