/*
 * States of earlier formats:
 *
 *   2  it was not known whom the caps count what left for: the ledger had no `party`
 *   3  nor what was resumed, nor how members went through journeys; such blobs are just shorter
 *   4  the ledger was a table of a row an action, and an index over their ids
 *   5  of all members there were hashes only; those that are there stay so
 */
#include <string.h>

#include "lang/base/arena.h"
#include "runtime/store/sqlite_impl.h"

static const char ROWS[] =
    "SELECT action_id, run, member, rule, position, kind, name, channel, coupon, journey, step,"
    " gate, due, at, note, party FROM ledger_4 ORDER BY run, action_id";

/* Rows of one run on their way. */
struct moving {
    struct sqlite_store *s;
    struct wf_arena texts;
    struct wf_ledger_row *rows; /* WF_LEDGER_TOGETHER */
    size_t n;
};

static bool copy_text(struct moving *m, sqlite3_stmt *q, int column, struct wf_ledger_text *out)
{
    const void *text = sqlite3_column_blob(q, column);
    out->len = (size_t)sqlite3_column_bytes(q, column);
    out->text = wf_arena_copy(&m->texts, text ? text : "", out->len);
    return out->text != NULL;
}

static enum wf_status copy_row(struct moving *m, sqlite3_stmt *q)
{
    struct wf_ledger_row *row = &m->rows[m->n];
    struct wf_ledger_text gate,
        *texts[] = {&row->member,  &row->kind, &row->name, &row->channel, &row->coupon,
                    &row->journey, &row->step, &gate,      &row->note,    &row->party};
    static const int COLUMNS[] = {2, 5, 6, 7, 8, 9, 10, 11, 14, 15};
    *row = (struct wf_ledger_row){.run = sqlite3_column_int64(q, 1),
                                  .rule = (uint32_t)sqlite3_column_int64(q, 3),
                                  .position = (uint32_t)sqlite3_column_int64(q, 4),
                                  .due = sqlite3_column_int64(q, 12),
                                  .at = sqlite3_column_int64(q, 13)};
    for (size_t i = 0; i < sizeof(COLUMNS) / sizeof(*COLUMNS); i++)
        if (!copy_text(m, q, COLUMNS[i], texts[i]))
            return WF_ERR_NOMEM;
    row->gate = sqlite3_column_type(q, 11) == SQLITE_NULL ? NULL : gate.text;
    const void *id = sqlite3_column_blob(q, 0);
    if (!id || sqlite3_column_bytes(q, 0) != (int)sizeof(row->action_id))
        return WF_ERR_STATE;
    memcpy(row->action_id, id, sizeof(row->action_id));
    return WF_OK;
}

static enum wf_status put_rows(struct moving *m)
{
    int64_t run = m->n ? m->rows[0].run : 0;
    enum wf_status st = wf_sqlite_add_ledger(&m->s->base, run, m->rows, m->n);
    wf_arena_release(&m->texts);
    wf_arena_init(&m->texts, m->s->base.alloc);
    m->n = 0;
    return st;
}

static enum wf_status take_row(struct moving *m, sqlite3_stmt *q)
{
    enum wf_status st = WF_OK;
    if (m->n == WF_LEDGER_TOGETHER || (m->n && m->rows[0].run != sqlite3_column_int64(q, 1)))
        st = put_rows(m);
    if (st == WF_OK)
        st = copy_row(m, q);
    m->n += st == WF_OK;
    return st;
}

static enum wf_status move_rows(struct sqlite_store *s)
{
    struct moving m = {.s = s};
    sqlite3_stmt *q = NULL;
    wf_arena_init(&m.texts, s->base.alloc);
    m.rows = wf_calloc(s->base.alloc, WF_LEDGER_TOGETHER, sizeof(*m.rows));
    int rc = m.rows ? sqlite3_prepare_v2(s->db, ROWS, -1, &q, NULL) : SQLITE_NOMEM;
    enum wf_status st = rc == SQLITE_OK ? WF_OK : wf_sqlite_fail(s, rc);
    while (st == WF_OK && (rc = sqlite3_step(q)) == SQLITE_ROW)
        st = take_row(&m, q);
    if (st == WF_OK)
        st = wf_sqlite_fail(s, rc);
    if (st == WF_OK)
        st = put_rows(&m);
    sqlite3_finalize(q);
    wf_arena_release(&m.texts);
    wf_free(s->base.alloc, m.rows);
    return st;
}

static enum wf_status pack_ledger(struct sqlite_store *s, int64_t version)
{
    enum wf_status st = WF_OK;
    if (version < 3)
        st = wf_sqlite_execute(s, "ALTER TABLE ledger ADD COLUMN party BLOB");
    if (st == WF_OK)
        st = wf_sqlite_execute(s, "ALTER TABLE ledger RENAME TO ledger_4; " WF_SQLITE_LEDGER);
    if (st == WF_OK)
        st = move_rows(s);
    if (st == WF_OK)
        st = wf_sqlite_execute(s, "DROP TABLE ledger_4");
    return st;
}

enum wf_status wf_sqlite_upgrade(struct sqlite_store *s, int64_t version)
{
    enum wf_status st = s->base.ops->begin(&s->base);
    if (st == WF_OK && version < 5)
        st = pack_ledger(s, version);
    if (st == WF_OK)
        st = wf_sqlite_execute(s, "PRAGMA user_version=6");
    s->changed = true;
    return st == WF_OK ? s->base.ops->commit(&s->base) : st;
}
