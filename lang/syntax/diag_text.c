#include "lang/syntax/diag_text.h"

#include <string.h>

#include <utf8proc.h>

#include "lang/base/words.h"

enum { TAB = 4, CUT_BEFORE = 80, CUT_AT = 240 };

static const char red[] = "\x1b[1;31m", yellow[] = "\x1b[1;33m", blue[] = "\x1b[1;34m";
static const char bold[] = "\x1b[1m", plain[] = "\x1b[0m";

struct painter {
    struct wf_buf *out;
    const struct wf_diags *diags;
    bool colour;
    int gutter; /* digits of the widest line number */
};

static void paint(const struct painter *p, const char *colour, const char *text)
{
    if (p->colour)
        wf_buf_adds(p->out, colour);
    wf_buf_adds(p->out, text);
    if (p->colour)
        wf_buf_adds(p->out, plain);
}

static const char *severity_colour(enum wf_severity severity)
{
    return severity == WF_SEV_ERROR ? red : severity == WF_SEV_WARNING ? yellow : blue;
}

static const char *severity_text(enum wf_severity severity)
{
    return severity == WF_SEV_ERROR     ? wf_word("error")
           : severity == WF_SEV_WARNING ? wf_word("warning")
                                        : wf_word("note");
}

/* Direction marks reorder what a terminal shows: a line could read as another than it is. */
static bool reorders(utf8proc_int32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0x061c;
}

/* One character: its bytes go to `out` (unless NULL) made harmless; the answer is its width. */
static size_t put_char(struct wf_buf *out, const char *bytes, utf8proc_ssize_t n,
                       utf8proc_int32_t c, size_t column)
{
    if (c == '\t') {
        size_t width = TAB - column % TAB;
        for (size_t i = 0; out && i < width; i++)
            wf_buf_addc(out, ' ');
        return width;
    }
    if (n > 0 && c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && !reorders(c)) {
        if (out)
            wf_buf_add(out, bytes, (size_t)n);
        return (size_t)utf8proc_charwidth(c);
    }
    if (out && n > 0 && (c < 0x20 || c == 0x7f)) {
        int picture = c == 0x7f ? 0x21 : c; /* U+2400 and on: pictures of control characters */
        char shown[] = {'\xe2', '\x90', (char)(0x80 | picture)};
        wf_buf_add(out, shown, sizeof(shown));
    } else if (out) {
        wf_buf_adds(out, "\xef\xbf\xbd");
    }
    return 1;
}

/*
 * Shows bytes [from, to) of a text that begins at display column `column` and answers the column
 * behind. Characters that combine into one take at most two columns together.
 */
static size_t show(struct wf_buf *out, const char *text, size_t from, size_t to, size_t column)
{
    utf8proc_int32_t prev = 0, joins = 0;
    size_t cluster = 0;
    while (from < to) {
        utf8proc_int32_t c = -1;
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text + from,
                                              (utf8proc_ssize_t)(to - from), &c);
        bool joined = prev > 0 && n > 0 && !utf8proc_grapheme_break_stateful(prev, c, &joins);
        size_t width = put_char(out, text + from, n, c, column);
        if (joined && cluster + width > 2)
            width = cluster < 2 ? 2 - cluster : 0;
        cluster = joined ? cluster + width : width;
        column += width;
        prev = n > 0 ? c : 0;
        from += n > 0 ? (size_t)n : 1;
    }
    return column;
}

static void show_words(const struct painter *p, const char *text)
{
    show(p->out, text, 0, strlen(text), 0);
}

/* The part of a line that is shown: all of it, or the surroundings of the place. */
struct window {
    const char *text;
    size_t len;
    uint32_t base; /* byte offset in the file of text[0] */
    bool cut_front, cut_back;
};

static bool inside_char(const char *text, size_t at)
{
    return ((unsigned char)text[at] & 0xc0) == 0x80;
}

static struct window window_of(const struct wf_source *source, uint32_t line, uint32_t at)
{
    struct window w = {.base = source->lines[line - 1 - source->before]};
    w.text = wf_source_line(source, line, &w.len);
    if (w.len <= CUT_AT)
        return w;
    size_t offset = at - w.base;
    size_t from = offset > CUT_BEFORE ? offset - CUT_BEFORE : 0;
    while (from && inside_char(w.text, from))
        from--;
    size_t to = from + CUT_AT < w.len ? from + CUT_AT : w.len;
    while (to < w.len && inside_char(w.text, to))
        to++;
    w.cut_front = from > 0;
    w.cut_back = to < w.len;
    w.text += from;
    w.base += (uint32_t)from;
    w.len = to - from;
    return w;
}

static void gutter(const struct painter *p, uint32_t line)
{
    if (p->colour)
        wf_buf_adds(p->out, blue);
    if (line)
        wf_buf_addf(p->out, "%*u |", p->gutter + 2, line);
    else
        wf_buf_addf(p->out, "%*s |", p->gutter + 2, "");
    if (p->colour)
        wf_buf_adds(p->out, plain);
}

