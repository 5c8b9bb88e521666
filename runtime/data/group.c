#include "runtime/data/group.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/data/group_member.h"
#include "runtime/data/parallel.h"

/* ---- what threads share ---- */

/* A row that stands, on its way to another member. */
struct moved_row {
    const struct wf_staged *row;
    uint64_t salt;
    uint32_t member, mark;
};

/* One thread's own memory, for one part after the other. */
struct desk {
    uint32_t *ends, *unseen_ends; /* by member of the part */
    struct wf_group_row *rows, *unseen;
    struct wf_group_rec *recs; /* of one member */
    char *fetched;             /* rows that were spilled */
    size_t room_ends, room_unseen_ends, room_rows, room_unseen, room_recs, room_fetched;
    uint32_t n, n_unseen;
    struct wf_grouped tally; /* its counts and late rejects */
};

struct grouping {
    const struct wf_event_rows *rows;
    const struct wf_group_taker *taker;
    const struct wf_own_row *own; /* NULL: all rows of the stages */
    const uint32_t *owner;
    const uint64_t *salt;
    uint32_t n, n_members; /* n: of own */
    uint32_t skip;         /* parts of the stages before the first one */
    uint32_t n_parts;
    unsigned shift;
    struct moved_row *moved; /* by part */
    uint32_t *part_first;    /* of moved: n_parts + 1 */
    struct desk *desks;      /* by thread */
    struct wf_grouped *out;

    pthread_mutex_t lock;
    pthread_cond_t turned;
    uint32_t turn;                   /* the part that may claim its place next */
    uint64_t placed;                 /* rows of the parts before it */
    uint32_t left[WF_STAGE_SHELVES]; /* parts of a shelf that are not done */
    enum wf_status failed; /* what went wrong with a part: those behind it need not be done */
};

/* ---- the rows of a part ---- */

static uint64_t rows_in(const struct grouping *g, uint32_t part)
{
    uint64_t n = 0;
    if (g->own)
        return g->part_first[part + 1] - g->part_first[part];
    for (unsigned t = 0; t < g->rows->n_stages; t++)
        if (g->skip + part < g->rows->stages[t].n_streams)
            n += g->rows->stages[t].streams[g->skip + part].rows;
    return n;
}

static uint32_t members_in(const struct grouping *g, uint32_t part)
{
    uint32_t rest = g->n_members - (part << g->shift);
    return rest < 1u << g->shift ? rest : 1u << g->shift;
}

static void count_rows(const struct grouping *g, uint32_t part, uint32_t *ends)
{
    const uint32_t size = g->rows->form->size;
    for (unsigned t = 0; t < g->rows->n_stages; t++) {
        struct wf_stage_walk walk;
        wf_stage_enter(&walk, &g->rows->stages[t], g->skip + part);
        for (struct wf_staged *row; (row = wf_stage_row(&walk)); wf_stage_skip(&walk, size))
            ends[wf_staged_member(row) + 1]++;
    }
}

/* One thread's rows, in the order of the files: exports come nearly in order of time. */
static void place_rows(const struct grouping *g, uint32_t part, uint32_t worker, struct desk *desk)
{
    const struct wf_stage_form *form = g->rows->form;
    const struct wf_stage *stage = &g->rows->stages[worker];
    const struct wf_staged_place state = wf_staged_states(form->feed->at);
    const uint32_t at = form->cells[form->feed->at].at, size = form->size;
    struct wf_stage_walk walk;
    wf_stage_enter(&walk, stage, g->skip + part);
    for (struct wf_staged *row; (row = wf_stage_row(&walk)); wf_stage_skip(&walk, size)) {
        bool here = wf_staged_state_at(row, state) == WF_STAGED_HERE;
        uint32_t flags = wf_staged_flags(row) & (WF_STAGED_DOUBT | WF_STAGED_VOID);
        desk->rows[desk->ends[wf_staged_member(row)]++] = (struct wf_group_row){
            .row = row,
            .at = here ? wf_staged_raw(row, at, 4) : UINT32_MAX,
            .mark = wf_staged_mark(stage, row) << WF_GROUP_KEY | worker << WF_GROUP_WORKER | flags,
        };
    }
}

