/*
 * The state as one SQLite file.
 *
 *   run     seq, t, status, rules, inputs, folder, manifest      one row a night
 *   rule    id, identity, born, first_t, floor, calendar_done
 *   column_ id, name, t
 *   blob    kind, owner, part, latest, bytes                     bulk state (store.h)
 *
 * The ledger is store_ledger.c's, the file itself store_file.c's.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/store/sqlite_impl.h"

#define STATEMENTS(X)                                                                              \
    X(RULES, "SELECT id, identity, born, first_t, floor, calendar_done FROM rule ORDER BY id")     \
    X(COLUMNS, "SELECT id, name, t FROM column_ ORDER BY id")                                      \
    X(BLOBS, "SELECT kind, owner, part, latest, bytes FROM blob ORDER BY kind, owner, part")       \
    X(LAST_RUN, "SELECT seq, t, status, rules, inputs, folder, manifest FROM run"                  \
                " ORDER BY seq DESC LIMIT 1")                                                      \
    X(RUNS, "SELECT seq, t, status, rules, inputs, folder, manifest FROM run ORDER BY seq")        \
    X(FIRST_RUN, "SELECT t FROM run ORDER BY seq LIMIT 1")                                         \
    X(PUT_RULE, "INSERT OR REPLACE INTO rule VALUES(?1, ?2, ?3, ?4, ?5, ?6)")                      \
    X(PUT_COLUMN, "INSERT OR REPLACE INTO column_ VALUES(?1, ?2, ?3)")                             \
    X(DROP_COLUMN, "DELETE FROM column_ WHERE id = ?1")                                            \
    X(PUT_BLOB, "INSERT OR REPLACE INTO blob VALUES(?1, ?2, ?3, ?4, ?5)")                          \
    X(DROP_BLOBS, "DELETE FROM blob WHERE kind = ?1 AND owner = ?2 AND (?3 OR latest < ?4)")       \
    X(PUT_RUN, "INSERT OR REPLACE INTO run VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")

enum statement {
#define X(name, sql) NAME_##name,
    STATEMENTS(X)
#undef X
        N_STATEMENTS
};
static_assert((int)N_STATEMENTS <= (int)WF_SQLITE_STATEMENTS, "room for every statement");

static const char *const SQL[N_STATEMENTS] = {
#define X(name, sql) [NAME_##name] = sql,
    STATEMENTS(X)
#undef X
};

/* What a new seal is needed after; a run's row only when it is a new one. */
static const bool CHANGES[N_STATEMENTS] = {
    [NAME_PUT_RULE] = true, [NAME_PUT_COLUMN] = true, [NAME_DROP_COLUMN] = true,
    [NAME_PUT_BLOB] = true, [NAME_DROP_BLOBS] = true,
};

static struct sqlite_store *of(struct wf_store *store)
{
    return (struct sqlite_store *)store;
}

sqlite3_stmt *wf_sqlite_prepare(struct sqlite_store *s, sqlite3_stmt **stmt, const char *sql,
                                enum wf_status *st)
{
    int rc = SQLITE_OK;
    if (!*stmt)
        rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    *st = wf_sqlite_fail(s, rc);
    return rc == SQLITE_OK ? *stmt : NULL;
}

static sqlite3_stmt *prepare(struct sqlite_store *s, enum statement which, enum wf_status *st)
{
    s->changed |= CHANGES[which];
    return wf_sqlite_prepare(s, &s->statements[which], SQL[which], st);
}

/* What a bind refused shows here too: nothing is left NULL that may be. */
enum wf_status wf_sqlite_finish(struct sqlite_store *s, sqlite3_stmt *stmt)
{
    enum wf_status st = wf_sqlite_fail(s, sqlite3_step(stmt));
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return st;
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    return text ? text : "";
}

static char *copy_at(sqlite3_stmt *stmt, int column, const struct wf_alloc *alloc)
{
    return wf_strdup(alloc, text_at(stmt, column));
}

/* ---- reading ---- */

/* What one query's rows go to. */
struct reader {
    const struct wf_alloc *alloc;
    void *fn_ctx, *out;
    union {
        wf_rule_fn *rule;
        wf_column_fn *column;
        wf_blob_fn *blob;
        wf_run_fn *run;
    } fn;
};

typedef enum wf_status row_fn(struct reader *reader, sqlite3_stmt *q);

