/*
 * snap.h - the snapshot: what nights to come need of the exports of nights before, as columns.
 *
 *   "WFSNAP03" | block | block | ... | directory | tail
 *
 *   block      up to WF_SNAP_ROWS rows of one feed, or all rows of one owner; column behind column:
 *              first those with a cell for each owner of rows, then those with a cell for each row
 *   column     head | present: a bit a cell | cells | lengths of texts | bytes of texts
 *   directory  T, hash of the rules; feeds with what each of their columns means; blocks with
 *              their checksums
 *   tail       where the directory begins, its length, its checksum
 *
 * Numbers are little endian. A number is held as what it is above the least one of its column, in
 * as few bytes as the largest needs; a text in full, or, where texts repeat, as a number in the
 * block's own list of them, or, where all of them are serial numbers of one head (serial.h), as
 * those are. A snapshot is written once, from front to back, and never changed; it
 * is hostile until a checksum was found right, and its bounds are checked all the same.
 */
#ifndef WF_DATA_SNAP_H
#define WF_DATA_SNAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lang/base/buf.h"
#include "lang/base/status.h"
#include "runtime/data/names.h"
#include "runtime/data/serial.h"

enum { WF_SNAP_ROWS = 1 << 16, WF_SNAP_DIGEST = 16, WF_SNAP_PAD = 64 };

/* A chain of snapshots begins anew where those behind the first hold more than so many hundredths
 * of the rows that the first one holds, or where there are WF_MAX_SNAPSHOTS. */
enum { WF_SNAP_CHAIN_PERCENT = 25 };

/* What a feed was when its rows were kept. */
struct wf_snap_feed {
    char *name;         /* "member", or the event's */
    bool since_known;   /* its history is complete from `since` on, as exporters said; else it is */
    int64_t since;      /* all there is */
    uint64_t *meanings; /* by column: a hash over all that makes its cells what they are */
    uint32_t n_columns;
    uint32_t n_owner_columns; /* the first of them: their cells are owners', not rows' */
    uint64_t rows;
};

struct wf_snap_block {
    uint32_t feed, owners, rows;
    uint64_t order; /* blocks of a feed stand by it */
    uint64_t at, len, check;
};

/* ---- writing ---- */

/* Takes bytes behind those it has. Called under the writer's lock. */
typedef enum wf_status wf_snap_append(void *ctx, const void *bytes, size_t len);

struct wf_snap_writer {
    const struct wf_alloc *alloc;
    wf_snap_append *append;
    void *ctx;
    pthread_mutex_t lock;
    uint64_t at;
    bool base;               /* it holds all there is; else what differs from the ones before it */
    unsigned char rules[16]; /* hash of the program that kept it */
    struct wf_snap_feed *feeds;
    size_t n_feeds, room_feeds;
    struct wf_snap_block *blocks;
    size_t n_blocks, room_blocks;
};

/* WF_ERR_NOMEM: nothing to release. */
enum wf_status wf_snap_writer_init(struct wf_snap_writer *writer, const struct wf_alloc *alloc,
                                   wf_snap_append *append, void *ctx);
void wf_snap_writer_release(struct wf_snap_writer *writer); /* of zeros is fine */

/* A new feed; `name` and `meanings` are copied. The first n_owner_columns have a cell an owner. */
enum wf_status wf_snap_add_feed(struct wf_snap_writer *writer, const char *name,
                                const uint64_t *meanings, uint32_t n_columns,
                                uint32_t n_owner_columns, uint32_t *feed_out);

/* A column behind those a block has: n numbers, or n texts, where state[i] is not 0 (NULL: all).
 * `repeat`: the texts are few. WF_ERR_NOMEM; WF_ERR_LIMIT: texts of 4 GB. */
enum wf_status wf_snap_put_numbers(struct wf_buf *block, const uint8_t *state,
                                   const uint64_t *numbers, uint32_t n);
enum wf_status wf_snap_put_texts(struct wf_buf *block, const uint8_t *state,
                                 const struct wf_cell *texts, uint32_t n, bool repeat,
                                 const struct wf_alloc *alloc);