/* Brings back what was spilled of a part. */
static enum wf_status fetch(struct grouping *g, uint32_t part, struct desk *desk)
{
    size_t bytes = 0;
    enum wf_status status = WF_OK;
    for (unsigned t = 0; t < g->rows->n_stages; t++)
        bytes += wf_stage_spilled(&g->rows->stages[t], g->skip + part);
    if (g->own || bytes == 0)
        return WF_OK;
    if (wf_grow(g->rows->ctx->alloc, &desk->fetched, &desk->room_fetched, bytes, 1) != 0)
        return WF_ERR_NOMEM;
    char *room = desk->fetched;
    for (unsigned t = 0; !status && t < g->rows->n_stages; t++) {
        struct wf_stage *stage = &g->rows->stages[t];
        size_t here = wf_stage_spilled(stage, g->skip + part);
        if (here)
            status = wf_stage_fetch(stage, g->skip + part, room);
        room += here;
    }
    return status;
}

/* The rows of a part by member; ends[m] becomes the end of its m-th member's. */
static enum wf_status sort_part(struct grouping *g, uint32_t part, struct desk *desk)
{
    const struct wf_alloc *alloc = g->rows->ctx->alloc;
    uint32_t width = 1u << g->shift, members = members_in(g, part);
    uint64_t n = rows_in(g, part);
    if (wf_grow(alloc, &desk->ends, &desk->room_ends, (size_t)members + 1, sizeof(*desk->ends)) ||
        wf_grow(alloc, &desk->unseen_ends, &desk->room_unseen_ends, members, sizeof(uint32_t)) ||
        wf_grow(alloc, &desk->rows, &desk->room_rows, n, sizeof(*desk->rows)))
        return WF_ERR_NOMEM;
    const struct moved_row *moved = g->own ? g->moved + g->part_first[part] : NULL;
    memset(desk->ends, 0, ((size_t)members + 1) * sizeof(*desk->ends));
    if (!moved)
        count_rows(g, part, desk->ends);
    for (uint32_t i = 0; moved && i < n; i++)
        desk->ends[(moved[i].member & (width - 1)) + 1]++;
    for (uint32_t m = 0; m < members; m++)
        desk->ends[m + 1] += desk->ends[m];
    for (uint32_t t = 0; !moved && t < g->rows->n_stages; t++)
        place_rows(g, part, t, desk);
    for (uint32_t i = 0; moved && i < n; i++) /* `at`: its number here, for its salt */
        desk->rows[desk->ends[moved[i].member & (width - 1)]++] =
            (struct wf_group_row){moved[i].row, i, moved[i].mark};
    return WF_OK;
}

/* ---- settling ---- */

/* The part's rows follow those of the part before: waits until it is known where they end. */
static enum wf_status claim(struct grouping *g, uint32_t part, uint32_t n, uint32_t *base_out)
{
    pthread_mutex_lock(&g->lock);
    while (g->turn != part && !g->failed)
        pthread_cond_wait(&g->turned, &g->lock);
    enum wf_status status = g->failed;
    *base_out = (uint32_t)g->placed;
    if (!status) {
        g->placed += n;
        g->turn++;
        pthread_cond_broadcast(&g->turned);
    }
    pthread_mutex_unlock(&g->lock);
    return status;
}

static void give_up(struct grouping *g, enum wf_status why)
{
    pthread_mutex_lock(&g->lock);
    if (!g->failed)
        g->failed = why;
    pthread_cond_broadcast(&g->turned);
    pthread_mutex_unlock(&g->lock);
}

/* The rows of a member as any member's. */
static enum wf_status settle_slowly(struct grouping *g, uint32_t part, struct desk *desk,
                                    struct wf_group_row *mine, uint32_t *n, uint32_t *n_unseen)
{
    const struct moved_row *moved = g->own ? g->moved + g->part_first[part] : NULL;
    if (wf_grow(g->rows->ctx->alloc, &desk->recs, &desk->room_recs, *n, sizeof(*desk->recs)) != 0)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < *n; i++)
        desk->recs[i] =
            wf_group_rec_of(g->rows, mine[i].row, mine[i].mark, moved ? moved[mine[i].at].salt : 0);
    enum wf_status status =
        wf_group_member(g->rows, !g->own, desk->recs, n, n_unseen, &desk->tally);
    for (uint32_t i = 0; !status && i < *n + *n_unseen; i++)
        mine[i] = (struct wf_group_row){desk->recs[i].row, 0, desk->recs[i].mark};
    return status;
}

