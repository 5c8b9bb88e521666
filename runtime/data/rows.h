/*
 * rows.h - a segment split into rows, and the cells of a column for any of them.
 *
 * CSV and JSON Lines give the same view. A file that cannot be trusted as a whole (an unclosed or
 * misplaced quote, NUL bytes, bytes that are not UTF-8, a row or cell beyond its limit) is a fault;
 * a row that cannot be split is `broken`, and only its whole is known.
 */
#ifndef WF_DATA_ROWS_H
#define WF_DATA_ROWS_H

#include "lang/base/buf.h"
#include "runtime/data/column.h"
#include "runtime/data/reader.h"

struct wf_row {
    uint32_t start, end; /* bytes in the segment, without the line end */
    uint32_t first;      /* CSV: its first cell in the index */
    uint32_t line;       /* line ends between the segment's beginning and the row */
    const char *broken;  /* why it cannot be split; NULL: it can */
};

struct wf_rows {
    const struct wf_alloc *alloc;
    const struct wf_scanner *scanner;
    const struct wf_segment *segment; /* the current one and its file: borrowed */
    const struct wf_feed_file *file;
    struct wf_index index;
    struct wf_row *rows;
    uint32_t n;
    size_t room;
    bool even; /* CSV: each line is a row and has all of its cells, none is quoted; no `rows` then:
                  the index tells all */
    char *scratch; /* cells whose quotes had to be taken off inside */
    size_t scratch_len, scratch_room;
    struct wf_cut *cells; /* JSON Lines: n_columns a row, into heap */
    size_t cells_room;
    struct wf_buf heap;
    bool *seen; /* JSON Lines: by column, some row had it */
    size_t seen_room;
    size_t line_at; /* line numbers: how far line feeds were counted */
    uint64_t line;
};

void wf_rows_init(struct wf_rows *rows, const struct wf_alloc *alloc,
                  const struct wf_scanner *scanner);
void wf_rows_release(struct wf_rows *rows);

static inline struct wf_row wf_rows_row(const struct wf_rows *rows, uint32_t r)
{
    if (!rows->even)
        return rows->rows[r];
    const uint32_t columns = rows->file->header.n_columns, first = r * columns;
    const uint32_t *starts = rows->index.starts + first;
    struct wf_row row = {.start = starts[0], .end = starts[columns] - 1, .first = first, .line = r};
    if (rows->index.returns && row.end > row.start)
        row.end -= rows->segment->text[row.end - 1] == '\r';
    return row;
}

/* WF_ERR_DATA and WF_ERR_LIMIT fill the fault. The segment must outlive the use of the rows. */
enum wf_status wf_rows_split(struct wf_rows *rows, const struct wf_segment *segment,
                             const struct wf_feed_file *file, struct wf_fault *fault);

/* The cells of one column for n unbroken rows `which`; valid until the next call or segment,
 * with WF_CELL_PAD bytes to read behind each. */
void wf_rows_cells(struct wf_rows *rows, uint32_t column, const uint32_t *which, uint32_t n,
                   struct wf_cell *out);

/* The same cells as a table: false where they do not stand in equal steps, or may be quoted. */
bool wf_rows_table(const struct wf_rows *rows, uint32_t column, const uint32_t *which, uint32_t n,
                   struct wf_table *out);

/* The physical line where a row starts. */
uint64_t wf_rows_line(struct wf_rows *rows, uint32_t row);

/* Appends the row as it stands, private cells as ***. */
void wf_rows_show(struct wf_rows *rows, uint32_t row, struct wf_buf *out);

/* In rows_json.c. */
enum wf_status wf_rows_split_json(struct wf_rows *rows, struct wf_fault *fault);
void wf_rows_show_json(struct wf_rows *rows, uint32_t row, struct wf_buf *out);
struct wf_row *wf_rows_add(struct wf_rows *rows);

#endif
