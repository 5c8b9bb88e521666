/*
 * memfs.h - the files of a publication in memory, for tests that run many nights.
 */
#ifndef TESTS_TOOLS_MEMFS_H
#define TESTS_TOOLS_MEMFS_H

#include "runtime/run/fs.h"

struct memfile {
    char *path; /* NULL: a free place */
    struct wf_buf bytes;
};

struct memfs {
    struct memfile *files;
    size_t n;
    unsigned syncs; /* of files and folders */
};

/* Folders need not be made. Every memfs must be released. */
struct wf_fs memfs_of(struct memfs *fs);
void memfs_release(struct memfs *fs);

/* The bytes of a file; NULL: there is none. */
struct wf_buf *memfs_find(struct memfs *fs, const char *path);

#endif