static enum wf_status keep_unseen(struct grouping *g, struct desk *desk,
                                  const struct wf_group_row *unseen, uint32_t n)
{
    if (!g->rows->keeps || n == 0)
        return WF_OK;
    if (wf_grow(g->rows->ctx->alloc, &desk->unseen, &desk->room_unseen, (size_t)desk->n_unseen + n,
                sizeof(*desk->unseen)) != 0)
        return WF_ERR_NOMEM;
    memcpy(desk->unseen + desk->n_unseen, unseen, n * sizeof(*unseen));
    desk->n_unseen += n;
    return WF_OK;
}

/* Settles the members of a part and closes the gaps between them. */
static enum wf_status settle_members(struct grouping *g, uint32_t part, struct desk *desk)
{
    uint32_t members = members_in(g, part);
    enum wf_status status = WF_OK;
    desk->n = desk->n_unseen = 0;
    for (uint32_t m = 0, from = 0; !status && m < members; m++) {
        struct wf_group_row *mine = desk->rows + from;
        uint32_t all = desk->ends[m] - from, n = all, n_unseen = 0;
        from += all;
        if (all && !g->own && wf_group_plain(g->rows, mine, &n, &desk->tally))
            n_unseen = all - n;
        else if (all)
            status = settle_slowly(g, part, desk, mine, &n, &n_unseen);
        if (!status)
            status = keep_unseen(g, desk, mine + n, n_unseen);
        if (n && mine != desk->rows + desk->n)
            memmove(desk->rows + desk->n, mine, n * sizeof(*mine));
        desk->ends[m] = desk->n += n;
        desk->unseen_ends[m] = desk->n_unseen;
    }
    return status;
}

/* When no part of a shelf is needed any more, its rows are gone. */
static void leave_shelf(struct grouping *g, uint32_t part)
{
    uint32_t shelf = wf_stage_shelf(g->rows->form, g->skip + part);
    if (g->own || g->rows->stay || __atomic_sub_fetch(&g->left[shelf], 1, __ATOMIC_ACQ_REL))
        return;
    for (unsigned t = 0; t < g->rows->n_stages; t++)
        wf_stage_clear(&g->rows->stages[t], shelf);
}

/* By member: rows beside those of the stages; NULL: there are none. */
static const uint32_t *standing_of(const struct grouping *g)
{
    bool own = !g->own && !g->skip;
    return own && g->rows->standing ? g->rows->standing->count : NULL;
}

/* Rows of a part that stand. */
static uint32_t standing_in(const struct grouping *g, uint32_t part)
{
    const uint32_t *standing = standing_of(g);
    uint32_t n = 0;
    for (uint32_t m = 0; standing && m < members_in(g, part); m++)
        n += standing[(part << g->shift) + m];
    return n;
}

static enum wf_status take_part(struct grouping *g, unsigned thread, uint32_t part, uint32_t base)
{
    const struct desk *desk = &g->desks[thread];
    const uint32_t *standing = standing_of(g);
    uint32_t low = part << g->shift, stood = 0;
    const struct wf_group_part taken = {
        .thread = thread,
        .strangers = g->skip > 0,
        .low = low,
        .n_members = members_in(g, part),
        .rows = desk->rows,
        .ends = desk->ends,
        .n = desk->n,
        .base = base,
        .unseen = desk->unseen,
        .unseen_ends = desk->unseen_ends,
        .n_unseen = desk->n_unseen,
    };
    for (uint32_t m = 0; g->out->first && m < taken.n_members; m++) {
        g->out->first[low + m] = base + stood + (m ? desk->ends[m - 1] : 0);
        stood += standing ? standing[low + m] : 0;
    }
    return g->taker->take(g->taker->ctx, &taken);
}

static enum wf_status settle_part(void *ctx, unsigned thread, uint32_t part)
{
    struct grouping *g = ctx;
    struct desk *desk = &g->desks[thread];
    uint32_t base = 0;
    enum wf_status status = fetch(g, part, desk);
    if (!status)
        status = sort_part(g, part, desk);
    if (!status)
        status = settle_members(g, part, desk);
    if (!status)
        status = claim(g, part, desk->n + standing_in(g, part), &base);
    if (!status)
        status = take_part(g, thread, part, base);
    if (status)
        give_up(g, status);
    else
        leave_shelf(g, part);
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
    out->n = (uint32_t)g->placed;
    if (out->first)
        out->first[g->n_members] = out->n;
    for (unsigned t = 0; t < g->rows->ctx->threads; t++) {
        const struct wf_grouped *tally = &g->desks[t].tally;
        out->duplicates += tally->duplicates;
        out->future += tally->future;
        out->voids += tally->voids;
        if (wf_grow(g->rows->ctx->alloc, &out->late, &out->room_late, out->n_late + tally->n_late,
                    sizeof(*out->late)) != 0)
            return WF_ERR_NOMEM;
        for (size_t i = 0; i < tally->n_late; i++)
            out->late[out->n_late++] = tally->late[i];
    }
    if (out->n_late)
        qsort(out->late, out->n_late, sizeof(*out->late), by_place);
    return WF_OK;
}

