/*
 * fs.h - every touch of a file by a night's publication goes through one table of functions, so
 * that a test can make any of them fail, or die behind any of them.
 *
 * The functions answer WF_OK or WF_ERR_MISSING, _PERM, _IO, _NOMEM. Interrupted calls and short
 * writes are gone on with; a failed fsync is never tried again (what it was to write may be gone).
 * Everything is created private: files 0600, folders 0700. Threads may call them at once, for
 * different files.
 */
#ifndef WF_RUN_FS_H
#define WF_RUN_FS_H

#include <stdbool.h>
#include <stddef.h>

#include "lang/base/buf.h"
#include "lang/base/status.h"

enum { WF_FS_BLOCK = 4096 /* bytes */ };

typedef enum wf_status wf_name_fn(void *ctx, const char *name);

struct wf_fs {
    void *ctx;
    /* A new file for writing; an old one of that name is emptied. */
    enum wf_status (*create)(void *ctx, const char *path, int *fd_out);
    enum wf_status (*write)(void *ctx, int fd, const void *bytes, size_t len);
    /* Whether what is written from now on goes past the page cache, as wished: then whole blocks
     * are to be written, from where whole blocks lie in memory to where they lie in the file. NULL:
     * it cannot. */
    bool (*bypass)(void *ctx, int fd, bool wished);
    /* What was written may go to the disk from now on, which a sync will wait for: nothing is
     * promised, and nothing waits. NULL: there is no such thing. */
    void (*start_sync)(void *ctx, int fd);
    enum wf_status (*sync)(void *ctx, int fd);
    enum wf_status (*close)(void *ctx, int fd);
    enum wf_status (*make_folder)(void *ctx, const char *path); /* one that is there is fine */
    enum wf_status (*sync_folder)(void *ctx, const char *path);
    enum wf_status (*rename)(void *ctx, const char *from, const char *to);
    enum wf_status (*remove)(void *ctx, const char *path); /* a file or an empty folder */
    /* The whole of a regular file, added to `out`. */
    enum wf_status (*read)(void *ctx, const char *path, struct wf_buf *out);
    /* The whole of a regular file as it lies there, until unmap; an empty one is at NULL. */
    enum wf_status (*map)(void *ctx, const char *path, const void **bytes_out, size_t *len_out);
    void (*unmap)(void *ctx, const void *bytes, size_t len);
    /* The names in a folder, in no order. */
    enum wf_status (*list)(void *ctx, const char *path, wf_name_fn *fn, void *fn_ctx);
};

/* The operating system's. */
extern const struct wf_fs wf_fs_os;

/* Writes a whole small file and syncs it (not its folder). */
enum wf_status wf_fs_put(const struct wf_fs *fs, const char *path, const void *bytes, size_t len);

/* Makes a folder whose name survives a power cut: the folder it is in is synced, also if an earlier
 * run made it. */
enum wf_status wf_fs_make_lasting(const struct wf_fs *fs, const char *path);

/* Removes a folder and the files in it; one that is not there is fine. */
enum wf_status wf_fs_remove_tree(const struct wf_fs *fs, const char *path);

#endif