static enum wf_status each_row(struct wf_store *store, enum statement which, row_fn *row,
                               struct reader *reader)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(of(store), which, &st);
    if (!q)
        return st;
    reader->alloc = store->alloc;
    int rc = SQLITE_ROW;
    while (st == WF_OK && (rc = sqlite3_step(q)) == SQLITE_ROW)
        st = row(reader, q);
    if (st == WF_OK)
        st = wf_sqlite_fail(of(store), rc);
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
    return st;
}

static enum wf_status rule_row(struct reader *reader, sqlite3_stmt *q)
{
    char *identity = copy_at(q, 1, reader->alloc), *born = copy_at(q, 2, reader->alloc);
    struct wf_rule_state rule = {.id = (uint32_t)sqlite3_column_int64(q, 0),
                                 .identity = identity,
                                 .born = born,
                                 .first_t = sqlite3_column_int64(q, 3),
                                 .floor = sqlite3_column_int64(q, 4),
                                 .calendar_done = sqlite3_column_int(q, 5)};
    enum wf_status st = identity && born ? reader->fn.rule(reader->fn_ctx, &rule) : WF_ERR_NOMEM;
    wf_free(reader->alloc, identity);
    wf_free(reader->alloc, born);
    return st;
}

static enum wf_status each_rule(struct wf_store *store, wf_rule_fn *fn, void *ctx)
{
    return each_row(store, NAME_RULES, rule_row, &(struct reader){.fn_ctx = ctx, .fn.rule = fn});
}

static enum wf_status column_row(struct reader *reader, sqlite3_stmt *q)
{
    char *name = copy_at(q, 1, reader->alloc);
    struct wf_column_state column = {
        .id = (uint32_t)sqlite3_column_int64(q, 0), .name = name, .t = sqlite3_column_int64(q, 2)};
    enum wf_status st = name ? reader->fn.column(reader->fn_ctx, &column) : WF_ERR_NOMEM;
    wf_free(reader->alloc, name);
    return st;
}

static enum wf_status each_column(struct wf_store *store, wf_column_fn *fn, void *ctx)
{
    return each_row(store, NAME_COLUMNS, column_row,
                    &(struct reader){.fn_ctx = ctx, .fn.column = fn});
}

static enum wf_status blob_row(struct reader *reader, sqlite3_stmt *q)
{
    const void *bytes = sqlite3_column_blob(q, 4);
    return reader->fn.blob(reader->fn_ctx, (enum wf_blob_kind)sqlite3_column_int(q, 0),
                           (uint32_t)sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2),
                           sqlite3_column_int64(q, 3), bytes ? bytes : "",
                           (size_t)sqlite3_column_bytes(q, 4));
}

static enum wf_status each_blob(struct wf_store *store, wf_blob_fn *fn, void *ctx)
{
    return each_row(store, NAME_BLOBS, blob_row, &(struct reader){.fn_ctx = ctx, .fn.blob = fn});
}

static enum wf_status run_row(struct reader *reader, sqlite3_stmt *q)
{
    struct wf_run_row *out = reader->out;
    *out = (struct wf_run_row){.seq = sqlite3_column_int64(q, 0),
                               .t = sqlite3_column_int64(q, 1),
                               .status = (enum wf_run_status)sqlite3_column_int(q, 2),
                               .rules = copy_at(q, 3, reader->alloc),
                               .inputs = copy_at(q, 4, reader->alloc),
                               .folder = copy_at(q, 5, reader->alloc),
                               .manifest = copy_at(q, 6, reader->alloc)};
    if (out->rules && out->inputs && out->folder && out->manifest)
        return WF_OK;
    wf_run_row_release(out, reader->alloc);
    return WF_ERR_NOMEM;
}

static enum wf_status last_run(struct wf_store *store, struct wf_run_row *out)
{
    *out = (struct wf_run_row){0};
    return each_row(store, NAME_LAST_RUN, run_row, &(struct reader){.out = out});
}

static enum wf_status any_run_row(struct reader *reader, sqlite3_stmt *q)
{
    struct wf_run_row run;
    struct reader one = {.alloc = reader->alloc, .out = &run};
    enum wf_status st = run_row(&one, q);
    if (st != WF_OK)
        return st;
    st = reader->fn.run(reader->fn_ctx, &run);
    wf_run_row_release(&run, reader->alloc);
    return st;
}

static enum wf_status each_run(struct wf_store *store, wf_run_fn *fn, void *ctx)
{
    return each_row(store, NAME_RUNS, any_run_row, &(struct reader){.fn_ctx = ctx, .fn.run = fn});
}

