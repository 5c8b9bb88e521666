#include "runtime/data/past.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"

/* ---- what a column means ---- */

static void add_constant(const struct wf_ir *ir, uint32_t index, struct wf_buf *out)
{
    if (index == WF_NONE) {
        wf_buf_adds(out, "-");
        return;
    }
    const struct wf_value *value = &ir->consts[index];
    if (value->type == WF_T_TEXT || value->type == WF_T_SET)
        wf_buf_add(out, value->text, value->len);
    else
        wf_buf_addf(out, "%lld", (long long)value->i);
}

/* A hash over all by which a cell of an export becomes a value. */
static enum wf_status meaning_of(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                                 const struct wf_slot *slot, uint64_t *out)
{
    const struct wf_ir *ir = ctx->ir;
    const struct wf_ir_field *def = slot->def;
    struct wf_buf text;
    wf_buf_init(&text, ctx->alloc, 0);
    wf_buf_addf(&text, "%s|%s|%u|%d|%d|", feed->id_column, slot->column, slot->type,
                slot->as_text && def->ref != 0, def->optional || !slot->read);
    wf_buf_adds(&text, def->format == WF_NONE ? "-" : ir->texts[def->format]->text);
    wf_buf_addc(&text, '|');
    add_constant(ir, def->missing_as, &text);
    wf_buf_addc(&text, '|');
    add_constant(ir, def->has_default ? def->default_const : WF_NONE, &text);
    for (uint32_t e = 0; e < def->enums_count; e++)
        wf_buf_addf(&text, "|%s", ir->texts[ir->enum_names[def->enums_first + e]]->text);
    if (slot->type == WF_T_TIME)
        wf_buf_addf(&text, "|%s", ir->texts[ir->timezone]->text);
    *out = text.failed ? 0 : XXH3_64bits(text.data, text.len);
    enum wf_status status = text.failed ? WF_ERR_NOMEM : WF_OK;
    wf_buf_release(&text);
    return status;
}

enum wf_status wf_past_announce(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                                uint32_t *index_out)
{
    uint64_t *meanings = wf_calloc(ctx->alloc, WF_PAST_COLUMNS + feed->n_slots, sizeof(*meanings));
    uint32_t n = WF_PAST_COLUMNS;
    enum wf_status status = meanings ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t s = 0; !status && s < feed->n_slots; s++)
        if (wf_past_is_kept(&feed->slots[s]))
            status = meaning_of(ctx, feed, &feed->slots[s], &meanings[n++]);
    if (!status)
        status = wf_snap_add_feed(ctx->keeps, feed->noun, meanings, n, index_out);
    wf_free(ctx->alloc, meanings);
    return status;
}

/* ---- finding them again ---- */

static enum wf_status find_column(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                                  uint32_t slot)
{
    const struct wf_snap_feed *kept = &past->snap->feeds[past->index];
    uint64_t meaning = 0;
    enum wf_status status = meaning_of(ctx, past->feed, &past->feed->slots[slot], &meaning);
    past->columns[slot] = WF_NONE;
    for (uint32_t c = WF_PAST_COLUMNS; c < kept->n_columns; c++)
        if (kept->meanings[c] == meaning)
            past->columns[slot] = c;
    return status;
}

/* The slot that holds the text of a reference. */
static uint32_t text_of_ref(const struct wf_feed *feed, uint32_t slot)
{
    for (uint32_t s = 0; s < feed->n_slots; s++)
        if (feed->slots[s].as_text && feed->slots[s].field == feed->slots[slot].field)
            return s;
    return slot;
}

static enum wf_status find_columns(struct wf_past_feed *past, const struct wf_load_ctx *ctx)
{
    const struct wf_feed *feed = past->feed;
    enum wf_status status = WF_OK;
    for (uint32_t s = 0; !status && s < feed->n_slots; s++)
        if (wf_past_is_kept(&feed->slots[s]))
            status = find_column(past, ctx, s);
    for (uint32_t s = 0; !status && s < feed->n_slots; s++) {
        if (!wf_past_is_kept(&feed->slots[s]))
            past->columns[s] = past->columns[text_of_ref(feed, s)];
        if (past->columns[s] == WF_NONE)
            past->lacking = s;
    }
    return status;
}

