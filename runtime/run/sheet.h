/*
 * sheet.h - one output file: rows of cells as CSV (RFC 4180) or JSON Lines, digested as they go.
 */
#ifndef WF_RUN_SHEET_H
#define WF_RUN_SHEET_H

#include <stdint.h>

#include "lang/base/buf.h"
#include "lang/base/escape.h"
#include "runtime/data/digest.h"
#include "runtime/run/stream.h"

struct wf_sheet {
    const struct wf_fs *fs;     /* NULL: a part of another sheet */
    const char *const *columns; /* ends with NULL; borrowed */
    bool json;
    unsigned column; /* the next cell's */
    uint64_t rows, bytes;
    unsigned char sha256[WF_SHA256]; /* after wf_sheet_end */
    struct wf_digest digest;
    struct wf_stream file;
    struct wf_buf buf; /* what is not in the file yet */
    enum wf_status status;
};

/* Opens the file and, for CSV, writes the header. `aside`: a thread of its own may write it.
 * Failures stay in `status`; end and close it in any case, and leave it where it is until the end.
 */
void wf_sheet_open(struct wf_sheet *sheet, const struct wf_fs *fs, const char *path, bool json,
                   const char *const *columns, bool aside, const struct wf_alloc *alloc);

/* Rows that are to be joined to a sheet of the same columns and format: they stay in `buf`, whose
 * memory serves again when it is opened again. */
void wf_sheet_open_part(struct wf_sheet *part, bool json, const char *const *columns,
                        const struct wf_alloc *alloc);
/* The rows of a part, or its failure. */
void wf_sheet_join(struct wf_sheet *sheet, const struct wf_sheet *part);

/* The row's next cell; every column gets one. */
void wf_sheet_cell(struct wf_sheet *sheet, const char *text, size_t len);
void wf_sheet_text(struct wf_sheet *sheet, const char *text);
/* ASCII that needs no quotes. */
void wf_sheet_plain(struct wf_sheet *sheet, const char *text, size_t len);
/* What was built in a buffer, which is empty afterwards; its failure is the sheet's. */
void wf_sheet_built(struct wf_sheet *sheet, struct wf_buf *cell);
void wf_sheet_number(struct wf_sheet *sheet, int64_t number);

/* Cells that came out as these bytes in the same columns of an earlier row (of any sheet of the
 * same columns and format), from `sheet->buf.data`. */
void wf_sheet_again(struct wf_sheet *sheet, const struct wf_buf *bytes, unsigned cells);
void wf_sheet_end_row(struct wf_sheet *sheet);

/* Bytes that are no row (a manifest). */
void wf_sheet_raw(struct wf_sheet *sheet, const void *bytes, size_t len);

/* Writes the rest; the digest is there if it answers WF_OK. The file stays open, to be synced when
 * all files are written: a disk syncs many at once as fast as one. */
enum wf_status wf_sheet_end(struct wf_sheet *sheet);

/* Syncs, if all went well, and closes. */
enum wf_status wf_sheet_close(struct wf_sheet *sheet);

#endif
