/*
 * The ledger of a state file: parts of packed rows (pack.h), and a directory of them in memory.
 *
 *   ledger  run, part, sent, stopped, latest, low, high, hash, ids, packed
 *
 * The ids of a run ascend from part to part, so a new part is held against the ids of just those
 * parts whose ids span its own: no id is in the ledger twice. One tree over all ids would be
 * written all over every night, for ids are hashes. Parts of run 0 hold no rows: they count what
 * was forgotten.
 */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/store/sqlite_impl.h"

enum { ID = 16 };

static const char *const SQL[WF_SQLITE_LEDGER_STATEMENTS] = {
    [WF_SQLITE_PARTS] = "SELECT run, part, sent, stopped, latest, low, high, hash FROM ledger"
                        " ORDER BY run, part",
    [WF_SQLITE_GET_PART] = "SELECT ids, packed FROM ledger WHERE run = ?1 AND part = ?2",
    [WF_SQLITE_PUT_PART] = "INSERT OR REPLACE INTO ledger"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [WF_SQLITE_DROP_PART] = "DELETE FROM ledger WHERE run = ?1 AND part = ?2",
    [WF_SQLITE_FIRST_KEPT] = "SELECT coalesce(max(seq), 0) + 1 FROM run WHERE t < ?1",
    [WF_SQLITE_FORGET_INPUTS] = "UPDATE run SET inputs = '' WHERE seq < ?1 AND inputs <> ''",
};

static struct sqlite_store *of(struct wf_store *store)
{
    return (struct sqlite_store *)store;
}

static sqlite3_stmt *prepare(struct sqlite_store *s, enum wf_sqlite_ledger_statement which,
                             enum wf_status *st)
{
    return wf_sqlite_prepare(s, &s->ledger.statements[which], SQL[which], st);
}

void wf_sqlite_ledger_init(struct sqlite_store *s)
{
    wf_packer_init(&s->ledger.packer, s->base.alloc);
    wf_unpacker_init(&s->ledger.unpacker, s->base.alloc);
}

void wf_sqlite_ledger_release(struct sqlite_store *s)
{
    for (int i = 0; i < WF_SQLITE_LEDGER_STATEMENTS; i++)
        sqlite3_finalize(s->ledger.statements[i]);
    wf_packer_release(&s->ledger.packer);
    wf_unpacker_release(&s->ledger.unpacker);
    wf_free(s->base.alloc, s->ledger.parts);
}

/* ---- the directory ---- */

static enum wf_status damaged(struct sqlite_store *s, int64_t run)
{
    wf_say(&s->base.why, "%s: the ledger of run %lld is damaged", s->path, (long long)run);
    return WF_ERR_STATE;
}

static bool copy_id(sqlite3_stmt *q, int column, unsigned char out[ID])
{
    const void *id = sqlite3_column_blob(q, column);
    if (id && sqlite3_column_bytes(q, column) == ID)
        memcpy(out, id, ID);
    return id != NULL;
}

static enum wf_status take_part(struct sqlite_store *s, sqlite3_stmt *q)
{
    struct sqlite_ledger *l = &s->ledger;
    struct wf_ledger_part part = {.run = sqlite3_column_int64(q, 0),
                                  .part = sqlite3_column_int64(q, 1),
                                  .sent = sqlite3_column_int64(q, 2),
                                  .stopped = sqlite3_column_int64(q, 3),
                                  .latest = sqlite3_column_int64(q, 4),
                                  .hash = sqlite3_column_int64(q, 7)};
    if (!copy_id(q, 5, part.low) || !copy_id(q, 6, part.high))
        return WF_ERR_NOMEM;
    if (wf_grow(s->base.alloc, &l->parts, &l->room, l->n + 1, sizeof(part)) != 0)
        return WF_ERR_NOMEM;
    l->parts[l->n++] = part;
    return WF_OK;
}

/* What a transaction did to the directory is read anew when it was rolled back. */
static enum wf_status load(struct sqlite_store *s)
{
    enum wf_status st;
    if (s->ledger.loaded)
        return WF_OK;
    sqlite3_stmt *q = prepare(s, WF_SQLITE_PARTS, &st);
    if (!q)
        return st;
    s->ledger.n = 0;
    int rc = SQLITE_ROW;
    while (st == WF_OK && (rc = sqlite3_step(q)) == SQLITE_ROW)
        st = take_part(s, q);
    if (st == WF_OK)
        st = wf_sqlite_fail(s, rc);
    sqlite3_reset(q);
    s->ledger.loaded = st == WF_OK;
    return st;
}

