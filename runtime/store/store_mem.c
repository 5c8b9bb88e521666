/*
 * The state in memory: what tests and forecasts run against. A transaction keeps a copy of what was
 * there, and of the ledger, which only grows, how long it was and which rows gave way: a rollback
 * is as real as the file's.
 */
#include "runtime/store/mem_ledger.h"

#include <stdlib.h>
#include <string.h>

struct mem_blob {
    enum wf_blob_kind kind;
    uint32_t owner;
    int64_t part, latest;
    size_t len;
    void *bytes;
};

/* Everything is sorted by its key: rules and columns by id, blobs by (kind, owner, part). */
struct tables {
    struct wf_rule_state *rules;
    struct wf_column_state *columns;
    struct mem_blob *blobs;
    size_t n_rules, room_rules, n_columns, room_columns, n_blobs, room_blobs;
    struct wf_run_row run;
    int64_t began; /* T of the first run there was */
};

struct mem_store {
    struct wf_store base;
    struct tables now, old; /* old: what rollback goes back to */
    struct wf_mem_ledger ledger;
    bool open; /* a transaction is */
};

static struct mem_store *of(struct wf_store *store)
{
    return (struct mem_store *)store;
}

static void release(struct tables *t, const struct wf_alloc *alloc)
{
    for (size_t i = 0; i < t->n_rules; i++) {
        wf_free(alloc, t->rules[i].identity);
        wf_free(alloc, t->rules[i].born);
    }
    for (size_t i = 0; i < t->n_columns; i++)
        wf_free(alloc, t->columns[i].name);
    for (size_t i = 0; i < t->n_blobs; i++)
        wf_free(alloc, t->blobs[i].bytes);
    wf_free(alloc, t->rules);
    wf_free(alloc, t->columns);
    wf_free(alloc, t->blobs);
    wf_run_row_release(&t->run, alloc);
    *t = (struct tables){0};
}

static void *copy_of(const struct wf_alloc *alloc, const void *bytes, size_t len)
{
    char *copy = wf_realloc(alloc, NULL, len + 1);
    if (copy) {
        memcpy(copy, bytes, len);
        copy[len] = 0;
    }
    return copy;
}

static char *text_of(const struct wf_alloc *alloc, const char *text)
{
    return copy_of(alloc, text, strlen(text));
}

/* Opens a gap of one element at `at`. */
static enum wf_status open_gap(const struct wf_alloc *alloc, void *array, size_t *room, size_t *n,
                               size_t at, size_t size)
{
    char *base;
    if (wf_grow(alloc, array, room, *n + 1, size) != 0)
        return WF_ERR_NOMEM;
    memcpy(&base, array, sizeof(base));
    memmove(base + (at + 1) * size, base + at * size, (*n - at) * size);
    ++*n;
    return WF_OK;
}

/* ---- rows ---- */

static enum wf_status put_rule_in(struct tables *t, const struct wf_rule_state *rule,
                                  const struct wf_alloc *alloc)
{
    size_t at = 0;
    char *identity = text_of(alloc, rule->identity), *born = text_of(alloc, rule->born);
    enum wf_status st = identity && born ? WF_OK : WF_ERR_NOMEM;
    while (at < t->n_rules && t->rules[at].id < rule->id)
        at++;
    if (st == WF_OK && at < t->n_rules && t->rules[at].id == rule->id) {
        wf_free(alloc, t->rules[at].identity);
        wf_free(alloc, t->rules[at].born);
    } else if (st == WF_OK) {
        st = open_gap(alloc, &t->rules, &t->room_rules, &t->n_rules, at, sizeof(*t->rules));
    }
    if (st != WF_OK) {
        wf_free(alloc, identity);
        wf_free(alloc, born);
        return st;
    }
    t->rules[at] = (struct wf_rule_state){.id = rule->id,
                                          .identity = identity,
                                          .born = born,
                                          .first_t = rule->first_t,
                                          .floor = rule->floor,
                                          .calendar_done = rule->calendar_done};
    return WF_OK;
}

