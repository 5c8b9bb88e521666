/*
 * claim.h - handing a published night to whoever carries it out: the oldest that nobody took yet,
 * its files proved to be what was published. It is handed out again until it is said to be done.
 */
#ifndef WF_RUN_CLAIM_H
#define WF_RUN_CLAIM_H

#include "runtime/data/json_text.h"
#include "runtime/run/fs.h"
#include "runtime/store/store.h"

/*
 * The oldest published night after `claimed` (a run's seq; 0: none was). Status NONE in *out: there
 * is none. The caller releases it with the store's allocator.
 */
enum wf_status wf_claim_next(struct wf_store *store, int64_t claimed, struct wf_run_row *out);

/* The run of that folder's name; status NONE: there is none. Released as above. */
enum wf_status wf_claim_find(struct wf_store *store, const char *folder, struct wf_run_row *out);

/*
 * Proves the folder, its marker and every file in it, and hands on the manifest's "outputs": the
 * caller's (json_decref). WF_ERR_STATE, in words, if something is gone or is not what was
 * published.
 */
enum wf_status wf_claim_prove(const struct wf_fs *fs, const char *out, const struct wf_run_row *run,
                              json_t **outputs_out, struct wf_buf *why);

#endif
