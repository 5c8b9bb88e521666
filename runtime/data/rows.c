#include "runtime/data/rows.h"

#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "runtime/data/quick.h"

void wf_rows_init(struct wf_rows *rows, const struct wf_alloc *alloc,
                  const struct wf_scanner *scanner)
{
    *rows = (struct wf_rows){.alloc = alloc, .scanner = scanner, .index.alloc = alloc};
    wf_buf_init(&rows->heap, alloc, 0);
}

void wf_rows_release(struct wf_rows *rows)
{
    wf_index_release(&rows->index);
    wf_free(rows->alloc, rows->rows);
    wf_free(rows->alloc, rows->scratch);
    wf_free(rows->alloc, rows->cells);
    wf_free(rows->alloc, rows->seen);
    wf_buf_release(&rows->heap);
    wf_rows_init(rows, rows->alloc, rows->scanner);
}

struct wf_row *wf_rows_add(struct wf_rows *rows)
{
    if (wf_grow(rows->alloc, &rows->rows, &rows->room, (size_t)rows->n + 1, sizeof(*rows->rows)))
        return NULL;
    return &rows->rows[rows->n++];
}

/* ---- lines ---- */

static uint64_t line_of(struct wf_rows *rows, size_t at)
{
    const char *text = rows->segment->text;
    if (at < rows->line_at) {
        rows->line_at = 0;
        rows->line = rows->segment->line;
    }
    for (; rows->line_at < at; rows->line_at++)
        rows->line += text[rows->line_at] == '\n';
    return rows->line;
}

uint64_t wf_rows_line(struct wf_rows *rows, uint32_t row)
{
    return rows->segment->line + wf_rows_row(rows, row).line;
}

/* ---- what refuses the whole file ---- */

static enum wf_status judge_bytes(struct wf_rows *rows, struct wf_fault *fault)
{
    const struct wf_segment *segment = rows->segment;
    const struct wf_index *index = &rows->index;
    const char *name = rows->file->name;
    size_t valid = index->odd ? wf_utf8_valid(segment->text, segment->len) : segment->len;
    size_t nul = index->nul == WF_NOWHERE ? segment->len : index->nul;
    size_t quote = index->quote == WF_NOWHERE ? segment->len : index->quote;
    if (valid == segment->len && nul == segment->len && quote == segment->len)
        return WF_OK;
    if (nul < valid && nul < quote)
        return wf_fault_set(fault, WF_ERR_DATA, name, line_of(rows, nul),
                            "there is a NUL byte; is this file UTF-16, or damaged?");
    if (valid < quote)
        return wf_fault_set(fault, WF_ERR_DATA, name, line_of(rows, valid),
                            "these bytes are not UTF-8; if the export has another encoding, "
                            "declare it (encoding \"gb18030\")");
    return wf_fault_set(fault, WF_ERR_DATA, name,
                        line_of(rows, wf_index_row(index, (uint32_t)quote)),
                        "a quote stands in the middle of a cell of the row that starts here: quote "
                        "the whole cell and double the quotes in it, or close the quote that is "
                        "open");
}

/* Rows beyond a mebibyte are rare: only they can hold a cell that is too long. */
static enum wf_status judge_sizes(struct wf_rows *rows, const struct wf_row *row, uint32_t cells,
                                  struct wf_fault *fault)
{
    size_t start = row->start;
    if (row->end - row->start > WF_MAX_LINE)
        return wf_fault_set(fault, WF_ERR_LIMIT, rows->file->name, line_of(rows, row->start),
                            "the row that starts here is longer than WF_MAX_LINE (%zu bytes)",
                            WF_MAX_LINE);
    for (uint32_t c = 0; c < cells; c++) {
        size_t end = c + 1 < cells ? rows->index.starts[row->first + c + 1] - 1 : row->end;
        size_t quotes = end - start >= 2 && rows->segment->text[start] == '"' ? 2 : 0;
        if (end - start - quotes > WF_MAX_FIELD)
            return wf_fault_set(fault, WF_ERR_LIMIT, rows->file->name, line_of(rows, row->start),
                                "a cell of the row that starts here is longer than WF_MAX_FIELD "
                                "(%zu bytes)",
                                WF_MAX_FIELD);
        start = end + 1;
    }
    return WF_OK;
}