static enum wf_status settle(struct grouping *g)
{
    const struct wf_load_ctx *ctx = g->rows->ctx;
    g->desks = wf_calloc(ctx->alloc, ctx->threads, sizeof(*g->desks));
    if (!g->desks)
        return WF_ERR_NOMEM;
    for (uint32_t p = 0; p < g->n_parts; p++)
        g->left[wf_stage_shelf(g->rows->form, g->skip + p)]++;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->turned, NULL);
    enum wf_status status = wf_parallel(ctx->threads, g->n_parts, g, settle_part);
    pthread_cond_destroy(&g->turned);
    pthread_mutex_destroy(&g->lock);
    if (!status)
        status = gather(g);
    for (unsigned t = 0; t < ctx->threads; t++) {
        struct desk *desk = &g->desks[t];
        wf_free(ctx->alloc, desk->ends);
        wf_free(ctx->alloc, desk->unseen_ends);
        wf_free(ctx->alloc, desk->rows);
        wf_free(ctx->alloc, desk->unseen);
        wf_free(ctx->alloc, desk->recs);
        wf_free(ctx->alloc, desk->fetched);
        wf_grouped_release(ctx->alloc, &desk->tally);
    }
    wf_free(ctx->alloc, g->desks);
    return status;
}

/* ---- three ways to group ---- */

static enum wf_status make_first(struct grouping *g)
{
    g->out->first =
        wf_keep_calloc(g->rows->ctx->keep, (size_t)g->n_members + 1, sizeof(*g->out->first));
    return g->out->first ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_group_own(const struct wf_event_rows *rows, uint32_t n_members,
                            const struct wf_group_taker *taker, struct wf_grouped *grouped_out)
{
    *grouped_out = (struct wf_grouped){0};
    struct grouping g = {.rows = rows, .taker = taker, .out = grouped_out, .n_members = n_members};
    g.n_parts = rows->form->n_parts;
    g.shift = rows->form->shift;
    enum wf_status status = make_first(&g);
    return status ? status : settle(&g);
}

enum wf_status wf_group_strangers(const struct wf_event_rows *rows, uint32_t n_strangers,
                                  const struct wf_group_taker *taker,
                                  struct wf_grouped *grouped_out)
{
    *grouped_out = (struct wf_grouped){0};
    struct grouping g = {
        .rows = rows, .taker = taker, .out = grouped_out, .n_members = n_strangers};
    g.skip = rows->form->n_parts;
    g.shift = WF_STAGE_SHIFT;
    g.n_parts = (n_strangers >> g.shift) + (n_strangers & ((1u << g.shift) - 1) ? 1 : 0);
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
        uint32_t member = g->owner[g->own[i].member];
        if (member != WF_NONE)
            g->part_first[(member >> g->shift) + 1]++;
    }
    for (uint32_t p = 0; p < g->n_parts; p++)
        cursors[p + 1] = g->part_first[p + 1] += g->part_first[p];
    for (uint32_t i = 0; i < g->n; i++) {
        const struct wf_own_row *own = &g->own[i];
        uint32_t member = g->owner[own->member];
        if (member != WF_NONE)
            g->moved[cursors[member >> g->shift]++] =
                (struct moved_row){own->row, g->salt[own->member], member, own->mark};
    }
    wf_free(alloc, cursors);
    return WF_OK;
}

enum wf_status wf_group_by(const struct wf_event_rows *rows, const struct wf_own_row *own,
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
    enum wf_status status = make_first(&g);
    if (!status)
        status = move_rows(&g);
    if (!status)
        status = settle(&g);
    wf_free(rows->ctx->alloc, g.moved);
    wf_free(rows->ctx->alloc, g.part_first);
    return status;
}

void wf_grouped_release(const struct wf_alloc *alloc, struct wf_grouped *grouped)
{
    wf_free(alloc, grouped->late);
    *grouped = (struct wf_grouped){0};
}
