/*
 * complete.c - completion. Names come from the last check, sentences from the text as it is: a
 * request that follows a key at once does not wait for another check.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/lsp/server.h"

enum { MOST_ITEMS = 300 };

/* CompletionItemKind, by the kind of symbol. */
static int item_kind(const struct wf_candidate *c)
{
    enum { TEXT = 1, FUNCTION = 3, FIELD = 5, VARIABLE = 6, CLASS = 7, MODULE = 9, ENUM = 13 };
    enum { VALUE = 12, KEYWORD = 14, REFERENCE = 18, MEMBER_OF_ENUM = 20, STRUCT = 22, EVENT = 23 };
    if (c->kind == WF_CANDIDATE_KEYWORD)
        return KEYWORD;
    if (c->kind == WF_CANDIDATE_MODULE)
        return MODULE;
    if (!c->sym)
        return VALUE;
    switch ((enum wf_symbol_kind)c->sym->kind) {
    case WF_SYM_FIELD:
    case WF_SYM_EVENT_FIELD:
    case WF_SYM_TABLE_FIELD: return FIELD;
    case WF_SYM_EVENT:
    case WF_SYM_WORD: return EVENT;
    case WF_SYM_LET: return VARIABLE;
    case WF_SYM_SEGMENT: return CLASS;
    case WF_SYM_CLASSIFY: return ENUM;
    case WF_SYM_CLASS: return MEMBER_OF_ENUM;
    case WF_SYM_MESSAGE: return TEXT;
    case WF_SYM_JOURNEY: return FUNCTION;
    case WF_SYM_TABLE: return STRUCT;
    default: return REFERENCE;
    }
}

static void add_documentation(json_t *item, const struct wf_front *front,
                              const struct wf_candidate *c)
{
    struct wf_buf detail, words;
    wf_buf_init(&detail, NULL, 0);
    wf_buf_init(&words, NULL, 0);
    if (c->kind == WF_CANDIDATE_KEYWORD) {
        const struct wf_keyword_info *info = wf_keyword_info(c->keyword);
        wf_buf_addf(&detail, "%s · %s", info->en, info->zh);
        wf_buf_adds(&words, wf_keyword_help(c->keyword));
    } else if (c->sym) {
        wf_query_kind(c->sym, &detail);
        wf_query_comment(front, c->sym, &words);
    }
    if (detail.len)
        json_object_set_new(item, "detail", json_stringn(detail.data, detail.len));
    if (words.len)
        json_object_set_new(item, "documentation",
                            json_pack("{s:s, s:s}", "kind", "markdown", "value", words.data));
    wf_buf_release(&detail);
    wf_buf_release(&words);
}

static json_t *item_of(const struct wf_front *front, const struct wf_candidate *c, size_t order,
                       json_t *range)
{
    char sort[16], quoted[256];
    const char *text = c->text;
    bool string = c->sym && c->sym->node && c->sym->node->flags & WF_F_PATH;
    snprintf(sort, sizeof(sort), "%05zu", order);
    if (string && strlen(text) < sizeof(quoted) - 2) {
        snprintf(quoted, sizeof(quoted), "\"%s\"", text);
        text = quoted;
    }
    json_t *item =
        json_pack("{s:s, s:i, s:s, s:{s:O, s:s}}", "label", c->text, "kind", item_kind(c),
                  "sortText", sort, "textEdit", "range", range, "newText", text);
    if (item && c->filter)
        json_object_set_new(item, "filterText", json_string(c->filter));
    if (item)
        add_documentation(item, front, c);
    return item;
}

/* What was typed decides by which spelling the client finds the word. */
static bool types_han(const struct wf_lsp_doc *doc, const struct wf_completion *found)
{
    return found->start < doc->len && (unsigned char)doc->text[found->start] >= 0x80;
}

static bool is_among(const struct wf_completion *found, const char *text)
{
    for (size_t i = 0; i < found->n; i++)
        if (strcmp(found->items[i].text, text) == 0)
            return true;
    return false;
}

/* Behind what is known now the names that were when nothing was wrong last; these may be no more,
 * but more likely they stand in the very sentence that is being written. */
static json_t *list_of(const struct wf_lsp_spot *spot, struct wf_completion *found,
                       const struct wf_front *before, const struct wf_completion *kept)
{
    json_t *items = json_array();
    json_t *range = wf_lsp_range(&spot->doc->lines, found->start, spot->at);
    bool han = types_han(spot->doc, found);
    size_t n = 0;
    for (size_t i = 0; i < found->n && n < MOST_ITEMS; i++) {
        if (han)
            found->items[i].filter = NULL;
        json_array_append_new(items, item_of(&spot->root->front, &found->items[i], n++, range));
    }
    for (size_t i = 0; i < kept->n && n < MOST_ITEMS; i++) {
        const struct wf_candidate *c = &kept->items[i];
        if (c->kind == WF_CANDIDATE_NAME && !is_among(found, c->text))
            json_array_append_new(items, item_of(before, c, n++, range));
    }
    json_decref(range);
    return json_pack("{s:b, s:o}", "isIncomplete", found->n + kept->n > MOST_ITEMS, "items", items);
}

static enum wf_status complete(const struct wf_lsp_spot *spot, const struct wf_front *front,
                               uint32_t file, struct wf_completion *out)
{
    return wf_query_complete(front, file, spot->doc->text, spot->doc->len, (uint32_t)spot->at, out);
}

json_t *wf_lsp_completion(struct wf_lsp_call *call)
{
    struct wf_lsp_spot spot = {.doc = wf_lsp_doc_of(call->lsp, call->params)};
    struct wf_completion found, kept = {.n = 0};
    uint32_t file;
    if (spot.doc)
        spot.root = wf_lsp_root_of(call->lsp, spot.doc->path, &spot.file);
    if (!spot.root && !wf_lsp_spot(call, true, &spot))
        return NULL;
    if (!wf_lsp_at(&spot.doc->lines, json_object_get(call->params, "position"), &spot.at))
        return wf_lsp_fail(call, WF_RPC_PARAMS, wf_word("there is no position to look at"));
    const struct wf_lsp_root *before = wf_lsp_kept_of(&spot, &file);
    enum wf_status status = complete(&spot, &spot.root->front, spot.file, &found);
    if (status == WF_OK && before)
        status = complete(&spot, &before->front, file, &kept);
    json_t *list =
        status == WF_OK ? list_of(&spot, &found, before ? &before->front : NULL, &kept) : NULL;
    wf_completion_release(&found);
    if (before)
        wf_completion_release(&kept);
    return list;
}
