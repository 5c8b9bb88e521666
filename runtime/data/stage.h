/*
 * stage.h - event rows on their way from the segments of the files to their members.
 *
 *   thread t   part 0  [page]->[page]->...   a part: the members of a range, few enough that what
 *              part 1  [page]                they did fits the cache; behind them, strangers' parts
 *   page       row | row | row ...           a shelf: the slabs that the pages of some parts lie in
 *   row        place, member, flags, states | hashes, key | cells | more, if it has any
 *
 * Most of a night's memory is here, so cells are as narrow as the first rows say; what does not fit
 * its cell stands behind the row. A pointer to a row stays good until its shelf is cleared. Where
 * there is a budget, a full page that goes beyond it is written to a file and used again.
 */
#ifndef WF_DATA_STAGE_H
#define WF_DATA_STAGE_H

#include <pthread.h>
#include <string.h>

#include "runtime/data/chunk.h"
#include "runtime/data/serial.h"
#include "runtime/data/spill.h"

enum wf_stage_kind {
    WF_STAGE_NONE, /* not carried along */
    WF_STAGE_BOOL,
    WF_STAGE_I32,
    WF_STAGE_INT, /* I64 */
    WF_STAGE_F64,
    WF_STAGE_CODE, /* the worker's */
    WF_STAGE_TEXT, /* a serial number, or behind the row */
};

struct wf_stage_cell {
    uint8_t kind, width;
    uint32_t at;   /* from the beginning of the row */
    uint64_t bias; /* I32, INT: what is added to a value to fit it in; TEXT of 4 bytes: the head */
};

/* How the rows of a feed are laid out. The first chunk that is staged decides. */
struct wf_stage_form {
    const struct wf_alloc *alloc;
    const struct wf_feed *feed;
    struct wf_stage_cell *cells;     /* by slot */
    bool whole_hash;                 /* all 8 bytes of it in every row */
    uint32_t hash, first, full, key; /* where they stand; 0: the row has none */
    uint32_t size;                   /* bytes of a row without more */
    unsigned shift;                  /* part = member >> shift, at most 16 */
    uint32_t n_parts;                /* of members */
    pthread_mutex_t lock;
    bool laid_out;
};

struct wf_staged; /* a row: bytes as its form says */
enum { WF_STAGED_DOUBT = 1, WF_STAGED_VOID = 2, WF_STAGED_MORE = 4 };
enum wf_staged_state { WF_STAGED_MISSING, WF_STAGED_HERE, WF_STAGED_WIDE };

struct wf_stage_page {
    struct wf_stage_page *next;
    size_t used, size; /* bytes of rows; of the page */
};

/* A page's rows in the file. */
struct wf_stage_piece {
    uint64_t at;
    uint32_t len;
    uint32_t before; /* the one of its part that was written before it, and one more; 0: none */
};

struct wf_stage_stream {
    struct wf_stage_page *first, *last;
    char *at;      /* where the next row goes */
    uint32_t left; /* bytes behind it */
    uint32_t rows;
    uint32_t piece; /* its last one, and one more; 0: none */
};

struct wf_stage_slab {
    void *bytes;
    size_t size;
};

struct wf_stage_shelf {
    struct wf_stage_slab *slabs;
    size_t n_slabs, room_slabs;
    char *free; /* of the last slab */
    size_t left;
};
enum { WF_STAGE_SHELVES = 64, WF_STAGE_SHIFT = 16 }; /* a member of a part is 2 bytes */

/* Some rows of a chunk that follow each other: where they come from. */
struct wf_stage_origin {
    uint64_t place; /* (file + 1) << 48 | line; file + 1 is 0 for the past */
    uint32_t first; /* the number that the line `place` names has here */
};

