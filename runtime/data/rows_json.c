#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "runtime/data/json_text.h"
#include "runtime/data/quick.h"
#include "runtime/data/rows.h"

/* The shortest digits that read back the same, with a point whatever the locale. */
static void put_real(struct wf_buf *heap, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    for (char *p = text; *p; p++)
        if (*p == ',')
            *p = '.';
    wf_buf_adds(heap, text);
}

/* Appends a value as a cell of CSV would hold it; false: it has no such form. */
static bool put_value(struct wf_buf *heap, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING: wf_buf_add(heap, json_string_value(value), json_string_length(value)); break;
    case JSON_INTEGER: wf_buf_addf(heap, "%lld", (long long)json_integer_value(value)); break;
    case JSON_REAL: put_real(heap, json_real_value(value)); break;
    case JSON_TRUE: wf_buf_adds(heap, "true"); break;
    case JSON_FALSE: wf_buf_adds(heap, "false"); break;
    case JSON_NULL: break;
    case JSON_ARRAY:
        for (size_t i = 0; i < json_array_size(value); i++) {
            const json_t *item = json_array_get(value, i);
            if (!json_is_string(item) || strpbrk(json_string_value(item), ";|"))
                return false;
            if (i)
                wf_buf_addc(heap, ';');
            wf_buf_add(heap, json_string_value(item), json_string_length(item));
        }
        break;
    default: return false;
    }
    return true;
}

static enum wf_status take_row(struct wf_rows *rows, struct wf_row *row, uint32_t r,
                               const json_t *object, struct wf_fault *fault)
{
    const struct wf_header *header = &rows->file->header;
    for (uint32_t c = 0; c < header->n_columns; c++) {
        const json_t *value = json_object_get(object, header->names[c]);
        size_t at = rows->heap.len;
        if (value && !put_value(&rows->heap, value))
            row->broken = "a value is neither a text, a number, true, false, null nor a list of "
                          "texts";
        if (rows->heap.len - at > WF_MAX_FIELD)
            return wf_fault_set(fault, WF_ERR_LIMIT, rows->file->name, wf_rows_line(rows, r),
                                "a value of this row is longer than WF_MAX_FIELD (%zu bytes)",
                                WF_MAX_FIELD);
        rows->seen[c] |= value != NULL;
        rows->cells[(size_t)r * header->n_columns + c] =
            (struct wf_cut){(uint32_t)at, (uint32_t)(rows->heap.len - at)};
    }
    return rows->heap.failed || rows->heap.len > UINT32_MAX ? WF_ERR_NOMEM : WF_OK;
}

static enum wf_status parse_row(struct wf_rows *rows, uint32_t start, uint32_t end, uint32_t line,
                                struct wf_fault *fault)
{
    uint32_t r = rows->n, columns = rows->file->header.n_columns;
    struct wf_row *row = wf_rows_add(rows);
    if (!row || wf_grow(rows->alloc, &rows->cells, &rows->cells_room, ((size_t)r + 1) * columns,
                        sizeof(*rows->cells)))
        return WF_ERR_NOMEM;
    memset(rows->cells + (size_t)r * columns, 0, columns * sizeof(*rows->cells));
    *row = (struct wf_row){.start = start, .end = end, .line = line};
    if (end - start > WF_MAX_LINE)
        return wf_fault_set(fault, WF_ERR_LIMIT, rows->file->name, wf_rows_line(rows, r),
                            "this row is longer than WF_MAX_LINE (%zu bytes)", WF_MAX_LINE);
    json_t *object;
    enum wf_status status = wf_json_read(rows->segment->text + start, end - start, &object);
    if (status)
        return status;
    if (json_is_object(object))
        status = take_row(rows, row, r, object, fault);
    else
        row->broken = object ? N_("the row is not a JSON object") : N_("the row is not valid JSON");
    json_decref(object);
    return status;
}

enum wf_status wf_rows_split_json(struct wf_rows *rows, struct wf_fault *fault)
{
    const char *text = rows->segment->text;
    size_t len = rows->segment->len, valid = wf_utf8_valid(text, len);
    const char *nul = memchr(text, '\0', len);
    const char *bad = valid < len ? text + valid : nul;
    if (nul && nul < bad)
        bad = nul;
    if (bad) {
        uint64_t line = rows->segment->line;
        for (const char *p = text; p < bad; p++)
            line += *p == '\n';
        return wf_fault_set(fault, WF_ERR_DATA, rows->file->name, line,
                            *bad ? "these bytes are not UTF-8" : N_("there is a NUL byte"));
    }
    uint32_t columns = rows->file->header.n_columns;
    if (wf_grow(rows->alloc, &rows->seen, &rows->seen_room, columns, sizeof(bool)))
        return WF_ERR_NOMEM;
    memset(rows->seen, 0, columns * sizeof(bool));
    wf_buf_reset(&rows->heap);
    wf_buf_addc(&rows->heap, '\0'); /* so that the heap is never NULL */
    uint32_t line = 0;
    for (size_t start = 0; start < len; line++) {
        size_t feed = (size_t)((const char *)memchr(text + start, '\n', len - start) - text);
        size_t end = feed > start && text[feed - 1] == '\r' ? feed - 1 : feed;
        enum wf_status status = WF_OK;
        if (end > start)
            status = parse_row(rows, (uint32_t)start, (uint32_t)end, line, fault);
        if (status)
            return status;
        start = feed + 1;
    }
    return wf_buf_reserve(&rows->heap, WF_CELL_PAD) ? WF_ERR_NOMEM : WF_OK;
}

/* What the schema does not know is not shown either. NULL: no memory. */
static json_t *shown_members(const struct wf_header *header, json_t *object)
{
    json_t *known = json_object();
    for (uint32_t c = 0; known && c < header->n_columns; c++) {
        json_t *value = json_object_get(object, header->names[c]);
        if (!value)
            continue;
        value = header->hidden[c] ? json_string("***") : json_incref(value);
        if (json_object_set_new(known, header->names[c], value) != 0) {
            json_decref(known);
            return NULL;
        }
    }
    return known;
}

void wf_rows_show_json(struct wf_rows *rows, uint32_t r, struct wf_buf *out)
{
    const struct wf_row *row = &rows->rows[r];
    json_t *object;
    if (wf_json_read(rows->segment->text + row->start, row->end - row->start, &object) != WF_OK) {
        out->failed = true;
        return;
    }
    if (json_is_object(object)) {
        json_t *known = shown_members(&rows->file->header, object);
        if (!known || wf_json_text(known, JSON_COMPACT, out) != WF_OK)
            out->failed = true;
        json_decref(known);
    } else {
        wf_buf_adds(out, "(not shown: it cannot be read, and the feed has private fields)");
    }
    json_decref(object);
}
