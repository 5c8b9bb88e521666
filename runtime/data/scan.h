/*
 * scan.h - the structural index of a piece of CSV: where its cells begin and its rows end.
 *
 *   a,"b,c",d\n      starts  0 2 8        behind every delimiter and line feed outside quotes
 *   e,f,g\n                 10 12 14 16   rows  3 6: the cells up to each row's end
 *
 * The piece starts at the beginning of a row, ends with a line feed and is followed by
 * WF_SCAN_PAD readable bytes. Three scanners, one answer: scalar, and AVX2 or AVX-512 where the
 * machine has it.
 */
#ifndef WF_DATA_SCAN_H
#define WF_DATA_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"

#define WF_SCAN_PAD 64
#define WF_NOWHERE UINT32_MAX

struct wf_index {
    uint32_t *starts; /* of n_cells cells; then where one more would begin */
    uint32_t *rows;   /* by row: how many cells there are up to its end */
    uint32_t *bare;   /* positions of carriage returns that no line feed follows */
    uint32_t n_cells, n_rows, n_bare;
    uint32_t quote; /* the first quote that stands where none may, or WF_NOWHERE */
    uint32_t nul;   /* the first NUL byte, or WF_NOWHERE */
    bool quotes;    /* there are quotes */
    bool returns;   /* there are carriage returns outside them */
    bool odd;       /* there may be bytes that are not UTF-8 */
    bool open;      /* the piece ends inside quotes */
    size_t room;    /* of each array */
    const struct wf_alloc *alloc;
};

/* Where rows end, without the index: how the splitter finds the last whole row of a block. */
struct wf_edge {
    bool open;      /* in: state before the block; out: behind it */
    size_t last;    /* out: bytes up to and with the last line feed outside quotes; 0: none */
    size_t opened;  /* out: where the quote that is still open was opened, if open */
    uint64_t lines; /* in and out: line feeds, quoted ones too */
    uint64_t upto;  /* out: `lines` as it was behind byte `last` */
};

struct wf_scanner {
    void (*index)(const char *text, size_t len, char delimiter, struct wf_index *index);
    void (*edge)(const char *text, size_t len, struct wf_edge *edge);
};

/* The scanner for this machine; `scalar` asks for the plain one. */
const struct wf_scanner *wf_scanner_pick(bool scalar);

/* Room for a piece of len bytes. WF_ERR_NOMEM, WF_ERR_LIMIT (4 GiB). */
enum wf_status wf_index_reserve(struct wf_index *index, size_t len);

/* Where the row around a byte starts: right up to the first misplaced quote. */
size_t wf_index_row(const struct wf_index *index, uint32_t at);
void wf_index_release(struct wf_index *index);

extern const struct wf_scanner wf_scanner_scalar;
extern const struct wf_scanner wf_scanner_avx2, wf_scanner_avx512; /* present on x86-64 alone */

#endif
