/*
 * parallel.h - the same work for tasks 0 .. n-1 on several threads.
 */
#ifndef WF_DATA_PARALLEL_H
#define WF_DATA_PARALLEL_H

#include <stdint.h>

#include "lang/base/status.h"

#define WF_MAX_THREADS 64

/*
 * Calls work(ctx, thread, task) once for each task, thread < threads, in any order; answers the
 * failure of the lowest task that failed. Tasks behind a failure may be left out. Where no thread
 * can be started the caller's does it all.
 */
enum wf_status wf_parallel(unsigned threads, uint32_t tasks, void *ctx,
                           enum wf_status (*work)(void *ctx, unsigned thread, uint32_t task));

#endif
