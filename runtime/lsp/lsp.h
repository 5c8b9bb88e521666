/*
 * lsp.h - the language server: bytes of the client in, bytes for the client out.
 *
 *   struct wf_lsp *lsp = wf_lsp_new(&host);
 *   while (wf_lsp_exit(lsp) < 0) {
 *       ... wf_lsp_feed(lsp, bytes, n) with what came; wf_lsp_idle(lsp) when nothing more waits ...
 *       ... write what wf_lsp_out(lsp) holds, and reset it ...
 *   }
 *   wf_lsp_free(lsp);
 *
 * Nothing is read or written here but through the host. Open files are read from the editor, not
 * from the disk. What cannot be understood is answered with an error of JSON-RPC; nothing that
 * comes in makes the server stop but `exit`, and a message over its limit (frame.h).
 */
#ifndef WF_LSP_H
#define WF_LSP_H

#include "lang/base/buf.h"
#include "lang/sema/front.h"

struct wf_lsp_night { /* what the last night knew of a segment */
    char date[32];    /* the night's folder: "2026-11-22" */
    long long size;
    long long entered, left; /* -1: not compared with the night before */
};

struct wf_lsp_host {
    struct wf_loader loader; /* the disk */
    void *ctx;               /* of the others, each of which may be NULL */
    /* Hands over the path of every rule file in a folder, with `below` also in the folders in it; a
     * bounded number of them. */
    void (*list)(void *ctx, const char *folder, bool below,
                 void (*found)(void *to, const char *path), void *to);
    /* Appends the path of a file that holds what no file of the project does: a module of the
     * library ("std.retail.way"), what explains a code ("E0201.md"). */
    enum wf_status (*copy)(void *ctx, const char *name, const char *text, size_t len,
                           struct wf_buf *path);
    /* The newest night in the folder `out`, or, where that is NULL, in a folder `out` beside or
     * above `file`. `segment` is "lapsed", or "value=super" of a class. False: nothing is known. */
    bool (*night)(void *ctx, const char *out, const char *file, const char *segment,
                  struct wf_lsp_night *night_out);
};

struct wf_lsp;

struct wf_lsp *wf_lsp_new(const struct wf_lsp_host *host); /* copied; NULL: no memory */
void wf_lsp_free(struct wf_lsp *lsp);

void wf_lsp_feed(struct wf_lsp *lsp, const void *bytes, size_t len);

/* Does what can wait: checks what was changed and tells what was found. */
void wf_lsp_idle(struct wf_lsp *lsp);

struct wf_buf *wf_lsp_out(struct wf_lsp *lsp);

/* The exit code once the server is to end; -1: it goes on. */
int wf_lsp_exit(const struct wf_lsp *lsp);

#endif