static enum wf_status put_column_in(struct tables *t, const struct wf_column_state *column,
                                    const struct wf_alloc *alloc)
{
    size_t at = 0;
    char *name = text_of(alloc, column->name);
    enum wf_status st = name ? WF_OK : WF_ERR_NOMEM;
    while (at < t->n_columns && t->columns[at].id < column->id)
        at++;
    if (st == WF_OK && at < t->n_columns && t->columns[at].id == column->id)
        wf_free(alloc, t->columns[at].name);
    else if (st == WF_OK)
        st = open_gap(alloc, &t->columns, &t->room_columns, &t->n_columns, at, sizeof(*t->columns));
    if (st != WF_OK) {
        wf_free(alloc, name);
        return st;
    }
    t->columns[at] = (struct wf_column_state){.id = column->id, .name = name, .t = column->t};
    return WF_OK;
}

static int compare_blob(const struct mem_blob *a, const struct mem_blob *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return a->part < b->part ? -1 : a->part > b->part;
}

static enum wf_status put_blob_in(struct tables *t, const struct mem_blob *blob,
                                  const struct wf_alloc *alloc)
{
    struct mem_blob copy = *blob;
    size_t at = t->n_blobs;
    copy.bytes = copy_of(alloc, blob->bytes, blob->len);
    if (!copy.bytes)
        return WF_ERR_NOMEM;
    while (at > 0 && compare_blob(&t->blobs[at - 1], blob) >= 0)
        at--;
    if (at < t->n_blobs && compare_blob(&t->blobs[at], blob) == 0) {
        wf_free(alloc, t->blobs[at].bytes);
    } else if (open_gap(alloc, &t->blobs, &t->room_blobs, &t->n_blobs, at, sizeof(copy)) != WF_OK) {
        wf_free(alloc, copy.bytes);
        return WF_ERR_NOMEM;
    }
    t->blobs[at] = copy;
    return WF_OK;
}

static enum wf_status put_run_in(struct tables *t, const struct wf_run_row *run,
                                 const struct wf_alloc *alloc)
{
    struct wf_run_row copy = {.seq = run->seq, .t = run->t, .status = run->status};
    copy.rules = text_of(alloc, run->rules);
    copy.inputs = text_of(alloc, run->inputs);
    copy.folder = text_of(alloc, run->folder);
    copy.manifest = text_of(alloc, run->manifest);
    if (!copy.rules || !copy.inputs || !copy.folder || !copy.manifest) {
        wf_run_row_release(&copy, alloc);
        return WF_ERR_NOMEM;
    }
    if (t->run.status == WF_RUN_NONE)
        t->began = run->t;
    wf_run_row_release(&t->run, alloc);
    t->run = copy;
    return WF_OK;
}

static enum wf_status copy_tables(struct tables *to, const struct tables *from,
                                  const struct wf_alloc *alloc)
{
    enum wf_status st = WF_OK;
    *to = (struct tables){0};
    for (size_t i = 0; st == WF_OK && i < from->n_rules; i++)
        st = put_rule_in(to, &from->rules[i], alloc);
    for (size_t i = 0; st == WF_OK && i < from->n_columns; i++)
        st = put_column_in(to, &from->columns[i], alloc);
    for (size_t i = 0; st == WF_OK && i < from->n_blobs; i++)
        st = put_blob_in(to, &from->blobs[i], alloc);
    if (st == WF_OK && from->run.status != WF_RUN_NONE)
        st = put_run_in(to, &from->run, alloc);
    to->began = from->began;
    if (st != WF_OK)
        release(to, alloc);
    return st;
}

/* ---- the table of functions ---- */

static void close_store(struct wf_store *store)
{
    release(&of(store)->now, store->alloc);
    release(&of(store)->old, store->alloc);
    wf_mem_ledger_release(&of(store)->ledger, store->alloc);
    wf_buf_release(&store->why);
    wf_free(store->alloc, store);
}

static enum wf_status begin(struct wf_store *store)
{
    struct mem_store *s = of(store);
    if (s->open)
        return WF_ERR_INTERNAL;
    enum wf_status st = copy_tables(&s->old, &s->now, store->alloc);
    s->ledger.before = s->ledger.n;
    s->open = st == WF_OK;
    return st;
}

static enum wf_status commit(struct wf_store *store)
{
    struct mem_store *s = of(store);
    if (!s->open)
        return WF_ERR_INTERNAL;
    release(&s->old, store->alloc);
    wf_mem_ledger_commit(&s->ledger, store->alloc);
    s->open = false;
    return WF_OK;
}

static void rollback(struct wf_store *store)
{
    struct mem_store *s = of(store);
    if (!s->open)
        return;
    release(&s->now, store->alloc);
    s->now = s->old;
    s->old = (struct tables){0};
    wf_mem_ledger_rollback(&s->ledger, store->alloc);
    s->open = false;
}

