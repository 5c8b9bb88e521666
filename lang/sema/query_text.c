/*
 * query_text.c - what is told about a name: how it was declared, what it is, the comment at it.
 */
#include <string.h>

#include "lang/base/words.h"
#include "lang/sema/query.h"

/* The declaration that tells most: a field's, an event's last one. */
static const struct wf_node *declaration(const struct wf_symbol *sym)
{
    if (sym->kind == WF_SYM_INVITEES && sym->field)
        return sym->field->decl;
    if (sym->kind == WF_SYM_WORD && sym->event)
        return sym->event->node;
    return sym->node;
}

void wf_query_source(const struct wf_front *front, const struct wf_symbol *sym, struct wf_buf *out)
{
    enum { MOST_LINES = 8 };
    const struct wf_node *node = declaration(sym);
    if (!node || node->span.file >= front->sources.n)
        return;
    const struct wf_source *source = &front->sources.files[node->span.file];
    uint32_t end = node->span.start;
    for (int lines = 0; end < node->span.end; end++) {
        if (source->text[end] == '\n' && ++lines == MOST_LINES)
            break;
    }
    wf_buf_add(out, source->text + node->span.start, end - node->span.start);
    wf_buf_adds(out, end < node->span.end ? "\n…" : "");
}

void wf_query_kind(const struct wf_symbol *sym, struct wf_buf *out)
{
    const struct wf_type_info *type = sym->type;
    wf_buf_adds(out, wf_word(wf_symbol_kind_text((enum wf_symbol_kind)sym->kind)));
    if (sym->kind == WF_SYM_CLASSIFY || sym->kind == WF_SYM_CLASS || !type ||
        type->sort != WF_SORT_VALUE)
        return;
    wf_buf_adds(out, ": ");
    wf_buf_adds(out, wf_word(wf_type_text(type)));
    for (uint32_t i = 0; type->enums && i < type->enums->n; i++)
        wf_buf_addf(out, "%s%s", i ? type->enums->ordered ? " < " : ", " : " (",
                    type->enums->names[i]->text);
    wf_buf_adds(out, type->enums && type->enums->n ? ")" : "");
    if (type->optional)
        wf_say(out, ", which may be missing");
}

/* ---- comments ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The text of a comment on a line; NULL: it is none, or there is more on the line. */
static const char *comment_line(const struct wf_source *source, uint32_t line, size_t *len_out)
{
    size_t len;
    const char *text = wf_source_line(source, line, &len), *end = text + len;
    while (text < end && is_blank(*text))
        text++;
    if (text == end || *text != '#')
        return NULL;
    while (text < end && *text == '#')
        text++;
    if (text < end && *text == ' ')
        text++;
    *len_out = (size_t)(end - text);
    return text;
}

static void comment_above(const struct wf_source *source, uint32_t line, struct wf_buf *out)
{
    size_t len;
    uint32_t first = line;
    while (first > 1 && comment_line(source, first - 1, &len))
        first--;
    for (; first < line; first++) {
        const char *text = comment_line(source, first, &len);
        wf_buf_add(out, text, len);
        wf_buf_adds(out, first + 1 < line ? "\n" : "");
    }
}

static void comment_behind(const struct wf_source *source, uint32_t at, struct wf_buf *out)
{
    const char *text = source->text + at, *end = source->text + source->len;
    while (text < end && is_blank(*text))
        text++;
    if (text == end || *text != '#')
        return;
    while (text < end && (*text == '#' || *text == ' '))
        text++;
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    stop = stop ? stop : end;
    while (stop > text && is_blank(stop[-1]))
        stop--;
    wf_buf_adds(out, out->len ? "\n" : "");
    wf_buf_add(out, text, (size_t)(stop - text));
}

void wf_query_comment(const struct wf_front *front, const struct wf_symbol *sym, struct wf_buf *out)
{
    const struct wf_node *node = declaration(sym);
    if (!node || node->span.file >= front->sources.n)
        return;
    const struct wf_source *source = &front->sources.files[node->span.file];
    comment_above(source, wf_source_place(source, node->span.start).line, out);
    comment_behind(source, node->span.end, out);
}
