#include "lang/syntax/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"

struct code_row {
    const char *text, *title, *help;
    enum wf_severity severity;
};

static const struct code_row code_rows[] = {
#define CODE(id, sev, name, words) {#id, name, words, WF_SEV_##sev},
#include "lang/syntax/diag_code.def"
#undef CODE
};

const char *wf_code_text(enum wf_code code)
{
    return code_rows[code].text;
}

const char *wf_code_title(enum wf_code code)
{
    return wf_word(code_rows[code].title);
}

const char *wf_code_help(enum wf_code code)
{
    return wf_word(code_rows[code].help);
}

enum wf_severity wf_code_severity(enum wf_code code)
{
    return code_rows[code].severity;
}

enum wf_code wf_code_find(const char *text)
{
    for (int i = 0; i < WF_CODE_COUNT_; i++) {
        if (strcmp(code_rows[i].text, text) == 0)
            return (enum wf_code)i;
    }
    return WF_CODE_COUNT_;
}

void wf_diags_init(struct wf_diags *diags, const struct wf_alloc *alloc,
                   const struct wf_sources *sources)
{
    *diags = (struct wf_diags){.sources = sources};
    wf_arena_init(&diags->arena, alloc);
}

void wf_diags_release(struct wf_diags *diags)
{
    wf_free(diags->arena.alloc, diags->items);
    wf_arena_release(&diags->arena);
    wf_diags_init(diags, diags->arena.alloc, diags->sources);
}

static const char *format_text(struct wf_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int need = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = need < 0 ? NULL : wf_arena_alloc(arena, (size_t)need + 1);
    if (text)
        vsnprintf(text, (size_t)need + 1, format, args);
    return text;
}

static bool same_span(struct wf_span a, struct wf_span b)
{
    return a.file == b.file && a.start == b.start && a.end == b.end;
}

static bool said_already(const struct wf_diags *diags, enum wf_code code, struct wf_span span)
{
    for (size_t i = 0; i < diags->n; i++) {
        if (diags->items[i]->code == code && same_span(diags->items[i]->span, span))
            return true;
    }
    return false;
}

struct wf_diag *wf_diag(struct wf_diags *diags, enum wf_code code, struct wf_span span,
                        const char *format, ...)
{
    if (said_already(diags, code, span))
        return NULL;
    struct wf_diag *diag = NULL;
    const char *message = NULL;
    if (diags->n < WF_MAX_DIAGS) {
        va_list args;
        va_start(args, format);
        message = format_text(&diags->arena, wf_word(format), args);
        va_end(args);
        diag = wf_arena_alloc(&diags->arena, sizeof(*diag));
    }
    if (!message || !diag ||
        wf_grow(diags->arena.alloc, &diags->items, &diags->room, diags->n + 1,
                sizeof(struct wf_diag *))) {
        diags->dropped++;
        return NULL;
    }
    diag->code = code;
    diag->severity = code_rows[code].severity;
    diag->span = span;
    diag->message = message;
    diags->items[diags->n++] = diag;
    diags->errors += diag->severity == WF_SEV_ERROR;
    diags->warnings += diag->severity == WF_SEV_WARNING;
    return diag;
}

void wf_diag_label(struct wf_diags *diags, struct wf_diag *diag, struct wf_span span,
                   const char *format, ...)
{
    struct wf_label *label = diag ? wf_arena_alloc(&diags->arena, sizeof(*label)) : NULL;
    if (!label)
        return;
    va_list args;
    va_start(args, format);
    label->text = format_text(&diags->arena, wf_word(format), args);
    va_end(args);
    label->span = span;
    struct wf_label **end = &diag->labels;
    while (*end)
        end = &(*end)->next;
    if (label->text)
        *end = label;
}

void wf_diag_edit(struct wf_diags *diags, struct wf_diag *diag, struct wf_span span,
                  const char *format, ...)
{
    struct wf_edit *edit = diag ? wf_arena_alloc(&diags->arena, sizeof(*edit)) : NULL;
    if (!edit)
        return;
    va_list args;
    va_start(args, format);
    edit->text = format_text(&diags->arena, format, args);
    va_end(args);
    edit->span = span;
    struct wf_edit **end = &diag->edits;
    while (*end)
        end = &(*end)->next;
    if (edit->text)
        *end = edit;
}

void wf_diag_fix(struct wf_diags *diags, struct wf_diag *diag, const char *format, ...)
{
    if (!diag)
        return;
    va_list args;
    va_start(args, format);
    diag->fix = format_text(&diags->arena, wf_word(format), args);
    va_end(args);
}

void wf_diag_note(struct wf_diags *diags, struct wf_diag *diag, const char *format, ...)
{
    if (!diag)
        return;
    va_list args;
    va_start(args, format);
    diag->note = format_text(&diags->arena, wf_word(format), args);
    va_end(args);
}

/* Whether the line begins with a Chinese word, which is a keyword or is joined by one. */
static bool is_chinese(const struct wf_diags *diags, struct wf_span span)
{
    const struct wf_source *source = &diags->sources->files[span.file];
    size_t len;
    const char *line = wf_source_line(source, wf_source_place(source, span.start).line, &len);
    while (len && (*line == ' ' || *line == '\t'))
        line++, len--;
    return len && (unsigned char)*line >= 0xe4; /* U+4E00 and on */
}

void wf_diag_days(struct wf_diags *diags, struct wf_diag *diag, struct wf_span span,
                  const char *digits)
{
    const char *unit = is_chinese(diags, span) ? "天" : "d";
    wf_diag_edit(diags, diag, span, "%s%s", digits, unit);
    wf_diag_fix(diags, diag, "write `%s%s` if days are meant", digits, unit);
}

static int order(const void *left, const void *right)
{
    const struct wf_diag *a = *(struct wf_diag *const *)left;
    const struct wf_diag *b = *(struct wf_diag *const *)right;
    if (a->span.file != b->span.file)
        return a->span.file < b->span.file ? -1 : 1;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    if (a->span.end != b->span.end)
        return a->span.end < b->span.end ? -1 : 1;
    return (a->code > b->code) - (a->code < b->code);
}

void wf_diags_sort(struct wf_diags *diags)
{
    if (diags->n)
        qsort(diags->items, diags->n, sizeof(struct wf_diag *), order);
}
