/*
 * query.h - questions that an editor asks of checked rules: what stands here, where else it stands,
 * what could stand here.
 *
 * Everything here also answers for rules with errors, from the parts that were understood: a name
 * whose sentence was skipped has no symbol, but what is declared elsewhere is still known by its
 * name (wf_query_name). Nothing is changed; places are those of the sources of the front.
 */
#ifndef WF_SEMA_QUERY_H
#define WF_SEMA_QUERY_H

#include "lang/base/buf.h"
#include "lang/sema/front.h"
#include "lang/syntax/token.h"

/* ---- names ---- */

/* One place where a name stands. */
struct wf_use {
    struct wf_span span; /* the name alone; a coupon's string with its quotes */
    struct wf_symbol *sym;
    struct wf_node *node;
    bool declares;
    bool alias; /* an alias of the name is written there */
};

/* Hands over every use, module by module, in the order of the tree; until `visit` answers false. */
void wf_query_uses(const struct wf_front *front, bool (*visit)(void *ctx, const struct wf_use *use),
                   void *ctx);

/* The use that holds the byte `at` (or ends there, if none begins there). */
bool wf_query_use_at(const struct wf_front *front, uint32_t file, uint32_t at, struct wf_use *out);

/* The module of a file; NULL: it is none of this program. */
struct wf_module *wf_query_module(const struct wf_front *front, uint32_t file);

/* What a name means in a file, aliases followed, conditions before contents and the rest; NULL. */
struct wf_symbol *wf_query_name(const struct wf_front *front, uint32_t file, const char *name,
                                size_t len);

/* Adds the names that hold Han characters, by which runs of them are cut (a name maybe twice). */
enum wf_status wf_query_han_names(const struct wf_front *front, struct wf_han_names *names);

/* Where a symbol's name is declared; false: it is built in. */
bool wf_query_place(const struct wf_symbol *sym, struct wf_span *out);

/* ---- words about a name ---- */

/* Appends its declaration as it was written, cut to a few lines; nothing for what is built in. */
void wf_query_source(const struct wf_front *front, const struct wf_symbol *sym, struct wf_buf *out);

/* Appends one line: "a field of the member: a date". */
void wf_query_kind(const struct wf_symbol *sym, struct wf_buf *out);

/* Appends the comment that stands above the declaration, or behind it on its line. */
void wf_query_comment(const struct wf_front *front, const struct wf_symbol *sym,
                      struct wf_buf *out);

/* A sentence or two of what a keyword means (keyword_help.c), in the reader's language. */
const char *wf_keyword_help(enum wf_keyword keyword);

/* ---- completion ---- */

enum wf_candidate_kind { WF_CANDIDATE_NAME, WF_CANDIDATE_KEYWORD, WF_CANDIDATE_MODULE };

struct wf_candidate {
    enum wf_candidate_kind kind;
    unsigned rank;      /* small: fits better */
    const char *text;   /* what is to be written */
    const char *filter; /* what the user may type for it, where it is not the text; or NULL */
    const struct wf_symbol *sym; /* NAME; NULL: one of a list of words */
    enum wf_keyword keyword;     /* KEYWORD */
};

/*
 * What could stand at byte `at` of `text`, which may be newer than what was checked: names come
 * from `file` of the front as it was checked, sentences from the text. The bytes from `start` on
 * are the beginning of a word that is being written; the candidates begin with it, or hold it.
 * Release it; the candidates' texts live until then, and no longer than the front.
 */
struct wf_completion {
    const struct wf_alloc *alloc;
    struct wf_arena arena;
    struct wf_candidate *items; /* by rank, then text */
    size_t n, room;
    uint32_t start;
};
enum wf_status wf_query_complete(const struct wf_front *front, uint32_t file, const char *text,
                                 size_t len, uint32_t at, struct wf_completion *out);
void wf_completion_release(struct wf_completion *completion);

#endif
