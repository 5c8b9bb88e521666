/*
 * text.h - places as editors count them: lines from 0, which end at LF, CR or CR LF; in a line the
 * UTF-16 units before the place, or its bytes where the client agreed to utf-8.
 */
#ifndef WF_LSP_TEXT_H
#define WF_LSP_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lang/base/status.h"

struct wf_lsp_lines {
    const char *text; /* not owned: it must stay as it is */
    size_t len;
    uint32_t *starts; /* the first byte of each line */
    size_t n;         /* at least 1; 0: not made yet */
    bool utf8;        /* how places in a line are counted */
};

enum wf_status wf_lsp_lines_make(struct wf_lsp_lines *lines, const char *text, size_t len,
                                 bool utf8);
void wf_lsp_lines_release(struct wf_lsp_lines *lines);

/* The byte of a place; one behind the end of a line, or of the text, is that end. */
size_t wf_lsp_offset(const struct wf_lsp_lines *lines, int64_t line, int64_t character);

/* {line, character} of a byte; NULL: no memory. */
json_t *wf_lsp_position(const struct wf_lsp_lines *lines, size_t at);
json_t *wf_lsp_range(const struct wf_lsp_lines *lines, size_t start, size_t end);

/* Line and character of a byte. */
void wf_lsp_place(const struct wf_lsp_lines *lines, size_t at, uint32_t *line_out,
                  uint32_t *character_out);

/* How many units a client counts in these bytes. */
uint32_t wf_lsp_units(const struct wf_lsp_lines *lines, size_t start, size_t end);

/* The byte of {line, character}; false: that is none. */
bool wf_lsp_at(const struct wf_lsp_lines *lines, const json_t *position, size_t *at_out);

#endif
