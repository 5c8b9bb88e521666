/*
 * server.h - what the files of the language server share; nobody else includes it.
 *
 *   frame.c   bytes ─▶ messages        server.c   life and dispatch      docs.c   open documents
 *   text.c    places as editors count  project.c  which files are checked together, and when
 *   publish.c diagnostics              complete.c hover.c navigate.c rename.c edit.c tokens.c
 *                                      outline.c  one request, or a few alike, each
 */
#ifndef WF_LSP_SERVER_H
#define WF_LSP_SERVER_H

#include <jansson.h>

#include "lang/sema/query.h"
#include "runtime/lsp/frame.h"
#include "runtime/lsp/lsp.h"
#include "runtime/lsp/text.h"

enum { /* errors of JSON-RPC and of the protocol */
       WF_RPC_PARSE = -32700,
       WF_RPC_INVALID = -32600,
       WF_RPC_NO_METHOD = -32601,
       WF_RPC_PARAMS = -32602,
       WF_RPC_INTERNAL = -32603,
       WF_RPC_NOT_INITIALIZED = -32002,
       WF_RPC_FAILED = -32803, /* the request is right, but cannot be done: the message says why */
};

struct wf_lsp_doc { /* an open document */
    char *uri, *path;
    char *text; /* a NUL behind it */
    size_t len;
    json_int_t version;
    struct wf_lsp_lines lines; /* of text */
    bool dirty;                /* not checked as it is now */
};

struct wf_lsp_root { /* a main file, checked with all it imports */
    char *path;
    struct wf_front front;
    struct wf_lsp_lines *lines; /* by file of the front, made when asked for */
    bool checked;               /* front holds something */
    bool stale, wanted;
    bool sound;               /* front has no errors */
    struct wf_lsp_root *kept; /* while it has some: as it was when it had none last; or NULL */
    bool past;                /* it is such a one: its places are those of older texts */
};

struct wf_lsp_known { /* a rule file of the project, and what it imports */
    char *path;
    char **imports;
    size_t n_imports, room_imports;
};

struct wf_lsp_told { /* what the client was told of a file last */
    char *path, *text;
    bool now; /* of what is told now, it is a part */
};

struct wf_lsp {
    struct wf_lsp_host host;
    struct wf_loader loader; /* open documents before the disk */
    struct wf_buf out;
    struct wf_frames frames;
    bool initialized, down;                          /* `down`: after shutdown */
    int exit_code;                                   /* -1: it goes on */
    bool utf8;                                       /* places in a line are bytes */
    bool related, symbol_tree, versioned, described; /* what the client understands */
    char *pages[WF_CODE_COUNT_]; /* URIs of what explains each code, made when asked for */
    char *out_folder;            /* of the nights; NULL: looked for */
    struct wf_lsp_doc **docs;
    struct wf_lsp_root **roots;
    struct wf_lsp_known *known;
    struct wf_lsp_told *told;
    char **folders; /* of the workspace */
    size_t n_docs, n_roots, n_known, n_told, n_folders;
    size_t room_docs, room_roots, room_known, room_told, room_folders;
    bool look_again; /* files may have come or gone */
    bool nomem;
};

/* A request in hand; a handler answers its result (json_null() for nothing), or NULL with code and
 * message set. NULL alone is out of memory. */
struct wf_lsp_call {
    struct wf_lsp *lsp;
    const json_t *params;
    int code;
    const char *message;
    struct wf_buf words; /* where a message is made */
};
json_t *wf_lsp_fail(struct wf_lsp_call *call, int code, const char *message);

/* A notification to the client; takes params. */
void wf_lsp_notify(struct wf_lsp *lsp, const char *method, json_t *params);

/* ---- docs.c ---- */

struct wf_lsp_doc *wf_lsp_doc_of_path(const struct wf_lsp *lsp, const char *path);
/* The document of params.textDocument.uri, or of params.uri; NULL: it is not open. */
struct wf_lsp_doc *wf_lsp_doc_of(const struct wf_lsp *lsp, const json_t *params);
/* The path of a file: URI; another URI as it is. The caller frees it; NULL: no memory. */
char *wf_lsp_path_of(const char *uri);
/* The URI of a path: the open document's own where it is open. The caller frees it. */
char *wf_lsp_uri_of(const struct wf_lsp *lsp, const char *path);
void wf_lsp_did_open(struct wf_lsp_call *call);
void wf_lsp_did_change(struct wf_lsp_call *call);
void wf_lsp_did_save(struct wf_lsp_call *call);
void wf_lsp_did_close(struct wf_lsp_call *call);
void wf_lsp_doc_free(struct wf_lsp_doc *doc);

/* ---- project.c ---- */

