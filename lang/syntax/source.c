#include "lang/syntax/source.h"

#include <string.h>

#include "lang/base/limits.h"

void wf_sources_init(struct wf_sources *sources, const struct wf_alloc *alloc)
{
    *sources = (struct wf_sources){.alloc = alloc};
}

static void release_file(const struct wf_alloc *alloc, struct wf_source *source)
{
    wf_free(alloc, source->name);
    wf_free(alloc, source->text);
    wf_free(alloc, source->lines);
}

void wf_sources_release(struct wf_sources *sources)
{
    for (size_t i = 0; i < sources->n; i++)
        release_file(sources->alloc, &sources->files[i]);
    wf_free(sources->alloc, sources->files);
    wf_sources_init(sources, sources->alloc);
}

static char *copy_bytes(const struct wf_alloc *alloc, const void *bytes, size_t len)
{
    char *copy = wf_realloc(alloc, NULL, len + 1);
    if (!copy)
        return NULL;
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

/* Counts first, so that a file of any size takes one allocation. */
static int index_lines(const struct wf_alloc *alloc, struct wf_source *source)
{
    uint32_t n = 1;
    for (size_t i = 0; i < source->len; i++)
        n += source->text[i] == '\n';
    source->lines = wf_calloc(alloc, n, sizeof(*source->lines));
    if (!source->lines)
        return -1;
    source->n_lines = source->room_lines = n;
    uint32_t line = 1;
    for (size_t i = 0; i < source->len; i++) {
        if (source->text[i] == '\n')
            source->lines[line++] = (uint32_t)(i + 1);
    }
    return 0;
}

enum wf_status wf_sources_add(struct wf_sources *sources, const char *name, const void *bytes,
                              size_t len, bool embedded, uint32_t *file_out)
{
    const char *text = bytes;
    bool bom = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
    if (bom) {
        text += 3;
        len -= 3;
    }
    if (len > WF_MAX_SOURCE || sources->n >= WF_MAX_MODULES)
        return WF_ERR_LIMIT;
    if (wf_grow(sources->alloc, &sources->files, &sources->room, sources->n + 1,
                sizeof(*sources->files)))
        return WF_ERR_NOMEM;
    struct wf_source *source = &sources->files[sources->n];
    *source = (struct wf_source){.len = len, .embedded = embedded, .bom = bom};
    source->name = copy_bytes(sources->alloc, name, strlen(name));
    source->text = copy_bytes(sources->alloc, text, len);
    if (!source->name || !source->text || index_lines(sources->alloc, source)) {
        release_file(sources->alloc, source);
        return WF_ERR_NOMEM;
    }
    *file_out = (uint32_t)sources->n++;
    return WF_OK;
}

/* The line (from 0) that holds the byte: the last one that starts at or before it. */
static uint32_t line_of(const struct wf_source *source, uint32_t at)
{
    uint32_t low = 0, high = source->n_lines;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (source->lines[mid] <= at)
            low = mid;
        else
            high = mid;
    }
    return low;
}

struct wf_place wf_source_place(const struct wf_source *source, uint32_t at)
{
    if (at > source->len)
        at = (uint32_t)source->len;
    uint32_t line = line_of(source, at);
    uint32_t column = 1;
    for (uint32_t i = source->lines[line]; i < at; i++)
        column += ((unsigned char)source->text[i] & 0xc0) != 0x80; /* where one begins */
    return (struct wf_place){.line = source->before + line + 1, .column = column};
}

const char *wf_source_line(const struct wf_source *source, uint32_t line, size_t *len_out)
{
    if (line <= source->before || line - source->before > source->n_lines) {
        *len_out = 0;
        return "";
    }
    line -= source->before;
    const char *start = source->text + source->lines[line - 1];
    size_t end = line < source->n_lines ? source->lines[line] : source->len;
    size_t len = end - source->lines[line - 1];
    while (len && (start[len - 1] == '\n' || start[len - 1] == '\r'))
        len--;
    *len_out = len;
    return start;
}

struct wf_span wf_span_join(struct wf_span a, struct wf_span b)
{
    return (struct wf_span){
        .file = a.file,
        .start = a.start < b.start ? a.start : b.start,
        .end = a.end > b.end ? a.end : b.end,
    };
}
