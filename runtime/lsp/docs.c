/*
 * docs.c - the documents that are open in the editor, as they are now.
 */
#include <string.h>

#include "lang/base/limits.h"
#include "runtime/lsp/server.h"

/* ---- URIs and paths ---- */

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *wf_lsp_path_of(const char *uri)
{
    static const char scheme[] = "file://";
    if (strncmp(uri, scheme, sizeof(scheme) - 1) != 0)
        return wf_strdup(NULL, uri);
    const char *from = strchr(uri + sizeof(scheme) - 1, '/'); /* behind the host */
    char *path = wf_strdup(NULL, from ? from : "/");
    if (!path)
        return NULL;
    char *to = path;
    for (const char *c = path; *c; c++) {
        int high = *c == '%' ? hex(c[1]) : -1, low = high >= 0 ? hex(c[2]) : -1;
        if (low < 0 || high * 16 + low == 0) { /* a NUL ends no path */
            *to++ = *c;
            continue;
        }
        *to++ = (char)(high * 16 + low);
        c += 2;
    }
    *to = '\0';
    return path;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("/-._~", c));
}

char *wf_lsp_uri_of(const struct wf_lsp *lsp, const char *path)
{
    const struct wf_lsp_doc *doc = wf_lsp_doc_of_path(lsp, path);
    if (doc)
        return wf_strdup(NULL, doc->uri);
    if (path[0] != '/')
        return wf_strdup(NULL, path);
    struct wf_buf uri;
    wf_buf_init(&uri, NULL, 0);
    wf_buf_adds(&uri, "file://");
    for (const char *c = path; *c; c++) {
        if (is_plain(*c))
            wf_buf_addc(&uri, *c);
        else
            wf_buf_addf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
    }
    if (!uri.failed)
        return wf_buf_detach(&uri, NULL);
    wf_buf_release(&uri);
    return NULL;
}

/* ---- documents ---- */

struct wf_lsp_doc *wf_lsp_doc_of_path(const struct wf_lsp *lsp, const char *path)
{
    for (size_t i = 0; i < lsp->n_docs; i++) {
        if (strcmp(lsp->docs[i]->path, path) == 0)
            return lsp->docs[i];
    }
    return NULL;
}

struct wf_lsp_doc *wf_lsp_doc_of(const struct wf_lsp *lsp, const json_t *params)
{
    const json_t *named = json_object_get(params, "textDocument");
    const char *uri = json_string_value(json_object_get(named ? named : params, "uri"));
    char *path = uri ? wf_lsp_path_of(uri) : NULL;
    struct wf_lsp_doc *doc = path ? wf_lsp_doc_of_path(lsp, path) : NULL;
    wf_free(NULL, path);
    return doc;
}

void wf_lsp_doc_free(struct wf_lsp_doc *doc)
{
    if (!doc)
        return;
    wf_lsp_lines_release(&doc->lines);
    wf_free(NULL, doc->uri);
    wf_free(NULL, doc->path);
    wf_free(NULL, doc->text);
    wf_free(NULL, doc);
}

/* Takes the text, which wf_free frees. A byte order mark is the file's, not the text's. */
static bool take_text(struct wf_lsp *lsp, struct wf_lsp_doc *doc, char *text, size_t len)
{
    struct wf_lsp_lines lines = {.n = 0};
    if (!text || wf_lsp_lines_make(&lines, text, len, lsp->utf8)) {
        wf_free(NULL, text);
        return false;
    }
    wf_free(NULL, doc->text);
    wf_lsp_lines_release(&doc->lines);
    doc->text = text;
    doc->len = len;
    doc->lines = lines;
    doc->dirty = true;
    return true;
}

