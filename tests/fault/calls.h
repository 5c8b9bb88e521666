/*
 * calls.h - every call by which the product touches a file, its own and SQLite's, passes here.
 *
 * The program defines open, write, fsync, rename, ... itself, in front of the C library's: what
 * libwayfare and the shared libsqlite3 call are these. While a folder is watched, each call on
 * something in it is shown to a hook, which may refuse it, shorten it, or end the process. So the
 * product runs as it is shipped, and what a campaign counts are system calls.
 */
#ifndef WF_TESTS_CALLS_H
#define WF_TESTS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the path of a file without a name ends with: nothing is left of it. */
#define CALL_NAMELESS "/#"

enum call_kind {
    CALL_OPEN,
    CALL_READ,
    CALL_WRITE,
    CALL_TRUNCATE,
    CALL_SYNC,
    CALL_CLOSE,
    CALL_STAT,
    CALL_LIST, /* opendir, fdopendir, each readdir */
    CALL_LOCK, /* flock */
    CALL_MAKE_FOLDER,
    CALL_RENAME,
    CALL_REMOVE,
};

struct call {
    enum call_kind kind;
    const char *path; /* in the watched folder; "" is the folder itself */
    const char *to;   /* RENAME */
    const void *bytes;
    size_t len;      /* READ, WRITE: a hook may lower it; afterwards what was done */
    int64_t offset;  /* WRITE; TRUNCATE: the new size */
    bool makes;      /* OPEN: there was no such file */
    bool empties;    /* OPEN: there was one with something in it */
    bool folder;     /* SYNC, REMOVE: of a folder */
    bool changes;    /* afterwards the folder is not what it was; fsync changes nothing */
    unsigned number; /* of this call, from 0 */
};

struct calls_hook {
    void *ctx;
    int (*before)(void *ctx, struct call *call);       /* the errno it fails with; 0: let it pass */
    void (*after)(void *ctx, const struct call *call); /* it was done; may be NULL */
};

/* Watches a folder (an absolute path without links in it) until calls_unwatch. One at a time; calls
 * of several threads come one after the other. */
void calls_watch(const char *folder, const struct calls_hook *hook);
void calls_unwatch(void);

/* Calls since calls_watch that changed something elsewhere, which nobody should. */
unsigned calls_strays(void);

const char *call_name(const struct call *call);

#endif