static void show_line(const struct painter *p, const struct window *w, uint32_t line)
{
    gutter(p, line);
    wf_buf_addc(p->out, ' ');
    if (w->cut_front)
        wf_buf_adds(p->out, "…");
    show(p->out, w->text, 0, w->len, w->cut_front);
    if (w->cut_back)
        wf_buf_adds(p->out, "…");
    wf_buf_addc(p->out, '\n');
}

static void underline(const struct painter *p, const struct window *w, struct wf_span span,
                      char mark, const char *colour, const char *text)
{
    size_t start = span.start > w->base ? span.start - w->base : 0;
    size_t end = span.end > w->base ? span.end - w->base : 0;
    if (start > w->len)
        start = w->len;
    if (end > w->len)
        end = w->len;
    size_t from = show(NULL, w->text, 0, start, w->cut_front);
    size_t to = show(NULL, w->text, start, end, from);
    gutter(p, 0);
    for (size_t i = 0; i < from + 1; i++)
        wf_buf_addc(p->out, ' ');
    if (p->colour)
        wf_buf_adds(p->out, colour);
    for (size_t i = from; i < to || i == from; i++)
        wf_buf_addc(p->out, mark);
    if (*text) {
        wf_buf_addc(p->out, ' ');
        show_words(p, text);
    }
    if (p->colour)
        wf_buf_adds(p->out, plain);
    wf_buf_addc(p->out, '\n');
}

static const struct wf_source *file_of(const struct painter *p, struct wf_span span)
{
    return span.file < p->diags->sources->n ? &p->diags->sources->files[span.file] : NULL;
}

static uint32_t line_of(const struct painter *p, struct wf_span span)
{
    const struct wf_source *source = file_of(p, span);
    return source ? wf_source_place(source, span.start).line : 0;
}

static void show_label(const struct painter *p, struct wf_span primary,
                       const struct wf_label *label)
{
    const struct wf_source *source = file_of(p, label->span);
    if (!source)
        return;
    struct wf_place place = wf_source_place(source, label->span.start);
    if (label->span.file != primary.file) {
        wf_buf_addf(p->out, "%*s", p->gutter + 2, "");
        wf_buf_addf(p->out, " > %s:%u:%u\n", source->name, place.line, place.column);
    }
    struct window w = window_of(source, place.line, label->span.start);
    show_line(p, &w, place.line);
    underline(p, &w, label->span, '-', blue, label->text);
}

static bool in_window(const struct window *w, struct wf_span span)
{
    return span.start >= w->base && span.start <= w->base + w->len;
}

static void show_places(const struct painter *p, const struct wf_diag *diag)
{
    const struct wf_source *source = file_of(p, diag->span);
    if (!source || (source->excerpt && !source->len))
        return;
    uint32_t line = line_of(p, diag->span);
    struct window w = window_of(source, line, diag->span.start);
    show_line(p, &w, line);
    underline(p, &w, diag->span, '^', severity_colour(diag->severity), "");
    for (int beside = 1; beside >= 0; beside--) { /* those of the same line first */
        for (const struct wf_label *l = diag->labels; l; l = l->next) {
            bool same = l->span.file == diag->span.file && line_of(p, l->span) == line &&
                        in_window(&w, l->span);
            if (same && beside)
                underline(p, &w, l->span, '-', blue, l->text);
            else if (!same && !beside)
                show_label(p, diag->span, l);
        }
    }
}

static int digits_of(const struct painter *p, const struct wf_diag *diag)
{
    uint32_t most = line_of(p, diag->span);
    for (const struct wf_label *l = diag->labels; l; l = l->next) {
        uint32_t line = line_of(p, l->span);
        most = line > most ? line : most;
    }
    int digits = 1;
    for (; most >= 10; most /= 10)
        digits++;
    return digits < 2 ? 2 : digits;
}

static void closing(const struct painter *p, const char *what, const char *text)
{
    if (!text)
        return;
    wf_buf_addf(p->out, "%*s = ", p->gutter + 2, "");
    paint(p, bold, what);
    wf_buf_adds(p->out, ": ");
    show_words(p, text);
    wf_buf_addc(p->out, '\n');
}

void wf_diag_text(struct wf_buf *out, const struct wf_diags *diags, const struct wf_diag *diag,
                  bool colour)
{
    struct painter p = {.out = out, .diags = diags, .colour = colour};
    p.gutter = digits_of(&p, diag);
    const struct wf_source *source = file_of(&p, diag->span);
    if (source) {
        struct wf_place place = wf_source_place(source, diag->span.start);
        wf_buf_addf(out, "%s:%u:%u: ", source->name, place.line, place.column);
    }
    paint(&p, severity_colour(diag->severity), severity_text(diag->severity));
    wf_buf_addf(out, "[%s]: ", wf_code_text(diag->code));
    if (colour)
        wf_buf_adds(out, bold);
    show_words(&p, diag->message);
    if (colour)
        wf_buf_adds(out, plain);
    wf_buf_addc(out, '\n');
    show_places(&p, diag);
    closing(&p, wf_word("fix"), diag->fix);
    closing(&p, wf_word("note"), diag->note);
}
