/*
 * server.c - the life of a server, and which method is whose.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/lsp/server.h"

/* ---- what goes out ---- */

static void send_json(struct wf_lsp *lsp, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
    if (text) {
        wf_buf_addf(&lsp->out, "Content-Length: %zu\r\n\r\n", strlen(text));
        wf_buf_adds(&lsp->out, text);
    }
    lsp->nomem |= !text || lsp->out.failed;
    free(text);
    json_decref(message);
}

void wf_lsp_notify(struct wf_lsp *lsp, const char *method, json_t *params)
{
    send_json(lsp,
              json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

static void answer(struct wf_lsp *lsp, const json_t *id, json_t *result)
{
    send_json(lsp, json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id, "result", result));
}

static void refuse(struct wf_lsp *lsp, const json_t *id, int code, const char *message)
{
    json_t *none = json_null();
    send_json(lsp, json_pack("{s:s, s:O, s:{s:i, s:s}}", "jsonrpc", "2.0", "id", id ? id : none,
                             "error", "code", code, "message", message));
}

json_t *wf_lsp_fail(struct wf_lsp_call *call, int code, const char *message)
{
    call->code = code;
    call->message = message;
    return NULL;
}

/* ---- life ---- */

static bool offers_utf8(const json_t *params)
{
    const json_t *general = json_object_get(json_object_get(params, "capabilities"), "general");
    const json_t *encodings = json_object_get(general, "positionEncodings");
    for (size_t i = 0; i < json_array_size(encodings); i++) {
        const char *name = json_string_value(json_array_get(encodings, i));
        if (name && strcmp(name, "utf-8") == 0)
            return true;
    }
    return false;
}

static bool can(const json_t *params, const char *what, const char *property)
{
    const json_t *document =
        json_object_get(json_object_get(params, "capabilities"), "textDocument");
    return json_is_true(json_object_get(json_object_get(document, what), property));
}

static void take_folder(struct wf_lsp *lsp, const json_t *uri)
{
    char *path = json_is_string(uri) ? wf_lsp_path_of(json_string_value(uri)) : NULL;
    size_t len = path ? strlen(path) : 0;
    while (len > 1 && path[len - 1] == '/')
        path[--len] = '\0';
    if (!path || path[0] != '/' ||
        wf_grow(NULL, &lsp->folders, &lsp->room_folders, lsp->n_folders + 1,
                sizeof(*lsp->folders))) {
        wf_free(NULL, path);
        return;
    }
    lsp->folders[lsp->n_folders++] = path;
}

static void drop_folder(struct wf_lsp *lsp, const json_t *uri)
{
    char *path = json_is_string(uri) ? wf_lsp_path_of(json_string_value(uri)) : NULL;
    for (size_t i = 0; path && i < lsp->n_folders; i++) {
        if (strcmp(lsp->folders[i], path) != 0)
            continue;
        wf_free(NULL, lsp->folders[i]);
        lsp->folders[i] = lsp->folders[--lsp->n_folders];
    }
    wf_free(NULL, path);
}

/* {"out": "folder of the nights"} of the options or settings; a relative one is the workspace's. */
static void take_settings(struct wf_lsp *lsp, const json_t *settings)
{
    const json_t *own = json_object_get(settings, "wayfare");
    const json_t *out = json_object_get(own ? own : settings, "out");
    struct wf_buf path;
    if (!out)
        return;
    wf_free(NULL, lsp->out_folder);
    lsp->out_folder = NULL;
    const char *text = json_string_value(out);
    if (!text || !*text)
        return;
    wf_buf_init(&path, NULL, 0);
    if (text[0] != '/' && lsp->n_folders)
        wf_buf_addf(&path, "%s/", lsp->folders[0]);
    wf_buf_adds(&path, text);
    lsp->nomem |= path.failed;
    lsp->out_folder = path.failed ? NULL : wf_buf_detach(&path, NULL);
    wf_buf_release(&path);
}

static json_t *capabilities(const struct wf_lsp *lsp)
{
    json_t *sync = json_pack("{s:b, s:i, s:b}", "openClose", 1, "change", 2, "save", 1);
    json_t *completion = json_pack("{s:[s, s, s]}", "triggerCharacters", ".", "[", "{");
    json_t *actions = json_pack("{s:[s, s]}", "codeActionKinds", "quickfix", "source.fixAll");
    json_t *tokens = json_pack("{s:o, s:b}", "legend", wf_lsp_semantic_legend(), "full", 1);
    json_t *folders =
        json_pack("{s:{s:b, s:b}}", "workspaceFolders", "supported", 1, "changeNotifications", 1);
    return json_pack("{s:s, s:o, s:o, s:b, s:b, s:b, s:b, s:{s:b}, s:b, s:o, s:o, s:b, s:b, s:o}",
                     "positionEncoding", lsp->utf8 ? "utf-8" : "utf-16", "textDocumentSync", sync,
                     "completionProvider", completion, "hoverProvider", 1, "definitionProvider", 1,
                     "referencesProvider", 1, "documentHighlightProvider", 1, "renameProvider",
                     "prepareProvider", 1, "documentFormattingProvider", 1, "codeActionProvider",
                     actions, "semanticTokensProvider", tokens, "documentSymbolProvider", 1,
                     "foldingRangeProvider", 1, "workspace", folders);
}

static json_t *on_initialize(struct wf_lsp_call *call)
{
    struct wf_lsp *lsp = call->lsp;
    const json_t *p = call->params, *folders = json_object_get(p, "workspaceFolders");
    if (lsp->initialized)
        return wf_lsp_fail(call, WF_RPC_INVALID, wf_word("the server is initialized already"));
    lsp->initialized = true;
    lsp->utf8 = offers_utf8(p);
    lsp->related = can(p, "publishDiagnostics", "relatedInformation");
    lsp->described = can(p, "publishDiagnostics", "codeDescriptionSupport");
    lsp->versioned = can(p, "publishDiagnostics", "versionSupport");
    lsp->symbol_tree = can(p, "documentSymbol", "hierarchicalDocumentSymbolSupport");
    for (size_t i = 0; i < json_array_size(folders); i++)
        take_folder(lsp, json_object_get(json_array_get(folders, i), "uri"));
    if (!lsp->n_folders)
        take_folder(lsp, json_object_get(p, "rootUri"));
    take_settings(lsp, json_object_get(p, "initializationOptions"));
    lsp->look_again = true;
    return json_pack("{s:o, s:{s:s, s:s}}", "capabilities", capabilities(lsp), "serverInfo", "name",
                     "wayfare", "version", WF_VERSION);
}

static json_t *on_shutdown(struct wf_lsp_call *call)
{
    call->lsp->down = true;
    return json_null();
}

static void on_exit_(struct wf_lsp_call *call)
{
    call->lsp->exit_code = call->lsp->down ? 0 : 1;
}

static void on_settings(struct wf_lsp_call *call)
{
    take_settings(call->lsp, json_object_get(call->params, "settings"));
}

static void on_folders(struct wf_lsp_call *call)
{
    const json_t *event = json_object_get(call->params, "event");
    const json_t *gone = json_object_get(event, "removed"), *new = json_object_get(event, "added");
    for (size_t i = 0; i < json_array_size(gone); i++)
        drop_folder(call->lsp, json_object_get(json_array_get(gone, i), "uri"));
    for (size_t i = 0; i < json_array_size(new); i++)
        take_folder(call->lsp, json_object_get(json_array_get(new, i), "uri"));
    call->lsp->look_again = true;
}

static void on_files(struct wf_lsp_call *call)
{
    call->lsp->look_again = true;
}

static void on_nothing(struct wf_lsp_call *call)
{
    (void)call;
}

/* ---- dispatch ---- */

static const struct {
    const char *method;
    json_t *(*handle)(struct wf_lsp_call *call);
} requests[] = {
    {"initialize", on_initialize},
    {"shutdown", on_shutdown},
    {"textDocument/completion", wf_lsp_completion},
    {"textDocument/hover", wf_lsp_hover},
    {"textDocument/definition", wf_lsp_definition},
    {"textDocument/references", wf_lsp_references},
    {"textDocument/documentHighlight", wf_lsp_highlights},
    {"textDocument/prepareRename", wf_lsp_prepare_rename},
    {"textDocument/rename", wf_lsp_rename},
    {"textDocument/formatting", wf_lsp_formatting},
    {"textDocument/codeAction", wf_lsp_code_actions},
    {"textDocument/semanticTokens/full", wf_lsp_semantic_tokens},
    {"textDocument/documentSymbol", wf_lsp_symbols},
    {"textDocument/foldingRange", wf_lsp_folding},
};

static const struct {
    const char *method;
    void (*handle)(struct wf_lsp_call *call);
} notifications[] = {
    {"initialized", on_nothing},
    {"exit", on_exit_},
    {"textDocument/didOpen", wf_lsp_did_open},
    {"textDocument/didChange", wf_lsp_did_change},
    {"textDocument/didSave", wf_lsp_did_save},
    {"textDocument/didClose", wf_lsp_did_close},
    {"workspace/didChangeConfiguration", on_settings},
    {"workspace/didChangeWatchedFiles", on_files},
    {"workspace/didChangeWorkspaceFolders", on_folders},
};

static void take_request(struct wf_lsp *lsp, const char *method, const json_t *id,
                         const json_t *params)
{
    struct wf_lsp_call call = {.lsp = lsp, .params = params, .code = WF_RPC_INTERNAL};
    if (!lsp->initialized && strcmp(method, "initialize") != 0) {
        refuse(lsp, id, WF_RPC_NOT_INITIALIZED, wf_word("`initialize` comes first"));
        return;
    }
    if (lsp->down) {
        refuse(lsp, id, WF_RPC_INVALID, wf_word("the server was shut down"));
        return;
    }
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (strcmp(requests[i].method, method) != 0)
            continue;
        wf_buf_init(&call.words, NULL, 0);
        json_t *result = requests[i].handle(&call);
        if (result)
            answer(lsp, id, result);
        else
            refuse(lsp, id, call.code, call.message ? call.message : wf_word("out of memory"));
        wf_buf_release(&call.words);
        return;
    }
    refuse(lsp, id, WF_RPC_NO_METHOD, wf_word("this server knows no such method"));
}