enum wf_status wf_sqlite_ledger_sum(struct sqlite_store *s, int64_t out[2])
{
    const struct sqlite_ledger *l = &s->ledger;
    enum wf_status st = load(s);
    out[0] = 0;
    for (size_t i = 0; st == WF_OK && i < l->n; i++)
        out[0] += l->parts[i].sent + l->parts[i].stopped;
    out[1] = st == WF_OK && l->n ? (int64_t)XXH3_64bits(l->parts, l->n * sizeof(*l->parts)) : 0;
    return st;
}

/* ---- parts ---- */

static uint64_t hash_of(const void *ids, size_t len_ids, const void *packed, size_t len)
{
    return XXH3_64bits_withSeed(packed, len, XXH3_64bits(ids, len_ids));
}

typedef enum wf_status bytes_fn(void *ctx, const unsigned char *ids, size_t len_ids,
                                const void *packed, size_t len_packed);

/* Hands the bytes of a part to a function, once they proved to be what was put there. */
static enum wf_status with_bytes(struct sqlite_store *s, const struct wf_ledger_part *part,
                                 bytes_fn *fn, void *ctx)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(s, WF_SQLITE_GET_PART, &st);
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, part->run);
    sqlite3_bind_int64(q, 2, part->part);
    int rc = sqlite3_step(q);
    st = rc == SQLITE_DONE ? damaged(s, part->run) : wf_sqlite_fail(s, rc);
    if (st == WF_OK) {
        const void *ids = sqlite3_column_blob(q, 0), *packed = sqlite3_column_blob(q, 1);
        size_t len_ids = (size_t)sqlite3_column_bytes(q, 0);
        size_t len = (size_t)sqlite3_column_bytes(q, 1);
        if (!ids || !packed)
            st = WF_ERR_NOMEM;
        else if (hash_of(ids, len_ids, packed, len) != (uint64_t)part->hash)
            st = damaged(s, part->run);
        else
            st = fn(ctx, ids, len_ids, packed, len);
    }
    sqlite3_reset(q);
    return st;
}

static enum wf_status unpack(void *ctx, const unsigned char *ids, size_t len_ids,
                             const void *packed, size_t len_packed)
{
    return wf_unpack(ctx, ids, len_ids, packed, len_packed);
}

/* The rows of a part, in the store's unpacker. */
static enum wf_status open_part(struct sqlite_store *s, const struct wf_ledger_part *part)
{
    struct wf_unpacker *u = &s->ledger.unpacker;
    enum wf_status st = with_bytes(s, part, unpack, u);
    if (st == WF_ERR_STATE && s->base.why.len == 0)
        return damaged(s, part->run);
    for (size_t i = 0; st == WF_OK && i < u->n; i++)
        u->rows[i].run = part->run;
    return st;
}

static enum wf_status drop_part(struct sqlite_store *s, const struct wf_ledger_part *part)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(s, WF_SQLITE_DROP_PART, &st);
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, part->run);
    sqlite3_bind_int64(q, 2, part->part);
    s->changed = true;
    return wf_sqlite_finish(s, q);
}

static enum wf_status write_part(struct sqlite_store *s, const struct wf_ledger_part *part,
                                 const struct wf_buf *ids, const struct wf_buf *packed)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(s, WF_SQLITE_PUT_PART, &st);
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, part->run);
    sqlite3_bind_int64(q, 2, part->part);
    sqlite3_bind_int64(q, 3, part->sent);
    sqlite3_bind_int64(q, 4, part->stopped);
    sqlite3_bind_int64(q, 5, part->latest);
    sqlite3_bind_blob(q, 6, part->low, ID, SQLITE_STATIC);
    sqlite3_bind_blob(q, 7, part->high, ID, SQLITE_STATIC);
    sqlite3_bind_int64(q, 8, part->hash);
    sqlite3_bind_blob64(q, 9, ids ? ids->data : "", ids ? ids->len : 0, SQLITE_STATIC);
    sqlite3_bind_blob64(q, 10, packed ? packed->data : "", packed ? packed->len : 0, SQLITE_STATIC);
    s->changed = true;
    return wf_sqlite_finish(s, q);
}

