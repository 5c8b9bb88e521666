/*
 * spill.h - a private file for what a night's memory has no room for.
 *
 * It has no name and is gone with the process. Threads may write and read at once.
 */
#ifndef WF_DATA_SPILL_H
#define WF_DATA_SPILL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"

struct wf_spill {
    const struct wf_alloc *alloc;
    bool ready;
    const char *beside; /* a file, in whose folder it is made; NULL: there is no place for it */
    uint64_t budget;    /* bytes to be held in memory before that; 0: as many as there are */
    int fd;             /* -1: nothing was spilled */
    int error;          /* errno of what failed first */
    uint64_t end;
    pthread_mutex_t lock;
};

enum wf_status wf_spill_init(struct wf_spill *spill, const struct wf_alloc *alloc,
                             const char *beside, uint64_t budget);
void wf_spill_release(struct wf_spill *spill);

/* WF_ERR_IO (spill->error says why), WF_ERR_NOMEM. */
enum wf_status wf_spill_write(struct wf_spill *spill, const void *bytes, size_t len,
                              uint64_t *at_out);
enum wf_status wf_spill_read(struct wf_spill *spill, uint64_t at, void *bytes, size_t len);

#endif
