/*
 * The state's file: made, opened, proved.
 *
 * A commit must survive a power cut once its files went out: rollback journal, synchronous=EXTRA.
 * An flock on the file keeps a second run out before SQLite is even asked.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/words.h"
#include "runtime/store/lock.h"
#include "runtime/store/sqlite_impl.h"

enum { APPLICATION_ID = 0x57465354 /* "WFST" */, FORMAT = 6, OLDEST = 2 };

static const char SCHEMA[] =
    "CREATE TABLE run(seq INTEGER PRIMARY KEY, t INTEGER NOT NULL, status INTEGER NOT NULL,"
    " rules TEXT NOT NULL, inputs TEXT NOT NULL, folder TEXT NOT NULL, manifest TEXT NOT NULL);"
    "CREATE TABLE rule(id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, born TEXT NOT NULL,"
    " first_t INTEGER NOT NULL, floor INTEGER NOT NULL, calendar_done INTEGER NOT NULL);"
    "CREATE TABLE column_(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, t INTEGER NOT NULL);"
    "CREATE TABLE blob(kind INTEGER NOT NULL, owner INTEGER NOT NULL, part INTEGER NOT NULL,"
    " latest INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(kind, owner, "
    "part));" WF_SQLITE_LEDGER;

static enum wf_status status_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return WF_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return WF_ERR_BUSY;
    case SQLITE_NOMEM: return WF_ERR_NOMEM;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH: return WF_ERR_PERM;
    case SQLITE_NOTADB: return WF_ERR_STATE;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_INTERNAL: return WF_ERR_INTERNAL;
    default: return WF_ERR_IO; /* I/O, full disk, damaged pages */
    }
}

enum wf_status wf_sqlite_fail(struct sqlite_store *s, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE && rc != SQLITE_ROW)
        wf_buf_addf(&s->base.why, "%s: %s", s->path, sqlite3_errmsg(s->db));
    return status_of(rc);
}

