/*
 * plain.h - the cells of a whole column at once, where its rows are a table of plain cells.
 *
 *   text    M1,2026-11-01,12.50\nM2,,7.00\n     rows of a segment without quotes, each with all
 *   starts  0  3          14     20 23 24   29  of its cells: a column's stand in equal steps
 *
 * Most cells of most exports have one of a few shapes. Where the processor has AVX-512, eight of
 * them are read together; whatever has another shape is told, and read by column.c as any cell is.
 * A reader may refuse a cell for no reason, but never reads it otherwise than column.c does.
 */
#ifndef WF_DATA_PLAIN_H
#define WF_DATA_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cell i begins at starts[i * step], and a byte behind it the next one at starts[i * step + 1]; 24
 * bytes behind it can be read. */
struct wf_table {
    const char *text;
    const uint32_t *starts;
    size_t step;
};

enum wf_plain_kind {
    WF_PLAIN_INT,    /* up to 8 digits */
    WF_PLAIN_MONEY,  /* up to 5 digits, a point, two digits */
    WF_PLAIN_DATE,   /* YYYY-MM-DD of 1901 to 2099 */
    WF_PLAIN_BOOL,   /* 0 or 1 */
    WF_PLAIN_NUMBER, /* up to 8 digits, or up to 6, a point and a digit: the double's bits */
    WF_PLAIN_TIME,   /* such a date, a T or a space, HH:MM:SS: seconds on the wall since 1970 */
    WF_PLAIN_WORD,   /* one of `words` (its place) */
    WF_PLAIN_TEXT,   /* met lately: its code */
};

/* A text that was met lately and the code it has, found by its bytes alone: the sum of its words,
 * (sum ^ word) * WF_RECENT_TIMES for one after the other, begins with its place. There are many
 * places, so that a few hundred texts seldom share one; those without a text are never touched. */
#define WF_RECENT_TIMES UINT64_C(0x9e3779b97f4a7c15)
enum { WF_RECENT_WORDS = 4, WF_RECENT_BITS = 12, WF_RECENT = 1 << WF_RECENT_BITS };
struct wf_recent {
    uint64_t text[WF_RECENT_WORDS]; /* padded by zeros */
    uint32_t len, code;             /* len 0: free */
};

struct wf_plain_job {
    enum wf_plain_kind kind;
    unsigned width; /* of what is written: 8, 4 or 1 bytes a cell */
    const uint64_t *words; /* WORD: up to 8 bytes each, padded by zeros */
    uint32_t n_words;
    const struct wf_recent *recent; /* TEXT */
};

/*
 * Reads n (<= 64) cells: values[i] where cell i is plain, 0 elsewhere. *empty_out has the bits of
 * the empty cells; the answer those of all others that were not read.
 */
typedef uint64_t wf_plain_reader(const struct wf_plain_job *job, const struct wf_table *table,
                                 unsigned n, void *values, uint64_t *empty_out);

/* The reader for this machine; NULL: it has none. */
wf_plain_reader *wf_plain_pick(bool scalar);

extern wf_plain_reader wf_plain_avx512; /* present on x86-64 alone */

#endif