enum wf_status wf_past_feed_init(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                                 const struct wf_feed *feed)
{
    *past = (struct wf_past_feed){.alloc = ctx->alloc,
                                  .snap = ctx->past,
                                  .feed = feed,
                                  .index = WF_SNAP_NONE,
                                  .lacking = WF_NONE};
    if (!ctx->past || !feed->kept)
        return WF_OK;
    past->index = wf_snap_find(ctx->past, feed->noun);
    if (past->index == WF_SNAP_NONE)
        return WF_OK;
    if (ctx->past->feeds[past->index].n_columns < WF_PAST_COLUMNS)
        return WF_ERR_STATE;
    past->columns = wf_calloc(ctx->alloc, feed->n_slots, sizeof(*past->columns));
    if (!past->columns)
        return WF_ERR_NOMEM;
    for (uint32_t b = 0; b < ctx->past->n_blocks; b++) {
        if (ctx->past->blocks[b].feed != past->index)
            continue;
        past->first = past->n ? past->first : b;
        past->n++;
        past->rows += ctx->past->blocks[b].rows;
    }
    return past->rows < UINT32_MAX ? find_columns(past, ctx) : WF_ERR_LIMIT;
}

void wf_past_feed_release(struct wf_past_feed *past)
{
    wf_free(past->alloc, past->columns);
    *past = (struct wf_past_feed){0};
}

/* ---- a block ---- */

enum wf_status wf_past_open(const struct wf_past_feed *past, uint32_t i,
                            struct wf_past_block *block)
{
    const struct wf_alloc *alloc = past->alloc;
    const struct wf_snap_block *from = &past->snap->blocks[past->first + i];
    size_t n = from->rows;
    *block = (struct wf_past_block){.past = past, .n = from->rows};
    block->columns =
        wf_calloc(alloc, past->snap->feeds[past->index].n_columns, sizeof(*block->columns));
    block->texts = wf_calloc(alloc, n, sizeof(*block->texts));
    block->codes = wf_calloc(alloc, n, sizeof(*block->codes));
    block->map = wf_calloc(alloc, n, sizeof(*block->map));
    block->numbers = wf_calloc(alloc, n, sizeof(*block->numbers));
    block->state = wf_calloc(alloc, n, 1);
    if (!block->columns || !block->texts || !block->codes || !block->map || !block->numbers ||
        !block->state)
        return WF_ERR_NOMEM;
    enum wf_status status = wf_snap_read(past->snap, from, block->columns);
    for (uint32_t c = 0; !status && c < WF_PAST_COLUMNS; c++)
        if ((c == WF_PAST_ID) == (block->columns[c].kind == WF_SNAP_NUMBERS))
            status = WF_ERR_STATE;
    return status;
}

void wf_past_close(struct wf_past_block *block)
{
    const struct wf_alloc *alloc = block->past->alloc;
    wf_free(alloc, block->columns);
    wf_free(alloc, block->texts);
    wf_free(alloc, block->codes);
    wf_free(alloc, block->map);
    wf_free(alloc, block->numbers);
    wf_free(alloc, block->state);
}

void wf_past_texts(struct wf_past_block *block, uint32_t column)
{
    const struct wf_snap_column *from = &block->columns[column];
    wf_snap_texts(from, block->texts);
    if (from->kind == WF_SNAP_LIST)
        wf_snap_codes(from, block->n, block->codes);
    else
        for (uint32_t i = 0; i < block->n; i++)
            block->codes[i] = i;
}

const uint64_t *wf_past_numbers(struct wf_past_block *block, uint32_t column)
{
    wf_snap_numbers(&block->columns[column], block->n, block->numbers);
    return block->numbers;
}

/* ---- the cells of a slot ---- */

