#include "runtime/data/group.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/data/group_member.h"
#include "runtime/data/parallel.h"

enum { ROWS_A_PART = 32768, MAX_PARTS = 4096 };

/* ---- the rows of a feed ---- */

enum wf_status wf_event_rows_init(struct wf_event_rows *rows, const struct wf_load_ctx *ctx,
                                  struct wf_feed_data *data, struct wf_raw *raw)
{
    *rows = (struct wf_event_rows){.ctx = ctx, .data = data, .raw = raw};
    rows->doubt = wf_calloc(ctx->alloc, data->n_rows, 1);
    if (!rows->doubt)
        return WF_ERR_NOMEM;
    for (uint32_t c = 0; c < data->n_chunks; c++)
        memcpy(rows->doubt + data->base[c], data->chunks[c]->bad_row, data->chunks[c]->n);
    return WF_OK;
}

void wf_event_rows_release(struct wf_event_rows *rows)
{
    if (!rows->ctx)
        return;
    wf_free(rows->ctx->alloc, rows->doubt);
    wf_free(rows->ctx->alloc, rows->voids);
    *rows = (struct wf_event_rows){0};
}

/* ---- partitions ---- */

/* A row on its way into its part. */
struct moved_row {
    uint32_t row, member;
    int64_t at;
    uint64_t first;
};

struct grouping {
    struct wf_event_rows *rows;
    const struct wf_grouped *own; /* NULL: all rows of the feed */
    const uint32_t *owner;
    const uint64_t *salt;
    uint32_t n, n_members, n_parts;
    unsigned shift, threads;
    uint32_t *cursors;      /* by thread, then part: where the thread writes next */
    uint32_t *part_first;   /* n_parts + 1 */
    struct moved_row *recs; /* by part */
    uint32_t *kept_rows;    /* what stands, at the part's place */
    uint8_t *kept_begins;
    uint32_t *kept;           /* by part: how many stand */
    struct wf_grouped *parts; /* by part: its counts and late rejects */
    struct wf_grouped *out;
};

/* The rows a thread goes through: of whole chunks, or of the rows grouped before. */
static void range_of(const struct grouping *g, uint32_t task, uint32_t *first, uint32_t *end)
{
    uint64_t n = g->own ? g->n : g->rows->data->n_chunks;
    *first = (uint32_t)(n * task / g->threads);
    *end = (uint32_t)(n * (task + 1) / g->threads);
}

static uint32_t owner_of(const struct grouping *g, uint32_t member)
{
    return g->own ? g->owner[member] : member;
}

static inline void count_row(struct grouping *g, uint32_t *cursors, struct wf_event_place place)
{
    uint32_t member = owner_of(g, place.chunk->member[place.at]);
    if (member != WF_NONE)
        cursors[member >> g->shift]++;
}

static inline void move_row(struct grouping *g, uint32_t *cursors, uint32_t row,
                            struct wf_event_place place)
{
    const struct wf_raw *at = &g->rows->raw[g->rows->data->feed->at];
    const struct wf_chunk *chunk = place.chunk;
    uint32_t whose = chunk->member[place.at], member = owner_of(g, whose);
    if (member == WF_NONE)
        return;
    g->recs[cursors[member >> g->shift]++] = (struct moved_row){
        .row = row,
        .member = member,
        .at = at->state[row] ? ((const int64_t *)at->data)[row] : INT64_MAX,
        .first = (chunk->first ? chunk->first : chunk->hash)[place.at] ^
                 (g->own ? g->salt[whose] : 0),
    };
}

static enum wf_status count_parts(void *ctx, unsigned thread, uint32_t task)
{
    struct grouping *g = ctx;
    const struct wf_feed_data *data = g->rows->data;
    uint32_t *cursors = g->cursors + (size_t)task * g->n_parts;
    uint32_t i, end;
    (void)thread;
    for (range_of(g, task, &i, &end); i < end; i++) {
        if (g->own)
            count_row(g, cursors, wf_event_place(g->rows, g->own->rows[i]));
        for (uint32_t r = 0; !g->own && r < data->chunks[i]->n; r++)
            count_row(g, cursors, (struct wf_event_place){data->chunks[i], r});
    }
    return WF_OK;
}

static enum wf_status fill_parts(void *ctx, unsigned thread, uint32_t task)
{
    struct grouping *g = ctx;
    const struct wf_feed_data *data = g->rows->data;
    uint32_t *cursors = g->cursors + (size_t)task * g->n_parts;
    uint32_t i, end;
    (void)thread;
    for (range_of(g, task, &i, &end); i < end; i++) {
        if (g->own)
            move_row(g, cursors, g->own->rows[i], wf_event_place(g->rows, g->own->rows[i]));
        for (uint32_t r = 0; !g->own && r < data->chunks[i]->n; r++)
            move_row(g, cursors, data->base[i] + r, (struct wf_event_place){data->chunks[i], r});
    }
    return WF_OK;
}

/* Where each thread's rows of each part go: stable, so the order of the files stays. */
static void place_parts(struct grouping *g)
{
    uint32_t sum = 0;
    for (uint32_t part = 0; part < g->n_parts; part++) {
        g->part_first[part] = sum;
        for (unsigned t = 0; t < g->threads; t++) {
            uint32_t *cursor = &g->cursors[(size_t)t * g->n_parts + part];
            uint32_t count = *cursor;
            *cursor = sum;
            sum += count;
        }
    }
    g->part_first[g->n_parts] = sum;
}

static struct wf_group_row unpack(const struct grouping *g, const struct moved_row *rec)
{
    uint64_t full = rec->first;
    if (!g->own && g->rows->data->feed->n_uniques > 1) {
        struct wf_event_place place = wf_event_place(g->rows, rec->row);
        full = place.chunk->full[place.at];
    }
    return (struct wf_group_row){.row = rec->row, .at = rec->at, .full = full, .first = rec->first};
}

/* Sorts a part by member with a counting sort, then settles each member. */
static enum wf_status settle_part(void *ctx, unsigned thread, uint32_t part)
{
    struct grouping *g = ctx;
    const struct wf_alloc *alloc = g->rows->ctx->alloc;
    uint32_t base = g->part_first[part], n = g->part_first[part + 1] - base;
    uint32_t width = 1u << g->shift, low = part << g->shift;
    const struct moved_row *recs = g->recs + base;
    uint32_t *starts = wf_calloc(alloc, (size_t)width + 1, sizeof(*starts));
    struct wf_group_row *sorted = wf_calloc(alloc, n, sizeof(*sorted));
    enum wf_status status = starts && sorted ? WF_OK : WF_ERR_NOMEM;
    (void)thread;
    for (uint32_t i = 0; !status && i < n; i++)
        starts[recs[i].member - low + 1]++;
    for (uint32_t m = 0; !status && m < width; m++)
        starts[m + 1] += starts[m];
    for (uint32_t i = 0; !status && i < n; i++)
        sorted[starts[recs[i].member - low]++] = unpack(g, &recs[i]);
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
