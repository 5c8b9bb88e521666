/*
 * column.h - the cells of one column of a segment become typed values.
 */
#ifndef WF_DATA_COLUMN_H
#define WF_DATA_COLUMN_H

#include <locale.h>

#include "lang/base/buf.h"
#include "lang/base/zone.h"
#include "runtime/data/feeds.h"
#include "runtime/data/ids.h"
#include "runtime/data/plain.h"

/* Where a piece of text lies in a chunk's heap. */
struct wf_cut {
    uint32_t at, len;
};

/* What one thread needs to decode; the values it makes are a function of the cell alone. */
struct wf_decoder {
    const struct wf_ir *ir;
    const struct wf_feed *feed;
    const struct wf_zone *zone;
    struct wf_stretch span;
    locale_t c_locale;
    struct wf_names *dicts; /* by slot: this thread's own numbering of texts */
    struct wf_recent **recent; /* by slot: WF_RECENT of them, zeroed; NULL: it has no codes */
    const struct wf_ids *const *refs; /* by slot: what a REF looks up, NULL: no REF */
    wf_plain_reader *plain;           /* NULL: there is none */
    struct wf_buf scratch;
};

/* What was wrong in a row first: `what` NULL means nothing. */
struct wf_bad_cell {
    const char *what;
    uint32_t slot;
};

struct wf_decoded {
    void *data;          /* n cells of slot->size bytes, zero where missing */
    uint8_t *state;      /* 1: there is a value */
    struct wf_buf *heap; /* takes the bytes of STR cells (cuts point into it) */
    struct wf_bad_cell *bad;
};

/* Decodes n cells (an empty text is an empty cell; WF_CELL_PAD bytes behind each can be read).
 * WF_ERR_NOMEM, WF_ERR_LIMIT. */
enum wf_status wf_column_decode(struct wf_decoder *decoder, uint32_t slot,
                                const struct wf_cell *cells, uint32_t n, struct wf_decoded *out);

/* Decodes the first cells of a column of n, as many as it is worth while for: *done_out, perhaps 0.
 * In column_plain.c. */
enum wf_status wf_column_plain(struct wf_decoder *decoder, uint32_t slot,
                               const struct wf_table *table, uint32_t n, struct wf_decoded *out,
                               uint32_t *done_out);

/* Whether an empty cell of a slot is missing, and that is all about it. */
bool wf_column_is_blank(const struct wf_decoder *decoder, uint32_t slot);

/* The declared values of a slot as words; 0 where there are too many, or one is too long. */
enum { WF_QUICK_VALUES = 16 };
uint32_t wf_column_words(const struct wf_decoder *decoder, uint32_t slot,
                         uint64_t words[WF_QUICK_VALUES]);

#endif