enum wf_status wf_sqlite_execute(struct sqlite_store *s, const char *sql)
{
    return wf_sqlite_fail(s, sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

static enum wf_status say(struct wf_buf *why, enum wf_status st, const char *path, const char *text)
{
    if (why)
        wf_buf_addf(why, "%s: %s", path, wf_word(text));
    return st;
}

enum { NEW = 1 << 20 }; /* bytes: less holds no night yet, or a small one */

/* What a night adds is not looked at again: a new state is written through few pages, for memory
 * costs time when it is touched first. What was there before is read, and then written over. */
static enum wf_status open_database(struct sqlite_store *s, const char *path, off_t size)
{
    int rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return say(&s->base.why, status_of(rc), path, s->db ? sqlite3_errmsg(s->db) : "no memory");
    sqlite3_extended_result_codes(s->db, 1);
    enum wf_status st =
        wf_sqlite_execute(s, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE;"
                             "PRAGMA synchronous=EXTRA; PRAGMA cache_size=-8192;"
                             "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF");
    return st == WF_OK && size < NEW ? wf_sqlite_execute(s, "PRAGMA cache_size=-2048") : st;
}

static enum wf_status number_of(struct sqlite_store *s, const char *sql, int64_t *out)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(q, 0);
    enum wf_status st = wf_sqlite_fail(s, rc);
    sqlite3_finalize(q);
    return st;
}

static const char EMPTY[] = N_("an empty file is no state; `wayfare init` makes one");

/* A database with nothing in it: an `init` that was cut short leaves one. */
static enum wf_status is_blank(struct sqlite_store *s, bool *blank_out)
{
    int64_t things = 0;
    enum wf_status st = number_of(s, "SELECT count(*) FROM sqlite_master", &things);
    *blank_out = st == WF_OK && things == 0;
    return st;
}

static enum wf_status check_database(struct sqlite_store *s, const char *path, int64_t *version_out)
{
    int64_t application = 0;
    enum wf_status st = number_of(s, "PRAGMA application_id", &application);
    if (st == WF_OK)
        st = number_of(s, "PRAGMA user_version", version_out);
    if (st != WF_OK)
        return st;
    bool blank = false;
    if (application != APPLICATION_ID && (st = is_blank(s, &blank)) != WF_OK)
        return st;
    if (blank)
        return say(&s->base.why, WF_ERR_STATE, path, EMPTY);
    if (application != APPLICATION_ID)
        return say(&s->base.why, WF_ERR_STATE, path, N_("not a state of Wayfare"));
    if (*version_out < OLDEST || *version_out > FORMAT)
        return say(&s->base.why, WF_ERR_STATE, path, N_("a state of another version of Wayfare"));
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &q, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(q);
    st = wf_sqlite_fail(s, rc);
    const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(q, 0) : NULL;
    if (st == WF_OK && !said)
        st = WF_ERR_NOMEM;
    if (st == WF_OK && strcmp(said, "ok") != 0)
        st = say(&s->base.why, WF_ERR_IO, path, N_("the state is damaged; restore a copy"));
    sqlite3_finalize(q);
    return st;
}

/* What the seal knows of a ledger before format 5: its rows, which its index must know too. */
static enum wf_status count_old_ledger(struct sqlite_store *s, int64_t *rows_out)
{
    int64_t named = 0;
    enum wf_status st = number_of(s, "SELECT count(*) FROM ledger NOT INDEXED", rows_out);
    if (st == WF_OK)
        st = number_of(s, "SELECT count(*) FROM ledger INDEXED BY ledger_id", &named);
    if (st == WF_OK && *rows_out != named)
        *rows_out = -1;
    return st;
}

/* One that SQLite played back begins with zeros, or is gone. */
static bool has_journal(const char *path)
{
    struct wf_buf name;
    char first = 0;
    wf_buf_init(&name, NULL, 0);
    wf_buf_addf(&name, "%s-journal", path);
    int fd = name.failed ? -1 : open(wf_buf_str(&name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool there = fd >= 0 && read(fd, &first, 1) == 1 && first != 0;
    if (fd >= 0)
        close(fd);
    wf_buf_release(&name);
    return there;
}

/* The parts of the state belong together, and its pages can be written. */
static enum wf_status check_whole(struct sqlite_store *s, const char *path, int64_t version)
{
    struct wf_seal seal;
    int64_t ledger[2];
    bool old = version < 5;
    if (sqlite3_db_readonly(s->db, "main"))
        return say(&s->base.why, WF_ERR_IO, path,
                   N_("damaged, or it cannot be opened for writing"));
    enum wf_status st = old ? count_old_ledger(s, ledger) : wf_sqlite_ledger_sum(s, ledger);
    if (st == WF_OK)
        st = wf_store_seal(&s->base, ledger, old ? 1 : 2, &s->sealed, &seal);
    bool fits = st != WF_OK || memcmp(seal.fits, seal.has, sizeof(seal.fits)) == 0;
    if (!fits && has_journal(path))
        st = say(&s->base.why, WF_ERR_IO, path, N_("its journal lies there, but was not read"));
    else if (!fits)
        st = say(&s->base.why, WF_ERR_STATE, path,
                 N_("a mixture of two nights: it was copied during a run, or lies beside a journal "
                    "that is not its own; restore a whole copy"));
    s->changed = false;
    return st;
}

enum wf_status wf_store_open(const char *path, const struct wf_alloc *alloc, struct wf_store **out,
                             struct wf_buf *why)
{
    off_t size = 0;
    int64_t version = 0;
    struct sqlite_store *s = wf_calloc(alloc, 1, sizeof(*s));
    if (!s)
        return WF_ERR_NOMEM;
    s->base = (struct wf_store){.ops = &wf_sqlite_ops, .alloc = alloc};
    s->path = path;
    s->lock_fd = -1;
    wf_buf_init(&s->base.why, alloc, 0);
    wf_sqlite_ledger_init(s);
    enum wf_status st = wf_state_lock(path, 0, &s->lock_fd, &size, &s->base.why);
    if (st == WF_OK && size == 0)
        st = say(&s->base.why, WF_ERR_STATE, path, EMPTY);
    if (st == WF_OK)
        st = open_database(s, path, size);
    if (st == WF_OK)
        st = check_database(s, path, &version);
    if (st == WF_OK)
        st = check_whole(s, path, version);
    if (st == WF_OK && version < FORMAT)
        st = wf_sqlite_upgrade(s, version);
    if (st == WF_OK) {
        *out = &s->base;
        return WF_OK;
    }
    if (why)
        wf_buf_add(why, wf_buf_str(&s->base.why), s->base.why.len);
    wf_sqlite_ops.close(&s->base);
    return st;
}

enum wf_status wf_store_create(const char *path, struct wf_buf *why)
{
    off_t size = 0;
    struct sqlite_store s = {.base = {.ops = &wf_sqlite_ops}, .path = path, .lock_fd = -1};
    wf_buf_init(&s.base.why, NULL, 0);
    enum wf_status st = wf_state_lock(path, O_CREAT, &s.lock_fd, &size, &s.base.why);
    bool blank = size == 0;
    if (st == WF_OK)
        st = open_database(&s, path, size);
    if (st == WF_OK && !blank)
        st = is_blank(&s, &blank);
    if (!blank && (st == WF_OK || st == WF_ERR_STATE)) {
        wf_buf_reset(&s.base.why);
        st = say(&s.base.why, WF_ERR_STATE, path,
                 N_("exists already; a state is never overwritten"));
    }
    if (st == WF_OK)
        st = wf_sqlite_execute(&s, "PRAGMA page_size=16384; BEGIN EXCLUSIVE");
    if (st == WF_OK)
        st = wf_sqlite_execute(&s, SCHEMA);
    if (st == WF_OK) {
        struct wf_buf sql;
        wf_buf_init(&sql, NULL, 0);
        wf_buf_addf(&sql, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
                    APPLICATION_ID, FORMAT);
        st = sql.failed ? WF_ERR_NOMEM : wf_sqlite_execute(&s, wf_buf_str(&sql));
        wf_buf_release(&sql);
    }
    if (why)
        wf_buf_add(why, wf_buf_str(&s.base.why), s.base.why.len);
    sqlite3_close(s.db);
    if (s.lock_fd >= 0)
        close(s.lock_fd);
    wf_buf_release(&s.base.why);
    return st;
}
