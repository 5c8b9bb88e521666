/*
 * seal.h - one digest over all that a state holds, kept in the state itself.
 *
 * A rollback journal is a half of its database. If a file is taken away in the middle of a commit
 * without its journal, or a journal comes to lie beside another copy, SQLite may find every page in
 * order and the whole be a mixture of two nights: a run as published, the ledger without its rows.
 * So each transaction that changes anything ends with a new seal, and a state whose seal does not
 * fit is refused.
 *
 * The seal covers every rule, column and blob (but itself), the newest run's number and T, and what
 * the keeper says of the ledger: how many rows it ever had and, since format 5, a digest over them.
 */
#ifndef WF_STORE_SEAL_H
#define WF_STORE_SEAL_H

#include "runtime/store/store.h"

struct wf_seal {
    unsigned char fits[16]; /* what the store holds */
    unsigned char has[16];  /* the one it has; zeros: none, which fits an empty one */
};

/* `ledger`: the n (1 or 2) numbers above. */
enum wf_status wf_store_seal(struct wf_store *store, const int64_t *ledger, size_t n,
                             struct wf_seal *out);

#endif
