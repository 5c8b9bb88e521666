#include <string.h>

#include "lang/base/utf8.h"
#include "runtime/data/feed_data.h"
#include "runtime/data/parallel.h"

static uint64_t *new_bits(const struct wf_load_ctx *ctx, uint64_t n)
{
    return wf_keep_calloc(ctx->keep, wf_column_room(n) / 64, sizeof(uint64_t));
}

size_t wf_column_width(enum wf_layout layout)
{
    switch (layout) {
    case WF_LAY_I32:
    case WF_LAY_NEAR:
    case WF_LAY_CODE: return 4;
    case WF_LAY_CODE2: return 2;
    case WF_LAY_STR: return sizeof(struct wf_piece);
    default: return 8;
    }
}

enum wf_status wf_column_blank(const struct wf_load_ctx *ctx, enum wf_type type,
                               enum wf_layout layout, uint64_t n, struct wf_column *column_out)
{
    struct wf_column column = {.type = (uint8_t)type, .layout = (uint8_t)layout};
    column.present = new_bits(ctx, n);
    column.data = layout == WF_LAY_BITS
                      ? new_bits(ctx, n)
                      : wf_keep_calloc(ctx->keep, wf_column_room(n), wf_column_width(layout));
    if (!column.present || !column.data)
        return WF_ERR_NOMEM;
    /* code 0 of missing cells may be read: it must be there */
    if (layout == WF_LAY_CODE || layout == WF_LAY_CODE2) {
        column.dict = wf_keep_calloc(ctx->keep, 1, sizeof(*column.dict));
        if (!column.dict)
            return WF_ERR_NOMEM;
        column.dict->at = wf_keep_calloc(ctx->keep, 2, sizeof(uint64_t));
        column.dict->bytes = wf_keep_calloc(ctx->keep, 1, 1);
        if (!column.dict->at || !column.dict->bytes)
            return WF_ERR_NOMEM;
    }
    if (layout == WF_LAY_STR && !(column.heap = wf_keep_calloc(ctx->keep, 1, 1)))
        return WF_ERR_NOMEM;
    *column_out = column;
    return WF_OK;
}

/* ---- dictionaries ---- */

static enum wf_status add_normal(const struct wf_load_ctx *ctx, struct wf_names *all,
                                 struct wf_cell name, uint32_t *code_out)
{
    if (wf_utf8_is_plain_nfc(name.text, name.len))
        return wf_names_add(all, name.text, name.len, code_out);
    struct wf_buf buf;
    wf_buf_init(&buf, ctx->alloc, 0);
    enum wf_status status = wf_utf8_nfc(&buf, name.text, name.len);
    if (!status)
        status = wf_names_add(all, wf_buf_str(&buf), buf.len, code_out);
    wf_buf_release(&buf);
    return status;
}

/* Copies the names in the order of their bytes; rank[code] is where one went. */
static enum wf_status sort_dict(const struct wf_load_ctx *ctx, const struct wf_names *all,
                                uint32_t *rank, struct wf_dict *dict)
{
    uint32_t *order = wf_calloc(ctx->alloc, all->n, sizeof(*order));
    dict->n = all->n;
    dict->at = wf_keep_calloc(ctx->keep, (size_t)all->n + 2, sizeof(uint64_t));
    dict->bytes = wf_keep_calloc(ctx->keep, all->n ? all->at[all->n] + 1 : 1, 1);
    enum wf_status status = order && dict->at && dict->bytes ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        status = wf_names_sort(all, order);
    for (uint32_t i = 0; !status && i < all->n; i++) {
        struct wf_cell name = wf_names_text(all, order[i]);
        memcpy(dict->bytes + dict->at[i], name.text, name.len);
        dict->at[i + 1] = dict->at[i] + name.len;
        rank[order[i]] = i;
    }
    wf_free(ctx->alloc, order);
    return status;
}

enum wf_status wf_dict_make(const struct wf_load_ctx *ctx, struct wf_names *const *names,
                            unsigned n, uint32_t **maps, struct wf_dict **dict_out)
{
    struct wf_names all;
    wf_names_init(&all, ctx->alloc, ctx->seed);
    enum wf_status status = WF_OK;
    for (unsigned t = 0; !status && t < n; t++)
        for (uint32_t code = 0; !status && code < names[t]->n; code++)
            status = add_normal(ctx, &all, wf_names_text(names[t], code), &maps[t][code]);
    struct wf_dict *dict = wf_keep_calloc(ctx->keep, 1, sizeof(*dict));
    uint32_t *rank = wf_calloc(ctx->alloc, all.n, sizeof(*rank));
    if (!status && (!dict || !rank))
        status = WF_ERR_NOMEM;
    if (!status)
        status = sort_dict(ctx, &all, rank, dict);
    for (unsigned t = 0; !status && t < n; t++)
        for (uint32_t code = 0; code < names[t]->n; code++)
            maps[t][code] = rank[maps[t][code]];
    wf_free(ctx->alloc, rank);
    wf_names_release(&all);
    *dict_out = dict;
    return status;
}

