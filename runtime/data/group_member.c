#include "runtime/data/group_member.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL = 64 }; /* below, plain loops beat sorting: exports come nearly in order of time */

typedef int row_order(const void *a, const void *b, void *ctx);

/* Stable for few, the C library's for many: every order below is total. */
static void sort_rows(struct wf_group_row *recs, uint32_t n, row_order *compare, void *ctx)
{
    if (n > SMALL) {
        qsort_r(recs, n, sizeof(*recs), compare, ctx);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        struct wf_group_row rec = recs[i];
        uint32_t j = i;
        for (; j > 0 && compare(&recs[j - 1], &rec, ctx) > 0; j--)
            recs[j] = recs[j - 1];
        recs[j] = rec;
    }
}

static int three_way(bool less, bool more)
{
    return more - less;
}
#define COMPARE(a, b) three_way((a) < (b), (a) > (b))

/* ---- duplicates ---- */

static uint32_t file_of(const struct wf_event_rows *rows, uint32_t row)
{
    return wf_event_place(rows, row).chunk->file;
}

/* Of the row's bytes. */
static uint64_t hash_of(const struct wf_event_rows *rows, uint32_t row)
{
    struct wf_event_place place = wf_event_place(rows, row);
    return place.chunk->hash[place.at];
}

/* By the hash of the rows' bytes; of rows alike, the one that came first. */
static int compare_bytes(const struct wf_event_rows *rows, uint32_t a, uint32_t b)
{
    int order = COMPARE(hash_of(rows, a), hash_of(rows, b));
    return order ? order : COMPARE(a, b);
}

/* Same key together; the newest export first, then same bytes together. */
static int by_key(const void *a, const void *b, void *ctx)
{
    const struct wf_group_row *x = a, *y = b;
    const struct wf_event_rows *rows = ctx;
    int order = COMPARE(x->full, y->full);
    if (!order)
        order = COMPARE(file_of(rows, y->row), file_of(rows, x->row));
    return order ? order : compare_bytes(rows, x->row, y->row);
}

static enum wf_status contradict(struct wf_event_rows *rows, uint32_t row, struct wf_grouped *tally)
{
    if (rows->doubt[row]) /* it was reported for a bad cell */
        return WF_OK;
    if (wf_grow(rows->ctx->alloc, &tally->late, &tally->room_late, tally->n_late + 1,
                sizeof(*tally->late)))
        return WF_ERR_NOMEM;
    rows->doubt[row] = 1;
    tally->late[tally->n_late++] = (struct wf_late_reject){
        row, "another row of this file has the same key and says something else"};
    return WF_OK;
}

/* One key's rows: the newest export's stand; if they differ, all of them as doubt. */
static enum wf_status settle_key(struct wf_event_rows *rows, const struct wf_group_row *recs,
                                 uint32_t n, struct wf_group_row *out, uint32_t *kept,
                                 struct wf_grouped *tally)
{
    uint32_t newest = file_of(rows, recs[0].row), distinct = 0;
    for (uint32_t i = 0; i < n && file_of(rows, recs[i].row) == newest; i++)
        if (i == 0 || hash_of(rows, recs[i].row) != hash_of(rows, recs[i - 1].row))
            distinct++;
    for (uint32_t i = 0, taken = 0; taken < distinct; i++) {
        if (i > 0 && hash_of(rows, recs[i].row) == hash_of(rows, recs[i - 1].row))
            continue;
        enum wf_status status = distinct > 1 ? contradict(rows, recs[i].row, tally) : WF_OK;
        if (status)
            return status;
        struct wf_group_row rec = recs[i]; /* out may lie over recs */
        out[(*kept)++] = rec;
        taken++;
    }
    tally->duplicates += n - distinct;
    return WF_OK;
}

static enum wf_status drop_duplicates(struct wf_event_rows *rows, struct wf_group_row *recs,
                                      uint32_t *n, struct wf_grouped *tally)
{
    uint32_t kept = 0;
    bool any = false;
    if (*n <= SMALL) {
        for (uint32_t i = 1; i < *n && !any; i++)
            for (uint32_t j = 0; j < i && !any; j++)
                any = recs[i].full == recs[j].full;
        if (!any)
            return WF_OK;
    }
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

/* Rows of the future wait for their night; void rows never happened. */
static void drop_unseen(const struct wf_event_rows *rows, struct wf_group_row *recs, uint32_t *n,
                        struct wf_grouped *tally)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < *n; i++) {
        uint32_t row = recs[i].row;
        bool future = recs[i].at != INT64_MAX && recs[i].at >= rows->ctx->now;
        bool none = !future && rows->voids && rows->voids[row] && !rows->doubt[row];
        tally->future += future;
        tally->voids += none;
        if (!future && !none)
            recs[kept++] = recs[i];
    }
    *n = kept;
}