/* Reads open documents before the disk; ctx is the server. */
struct wf_loader wf_lsp_loader(struct wf_lsp *lsp);
/* Checks again what was changed. */
void wf_lsp_refresh(struct wf_lsp *lsp);
/* Makes sure that every main file that leads to this file is checked, also unopened ones. */
void wf_lsp_refresh_all(struct wf_lsp *lsp, const char *path);
void wf_lsp_project_release(struct wf_lsp *lsp);
/* A checked program that this file is part of, and which file of it; NULL: none. */
struct wf_lsp_root *wf_lsp_root_of(const struct wf_lsp *lsp, const char *path, uint32_t *file_out);
/* The lines of one of its files; NULL: no memory. */
struct wf_lsp_lines *wf_lsp_lines_of(struct wf_lsp *lsp, struct wf_lsp_root *root, uint32_t file);
/* {uri, range} of a place in a root's files; an embedded file's leads to a copy, an older text's to
 * where it stands by now. NULL: none. */
json_t *wf_lsp_location(struct wf_lsp *lsp, struct wf_lsp_root *root, struct wf_span span);

/* ---- publish.c ---- */

void wf_lsp_publish(struct wf_lsp *lsp);
/* A diagnostic as the client is told it; NULL: no memory. */
json_t *wf_lsp_diagnostic(struct wf_lsp *lsp, struct wf_lsp_root *root, const struct wf_diag *diag);

/* ---- requests ---- */

/* What most requests begin with: an open document, its program, a place in it. */
struct wf_lsp_spot {
    struct wf_lsp_doc *doc;
    struct wf_lsp_root *root;
    uint32_t file;
    size_t at; /* only if the request has a position */
};
/* Checks what was changed first. False: call is answered with an error. */
bool wf_lsp_spot(struct wf_lsp_call *call, bool position, struct wf_lsp_spot *out);
/* The symbol at a spot, by its place or, where the sentence is broken, by its name; NULL: none. The
 * use's node is NULL if it was found by its name. */
struct wf_symbol *wf_lsp_symbol(const struct wf_lsp_spot *spot, struct wf_use *use_out);
/* The same; a name that means nothing now, since something is wrong, means what it did when nothing
 * was: then the spot becomes one of that program. Not for what changes texts. */
struct wf_symbol *wf_lsp_symbol_kept(struct wf_lsp_spot *spot, struct wf_use *use_out);
/* That program, and which of its files the spot is in; NULL: there is none. */
struct wf_lsp_root *wf_lsp_kept_of(const struct wf_lsp_spot *spot, uint32_t *file_out);
/* The tokens of a document, marked by the parser; release them. */
struct wf_lsp_tokens {
    struct wf_sources sources;
    struct wf_intern intern;
    struct wf_arena trees;
    struct wf_diags diags;
    struct wf_tokens tokens;
};
enum wf_status wf_lsp_tokens_of(const struct wf_lsp_spot *spot, struct wf_lsp_tokens *out);
void wf_lsp_tokens_release(struct wf_lsp_tokens *tokens);

json_t *wf_lsp_completion(struct wf_lsp_call *call);
json_t *wf_lsp_hover(struct wf_lsp_call *call);
json_t *wf_lsp_definition(struct wf_lsp_call *call);
json_t *wf_lsp_references(struct wf_lsp_call *call);
json_t *wf_lsp_highlights(struct wf_lsp_call *call);
json_t *wf_lsp_prepare_rename(struct wf_lsp_call *call);
json_t *wf_lsp_rename(struct wf_lsp_call *call);
json_t *wf_lsp_formatting(struct wf_lsp_call *call);
json_t *wf_lsp_code_actions(struct wf_lsp_call *call);
json_t *wf_lsp_semantic_tokens(struct wf_lsp_call *call);
json_t *wf_lsp_semantic_legend(void);
json_t *wf_lsp_symbols(struct wf_lsp_call *call);
json_t *wf_lsp_folding(struct wf_lsp_call *call);

/* Every use of a symbol, in all programs that its declaration is part of; each place once. */
struct wf_lsp_found {
    struct wf_lsp_root *root;
    struct wf_span span;
    const struct wf_node *node;
    bool declares, alias;
};
struct wf_lsp_uses {
    struct wf_lsp_found *items;
    size_t n, room;
    bool nomem;
};
void wf_lsp_uses_of(struct wf_lsp *lsp, const struct wf_lsp_root *root, const struct wf_symbol *sym,
                    struct wf_lsp_uses *out);
void wf_lsp_uses_release(struct wf_lsp_uses *uses);

/* Two uses mean one thing: declared at the same place of the same file, or built in alike. */
bool wf_lsp_same_symbol(const struct wf_front *a, const struct wf_symbol *one,
                        const struct wf_front *b, const struct wf_symbol *other);

#endif
