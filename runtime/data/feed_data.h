/*
 * feed_data.h - a feed that was read: its chunks in the order of the files, and their columns.
 *
 * Rows are numbered over all chunks, from 0; base[c] is the number of chunk c's first row.
 */
#ifndef WF_DATA_FEED_DATA_H
#define WF_DATA_FEED_DATA_H

#include "lang/base/limits.h"
#include "runtime/data/chunk.h"
#include "runtime/data/dataset.h"
#include "runtime/data/keep.h"
#include "runtime/data/snap.h"

/* What the loader's parts share. */
struct wf_load_ctx {
    const struct wf_alloc *alloc;
    const struct wf_ir *ir;
    const struct wf_zone *zone;
    int64_t now;
    unsigned threads;
    const struct wf_scanner *scanner;
    wf_plain_reader *plain;
    locale_t c_locale;
    uint64_t seed;
    int dir;
    bool from_stdin;
    const struct wf_exporter *exporter; /* whose sha256 are compared */
    bool sha256;                        /* is asked of every file */
    struct wf_progress *progress;
    struct wf_keep *keep;         /* of the dataset */
    const struct wf_snap *past;   /* a chain, oldest first: rows of nights before */
    uint32_t n_past;              /* 0: tonight's files are all */
    unsigned chain_percent;       /* how long the chain may become (snap.h) */
    bool anew;                    /* all of it is settled, and kept, anew */
    struct wf_snap_writer *keeps; /* takes what stands tonight; NULL: nobody */
    const char *scratch;          /* beside it goes what memory has no room for; or NULL */
    uint64_t event_memory;        /* bytes that event rows take on their way before that; 0: any */
    struct wf_strangers *strangers; /* whose rows are kept too; NULL: nobody's */
    bool unhashed; /* rows of an entity are not hashed: no id is thought to come twice */
};

struct wf_feed_data {
    const struct wf_alloc *alloc;
    const struct wf_feed *feed;
    struct wf_reader reader; /* its files stay; its fault says what went wrong */
    struct wf_chunk **chunks;
    uint32_t *base; /* n_chunks + 1 */
    uint32_t n_chunks, n_rows;
    struct wf_grid grid;    /* the cells of other feeds than events */
    struct wf_names *dicts; /* threads * n_slots */
    unsigned threads;
    struct wf_counts counts;
    char *heap;          /* all chunks' heaps, when wf_feed_heap was called: the keep's */
    uint64_t *heap_base; /* by chunk */
};

/* Takes the rows of chunks over as they come: the chunks that stay have none. Called on each
 * worker's thread; `dicts` (by slot) are the worker's. */
struct wf_chunk_taker {
    void *ctx;
    enum wf_status (*take)(void *ctx, unsigned worker, const struct wf_chunk *chunk,
                           const struct wf_names *dicts);
};

/*
 * Reads all files of a feed. `members`, `merged` and `refs` (by slot) are what ids lead to; `taker`
 * may be NULL. On failure data->reader.fault may say why; the caller releases in any case.
 */
enum wf_status wf_feed_read(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                            const struct wf_ids *members, const struct wf_merged *merged,
                            const struct wf_ids *const *refs, const struct wf_chunk_taker *taker,
                            struct wf_feed_data *data);
void wf_feed_data_release(struct wf_feed_data *data);

/* Chunk of a row. */
static inline uint32_t wf_feed_chunk(const struct wf_feed_data *data, uint32_t row)
{
    uint32_t low = 0, high = data->n_chunks;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (data->base[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* One slot's cells over all rows: a column that is not the keep's yet, padded as dataset.h says. */
struct wf_raw {
    struct wf_column column;
    bool whole; /* no cell is missing; then `present` is all ones */
};

/* Puts the chunks' heaps one behind the other, for STR columns and ids. */
enum wf_status wf_feed_heap(const struct wf_load_ctx *ctx, struct wf_feed_data *data);

/* One dictionary of what the threads found in a slot; maps[t] (the caller's to free, in any case)
 * says what worker t's codes are in it. */
enum wf_status wf_feed_dict(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                            uint32_t slot, uint32_t **maps, struct wf_dict **dict_out);

/* Joins a slot's cells (wf_feed_heap first) and frees the chunks' own. */
enum wf_status wf_feed_raw(const struct wf_load_ctx *ctx, struct wf_feed_data *data, uint32_t slot,
                           struct wf_raw *raw_out);
void wf_raw_release(const struct wf_alloc *alloc, struct wf_raw *raw);

/* The column of n rows, which takes the raw's arrays: rows[i] says which row of raw becomes row i,
 * and is at least i; NULL: all are as they are. */
enum wf_status wf_raw_become(const struct wf_load_ctx *ctx, struct wf_raw *raw,
                             const uint32_t *rows, uint64_t n, struct wf_column *column_out);

/* The column that rows see through a reference: target's value of the row that ref names. */
enum wf_status wf_column_through(const struct wf_load_ctx *ctx, const struct wf_column *ref,
                                 const struct wf_column *target, uint64_t n,
                                 struct wf_column *column_out);

/* Rows that an array of n is for, with what it is padded by. */
static inline size_t wf_column_room(uint64_t n)
{
    return (size_t)((n + WF_BATCH - 1) / WF_BATCH * WF_BATCH + WF_BATCH);
}

/* A column of n rows (padded as dataset.h says), all missing. */
enum wf_status wf_column_blank(const struct wf_load_ctx *ctx, enum wf_type type,
                               enum wf_layout layout, uint64_t n, struct wf_column *column_out);

/* Numbers texts by their bytes. map[code of names] is the code in the dictionary. The texts are
 * brought to NFC. */
enum wf_status wf_dict_make(const struct wf_load_ctx *ctx, struct wf_names *const *names,
                            unsigned n, uint32_t **maps, struct wf_dict **dict_out);

#endif