static enum wf_status put_codes(struct wf_past_block *block, const struct wf_past_cells *to)
{
    uint32_t *out = to->data;
    enum wf_status status = WF_OK;
    memset(block->map, 0xff, block->n * sizeof(*block->map));
    for (uint32_t i = 0; !status && i < block->n; i++) {
        uint32_t *code = &block->map[block->codes[i]];
        struct wf_cell text = block->texts[block->codes[i]];
        if (!to->state[i])
            continue;
        if (*code == WF_NO_NAME)
            status = wf_names_add(to->dict, text.text, text.len, code);
        out[i] = *code;
    }
    return status;
}

static enum wf_status put_pieces(struct wf_past_block *block, const struct wf_past_cells *to)
{
    struct wf_cut *out = to->data;
    for (uint32_t i = 0; i < block->n; i++) {
        struct wf_cell text = block->texts[block->codes[i]];
        if (!to->state[i])
            continue;
        out[i] = (struct wf_cut){(uint32_t)to->heap->len, text.len};
        wf_buf_add(to->heap, text.text, text.len);
    }
    return to->heap->failed || to->heap->len > UINT32_MAX ? WF_ERR_NOMEM : WF_OK;
}

/* A reference that leads nowhere is missing. */
static void put_refs(struct wf_past_block *block, const struct wf_past_cells *to)
{
    int32_t *out = to->data;
    for (uint32_t i = 0; i < block->n; i++) {
        struct wf_cell text = block->texts[block->codes[i]];
        if (!to->state[i])
            continue;
        uint32_t row = wf_ids_find(to->ref, text.text, text.len);
        to->state[i] = row != WF_NONE;
        out[i] = row != WF_NONE ? (int32_t)row : 0;
    }
}

static void put_numbers(const struct wf_past_block *block, uint8_t layout,
                        const struct wf_past_cells *to)
{
    const uint64_t *numbers = block->numbers;
    for (uint32_t i = 0; i < block->n; i++) {
        if (layout == WF_LAY_BITS)
            ((uint8_t *)to->data)[i] = (uint8_t)(numbers[i] & 1);
        else if (layout == WF_LAY_I32)
            ((uint32_t *)to->data)[i] = (uint32_t)numbers[i];
        else
            ((uint64_t *)to->data)[i] = numbers[i];
    }
}

enum wf_status wf_past_cells(struct wf_past_block *block, uint32_t slot,
                             const struct wf_past_cells *to)
{
    const struct wf_slot *s = &block->past->feed->slots[slot];
    uint32_t column = block->past->columns[slot];
    bool text = s->layout == WF_LAY_CODE || s->layout == WF_LAY_STR || s->type == WF_T_REF;
    memset(to->state, 0, block->n);
    memset(to->data, 0, (size_t)block->n * s->size);
    if (column == WF_NONE)
        return WF_OK;
    if (text == (block->columns[column].kind == WF_SNAP_NUMBERS))
        return WF_ERR_STATE;
    wf_snap_state(&block->columns[column], block->n, to->state);
    if (!text) {
        wf_past_numbers(block, column);
        put_numbers(block, s->layout, to);
        return WF_OK;
    }
    wf_past_texts(block, column);
    if (s->type == WF_T_REF && s->def->ref == 0)
        wf_follow_merges(to->merged, block->texts, block->columns[column].n_texts, NULL);
    if (s->layout == WF_LAY_CODE)
        return put_codes(block, to);
    if (s->layout == WF_LAY_STR)
        return put_pieces(block, to);
    put_refs(block, to);
    return WF_OK;
}