/* Packs rows, in the order of their ids, as the part of that run and number. */
static enum wf_status put_part(struct sqlite_store *s, struct wf_ledger_part *part,
                               const struct wf_ledger_row *const *rows, size_t n)
{
    struct wf_packer *p = &s->ledger.packer;
    enum wf_status st = wf_pack(p, rows, n);
    if (st != WF_OK)
        return st;
    *part = (struct wf_ledger_part){.run = part->run, .part = part->part, .latest = INT64_MIN};
    for (size_t i = 0; i < n; i++) {
        part->sent += !rows[i]->gate;
        if (!rows[i]->gate && rows[i]->at > part->latest)
            part->latest = rows[i]->at;
    }
    part->stopped = (int64_t)n - part->sent;
    part->hash = (int64_t)hash_of(p->ids.data, p->ids.len, p->packed.data, p->packed.len);
    memcpy(part->low, rows[0]->action_id, ID);
    memcpy(part->high, rows[n - 1]->action_id, ID);
    return write_part(s, part, &p->ids, &p->packed);
}

/* ---- adding ---- */

/* Rows on their way in, and which rows of an earlier part have their ids. */
struct meeting {
    const struct wf_ledger_row *const *rows;
    size_t n, n_met;
    bool met[WF_LEDGER_TOGETHER];
    bool twice; /* one of them does not say that it comes again */
};

static enum wf_status meet(void *ctx, const unsigned char *ids, size_t len_ids, const void *packed,
                           size_t len_packed)
{
    struct meeting *m = ctx;
    size_t n = len_ids / ID, i = 0, k = 0;
    (void)packed, (void)len_packed;
    if (n > WF_LEDGER_TOGETHER)
        return WF_ERR_STATE;
    memset(m->met, 0, n);
    m->n_met = 0;
    while (i < n && k < m->n) {
        int order = memcmp(ids + i * ID, m->rows[k]->action_id, ID);
        if (order == 0) {
            m->met[i] = true;
            m->n_met++;
            m->twice |= !m->rows[k]->again;
        }
        i += order <= 0;
        k += order >= 0;
    }
    return WF_OK;
}

/* What was stopped for now gives way to what became of it: the part without these rows. */
static enum wf_status give_way(struct sqlite_store *s, size_t at, const struct meeting *m)
{
    struct sqlite_ledger *l = &s->ledger;
    const struct wf_ledger_row *rest[WF_LEDGER_TOGETHER];
    size_t n = 0;
    enum wf_status st = open_part(s, &l->parts[at]);
    for (size_t i = 0; st == WF_OK && i < l->unpacker.n; i++) {
        if (!m->met[i])
            rest[n++] = &l->unpacker.rows[i];
        else if (!l->unpacker.rows[i].gate)
            st = WF_ERR_INTERNAL;
    }
    if (st != WF_OK)
        return st;
    if (n)
        return put_part(s, &l->parts[at], rest, n);
    st = drop_part(s, &l->parts[at]);
    l->n--;
    memmove(&l->parts[at], &l->parts[at + 1], (l->n - at) * sizeof(*l->parts));
    return st;
}

/* Every id is one row's. */
static enum wf_status hold_against(struct sqlite_store *s, const struct wf_ledger_row *const *rows,
                                   size_t n)
{
    struct sqlite_ledger *l = &s->ledger;
    struct meeting m = {.rows = rows, .n = n};
    enum wf_status st = WF_OK;
    for (size_t i = l->n; st == WF_OK && i-- > 0;) {
        const struct wf_ledger_part *part = &l->parts[i];
        if (part->run == 0 || memcmp(part->high, rows[0]->action_id, ID) < 0 ||
            memcmp(part->low, rows[n - 1]->action_id, ID) > 0)
            continue;
        st = with_bytes(s, part, meet, &m);
        if (st == WF_OK && m.twice)
            st = WF_ERR_INTERNAL;
        else if (st == WF_OK && m.n_met)
            st = give_way(s, i, &m);
    }
    return st;
}

/* Where the run's next part goes in the directory, and its number; WF_ERR_INTERNAL: it does not
 * come after those that are there. */
static enum wf_status next_part(const struct sqlite_ledger *l, int64_t seq,
                                const unsigned char low[ID], size_t *at_out, int64_t *part_out)
{
    size_t at = l->n;
    while (at > 0 && l->parts[at - 1].run > seq)
        at--;
    const struct wf_ledger_part *last =
        at > 0 && l->parts[at - 1].run == seq ? &l->parts[at - 1] : NULL;
    *at_out = at;
    *part_out = last ? last->part + 1 : 0;
    return last && memcmp(last->high, low, ID) >= 0 ? WF_ERR_INTERNAL : WF_OK;
}

