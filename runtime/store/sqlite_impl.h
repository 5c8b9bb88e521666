/*
 * sqlite_impl.h - the inside of the SQLite keeper, shared by store_sqlite.c (rows) and store_file.c
 * (the file). Nothing else may include it.
 */
#ifndef WF_STORE_SQLITE_IMPL_H
#define WF_STORE_SQLITE_IMPL_H

#include <sqlite3.h>

#include "runtime/store/seal.h"

enum { WF_SQLITE_STATEMENTS = 32 };

struct sqlite_store {
    struct wf_store base;
    const char *path; /* borrowed */
    sqlite3 *db;
    int lock_fd;
    int64_t rows, rows_before; /* of the ledger: now, when the transaction began */
    bool changed;              /* since the last seal */
    int64_t newest;            /* the run whose row was put last */
    sqlite3_stmt *statements[WF_SQLITE_STATEMENTS]; /* prepared when first asked for */
};

extern const struct wf_store_ops wf_sqlite_ops;

/* The status of SQLite's answer; a failure is told to the store's `why`. */
enum wf_status wf_sqlite_fail(struct sqlite_store *s, int rc);

/* Statements that answer nothing. */
enum wf_status wf_sqlite_execute(struct sqlite_store *s, const char *sql);

#endif