/* Texts that are one head and a number; the numbers of those that are missing are overwritten. */
enum wf_status wf_snap_put_serials(struct wf_buf *block, const uint8_t *state, uint64_t *numbers,
                                   uint32_t n, const struct wf_serial_head *head);

/* The same for texts that were numbered: codes[i] is which of the names row i has. */
enum wf_status wf_snap_put_list(struct wf_buf *block, const uint8_t *state, const uint64_t *codes,
                                uint32_t n, const struct wf_names *names,
                                const struct wf_alloc *alloc);

/* A block of so many owners and rows is whole. Any thread may bring one. */
enum wf_status wf_snap_put_block(struct wf_snap_writer *writer, uint32_t feed, uint64_t order,
                                 const struct wf_buf *block, uint32_t owners, uint32_t rows);

/* The end. The digest says what the snapshot holds, however its blocks came to lie in the file. */
enum wf_status wf_snap_finish(struct wf_snap_writer *writer, int64_t t,
                              unsigned char digest_out[WF_SNAP_DIGEST]);

/* ---- reading ---- */

struct wf_snap {
    const struct wf_alloc *alloc;
    const unsigned char *bytes; /* borrowed */
    size_t len;
    int64_t t;               /* of the night that kept it */
    unsigned char rules[16]; /* hash of the program that kept it */
    struct wf_snap_feed *feeds;
    uint32_t n_feeds;
    struct wf_snap_block *blocks; /* by feed, then order */
    uint32_t n_blocks;
    unsigned char digest[WF_SNAP_DIGEST];
};

/* Reads the directory. WF_ERR_STATE: it is damaged, or no snapshot; WF_ERR_NOMEM. The bytes must
 * outlive it. Release it in any case. */
enum wf_status wf_snap_open(const struct wf_alloc *alloc, const void *bytes, size_t len,
                            struct wf_snap *snap);
void wf_snap_release(struct wf_snap *snap);

/* The feed of that name, or WF_SNAP_NONE. */
#define WF_SNAP_NONE UINT32_MAX
uint32_t wf_snap_find(const struct wf_snap *snap, const char *name);

/* TEXTS and SERIALS are two ways to hold a text for each cell. */
enum wf_snap_kind { WF_SNAP_NUMBERS, WF_SNAP_TEXTS, WF_SNAP_LIST, WF_SNAP_SERIALS };

struct wf_snap_column {
    uint8_t kind;      /* enum wf_snap_kind */
    uint8_t width;     /* bytes of a cell: NUMBERS, LIST, SERIALS */
    uint8_t len_width; /* bytes of a text's length; SERIALS: digits */
    uint32_t n_texts;  /* TEXTS, SERIALS: the cells */
    uint64_t base;     /* NUMBERS, SERIALS: added to each */
    uint64_t span; /* bytes of all texts, or of the head; NUMBERS: from the least to the largest */
    const unsigned char *present; /* NULL: every cell */
    const unsigned char *cells, *lens, *bytes;
};

/* Finds the columns of a block and proves it: WF_ERR_STATE, it is damaged. `columns` has room for
 * those of its feed. */
enum wf_status wf_snap_read(const struct wf_snap *snap, const struct wf_snap_block *block,
                            struct wf_snap_column *columns);

static inline bool wf_snap_has(const struct wf_snap_column *column, uint32_t cell)
{
    return !column->present || (column->present[cell / 8] >> (cell % 8) & 1);
}

/* A number of 0, 1, 2, 4 or 8 bytes, the lowest first. Each width has a variable of its own, so
 * that loops over them become vectors. */
static inline __attribute__((always_inline)) uint64_t wf_snap_load(const unsigned char *at,
                                                                   unsigned width)
{
    const bool turn = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (width) {
    case 0: return 0;
    case 1: return *at;
    case 2: memcpy(&two, at, 2); return turn ? __builtin_bswap16(two) : two;
    case 4: memcpy(&four, at, 4); return turn ? __builtin_bswap32(four) : four;
    default: memcpy(&eight, at, 8); return turn ? __builtin_bswap64(eight) : eight;
    }
}

