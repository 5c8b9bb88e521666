#include "tests/tools/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/utf8.h"

static enum wf_status read_file(void *ctx, const char *path, const char **bytes_out,
                                size_t *len_out)
{
    const struct talk *talk = ctx;
    for (const struct talk_file *f = talk->files; f && f->path; f++) {
        if (strcmp(f->path, path) == 0) {
            *bytes_out = f->text;
            *len_out = strlen(f->text);
            return WF_OK;
        }
    }
    return WF_ERR_MISSING;
}

static void done(void *ctx, const char *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    (void)len;
}

static void list(void *ctx, const char *folder, bool below,
                 void (*found)(void *to, const char *path), void *to)
{
    const struct talk *talk = ctx;
    size_t len = strlen(folder);
    for (const struct talk_file *f = talk->files; f && f->path; f++) {
        if (strncmp(f->path, folder, len) == 0 && f->path[len] == '/' &&
            (below || !strchr(f->path + len + 1, '/')))
            found(to, f->path);
    }
}

static enum wf_status copy(void *ctx, const char *name, const char *text, size_t len,
                           struct wf_buf *path)
{
    (void)ctx;
    (void)text;
    (void)len;
    wf_buf_addf(path, "/cache/%s", name);
    return WF_OK;
}

static bool night(void *ctx, const char *out, const char *file, const char *segment,
                  struct wf_lsp_night *night_out)
{
    (void)ctx;
    (void)file;
    *night_out = (struct wf_lsp_night){
        .date = "2026-11-22", .size = 4711, .entered = 12, .left = out ? -1 : 3};
    if (out)
        night_out->entered = -1;
    return strcmp(segment, "lapsed") == 0 || strcmp(segment, "worth=best") == 0;
}

/* Takes what the server wrote apart. */
static void listen(struct talk *talk)
{
    struct wf_buf *out = wf_lsp_out(talk->lsp);
    const char *at = wf_buf_str(out), *end = at + out->len;
    while (at < end) {
        size_t n = 0;
        if (sscanf(at, "Content-Length: %zu", &n) != 1)
            abort();
        at = strstr(at, "\r\n\r\n") + 4;
        json_t *message = json_loadb(at, n, 0, NULL);
        if (!message)
            abort();
        json_array_append_new(talk->said, message);
        at += n;
    }
    wf_buf_reset(out);
}

void talk_bytes(struct talk *talk, const void *bytes, size_t len)
{
    wf_lsp_feed(talk->lsp, bytes, len);
    wf_lsp_idle(talk->lsp);
    listen(talk);
}

void talk_text(struct talk *talk, const char *json)
{
    char header[64];
    snprintf(header, sizeof(header), "Content-Length: %zu\r\n\r\n", strlen(json));
    wf_lsp_feed(talk->lsp, header, strlen(header));
    talk_bytes(talk, json, strlen(json));
}

static void say(struct talk *talk, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    talk_text(talk, text);
    free(text);
    json_decref(message);
}

