#include <stdlib.h>
#include <string.h>

#include "runtime/data/group_member.h"
#include "runtime/data/known.h"
#include "runtime/data/parallel.h"
#include "runtime/data/past.h"

/* ---- from the snapshot ---- */

/* Whose the rows are: a look-up an id, not a row. */
static enum wf_status find_owners(const struct wf_past_events *e, struct wf_past_block *block,
                                  struct wf_chunk *chunk)
{
    const struct wf_snap_column *ids = &block->columns[WF_PAST_ID];
    enum wf_status status = WF_OK;
    wf_past_texts(block, WF_PAST_ID);
    wf_follow_merges(e->merged, block->texts, ids->n_texts, NULL);
    for (uint32_t t = 0; !status && t < ids->n_texts; t++) {
        struct wf_cell id = block->texts[t];
        block->map[t] = wf_ids_find(e->members, id.text, id.len);
        if (block->map[t] == WF_NONE)
            status = wf_stranger(e->ctx->strangers, id, &block->map[t]);
    }
    for (uint32_t i = 0; !status && i < block->n; i++)
        chunk->member[i] = block->map[block->codes[i]];
    return status;
}

/* Rows of which something is not known that rules read tonight are in doubt. */
static void take_facts(const struct wf_past_events *e, struct wf_past_block *block,
                       struct wf_chunk *chunk)
{
    bool lacking = e->past.lacking != WF_NONE;
    const uint64_t *from = wf_past_numbers(block, WF_PAST_HASH);
    memcpy(chunk->hash, from, block->n * sizeof(*from));
    for (uint32_t half = 0; chunk->key && half < 2; half++) {
        from = wf_past_numbers(block, WF_PAST_KEY_LOW + half);
        for (uint32_t i = 0; i < block->n; i++)
            memcpy(chunk->key[i] + 8 * half, &from[i], 8);
    }
    wf_snap_state(&block->columns[WF_PAST_KEY_LOW], block->n, block->state);
    from = wf_past_numbers(block, WF_PAST_FLAGS);
    for (uint32_t i = 0; i < block->n; i++) {
        chunk->line[i] = i;
        chunk->bad_row[i] = (from[i] & WF_PAST_DOUBT) != 0 || lacking;
    }
}

