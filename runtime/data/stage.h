/*
 * stage.h - event rows on their way from the segments of the files to their members.
 *
 *   thread t   part 0  [block]->[block]->...   a part: the members of a range, few enough that
 *              part 1  [block]                 what they did fits the cache
 *   block      row | row | row ...
 *   row        struct wf_staged | hashes, key | states | cells | what did not fit its cell
 *
 * Most of a night's memory is here, so cells are held narrow (a code in 2 bytes, money and times in
 * 4), and a text only where something may ask for it. Rows never move: a pointer to one stays good
 * until its stage is released.
 */
#ifndef WF_DATA_STAGE_H
#define WF_DATA_STAGE_H

#include <string.h>

#include "runtime/data/chunk.h"

enum { WF_STAGED_DOUBT = 1, WF_STAGED_VOID = 2 };

/* One row; 8 bytes aligned. */
struct wf_staged {
    uint64_t hash;  /* of the row's bytes */
    uint64_t place; /* (file + 1) << 48 | line where it starts; file + 1 is 0 for the past */
    uint32_t member;
    uint16_t size;  /* of the whole in 8 bytes; 0: it is alone in its block */
    uint8_t worker; /* whose dictionaries its codes are of */
    uint8_t flags;
};

enum wf_stage_kind {
    WF_STAGE_NONE, /* not carried along */
    WF_STAGE_BYTE, /* BITS */
    WF_STAGE_I32,
    WF_STAGE_F64,
    WF_STAGE_INT,  /* I64: in 4 bytes where it fits, else 8 behind the cells */
    WF_STAGE_CODE, /* in 2 bytes where it fits, else 4 behind the cells */
    WF_STAGE_TEXT, /* STR: behind the cells, where there is a text */
};

struct wf_stage_cell {
    uint8_t kind;
    uint32_t at;   /* from the beginning of the row */
    uint64_t bias; /* INT: what is added to a value */
};

/* How the rows of a feed are laid out. */
struct wf_stage_form {
    const struct wf_alloc *alloc;
    const struct wf_feed *feed;
    struct wf_stage_cell *cells; /* by slot */
    uint32_t first, full, key;   /* where they stand; 0: the row has none (see wf_staged_first) */
    uint32_t states;             /* two bits a slot: enum wf_staged_state */
    uint32_t fixed;              /* bytes before what did not fit */
    unsigned shift;              /* part = member >> shift */
    uint32_t n_parts;
};

enum wf_staged_state { WF_STAGED_MISSING, WF_STAGED_HERE, WF_STAGED_WIDE };

struct wf_stage_block {
    struct wf_stage_block *next;
    uint32_t used; /* bytes of rows */
};

struct wf_stage_stream {
    struct wf_stage_block *first, *last;
    char *at;      /* where the next row goes */
    uint32_t left; /* bytes behind it */
    uint32_t rows;
};

/* What one thread gathered. */
struct wf_stage {
    const struct wf_stage_form *form;
    struct wf_stage_stream *streams; /* by part; the last is of strangers */
    void **slabs;                    /* the blocks' memory */
    size_t n_slabs, room_slabs;
    char *free; /* of the last slab */
    size_t left;
    uint64_t rows;
    uint64_t *text_bytes; /* by slot: of TEXT */
    bool *missing;        /* by slot: some row has no value */
    bool *wide;           /* by slot: some value does not fit its cell */
    uint8_t worker;
};

/* `carried` tells the slots that anybody asks for behind the reading. WF_ERR_NOMEM. */
enum wf_status wf_stage_form_init(struct wf_stage_form *form, const struct wf_alloc *alloc,
                                  const struct wf_feed *feed, const bool *carried,
                                  uint32_t n_members);
void wf_stage_form_release(struct wf_stage_form *form);

enum wf_status wf_stage_init(struct wf_stage *stage, const struct wf_stage_form *form,
                             unsigned worker);
void wf_stage_release(struct wf_stage *stage);

/* Takes the rows of a chunk over; voids (a byte a row) may be NULL. Chunks come in the order of the
 * files. WF_ERR_NOMEM. */
enum wf_status wf_stage_add(struct wf_stage *stage, const struct wf_chunk *chunk,
                            const uint8_t *voids);

/* Behind the last chunk. */
void wf_stage_finish(struct wf_stage *stage);

/* ---- going through the rows of a part, in the order they came ---- */

struct wf_stage_walk {
    const struct wf_stage_block *block;
    char *at, *end;
};

static inline char *wf_stage_rows(const struct wf_stage_block *block)
{
    return (char *)(uintptr_t)block + 64; /* rows of 64 bytes are common: a cache line each */
}

static inline void wf_stage_enter(struct wf_stage_walk *walk, const struct wf_stage_block *block)
{
    *walk = (struct wf_stage_walk){.block = block};
    if (block)
        walk->end = (walk->at = wf_stage_rows(block)) + block->used;
}

/* The row that wf_stage_skip leaves behind; NULL: there is none any more. */
static inline struct wf_staged *wf_stage_row(const struct wf_stage_walk *walk)
{
    return walk->at < walk->end ? (struct wf_staged *)(void *)walk->at : NULL;
}

static inline void wf_stage_skip(struct wf_stage_walk *walk)
{
    uint16_t size = ((const struct wf_staged *)(const void *)walk->at)->size;
    walk->at = size ? walk->at + (size_t)size * 8 : walk->end;
    if (walk->at == walk->end)
        wf_stage_enter(walk, walk->block->next);
}

/* ---- cells ---- */

static inline const char *wf_staged_at(const struct wf_staged *row, uint32_t at)
{
    return (const char *)row + at;
}

static inline enum wf_staged_state wf_staged_state(const struct wf_stage_form *form,
                                                   const struct wf_staged *row, uint32_t slot)
{
    return *(const unsigned char *)wf_staged_at(row, form->states + slot / 4) >> (slot % 4 * 2) & 3;
}

/* A value that did not fit its cell, or a text: where it begins. The row has one. */
const char *wf_staged_behind(const struct wf_stage_form *form, const struct wf_staged *row,
                             uint32_t slot);

/* The text of a slot of kind TEXT that is not missing. */
struct wf_cell wf_staged_text(const struct wf_stage_form *form, const struct wf_staged *row,
                              uint32_t slot);

/* A value of any other kind (codes are the worker's); F64 as its bits. 0 where it is missing. */
int64_t wf_staged_value(const struct wf_stage_form *form, const struct wf_staged *row,
                        uint32_t slot);

/* Of the first unique field and of all unique fields; of the row's bytes where one is lacking. */
uint64_t wf_staged_first(const struct wf_stage_form *form, const struct wf_staged *row);

static inline uint64_t wf_staged_full(const struct wf_stage_form *form, const struct wf_staged *row,
                                      uint64_t first)
{
    return form->full ? *(const uint64_t *)(const void *)wf_staged_at(row, form->full) : first;
}

#endif
