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

/* A blob by its hash. */
struct wf_sealed_blob {
    int64_t kind, owner, part, latest;
    uint64_t low, high;
};

/* The blobs that a store holds, by kind, owner and part: a seal reads them once, and whoever keeps
 * this up to date none again. All zeros to begin with. */
struct wf_sealed {
    struct wf_sealed_blob *items;
    size_t n, room;
    bool whole; /* all of them are here; else a seal reads them */
};
void wf_sealed_release(struct wf_sealed *sealed, const struct wf_alloc *alloc);

/* As a store's put_blob and drop_blobs did; nothing as long as it is not whole. */
enum wf_status wf_sealed_put(struct wf_sealed *sealed, const struct wf_alloc *alloc,
                             enum wf_blob_kind kind, uint32_t owner, int64_t part, int64_t latest,
                             const void *bytes, size_t len);
void wf_sealed_drop(struct wf_sealed *sealed, enum wf_blob_kind kind, uint32_t owner, bool all,
                    int64_t before);
/* What was done since is not so: the next seal reads again. */
void wf_sealed_forget(struct wf_sealed *sealed);

/* `ledger`: the n (1 or 2) numbers above. `has` is filled in when the blobs are read. */
enum wf_status wf_store_seal(struct wf_store *store, const int64_t *ledger, size_t n,
                             struct wf_sealed *sealed, struct wf_seal *out);

#endif
