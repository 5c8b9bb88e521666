#include "runtime/data/past.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"
#include "runtime/data/quick.h"
#include "runtime/data/recall.h"

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

/* The columns before those of the slots. */
static uint32_t leading(const struct wf_feed *feed)
{
    return feed->kind == WF_FEED_EVENT ? WF_PAST_EVENT_COLUMNS : WF_PAST_MEMBER_COLUMNS;
}

/* The columns of a feed in the order they are kept; 0 for those before the slots'. */
static enum wf_status list_meanings(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                                    uint64_t **meanings_out, uint32_t *n_out)
{
    uint32_t n = leading(feed);
    uint64_t *meanings = wf_calloc(ctx->alloc, (size_t)n + feed->n_slots, sizeof(*meanings));
    enum wf_status status = meanings ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t s = 0; !status && s < feed->n_slots; s++)
        if (wf_past_is_kept(&feed->slots[s]))
            status = meaning_of(ctx, feed, &feed->slots[s], &meanings[n++]);
    *meanings_out = meanings;
    *n_out = n;
    return status;
}

enum wf_status wf_past_announce(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                                uint32_t *index_out)
{
    uint64_t *meanings = NULL;
    uint32_t n = 0, n_owner = feed->kind == WF_FEED_EVENT ? WF_PAST_OWNER_COLUMNS : 0;
    enum wf_status status = list_meanings(ctx, feed, &meanings, &n);
    if (!status)
        status = wf_snap_add_feed(ctx->keeps, feed->noun, meanings, n, n_owner, index_out);
    wf_free(ctx->alloc, meanings);
    return status;
}

/* ---- is it to be settled anew? ---- */

static enum wf_status is_alike(const struct wf_load_ctx *ctx, const struct wf_feed *feed,
                               const struct wf_snap *snap, bool *alike_out)
{
    uint64_t *meanings = NULL;
    uint32_t n = 0, index = wf_snap_find(snap, feed->noun);
    enum wf_status status = list_meanings(ctx, feed, &meanings, &n);
    if (!status)
        *alike_out = index != WF_SNAP_NONE && snap->feeds[index].n_columns == n &&
                     memcmp(snap->feeds[index].meanings, meanings, n * sizeof(*meanings)) == 0;
    wf_free(ctx->alloc, meanings);
    return status;
}

/* Views by other members, and keys that are references, need every row each night. */
static bool needs_rows(const struct wf_feeds *feeds, const struct wf_feed *feed)
{
    const struct wf_ir_view *views = feeds->ir->views;
    for (uint32_t v = 0; v < feeds->ir->n_views; v++)
        if (feeds->view_used[v] && !views[v].sent && views[v].event == feed->index &&
            views[v].by != WF_NONE)
            return true;
    for (uint32_t u = 0; u < feed->n_uniques; u++)
        if (feed->slots[feed->uniques[u]].type == WF_T_REF)
            return true;
    return false;
}

static uint64_t rows_of(const struct wf_snap *snap)
{
    uint64_t rows = 0;
    for (uint32_t f = 0; f < snap->n_feeds; f++)
        rows += snap->feeds[f].name[0] == WF_RECALL_MARK ? 0 : snap->feeds[f].rows;
    return rows;
}

enum wf_status wf_past_is_anew(const struct wf_load_ctx *ctx, const struct wf_feeds *feeds,
                               const unsigned char rules[16], bool *anew_out)
{
    const struct wf_snap *newest = ctx->n_past ? &ctx->past[ctx->n_past - 1] : NULL;
    bool alike = newest && memcmp(newest->rules, rules, sizeof(newest->rules)) == 0;
    enum wf_status status = WF_OK;
    uint64_t rows = 0;
    for (uint32_t f = 0; !status && alike && f < feeds->n_feeds; f++) {
        const struct wf_feed *feed = &feeds->feeds[f];
        if (feed->kept)
            status = is_alike(ctx, feed, newest, &alike);
        if (feed->kind == WF_FEED_EVENT)
            alike &= !needs_rows(feeds, feed);
    }
    for (uint32_t link = 1; link < ctx->n_past; link++)
        rows += rows_of(&ctx->past[link]);
    *anew_out = !alike || ctx->n_past >= WF_MAX_SNAPSHOTS ||
                rows * 100 > rows_of(&ctx->past[0]) * ctx->chain_percent;
    return status;
}

/* ---- finding them again ---- */