/* ---- rows of CSV ---- */

static uint32_t count_feeds(const char *text, size_t len)
{
    uint32_t n = 0;
    for (const char *end = text + len; (text = memchr(text, '\n', (size_t)(end - text))); text++)
        n++;
    return n;
}

/* Whether the index is as good as a list of the rows. */
static bool is_even(const struct wf_rows *rows)
{
    const struct wf_index *index = &rows->index;
    uint32_t columns = rows->file->header.n_columns, odd = 0;
    if (index->quotes || index->n_bare || rows->segment->len > WF_MAX_FIELD)
        return false;
    for (uint32_t r = 0; r < index->n_rows; r++)
        odd |= index->rows[r] ^ (r + 1) * columns;
    return odd == 0;
}

static enum wf_status split_csv(struct wf_rows *rows, struct wf_fault *fault)
{
    const char *text = rows->segment->text;
    struct wf_index *index = &rows->index;
    uint32_t columns = rows->file->header.n_columns, start = 0, first = 0, bare = 0;
    uint32_t quoted = 0; /* line feeds inside cells so far */
    for (uint32_t r = 0; r < index->n_rows; r++) {
        uint32_t next = index->rows[r], feed = index->starts[next] - 1, end = feed;
        if (end > start && text[end - 1] == '\r')
            end--;
        if (end > start || columns == 1) { /* else an empty line: no row */
            struct wf_row *row = wf_rows_add(rows);
            if (!row)
                return WF_ERR_NOMEM;
            *row = (struct wf_row){.start = start, .end = end, .first = first, .line = r + quoted};
            if (next - first != columns)
                row->broken = next - first < columns
                                  ? N_("the row has fewer cells than the header")
                                  : N_("the row has more cells than the header");
            if (bare < index->n_bare && index->bare[bare] < feed)
                row->broken = N_("a carriage return stands alone inside the row");
            while (bare < index->n_bare && index->bare[bare] < feed)
                bare++;
            enum wf_status status = WF_OK;
            if (end - start > WF_MAX_FIELD)
                status = judge_sizes(rows, row, next - first, fault);
            if (status)
                return status;
        }
        if (index->quotes)
            quoted += count_feeds(text + start, feed - start);
        start = feed + 1;
        first = next;
    }
    return WF_OK;
}

enum wf_status wf_rows_split(struct wf_rows *rows, const struct wf_segment *segment,
                             const struct wf_feed_file *file, struct wf_fault *fault)
{
    rows->segment = segment;
    rows->file = file;
    rows->n = 0;
    rows->even = false;
    rows->line_at = 0;
    rows->line = segment->line;
    if (file->header.json)
        return wf_rows_split_json(rows, fault);
    enum wf_status status = wf_index_reserve(&rows->index, segment->len);
    if (status)
        return status;
    if (wf_grow(rows->alloc, &rows->scratch, &rows->scratch_room, segment->len + WF_CELL_PAD, 1))
        return WF_ERR_NOMEM;
    rows->scanner->index(segment->text, segment->len, file->header.delimiter, &rows->index);
    status = judge_bytes(rows, fault);
    if (status)
        return status;
    rows->even = is_even(rows);
    if (!rows->even)
        return split_csv(rows, fault);
    rows->n = rows->index.n_rows;
    return WF_OK;
}

/* ---- cells ---- */

/* Takes doubled quotes single. The scratch is as long as the segment: it cannot overflow. */
static struct wf_cell unquote(struct wf_rows *rows, const char *text, size_t len)
{
    if (!memchr(text, '"', len))
        return (struct wf_cell){text, (uint32_t)len, 0};
    char *out = rows->scratch + rows->scratch_len;
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        out[n++] = text[i];
        i += text[i] == '"';
    }
    rows->scratch_len += n;
    return (struct wf_cell){out, (uint32_t)n, 0};
}