static bool make_arrays(struct wf_chunk *chunk, const struct wf_feed *feed, size_t n)
{
    const struct wf_alloc *alloc = chunk->alloc;
    bool event = feed->kind == WF_FEED_EVENT;
    bool text = feed->n_uniques && feed->slots[feed->uniques[0]].layout == WF_LAY_STR;
    chunk->data = wf_calloc(alloc, feed->n_slots, sizeof(void *));
    chunk->state = wf_calloc(alloc, feed->n_slots, sizeof(uint8_t *));
    chunk->hash = wf_calloc(alloc, n, sizeof(*chunk->hash));
    chunk->line = wf_calloc(alloc, n, sizeof(*chunk->line));
    chunk->bad_row = wf_calloc(alloc, n, 1);
    bool ok = chunk->data && chunk->state && chunk->hash && chunk->line && chunk->bad_row;
    for (uint32_t s = 0; ok && event && s < feed->n_slots; s++) {
        chunk->data[s] = wf_calloc(alloc, n, feed->slots[s].size);
        chunk->state[s] = wf_calloc(alloc, n, 1);
        ok = chunk->data[s] && chunk->state[s];
    }
    if (ok && event)
        ok = (chunk->member = wf_calloc(alloc, n, sizeof(*chunk->member))) != NULL;
    if (ok && event && feed->n_uniques > 0 && !text)
        ok = (chunk->first = wf_calloc(alloc, n, sizeof(*chunk->first))) != NULL;
    if (ok && event && feed->n_uniques > 1)
        ok = (chunk->full = wf_calloc(alloc, n, sizeof(*chunk->full))) != NULL;
    if (ok && event && feed->keys)
        ok = (chunk->key = wf_calloc(alloc, n, sizeof(*chunk->key))) != NULL;
    if (ok && !event)
        ok = (chunk->id = wf_calloc(alloc, n, sizeof(*chunk->id))) != NULL &&
             (chunk->renamed = wf_calloc(alloc, n, 1)) != NULL;
    return ok;
}

struct wf_chunk *wf_past_chunk(const struct wf_alloc *alloc, const struct wf_feed *feed,
                               uint64_t seq, uint32_t n)
{
    struct wf_chunk *chunk = wf_calloc(alloc, 1, sizeof(*chunk));
    if (!chunk)
        return NULL;
    chunk->alloc = alloc;
    chunk->past = true;
    chunk->seq = seq;
    chunk->n = chunk->room = n;
    chunk->n_slots = feed->n_slots;
    wf_buf_init(&chunk->heap, alloc, 0);
    wf_buf_addc(&chunk->heap, '\0'); /* so that the heap is never NULL */
    if (!chunk->heap.failed && make_arrays(chunk, feed, n))
        return chunk;
    wf_chunk_free(chunk);
    return NULL;
}

/* ---- packing ---- */

enum wf_status wf_past_pack_init(struct wf_past_pack *pack, const struct wf_alloc *alloc,
                                 uint32_t room)
{
    *pack = (struct wf_past_pack){.alloc = alloc};
    wf_buf_init(&pack->block, alloc, 0);
    pack->state = wf_calloc(alloc, room, 1);
    pack->numbers = wf_calloc(alloc, room, sizeof(*pack->numbers));
    pack->texts = wf_calloc(alloc, room, sizeof(*pack->texts));
    return pack->state && pack->numbers && pack->texts ? WF_OK : WF_ERR_NOMEM;
}

void wf_past_pack_begin(struct wf_past_pack *pack, uint32_t n)
{
    wf_buf_reset(&pack->block);
    pack->n = n;
}

enum wf_status wf_past_pack_numbers(struct wf_past_pack *pack, bool some_missing)
{
    return wf_snap_put_numbers(&pack->block, some_missing ? pack->state : NULL, pack->numbers,
                               pack->n);
}

enum wf_status wf_past_pack_texts(struct wf_past_pack *pack, bool some_missing, bool repeat)
{
    return wf_snap_put_texts(&pack->block, some_missing ? pack->state : NULL, pack->texts, pack->n,
                             repeat, pack->alloc);
}

void wf_past_pack_release(struct wf_past_pack *pack)
{
    wf_buf_release(&pack->block);
    wf_free(pack->alloc, pack->state);
    wf_free(pack->alloc, pack->numbers);
    wf_free(pack->alloc, pack->texts);
}
