#include "runtime/data/group.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/data/group_member.h"
#include "runtime/data/parallel.h"

enum { ROWS_A_PART = 32768, MAX_PARTS = 4096 };

/* ---- a feed as arrays ---- */

enum wf_status wf_event_rows_init(struct wf_event_rows *rows, const struct wf_load_ctx *ctx,
                                  struct wf_feed_data *data, struct wf_raw *raw)
{
    const struct wf_alloc *alloc = ctx->alloc;
    uint32_t n = data->n_rows;
    *rows = (struct wf_event_rows){.ctx = ctx, .data = data, .raw = raw};
    const struct wf_feed *feed = data->feed;
    rows->member = wf_calloc(alloc, n, sizeof(*rows->member));
    rows->hash = wf_calloc(alloc, n, sizeof(*rows->hash));
    if (feed->n_uniques > 0)
        rows->first = wf_calloc(alloc, n, sizeof(*rows->first));
    if (feed->n_uniques > 1)
        rows->full = wf_calloc(alloc, n, sizeof(*rows->full));
    if (feed->keys)
        rows->key = wf_calloc(alloc, n, sizeof(*rows->key));
    rows->doubt = wf_calloc(alloc, n, 1);
    if (!rows->member || !rows->hash || !rows->doubt || (feed->n_uniques > 0 && !rows->first) ||
        (feed->n_uniques > 1 && !rows->full) || (feed->keys && !rows->key))
        return WF_ERR_NOMEM;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        struct wf_chunk *chunk = data->chunks[c];
        uint32_t base = data->base[c], rows_here = chunk->n;
        memcpy(rows->member + base, chunk->member, rows_here * sizeof(*rows->member));
        memcpy(rows->hash + base, chunk->hash, rows_here * sizeof(*rows->hash));
        memcpy(rows->doubt + base, chunk->bad_row, rows_here);
        if (rows->first)
            memcpy(rows->first + base, chunk->first, rows_here * sizeof(*rows->first));
        if (rows->full)
            memcpy(rows->full + base, chunk->full, rows_here * sizeof(*rows->full));
        if (rows->key)
            memcpy(rows->key + base, chunk->key, rows_here * sizeof(*rows->key));
        wf_chunk_thin(chunk); /* what was copied is not needed twice */
    }
    return WF_OK;
}

void wf_event_rows_release(struct wf_event_rows *rows)
{
    if (!rows->ctx)
        return;
    const struct wf_alloc *alloc = rows->ctx->alloc;
    wf_free(alloc, rows->member);
    wf_free(alloc, rows->hash);
    wf_free(alloc, rows->full);
    wf_free(alloc, rows->first);
    wf_free(alloc, rows->key);
    wf_free(alloc, rows->doubt);
    wf_free(alloc, rows->voids);
    *rows = (struct wf_event_rows){0};
}

/* ---- partitions ---- */

struct grouping {
    struct wf_event_rows *rows;
    const struct wf_grouped *own; /* NULL: all rows of the feed */
    const uint32_t *owner;
    const uint64_t *salt;
    uint32_t n, n_members, n_parts;
    unsigned shift, threads;
    uint32_t *cursors;         /* by part, then thread: where the thread writes next */
    uint32_t *part_first;      /* n_parts + 1 */
    struct wf_group_row *recs; /* by part */
    uint32_t *kept_rows;       /* what stands, at the part's place */
    uint8_t *kept_begins;
    uint32_t *kept;           /* by part: how many stand */
    struct wf_grouped *parts; /* by part: its counts and late rejects */
    struct wf_grouped *out;
};

static bool record_at(const struct grouping *g, uint32_t i, struct wf_group_row *rec)
{
    const struct wf_event_rows *rows = g->rows;
    const struct wf_raw *at = &rows->raw[rows->data->feed->at];
    uint32_t row = g->own ? g->own->rows[i] : i, member = rows->member[row];
    uint64_t first = rows->first ? rows->first[row] : rows->hash[row];
    uint64_t full = rows->full ? rows->full[row] : first;
    if (g->own) {
        first ^= g->salt[member];
        member = g->owner[member];
        if (member == WF_NONE)
            return false;
    }
    *rec = (struct wf_group_row){.row = row, .member = member, .full = full};
    rec->first = first;
    rec->at = at->state[row] ? ((const int64_t *)at->data)[row] : INT64_MAX;
    return true;
}

