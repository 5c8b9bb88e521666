#include "runtime/data/group_member.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"

typedef int row_order(const void *a, const void *b, void *ctx);

/* Exports come nearly in order of time, so rows are put in their places one by one; where that
 * goes on for too long, the C library sorts them. Every order below is total: both give the same.
 * Inline, so that rows are compared without calls. */
static inline void sort_rows(struct wf_group_rec *recs, uint32_t n, row_order *compare,
                             const struct wf_event_rows *rows)
{
    void *ctx = (void *)(uintptr_t)rows;
    uint64_t left = 8 * (uint64_t)n + 256; /* moves */
    for (uint32_t i = 1; i < n; i++) {
        struct wf_group_rec rec;
        uint32_t j = i;
        if (compare(&recs[i - 1], &recs[i], ctx) <= 0)
            continue;
        for (rec = recs[i]; j > 0 && compare(&recs[j - 1], &rec, ctx) > 0; j--)
            recs[j] = recs[j - 1];
        recs[j] = rec;
        if (i - j > left) {
            qsort_r(recs, n, sizeof(*recs), compare, ctx);
            return;
        }
        left -= i - j;
    }
}

static int three_way(bool less, bool more)
{
    return more - less;
}
#define COMPARE(a, b) three_way((a) < (b), (a) > (b))

/* ---- members that did nothing odd ---- */

enum { FEW = 32, MANY = 512 };

static uint32_t key_of(const struct wf_group_row *row)
{
    return row->mark >> WF_GROUP_KEY;
}

/* Whether two of some rows (at most MANY) are alike in their keys. */
static bool share_in_table(const struct wf_group_row *rows, uint32_t n)
{
    uint32_t table[2 * MANY]; /* 0 is a free place */
    uint32_t size = 2 * FEW;
    while (size < 2 * n)
        size *= 2;
    memset(table, 0, size * sizeof(*table));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t key = key_of(&rows[i]) + 1, at = key & (size - 1);
        while (table[at] && table[at] != key)
            at = (at + 1) & (size - 1);
        if (table[at])
            return true;
        table[at] = key;
    }
    return false;
}

static bool share(const struct wf_group_row *rows, uint32_t n)
{
    uint32_t keys[FEW];
    if (n > FEW)
        return share_in_table(rows, n);
    for (uint32_t i = 0; i < n; i++) {
        keys[i] = key_of(&rows[i]);
        bool met = false;
        for (uint32_t j = 0; j < i; j++)
            met |= keys[j] == keys[i];
        if (met)
            return true;
    }
    return false;
}

static int by_cell(const void *a, const void *b)
{
    const struct wf_group_row *x = a, *y = b;
    return COMPARE(x->at, y->at);
}

/* By time; false: two have the same, or one has none that fits its cell. */
static bool sort_plainly(struct wf_group_row *rows, uint32_t n)
{
    uint32_t left = 8 * n + 256; /* moves: exports come nearly in order of time */
    for (uint32_t i = 1; i < n; i++) {
        struct wf_group_row row = rows[i];
        uint32_t j = i;
        for (; j > 0 && rows[j - 1].at > row.at; j--)
            rows[j] = rows[j - 1];
        rows[j] = row;
        if (i - j > left) {
            qsort(rows, n, sizeof(*rows), by_cell);
            break;
        }
        left -= i - j;
    }
    bool apart = rows[n - 1].at != UINT32_MAX;
    for (uint32_t i = 1; i < n; i++)
        apart &= rows[i].at != rows[i - 1].at;
    return apart;
}

bool wf_group_plain(const struct wf_event_rows *rows, struct wf_group_row *mine, uint32_t *n,
                    struct wf_grouped *tally)
{
    int64_t now = rows->ctx->now;
    uint32_t end = now < 0 ? 0 : now > UINT32_MAX ? UINT32_MAX : (uint32_t)now;
    uint32_t kept = 0, n_unseen = 0;
    struct wf_group_row unseen[MANY];
    if (*n > MANY || share(mine, *n) || !sort_plainly(mine, *n))
        return false;
    for (uint32_t i = 0; i < *n; i++) {
        bool future = mine[i].at >= end;
        bool none =
            !future && (mine[i].mark & (WF_STAGED_VOID | WF_STAGED_DOUBT)) == WF_STAGED_VOID;
        tally->future += future;
        tally->voids += none;
        if (future || none)
            unseen[n_unseen++] = mine[i];
        else
            mine[kept++] = mine[i];
    }
    for (uint32_t i = 0; i < kept; i++)
        mine[i].mark |= WF_GROUP_BEGINS;
    for (uint32_t i = 0; i < n_unseen; i++)
        mine[kept + i] = unseen[i];
    *n = kept;
    return true;
}

/* ---- any member ---- */