static void take_notification(struct wf_lsp *lsp, const char *method, const json_t *params)
{
    struct wf_lsp_call call = {.lsp = lsp, .params = params};
    bool ends = strcmp(method, "exit") == 0;
    for (size_t i = 0; i < sizeof(notifications) / sizeof(notifications[0]); i++) {
        if (strcmp(notifications[i].method, method) == 0 &&
            (ends || (lsp->initialized && !lsp->down)))
            notifications[i].handle(&call);
    }
}

static void take_message(struct wf_lsp *lsp, const char *text, size_t len)
{
    json_error_t error;
    json_t *message = json_loadb(text, len, 0, &error);
    const json_t *id = json_object_get(message, "id");
    const char *method = json_string_value(json_object_get(message, "method"));
    bool named = json_is_string(id) || json_is_integer(id);
    if (!message)
        refuse(lsp, NULL, WF_RPC_PARSE, wf_word("this is not JSON in UTF-8"));
    else if (!json_is_object(message) || (id && !named && !json_is_null(id)))
        refuse(lsp, NULL, WF_RPC_INVALID, wf_word("this is no message of JSON-RPC 2.0"));
    else if (method && named)
        take_request(lsp, method, id, json_object_get(message, "params"));
    else if (method)
        take_notification(lsp, method, json_object_get(message, "params"));
    else if (!named) /* with an id it answers a request of ours: we make none */
        refuse(lsp, NULL, WF_RPC_INVALID, wf_word("this is no message of JSON-RPC 2.0"));
    json_decref(message);
}