/* ---- order ---- */

static int compare_texts(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int by_bytes = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return by_bytes ? by_bytes : (a_len > b_len) - (a_len < b_len);
}

/* Two cells of a slot; missing ones first. */
static int compare_cells(const struct wf_event_rows *rows, uint32_t slot, uint32_t a, uint32_t b)
{
    const struct wf_raw *raw = &rows->raw[slot];
    if (raw->state[a] != raw->state[b])
        return raw->state[a] ? 1 : -1;
    switch ((enum wf_layout)rows->data->feed->slots[slot].layout) {
    case WF_LAY_BITS: return COMPARE(((uint8_t *)raw->data)[a], ((uint8_t *)raw->data)[b]);
    case WF_LAY_I32: return COMPARE(((int32_t *)raw->data)[a], ((int32_t *)raw->data)[b]);
    case WF_LAY_CODE: return COMPARE(((uint32_t *)raw->data)[a], ((uint32_t *)raw->data)[b]);
    case WF_LAY_F64: return COMPARE(((double *)raw->data)[a], ((double *)raw->data)[b]);
    case WF_LAY_I64: return COMPARE(((int64_t *)raw->data)[a], ((int64_t *)raw->data)[b]);
    case WF_LAY_STR: {
        const struct wf_piece *p = (const struct wf_piece *)raw->data + a;
        const struct wf_piece *q = (const struct wf_piece *)raw->data + b;
        const char *heap = rows->data->heap;
        return compare_texts(heap + p->at, p->len, heap + q->at, q->len);
    }
    }
    return 0;
}

static int by_time(const void *a, const void *b, void *ctx)
{
    const struct wf_group_row *x = a, *y = b;
    const struct wf_event_rows *rows = ctx;
    const struct wf_feed *feed = rows->data->feed;
    int order = COMPARE(x->event, y->event);
    if (!order && x->first != y->first && feed->n_uniques)
        order = compare_cells(rows, feed->uniques[0], x->row, y->row);
    if (!order)
        order = COMPARE(x->first, y->first);
    if (!order)
        order = COMPARE(x->at, y->at);
    for (uint32_t u = 1; !order && u < feed->n_uniques; u++)
        order = compare_cells(rows, feed->uniques[u], x->row, y->row);
    return order ? order : compare_bytes(rows, x->row, y->row);
}

static int by_first(const void *a, const void *b, void *ctx)
{
    const struct wf_group_row *x = a, *y = b;
    (void)ctx;
    int order = COMPARE(x->first, y->first);
    if (!order)
        order = COMPARE(x->at, y->at);
    return order ? order : COMPARE(x->row, y->row);
}

static bool any_shared(const struct wf_group_row *recs, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t j = 0; j < i; j++)
            if (recs[i].first == recs[j].first)
                return true;
    return false;
}

/* The time of an event is its earliest row's. */
static void find_event_times(struct wf_group_row *recs, uint32_t n)
{
    bool small = n <= SMALL;
    for (uint32_t i = 0; i < n; i++)
        recs[i].event = recs[i].at;
    if (small && !any_shared(recs, n))
        return;
    sort_rows(recs, n, by_first, NULL);
    for (uint32_t i = 1; i < n; i++)
        if (recs[i].first == recs[i - 1].first)
            recs[i].event = recs[i - 1].event;
}

enum wf_status wf_group_member(struct wf_event_rows *rows, bool dedupe, struct wf_group_row *recs,
                               uint32_t *n, struct wf_grouped *tally)
{
    if (dedupe) {
        enum wf_status status = drop_duplicates(rows, recs, n, tally);
        if (status)
            return status;
        drop_unseen(rows, recs, n, tally);
    }
    find_event_times(recs, *n);
    if (*n > 1)
        sort_rows(recs, *n, by_time, rows);
    return WF_OK;
}
