#include "runtime/run/sheet.h"

#include <string.h>

enum { FLUSH = 1 << 20, LONG = 32 };

static void write_out(struct wf_sheet *sheet, const struct wf_buf *bytes)
{
    if (bytes->failed)
        sheet->status = WF_ERR_NOMEM;
    if (sheet->status == WF_OK)
        sheet->status = wf_stream_write(&sheet->file, bytes->data, bytes->len);
    sheet->bytes += bytes->len;
}

static void flush(struct wf_sheet *sheet)
{
    if (sheet->buf.len || sheet->buf.failed)
        write_out(sheet, &sheet->buf);
    wf_buf_reset(&sheet->buf);
}

void wf_sheet_open(struct wf_sheet *sheet, const struct wf_fs *fs, const char *path, bool json,
                   const char *const *columns, bool aside, const struct wf_alloc *alloc)
{
    *sheet = (struct wf_sheet){.fs = fs, .columns = columns, .json = json};
    wf_buf_init(&sheet->buf, alloc, 0);
    wf_digest_init(&sheet->digest);
    sheet->status = wf_stream_open(&sheet->file, fs, path, &sheet->digest, aside, alloc);
    for (unsigned i = 0; columns && !json && columns[i]; i++) {
        wf_buf_adds(&sheet->buf, i ? "," : "");
        wf_buf_adds(&sheet->buf, columns[i]);
    }
    if (columns && !json)
        wf_buf_adds(&sheet->buf, "\n");
}

void wf_sheet_open_part(struct wf_sheet *part, bool json, const char *const *columns,
                        const struct wf_alloc *alloc)
{
    struct wf_buf buf = part->buf;
    if (!buf.data)
        wf_buf_init(&buf, alloc, 0);
    wf_buf_reset(&buf);
    *part = (struct wf_sheet){.columns = columns, .json = json, .buf = buf};
}

void wf_sheet_join(struct wf_sheet *sheet, const struct wf_sheet *part)
{
    if (part->status != WF_OK)
        sheet->status = part->status;
    flush(sheet);
    if (part->buf.len || part->buf.failed)
        write_out(sheet, &part->buf);
    sheet->rows += part->rows;
}

/* A bit in each byte of the word that equals c (and perhaps in bytes above such a one). */
static uint64_t equal_bytes(uint64_t word, char c)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    word ^= ones * (unsigned char)c;
    return (word - ones) & ~word & ones << 7;
}

static bool needs_quotes(const char *text, size_t len)
{
    uint64_t found = 0;
    if (len >= LONG && memchr(text, ',', len))
        return true; /* as sentences have */
    for (size_t i = 0; i < len; i += 8) {
        uint64_t word = 0;
        memcpy(&word, text + i, len - i < 8 ? len - i : 8);
        found |= equal_bytes(word, ',') | equal_bytes(word, '"') | equal_bytes(word, '\n') |
                 equal_bytes(word, '\r');
    }
    return found != 0;
}

/* What comes before a cell. */
static void start_cell(struct wf_sheet *sheet)
{
    struct wf_buf *buf = &sheet->buf;
    if (!sheet->json && sheet->column == 0)
        return;
    wf_buf_addc(buf, sheet->column ? ',' : '{');
    if (!sheet->json)
        return;
    wf_json_string(buf, sheet->columns[sheet->column], strlen(sheet->columns[sheet->column]));
    wf_buf_addc(buf, ':');
}

static void csv_text(struct wf_buf *out, const char *text, size_t len)
{
    if (wf_buf_reserve(out, 2 * len + 2)) /* all of it quotes, and quoted */
        return;
    char *to = out->data + out->len;
    if (!needs_quotes(text, len)) {
        memcpy(to, text, len);
        to += len;
    } else {
        *to++ = '"';
        for (const char *quote; (quote = memchr(text, '"', len)); *to++ = '"') {
            size_t upto = (size_t)(quote - text) + 1;
            memcpy(to, text, upto);
            to += upto;
            text += upto;
            len -= upto;
        }
        memcpy(to, text, len);
        to += len;
        *to++ = '"';
    }
    *to = '\0';
    out->len = (size_t)(to - out->data);
}

void wf_sheet_cell(struct wf_sheet *sheet, const char *text, size_t len)
{
    start_cell(sheet);
    if (sheet->json)
        wf_json_string(&sheet->buf, text, len);
    else
        csv_text(&sheet->buf, text, len);
    sheet->column++;
}

void wf_sheet_plain(struct wf_sheet *sheet, const char *text, size_t len)
{
    start_cell(sheet);
    wf_buf_adds(&sheet->buf, sheet->json ? "\"" : "");
    wf_buf_add(&sheet->buf, text, len);
    wf_buf_adds(&sheet->buf, sheet->json ? "\"" : "");
    sheet->column++;
}

void wf_sheet_text(struct wf_sheet *sheet, const char *text)
{
    wf_sheet_cell(sheet, text, strlen(text));
}

void wf_sheet_built(struct wf_sheet *sheet, struct wf_buf *cell)
{
    if (cell->failed)
        sheet->status = WF_ERR_NOMEM;
    wf_sheet_cell(sheet, wf_buf_str(cell), cell->len);
    wf_buf_reset(cell);
}

void wf_sheet_number(struct wf_sheet *sheet, int64_t number)
{
    start_cell(sheet);
    wf_buf_add_int(&sheet->buf, number);
    sheet->column++;
}

void wf_sheet_again(struct wf_sheet *sheet, const struct wf_buf *bytes, unsigned cells)
{
    wf_buf_add(&sheet->buf, bytes->data, bytes->len);
    sheet->column += cells;
}

void wf_sheet_end_row(struct wf_sheet *sheet)
{
    wf_buf_adds(&sheet->buf, sheet->json ? "}\n" : "\n");
    sheet->column = 0;
    sheet->rows++;
    if (sheet->fs && (sheet->buf.len >= FLUSH || sheet->buf.failed))
        flush(sheet);
}

void wf_sheet_raw(struct wf_sheet *sheet, const void *bytes, size_t len)
{
    wf_buf_add(&sheet->buf, bytes, len);
}

enum wf_status wf_sheet_end(struct wf_sheet *sheet)
{
    flush(sheet);
    enum wf_status ended = wf_stream_end(&sheet->file);
    sheet->status = sheet->status != WF_OK ? sheet->status : ended;
    wf_digest_finish(&sheet->digest, sheet->sha256);
    wf_buf_release(&sheet->buf);
    return sheet->status;
}

enum wf_status wf_sheet_close(struct wf_sheet *sheet)
{
    if (sheet->status == WF_OK)
        sheet->status = wf_stream_sync(&sheet->file);
    enum wf_status closed = wf_stream_close(&sheet->file);
    sheet->status = sheet->status != WF_OK ? sheet->status : closed;
    return sheet->status;
}
