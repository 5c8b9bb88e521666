/*
 * source.h - the rule files of one compilation: their bytes, their lines, places in them.
 *
 * A span is a half-open range of bytes of one file. Spans are what every node, token and diagnostic
 * carries; lines and columns (1-based; columns in characters) are computed only for printing.
 */
#ifndef WF_SYNTAX_SOURCE_H
#define WF_SYNTAX_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"

struct wf_span {
    uint32_t file; /* index into the sources */
    uint32_t start, end;
};

struct wf_source {
    char *name;        /* as the user named it; "std.retail" for an embedded one */
    char *text;        /* NUL behind it; BOM removed, CRLF kept */
    size_t len;
    uint32_t *lines;   /* byte offset of each line's start */
    uint32_t n_lines, room_lines;
    bool embedded;
    bool bom;        /* the bytes began with one */
    bool excerpt;    /* the text is a line of the file, or nothing: it is not shown */
    uint32_t before; /* excerpt: lines of the file before it */
};

struct wf_sources {
    const struct wf_alloc *alloc;
    struct wf_source *files;
    size_t n, room;
};

void wf_sources_init(struct wf_sources *sources, const struct wf_alloc *alloc);
void wf_sources_release(struct wf_sources *sources);

/* Adds a copy of the bytes. WF_ERR_LIMIT over WF_MAX_SOURCE. */
enum wf_status wf_sources_add(struct wf_sources *sources, const char *name, const void *bytes,
                              size_t len, bool embedded, uint32_t *file_out);

struct wf_place {
    uint32_t line, column; /* 1-based; column in characters (code points) */
};
struct wf_place wf_source_place(const struct wf_source *source, uint32_t at);

/* The bytes of line `line` (1-based) without its end. */
const char *wf_source_line(const struct wf_source *source, uint32_t line, size_t *len_out);

/* The smallest span that holds both; they must be of one file. */
struct wf_span wf_span_join(struct wf_span a, struct wf_span b);

#endif