/* What one thread gathered. */
struct wf_stage {
    struct wf_stage_form *form;
    struct wf_stage_stream *streams; /* by part */
    size_t n_streams;                /* those of strangers grow */
    struct wf_spill *spill;
    uint64_t held, budget; /* bytes of all slabs; 0: any */
    struct wf_stage_piece *pieces;
    size_t n_pieces, room_pieces;
    struct wf_stage_shelf shelves[WF_STAGE_SHELVES];
    struct wf_stage_origin *origins;
    size_t n_origins, room_origins;
    uint32_t lines;             /* of all origins */
    char *desk;                 /* rows while they are packed */
    struct wf_serials *serials; /* by slot: of TEXT */
    uint64_t rows;
    uint64_t *text_bytes; /* by slot: of TEXT */
    bool *missing;        /* by slot: some row has no value */
    bool *wide;           /* by slot: some value does not fit its cell */
};

/* `carried` tells the slots that anybody asks for behind the reading. WF_ERR_NOMEM. */
enum wf_status wf_stage_form_init(struct wf_stage_form *form, const struct wf_alloc *alloc,
                                  const struct wf_feed *feed, const bool *carried,
                                  uint32_t n_members);
void wf_stage_form_release(struct wf_stage_form *form);

/* Of `n_stages` that share the budget of a spill. */
enum wf_status wf_stage_init(struct wf_stage *stage, struct wf_stage_form *form,
                             struct wf_spill *spill, unsigned n_stages);
void wf_stage_release(struct wf_stage *stage);

/* Takes the rows of a chunk over; voids (a byte a row) may be NULL. Chunks come in the order of the
 * files. WF_ERR_NOMEM, WF_ERR_LIMIT, WF_ERR_IO. */
enum wf_status wf_stage_add(struct wf_stage *stage, const struct wf_chunk *chunk,
                            const uint8_t *voids);

/* Behind the last chunk. */
void wf_stage_finish(struct wf_stage *stage);

/* The shelf of a part of members, whose pages are freed when no part of it is needed any more. */
static inline uint32_t wf_stage_shelf(const struct wf_stage_form *form, uint32_t part)
{
    return part < form->n_parts
               ? (uint32_t)((uint64_t)part * (WF_STAGE_SHELVES - 1) / form->n_parts)
               : WF_STAGE_SHELVES - 1;
}
void wf_stage_clear(struct wf_stage *stage, uint32_t shelf);

/* Bytes that a part's rows in the file need in memory; 0: it has none there. */
size_t wf_stage_spilled(const struct wf_stage *stage, uint32_t part);

/* Reads them into `room`, aligned as any: from now on they are the part's first. WF_ERR_IO. */
enum wf_status wf_stage_fetch(struct wf_stage *stage, uint32_t part, void *room);

/* Room for one more row of a part at its stream's `at`; the caller moves that on. */
enum { WF_STAGE_SLACK = 16 }; /* rows are copied in so many bytes: a page has room for more */
enum wf_status wf_stage_room(struct wf_stage *stage, uint32_t part, size_t size);

/* ---- rows ---- */

static inline const char *wf_staged_at(const struct wf_staged *row, uint32_t at)
{
    return (const char *)row + at;
}

/* Where a row's own things stand. */
enum { WF_STAGED_LINE = 0, WF_STAGED_MEMBER = 4, WF_STAGED_FLAGS = 6 };

/* Within its part. */
static inline uint32_t wf_staged_member(const struct wf_staged *row)
{
    uint16_t member;
    memcpy(&member, wf_staged_at(row, WF_STAGED_MEMBER), 2);
    return member;
}

/* The low half of its first byte is the flags; then come two bits a slot. */
static inline unsigned wf_staged_flags(const struct wf_staged *row)
{
    return *(const unsigned char *)wf_staged_at(row, WF_STAGED_FLAGS) & 15;
}

struct wf_staged_place {
    uint32_t at;
    unsigned shift;
};

static inline struct wf_staged_place wf_staged_states(uint32_t slot)
{
    return (struct wf_staged_place){WF_STAGED_FLAGS + (slot + 2) / 4, (slot + 2) % 4 * 2};
}

static inline enum wf_staged_state wf_staged_state_at(const struct wf_staged *row,
                                                      struct wf_staged_place place)
{
    return *(const unsigned char *)wf_staged_at(row, place.at) >> place.shift & 3;
}