static void range_of(const struct grouping *g, uint32_t task, uint32_t *first, uint32_t *end)
{
    *first = (uint32_t)((uint64_t)g->n * task / g->threads);
    *end = (uint32_t)((uint64_t)g->n * (task + 1) / g->threads);
}

static enum wf_status count_parts(void *ctx, unsigned thread, uint32_t task)
{
    struct grouping *g = ctx;
    uint32_t i, end;
    struct wf_group_row rec;
    (void)thread;
    for (range_of(g, task, &i, &end); i < end; i++)
        if (record_at(g, i, &rec))
            g->cursors[(size_t)(rec.member >> g->shift) * g->threads + task]++;
    return WF_OK;
}

static enum wf_status fill_parts(void *ctx, unsigned thread, uint32_t task)
{
    struct grouping *g = ctx;
    uint32_t i, end;
    struct wf_group_row rec;
    (void)thread;
    for (range_of(g, task, &i, &end); i < end; i++)
        if (record_at(g, i, &rec))
            g->recs[g->cursors[(size_t)(rec.member >> g->shift) * g->threads + task]++] = rec;
    return WF_OK;
}

/* Where each thread's rows of each part go: stable, so the order of the files stays. */
static void place_parts(struct grouping *g)
{
    uint32_t sum = 0;
    for (uint32_t part = 0; part < g->n_parts; part++) {
        g->part_first[part] = sum;
        for (unsigned t = 0; t < g->threads; t++) {
            uint32_t *cursor = &g->cursors[(size_t)part * g->threads + t];
            uint32_t count = *cursor;
            *cursor = sum;
            sum += count;
        }
    }
    g->part_first[g->n_parts] = sum;
}

/* Sorts a part by member with a counting sort, then settles each member. */
static enum wf_status settle_part(void *ctx, unsigned thread, uint32_t part)
{
    struct grouping *g = ctx;
    const struct wf_alloc *alloc = g->rows->ctx->alloc;
    uint32_t base = g->part_first[part], n = g->part_first[part + 1] - base;
    uint32_t width = 1u << g->shift, low = part << g->shift;
    const struct wf_group_row *recs = g->recs + base;
    uint32_t *starts = wf_calloc(alloc, (size_t)width + 1, sizeof(*starts));
    struct wf_group_row *sorted = wf_calloc(alloc, n, sizeof(*sorted));
    enum wf_status status = starts && sorted ? WF_OK : WF_ERR_NOMEM;
    (void)thread;
    for (uint32_t i = 0; !status && i < n; i++)
        starts[recs[i].member - low + 1]++;
    for (uint32_t m = 0; !status && m < width; m++)
        starts[m + 1] += starts[m];
    for (uint32_t i = 0; !status && i < n; i++)
        sorted[starts[recs[i].member - low]++] = recs[i];
    for (uint32_t m = 0, from = 0, kept = 0; !status && m < width && low + m < g->n_members; m++) {
        uint32_t count = starts[m] - from; /* the counting sort moved starts[m] to m's end */
        struct wf_group_row *mine = sorted + from;
        from += count;
        if (count)
            status = wf_group_member(g->rows, !g->own, mine, &count, &g->parts[part]);
        for (uint32_t i = 0; !status && i < count; i++) {
            g->kept_rows[base + kept] = mine[i].row;
            g->kept_begins[base + kept++] = i == 0 || mine[i].first != mine[i - 1].first;
        }
        g->out->first[low + m + 1] = count;
        g->kept[part] = kept;
    }
    wf_free(alloc, starts);
    wf_free(alloc, sorted);
    return status;
}