/* prepare, flush, ready: there is no disk. */
static enum wf_status nothing(struct wf_store *store)
{
    (void)store;
    return WF_OK;
}

static enum wf_status each_rule(struct wf_store *store, wf_rule_fn *fn, void *ctx)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < of(store)->now.n_rules; i++)
        st = fn(ctx, &of(store)->now.rules[i]);
    return st;
}

static enum wf_status each_column(struct wf_store *store, wf_column_fn *fn, void *ctx)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < of(store)->now.n_columns; i++)
        st = fn(ctx, &of(store)->now.columns[i]);
    return st;
}

static enum wf_status each_blob(struct wf_store *store, wf_blob_fn *fn, void *ctx)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < of(store)->now.n_blobs; i++) {
        const struct mem_blob *b = &of(store)->now.blobs[i];
        st = fn(ctx, b->kind, b->owner, b->part, b->latest, b->bytes, b->len);
    }
    return st;
}

static enum wf_status last_run(struct wf_store *store, struct wf_run_row *out)
{
    struct tables copy = {0};
    enum wf_status st = WF_OK;
    if (of(store)->now.run.status != WF_RUN_NONE)
        st = put_run_in(&copy, &of(store)->now.run, store->alloc);
    *out = copy.run;
    return st;
}

static enum wf_status first_run(struct wf_store *store, int64_t *t_out)
{
    if (of(store)->now.run.status != WF_RUN_NONE)
        *t_out = of(store)->now.began;
    return WF_OK;
}

static enum wf_status put_rule(struct wf_store *store, const struct wf_rule_state *rule)
{
    return put_rule_in(&of(store)->now, rule, store->alloc);
}

static enum wf_status put_column(struct wf_store *store, const struct wf_column_state *column)
{
    return put_column_in(&of(store)->now, column, store->alloc);
}

static enum wf_status put_blob(struct wf_store *store, enum wf_blob_kind kind, uint32_t owner,
                               int64_t part, int64_t latest, const void *bytes, size_t len)
{
    struct mem_blob blob = {kind, owner, part, latest, len, NULL};
    memcpy(&blob.bytes, &bytes, sizeof(bytes)); /* copied, never written */
    return put_blob_in(&of(store)->now, &blob, store->alloc);
}

static enum wf_status drop_blobs(struct wf_store *store, enum wf_blob_kind kind, uint32_t owner,
                                 bool all, int64_t before)
{
    struct tables *t = &of(store)->now;
    size_t kept = 0;
    for (size_t i = 0; i < t->n_blobs; i++) {
        struct mem_blob *b = &t->blobs[i];
        if (b->kind == kind && b->owner == owner && (all || b->latest < before))
            wf_free(store->alloc, b->bytes);
        else
            t->blobs[kept++] = *b;
    }
    t->n_blobs = kept;
    return WF_OK;
}

static enum wf_status drop_column(struct wf_store *store, uint32_t id)
{
    struct tables *t = &of(store)->now;
    size_t kept = 0;
    drop_blobs(store, WF_BLOB_YES, id, true, 0);
    drop_blobs(store, WF_BLOB_NO, id, true, 0);
    drop_blobs(store, WF_BLOB_KNOWN, id, true, 0);
    for (size_t i = 0; i < t->n_columns; i++) {
        if (t->columns[i].id == id)
            wf_free(store->alloc, t->columns[i].name);
        else
            t->columns[kept++] = t->columns[i];
    }
    t->n_columns = kept;
    return WF_OK;
}

static enum wf_status put_run(struct wf_store *store, const struct wf_run_row *run)
{
    return put_run_in(&of(store)->now, run, store->alloc);
}

static enum wf_status add_ledger(struct wf_store *store, int64_t seq,
                                 const struct wf_ledger_row *rows, size_t n)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < n; i++) {
        struct wf_ledger_row row = rows[i];
        row.run = seq;
        st = wf_mem_ledger_add(&of(store)->ledger, &row, store->alloc);
    }
    return st;
}

static int compare_rows(const void *a, const void *b)
{
    const struct wf_ledger_row *x, *y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    return memcmp(x->action_id, y->action_id, sizeof(x->action_id));
}

