#include "runtime/lsp/text.h"

#include <string.h>

#include "lang/base/alloc.h"
#include "lang/base/utf8.h"

/* The byte behind the line that begins at `at`; the text's end if it is the last one. */
static size_t line_end(const char *text, size_t len, size_t at, bool *more)
{
    while (at < len && text[at] != '\n' && text[at] != '\r')
        at++;
    *more = at < len;
    if (at + 1 < len && text[at] == '\r' && text[at + 1] == '\n')
        at++;
    return at + (at < len);
}

enum wf_status wf_lsp_lines_make(struct wf_lsp_lines *lines, const char *text, size_t len,
                                 bool utf8)
{
    size_t n = 1;
    bool more = true;
    for (size_t at = 0; more; n += more)
        at = line_end(text, len, at, &more);
    uint32_t *starts = wf_calloc(NULL, n, sizeof(*starts));
    if (!starts)
        return WF_ERR_NOMEM;
    for (size_t i = 1; i < n; i++)
        starts[i] = (uint32_t)line_end(text, len, starts[i - 1], &more);
    wf_lsp_lines_release(lines);
    *lines =
        (struct wf_lsp_lines){.text = text, .len = len, .starts = starts, .n = n, .utf8 = utf8};
    return WF_OK;
}

void wf_lsp_lines_release(struct wf_lsp_lines *lines)
{
    wf_free(NULL, lines->starts);
    *lines = (struct wf_lsp_lines){.n = 0};
}

/* One character: its bytes and units. What is not UTF-8 counts byte by byte. */
static size_t step(const struct wf_lsp_lines *lines, size_t at, unsigned *units)
{
    uint32_t c;
    size_t n = wf_utf8_decode(lines->text + at, lines->len - at, &c);
    *units = lines->utf8 ? (unsigned)(n ? n : 1) : n && c >= 0x10000 ? 2 : 1;
    return n ? n : 1;
}

static bool ends_line(const struct wf_lsp_lines *lines, size_t at)
{
    return at >= lines->len || lines->text[at] == '\n' || lines->text[at] == '\r';
}

size_t wf_lsp_offset(const struct wf_lsp_lines *lines, int64_t line, int64_t character)
{
    if (line < 0)
        return 0;
    if ((uint64_t)line >= lines->n)
        return lines->len;
    size_t at = lines->starts[line];
    unsigned units;
    for (int64_t left = character; left > 0 && !ends_line(lines, at); left -= units) {
        size_t n = step(lines, at, &units);
        if (units > left)
            break; /* the middle of a character is its beginning */
        at += n;
    }
    return at;
}

uint32_t wf_lsp_units(const struct wf_lsp_lines *lines, size_t start, size_t end)
{
    uint32_t n = 0;
    unsigned units;
    for (size_t at = start; at < end && at < lines->len; n += units)
        at += step(lines, at, &units);
    return n;
}

void wf_lsp_place(const struct wf_lsp_lines *lines, size_t at, uint32_t *line_out,
                  uint32_t *character_out)
{
    size_t low = 0, high = lines->n;
    at = at > lines->len ? lines->len : at;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (lines->starts[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    *line_out = (uint32_t)low;
    *character_out = wf_lsp_units(lines, lines->starts[low], at);
}

json_t *wf_lsp_position(const struct wf_lsp_lines *lines, size_t at)
{
    uint32_t line, character;
    wf_lsp_place(lines, at, &line, &character);
    return json_pack("{s:I, s:I}", "line", (json_int_t)line, "character", (json_int_t)character);
}

json_t *wf_lsp_range(const struct wf_lsp_lines *lines, size_t start, size_t end)
{
    return json_pack("{s:o, s:o}", "start", wf_lsp_position(lines, start), "end",
                     wf_lsp_position(lines, end));
}

bool wf_lsp_at(const struct wf_lsp_lines *lines, const json_t *position, size_t *at_out)
{
    const json_t *line = json_object_get(position, "line");
    const json_t *character = json_object_get(position, "character");
    if (!json_is_integer(line) || !json_is_integer(character))
        return false;
    *at_out = wf_lsp_offset(lines, json_integer_value(line), json_integer_value(character));
    return true;
}