/* ---- the interface ---- */

struct wf_lsp *wf_lsp_new(const struct wf_lsp_host *host)
{
    struct wf_lsp *lsp = wf_calloc(NULL, 1, sizeof(*lsp));
    if (!lsp)
        return NULL;
    lsp->host = *host;
    lsp->loader = wf_lsp_loader(lsp);
    lsp->exit_code = -1;
    wf_buf_init(&lsp->out, NULL, 0);
    wf_frames_init(&lsp->frames);
    return lsp;
}

void wf_lsp_free(struct wf_lsp *lsp)
{
    if (!lsp)
        return;
    wf_lsp_project_release(lsp);
    for (size_t i = 0; i < lsp->n_docs; i++)
        wf_lsp_doc_free(lsp->docs[i]);
    for (size_t i = 0; i < lsp->n_told; i++) {
        free(lsp->told[i].text);
        wf_free(NULL, lsp->told[i].path);
    }
    for (size_t i = 0; i < lsp->n_folders; i++)
        wf_free(NULL, lsp->folders[i]);
    for (size_t i = 0; i < WF_CODE_COUNT_; i++)
        wf_free(NULL, lsp->pages[i]);
    wf_free(NULL, lsp->docs);
    wf_free(NULL, lsp->told);
    wf_free(NULL, lsp->folders);
    wf_free(NULL, lsp->out_folder);
    wf_frames_release(&lsp->frames);
    wf_buf_release(&lsp->out);
    wf_free(NULL, lsp);
}

void wf_lsp_feed(struct wf_lsp *lsp, const void *bytes, size_t len)
{
    const char *text;
    size_t n;
    wf_frames_add(&lsp->frames, bytes, len);
    while (lsp->exit_code < 0) {
        switch (wf_frames_next(&lsp->frames, &text, &n)) {
        case WF_FRAME_NONE: return;
        case WF_FRAME_MESSAGE: take_message(lsp, text, n); break;
        case WF_FRAME_BROKEN:
            refuse(lsp, NULL, WF_RPC_INVALID, wf_word("a message begins with its Content-Length"));
            break;
        case WF_FRAME_HUGE:
        case WF_FRAME_NOMEM:
            refuse(lsp, NULL, WF_RPC_INVALID, wf_word("this message is too long"));
            lsp->exit_code = 1;
            break;
        }
    }
}

void wf_lsp_idle(struct wf_lsp *lsp)
{
    if (lsp->initialized && !lsp->down)
        wf_lsp_refresh(lsp);
}

struct wf_buf *wf_lsp_out(struct wf_lsp *lsp)
{
    return &lsp->out;
}

int wf_lsp_exit(const struct wf_lsp *lsp)
{
    return lsp->exit_code;
}