void talk_notify(struct talk *talk, const char *method, json_t *params)
{
    say(talk, json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

json_t *talk_ask(struct talk *talk, const char *method, json_t *params)
{
    int id = ++talk->next_id;
    say(talk, json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", id, "method", method,
                        "params", params));
    for (size_t i = json_array_size(talk->said); i-- > 0;) {
        json_t *message = json_array_get(talk->said, i);
        if (json_integer_value(json_object_get(message, "id")) == id)
            return message;
    }
    return NULL;
}

void talk_begin(struct talk *talk, const struct talk_file *files, const char *encodings)
{
    *talk = (struct talk){.files = files, .said = json_array()};
    struct wf_lsp_host host = {
        .loader = {talk, read_file, done}, .ctx = talk, .list = list, .copy = copy, .night = night};
    talk->lsp = wf_lsp_new(&host);
    char params[512];
    snprintf(
        params, sizeof(params),
        "{\"capabilities\":{\"general\":{\"positionEncodings\":%s},\"textDocument\":"
        "{\"publishDiagnostics\":{\"relatedInformation\":true,\"codeDescriptionSupport\":true}}},"
        "\"workspaceFolders\":[{\"uri\":\"file:///shop\",\"name\":\"shop\"}]}",
        encodings ? encodings : "[]");
    talk_ask(talk, "initialize", json_loads(params, 0, NULL));
    talk_notify(talk, "initialized", json_object());
}

void talk_end(struct talk *talk)
{
    wf_lsp_free(talk->lsp);
    json_decref(talk->said);
}

void talk_open(struct talk *talk, const char *path, const char *text)
{
    char uri[256];
    snprintf(uri, sizeof(uri), "file://%s", path);
    talk_notify(talk, "textDocument/didOpen",
                json_pack("{s:{s:s, s:s, s:i, s:s}}", "textDocument", "uri", uri, "languageId",
                          "wayfare", "version", 1, "text", text));
}

json_t *talk_at(const char *path, const char *text, size_t mark)
{
    char uri[256];
    int line = 0, character = 0;
    snprintf(uri, sizeof(uri), "file://%s", path);
    for (size_t i = 0; i < mark; i++) {
        unsigned char c = (unsigned char)text[i];
        character += (c & 0xC0) != 0x80;
        character += c >= 0xF0; /* a pair in UTF-16 */
        if (c == '\n') {
            line++;
            character = 0;
        }
    }
    return json_pack("{s:{s:s}, s:{s:i, s:i}}", "textDocument", "uri", uri, "position", "line",
                     line, "character", character);
}

json_t *talk_told(const struct talk *talk, const char *path)
{
    char uri[256];
    json_t *told = NULL;
    snprintf(uri, sizeof(uri), "file://%s", path);
    for (size_t i = 0; i < json_array_size(talk->said); i++) {
        json_t *message = json_array_get(talk->said, i), *params;
        const char *method = json_string_value(json_object_get(message, "method"));
        if (!method || strcmp(method, "textDocument/publishDiagnostics") != 0)
            continue;
        params = json_object_get(message, "params");
        if (strcmp(json_string_value(json_object_get(params, "uri")), uri) == 0)
            told = json_object_get(params, "diagnostics");
    }
    return told;
}

/* ---- anything ---- */

static const char *const questions[] = {
    "textDocument/completion",     "textDocument/hover",
    "textDocument/definition",     "textDocument/references",
    "textDocument/prepareRename",  "textDocument/rename",
    "textDocument/formatting",     "textDocument/codeAction",
    "textDocument/documentSymbol", "textDocument/semanticTokens/full",
    "textDocument/foldingRange",   "textDocument/documentHighlight",
};

static void ask_everything(struct talk *talk, const char *text, size_t at)
{
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        json_t *params = talk_at("/shop/a.way", text, at);
        json_t *place = json_object_get(params, "position");
        json_object_set_new(params, "newName", json_string("other"));
        json_object_set_new(params, "range", json_pack("{s:O, s:O}", "start", place, "end", place));
        if (!talk_ask(talk, questions[i], params))
            abort(); /* every request is answered */
    }
}

static void as_document(const unsigned char *bytes, size_t len)
{
    struct talk talk;
    char *text = malloc(len + 1);
    for (size_t i = 0; i < len; i++) /* what JSON cannot carry is an editor's business */
        text[i] = (char)(bytes[i] ? bytes[i] : ' ');
    text[len] = '\0';
    len = wf_utf8_valid(text, len);
    text[len] = '\0';
    talk_begin(&talk, NULL, NULL);
    talk_open(&talk, "/shop/a.way", text);
    for (size_t at = 0; at <= len; at += 1 + len / 3)
        ask_everything(&talk, text, at);
    talk_end(&talk);
    free(text);
}

void talk_anything(const unsigned char *bytes, size_t len)
{
    struct talk talk;
    size_t half = len / 2;
    talk_begin(&talk, NULL, NULL);
    if (wf_lsp_exit(talk.lsp) < 0)
        talk_bytes(&talk, bytes, half);
    talk_end(&talk);
    as_document(bytes + half, len - half);
}

/* ---- in fewer words ---- */

json_t *talk_dig(const json_t *from, const char *path)
{
    char key[64];
    while (*path) {
        size_t n = strcspn(path, "/");
        snprintf(key, sizeof(key), "%.*s", (int)n, path);
        from = json_is_array(from) ? json_array_get(from, strtoul(key, NULL, 10))
                                   : json_object_get(from, key);
        path += n + (path[n] == '/');
    }
    return (json_t *)(uintptr_t)from;
}

const char *talk_string(const json_t *from, const char *path)
{
    const char *text = json_string_value(talk_dig(from, path));
    return text ? text : "";
}

json_int_t talk_error(const json_t *answer)
{
    return json_integer_value(talk_dig(answer, "error/code"));
}

size_t talk_told_count(const struct talk *talk, const char *path)
{
    return json_array_size(talk_told(talk, path));
}

void talk_change(struct talk *talk, const char *path, const char *text)
{
    char uri[256];
    snprintf(uri, sizeof(uri), "file://%s", path);
    talk_notify(talk, "textDocument/didChange",
                json_pack("{s:{s:s, s:i}, s:[{s:s}]}", "textDocument", "uri", uri, "version", 2,
                          "contentChanges", "text", text));
}

/* Just behind the beginning of the first such word. */
static json_t *at_word(const char *path, const char *text, const char *word)
{
    const char *at = strstr(text, word);
    return talk_at(path, text, at ? (size_t)(at - text) + 1 : 0);
}

json_t *talk_ask_at(struct talk *talk, const char *method, const char *path, const char *text,
                    const char *word)
{
    return talk_ask(talk, method, at_word(path, text, word));
}

json_t *talk_rename(struct talk *talk, const char *path, const char *text, const char *word,
                    const char *name)
{
    json_t *params = at_word(path, text, word);
    json_object_set_new(params, "newName", json_string(name));
    return talk_ask(talk, "textDocument/rename", params);
}
