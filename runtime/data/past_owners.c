#include "runtime/data/past_owners.h"

#include <string.h>

#include "runtime/data/parallel.h"
#include "runtime/data/recall_int.h"

enum { TOGETHER = 64 }; /* owners looked at at a time */

static enum wf_status allocate(struct wf_past_owners *o)
{
    const struct wf_alloc *alloc = o->ctx->alloc;
    size_t n = o->n_members;
    o->touched = wf_calloc(alloc, n, 1);
    o->known = wf_calloc(alloc, n, 1);
    o->from = wf_calloc(alloc, n, sizeof(*o->from));
    o->count = wf_calloc(alloc, n, sizeof(*o->count));
    o->opened = wf_calloc(alloc, o->past.n, sizeof(*o->opened));
    return o->touched && o->known && o->from && o->count && o->opened ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_past_owners_init(struct wf_past_owners *owners, const struct wf_load_ctx *ctx,
                                   const struct wf_feed *feed, const struct wf_ids *members,
                                   const struct wf_merged *merged, uint32_t n_members)
{
    *owners = (struct wf_past_owners){.members = members, .merged = merged, .n_members = n_members};
    if (!ctx->n_past)
        return WF_OK;
    if (pthread_mutex_init(&owners->lock, NULL) != 0)
        return WF_ERR_NOMEM;
    owners->ctx = ctx;
    wf_names_init(&owners->others, ctx->alloc, ctx->seed);
    wf_names_init(&owners->gone, ctx->alloc, ctx->seed);
    enum wf_status status = wf_past_feed_init(&owners->past, ctx, feed);
    return status ? status : allocate(owners);
}

void wf_past_owners_release(struct wf_past_owners *o)
{
    if (!o->ctx)
        return;
    const struct wf_alloc *alloc = o->ctx->alloc;
    for (uint32_t i = 0; o->opened && i < o->past.n; i++) {
        wf_free(alloc, o->opened[i].columns);
        wf_free(alloc, o->opened[i].owners);
    }
    wf_free(alloc, o->opened);
    wf_free(alloc, o->touched);
    wf_free(alloc, o->known);
    wf_free(alloc, o->from);
    wf_free(alloc, o->count);
    wf_free(alloc, o->strange);
    wf_names_release(&o->others);
    wf_names_release(&o->gone);
    wf_past_feed_release(&o->past);
    pthread_mutex_destroy(&o->lock);
    *o = (struct wf_past_owners){0};
}

/* ---- of whom something is new ---- */

static enum wf_status touch_stranger(struct wf_past_owners *o, uint32_t stranger)
{
    uint32_t n = (stranger & ~WF_STRANGER) + 1;
    size_t before = o->room_strange;
    pthread_mutex_lock(&o->lock);
    enum wf_status status =
        wf_grow(o->ctx->alloc, &o->strange, &o->room_strange, n, 1) == 0 ? WF_OK : WF_ERR_NOMEM;
    if (!status && o->room_strange > before)
        memset(o->strange + before, 0, o->room_strange - before);
    if (!status)
        o->strange[n - 1] = 1;
    pthread_mutex_unlock(&o->lock);
    return status;
}

enum wf_status wf_past_touch(struct wf_past_owners *o, const uint32_t *members, uint32_t n)
{
    enum wf_status status = WF_OK;
    if (!o->ctx || !o->past.n)
        return WF_OK;
    for (uint32_t i = 0; !status && i < n; i++)
        if (members[i] & WF_STRANGER)
            status = touch_stranger(o, members[i]);
        else
            __atomic_store_n(&o->touched[members[i]], 1, __ATOMIC_RELAXED);
    return status;
}

static bool is_touched(const struct wf_past_owners *o, uint32_t owner)
{
    uint32_t stranger = owner & ~WF_STRANGER;
    if (o->ctx->anew)
        return true;
    return owner & WF_STRANGER ? stranger < o->room_strange && o->strange[stranger]
                               : o->touched[owner];
}

/* ---- whose rows they are ---- */

/* The owners of a block on their way. */
struct finding {
    struct wf_past_owners *o;
    const struct wf_snap_column *columns;
    bool newest; /* of the chain's snapshots theirs is */
    uint32_t n, *owners;
    struct wf_cell *raw, *ids; /* as they were kept; as they are called tonight */
    uint8_t *renamed;
    char *room; /* of texts */
};

/* Whether a newer snapshot has the member's rows; from now on one has. Within a snapshot each
 * member has one owner: no two threads ask for the same one, and before the newest there is nothing
 * to look at, nor should there be (recall.c, place_entries). */
static bool meet(const struct finding *f, uint32_t member)
{
    uint8_t *known = &f->o->known[member];
    bool met = !f->newest && __atomic_load_n(known, __ATOMIC_RELAXED);
    __atomic_store_n(known, 1, __ATOMIC_RELAXED);
    return met;
}

/* An id that is no member's as it stands: was it met in a newer snapshot? */
static enum wf_status meet_other(const struct finding *f, uint32_t i, bool rows, bool *met_out)
{
    struct wf_past_owners *o = f->o;
    struct wf_cell id = f->raw[i]; /* there, for a number is always a member's */
    uint32_t code = 0;
    pthread_mutex_lock(&o->lock);
    uint32_t known = o->others.n;
    enum wf_status status = wf_names_add(&o->others, id.text, id.len, &code);
    *met_out = code < known;
    if (!status && f->renamed[i] && !*met_out && rows)
        status = wf_names_add(&o->gone, id.text, id.len, &code);
    pthread_mutex_unlock(&o->lock);
    return status;
}

static enum wf_status find_owner(const struct finding *f, uint32_t i)
{
    struct wf_past_owners *o = f->o;
    const struct wf_snap_column *wake = &f->columns[WF_PAST_WAKE];
    uint32_t *owner = &f->owners[i];
    bool rows = wf_snap_number(&f->columns[WF_PAST_SEEN], i) ||
                wf_snap_number(&f->columns[WF_PAST_UNSEEN], i);
    bool met = false;
    enum wf_status status = WF_OK;
    if (*owner == WF_NONE && rows)
        status = wf_stranger(o->ctx->strangers, f->ids[i], owner);
    if (!status && (f->renamed[i] || *owner == WF_NONE || *owner & WF_STRANGER))
        status = meet_other(f, i, rows, &met);
    else if (!status)
        met = meet(f, *owner);
    if (met || !rows)
        *owner = WF_NONE;
    if (status || *owner == WF_NONE)
        return status;
    bool wakes = wf_snap_has(wake, i) && (int64_t)wf_snap_number(wake, i) < o->ctx->now;
    return f->renamed[i] || (wakes && !(*owner & WF_STRANGER)) ? wf_past_touch(o, owner, 1)
                                                               : status;
}

static void get_counts(const struct wf_snap_column *column, uint32_t first, uint32_t n,
                       uint64_t *counts)
{
    wf_snap_numbers(column, first, n - first < TOGETHER ? n - first : TOGETHER, counts);
}

/* How many rows the owners of a block have that are seen, or not; UINT64_MAX: more than there are.
 */
static uint64_t rows_of(const struct wf_snap_block *block, const struct wf_snap_column *column)
{
    uint64_t rows = 0, some[TOGETHER], most = 0;
    for (uint32_t i = 0; i < block->owners; i++) {
        if (i % TOGETHER == 0)
            get_counts(column, i, block->owners, some);
        most = some[i % TOGETHER] > most ? some[i % TOGETHER] : most;
        rows += some[i % TOGETHER];
    }
    return most > block->rows ? UINT64_MAX : rows;
}

/* The rows of a block are its owners'. */
static bool adds_up(const struct wf_snap_block *block, struct wf_past_opened *opened)
{
    uint64_t seen = rows_of(block, &opened->columns[WF_PAST_SEEN]);
    uint64_t unseen = rows_of(block, &opened->columns[WF_PAST_UNSEEN]);
    opened->seen = (uint32_t)seen;
    return seen <= block->rows && unseen == block->rows - seen;
}

/* Where no id has become another: all of them by their numbers, without a look at a text. */
static bool find_by_number(const struct finding *f)
{
    const struct wf_snap_column *column = &f->columns[WF_PAST_OWNER];
    uint64_t numbers[TOGETHER];
    if (column->kind != WF_SNAP_SERIALS || f->o->merged->old.n)
        return false;
    struct wf_serial_head head = wf_snap_head(column);
    for (uint32_t first = 0, n; first < f->n; first += n) {
        n = f->n - first < TOGETHER ? f->n - first : TOGETHER;
        wf_snap_numbers(column, first, n, numbers);
        if (!wf_ids_find_serials(f->o->members, &head, numbers, n, f->owners + first))
            return false;
        for (uint32_t i = first; i < first + n; i++)
            if (f->owners[i] == WF_NONE)
                return false;
    }
    return true;
}

static enum wf_status find_by_text(struct finding *f)
{
    const struct wf_alloc *alloc = f->o->ctx->alloc;
    const struct wf_snap_column *column = &f->columns[WF_PAST_OWNER];
    f->raw = wf_calloc(alloc, f->n, sizeof(*f->raw));
    f->ids = wf_calloc(alloc, f->n, sizeof(*f->ids));
    f->room = wf_calloc(alloc, wf_snap_texts_room(column), 1);
    if (!f->raw || !f->ids || !f->room)
        return WF_ERR_NOMEM;
    wf_snap_texts(column, f->room, f->raw);
    memcpy(f->ids, f->raw, f->n * sizeof(*f->ids));
    wf_follow_merges(f->o->merged, f->ids, f->n, f->renamed);
    wf_ids_find_many(f->o->members, f->ids, f->n, f->owners);
    return WF_OK;
}

static enum wf_status find_owners(struct wf_past_owners *o, uint32_t b)
{
    const struct wf_alloc *alloc = o->ctx->alloc;
    struct wf_past_opened *opened = &o->opened[b];
    struct finding f = {.o = o, .columns = opened->columns, .n = o->past.places[b].block->owners};
    f.newest = o->past.places[b].link == o->past.places[o->past.n - 1].link;
    opened->owners = f.owners = wf_calloc(alloc, f.n, sizeof(*f.owners));
    f.renamed = wf_calloc(alloc, f.n, 1);
    enum wf_status status = f.owners && f.renamed ? WF_OK : WF_ERR_NOMEM;
    if (!status && !find_by_number(&f))
        status = find_by_text(&f);
    for (uint32_t i = 0; !status && i < f.n; i++)
        status = find_owner(&f, i);
    wf_free(alloc, f.raw);
    wf_free(alloc, f.ids);
    wf_free(alloc, f.room);
    wf_free(alloc, f.renamed);
    return status;
}

/* The blocks of a link, from `first` on, and what is done with each. */
struct link {
    struct wf_past_owners *o;
    uint32_t first;
    void *ctx;
    enum wf_status (*then)(void *ctx, unsigned thread, uint32_t block); /* NULL: nothing yet */
};

static enum wf_status open_block(void *ctx, unsigned thread, uint32_t task)
{
    const struct link *link = ctx;
    struct wf_past_owners *o = link->o;
    uint32_t b = link->first + task;
    struct wf_past_opened *opened = &o->opened[b];
    opened->columns = wf_calloc(o->ctx->alloc, o->past.n_columns, sizeof(*opened->columns));
    enum wf_status status =
        opened->columns ? wf_past_columns(&o->past, b, opened->columns) : WF_ERR_NOMEM;
    if (!status && !adds_up(o->past.places[b].block, opened))
        status = WF_ERR_STATE;
    if (!status)
        status = find_owners(o, b);
    return !status && link->then ? link->then(link->ctx, thread, b) : status;
}

/* The newest first: it has all of those it knows. Where ids became others, a block may yet touch
 * the owner of one before it; else each goes on at once, as long as a core's own cache has it. */
enum wf_status wf_past_owners_find(struct wf_past_owners *owners, void *ctx,
                                   enum wf_status (*then)(void *ctx, unsigned thread,
                                                          uint32_t block))
{
    bool wait = wf_merges_any(owners->merged);
    enum wf_status status = WF_OK;
    for (uint32_t end = owners->past.n, first; !status && end > 0; end = first) {
        for (first = end - 1; first > 0; first--)
            if (owners->past.places[first - 1].link != owners->past.places[end - 1].link)
                break;
        struct link link = {owners, first, ctx, wait ? NULL : then};
        status = wf_parallel(owners->ctx->threads, end - first, &link, open_block);
    }
    return !status && wait ? wf_parallel(owners->ctx->threads, owners->past.n, ctx, then) : status;
}

/* ---- which rows are to be settled ---- */

/* Some of a block that follow each other. */
struct rows {
    uint32_t first, n;
};

struct tally {
    uint64_t standing, voids, future, sleeping, fetched;
    struct wf_recall_word asleep;
};

static enum wf_status pick_rows(struct wf_past_owners *o, uint32_t owner, struct rows rows,
                                struct wf_past_picked *picked)
{
    const struct wf_alloc *alloc = o->ctx->alloc;
    size_t all = (size_t)picked->n + rows.n;
    if (wf_grow(alloc, &picked->rows, &picked->room_rows, all, sizeof(*picked->rows)) ||
        wf_grow(alloc, &picked->members, &picked->room_members, all, sizeof(*picked->members)))
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < rows.n; i++, picked->n++) {
        picked->rows[picked->n] = rows.first + i;
        picked->members[picked->n] = owner;
    }
    return WF_OK;
}