/* What stands in a cell, above the base: NUMBERS; which text: LIST. */
static inline uint64_t wf_snap_above(const struct wf_snap_column *column, uint32_t cell)
{
    switch (column->width) { /* so that the compiler knows how wide it reads */
    case 0: return 0;
    case 1: return column->cells[cell];
    case 2: return wf_snap_load(column->cells + 2 * (size_t)cell, 2);
    case 4: return wf_snap_load(column->cells + 4 * (size_t)cell, 4);
    default: return wf_snap_load(column->cells + 8 * (size_t)cell, 8);
    }
}

/* A number; 0 where there is none. */
static inline uint64_t wf_snap_number(const struct wf_snap_column *column, uint32_t cell)
{
    return wf_snap_has(column, cell) ? column->base + wf_snap_above(column, cell) : 0;
}

/* The n numbers from the cell `first` on, 0 where there is none. */
void wf_snap_numbers(const struct wf_snap_column *column, uint32_t first, uint32_t n,
                     uint64_t *out);

/* out[i] is 1 where the number i of the first n, signed, is at most that, else 0; of a cell without
 * a number it is either. */
void wf_snap_at_most(const struct wf_snap_column *column, uint32_t n, int64_t most, uint8_t *out);

/* Of the lowest eight bits, those that all of the first n numbers have, and those that some have;
 * none may be missing. */
void wf_snap_bits(const struct wf_snap_column *column, uint32_t n, uint8_t *all_out,
                  uint8_t *any_out);

/* The length of a text, and of n texts from `first` on together. */
uint32_t wf_snap_length(const struct wf_snap_column *column, uint32_t text);
uint64_t wf_snap_lengths(const struct wf_snap_column *column, uint32_t first, uint32_t n);

/* Which of up to 64 cells from `first` on have a value: a bit each. */
uint64_t wf_snap_present(const struct wf_snap_column *column, uint32_t first, uint32_t n);

/* Where cells of `width` (1, 2, 4, 8) bytes go, which say what a value is above `base`. */
struct wf_snap_cells {
    void *data;
    unsigned width;
    uint64_t base;
};

/* Copies n cells from `first` on; those without a value become 0. Of a LIST, whose codes are of at
 * most 4 bytes, words[code] is copied, above no base: up to 64 cells. */
void wf_snap_copy_numbers(const struct wf_snap_column *column, uint32_t first, uint32_t n,
                          const struct wf_snap_cells *to);
void wf_snap_copy_list(const struct wf_snap_column *column, uint32_t first, uint32_t n,
                       const uint32_t *words, const struct wf_snap_cells *to);

static inline bool wf_snap_is_texts(const struct wf_snap_column *column)
{
    return column->kind == WF_SNAP_TEXTS || column->kind == WF_SNAP_SERIALS;
}

/* The texts themselves, n_texts of them, with WF_CELL_PAD bytes to read behind each. Those of
 * SERIALS are written into `room`, which has so many bytes; for others it may be NULL. */
size_t wf_snap_texts_room(const struct wf_snap_column *column);
void wf_snap_texts(const struct wf_snap_column *column, char *room, struct wf_cell *out);

/* SERIALS of which none is missing, one behind the other, each of wf_snap_serial_len bytes. */
void wf_snap_write_serials(const struct wf_snap_column *column, char *out);
static inline uint32_t wf_snap_serial_len(const struct wf_snap_column *column)
{
    return (uint32_t)column->span + column->len_width;
}

/* NUMBERS that are all 0; not of every column it is seen that they are. */
static inline bool wf_snap_is_zero(const struct wf_snap_column *column)
{
    return column->width == 0 && column->base == 0;
}

/* SERIALS: the head; the text of a cell that is there. */
struct wf_serial_head wf_snap_head(const struct wf_snap_column *column);
struct wf_cell wf_snap_serial(const struct wf_snap_column *column, uint32_t cell,
                              char room[WF_SERIAL_ROOM]);

#endif