struct wf_group_rec wf_group_rec_of(const struct wf_event_rows *rows, const struct wf_staged *row,
                                    uint32_t mark, uint64_t salt)
{
    const struct wf_stage_form *form = rows->form;
    const struct wf_stage *stage = &rows->stages[wf_group_worker(mark)];
    uint32_t at = form->feed->at;
    uint64_t first = wf_staged_first(stage, row);
    return (struct wf_group_rec){
        .row = row,
        .at = wf_staged_state(row, at) ? wf_staged_value(form, row, at) : INT64_MAX,
        .full = wf_staged_full(form, row, first),
        .first = first ^ salt,
        .hash = wf_staged_hash(form, row),
        .place = wf_staged_line(stage, row),
        .mark = mark,
    };
}

/* May two rows share the first field of their keys? Those that share the whole key do. */
static bool may_share(const struct wf_group_rec *recs, uint32_t n)
{
    if (n > FEW)
        return true;
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (recs[i].first == recs[j].first)
                return true;
    return false;
}

/* ---- duplicates ---- */

static uint64_t file_of(const struct wf_group_rec *rec)
{
    return rec->place >> 48;
}

/* By the hash of the rows' bytes; of rows alike, the one that came first. */
static int compare_bytes(const struct wf_group_rec *a, const struct wf_group_rec *b)
{
    int order = COMPARE(a->hash, b->hash);
    return order ? order : COMPARE(a->place, b->place);
}

/* Same key together; the newest export first, then same bytes together. */
static int by_key(const void *a, const void *b, void *ctx)
{
    const struct wf_group_rec *x = a, *y = b;
    (void)ctx;
    int order = COMPARE(x->full, y->full);
    if (!order)
        order = COMPARE(file_of(y), file_of(x));
    return order ? order : compare_bytes(x, y);
}

static enum wf_status contradict(const struct wf_event_rows *rows, struct wf_group_rec *rec,
                                 struct wf_grouped *tally)
{
    uint64_t file = file_of(rec);    /* + 1 */
    if (rec->mark & WF_STAGED_DOUBT) /* it was reported for a bad cell */
        return WF_OK;
    rec->mark |= WF_STAGED_DOUBT;
    if (file == 0) /* two members that became one: there is no line to name */
        return WF_OK;
    if (wf_grow(rows->ctx->alloc, &tally->late, &tally->room_late, tally->n_late + 1,
                sizeof(*tally->late)))
        return WF_ERR_NOMEM;
    tally->late[tally->n_late++] = (struct wf_late_reject){
        .file = (uint32_t)(file - 1),
        .line = rec->place & ((UINT64_C(1) << 48) - 1),
        .what = N_("another row of this file has the same key and says something else")};
    return WF_OK;
}

/* One key's rows: the newest export's stand; if they differ, all of them as doubt. */
static enum wf_status settle_key(const struct wf_event_rows *rows, const struct wf_group_rec *recs,
                                 uint32_t n, struct wf_group_rec *out, uint32_t *kept,
                                 struct wf_grouped *tally)
{
    uint64_t newest = file_of(&recs[0]);
    uint32_t distinct = 0;
    for (uint32_t i = 0; i < n && file_of(&recs[i]) == newest; i++)
        if (i == 0 || recs[i].hash != recs[i - 1].hash)
            distinct++;
    uint64_t last = 0;
    for (uint32_t i = 0, taken = 0; taken < distinct; i++) {
        struct wf_group_rec rec = recs[i]; /* out may lie over recs */
        if (taken > 0 && rec.hash == last)
            continue;
        enum wf_status status = distinct > 1 ? contradict(rows, &rec, tally) : WF_OK;
        if (status)
            return status;
        last = rec.hash;
        out[(*kept)++] = rec;
        taken++;
    }
    tally->duplicates += n - distinct;
    return WF_OK;
}

static enum wf_status drop_duplicates(const struct wf_event_rows *rows, struct wf_group_rec *recs,
                                      uint32_t *n, struct wf_grouped *tally)
{
    uint32_t kept = 0;
    sort_rows(recs, *n, by_key, rows);
    for (uint32_t i = 0, end; i < *n; i = end) {
        for (end = i + 1; end < *n && recs[end].full == recs[i].full; end++)
            continue;
        if (end - i == 1) {
            recs[kept++] = recs[i];
            continue;
        }
        enum wf_status status = settle_key(rows, recs + i, end - i, recs, &kept, tally);
        if (status)
            return status;
    }
    *n = kept;
    return WF_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct wf_group_rec *x = a, *y = b;
    return COMPARE(x->place, y->place);
}

/* Rows of the future wait for their night; void rows never happened. They go behind the others, in
 * the order of the files, whatever threads read them. */
static uint32_t drop_unseen(const struct wf_event_rows *rows, struct wf_group_rec *recs,
                            uint32_t *n, struct wf_grouped *tally)
{
    uint32_t kept = 0, all = *n;
    for (uint32_t i = 0; i < all; i++) {
        struct wf_group_rec rec = recs[i];
        bool future = rec.at != INT64_MAX && rec.at >= rows->ctx->now;
        bool none = !future && (rec.mark & (WF_STAGED_VOID | WF_STAGED_DOUBT)) == WF_STAGED_VOID;
        tally->future += future;
        tally->voids += none;
        if (future || none)
            continue;
        recs[i] = recs[kept];
        recs[kept++] = rec;
    }
    *n = kept;
    if (all - kept > 1)
        qsort(recs + kept, all - kept, sizeof(*recs), by_place);
    return all - kept;
}