static enum wf_status time_row(struct reader *reader, sqlite3_stmt *q)
{
    *(int64_t *)reader->out = sqlite3_column_int64(q, 0);
    return WF_OK;
}

static enum wf_status first_run(struct wf_store *store, int64_t *t_out)
{
    return each_row(store, NAME_FIRST_RUN, time_row, &(struct reader){.out = t_out});
}

/* ---- writing ---- */

static enum wf_status begin(struct wf_store *store)
{
    return wf_sqlite_execute(of(store), "BEGIN IMMEDIATE");
}

enum { TOGETHER = 4 << 20 }; /* bytes of blobs that are sent to the disk at a time */

static enum wf_status put_blob(struct wf_store *store, enum wf_blob_kind kind, uint32_t owner,
                               int64_t part, int64_t latest, const void *bytes, size_t len);

static enum wf_status seal(struct sqlite_store *s)
{
    struct wf_seal seal;
    int64_t ledger[2];
    if (!s->changed)
        return WF_OK;
    enum wf_status st = wf_sqlite_ledger_sum(s, ledger);
    if (st == WF_OK)
        st = wf_store_seal(&s->base, ledger, 2, &s->sealed, &seal);
    if (st == WF_OK)
        st = put_blob(&s->base, WF_BLOB_SEAL, 0, 0, INT64_MAX, seal.fits, sizeof(seal.fits));
    s->changed = st != WF_OK;
    return st;
}

static enum wf_status commit(struct wf_store *store)
{
    enum wf_status st = seal(of(store));
    return st == WF_OK ? wf_sqlite_execute(of(store), "COMMIT") : st;
}

/* The disk begins to write what the file was given; nobody waits for it. */
static void send_off(struct sqlite_store *s)
{
#ifdef SYNC_FILE_RANGE_WRITE
    sync_file_range(s->lock_fd, 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
    s->unsent = 0;
}

/* Behind a synced journal, as pages are written when the cache is full. */
static enum wf_status flush(struct wf_store *store)
{
    struct sqlite_store *s = of(store);
    enum wf_status st = wf_sqlite_fail(s, sqlite3_db_cacheflush(s->db));
    send_off(s);
    return st;
}

/* A row put at the end of each table, and taken away: its last pages go into the journal. */
static const char TOUCH[] =
    "INSERT INTO run VALUES(4000000000000000000, 0, 0, '', '', '', '');"
    " DELETE FROM run WHERE seq = 4000000000000000000;"
    "INSERT INTO rule VALUES(NULL, '', '', 0, 0, 0); DELETE FROM rule WHERE identity = '';"
    "INSERT INTO column_ VALUES(NULL, '', 0); DELETE FROM column_ WHERE name = '';"
    "INSERT INTO blob VALUES(1000, 0, 0, 0, ''); DELETE FROM blob WHERE kind = 1000;"
    "INSERT INTO ledger VALUES(4000000000000000000, 0, 0, 0, 0, '', '', 0, '', '');"
    " DELETE FROM ledger WHERE run = 4000000000000000000;";

static enum wf_status prepare_night(struct wf_store *store)
{
    enum wf_status st = wf_sqlite_execute(of(store), TOUCH);
    return st == WF_OK ? flush(store) : st;
}

static enum wf_status ready(struct wf_store *store)
{
    struct sqlite_store *s = of(store);
    enum wf_status st = seal(s);
    if (st == WF_OK)
        st = flush(store);
    if (st == WF_OK && fdatasync(s->lock_fd) != 0) {
        wf_buf_addf(&store->why, "%s: %s", s->path, strerror(errno));
        st = WF_ERR_IO;
    }
    return st;
}

static void rollback(struct wf_store *store)
{
    of(store)->ledger.loaded = false;
    wf_sealed_forget(&of(store)->sealed);
    if (!sqlite3_get_autocommit(of(store)->db))
        sqlite3_exec(of(store)->db, "ROLLBACK", NULL, NULL, NULL);
}

static void bind_text(sqlite3_stmt *q, int at, const char *text)
{
    sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

static enum wf_status put_rule(struct wf_store *store, const struct wf_rule_state *rule)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(of(store), NAME_PUT_RULE, &st);
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, rule->id);
    bind_text(q, 2, rule->identity);
    bind_text(q, 3, rule->born);
    sqlite3_bind_int64(q, 4, rule->first_t);
    sqlite3_bind_int64(q, 5, rule->floor);
    sqlite3_bind_int(q, 6, rule->calendar_done);
    return wf_sqlite_finish(of(store), q);
}

