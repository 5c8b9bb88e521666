#include "runtime/data/group.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/group_member.h"
#include "runtime/data/parallel.h"

/* ---- what threads share ---- */

/* A row that stands, on its way to another member. */
struct moved_row {
    struct wf_staged *row;
    uint64_t salt;
    uint32_t member;
};

/* One thread's own memory, for one part after the other. */
struct desk {
    uint32_t *starts; /* by member of the part */
    struct wf_group_row *sorted;
    size_t room_starts, room_sorted;
    struct wf_grouped tally; /* its counts and late rejects */
};

struct grouping {
    const struct wf_event_rows *rows;
    const struct wf_group_taker *taker;
    struct wf_staged *const *own; /* NULL: all rows of the stages */
    const uint32_t *owner;
    const uint64_t *salt;
    uint32_t n, n_members, n_parts; /* n: of own */
    unsigned shift;
    struct moved_row *moved; /* by part */
    uint32_t *part_first;    /* of moved: n_parts + 1 */
    struct desk *desks;      /* by thread */
    struct wf_grouped *out;

    pthread_mutex_t lock;
    pthread_cond_t turned;
    uint32_t turn;   /* the part that may claim its place next */
    uint64_t placed; /* rows of the parts before it */
    bool failed;
};

/* ---- the rows of a part ---- */

