/*
 * front.h - from the name of a file to a checked program.
 */
#ifndef WF_SEMA_FRONT_H
#define WF_SEMA_FRONT_H

#include "lang/sema/sema.h"
#include "lang/syntax/diag.h"
#include "lang/syntax/source.h"

/*
 * Reads rule files for the compiler. `path` is a main file as the caller named it, or an import
 * joined to its importer's folder ("rules/../x.way" never occurs: the path is normalised and stays
 * inside the main file's folder). `read` hands over bytes that `done` takes back. WF_ERR_MISSING,
 * WF_ERR_PERM, WF_ERR_IO, WF_ERR_LIMIT and WF_ERR_NOMEM are understood.
 */
typedef void wf_offer_fn(void *to, const char *name);

struct wf_loader {
    void *ctx;
    enum wf_status (*read)(void *ctx, const char *path, const char **bytes_out, size_t *len_out);
    void (*done)(void *ctx, const char *bytes, size_t len);
    /* Whether this machine has a time zone of that name; if not, those that it has are offered. May
     * be NULL: then a zone's name is not judged. */
    bool (*zone)(const char *name, wf_offer_fn *offer, void *to);
};

/*
 * One compilation's front half: initialise, check, read `checked` and `diags`, release. Names live
 * in `names`, so it must outlive the checked program; wf_front_release frees everything.
 */
struct wf_front {
    struct wf_sources sources;
    struct wf_intern names;
    struct wf_diags diags;
    struct wf_arena trees;
    struct wf_checked checked;
};

void wf_front_init(struct wf_front *front, const struct wf_alloc *alloc);
void wf_front_release(struct wf_front *front);

/*
 * Loads `path` and all it imports, parses and checks them. WF_OK: front->checked is a whole program
 * (there may be warnings). WF_ERR_RULES: diags says why. Else the status of reading the main file,
 * or WF_ERR_NOMEM. Diagnostics are sorted.
 */
enum wf_status wf_front_check(struct wf_front *front, const struct wf_loader *loader,
                              const char *path);

#endif
