/*
 * diag.h - what the compiler has to say: collected, never printed here.
 *
 * A diagnostic has a stable code (diag_code.def), a message, one primary place, any number of
 * secondary places with labels, and fixes: edits that a machine may apply. Adding one never fails
 * loudly: out of memory or over WF_MAX_DIAGS it is dropped and `dropped` counts it, and the
 * compilation fails all the same.
 */
#ifndef WF_SYNTAX_DIAG_H
#define WF_SYNTAX_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "lang/base/arena.h"
#include "lang/base/buf.h"
#include "lang/syntax/source.h"

enum wf_severity { WF_SEV_ERROR, WF_SEV_WARNING, WF_SEV_NOTE };

/* CODE(E0201, ERROR, "unknown name", "explanation for `wayfare help E0201`") */
enum wf_code {
#define CODE(id, severity, title, help) WF_##id,
#include "lang/syntax/diag_code.def"
#undef CODE
    WF_CODE_COUNT_
};

struct wf_label {
    struct wf_span span;
    const char *text;
    struct wf_label *next;
};

struct wf_edit { /* replace the span's bytes by text */
    struct wf_span span;
    const char *text;
    struct wf_edit *next;
};

struct wf_diag {
    enum wf_code code;
    enum wf_severity severity;
    struct wf_span span;
    const char *message;
    struct wf_label *labels; /* secondary places, in order */
    struct wf_edit *edits;   /* the certain mend, all edits together; NULL: none */
    const char *fix;         /* what the mend does: "write `7d`" */
    const char *note;        /* a closing hint, or NULL */
    const char *guess;       /* what may have been meant at the span: to be offered, never applied
                                unasked; or NULL */
};

struct wf_diags {
    struct wf_arena arena;
    const struct wf_sources *sources;
    struct wf_diag **items;
    size_t n, room, errors, warnings, dropped;
};

void wf_diags_init(struct wf_diags *diags, const struct wf_alloc *alloc,
                   const struct wf_sources *sources);
void wf_diags_release(struct wf_diags *diags);

/*
 * Adds one; the same code at the same place is added once. The result takes labels, edits and a
 * note, and is NULL when it was dropped (the calls below accept NULL).
 */
struct wf_diag *wf_diag(struct wf_diags *diags, enum wf_code code, struct wf_span span,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));
void wf_diag_label(struct wf_diags *diags, struct wf_diag *diag, struct wf_span span,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
void wf_diag_edit(struct wf_diags *diags, struct wf_diag *diag, struct wf_span span,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
void wf_diag_fix(struct wf_diags *diags, struct wf_diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void wf_diag_note(struct wf_diags *diags, struct wf_diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The mend of a number without its unit: days, in the language of the line. */
void wf_diag_days(struct wf_diags *diags, struct wf_diag *diag, struct wf_span span,
                  const char *digits);

/* By file, then place, then code: the order to print in. */
void wf_diags_sort(struct wf_diags *diags);

/* Code as text ("E0201"), its title and its explanation; and back (WF_CODE_COUNT_: no such code).
 */
const char *wf_code_text(enum wf_code code);
const char *wf_code_title(enum wf_code code);
const char *wf_code_help(enum wf_code code);
enum wf_severity wf_code_severity(enum wf_code code);
enum wf_code wf_code_find(const char *text);

#endif