static uint32_t rows_in(const struct grouping *g, uint32_t part)
{
    uint64_t n = 0;
    if (g->own)
        return g->part_first[part + 1] - g->part_first[part];
    for (unsigned t = 0; t < g->rows->n_stages; t++)
        n += g->rows->stages[t].streams[part].rows;
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

struct wf_group_row wf_group_row_of(const struct wf_stage_form *form, struct wf_staged *row,
                                    uint32_t member, uint64_t salt)
{
    uint32_t at = form->feed->at;
    uint64_t first = wf_staged_first(form, row);
    return (struct wf_group_row){
        .row = row,
        .at = wf_staged_state(form, row, at) ? wf_staged_value(form, row, at) : INT64_MAX,
        .full = wf_staged_full(form, row, first),
        .first = first ^ salt,
        .member = member,
    };
}

/* The streams of a part side by side. */
struct streams {
    struct wf_stage_walk walks[WF_MAX_THREADS];
    unsigned n;
};

static void enter_streams(const struct grouping *g, uint32_t part, struct streams *streams)
{
    streams->n = 0;
    for (unsigned t = 0; t < g->rows->n_stages; t++)
        wf_stage_enter(&streams->walks[streams->n++], g->rows->stages[t].streams[part].first);
}

/* The stream whose row comes first in the files, and how far it goes on alone. */
static struct wf_stage_walk *first_stream(struct streams *streams, uint64_t *upto)
{
    struct wf_stage_walk *first = NULL;
    uint64_t lowest = UINT64_MAX;
    *upto = UINT64_MAX;
    for (unsigned t = 0; t < streams->n; t++) {
        const struct wf_staged *row = wf_stage_row(&streams->walks[t]);
        if (!row)
            continue;
        if (!first || row->place < lowest) {
            *upto = lowest;
            lowest = row->place;
            first = &streams->walks[t];
        } else if (row->place < *upto) {
            *upto = row->place;
        }
    }
    return first;
}

static void count_streams(const struct grouping *g, uint32_t part, uint32_t *starts)
{
    uint32_t low = part << g->shift;
    for (unsigned t = 0; t < g->rows->n_stages; t++) {
        struct wf_stage_walk walk;
        wf_stage_enter(&walk, g->rows->stages[t].streams[part].first);
        for (struct wf_staged *row; (row = wf_stage_row(&walk)); wf_stage_skip(&walk))
            starts[row->member - low + 1]++;
    }
}

/* In the order of the files: exports come nearly in order of time, and stay so. */
static void sort_streams(const struct grouping *g, uint32_t part, struct desk *desk)
{
    uint32_t low = part << g->shift;
    struct streams streams;
    uint64_t upto;
    enter_streams(g, part, &streams);
    for (struct wf_stage_walk *walk; (walk = first_stream(&streams, &upto));)
        for (struct wf_staged *row; (row = wf_stage_row(walk)) && row->place <= upto;
             wf_stage_skip(walk))
            desk->sorted[desk->starts[row->member - low]++] = 
                wf_group_row_of(g->rows->form, row, row->member, 0);
}

/* The rows of a part by member; starts[m] becomes the end of its m-th member's. */
static enum wf_status sort_part(struct grouping *g, uint32_t part, struct desk *desk)
{
    const struct wf_alloc *alloc = g->rows->ctx->alloc;
    uint32_t width = 1u << g->shift, low = part << g->shift, n = rows_in(g, part);
    if (wf_grow(alloc, &desk->starts, &desk->room_starts, (size_t)width + 1,
                sizeof(*desk->starts)) ||
        wf_grow(alloc, &desk->sorted, &desk->room_sorted, n, sizeof(*desk->sorted)))
        return WF_ERR_NOMEM;
    uint32_t *starts = desk->starts;
    const struct moved_row *moved = g->own ? g->moved + g->part_first[part] : NULL;
    memset(starts, 0, ((size_t)width + 1) * sizeof(*starts));
    if (!moved)
        count_streams(g, part, starts);
    for (uint32_t i = 0; moved && i < n; i++)
        starts[moved[i].member - low + 1]++;
    for (uint32_t m = 0; m < width; m++)
        starts[m + 1] += starts[m];
    if (!moved)
        sort_streams(g, part, desk);
    for (uint32_t i = 0; moved && i < n; i++)
        desk->sorted[starts[moved[i].member - low]++] =
            
            wf_group_row_of(g->rows->form, moved[i].row, moved[i].member, moved[i].salt);
    return WF_OK;
}

/* ---- settling ---- */

/* The part's rows follow those of the part before: waits until it is known where they end. */
static enum wf_status claim(struct grouping *g, uint32_t part, uint32_t n, uint32_t *base_out)
{
    pthread_mutex_lock(&g->lock);
    while (g->turn != part && !g->failed)
        pthread_cond_wait(&g->turned, &g->lock);
    enum wf_status status = g->failed ? WF_ERR_NOMEM : WF_OK; /* all that can be lacking */
    *base_out = (uint32_t)g->placed;
    if (!status) {
        g->placed += n;
        g->turn++;
        pthread_cond_broadcast(&g->turned);
    }
    pthread_mutex_unlock(&g->lock);
    return status;
}

static void give_up(struct grouping *g)
{
    pthread_mutex_lock(&g->lock);
    g->failed = true;
    pthread_cond_broadcast(&g->turned);
    pthread_mutex_unlock(&g->lock);
}

/* Settles the members of a part and closes the gaps; starts[m] becomes where m's rows stand. */
static enum wf_status settle_members(struct grouping *g, struct desk *desk, uint32_t *kept_out)
{
    uint32_t width = 1u << g->shift, kept = 0;
    enum wf_status status = WF_OK;
    for (uint32_t m = 0, from = 0; !status && m < width; m++) {
        uint32_t count = desk->starts[m] - from; /* sorting moved starts[m] to m's end */
        struct wf_group_row *mine = desk->sorted + from;
        from += count;
        if (count)
            status = wf_group_member(g->rows, !g->own, mine, &count, &desk->tally);
        if (mine != desk->sorted + kept)
            memmove(desk->sorted + kept, mine, count * sizeof(*mine));
        desk->starts[m] = kept;
        kept += count;
    }
    *kept_out = kept;
    return status;
}

static enum wf_status settle_part(void *ctx, unsigned thread, uint32_t part)
{
    struct grouping *g = ctx;
    struct desk *desk = &g->desks[thread];
    uint32_t low = part << g->shift, width = 1u << g->shift, kept = 0, base = 0;
    enum wf_status status = sort_part(g, part, desk);
    if (!status)
        status = settle_members(g, desk, &kept);
    if (status)
        give_up(g);
    else
        status = claim(g, part, kept, &base);
    if (status)
        return status;
    for (uint32_t m = 0; m < width && low + m < g->n_members; m++)
        g->out->first[low + m] = base + desk->starts[m];
    status = g->taker->take(g->taker->ctx, desk->sorted, kept, base);
    if (status)
        give_up(g);
    return status;
}

static int by_place(const void *a, const void *b)
{
    const struct wf_late_reject *x = a, *y = b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static enum wf_status gather(struct grouping *g)
{
    struct wf_grouped *out = g->out;
    out->n = out->first[g->n_members] = (uint32_t)g->placed;
    for (unsigned t = 0; t < g->rows->ctx->threads; t++) {
        const struct wf_grouped *tally = &g->desks[t].tally;
        out->duplicates += tally->duplicates;
        out->future += tally->future;
        out->voids += tally->voids;
        if (wf_grow(g->rows->ctx->alloc, &out->late, &out->room_late, out->n_late + tally->n_late,
                    sizeof(*out->late)) != 0 ||
            wf_grow(g->rows->ctx->alloc, &out->unseen, &out->room_unseen,
                    out->n_unseen + tally->n_unseen, sizeof(*out->unseen)) != 0)
            return WF_ERR_NOMEM;
        for (size_t i = 0; i < tally->n_late; i++)
            out->late[out->n_late++] = tally->late[i];
        for (size_t i = 0; i < tally->n_unseen; i++)
            out->unseen[out->n_unseen++] = tally->unseen[i];
    }
    if (out->n_late)
        qsort(out->late, out->n_late, sizeof(*out->late), by_place);
    return WF_OK;
}

static enum wf_status settle(struct grouping *g)
{
    const struct wf_load_ctx *ctx = g->rows->ctx;
    g->out->first = wf_keep_calloc(ctx->keep, (size_t)g->n_members + 1, sizeof(*g->out->first));
    g->desks = wf_calloc(ctx->alloc, ctx->threads, sizeof(*g->desks));
    if (!g->out->first || !g->desks) {
        wf_free(ctx->alloc, g->desks);
        return WF_ERR_NOMEM;
    }
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->turned, NULL);
    enum wf_status status = wf_parallel(ctx->threads, g->n_parts, g, settle_part);
    pthread_cond_destroy(&g->turned);
    pthread_mutex_destroy(&g->lock);
    if (!status)
        status = gather(g);
    for (unsigned t = 0; t < ctx->threads; t++) {
        wf_free(ctx->alloc, g->desks[t].starts);
        wf_free(ctx->alloc, g->desks[t].sorted);
        wf_grouped_release(ctx->alloc, &g->desks[t].tally);
    }
    wf_free(ctx->alloc, g->desks);
    return status;
}

/* ---- two ways to group ---- */

enum wf_status wf_group_own(const struct wf_event_rows *rows, uint32_t n_members,
                            const struct wf_group_taker *taker, struct wf_grouped *grouped_out)
{
    *grouped_out = (struct wf_grouped){0};
    struct grouping g = {.rows = rows, .taker = taker, .out = grouped_out};
    g.n_members = n_members;
    g.n_parts = rows->form->n_parts;
    g.shift = rows->form->shift;
    return settle(&g);
}

/* Brings the rows into the parts of their new members, in their order. */
static enum wf_status move_rows(struct grouping *g)
{
    const struct wf_alloc *alloc = g->rows->ctx->alloc;
    uint32_t *cursors = wf_calloc(alloc, (size_t)g->n_parts + 1, sizeof(*cursors));
    g->part_first = wf_calloc(alloc, (size_t)g->n_parts + 1, sizeof(*g->part_first));
    g->moved = wf_calloc(alloc, g->n, sizeof(*g->moved));
    if (!cursors || !g->part_first || !g->moved) {
        wf_free(alloc, cursors);
        return WF_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t member = g->owner[g->own[i]->member];
        if (member != WF_NONE)
            g->part_first[(member >> g->shift) + 1]++;
    }
    for (uint32_t p = 0; p < g->n_parts; p++)
        cursors[p + 1] = g->part_first[p + 1] += g->part_first[p];
    for (uint32_t i = 0; i < g->n; i++) {
        uint32_t whose = g->own[i]->member, member = g->owner[whose];
        if (member != WF_NONE)
            g->moved[cursors[member >> g->shift]++] =
                (struct moved_row){g->own[i], g->salt[whose], member};
    }
    wf_free(alloc, cursors);
    return WF_OK;
}

enum wf_status wf_group_by(const struct wf_event_rows *rows, struct wf_staged *const *own,
                           uint32_t n, const uint32_t *owner, const uint64_t *salt,
                           uint32_t n_members, const struct wf_group_taker *taker,
                           struct wf_grouped *grouped_out)
{
    *grouped_out = (struct wf_grouped){0};
    struct grouping g = {.rows = rows, .taker = taker, .out = grouped_out};
    g.own = own;
    g.owner = owner;
    g.salt = salt;
    g.n = n;
    g.n_members = n_members;
    g.n_parts = rows->form->n_parts;
    g.shift = rows->form->shift;
    enum wf_status status = move_rows(&g);
    if (!status)
        status = settle(&g);
    wf_free(rows->ctx->alloc, g.moved);
    wf_free(rows->ctx->alloc, g.part_first);
    return status;
}

void wf_grouped_release(const struct wf_alloc *alloc, struct wf_grouped *grouped)
{
    wf_free(alloc, grouped->late);
    wf_free(alloc, grouped->unseen);
    *grouped = (struct wf_grouped){0};
}
