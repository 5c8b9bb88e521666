/*
 * dataset.h - a night's exports as columns: what the machine and the row evaluator read.
 *
 *            member rows 0 .. n-1 (order of the files)
 *   members  [id][joined][city]...                       one wf_column per IR input
 *   view v   first[m] .. first[m+1]  are the rows of member m, ordered by
 *            (time of the event, first unique field, own time, unique fields, bytes of the row)
 *
 * Rows of one event (alike in the first unique field) stand together; `begins` marks where an event
 * starts. Duplicates are gone, void rows are gone, orphans are gone; a rejected row that still
 * names its member stays as a doubt row (`doubt`), its unreadable cells missing.
 *
 * Every array is padded with zeros to a multiple of WF_BATCH rows (and bitmaps to its words), so a
 * kernel may always read a whole batch. Missing cells hold what makes 0. The dataset is
 * immutable once built.
 */
#ifndef WF_DATA_DATASET_H
#define WF_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/type.h"

/* How a column is held. */
enum wf_layout {
    WF_LAY_BITS, /* BOOL: one bit a row */
    WF_LAY_I32,  /* DATE (days), ENUM (position), REF (row) */
    WF_LAY_I64,  /* INT MONEY TIME CLOCK DAYS MONTHS SECONDS */
    WF_LAY_F64,  /* NUMBER */
    WF_LAY_CODE, /* TEXT, SET that a condition reads: a code into dict */
    WF_LAY_STR,  /* TEXT, SET that only output reads: a piece of heap */
};

/* Bytes of a cell that is held in full; BITS: 0. */
static inline size_t wf_layout_width(enum wf_layout layout)
{
    switch (layout) {
    case WF_LAY_BITS: return 0;
    case WF_LAY_I32:
    case WF_LAY_CODE: return 4;
    case WF_LAY_STR: return 16; /* struct wf_piece */
    default: return 8;
    }
}

/* The distinct texts of one column; code c is bytes[at[c]] .. bytes[at[c + 1]]. */
struct wf_dict {
    uint32_t n;
    uint64_t *at; /* n + 1 */
    char *bytes;
};

struct wf_piece {
    uint64_t at;
    uint32_t len;
};

struct wf_column {
    uint8_t type;      /* enum wf_type */
    uint8_t layout;    /* enum wf_layout */
    uint8_t width;     /* I32, I64, CODE: bytes of a narrow cell (1, 2, 4), which with `base` makes
                          the value; 0: cells are as wide as the layout says */
    uint64_t *present; /* bit set: there is a value; NULL: every row has one */
    union {
        uint64_t *bits;
        int32_t *i32;
        int64_t *i64;
        double *f64;
        uint32_t *code;
        struct wf_piece *str;
        const uint8_t *cell1;
        const uint16_t *cell2;
        const uint32_t *cell4;
        void *data;
    };
    int64_t base;         /* 0 where the cells are not narrow */
    struct wf_dict *dict; /* CODE */
    char *heap;           /* STR */
};

/* Bytes from one cell to the next; BITS: 0. */
static inline size_t wf_column_cell(const struct wf_column *column)
{
    return column->width ? column->width : wf_layout_width((enum wf_layout)column->layout);
}

static inline bool wf_column_has(const struct wf_column *column, uint64_t row)
{
    return !column->present || (column->present[row / 64] >> (row % 64) & 1);
}

/* What stands in a row of an I32, I64 or CODE column: 0 where it is missing. */
static inline int64_t wf_column_int(const struct wf_column *column, uint64_t row)
{
    switch (column->width) {
    case 1: return column->base + column->cell1[row];
    case 2: return column->base + column->cell2[row];
    case 4: return column->base + column->cell4[row];
    default: break;
    }
    switch (column->layout) {
    case WF_LAY_I32: return column->i32[row];
    case WF_LAY_CODE: return column->code[row];
    default: return column->i64[row];
    }
}

struct wf_recall;
struct wf_events {
    uint64_t n;               /* rows */
    uint32_t *first;          /* n_members + 1 */
    uint64_t *begins;         /* bit: a new event starts at this row; NULL: each row is an event */
    uint64_t *doubt;          /* bit: rejected; NULL: none */
    int64_t *at;              /* the row's time; valid where at_known */
    uint64_t *at_known;       /* NULL: every row */
    unsigned char (*key)[16]; /* xxh3-128 of the first unique field (or of the row's bytes); NULL
                                 unless the program asks for event keys of this view */
    struct wf_recall *recall; /* members who sleep (recall.h): none of the n rows is theirs; NULL:
                                 nobody does */
};

/* The rows of one member, who may be asleep: those are fetched then, behind the n of the view. Any
 * thread may ask. Only the machine, which knows who sleeps, walks over the rows by itself. */
struct wf_event_span {
    uint64_t row, end;
};
struct wf_event_span wf_events_of(const struct wf_events *events, uint32_t member);

struct wf_holidays;
struct wf_catalogue;

/* A column of a table as it stands in the file: what metrics sum. */
struct wf_total {
    uint32_t n; /* rows, as references number them */
    struct wf_column column;
};

/* Where an id stands in the heap of ids; a member has one, so they are small. */
struct wf_id {
    uint64_t at : 48, len : 16;
};

static inline struct wf_id wf_id_at(uint64_t at, uint64_t len)
{
    return (struct wf_id){.at = at & ((UINT64_C(1) << 48) - 1), .len = len & UINT16_MAX};
}

struct wf_dataset {
    uint32_t n_members;
    struct wf_id *ids; /* into id_heap */
    char *id_heap;
    uint32_t n_counting; /* the ids of so many members from the first on are one prefix and a
                            number, each one more than the one before it */
    uint32_t n_inputs;
    struct wf_column *inputs; /* by IR input index; domain says whose rows */
    uint32_t n_views;
    struct wf_events *views; /* by IR view index */
    bool *since_known; /* by view: the exporter's manifest or the declaration says since when */
    int64_t *since;    /* by view: seconds */
    uint32_t n_holidays;
    struct wf_holidays *holidays; /* by IR calendar (holidays.h); empty: no journey waits for it */
    uint32_t n_catalogues;
    struct wf_catalogue *catalogues; /* by IR catalogue (catalogue.h) */
    struct wf_total *totals;         /* by IR over: TOTAL; NULL: none was loaded */
    /* the loader keeps what it must free behind this */
    void *owner;
};

/* Ids are all over the memory: those of rows that are asked for soon are fetched on the way, first
 * where an id is, then, halfway, its bytes. */
enum { WF_IDS_AHEAD = 16 };
static inline __attribute__((always_inline)) void wf_ids_fetch(const struct wf_dataset *data,
                                                               uint32_t far, uint32_t half)
{
    __builtin_prefetch(&data->ids[far]);
    __builtin_prefetch(data->id_heap + data->ids[half].at);
}

/* Likewise the cell of a row. */
void wf_column_fetch(const struct wf_column *column, uint64_t row);

/* The value of a column or an input for one row, the slow way (row evaluator, texts). TEXT points
 * into the dataset. Declared in lang/base/value.h: struct wf_value. */
struct wf_value wf_column_value(const struct wf_column *column, uint64_t row);
struct wf_value wf_dataset_value(const struct wf_dataset *data, uint32_t input, uint64_t row);

void wf_dataset_free(struct wf_dataset *data);

#endif
