#include "runtime/cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "runtime/cli/rules.h"
#include "runtime/data/delimiter.h"

bool wf_cli_cell(const char *row, size_t len, char delimiter, size_t n, struct wf_piece_of *out)
{
    size_t cell = 0, start = 0;
    bool inside = false;
    for (size_t i = 0; i <= len; i++) {
        inside ^= i < len && row[i] == '"';
        if (i < len && (inside || row[i] != delimiter))
            continue;
        if (cell++ == n) {
            *out = (struct wf_piece_of){(uint32_t)start, (uint32_t)i};
            return true;
        }
        start = i + 1;
    }
    return false;
}

/* A cell without spaces and quotes around it; free it. NULL: no memory. */
static char *cell_text(const char *row, struct wf_piece_of at)
{
    while (at.start < at.end && strchr(" \"", row[at.start]))
        at.start++;
    while (at.end > at.start && strchr(" \"", row[at.end - 1]))
        at.end--;
    return strndup(row + at.start, at.end - at.start);
}

/* Bytes of the first line, without its end. */
static size_t line_length(const char *text)
{
    size_t n = strcspn(text, "\n");
    return n && text[n - 1] == '\r' ? n - 1 : n;
}

static void read_header(struct wf_cli_table *table, const char *text)
{
    size_t len = line_length(text), room = 0;
    struct wf_piece_of at;
    table->delimiter = wf_header_delimiter(text, len);
    table->line = strndup(text, len);
    for (size_t i = 0; wf_cli_cell(text, len, table->delimiter, i, &at); i++) {
        char *name = cell_text(text, at);
        if (!name || wf_grow(NULL, &table->columns, &room, i + 1, sizeof(char *))) {
            free(name);
            return;
        }
        table->columns[table->n_columns++] = name;
    }
}

static const char *without_bom(const char *text)
{
    return strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

void wf_cli_table_header(struct wf_cli_table *table, const char *dir, const char *name)
{
    struct wf_overlay file = {0};
    struct wf_buf path;
    *table = (struct wf_cli_table){.delimiter = ','};
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s", dir, name);
    size_t len = strlen(name);
    if (!path.failed && len > 4 && strcmp(name + len - 4, ".csv") == 0 &&
        wf_cli_overlay(path.data, false, &file) == WF_OK && strlen(file.bytes) == file.len &&
        wf_utf8_valid(file.bytes, strcspn(file.bytes, "\n")) == strcspn(file.bytes, "\n"))
        read_header(table, without_bom(file.bytes));
    free(file.bytes);
    wf_buf_release(&path);
}

void wf_cli_table_release(struct wf_cli_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++)
        free(table->columns[i]);
    free(table->columns);
    free(table->line);
}
