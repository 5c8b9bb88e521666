/*
 * keep.h - the blocks of memory that belong to one dataset. Threads may share it.
 */
#ifndef WF_DATA_KEEP_H
#define WF_DATA_KEEP_H

#include <pthread.h>
#include <stddef.h>

#include "lang/base/alloc.h"

struct wf_keep {
    const struct wf_alloc *alloc;
    void **blocks;
    size_t n, room;
    pthread_mutex_t lock;
};

struct wf_keep *wf_keep_new(const struct wf_alloc *alloc);
void wf_keep_free(struct wf_keep *keep); /* every block, then itself; NULL is fine */

/* count * size zero bytes (at least one) that live as long as the keep; NULL: no memory. */
void *wf_keep_calloc(struct wf_keep *keep, size_t count, size_t size);

/* The same, but the bytes may hold anything: for large arrays that threads fill from end to end. */
void *wf_keep_alloc(struct wf_keep *keep, size_t count, size_t size);

/* Takes over a block. Frees it and answers -1 when there is no memory; NULL is fine. */
int wf_keep_add(struct wf_keep *keep, void *block);

#endif