static enum wf_status add_part(struct sqlite_store *s, int64_t seq,
                               const struct wf_ledger_row *const *rows, size_t n)
{
    struct sqlite_ledger *l = &s->ledger;
    struct wf_ledger_part part = {.run = seq};
    size_t at = 0;
    enum wf_status st = hold_against(s, rows, n);
    if (st == WF_OK)
        st = next_part(l, seq, rows[0]->action_id, &at, &part.part);
    if (st == WF_OK && wf_grow(s->base.alloc, &l->parts, &l->room, l->n + 1, sizeof(part)) != 0)
        st = WF_ERR_NOMEM;
    if (st == WF_OK)
        st = put_part(s, &part, rows, n);
    if (st != WF_OK)
        return st;
    memmove(&l->parts[at + 1], &l->parts[at], (l->n - at) * sizeof(part));
    l->parts[at] = part;
    l->n++;
    return WF_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct wf_ledger_row *x, *y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return memcmp(x->action_id, y->action_id, ID);
}

enum wf_status wf_sqlite_add_ledger(struct wf_store *store, int64_t seq,
                                    const struct wf_ledger_row *rows, size_t n)
{
    enum wf_status st = n ? load(of(store)) : WF_OK;
    if (st != WF_OK || n == 0)
        return st;
    const struct wf_ledger_row **sorted = wf_calloc(store->alloc, n, sizeof(*sorted));
    bool sort = false;
    if (!sorted)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &rows[i];
        sort |= i > 0 && compare_rows(&sorted[i - 1], &sorted[i]) > 0;
    }
    if (sort)
        qsort(sorted, n, sizeof(*sorted), compare_rows);
    for (size_t i = 1; st == WF_OK && i < n; i++)
        if (compare_rows(&sorted[i - 1], &sorted[i]) == 0)
            st = WF_ERR_INTERNAL;
    for (size_t i = 0, some; st == WF_OK && i < n; i += some) {
        some = n - i < WF_LEDGER_TOGETHER ? n - i : WF_LEDGER_TOGETHER;
        st = add_part(of(store), seq, sorted + i, some);
    }
    wf_free(store->alloc, sorted);
    return st;
}

/* ---- forgetting ---- */

/* The first run that is kept; what those before it read is not needed either. */
static enum wf_status first_kept(struct sqlite_store *s, int64_t t, int64_t *run_out)
{
    enum wf_status st;
    sqlite3_stmt *q = prepare(s, WF_SQLITE_FIRST_KEPT, &st);
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, t);
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        *run_out = sqlite3_column_int64(q, 0);
    st = wf_sqlite_fail(s, rc);
    sqlite3_reset(q);
    q = st == WF_OK ? prepare(s, WF_SQLITE_FORGET_INPUTS, &st) : NULL;
    if (!q)
        return st;
    sqlite3_bind_int64(q, 1, *run_out);
    return wf_sqlite_finish(s, q);
}

/* Counts what was forgotten before and what is now, and drops the latter's parts. */
static enum wf_status drop_parts(struct sqlite_store *s, int64_t before,
                                 struct wf_ledger_part *gone, size_t *n_out)
{
    const struct sqlite_ledger *l = &s->ledger;
    enum wf_status st = WF_OK;
    size_t n = 0;
    for (; st == WF_OK && n < l->n && l->parts[n].run < before; n++) {
        gone->sent += l->parts[n].sent;
        gone->stopped += l->parts[n].stopped;
        gone->latest = l->parts[n].latest > gone->latest ? l->parts[n].latest : gone->latest;
        st = drop_part(s, &l->parts[n]);
    }
    *n_out = n;
    return st;
}

enum wf_status wf_sqlite_forget_ledger(struct wf_store *store, int64_t t)
{
    struct sqlite_store *s = of(store);
    struct sqlite_ledger *l = &s->ledger;
    struct wf_ledger_part gone = {.latest = INT64_MIN};
    int64_t before = 0;
    size_t n = 0;
    enum wf_status st = load(s);
    if (st == WF_OK)
        st = first_kept(s, t, &before);
    if (st != WF_OK || l->n == 0 || l->parts[0].run >= before ||
        (l->parts[0].run == 0 && l->parts[0].part >= before))
        return st;
    st = drop_parts(s, before, &gone, &n);
    if (st != WF_OK)
        return st;
    gone.part = before;
    gone.hash = (int64_t)hash_of("", 0, "", 0);
    memmove(&l->parts[1], &l->parts[n], (l->n - n) * sizeof(gone));
    l->n -= n - 1;
    l->parts[0] = gone;
    return write_part(s, &gone, NULL, NULL);
}

