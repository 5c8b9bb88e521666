/*
 * sheet.h - one output file: rows of cells as CSV (RFC 4180) or JSON Lines, digested as they go.
 */
#ifndef WF_RUN_SHEET_H
#define WF_RUN_SHEET_H

#include <stdint.h>

#include "lang/base/buf.h"
#include "lang/base/escape.h"
#include "runtime/data/digest.h"
#include "runtime/run/fs.h"

struct wf_sheet {
    const struct wf_fs *fs;
    const char *const *columns; /* ends with NULL; borrowed */
    bool json;
    int fd;
    unsigned column; /* the next cell's */
    uint64_t rows, bytes;
    unsigned char sha256[WF_SHA256]; /* after wf_sheet_close */
    struct wf_digest digest;
    struct wf_buf buf; /* what is not written yet */
    enum wf_status status;
};

/* Opens the file and, for CSV, writes the header. Failures stay in `status`; close in any case. */
void wf_sheet_open(struct wf_sheet *sheet, const struct wf_fs *fs, const char *path, bool json,
                   const char *const *columns, const struct wf_alloc *alloc);

/* The row's next cell; every column gets one. */
void wf_sheet_cell(struct wf_sheet *sheet, const char *text, size_t len);
void wf_sheet_text(struct wf_sheet *sheet, const char *text);
void wf_sheet_number(struct wf_sheet *sheet, int64_t number);
void wf_sheet_end_row(struct wf_sheet *sheet);

/* Bytes that are no row (a manifest). */
void wf_sheet_raw(struct wf_sheet *sheet, const void *bytes, size_t len);

/* Writes the rest, syncs, closes; the digest is there if it answers WF_OK. */
enum wf_status wf_sheet_close(struct wf_sheet *sheet);

#endif
