/*
 * mem_ledger.h - the ledger of a state in memory (store_mem.c): it only grows, but for rows of what
 * was stopped for now, which give way.
 *
 * Between `before` set to the number of rows and commit or rollback, what gives way is kept.
 */
#ifndef WF_STORE_MEM_LEDGER_H
#define WF_STORE_MEM_LEDGER_H

#include "runtime/store/store.h"

/* A row and its texts in one block. */
struct wf_mem_row {
    struct wf_ledger_row row; /* its texts point into `texts` */
    char *texts;
};

/* A row that gave way in the transaction that is open. */
struct wf_mem_undo {
    size_t at;
    struct wf_mem_row old;
};

/* Rows in the order they came; slots: an open hash table over their ids (0: free, else row + 1). */
struct wf_mem_ledger {
    struct wf_mem_row *rows;
    struct wf_mem_undo *undo;
    uint32_t *slots;
    size_t n, room, n_undo, room_undo, n_slots;
    size_t before; /* rows that were there when the transaction began */
};

/* A copy of a row. WF_ERR_INTERNAL: an action of that id is there, and does not give way. */
enum wf_status wf_mem_ledger_add(struct wf_mem_ledger *ledger, const struct wf_ledger_row *row,
                                 const struct wf_alloc *alloc);
/* The row of an action; NULL: there is none. */
const struct wf_mem_row *wf_mem_ledger_find(const struct wf_mem_ledger *ledger,
                                            const unsigned char id[16]);
void wf_mem_ledger_commit(struct wf_mem_ledger *ledger, const struct wf_alloc *alloc);
void wf_mem_ledger_rollback(struct wf_mem_ledger *ledger, const struct wf_alloc *alloc);
void wf_mem_ledger_release(struct wf_mem_ledger *ledger, const struct wf_alloc *alloc);

#endif