static void know_rows(const struct wf_past_events *e, const struct wf_names *dicts,
                      struct wf_past_block *block, struct wf_chunk *chunk)
{
    const struct wf_feed *feed = e->past.feed;
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

static enum wf_status take_block(void *ctx, unsigned thread, uint32_t i)
{
    const struct wf_past_events *e = ctx;
    const struct wf_feed *feed = e->past.feed;
    struct wf_names *dicts = e->dicts + (size_t)thread * feed->n_slots;
    struct wf_past_block block;
    struct wf_chunk *chunk = NULL;
    enum wf_status status = wf_past_open(&e->past, i, &block);
    if (!status && !(chunk = wf_past_chunk(e->ctx->alloc, feed, i, block.n)))
        status = WF_ERR_NOMEM;
    if (!status) {
        chunk->worker = thread;
        chunk->first_line = (uint64_t)i * WF_SNAP_ROWS;
        status = find_owners(e, &block, chunk);
    }
    for (uint32_t s = 0; !status && s < feed->n_slots; s++) {
        struct wf_past_cells to = {chunk->data[s], chunk->state[s], &dicts[s],
                                   &chunk->heap,   e->refs[s],      e->merged};
        status = wf_past_cells(&block, s, &to);
    }
    if (!status) {
        take_facts(e, &block, chunk);
        know_rows(e, dicts, &block, chunk);
        status = e->taker->take(e->taker->ctx, thread, chunk, dicts);
    }
    wf_chunk_free(chunk);
    wf_past_close(&block);
    return status;
}

enum wf_status wf_past_events(struct wf_past_events *events)
{
    return wf_parallel(events->ctx->threads, events->past.n, events, take_block);
}

/* ---- into the snapshot ---- */

enum { TOGETHER = 1 << 13 }; /* rows of a block: they are gone over once a column, in the cache */

static struct wf_cell id_of(const struct wf_past_keeping *k, const struct wf_staged *row)
{
    if (row->member & WF_STRANGER)
        return wf_names_text(&k->ctx->strangers->names, row->member & ~WF_STRANGER);
    const struct wf_piece *id = &k->data->ids[row->member];
    return (struct wf_cell){k->data->id_heap + id->at, id->len, 0};
}

static enum wf_status pack_ids(const struct wf_past_keeping *k, struct wf_staged *const *rows,
                               struct wf_past_pack *pack)
{
    for (uint32_t i = 0; i < pack->n; i++)
        pack->texts[i] = id_of(k, rows[i]);
    return wf_past_pack_texts(pack, false, true);
}

static enum wf_status pack_facts(const struct wf_past_keeping *k, struct wf_staged *const *rows,
                                 struct wf_past_pack *pack)
{
    const struct wf_stage_form *form = k->rows->form;
    const struct wf_feed *feed = form->feed;
    for (uint32_t i = 0; i < pack->n; i++)
        pack->numbers[i] = rows[i]->hash;
    enum wf_status status = wf_past_pack_numbers(pack, false);
    for (uint32_t half = 0; !status && half < 2; half++) {
        for (uint32_t i = 0; i < pack->n; i++) {
            bool first = feed->n_uniques && wf_staged_state(form, rows[i], feed->uniques[0]);
            pack->state[i] = form->key && !first;
            if (pack->state[i])
                memcpy(&pack->numbers[i], wf_staged_at(rows[i], form->key + 8 * half), 8);
        }
        status = wf_past_pack_numbers(pack, true);
    }
    for (uint32_t i = 0; !status && i < pack->n; i++) {
        bool whole = wf_staged_full(form, rows[i], wf_staged_first(form, rows[i])) != rows[i]->hash;
        pack->numbers[i] =
            (rows[i]->flags & WF_STAGED_DOUBT ? WF_PAST_DOUBT : 0u) | (whole ? WF_PAST_WHOLE : 0u);
    }
    return status ? status : wf_past_pack_numbers(pack, false);
}

static enum wf_status pack_slot(const struct wf_past_keeping *k, struct wf_staged *const *rows,
                                uint32_t slot, struct wf_past_pack *pack)
{
    const struct wf_stage_form *form = k->rows->form;
    enum wf_stage_kind kind = (enum wf_stage_kind)form->cells[slot].kind;
    for (uint32_t i = 0; i < pack->n; i++) {
        const struct wf_names *dict = &k->dicts[rows[i]->worker * form->feed->n_slots + slot];
        pack->state[i] = wf_staged_state(form, rows[i], slot) != WF_STAGED_MISSING;
        if (!pack->state[i])
            continue;
        if (kind == WF_STAGE_TEXT)
            pack->texts[i] = wf_staged_text(form, rows[i], slot);
        else if (kind == WF_STAGE_CODE)
            pack->texts[i] = wf_names_text(dict, (uint32_t)wf_staged_value(form, rows[i], slot));
        else
            pack->numbers[i] = (uint64_t)wf_staged_value(form, rows[i], slot);
    }
    return kind == WF_STAGE_TEXT || kind == WF_STAGE_CODE
               ? wf_past_pack_texts(pack, true, kind == WF_STAGE_CODE)
               : wf_past_pack_numbers(pack, true);
}

/* Rows as blocks, from the place `order` on. */
static enum wf_status keep_rows(const struct wf_past_keeping *k, struct wf_staged *const *rows,
                                size_t n, uint64_t order)
{
    const struct wf_feed *feed = k->rows->feed;
    struct wf_past_pack pack;
    uint32_t room = n < TOGETHER ? (uint32_t)n : TOGETHER;
    enum wf_status status = wf_past_pack_init(&pack, k->ctx->alloc, room);
    for (size_t from = 0; !status && from < n; from += pack.n) {
        wf_past_pack_begin(&pack, n - from < room ? (uint32_t)(n - from) : room);
        status = pack_ids(k, rows + from, &pack);
        if (!status)
            status = pack_facts(k, rows + from, &pack);
        for (uint32_t s = 0; !status && s < feed->n_slots; s++)
            if (wf_past_is_kept(&feed->slots[s]))
                status = pack_slot(k, rows + from, s, &pack);
        if (!status)
            status = wf_snap_put_block(k->ctx->keeps, k->index, order + from, &pack.block, pack.n);
    }
    wf_past_pack_release(&pack);
    return status;
}

enum wf_status wf_past_take(void *ctx, const struct wf_group_row *rows, uint32_t n, uint32_t base)
{
    const struct wf_past_keeping *k = ctx;
    enum wf_status status = wf_view_take(k->view, rows, n, base);
    struct wf_staged **staged =
        status || !n ? NULL : wf_calloc(k->ctx->alloc, n, sizeof(struct wf_staged *));
    if (status || !n)
        return status;
    for (uint32_t i = 0; staged && i < n; i++)
        staged[i] = rows[i].row;
    status = staged ? keep_rows(k, staged, n, base) : WF_ERR_NOMEM;
    wf_free(k->ctx->alloc, staged);
    return status;
}

/* ---- rows that nobody sees tonight ---- */

enum { UNSEEN = 1, STRANGERS }; /* behind the rows that are seen: the place's upper half */

/* By what tells rows apart, whatever the order in which threads left them. */
static int by_member(const void *a, const void *b)
{
    const struct wf_group_row *x = a, *y = b;
    if (x->member != y->member)
        return x->member < y->member ? -1 : 1;
    return (x->row->place > y->row->place) - (x->row->place < y->row->place);
}

static enum wf_status gather_strangers(const struct wf_past_keeping *k, struct wf_group_row **out,
                                       size_t *n_out)
{
    const struct wf_event_rows *rows = k->rows;
    uint32_t part = rows->form->n_parts;
    size_t n = 0, room = 0;
    for (unsigned t = 0; t < rows->n_stages; t++)
        room += rows->stages[t].streams[part].rows;
    struct wf_group_row *recs = wf_calloc(k->ctx->alloc, room, sizeof(*recs));
    for (unsigned t = 0; recs && t < rows->n_stages; t++) {
        struct wf_stage_walk walk;
        wf_stage_enter(&walk, rows->stages[t].streams[part].first);
        for (struct wf_staged *row; (row = wf_stage_row(&walk)); wf_stage_skip(&walk))
            recs[n++] = wf_group_row_of(rows->form, row, row->member, 0);
    }
    if (n)
        qsort(recs, n, sizeof(*recs), by_member);
    *out = recs;
    *n_out = n;
    return recs ? WF_OK : WF_ERR_NOMEM;
}

/* Among rows of one id the same rules hold as among a member's. */
static enum wf_status keep_strangers(const struct wf_past_keeping *k)
{
    const struct wf_alloc *alloc = k->ctx->alloc;
    struct wf_group_row *recs = NULL;
    struct wf_staged **staged = NULL;
    struct wf_grouped tally = {0};
    size_t n = 0, kept = 0;
    enum wf_status status = gather_strangers(k, &recs, &n);
    if (!status && !(staged = wf_calloc(alloc, n, sizeof(struct wf_staged *))))
        status = WF_ERR_NOMEM;
    for (size_t i = 0, end; !status && i < n; i = end) {
        for (end = i + 1; end < n && recs[end].member == recs[i].member; end++)
            continue;
        uint32_t count = (uint32_t)(end - i);
        status = wf_group_member(k->rows, true, recs + i, &count, &tally);
        for (uint32_t r = 0; !status && r < count; r++)
            staged[kept++] = recs[i + r].row;
    }
    for (size_t i = 0; !status && i < tally.n_unseen; i++)
        staged[kept++] = tally.unseen[i];
    if (!status && kept)
        status = keep_rows(k, staged, kept, (uint64_t)STRANGERS << 32);
    wf_grouped_release(alloc, &tally);
    wf_free(alloc, staged);
    wf_free(alloc, recs);
    return status;
}

static int by_place(const void *a, const void *b)
{
    const struct wf_staged *const *x = a, *const *y = b;
    if ((*x)->member != (*y)->member)
        return (*x)->member < (*y)->member ? -1 : 1;
    return ((*x)->place > (*y)->place) - ((*x)->place < (*y)->place);
}

enum wf_status wf_past_keep_rest(struct wf_past_keeping *keeping, const struct wf_grouped *grouped)
{
    enum wf_status status = WF_OK;
    if (grouped->n_unseen) {
        qsort(grouped->unseen, grouped->n_unseen, sizeof(*grouped->unseen), by_place);
        status = keep_rows(keeping, grouped->unseen, grouped->n_unseen, (uint64_t)UNSEEN << 32);
    }
    return status ? status : keep_strangers(keeping);
}
