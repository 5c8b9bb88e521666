/*
 * parse.h - from text to a syntax tree.
 */
#ifndef WF_SYNTAX_PARSE_H
#define WF_SYNTAX_PARSE_H

#include "lang/base/arena.h"
#include "lang/base/intern.h"
#include "lang/base/status.h"
#include "lang/syntax/ast.h"
#include "lang/syntax/diag.h"
#include "lang/syntax/source.h"

/*
 * A set of declared names that hold Han characters. Chinese needs no spaces, so a run of Han
 * characters is cut into keywords and names that are known; these are the ones known.
 */
struct wf_han_names {
    const struct wf_alloc *alloc;
    const struct wf_str **items; /* interned, each once, in the order they were added */
    size_t n, room;
    size_t longest; /* bytes of the longest */
};

void wf_han_names_init(struct wf_han_names *names, const struct wf_alloc *alloc);
void wf_han_names_release(struct wf_han_names *names);
enum wf_status wf_han_names_add(struct wf_han_names *names, const struct wf_str *name);
enum wf_status wf_han_names_add_all(struct wf_han_names *names, const struct wf_han_names *more);

/*
 * A quick look at one file before it is parsed: what it imports and which Han names it declares
 * (nothing is reported; broken text only yields less). A loader scans a file, loads what it
 * imports, and passes the names those modules make visible to wf_parse.
 */
struct wf_scan_import {
    const struct wf_str *name; /* "std.retail", or the decoded path of `import "./x.way"` */
    struct wf_span span;
    bool path, exported;
};
struct wf_scan {
    struct wf_han_names names; /* declared in this file, aliases included */
    struct wf_scan_import *imports;
    size_t n_imports, room_imports;
};
void wf_scan_init(struct wf_scan *scan, const struct wf_alloc *alloc);
void wf_scan_release(struct wf_scan *scan);
enum wf_status wf_scan(struct wf_intern *intern, const struct wf_sources *sources, uint32_t file,
                       struct wf_scan *scan);

/*
 * Parses sources->files[file] into *module_out (never NULL on WF_OK or WF_ERR_RULES). `declared`
 * holds the Han names that imported modules make visible and may be NULL; the file's own are found
 * by itself. Every independent mistake is added to `diags`. WF_ERR_RULES when there were errors
 * (the tree then has ERROR nodes where something was skipped), WF_ERR_NOMEM.
 */
enum wf_status wf_parse(struct wf_arena *arena, struct wf_intern *intern,
                        const struct wf_sources *sources, uint32_t file, struct wf_diags *diags,
                        const struct wf_han_names *declared, struct wf_node **module_out);

/*
 * Parses the bytes of `range` as one expression (of a hole in a text); all places are those of the
 * file. *out is NULL unless WF_OK. WF_ERR_RULES: something else stands there (diags says what).
 */
enum wf_status wf_parse_expr(struct wf_arena *arena, struct wf_intern *intern,
                             const struct wf_sources *sources, struct wf_span range,
                             struct wf_diags *diags, const struct wf_han_names *declared,
                             struct wf_node **out);

/* ---- fmt ---- */

enum wf_keywords { WF_KEYWORDS_KEEP, WF_KEYWORDS_EN, WF_KEYWORDS_ZH };

/*
 * Appends the canonical form of a file: two spaces an indent, one space between words, one
 * statement a line, comments and single empty lines kept. Line breaks inside a statement stay
 * where the author put them. Formatting what was formatted changes nothing, and the tree stays the
 * same. `keywords` rewrites keywords and units, by grammatical role, into one language.
 * WF_ERR_RULES when the text does not parse (see diags): nothing is appended then.
 */
enum wf_status wf_format(struct wf_buf *out, const struct wf_sources *sources, uint32_t file,
                         struct wf_diags *diags, const struct wf_han_names *declared,
                         enum wf_keywords keywords);

#endif
