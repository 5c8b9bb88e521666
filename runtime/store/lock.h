/*
 * lock.h - the advisory lock of a state file: who holds it is the only run.
 */
#ifndef WF_STORE_LOCK_H
#define WF_STORE_LOCK_H

#include <sys/types.h>

#include "lang/base/buf.h"
#include "lang/base/status.h"

/*
 * Opens a regular file with more open(2) `flags` and locks it as long as *fd_out stays open.
 * WF_ERR_BUSY: another process has it. SQLite's own locks are of another kind; closing the
 * descriptor after SQLite's leaves them alone. `why` (may be NULL) receives a line about a failure.
 */
enum wf_status wf_state_lock(const char *path, int flags, int *fd_out, off_t *size_out,
                             struct wf_buf *why);

#endif
