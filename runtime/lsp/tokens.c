/*
 * tokens.c - what each word is, for colours: keywords as the parser took them, names by what they
 * mean.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/lsp/server.h"

enum type {
    KEYWORD,
    TYPE,
    NUMBER,
    STRING,
    COMMENT,
    PROPERTY,
    EVENT,
    VARIABLE,
    CLASS,
    ENUM,
    ENUM_MEMBER,
    FUNCTION,
    NAMESPACE,
    CONTENT
};
enum { DECLARATION = 1, DEFAULT_LIBRARY = 2 };

/* In the order of enum type; the modifiers in the order of their bits. */
json_t *wf_lsp_semantic_legend(void)
{
    json_t *types = json_pack("[s, s, s, s, s, s, s, s, s, s, s, s, s, s]", "keyword", "type",
                              "number", "string", "comment", "property", "event", "variable",
                              "class", "enum", "enumMember", "function", "namespace", "macro");
    return json_pack("{s:o, s:[s, s]}", "tokenTypes", types, "tokenModifiers", "declaration",
                     "defaultLibrary");
}

struct piece {
    uint32_t start, end;
    enum type type;
    unsigned modifiers;
};

struct pieces {
    const struct wf_lsp_spot *spot;
    struct piece *items;
    size_t n, room;
    size_t n_names; /* the first ones are the names, by place */
    bool nomem;
};

static void add(struct pieces *p, uint32_t start, uint32_t end, enum type type, unsigned modifiers)
{
    if (start >= end)
        return;
    if (wf_grow(NULL, &p->items, &p->room, p->n + 1, sizeof(*p->items)))
        p->nomem = true;
    else
        p->items[p->n++] = (struct piece){start, end, type, modifiers};
}

static enum type type_of(const struct wf_symbol *sym)
{
    switch ((enum wf_symbol_kind)sym->kind) {
    case WF_SYM_FIELD:
    case WF_SYM_EVENT_FIELD:
    case WF_SYM_TABLE_FIELD: return PROPERTY;
    case WF_SYM_EVENT:
    case WF_SYM_WORD: return EVENT;
    case WF_SYM_SEGMENT: return CLASS;
    case WF_SYM_CLASSIFY: return ENUM;
    case WF_SYM_CLASS: return ENUM_MEMBER;
    case WF_SYM_JOURNEY:
    case WF_SYM_TRIGGER:
    case WF_SYM_METRIC:
    case WF_SYM_STEP: return FUNCTION;
    case WF_SYM_TABLE: return TYPE;
    case WF_SYM_COUPON:
    case WF_SYM_MESSAGE:
    case WF_SYM_GROUP: return CONTENT;
    case WF_SYM_CHANNEL:
    case WF_SYM_CALENDAR: return NAMESPACE;
    default: return VARIABLE;
    }
}

static bool add_name(void *ctx, const struct wf_use *use)
{
    struct pieces *p = ctx;
    struct wf_span place;
    const struct wf_sources *sources = &p->spot->root->front.sources;
    if (use->span.file != p->spot->file)
        return true;
    bool library = !wf_query_place(use->sym, &place) || sources->files[place.file].embedded;
    if (use->node->kind != WF_N_STRING && !(use->node->flags & WF_F_PATH))
        add(p, use->span.start, use->span.end, type_of(use->sym),
            (use->declares ? DECLARATION : 0) | (library ? DEFAULT_LIBRARY : 0));
    return true;
}

static int by_start(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

/* The first name at or behind a byte. */
static size_t name_from(const struct pieces *p, uint32_t at)
{
    size_t low = 0, high = p->n_names;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->items[middle].start < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A text, but for the names in its holes, which have colours of their own. */
static void add_string(struct pieces *p, uint32_t start, uint32_t end)
{
    for (size_t i = name_from(p, start); i < p->n_names && p->items[i].start < end; i++) {
        struct piece name = p->items[i];
        add(p, start, name.start, STRING, 0);
        start = name.end;
    }
    add(p, start, end, STRING, 0);
}

static bool is_type(enum wf_keyword k)
{
    return k >= WF_KW_T_BOOL && k <= WF_KW_T_SET;
}

static void add_token(struct pieces *p, const struct wf_token *t)
{
    switch ((enum wf_raw)t->raw) {
    case WF_RAW_INT:
    case WF_RAW_NUMBER:
    case WF_RAW_PERCENT:
    case WF_RAW_DURATION:
    case WF_RAW_DATE:
    case WF_RAW_TIME:
    case WF_RAW_CLOCK: add(p, t->start, t->end, NUMBER, 0); break;
    case WF_RAW_STRING: add_string(p, t->start, t->end); break;
    case WF_RAW_WORD:
        if (t->keyword && !(t->flags & WF_TK_NAME))
            add(p, t->start, t->end, is_type((enum wf_keyword)t->keyword) ? TYPE : KEYWORD, 0);
        break;
    default: break;
    }
}

/* A keyword of two words may go over the end of a line, which no token may. */
static uint32_t line_end(const struct wf_lsp_doc *doc, const struct piece *piece)
{
    uint32_t end = piece->start;
    while (end < piece->end && doc->text[end] != '\n' && doc->text[end] != '\r')
        end++;
    return end;
}

static json_t *encode(const struct pieces *p)
{
    const struct wf_lsp_doc *doc = p->spot->doc;
    json_t *data = json_array();
    uint32_t line = 0, character = 0, last = 0;
    for (size_t i = 0; data && i < p->n; i++) {
        struct piece piece = p->items[i];
        uint32_t l, c;
        if (piece.start < last)
            continue; /* a name that is a keyword's too: once */
        piece.end = last = line_end(doc, &piece);
        wf_lsp_place(&doc->lines, piece.start, &l, &c);
        json_array_append_new(data, json_integer(l - line));
        json_array_append_new(data, json_integer(l == line ? c - character : c));
        json_array_append_new(data,
                              json_integer(wf_lsp_units(&doc->lines, piece.start, piece.end)));
        json_array_append_new(data, json_integer(piece.type));
        json_array_append_new(data, json_integer(piece.modifiers));
        line = l;
        character = c;
    }
    return json_pack("{s:o}", "data", data);
}

json_t *wf_lsp_semantic_tokens(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_lsp_tokens t;
    struct pieces p = {.spot = &spot};
    if (!wf_lsp_spot(call, false, &spot))
        return NULL;
    enum wf_status status = wf_lsp_tokens_of(&spot, &t);
    wf_query_uses(&spot.root->front, add_name, &p);
    p.n_names = p.n;
    if (p.n)
        qsort(p.items, p.n, sizeof(*p.items), by_start);
    for (size_t i = 0; i < t.tokens.n && status == WF_OK; i++) {
        if (!(t.tokens.items[i].flags & WF_TK_SKIP))
            add_token(&p, &t.tokens.items[i]);
    }
    for (size_t i = 0; i < t.tokens.n_comments && status == WF_OK; i++)
        add(&p, t.tokens.comments[i].start, t.tokens.comments[i].end, COMMENT, 0);
    if (p.n)
        qsort(p.items, p.n, sizeof(*p.items), by_start);
    json_t *result = status == WF_OK && !p.nomem ? encode(&p) : NULL;
    wf_free(NULL, p.items);
    wf_lsp_tokens_release(&t);
    return result;
}