enum wf_status wf_sqlite_forgotten(struct wf_store *store, struct wf_forgotten *out)
{
    const struct sqlite_ledger *l = &of(store)->ledger;
    enum wf_status st = load(of(store));
    *out = (struct wf_forgotten){.latest = INT64_MIN};
    if (st == WF_OK && l->n && l->parts[0].run == 0)
        *out = (struct wf_forgotten){l->parts[0].part, l->parts[0].latest};
    return st;
}

/* ---- reading ---- */

enum wf_status wf_sqlite_each_sent(struct wf_store *store, int64_t since, wf_ledger_fn *fn,
                                   void *ctx)
{
    struct sqlite_store *s = of(store);
    const struct sqlite_ledger *l = &s->ledger;
    enum wf_status st = load(s);
    for (size_t i = 0; st == WF_OK && i < l->n; i++) {
        if (l->parts[i].run == 0 || l->parts[i].latest <= since)
            continue;
        st = open_part(s, &l->parts[i]);
        for (size_t k = 0; st == WF_OK && k < l->unpacker.n; k++)
            if (!l->unpacker.rows[k].gate && l->unpacker.rows[k].at > since)
                st = fn(ctx, &l->unpacker.rows[k]);
    }
    return st;
}

enum wf_status wf_sqlite_each_of(struct wf_store *store, const char *member, size_t len,
                                 wf_ledger_fn *fn, void *ctx)
{
    struct sqlite_store *s = of(store);
    const struct sqlite_ledger *l = &s->ledger;
    enum wf_status st = load(s);
    for (size_t i = 0; st == WF_OK && i < l->n; i++) {
        if (l->parts[i].run > 0)
            st = open_part(s, &l->parts[i]);
        for (size_t k = 0; st == WF_OK && l->parts[i].run > 0 && k < l->unpacker.n; k++) {
            const struct wf_ledger_row *row = &l->unpacker.rows[k];
            if (!member || (row->member.len == len && memcmp(row->member.text, member, len) == 0))
                st = fn(ctx, row);
        }
    }
    return st;
}

/* The newest nights first: what is asked for is mostly of late. */
enum wf_status wf_sqlite_of_action(struct wf_store *store, const unsigned char action_id[16],
                                   wf_ledger_fn *fn, void *ctx)
{
    struct sqlite_store *s = of(store);
    const struct sqlite_ledger *l = &s->ledger;
    struct wf_ledger_row like = {.again = true};
    const struct wf_ledger_row *const asked = &like;
    struct meeting m = {.rows = &asked, .n = 1};
    enum wf_status st = load(s);
    memcpy(like.action_id, action_id, ID);
    for (size_t i = l->n; st == WF_OK && i-- > 0;) {
        if (l->parts[i].run == 0 || memcmp(l->parts[i].low, action_id, ID) > 0 ||
            memcmp(l->parts[i].high, action_id, ID) < 0)
            continue;
        st = with_bytes(s, &l->parts[i], meet, &m);
        if (st != WF_OK || !m.n_met)
            continue;
        st = open_part(s, &l->parts[i]);
        for (size_t k = 0; st == WF_OK && k < l->unpacker.n; k++)
            if (m.met[k])
                return fn(ctx, &l->unpacker.rows[k]);
    }
    return st;
}

enum wf_status wf_sqlite_each_count(struct wf_store *store, wf_count_fn *fn, void *ctx)
{
    const struct sqlite_ledger *l = &of(store)->ledger;
    enum wf_status st = load(of(store));
    for (size_t i = 0, end; st == WF_OK && i < l->n; i = end) {
        uint64_t sent = 0, stopped = 0;
        for (end = i; end < l->n && l->parts[end].run == l->parts[i].run; end++) {
            sent += (uint64_t)l->parts[end].sent;
            stopped += (uint64_t)l->parts[end].stopped;
        }
        if (l->parts[i].run > 0)
            st = fn(ctx, l->parts[i].run, sent, stopped);
    }
    return st;
}

enum wf_status wf_sqlite_count_ledger(struct wf_store *store, uint64_t counts_out[2])
{
    const struct sqlite_ledger *l = &of(store)->ledger;
    enum wf_status st = load(of(store));
    counts_out[0] = counts_out[1] = 0;
    for (size_t i = 0; st == WF_OK && i < l->n; i++) {
        counts_out[0] += (uint64_t)l->parts[i].sent;
        counts_out[1] += (uint64_t)l->parts[i].stopped;
    }
    return st;
}
