/*
 * simulate_copy.h - a state copied into memory, to be run ahead.
 */
#ifndef WF_RUN_SIMULATE_COPY_H
#define WF_RUN_SIMULATE_COPY_H

#include "runtime/store/store.h"

/* `state` is what the store holds. The copy is the caller's to close, also where this fails and
 * *to_out is not NULL. */
enum wf_status wf_simulate_copy(struct wf_store *from, const struct wf_state *state,
                                const struct wf_alloc *alloc, struct wf_store **to_out);

#endif
