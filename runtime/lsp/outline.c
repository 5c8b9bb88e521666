/*
 * outline.c - what a document declares, and what of it can be folded.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/lsp/server.h"

/* SymbolKind, by the kind of declaration; 0: it is not in the outline. */
static int symbol_kind(const struct wf_node *node)
{
    enum { FILE_ = 1, MODULE = 2, NAMESPACE = 3, CLASS = 5, FIELD = 8, ENUM = 10, FUNCTION = 12 };
    enum { VARIABLE = 13, CONSTANT = 14, STRING = 15, NUMBER = 16, ENUM_MEMBER = 22, STRUCT = 23 };
    enum { EVENT = 24, METHOD = 6 };
    switch (node->kind) {
    case WF_N_IMPORT: return MODULE;
    case WF_N_MEMBER:
    case WF_N_TABLE: return STRUCT;
    case WF_N_EVENT: return EVENT;
    case WF_N_FIELD_DECL: return FIELD;
    case WF_N_COUPON:
    case WF_N_GROUP: return CONSTANT;
    case WF_N_MESSAGE: return STRING;
    case WF_N_CALENDAR: return FILE_;
    case WF_N_LET:
    case WF_N_ALIAS: return VARIABLE;
    case WF_N_SEGMENT: return CLASS;
    case WF_N_CLASSIFY: return ENUM;
    case WF_N_CLASS: return ENUM_MEMBER;
    case WF_N_TRIGGER:
    case WF_N_JOURNEY: return FUNCTION;
    case WF_N_STEP:
    case WF_N_MILESTONE: return METHOD;
    case WF_N_POLICY: return NAMESPACE;
    case WF_N_METRIC: return NUMBER;
    case WF_N_TEST: return METHOD;
    default: return 0;
    }
}

static bool nameless(const struct wf_node *node, struct wf_buf *out)
{
    const struct wf_node *label = node->kind == WF_N_TEST ? node->kid[WF_K_TEST_LABEL] : NULL;
    enum wf_keyword keyword = node->kind == WF_N_MEMBER    ? WF_KW_MEMBER
                              : node->kind == WF_N_POLICY  ? WF_KW_POLICY
                              : node->kind == WF_N_TEST    ? WF_KW_TEST
                              : node->kind == WF_N_TRIGGER ? WF_KW_WHEN
                                                           : WF_KW_NONE;
    if (label && label->name)
        wf_buf_add(out, label->name->text, label->name->len);
    else if (keyword)
        wf_buf_adds(out, wf_keyword_info(keyword)->en);
    return out->len > 0;
}

struct outline {
    const struct wf_lsp_spot *spot;
    bool tree;
    const char *uri;
};

static json_t *children(const struct outline *o, const struct wf_node *node);

static json_t *symbol_of(const struct outline *o, const struct wf_node *node)
{
    struct wf_buf name;
    const struct wf_lsp_lines *lines = &o->spot->doc->lines;
    struct wf_span at = node->name_span.end > node->name_span.start ? node->name_span : node->span;
    if (node->span.file != o->spot->file || !symbol_kind(node))
        return NULL;
    wf_buf_init(&name, NULL, 0);
    if (node->name && node->name->len)
        wf_buf_add(&name, node->name->text, node->name->len);
    else
        nameless(node, &name);
    if (!name.len) {
        wf_buf_release(&name);
        return NULL;
    }
    json_t *range = wf_lsp_range(lines, node->span.start, node->span.end);
    json_t *symbol =
        o->tree ? json_pack("{s:s%, s:i, s:o, s:o, s:o}", "name", name.data, name.len, "kind",
                            symbol_kind(node), "range", range, "selectionRange",
                            wf_lsp_range(lines, at.start, at.end), "children", children(o, node))
                : json_pack("{s:s%, s:i, s:{s:s, s:o}}", "name", name.data, name.len, "kind",
                            symbol_kind(node), "location", "uri", o->uri, "range", range);
    wf_buf_release(&name);
    return symbol;
}

/* Declarations in a list, and in the steps below those that are none. */
static void add_list(const struct outline *o, const struct wf_node *list, json_t *out)
{
    for (; list; list = list->next) {
        json_t *symbol = symbol_of(o, list);
        if (symbol)
            json_array_append_new(out, symbol);
        for (int i = 0; i < WF_MAX_KIDS && !symbol; i++)
            add_list(o, list->kid[i], out);
    }
}

static json_t *children(const struct outline *o, const struct wf_node *node)
{
    json_t *list = json_array();
    bool has = node->kind == WF_N_MEMBER || node->kind == WF_N_EVENT || node->kind == WF_N_TABLE ||
               node->kind == WF_N_CLASSIFY || node->kind == WF_N_JOURNEY;
    for (int i = 0; list && has && i < WF_MAX_KIDS; i++)
        add_list(o, node->kid[i], list);
    return list;
}

static const struct wf_node *items_of(const struct wf_lsp_spot *spot)
{
    const struct wf_module *module = wf_query_module(&spot->root->front, spot->file);
    return module ? module->node->kid[WF_K_MODULE_ITEMS] : NULL;
}

json_t *wf_lsp_symbols(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    if (!wf_lsp_spot(call, false, &spot))
        return NULL;
    struct outline o = {.spot = &spot, .tree = call->lsp->symbol_tree, .uri = spot.doc->uri};
    json_t *list = json_array();
    if (list)
        add_list(&o, items_of(&spot), list);
    return list;
}

/* ---- folding ---- */

static void add_fold(const struct wf_lsp_spot *spot, size_t start, size_t end, const char *kind,
                     json_t *list)
{
    uint32_t from, to, character;
    wf_lsp_place(&spot->doc->lines, start, &from, &character);
    wf_lsp_place(&spot->doc->lines, end, &to, &character);
    if (to <= from)
        return;
    json_t *fold =
        json_pack("{s:I, s:I}", "startLine", (json_int_t)from, "endLine", (json_int_t)to);
    if (fold && kind)
        json_object_set_new(fold, "kind", json_string(kind));
    json_array_append_new(list, fold);
}

static void fold_nodes(const struct wf_lsp_spot *spot, const struct wf_node *node, json_t *list)
{
    for (; node; node = node->next) {
        bool block = node->kind == WF_N_BLOCK || node->kind == WF_N_SPLIT || symbol_kind(node);
        if (block && node->span.file == spot->file)
            add_fold(spot, node->span.start, node->span.end, NULL, list);
        for (int i = 0; i < WF_MAX_KIDS; i++)
            fold_nodes(spot, node->kid[i], list);
    }
}

/* Comments on lines that follow each other are one piece. */
static void fold_comments(const struct wf_lsp_spot *spot, const struct wf_tokens *tokens,
                          json_t *list)
{
    for (size_t i = 0; i < tokens->n_comments;) {
        size_t k = i + 1;
        while (k < tokens->n_comments && tokens->comments[k].line && !tokens->comments[k].blank &&
               tokens->comments[k].start <= tokens->comments[k - 1].end + 2)
            k++;
        if (tokens->comments[i].line)
            add_fold(spot, tokens->comments[i].start, tokens->comments[k - 1].end, "comment", list);
        i = k;
    }
}

json_t *wf_lsp_folding(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot;
    struct wf_lsp_tokens t;
    if (!wf_lsp_spot(call, false, &spot))
        return NULL;
    json_t *list = json_array();
    if (list)
        fold_nodes(&spot, items_of(&spot), list);
    if (wf_lsp_tokens_of(&spot, &t) == WF_OK && list)
        fold_comments(&spot, &t.tokens, list);
    wf_lsp_tokens_release(&t);
    return list;
}
