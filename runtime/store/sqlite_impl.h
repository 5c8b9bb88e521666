/*
 * sqlite_impl.h - the inside of the SQLite keeper, shared by store_sqlite.c (rows and blobs),
 * store_ledger.c and store_file.c (the file). Nothing else may include it.
 */
#ifndef WF_STORE_SQLITE_IMPL_H
#define WF_STORE_SQLITE_IMPL_H

#include <sqlite3.h>

#include "runtime/store/pack.h"
#include "runtime/store/seal.h"

enum { WF_SQLITE_STATEMENTS = 32 };

/* Some rows of a run whose ids follow each other, as the file has them. No padding: it is hashed.
 */
struct wf_ledger_part {
    int64_t run, part;               /* from 1; from 0 */
    int64_t sent, stopped;           /* rows */
    int64_t latest;                  /* `at` of what was sent, INT64_MIN: nothing was */
    unsigned char low[16], high[16]; /* its first and its last id */
    int64_t hash;                    /* of its bytes */
};

enum wf_sqlite_ledger_statement {
    WF_SQLITE_PARTS,
    WF_SQLITE_GET_PART,
    WF_SQLITE_PUT_PART,
    WF_SQLITE_DROP_PART,
    WF_SQLITE_FIRST_KEPT,
    WF_SQLITE_FORGET_INPUTS,
    WF_SQLITE_LEDGER_STATEMENTS
};

struct sqlite_ledger {
    struct wf_ledger_part *parts; /* by run, then part */
    size_t n, room;
    bool loaded;
    struct wf_packer packer;
    struct wf_unpacker unpacker;
    sqlite3_stmt *statements[WF_SQLITE_LEDGER_STATEMENTS];
};

struct sqlite_store {
    struct wf_store base;
    const char *path; /* borrowed */
    sqlite3 *db;
    int lock_fd;
    bool changed;   /* since the last seal */
    int64_t newest; /* the run whose row was put last */
    size_t unsent;  /* bytes of blobs since the disk was last told to write */
    struct wf_sealed sealed;
    struct sqlite_ledger ledger;
    sqlite3_stmt *statements[WF_SQLITE_STATEMENTS]; /* prepared when first asked for */
};

extern const struct wf_store_ops wf_sqlite_ops;

/* The status of SQLite's answer; a failure is told to the store's `why`. */
enum wf_status wf_sqlite_fail(struct sqlite_store *s, int rc);

/* A statement, prepared when it is first asked for, ready to be bound; NULL after a failure, which
 * *st then holds. */
sqlite3_stmt *wf_sqlite_prepare(struct sqlite_store *s, sqlite3_stmt **stmt, const char *sql,
                                enum wf_status *st);

/* Ends a statement that returns no rows. */
enum wf_status wf_sqlite_finish(struct sqlite_store *s, sqlite3_stmt *stmt);

/* Statements that answer nothing. */
enum wf_status wf_sqlite_execute(struct sqlite_store *s, const char *sql);

/* ---- the ledger ---- */

#define WF_SQLITE_LEDGER                                                                           \
    "CREATE TABLE ledger(run INTEGER NOT NULL, part INTEGER NOT NULL, sent INTEGER NOT NULL,"      \
    " stopped INTEGER NOT NULL, latest INTEGER NOT NULL, low BLOB NOT NULL, high BLOB NOT NULL,"   \
    " hash INTEGER NOT NULL, ids BLOB NOT NULL, packed BLOB NOT NULL, PRIMARY KEY(run, part));"

void wf_sqlite_ledger_init(struct sqlite_store *s);
void wf_sqlite_ledger_release(struct sqlite_store *s);

/* How many rows there are or were, and a digest over all of them: for the seal. */
enum wf_status wf_sqlite_ledger_sum(struct sqlite_store *s, int64_t out[2]);

/* What an earlier format wrote becomes a state of format 5, or stays what it was. */
enum wf_status wf_sqlite_upgrade(struct sqlite_store *s, int64_t version);

/* As in store.h. */
enum wf_status wf_sqlite_add_ledger(struct wf_store *store, int64_t seq,
                                    const struct wf_ledger_row *rows, size_t n);
enum wf_status wf_sqlite_forget_ledger(struct wf_store *store, int64_t t);
enum wf_status wf_sqlite_forgotten(struct wf_store *store, struct wf_forgotten *out);
enum wf_status wf_sqlite_each_sent(struct wf_store *store, int64_t since, wf_ledger_fn *fn,
                                   void *ctx);
enum wf_status wf_sqlite_each_of(struct wf_store *store, const char *member, size_t len,
                                 wf_ledger_fn *fn, void *ctx);
enum wf_status wf_sqlite_of_action(struct wf_store *store, const unsigned char action_id[16],
                                   wf_ledger_fn *fn, void *ctx);
enum wf_status wf_sqlite_each_count(struct wf_store *store, wf_count_fn *fn, void *ctx);
enum wf_status wf_sqlite_count_ledger(struct wf_store *store, uint64_t counts_out[2]);

#endif