/* Of rows that stay unseen, those whose time is to come. */
static uint32_t count_future(const struct wf_past_owners *o, const struct wf_snap_column *columns,
                             uint32_t first, uint32_t n)
{
    const struct wf_snap_column *at = &columns[o->past.columns[o->past.feed->at]];
    uint32_t future = 0;
    for (uint32_t i = first; i < first + n; i++)
        future += wf_snap_has(at, i) && (int64_t)wf_snap_number(at, i) >= o->ctx->now;
    return future;
}

/* How many of the rows come before the first that is as late as `floor`, or has no time. */
static uint32_t rows_before(const struct wf_past_owners *o, const struct wf_snap_column *columns,
                            struct rows rows, int64_t floor)
{
    const struct wf_snap_column *at = &columns[o->past.columns[o->past.feed->at]];
    uint32_t n = 0;
    if (floor == INT64_MAX)
        return rows.n;
    while (n < rows.n && wf_snap_has(at, rows.first + n) &&
           (int64_t)wf_snap_number(at, rows.first + n) < floor)
        n++;
    return n;
}

/* What stands of an owner of whom nothing is new. */
static void stand(struct wf_past_owners *o, uint32_t b, uint32_t i, struct rows seen,
                  struct rows unseen, struct tally *tally)
{
    const struct wf_snap_column *columns = o->opened[b].columns;
    uint32_t owner = o->opened[b].owners[i], future = 0;
    if (owner & WF_STRANGER)
        return;
    if (wf_snap_has(&columns[WF_PAST_WAKE], i))
        future = count_future(o, columns, unseen.first, unseen.n);
    int64_t floor;
    if (o->recall &&
        wf_recall_rest(o->recall, &tally->asleep, owner, o->past.places[b].link, seen.n, &floor)) {
        uint32_t before = rows_before(o, columns, seen, floor);
        tally->sleeping += before;
        tally->fetched += seen.n;
        seen = (struct rows){seen.first + before, seen.n - before};
    }
    o->from[owner] = (uint32_t)o->past.places[b].row + seen.first;
    o->count[owner] = seen.n;
    tally->standing += seen.n;
    tally->future += future;
    tally->voids += unseen.n - future;
}

