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

/* Where a piece of text lies in a chunk's heap. */
struct wf_cut {
    uint32_t at, len;
};

/* A cell that was met lately and the code it has, found by its bytes alone. */
enum { WF_RECENT_WORDS = 4, WF_RECENT_BITS = 10 };

struct wf_recent {
    uint64_t text[WF_RECENT_WORDS]; /* padded by zeros */
    uint32_t len, code;             /* len 0: free */
};

/* What one thread needs to decode; the values it makes are a function of the cell alone. */
struct wf_decoder {
    const struct wf_ir *ir;
    const struct wf_feed *feed;
    const struct wf_zone *zone;
    struct wf_stretch span;
    locale_t c_locale;
    struct wf_names *dicts; /* by slot: this thread's own numbering of texts */
    struct wf_recent (*recent)[1 << WF_RECENT_BITS]; /* by slot; zeroed */
    const struct wf_ids *const *refs; /* by slot: what a REF looks up, NULL: no REF */
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

#endif