static enum wf_status put_column(struct wf_store *store, const struct wf_column_state *column)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(of(store), NAME_PUT_COLUMN, &st);
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, column->id);
    bind_text(q, 2, column->name);
    sqlite3_bind_int64(q, 3, column->t);
    return wf_sqlite_finish(of(store), q);
}

static enum wf_status drop_blobs(struct wf_store *store, enum wf_blob_kind kind, uint32_t owner,
                                 bool all, int64_t before)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(of(store), NAME_DROP_BLOBS, &st);
    if (!q)
        return st;
    sqlite3_bind_int(q, 1, (int)kind);
    sqlite3_bind_int64(q, 2, owner);
    sqlite3_bind_int(q, 3, all);
    sqlite3_bind_int64(q, 4, before);
    wf_sealed_drop(&of(store)->sealed, kind, owner, all, before);
    return wf_sqlite_finish(of(store), q);
}

static enum wf_status drop_column(struct wf_store *store, uint32_t id)
{
    enum wf_status st = drop_blobs(store, WF_BLOB_YES, id, true, 0);
    if (st == WF_OK)
        st = drop_blobs(store, WF_BLOB_NO, id, true, 0);
    if (st == WF_OK)
        st = drop_blobs(store, WF_BLOB_KNOWN, id, true, 0);
    sqlite3_stmt *q = st == WF_OK ? prepare(of(store), NAME_DROP_COLUMN, &st) : NULL;
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, id);
    return wf_sqlite_finish(of(store), q);
}

static enum wf_status put_blob(struct wf_store *store, enum wf_blob_kind kind, uint32_t owner,
                               int64_t part, int64_t latest, const void *bytes, size_t len)
{
    enum wf_status st =
        wf_sealed_put(&of(store)->sealed, store->alloc, kind, owner, part, latest, bytes, len);
    sqlite3_stmt *q = st == WF_OK ? prepare(of(store), NAME_PUT_BLOB, &st) : NULL;
    if (!q)
        return st;
    sqlite3_bind_int(q, 1, (int)kind);
    sqlite3_bind_int64(q, 2, owner);
    sqlite3_bind_int64(q, 3, part);
    sqlite3_bind_int64(q, 4, latest);
    sqlite3_bind_blob64(q, 5, bytes, len, SQLITE_STATIC);
    st = wf_sqlite_finish(of(store), q);
    of(store)->unsent += len;
    if (of(store)->unsent >= TOGETHER)
        send_off(of(store));
    return st;
}

static enum wf_status put_run(struct wf_store *store, const struct wf_run_row *run)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(of(store), NAME_PUT_RUN, &st);
    if (!q)
        return st;
    of(store)->changed |= run->seq != of(store)->newest;
    of(store)->newest = run->seq;
    sqlite3_bind_int64(q, 1, run->seq);
    sqlite3_bind_int64(q, 2, run->t);
    sqlite3_bind_int(q, 3, (int)run->status);
    bind_text(q, 4, run->rules);
    bind_text(q, 5, run->inputs);
    bind_text(q, 6, run->folder);
    bind_text(q, 7, run->manifest);
    return wf_sqlite_finish(of(store), q);
}

/* ---- closing ---- */

static void close_store(struct wf_store *store)
{
    struct sqlite_store *s = of(store);
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    wf_sqlite_ledger_release(s);
    wf_sealed_release(&s->sealed, store->alloc);
    sqlite3_close(s->db);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    wf_buf_release(&store->why);
    wf_free(store->alloc, s);
}

const struct wf_store_ops wf_sqlite_ops = {
    .close = close_store,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .prepare = prepare_night,
    .flush = flush,
    .ready = ready,
    .each_rule = each_rule,
    .each_column = each_column,
    .each_blob = each_blob,
    .last_run = last_run,
    .first_run = first_run,
    .put_rule = put_rule,
    .put_column = put_column,
    .drop_column = drop_column,
    .put_blob = put_blob,
    .drop_blobs = drop_blobs,
    .put_run = put_run,
    .add_ledger = wf_sqlite_add_ledger,
    .forget_ledger = wf_sqlite_forget_ledger,
    .forgotten = wf_sqlite_forgotten,
    .each_sent = wf_sqlite_each_sent,
    .each_of = wf_sqlite_each_of,
    .of_action = wf_sqlite_of_action,
    .each_run = each_run,
    .each_count = wf_sqlite_each_count,
    .count_ledger = wf_sqlite_count_ledger,
};