/* ---- order ---- */

static int compare_texts(struct wf_cell a, struct wf_cell b)
{
    int by_bytes = memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);
    return by_bytes ? by_bytes : COMPARE(a.len, b.len);
}

static const struct wf_stage *stage_of(const struct wf_event_rows *rows,
                                       const struct wf_group_rec *rec)
{
    return &rows->stages[wf_group_worker(rec->mark)];
}

static uint32_t code_of(const struct wf_event_rows *rows, const struct wf_group_rec *rec,
                        uint32_t slot)
{
    const uint32_t *map = rows->maps[wf_group_worker(rec->mark) * rows->feed->n_slots + slot];
    return map[wf_staged_value(rows->form, rec->row, slot)];
}

/* Two cells of a slot; missing ones first. */
static int compare_cells(const struct wf_event_rows *rows, uint32_t slot,
                         const struct wf_group_rec *a, const struct wf_group_rec *b)
{
    const struct wf_stage_form *form = rows->form;
    char room_a[WF_SERIAL_ROOM], room_b[WF_SERIAL_ROOM];
    bool has_a = wf_staged_state(a->row, slot), has_b = wf_staged_state(b->row, slot);
    if (!has_a || !has_b)
        return COMPARE(has_a, has_b);
    enum wf_stage_kind kind = (enum wf_stage_kind)form->cells[slot].kind;
    if (kind == WF_STAGE_TEXT)
        return compare_texts(wf_staged_text(stage_of(rows, a), a->row, slot, room_a),
                             wf_staged_text(stage_of(rows, b), b->row, slot, room_b));
    if (kind == WF_STAGE_CODE)
        return COMPARE(code_of(rows, a, slot), code_of(rows, b, slot));
    int64_t x = wf_staged_value(form, a->row, slot), y = wf_staged_value(form, b->row, slot);
    if (kind != WF_STAGE_F64)
        return COMPARE(x, y);
    double p, q;
    memcpy(&p, &x, 8);
    memcpy(&q, &y, 8);
    return COMPARE(p, q);
}

/* Rows of one time, by what else tells them apart. */
static int by_fields(const struct wf_group_rec *x, const struct wf_group_rec *y,
                     const struct wf_event_rows *rows)
{
    const struct wf_feed *feed = rows->feed;
    int order = 0;
    if (x->first != y->first && feed->n_uniques)
        order = compare_cells(rows, feed->uniques[0], x, y);
    if (!order)
        order = COMPARE(x->first, y->first);
    if (!order)
        order = COMPARE(x->at, y->at);
    for (uint32_t u = 1; !order && u < feed->n_uniques; u++)
        order = compare_cells(rows, feed->uniques[u], x, y);
    return order ? order : compare_bytes(x, y);
}

static int by_time(const void *a, const void *b, void *ctx)
{
    const struct wf_group_rec *x = a, *y = b;
    return x->event != y->event ? COMPARE(x->event, y->event) : by_fields(x, y, ctx);
}

static int by_first(const void *a, const void *b, void *ctx)
{
    const struct wf_group_rec *x = a, *y = b;
    (void)ctx;
    int order = COMPARE(x->first, y->first);
    if (!order)
        order = COMPARE(x->at, y->at);
    return order ? order : COMPARE(x->place, y->place);
}

/* The time of an event is its earliest row's. */
static void find_event_times(struct wf_group_rec *recs, uint32_t n)
{
    sort_rows(recs, n, by_first, NULL);
    for (uint32_t i = 1; i < n; i++)
        if (recs[i].first == recs[i - 1].first)
            recs[i].event = recs[i - 1].event;
}

enum wf_status wf_group_member(const struct wf_event_rows *rows, bool dedupe,
                               struct wf_group_rec *recs, uint32_t *n, uint32_t *n_unseen,
                               struct wf_grouped *tally)
{
    bool shared = may_share(recs, *n);
    enum wf_status status = dedupe && shared ? drop_duplicates(rows, recs, n, tally) : WF_OK;
    if (status)
        return status;
    *n_unseen = dedupe ? drop_unseen(rows, recs, n, tally) : 0;
    for (uint32_t i = 0; i < *n; i++)
        recs[i].event = recs[i].at;
    if (shared)
        find_event_times(recs, *n);
    sort_rows(recs, *n, by_time, rows);
    for (uint32_t i = 0; i < *n; i++) {
        recs[i].mark &= ~(uint32_t)WF_GROUP_BEGINS;
        if (i == 0 || recs[i].first != recs[i - 1].first)
            recs[i].mark |= WF_GROUP_BEGINS;
    }
    return WF_OK;
}
