#include "runtime/data/past_events.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string.h>

#include "runtime/data/known.h"
#include "runtime/data/parallel.h"

/* One thread's tools. */
struct desk {
    struct wf_past_block block;
    struct wf_past_picked picked;
};

struct taking {
    const struct wf_past_events *events;
    struct desk *desks; /* by thread */
};

/* Some bytes' hash was not kept, for nothing but the key tells rows like that one apart, and only
 * where two ids became one do two of them have one key: they differ then. */
static uint64_t stand_in(const struct wf_chunk *chunk, uint32_t i)
{
    uint64_t at[2] = {chunk->member[i], chunk->seq << 32 | i};
    return XXH3_64bits(at, sizeof(at));
}

/* Rows of which something is not known that rules read tonight are in doubt. */
static void take_facts(struct wf_past_block *block, struct wf_chunk *chunk)
{
    const struct wf_snap_column *hash = &block->columns[WF_PAST_HASH];
    bool lacking = block->past->lacking != WF_NONE;
    const uint64_t *from = NULL;
    for (uint32_t i = 0; i < block->n; i++)
        chunk->hash[i] = wf_snap_has(hash, block->rows[i]) ? wf_snap_number(hash, block->rows[i])
                                                           : stand_in(chunk, i);
    for (uint32_t half = 0; chunk->key && half < 2; half++) {
        from = wf_past_numbers(block, WF_PAST_KEY_LOW + half);
        for (uint32_t i = 0; i < block->n; i++)
            memcpy(chunk->key[i] + 8 * half, &from[i], 8);
    }
    wf_past_states(block, WF_PAST_KEY_LOW, block->state);
    from = wf_past_numbers(block, WF_PAST_FLAGS);
    for (uint32_t i = 0; i < block->n; i++) {
        chunk->line[i] = i;
        chunk->bad_row[i] = (from[i] & WF_PAST_DOUBT) != 0 || lacking;
    }
}

static void know_rows(const struct wf_names *dicts, struct wf_past_block *block,
                      struct wf_chunk *chunk)
{
    const struct wf_feed *feed = block->past->feed;
    const uint64_t *flags = block->numbers; /* as take_facts left them */
    for (uint32_t i = 0; i < block->n; i++) {
        bool first = feed->n_uniques && chunk->state[feed->uniques[0]][i];
        wf_known_row(feed, dicts, NULL, NULL, 0, i, chunk);
        if (chunk->full && !(flags[i] & WF_PAST_WHOLE))
            chunk->full[i] = chunk->hash[i];
        if (chunk->key && !first && !block->state[i])
            chunk->bad_row[i] = 1; /* nobody asked for keys when it came */
    }
}

static enum wf_status make_chunk(const struct wf_past_events *e, unsigned thread,
                                 struct desk *desk, struct wf_chunk *chunk)
{
    struct wf_past_block *block = &desk->block;
    const struct wf_feed *feed = block->past->feed;
    struct wf_names *dicts = e->dicts + (size_t)thread * feed->n_slots;
    enum wf_status status = WF_OK;
    chunk->worker = thread;
    chunk->first_line = block->past->places[chunk->seq].row;
    memcpy(chunk->member, desk->picked.members, chunk->n * sizeof(*chunk->member));
    for (uint32_t s = 0; !status && s < feed->n_slots; s++) {
        struct wf_past_cells to = {chunk->data[s], chunk->state[s], &dicts[s],
                                   &chunk->heap,   e->refs[s],      e->owners->merged};
        status = wf_past_cells(block, s, &to);
    }
    if (status)
        return status;
    take_facts(block, chunk);
    know_rows(dicts, block, chunk);
    return e->taker->take(e->taker->ctx, thread, chunk, dicts);
}

static enum wf_status take_block(void *ctx, unsigned thread, uint32_t i)
{
    const struct taking *t = ctx;
    const struct wf_past_events *e = t->events;
    struct wf_past_owners *owners = e->owners;
    struct desk *desk = &t->desks[thread];
    enum wf_status status = wf_past_pick(owners, i, &desk->picked);
    if (status || desk->picked.n == 0)
        return status;
    status = wf_past_lay_out(&desk->block, &owners->past, i, owners->opened[i].columns,
                             desk->picked.rows, desk->picked.n);
    if (status)
        return status;
    struct wf_chunk *chunk =
        wf_past_chunk(owners->ctx->alloc, owners->past.feed, i, desk->picked.n);
    status = chunk ? make_chunk(e, thread, desk, chunk) : WF_ERR_NOMEM;
    wf_chunk_free(chunk);
    return status;
}

enum wf_status wf_past_events(const struct wf_past_events *events)
{
    const struct wf_load_ctx *ctx = events->owners->ctx;
    struct taking t = {events, wf_calloc(ctx->alloc, ctx->threads, sizeof(*t.desks))};
    if (!t.desks)
        return WF_ERR_NOMEM;
    enum wf_status status = wf_past_owners_find(events->owners, &t, take_block);
    for (unsigned thread = 0; thread < ctx->threads; thread++) {
        wf_past_block_release(&t.desks[thread].block);
        wf_past_picked_release(&t.desks[thread].picked, ctx->alloc);
    }
    wf_free(ctx->alloc, t.desks);
    return status;
}