static enum wf_status find_column(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                                  const struct wf_snap_feed *kept, uint32_t slot)
{
    uint64_t meaning = 0;
    enum wf_status status = meaning_of(ctx, past->feed, &past->feed->slots[slot], &meaning);
    past->columns[slot] = WF_NONE;
    for (uint32_t c = leading(past->feed); c < kept->n_columns; c++)
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

static enum wf_status find_columns(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                                   const struct wf_snap_feed *kept)
{
    const struct wf_feed *feed = past->feed;
    enum wf_status status = WF_OK;
    past->columns = wf_calloc(ctx->alloc, feed->n_slots, sizeof(*past->columns));
    if (!past->columns)
        return WF_ERR_NOMEM;
    for (uint32_t s = 0; !status && s < feed->n_slots; s++)
        if (wf_past_is_kept(&feed->slots[s]))
            status = find_column(past, ctx, kept, s);
    for (uint32_t s = 0; !status && s < feed->n_slots; s++) {
        if (!wf_past_is_kept(&feed->slots[s]))
            past->columns[s] = past->columns[text_of_ref(feed, s)];
        if (past->columns[s] == WF_NONE)
            past->lacking = s;
    }
    return status;
}

/* The columns of every link are those of the first: under others a new chain was begun. */
static enum wf_status add_link(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                               uint32_t link)
{
    const struct wf_snap *snap = &ctx->past[link];
    uint32_t index = wf_snap_find(snap, past->feed->noun);
    uint32_t n_owner = past->feed->kind == WF_FEED_EVENT ? WF_PAST_OWNER_COLUMNS : 0;
    enum wf_status status = WF_OK;
    if (index == WF_SNAP_NONE || (link && !past->kept))
        return link ? WF_ERR_STATE : WF_OK;
    const struct wf_snap_feed *kept = &snap->feeds[index];
    if (kept->n_columns < leading(past->feed) || kept->n_owner_columns != n_owner ||
        (link && kept->n_columns != past->n_columns))
        return WF_ERR_STATE;
    past->n_columns = kept->n_columns;
    past->kept = true;
    if (link == 0)
        status = find_columns(past, ctx, kept);
    for (uint32_t b = 0; b < snap->n_blocks; b++) {
        if (snap->blocks[b].feed != index)
            continue;
        past->places[past->n++] = (struct wf_past_place){snap, &snap->blocks[b], link, past->rows};
        past->rows += snap->blocks[b].rows;
    }
    return status;
}

enum wf_status wf_past_feed_init(struct wf_past_feed *past, const struct wf_load_ctx *ctx,
                                 const struct wf_feed *feed)
{
    *past = (struct wf_past_feed){.alloc = ctx->alloc, .feed = feed, .lacking = WF_NONE};
    enum wf_status status = WF_OK;
    size_t blocks = 0;
    if (!ctx->n_past || !feed->kept)
        return WF_OK;
    for (uint32_t link = 0; link < ctx->n_past; link++)
        blocks += ctx->past[link].n_blocks;
    past->places = wf_calloc(ctx->alloc, blocks, sizeof(*past->places));
    if (!past->places)
        return WF_ERR_NOMEM;
    for (uint32_t link = 0; !status && link < ctx->n_past; link++)
        status = add_link(past, ctx, link);
    return status ? status : past->rows < UINT32_MAX ? WF_OK : WF_ERR_LIMIT;
}

void wf_past_feed_release(struct wf_past_feed *past)
{
    wf_free(past->alloc, past->columns);
    wf_free(past->alloc, past->places);
    *past = (struct wf_past_feed){0};
}

/* ---- a block ---- */

/* What must hold whatever the rules read: ids are texts, all else before the slots is numbers. */
enum wf_status wf_past_columns(const struct wf_past_feed *past, uint32_t i,
                               struct wf_snap_column *columns)
{
    const struct wf_past_place *place = &past->places[i];
    enum wf_status status = wf_snap_read(place->snap, place->block, columns);
    if (status)
        return status;
    bool sound = wf_snap_is_texts(&columns[0]) && !columns[0].present;
    for (uint32_t c = 1; c < leading(past->feed); c++)
        sound &= columns[c].kind == WF_SNAP_NUMBERS;
    return sound ? WF_OK : WF_ERR_STATE;
}

enum wf_status wf_past_lay_out(struct wf_past_block *block, const struct wf_past_feed *past,
                               uint32_t i, const struct wf_snap_column *columns,
                               const uint32_t *rows, uint32_t n)
{
    const struct wf_alloc *alloc = past->alloc;
    uint32_t room = past->places[i].block->rows; /* a list has no more texts than there are rows */
    block->past = past;
    block->columns = columns;
    block->rows = rows;
    block->n = n;
    if (room <= block->room)
        return WF_OK;
    wf_past_block_release(block);
    block->past = past;
    block->texts = wf_calloc(alloc, room, sizeof(*block->texts));
    block->codes = wf_calloc(alloc, room, sizeof(*block->codes));
    block->map = wf_calloc(alloc, room, sizeof(*block->map));
    block->numbers = wf_calloc(alloc, room, sizeof(*block->numbers));
    block->state = wf_calloc(alloc, room, 1);
    block->columns = columns;
    block->rows = rows;
    block->n = n;
    block->room = room;
    return block->texts && block->codes && block->map && block->numbers && block->state
               ? WF_OK
               : WF_ERR_NOMEM;
}

void wf_past_block_release(struct wf_past_block *block)
{
    if (!block->past)
        return;
    const struct wf_alloc *alloc = block->past->alloc;
    wf_free(alloc, block->texts);
    wf_free(alloc, block->bytes);
    wf_free(alloc, block->codes);
    wf_free(alloc, block->map);
    wf_free(alloc, block->numbers);
    wf_free(alloc, block->state);
    *block = (struct wf_past_block){0};
}

/* Which row of the block the i-th is that is read. */
static inline uint32_t row_at(const struct wf_past_block *block, uint32_t i)
{
    return block->rows ? block->rows[i] : i;
}

static uint32_t n_texts_of(const struct wf_past_block *block, uint32_t column)
{
    const struct wf_snap_column *from = &block->columns[column];
    return wf_snap_is_texts(from) ? block->n : from->n_texts;
}

/* The texts of the rows that are read alone: they go up. */
static void texts_of_rows(struct wf_past_block *block, const struct wf_snap_column *from)
{
    uint64_t at = 0;
    for (uint32_t i = 0, before = 0; i < block->n; i++) {
        uint32_t row = block->rows[i], len = wf_snap_length(from, row);
        at += wf_snap_lengths(from, before, row - before);
        block->texts[i] = (struct wf_cell){(const char *)from->bytes + at, len, 0};
        block->codes[i] = i;
        before = row;
    }
}

/* The same of serial numbers. */
static enum wf_status serials_of_rows(struct wf_past_block *block,
                                      const struct wf_snap_column *from)
{
    size_t room = (size_t)block->n * WF_SERIAL_ROOM + WF_CELL_PAD;
    if (wf_grow(block->past->alloc, &block->bytes, &block->room_bytes, room, 1) != 0)
        return WF_ERR_NOMEM;
    char *at = block->bytes;
    for (uint32_t i = 0; i < block->n; i++) {
        struct wf_cell *text = &block->texts[i];
        *text = wf_snap_serial(from, block->rows[i], at);
        text->len = wf_snap_has(from, block->rows[i]) ? text->len : 0;
        block->codes[i] = i;
        at += text->len;
    }
    return WF_OK;
}

enum wf_status wf_past_texts(struct wf_past_block *block, uint32_t column)
{
    const struct wf_snap_column *from = &block->columns[column];
    if (from->kind == WF_SNAP_SERIALS && block->rows)
        return serials_of_rows(block, from);
    if (from->kind == WF_SNAP_TEXTS && block->rows) {
        texts_of_rows(block, from);
        return WF_OK;
    }
    size_t room = wf_snap_texts_room(from);
    if (wf_grow(block->past->alloc, &block->bytes, &block->room_bytes, room, 1) != 0)
        return WF_ERR_NOMEM;
    wf_snap_texts(from, block->bytes, block->texts);
    for (uint32_t i = 0; i < block->n; i++) {
        uint32_t row = row_at(block, i);
        block->codes[i] = wf_snap_is_texts(from)   ? row
                          : wf_snap_has(from, row) ? (uint32_t)wf_snap_above(from, row)
                                                   : 0;
    }
    return WF_OK;
}

const uint64_t *wf_past_numbers(struct wf_past_block *block, uint32_t column)
{
    const struct wf_snap_column *from = &block->columns[column];
    if (!block->rows)
        wf_snap_numbers(from, 0, block->n, block->numbers);
    for (uint32_t i = 0; block->rows && i < block->n; i++)
        block->numbers[i] = wf_snap_number(from, block->rows[i]);
    return block->numbers;
}

void wf_past_states(const struct wf_past_block *block, uint32_t column, uint8_t *out)
{
    if (!block->columns[column].present) {
        memset(out, 1, block->n);
        return;
    }
    for (uint32_t i = 0; i < block->n; i++)
        out[i] = wf_snap_has(&block->columns[column], row_at(block, i));
}

/* ---- the cells of a slot ---- */

static enum wf_status put_codes(struct wf_past_block *block, const struct wf_past_cells *to)
{
    uint32_t *out = to->data;
    enum wf_status status = WF_OK;
    memset(block->map, 0xff, block->room * sizeof(*block->map));
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

static void put_numbers(struct wf_past_block *block, uint32_t column, uint8_t layout,
                        const struct wf_past_cells *to)
{
    const uint32_t n = block->n;
    uint8_t *bits = to->data;
    uint32_t *words = to->data;
    if (layout != WF_LAY_BITS && layout != WF_LAY_I32 && !block->rows) {
        wf_snap_numbers(&block->columns[column], 0, n, to->data);
        return;
    }
    const uint64_t *numbers = wf_past_numbers(block, column);
    if (layout == WF_LAY_BITS)
        for (uint32_t i = 0; i < n; i++)
            bits[i] = (uint8_t)(numbers[i] & 1);
    else if (layout == WF_LAY_I32)
        for (uint32_t i = 0; i < n; i++)
            words[i] = (uint32_t)numbers[i];
    else
        memcpy(to->data, numbers, n * sizeof(*numbers));
}

enum wf_status wf_past_cells(struct wf_past_block *block, uint32_t slot,
                             const struct wf_past_cells *to)
{
    const struct wf_slot *s = &block->past->feed->slots[slot];
    uint32_t column = block->past->columns[slot];
    bool text = s->layout == WF_LAY_CODE || s->layout == WF_LAY_STR || s->type == WF_T_REF;
    if (column == WF_NONE)
        memset(to->state, 0, block->n);
    if (column == WF_NONE || text)
        memset(to->data, 0, (size_t)block->n * s->size);
    if (column == WF_NONE)
        return WF_OK;
    if (text == (block->columns[column].kind == WF_SNAP_NUMBERS))
        return WF_ERR_STATE;
    wf_past_states(block, column, to->state);
    if (!text) {
        put_numbers(block, column, s->layout, to);
        return WF_OK;
    }
    enum wf_status status = wf_past_texts(block, column);
    if (status)
        return status;
    if (s->type == WF_T_REF && s->def->ref == 0)
        wf_follow_merges(to->merged, block->texts, n_texts_of(block, column), NULL);
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
    bool text = feed->n_uniques && feed->slots[feed->uniques[0]].layout == WF_LAY_STR;
    chunk->data = wf_calloc(alloc, feed->n_slots, sizeof(void *));
    chunk->state = wf_calloc(alloc, feed->n_slots, sizeof(uint8_t *));
    chunk->hash = wf_calloc(alloc, n, sizeof(*chunk->hash));
    chunk->line = wf_calloc(alloc, n, sizeof(*chunk->line));
    chunk->bad_row = wf_calloc(alloc, n, 1);
    bool ok = chunk->data && chunk->state && chunk->hash && chunk->line && chunk->bad_row;
    for (uint32_t s = 0; ok && s < feed->n_slots; s++) {
        chunk->data[s] = wf_calloc(alloc, n, feed->slots[s].size);
        chunk->state[s] = wf_calloc(alloc, n, 1);
        ok = chunk->data[s] && chunk->state[s];
    }
    if (ok)
        ok = (chunk->member = wf_calloc(alloc, n, sizeof(*chunk->member))) != NULL;
    if (ok && feed->n_uniques > 0 && !text)
        ok = (chunk->first = wf_calloc(alloc, n, sizeof(*chunk->first))) != NULL;
    if (ok && feed->n_uniques > 1)
        ok = (chunk->full = wf_calloc(alloc, n, sizeof(*chunk->full))) != NULL;
    if (ok && feed->keys)
        ok = (chunk->key = wf_calloc(alloc, n, sizeof(*chunk->key))) != NULL;
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
    if (!chunk->heap.failed && (feed->kind != WF_FEED_EVENT || make_arrays(chunk, feed, n)))
        return chunk;
    wf_chunk_free(chunk);
    return NULL;
}

/* ---- packing ---- */

void wf_past_pack_init(struct wf_past_pack *pack, const struct wf_alloc *alloc)
{
    *pack = (struct wf_past_pack){.alloc = alloc};
    wf_buf_init(&pack->block, alloc, 0);
}

enum wf_status wf_past_pack_begin(struct wf_past_pack *pack, uint32_t n)
{
    pack->n = n;
    if (n <= pack->room)
        return WF_OK;
    wf_free(pack->alloc, pack->state);
    wf_free(pack->alloc, pack->numbers);
    wf_free(pack->alloc, pack->texts);
    pack->state = wf_calloc(pack->alloc, n, 1);
    pack->numbers = wf_calloc(pack->alloc, n, sizeof(*pack->numbers));
    pack->texts = wf_calloc(pack->alloc, n, sizeof(*pack->texts));
    pack->room = n;
    return pack->state && pack->numbers && pack->texts ? WF_OK : WF_ERR_NOMEM;
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