static int by_row(const void *a, const void *b)
{
    const struct wf_late_reject *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static enum wf_status gather_late(struct grouping *g)
{
    struct wf_grouped *out = g->out;
    for (uint32_t p = 0; p < g->n_parts; p++) {
        const struct wf_grouped *part = &g->parts[p];
        out->duplicates += part->duplicates;
        out->future += part->future;
        out->voids += part->voids;
        if (!part->n_late)
            continue;
        if (wf_grow(g->rows->ctx->alloc, &out->late, &out->room_late, out->n_late + part->n_late,
                    sizeof(*out->late)))
            return WF_ERR_NOMEM;
        memcpy(out->late + out->n_late, part->late, part->n_late * sizeof(*out->late));
        out->n_late += part->n_late;
    }
    if (out->n_late)
        qsort(out->late, out->n_late, sizeof(*out->late), by_row);
    return WF_OK;
}

/* Closes the gaps between the parts. */
static enum wf_status gather(struct grouping *g)
{
    struct wf_grouped *out = g->out;
    for (uint32_t m = 0; m < g->n_members; m++)
        out->first[m + 1] += out->first[m];
    out->n = out->first[g->n_members];
    out->rows = g->kept_rows;
    out->begins = g->kept_begins;
    g->kept_rows = NULL;
    g->kept_begins = NULL;
    for (uint32_t p = 0, to = 0; p < g->n_parts; p++) {
        memmove(out->rows + to, out->rows + g->part_first[p], g->kept[p] * sizeof(*out->rows));
        memmove(out->begins + to, out->begins + g->part_first[p], g->kept[p]);
        to += g->kept[p];
    }
    return gather_late(g);
}

static enum wf_status reserve(struct grouping *g)
{
    const struct wf_alloc *alloc = g->rows->ctx->alloc;
    uint32_t parts = g->n / ROWS_A_PART + 1;
    parts = parts < MAX_PARTS ? parts : MAX_PARTS;
    while (g->shift < 31 && ((uint64_t)g->n_members >> g->shift) >= parts)
        g->shift++;
    g->n_parts = (g->n_members >> g->shift) + 1;
    g->cursors = wf_calloc(alloc, (size_t)g->n_parts * g->threads, sizeof(*g->cursors));
    g->part_first = wf_calloc(alloc, (size_t)g->n_parts + 1, sizeof(*g->part_first));
    g->recs = wf_calloc(alloc, g->n, sizeof(*g->recs));
    g->kept_rows = wf_calloc(alloc, g->n, sizeof(*g->kept_rows));
    g->kept_begins = wf_calloc(alloc, g->n, 1);
    g->kept = wf_calloc(alloc, g->n_parts, sizeof(*g->kept));
    g->parts = wf_calloc(alloc, g->n_parts, sizeof(*g->parts));
    g->out->first = wf_calloc(alloc, (size_t)g->n_members + 1, sizeof(*g->out->first));
    bool ok = g->cursors && g->part_first && g->recs && g->kept_rows && g->kept_begins && g->kept &&
              g->parts && g->out->first;
    return ok ? WF_OK : WF_ERR_NOMEM;
}

static enum wf_status run(struct grouping *g)
{
    const struct wf_load_ctx *ctx = g->rows->ctx;
    g->threads = ctx->threads;
    enum wf_status status = reserve(g);
    if (!status)
        status = wf_parallel(g->threads, g->threads, g, count_parts);
    if (!status) {
        place_parts(g);
        status = wf_parallel(g->threads, g->threads, g, fill_parts);
    }
    if (!status)
        status = wf_parallel(g->threads, g->n_parts, g, settle_part);
    if (!status)
        status = gather(g);
    for (uint32_t p = 0; g->parts && p < g->n_parts; p++)
        wf_free(ctx->alloc, g->parts[p].late);
    wf_free(ctx->alloc, g->cursors);
    wf_free(ctx->alloc, g->part_first);
    wf_free(ctx->alloc, g->recs);
    wf_free(ctx->alloc, g->kept_rows);
    wf_free(ctx->alloc, g->kept_begins);
    wf_free(ctx->alloc, g->kept);
    wf_free(ctx->alloc, g->parts);
    return status;
}

enum wf_status wf_group_own(struct wf_event_rows *rows, uint32_t n_members,
                            struct wf_grouped *grouped_out)
{
    *grouped_out = (struct wf_grouped){0};
    struct grouping g = {.rows = rows, .n = rows->data->n_rows, .n_members = n_members};
    g.out = grouped_out;
    return run(&g);
}

enum wf_status wf_group_by(struct wf_event_rows *rows, const struct wf_grouped *own,
                           const uint32_t *owner, const uint64_t *salt, uint32_t n_members,
                           struct wf_grouped *grouped_out)
{
    *grouped_out = (struct wf_grouped){0};
    struct grouping g = {.rows = rows, .own = own, .owner = owner, .salt = salt};
    g.n = own->n;
    g.n_members = n_members;
    g.out = grouped_out;
    return run(&g);
}

void wf_grouped_release(const struct wf_alloc *alloc, struct wf_grouped *grouped)
{
    wf_free(alloc, grouped->rows);
    wf_free(alloc, grouped->first);
    wf_free(alloc, grouped->begins);
    wf_free(alloc, grouped->late);
    *grouped = (struct wf_grouped){0};
}