/* Rows of somebody who is settled that are not seen: they wait, for all that are come first. */
static enum wf_status set_aside(struct wf_past_owners *o, uint32_t owner, struct rows rows,
                                struct wf_past_picked *picked)
{
    if (rows.n == 0)
        return WF_OK;
    if (wf_grow(o->ctx->alloc, &picked->unseen, &picked->room_unseen, picked->n_unseen + 1,
                sizeof(*picked->unseen)) != 0)
        return WF_ERR_NOMEM;
    picked->unseen[picked->n_unseen++] = (struct wf_past_span){owner, rows.first, rows.n};
    return WF_OK;
}

static void add_tally(struct wf_past_owners *o, struct tally *tally)
{
    if (o->recall)
        wf_recall_put(o->recall, &tally->asleep);
    __atomic_fetch_add(&o->standing, tally->standing, __ATOMIC_RELAXED);
    __atomic_fetch_add(&o->sleeping, tally->sleeping, __ATOMIC_RELAXED);
    __atomic_fetch_add(&o->fetched, tally->fetched, __ATOMIC_RELAXED);
    __atomic_fetch_add(&o->voids, tally->voids, __ATOMIC_RELAXED);
    __atomic_fetch_add(&o->future, tally->future, __ATOMIC_RELAXED);
}