static struct wf_cell csv_cell(struct wf_rows *rows, const struct wf_row *row, uint32_t column)
{
    const uint32_t *starts = rows->index.starts + row->first + column;
    uint32_t start = starts[0];
    uint32_t end = column + 1 == rows->file->header.n_columns ? row->end : starts[1] - 1;
    const char *text = rows->segment->text + start;
    if (rows->index.quotes && end - start >= 2 && *text == '"')
        return unquote(rows, text + 1, end - start - 2);
    return (struct wf_cell){text, end - start, 0};
}

/* Whether a column's cells are just what lies between two separators: there are no quotes to take
 * off, nor carriage returns behind the last. */
static bool is_bare(const struct wf_rows *rows, uint32_t column)
{
    bool last = column + 1 == rows->file->header.n_columns;
    return !rows->index.quotes && !(last && rows->index.returns);
}

static void bare_cells(const struct wf_rows *rows, uint32_t column, const uint32_t *which,
                       uint32_t n, struct wf_cell *out)
{
    const char *text = rows->segment->text;
    const uint32_t *starts = rows->index.starts + column;
    const size_t columns = rows->file->header.n_columns;
    for (uint32_t i = 0; i < n; i++) {
        size_t first = rows->even ? which[i] * columns : rows->rows[which[i]].first;
        const uint32_t *at = starts + first;
        out[i] = (struct wf_cell){text + at[0], at[1] - at[0] - 1, 0};
    }
}

bool wf_rows_table(const struct wf_rows *rows, uint32_t column, const uint32_t *which, uint32_t n,
                   struct wf_table *out)
{
    size_t columns = rows->file->header.n_columns;
    if (!rows->even || !is_bare(rows, column) || n == 0 || which[n - 1] - which[0] != n - 1)
        return false;
    out->text = rows->segment->text;
    out->starts = rows->index.starts + which[0] * columns + column;
    out->step = columns;
    return true;
}

void wf_rows_cells(struct wf_rows *rows, uint32_t column, const uint32_t *which, uint32_t n,
                   struct wf_cell *out)
{
    rows->scratch_len = 0;
    if (!rows->file->header.json) {
        if (is_bare(rows, column)) {
            bare_cells(rows, column, which, n, out);
            return;
        }
        for (uint32_t i = 0; i < n; i++) {
            struct wf_row row = wf_rows_row(rows, which[i]);
            out[i] = csv_cell(rows, &row, column);
        }
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        struct wf_cut cut = rows->cells[(size_t)which[i] * rows->file->header.n_columns + column];
        out[i] = (struct wf_cell){rows->heap.data + cut.at, cut.len, 0};
    }
}

/* ---- showing ---- */

void wf_rows_show(struct wf_rows *rows, uint32_t r, struct wf_buf *out)
{
    const struct wf_header *header = &rows->file->header;
    const struct wf_row row = wf_rows_row(rows, r);
    const char *text = rows->segment->text;
    if (!header->any_hidden) {
        wf_buf_add(out, text + row.start, row.end - row.start);
    } else if (header->json) {
        wf_rows_show_json(rows, r, out);
    } else if (row.broken) {
        wf_buf_adds(out, "(not shown: it cannot be split, and the feed has private fields)");
    } else {
        uint32_t start = row.start;
        for (uint32_t c = 0; c < header->n_columns; c++) {
            bool last = c + 1 == header->n_columns;
            uint32_t end = last ? row.end : rows->index.starts[row.first + c + 1] - 1;
            if (header->hidden[c] && end > start)
                wf_buf_adds(out, "***");
            else
                wf_buf_add(out, text + start, end - start);
            if (!last)
                wf_buf_addc(out, header->delimiter);
            start = end + 1;
        }
    }
}