static bool take_string(struct wf_lsp *lsp, struct wf_lsp_doc *doc, const json_t *string)
{
    const char *text = json_string_value(string);
    size_t len = json_string_length(string);
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    char *copy = wf_realloc(NULL, NULL, len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return take_text(lsp, doc, copy, len);
}

static struct wf_lsp_doc *new_doc(struct wf_lsp *lsp, const char *uri)
{
    struct wf_lsp_doc *doc = wf_calloc(NULL, 1, sizeof(*doc));
    if (doc && (doc->uri = wf_strdup(NULL, uri)) && (doc->path = wf_lsp_path_of(uri)) &&
        wf_grow(NULL, &lsp->docs, &lsp->room_docs, lsp->n_docs + 1, sizeof(*lsp->docs)) == 0)
        return doc;
    wf_lsp_doc_free(doc);
    return NULL;
}

void wf_lsp_did_open(struct wf_lsp_call *call)
{
    struct wf_lsp *lsp = call->lsp;
    const json_t *item = json_object_get(call->params, "textDocument");
    const char *uri = json_string_value(json_object_get(item, "uri"));
    const json_t *text = json_object_get(item, "text");
    if (!uri || !json_is_string(text) || json_string_length(text) > WF_MAX_SOURCE)
        return;
    struct wf_lsp_doc *doc = wf_lsp_doc_of(lsp, call->params), *made = NULL;
    if (!doc)
        doc = made = new_doc(lsp, uri);
    if (!doc || !take_string(lsp, doc, text)) {
        lsp->nomem = true;
        wf_lsp_doc_free(made);
        return;
    }
    doc->version = json_integer_value(json_object_get(item, "version"));
    if (made)
        lsp->docs[lsp->n_docs++] = made;
    lsp->look_again = true;
}

/* One change: the whole text, or what stands in a range. */
static bool apply(struct wf_lsp *lsp, struct wf_lsp_doc *doc, const json_t *change)
{
    const json_t *text = json_object_get(change, "text");
    const json_t *range = json_object_get(change, "range");
    size_t start = 0, end = doc->len, len = 0;
    if (!json_is_string(text))
        return true;
    if (json_is_object(range) &&
        (!wf_lsp_at(&doc->lines, json_object_get(range, "start"), &start) ||
         !wf_lsp_at(&doc->lines, json_object_get(range, "end"), &end)))
        return true;
    if (!json_is_object(range))
        return json_string_length(text) > WF_MAX_SOURCE || take_string(lsp, doc, text);
    if (end < start)
        end = start;
    struct wf_buf buf;
    wf_buf_init(&buf, NULL, WF_MAX_SOURCE + 1);
    wf_buf_add(&buf, doc->text, start);
    wf_buf_add(&buf, json_string_value(text), json_string_length(text));
    wf_buf_add(&buf, doc->text + end, doc->len - end);
    if (buf.failed || wf_buf_reserve(&buf, 1)) {
        wf_buf_release(&buf);
        return false;
    }
    buf.data[buf.len] = '\0';
    char *whole = wf_buf_detach(&buf, &len);
    return take_text(lsp, doc, whole, len);
}

void wf_lsp_did_change(struct wf_lsp_call *call)
{
    struct wf_lsp *lsp = call->lsp;
    struct wf_lsp_doc *doc = wf_lsp_doc_of(lsp, call->params);
    const json_t *changes = json_object_get(call->params, "contentChanges");
    const json_t *item = json_object_get(call->params, "textDocument");
    if (!doc)
        return;
    for (size_t i = 0; i < json_array_size(changes); i++)
        lsp->nomem |= !apply(lsp, doc, json_array_get(changes, i));
    doc->version = json_integer_value(json_object_get(item, "version"));
}

void wf_lsp_did_save(struct wf_lsp_call *call)
{
    call->lsp->look_again = true;
}

void wf_lsp_did_close(struct wf_lsp_call *call)
{
    struct wf_lsp *lsp = call->lsp;
    struct wf_lsp_doc *doc = wf_lsp_doc_of(lsp, call->params);
    for (size_t i = 0; doc && i < lsp->n_docs; i++) {
        if (lsp->docs[i] != doc)
            continue;
        memmove(lsp->docs + i, lsp->docs + i + 1, (lsp->n_docs - i - 1) * sizeof(*lsp->docs));
        lsp->n_docs--;
        break;
    }
    wf_lsp_doc_free(doc);
    lsp->look_again = true; /* its text is the disk's again */
}