/* ---- from the grid ---- */

static enum wf_status copy_heap(void *ctx, unsigned thread, uint32_t c)
{
    struct wf_feed_data *data = ctx;
    struct wf_buf *heap = &data->chunks[c]->heap;
    (void)thread;
    memcpy(data->heap + data->heap_base[c], heap->data, heap->len);
    wf_buf_release(heap);
    return WF_OK;
}

enum wf_status wf_feed_heap(const struct wf_load_ctx *ctx, struct wf_feed_data *data)
{
    uint64_t total = 0;
    if (data->heap)
        return WF_OK;
    data->heap_base = wf_calloc(ctx->alloc, data->n_chunks, sizeof(*data->heap_base));
    if (!data->heap_base)
        return WF_ERR_NOMEM;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        data->heap_base[c] = total;
        total += data->chunks[c]->heap.len;
    }
    data->heap = wf_keep_calloc(ctx->keep, (size_t)total + 1, 1);
    return data->heap ? wf_parallel(ctx->threads, data->n_chunks, data, copy_heap) : WF_ERR_NOMEM;
}

enum wf_status wf_feed_dict(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                            uint32_t slot, uint32_t **maps, struct wf_dict **dict_out)
{
    struct wf_names *names[64];
    for (unsigned t = 0; t < data->threads; t++) {
        names[t] = &data->dicts[(size_t)t * data->feed->n_slots + slot];
        maps[t] = wf_calloc(ctx->alloc, names[t]->n, sizeof(uint32_t));
        if (!maps[t])
            return WF_ERR_NOMEM;
    }
    return wf_dict_make(ctx, names, data->threads, maps, dict_out);
}

/* Codes of the threads become those of the dictionary. */
static void map_codes(const struct wf_feed_data *data, uint32_t *const *maps, struct wf_raw *raw)
{
    uint32_t *codes = raw->data;
    for (uint32_t c = 0; c < data->n_chunks; c++) {
        const uint32_t *map = maps[data->chunks[c]->worker];
        for (uint32_t i = data->base[c]; i < data->base[c + 1]; i++)
            codes[i] = raw->state[i] ? map[codes[i]] : 0;
    }
}

/* Places in the chunks' heaps become places in the feed's. */
static enum wf_status widen_cuts(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                                 struct wf_raw *raw)
{
    const struct wf_cut *cuts = raw->data;
    struct wf_piece *pieces = wf_calloc(ctx->alloc, wf_column_room(data->n_rows), sizeof(*pieces));
    for (uint32_t c = 0; pieces && c < data->n_chunks; c++)
        for (uint32_t i = data->base[c]; i < data->base[c + 1]; i++)
            pieces[i] = (struct wf_piece){data->heap_base[c] + cuts[i].at, cuts[i].len};
    wf_free(ctx->alloc, raw->data);
    raw->data = pieces;
    return pieces ? WF_OK : WF_ERR_NOMEM;
}

/* The cells lie in the grid, with gaps where rows fell out. */
static enum wf_status close_gaps(const struct wf_load_ctx *ctx, struct wf_feed_data *data,
                                 uint32_t slot, uint32_t *const *maps, struct wf_raw *raw)
{
    const struct wf_slot *s = &data->feed->slots[slot];
    for (uint32_t c = 0; c < data->n_chunks; c++)
        wf_grid_shift(&data->grid, slot, data->chunks[c]->place, data->base[c], data->chunks[c]->n);
    enum wf_status status = wf_grid_take(&data->grid, slot, data->n_rows,
                                         wf_column_room(data->n_rows), &raw->data, &raw->state);
    if (!status && s->layout == WF_LAY_CODE)
        map_codes(data, maps, raw);
    else if (!status && s->layout == WF_LAY_STR)
        status = widen_cuts(ctx, data, raw);
    return status;
}

enum wf_status wf_feed_raw(const struct wf_load_ctx *ctx, struct wf_feed_data *data, uint32_t slot,
                           struct wf_raw *raw_out)
{
    const struct wf_slot *s = &data->feed->slots[slot];
    uint32_t *maps[64] = {0};
    struct wf_raw raw = {0};
    enum wf_status status = WF_OK;
    if (s->layout == WF_LAY_CODE)
        status = wf_feed_dict(ctx, data, slot, maps, &raw.dict);
    if (!status)
        status = close_gaps(ctx, data, slot, maps, &raw);
    for (unsigned t = 0; t < 64; t++)
        wf_free(ctx->alloc, maps[t]);
    raw.whole = !status && !memchr(raw.state, 0, data->n_rows);
    if (status)
        wf_raw_release(ctx->alloc, &raw);
    else
        *raw_out = raw;
    return status;
}

void wf_raw_release(const struct wf_alloc *alloc, struct wf_raw *raw)
{
    wf_free(alloc, raw->data);
    wf_free(alloc, raw->state);
    *raw = (struct wf_raw){0};
}

/* ---- columns ---- */

