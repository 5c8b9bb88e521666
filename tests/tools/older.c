#include "tests/tools/older.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <xxhash.h>

#include "runtime/store/seal.h"

static const char TABLE[] =
    "DROP TABLE ledger;"
    "CREATE TABLE ledger(action_id BLOB NOT NULL, run INTEGER NOT NULL,"
    " member TEXT NOT NULL, rule INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,"
    " name TEXT NOT NULL, channel TEXT NOT NULL, coupon TEXT NOT NULL, journey TEXT NOT NULL,"
    " step TEXT NOT NULL, gate TEXT, due INTEGER NOT NULL, at INTEGER NOT NULL,"
    " note TEXT NOT NULL, party BLOB, PRIMARY KEY(run, action_id)) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX ledger_id ON ledger(action_id);";

/* What the statements that make the older state are gathered from. */
struct older {
    struct wf_buf sql;
    int64_t rows;
};

static void add_hex(struct wf_buf *sql, struct wf_ledger_text bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        wf_buf_addf(sql, "%02x", (unsigned char)bytes.text[i]);
}

static void add_text(struct wf_buf *sql, struct wf_ledger_text text)
{
    wf_buf_adds(sql, ",CAST(x'");
    add_hex(sql, text);
    wf_buf_adds(sql, "' AS TEXT)");
}

static enum wf_status add_row(void *ctx, const struct wf_ledger_row *row)
{
    struct older *older = ctx;
    struct wf_buf *sql = &older->sql;
    older->rows++;
    wf_buf_adds(sql, "INSERT INTO ledger VALUES(x'");
    add_hex(sql, (struct wf_ledger_text){(const char *)row->action_id, sizeof(row->action_id)});
    wf_buf_addf(sql, "',%lld", (long long)row->run);
    add_text(sql, row->member);
    wf_buf_addf(sql, ",%u,%u", row->rule, row->position);
    add_text(sql, row->kind);
    add_text(sql, row->name);
    add_text(sql, row->channel);
    add_text(sql, row->coupon);
    add_text(sql, row->journey);
    add_text(sql, row->step);
    if (row->gate)
        wf_buf_addf(sql, ",'%s'", row->gate);
    else
        wf_buf_adds(sql, ",NULL");
    wf_buf_addf(sql, ",%lld,%lld", (long long)row->due, (long long)row->at);
    add_text(sql, row->note);
    wf_buf_adds(sql, row->party.len ? ",x'" : ",NULL);");
    add_hex(sql, row->party);
    wf_buf_adds(sql, row->party.len ? "');" : "");
    return WF_OK;
}

/* ---- members, by their hashes alone ---- */

static void add_hash(const struct wf_members *members, const struct wf_id_span *span, size_t at,
                     struct wf_buf *out)
{
    char id[WF_ID_PREFIX + WF_ID_DIGITS + 1];
    XXH128_canonical_t hash;
    if (span->form == WF_HASHED) {
        wf_buf_add(out, &members->hashes[span->number + at], sizeof(*members->hashes));
        return;
    }
    const struct wf_id_form *form = &members->forms[span->form];
    int len = snprintf(id, sizeof(id), "%.*s%0*" PRIu64, form->len, form->prefix, form->digits,
                       span->number + at);
    XXH128_canonicalFromHash(&hash, XXH3_128bits(id, (size_t)len));
    wf_buf_add(out, &hash, sizeof(hash));
}

static enum wf_status put_hashes(struct wf_store *store, const struct wf_members *members)
{
    struct wf_buf hashes;
    size_t span = 0;
    enum wf_status st = store->ops->drop_blobs(store, WF_BLOB_IDS, WF_IDS_AS_WRITTEN, true, 0);
    wf_buf_init(&hashes, NULL, 0);
    for (size_t i = 0; st == WF_OK && i < members->n; i++) {
        span += span + 1 < members->n_spans && members->spans[span + 1].ordinal == i;
        add_hash(members, &members->spans[span], i - members->spans[span].ordinal, &hashes);
        if ((i + 1) % WF_STORE_IDS != 0 && i + 1 < members->n)
            continue;
        st = store->ops->put_blob(store, WF_BLOB_IDS, WF_IDS_AS_HASHES, (int64_t)(i / WF_STORE_IDS),
                                  INT64_MAX, hashes.data, hashes.len);
        wf_buf_reset(&hashes);
    }
    wf_buf_release(&hashes);
    return st;
}

static bool hash_members(const char *path)
{
    struct wf_store *store = NULL;
    struct wf_state state;
    if (wf_store_open(path, NULL, &store, NULL) != WF_OK)
        return false;
    wf_state_init(&state, NULL);
    enum wf_status st = wf_store_load(store, &state);
    if (st == WF_OK)
        st = store->ops->begin(store);
    if (st == WF_OK)
        st = put_hashes(store, &state.members);
    if (st == WF_OK)
        st = store->ops->commit(store);
    wf_state_release(&state);
    wf_store_close(store);
    return st == WF_OK;
}

/* ---- the ledger, row by row ---- */

/* The ledger as rows, and the seal as it was made of them: their number only. */
static bool gather(const char *path, struct older *older)
{
    struct wf_store *store = NULL;
    struct wf_sealed sealed = {0};
    struct wf_seal seal;
    if (wf_store_open(path, NULL, &store, NULL) != WF_OK)
        return false;
    bool done = store->ops->each_of(store, NULL, 0, add_row, older) == WF_OK &&
                wf_store_seal(store, &older->rows, 1, &sealed, &seal) == WF_OK;
    wf_sealed_release(&sealed, store->alloc);
    wf_store_close(store);
    wf_buf_addf(&older->sql, "UPDATE blob SET bytes = x'");
    add_hex(&older->sql, (struct wf_ledger_text){(const char *)seal.fits, sizeof(seal.fits)});
    wf_buf_addf(&older->sql, "' WHERE kind = %d;", (int)WF_BLOB_SEAL);
    return done;
}

bool make_older(const char *path, int format)
{
    struct older older = {.rows = 0};
    sqlite3 *db = NULL;
    bool done = hash_members(path);
    wf_buf_init(&older.sql, NULL, 0);
    wf_buf_addf(&older.sql, "BEGIN; %s", format < 5 ? TABLE : "");
    if (done && format < 5)
        done = gather(path, &older);
    if (format < 3)
        wf_buf_adds(&older.sql, "ALTER TABLE ledger DROP COLUMN party;");
    wf_buf_addf(&older.sql, "PRAGMA user_version = %d; COMMIT", format);
    done = done && !older.sql.failed && sqlite3_open(path, &db) == SQLITE_OK &&
           sqlite3_exec(db, wf_buf_str(&older.sql), NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    wf_buf_release(&older.sql);
    return done;
}