enum wf_status wf_past_pick(struct wf_past_owners *o, uint32_t b, struct wf_past_picked *picked)
{
    const struct wf_past_opened *opened = &o->opened[b];
    uint32_t n = o->past.places[b].block->owners;
    struct rows seen = {0, 0}, unseen = {opened->seen, 0};
    struct tally tally = {0};
    uint64_t some_seen[TOGETHER], some_unseen[TOGETHER];
    enum wf_status status = WF_OK;
    picked->n = 0;
    picked->n_unseen = 0;
    for (uint32_t i = 0; !status && i < n; i++, seen.first += seen.n, unseen.first += unseen.n) {
        uint32_t owner = opened->owners[i];
        if (i % TOGETHER == 0) {
            get_counts(&opened->columns[WF_PAST_SEEN], i, n, some_seen);
            get_counts(&opened->columns[WF_PAST_UNSEEN], i, n, some_unseen);
        }
        seen.n = (uint32_t)some_seen[i % TOGETHER];
        unseen.n = (uint32_t)some_unseen[i % TOGETHER];
        if (owner == WF_NONE)
            continue;
        if (!is_touched(o, owner)) {
            stand(o, b, i, seen, unseen, &tally);
            continue;
        }
        status = pick_rows(o, owner, seen, picked);
        if (!status)
            status = set_aside(o, owner, unseen, picked);
    }
    add_tally(o, &tally);
    for (size_t i = 0; !status && i < picked->n_unseen; i++) {
        const struct wf_past_span *span = &picked->unseen[i];
        status = pick_rows(o, span->owner, (struct rows){span->first, span->n}, picked);
    }
    return status;
}

void wf_past_picked_release(struct wf_past_picked *picked, const struct wf_alloc *alloc)
{
    wf_free(alloc, picked->rows);
    wf_free(alloc, picked->members);
    wf_free(alloc, picked->unseen);
    *picked = (struct wf_past_picked){0};
}

uint32_t wf_past_block_of(const struct wf_past_feed *past, uint64_t row)
{
    uint32_t low = 0, high = past->n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (past->places[middle].row <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}