/* The rows by run, then action id: the caller frees them. NULL: no memory. */
static const struct wf_ledger_row **sorted_rows(const struct wf_store *store,
                                                const struct wf_mem_ledger *ledger)
{
    const struct wf_ledger_row **rows = wf_calloc(store->alloc, ledger->n, sizeof(*rows));
    for (size_t i = 0; rows && i < ledger->n; i++)
        rows[i] = &ledger->rows[i].row;
    if (rows)
        qsort(rows, ledger->n, sizeof(*rows), compare_rows);
    return rows;
}

static enum wf_status each_of(struct wf_store *store, const char *member, size_t len,
                              wf_ledger_fn *fn, void *ctx)
{
    const struct wf_mem_ledger *ledger = &of(store)->ledger;
    const struct wf_ledger_row **rows = sorted_rows(store, ledger);
    enum wf_status st = rows ? WF_OK : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < ledger->n; i++)
        if (!member ||
            (rows[i]->member.len == len && memcmp(rows[i]->member.text, member, len) == 0))
            st = fn(ctx, rows[i]);
    wf_free(store->alloc, rows);
    return st;
}

static enum wf_status of_action(struct wf_store *store, const unsigned char action_id[16],
                                wf_ledger_fn *fn, void *ctx)
{
    const struct wf_mem_row *row = wf_mem_ledger_find(&of(store)->ledger, action_id);
    return row ? fn(ctx, &row->row) : WF_OK;
}

static enum wf_status each_run(struct wf_store *store, wf_run_fn *fn, void *ctx)
{
    const struct wf_run_row *run = &of(store)->now.run;
    return run->status == WF_RUN_NONE ? WF_OK : fn(ctx, run);
}

static enum wf_status each_count(struct wf_store *store, wf_count_fn *fn, void *ctx)
{
    const struct wf_mem_ledger *ledger = &of(store)->ledger;
    const struct wf_ledger_row **rows = sorted_rows(store, ledger);
    enum wf_status st = rows ? WF_OK : WF_ERR_NOMEM;
    for (size_t i = 0, end; st == WF_OK && i < ledger->n; i = end) {
        uint64_t counts[2] = {0, 0};
        for (end = i; end < ledger->n && rows[end]->run == rows[i]->run; end++)
            counts[rows[end]->gate != NULL]++;
        st = fn(ctx, rows[i]->run, counts[0], counts[1]);
    }
    wf_free(store->alloc, rows);
    return st;
}

static enum wf_status each_sent(struct wf_store *store, int64_t since, wf_ledger_fn *fn, void *ctx)
{
    const struct wf_mem_ledger *ledger = &of(store)->ledger;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < ledger->n; i++) {
        const struct wf_ledger_row *row = &ledger->rows[i].row;
        if (!row->gate && row->at > since)
            st = fn(ctx, row);
    }
    return st;
}

static enum wf_status count_ledger(struct wf_store *store, uint64_t counts_out[2])
{
    const struct wf_mem_ledger *ledger = &of(store)->ledger;
    counts_out[0] = counts_out[1] = 0;
    for (size_t i = 0; i < ledger->n; i++)
        counts_out[ledger->rows[i].row.gate != NULL]++;
    return WF_OK;
}

/* What is in memory is not for long: nothing is forgotten. */
static enum wf_status forget_ledger(struct wf_store *store, int64_t t)
{
    (void)store, (void)t;
    return WF_OK;
}

static enum wf_status forgotten(struct wf_store *store, struct wf_forgotten *out)
{
    (void)store;
    *out = (struct wf_forgotten){.latest = INT64_MIN};
    return WF_OK;
}

static const struct wf_store_ops OPS = {
    .close = close_store,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .prepare = nothing,
    .flush = nothing,
    .ready = nothing,
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
    .add_ledger = add_ledger,
    .forget_ledger = forget_ledger,
    .forgotten = forgotten,
    .each_sent = each_sent,
    .each_of = each_of,
    .of_action = of_action,
    .each_run = each_run,
    .each_count = each_count,
    .count_ledger = count_ledger,
};

enum wf_status wf_store_open_mem(const struct wf_alloc *alloc, struct wf_store **out)
{
    struct mem_store *s = wf_calloc(alloc, 1, sizeof(*s));
    if (!s)
        return WF_ERR_NOMEM;
    s->base = (struct wf_store){.ops = &OPS, .alloc = alloc};
    wf_buf_init(&s->base.why, alloc, 0);
    *out = &s->base;
    return WF_OK;
}