static inline enum wf_staged_state wf_staged_state(const struct wf_staged *row, uint32_t slot)
{
    return wf_staged_state_at(row, wf_staged_states(slot));
}

/* Bytes of a row with all that it has more; `size`: of one without. */
static inline uint32_t wf_staged_size(const struct wf_staged *row, uint32_t size)
{
    uint32_t more = 0;
    if (wf_staged_flags(row) & WF_STAGED_MORE)
        memcpy(&more, wf_staged_at(row, size), 4);
    return size + more;
}

/* One that is asked for soon is fetched on the way. */
static inline __attribute__((always_inline)) void wf_staged_fetch(const struct wf_staged *row,
                                                                  uint32_t size)
{
    __builtin_prefetch(row);
    __builtin_prefetch(wf_staged_at(row, size - 1));
}

/* A cell of 1, 2 or 4 bytes, whatever it stands for. */
static inline uint32_t wf_staged_raw(const struct wf_staged *row, uint32_t at, unsigned width)
{
    uint32_t word;
    uint16_t half;
    switch (width) {
    case 1: return *(const unsigned char *)wf_staged_at(row, at);
    case 2: memcpy(&half, wf_staged_at(row, at), 2); return half;
    default: memcpy(&word, wf_staged_at(row, at), 4); return word;
    }
}

/* The text of a slot of kind TEXT that is not missing; a serial number is written into room. */
struct wf_cell wf_staged_text(const struct wf_stage *stage, const struct wf_staged *row,
                              uint32_t slot, char room[WF_SERIAL_ROOM]);

/* A value of any other kind (codes are the worker's); F64 as its bits. 0 where it is missing. */
int64_t wf_staged_value(const struct wf_stage_form *form, const struct wf_staged *row,
                        uint32_t slot);

/* (file + 1) << 48 | line where it starts; file + 1 is 0 for the past. */
uint64_t wf_staged_line(const struct wf_stage *stage, const struct wf_staged *row);

/* Of the row's bytes: all of it where the row has no first unique field, else 4 bytes may be all
 * that is left, for nothing but rows of one key is told apart by it. */
uint64_t wf_staged_hash(const struct wf_stage_form *form, const struct wf_staged *row);

/* Of the first unique field and of all unique fields; of the row's bytes where one is lacking. */
uint64_t wf_staged_first(const struct wf_stage *stage, const struct wf_staged *row);
uint64_t wf_staged_full(const struct wf_stage_form *form, const struct wf_staged *row,
                        uint64_t first);

/* Rows alike in their first unique field have the same; others rarely do. */
uint32_t wf_staged_mark(const struct wf_stage *stage, const struct wf_staged *row);

/* ---- going through the rows of a part, in the order they came ---- */

struct wf_stage_walk {
    const struct wf_stage_page *page;
    char *at, *end;
};

static inline char *wf_stage_rows(const struct wf_stage_page *page)
{
    return (char *)(uintptr_t)page + sizeof(*page);
}

static inline void wf_stage_enter(struct wf_stage_walk *walk, const struct wf_stage *stage,
                                  uint32_t part)
{
    *walk = (struct wf_stage_walk){0};
    if (part < stage->n_streams && (walk->page = stage->streams[part].first))
        walk->end = (walk->at = wf_stage_rows(walk->page)) + walk->page->used;
}

/* The row that wf_stage_skip leaves behind; NULL: there is none any more. */
static inline struct wf_staged *wf_stage_row(const struct wf_stage_walk *walk)
{
    return walk->at < walk->end ? (struct wf_staged *)(void *)walk->at : NULL;
}

static inline void wf_stage_skip(struct wf_stage_walk *walk, uint32_t size)
{
    walk->at += wf_staged_size(wf_stage_row(walk), size);
    if (walk->at == walk->end && (walk->page = walk->page->next))
        walk->end = (walk->at = wf_stage_rows(walk->page)) + walk->page->used;
}

#endif