/* Sets the present bits; NULL where every row has a value. */
static uint64_t *presence(const struct wf_load_ctx *ctx, const struct wf_raw *raw,
                          const uint32_t *rows, uint64_t n, bool *failed)
{
    if (raw->whole)
        return NULL;
    bool all = true;
    uint64_t *bits = new_bits(ctx, n);
    *failed = !bits;
    for (uint64_t first = 0; bits && first < n; first += 64) {
        unsigned width = n - first < 64 ? (unsigned)(n - first) : 64;
        uint64_t word = 0;
        for (unsigned i = 0; i < width; i++)
            word |= (uint64_t)raw->state[rows ? rows[first + i] : first + i] << i;
        bits[first / 64] = word;
        all &= word == ~UINT64_C(0) >> (64 - width);
    }
    return all ? NULL : bits;
}

static void take_bits(uint64_t *out, const uint8_t *cells, const uint32_t *rows, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        out[i / 64] |= (uint64_t)(cells[rows ? rows[i] : i] & 1) << (i % 64);
}

#define TAKE(type)                                                                                 \
    do {                                                                                           \
        const type *cells = raw->data;                                                             \
        type *out = column->data;                                                                  \
        for (uint64_t i = 0; i < n; i++)                                                           \
            out[i] = cells[rows ? rows[i] : i];                                                    \
    } while (0)

static void take_cells(const struct wf_raw *raw, const uint32_t *rows, uint64_t n,
                       struct wf_column *column)
{
    switch ((enum wf_layout)column->layout) {
    case WF_LAY_BITS: take_bits(column->bits, raw->data, rows, n); break;
    case WF_LAY_I32:
    case WF_LAY_CODE: TAKE(uint32_t); break;
    case WF_LAY_STR: TAKE(struct wf_piece); break;
    default: TAKE(uint64_t); break;
    }
}
#undef TAKE

enum wf_status wf_raw_column(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                             uint32_t slot, const struct wf_raw *raw, const uint32_t *rows,
                             uint64_t n, struct wf_column *column_out)
{
    const struct wf_slot *s = &data->feed->slots[slot];
    struct wf_column column = {.type = s->type, .layout = s->layout, .dict = raw->dict};
    bool failed = false;
    column.data = s->layout == WF_LAY_BITS
                      ? new_bits(ctx, n)
                      : wf_keep_calloc(ctx->keep, wf_column_room(n), wf_column_width(s->layout));
    column.heap = data->heap;
    if (!column.data)
        return WF_ERR_NOMEM;
    column.present = presence(ctx, raw, rows, n, &failed);
    if (failed)
        return WF_ERR_NOMEM;
    take_cells(raw, rows, n, &column);
    *column_out = column;
    return WF_OK;
}

enum wf_status wf_raw_become(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                             uint32_t slot, struct wf_raw *raw, struct wf_column *column_out)
{
    const struct wf_slot *s = &data->feed->slots[slot];
    if (s->layout == WF_LAY_BITS)
        return wf_raw_column(ctx, data, slot, raw, NULL, data->n_rows, column_out);
    struct wf_column column = {
        .type = s->type, .layout = s->layout, .dict = raw->dict, .heap = data->heap};
    bool failed = false;
    column.present = presence(ctx, raw, NULL, data->n_rows, &failed);
    column.data = raw->data;
    raw->data = NULL;
    if (wf_keep_add(ctx->keep, column.data) || failed)
        return WF_ERR_NOMEM;
    *column_out = column;
    return WF_OK;
}

static bool has(const struct wf_column *column, uint64_t row)
{
    return !column->present || (column->present[row / 64] >> (row % 64) & 1);
}

enum wf_status wf_column_through(const struct wf_load_ctx *ctx, const struct wf_column *ref,
                                 const struct wf_column *target, uint64_t n,
                                 struct wf_column *column_out)
{
    struct wf_column column;
    enum wf_status status = wf_column_blank(ctx, (enum wf_type)target->type,
                                            (enum wf_layout)target->layout, n, &column);
    if (status)
        return status;
    if (target->dict)
        column.dict = target->dict;
    if (target->heap)
        column.heap = target->heap;
    column.base = target->base;
    for (uint64_t i = 0; i < n; i++) {
        if (!has(ref, i) || !has(target, (uint32_t)ref->i32[i]))
            continue;
        uint32_t from = (uint32_t)ref->i32[i];
        column.present[i / 64] |= UINT64_C(1) << (i % 64);
        switch ((enum wf_layout)target->layout) {
        case WF_LAY_BITS:
            column.bits[i / 64] |= (target->bits[from / 64] >> (from % 64) & 1) << (i % 64);
            break;
        case WF_LAY_I32:
        case WF_LAY_NEAR:
        case WF_LAY_CODE: column.code[i] = target->code[from]; break;
        case WF_LAY_CODE2: column.code2[i] = target->code2[from]; break;
        case WF_LAY_STR: column.str[i] = target->str[from]; break;
        default: column.i64[i] = target->i64[from]; break;
        }
    }
    *column_out = column;
    return WF_OK;
}
