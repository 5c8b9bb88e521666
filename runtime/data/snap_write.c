#include <stdlib.h>
#include <string.h>

#include "lang/base/xxh.h"
#include "lang/code/wire.h"
#include "runtime/data/row_bits.h"
#include "runtime/data/snap_form.h"

enum wf_status wf_snap_writer_init(struct wf_snap_writer *writer, const struct wf_alloc *alloc,
                                   wf_snap_append *append, void *ctx)
{
    *writer = (struct wf_snap_writer){.alloc = alloc, .append = append, .ctx = ctx};
    return pthread_mutex_init(&writer->lock, NULL) == 0 ? WF_OK : WF_ERR_NOMEM;
}

void wf_snap_writer_release(struct wf_snap_writer *writer)
{
    if (!writer->append)
        return;
    wf_snap_feeds_free(writer->alloc, writer->feeds, writer->n_feeds);
    wf_free(writer->alloc, writer->blocks);
    pthread_mutex_destroy(&writer->lock);
    *writer = (struct wf_snap_writer){0};
}

enum wf_status wf_snap_add_feed(struct wf_snap_writer *writer, const char *name,
                                const uint64_t *meanings, uint32_t n_columns,
                                uint32_t n_owner_columns, uint32_t *feed_out)
{
    if (wf_grow(writer->alloc, &writer->feeds, &writer->room_feeds, writer->n_feeds + 1,
                sizeof(*writer->feeds)) != 0)
        return WF_ERR_NOMEM;
    struct wf_snap_feed *feed = &writer->feeds[writer->n_feeds];
    *feed = (struct wf_snap_feed){.n_columns = n_columns, .n_owner_columns = n_owner_columns};
    feed->name = wf_strdup(writer->alloc, name);
    feed->meanings = wf_calloc(writer->alloc, n_columns, sizeof(*meanings));
    if (!feed->name || !feed->meanings) {
        wf_free(writer->alloc, feed->name);
        wf_free(writer->alloc, feed->meanings);
        return WF_ERR_NOMEM;
    }
    memcpy(feed->meanings, meanings, n_columns * sizeof(*meanings));
    *feed_out = (uint32_t)writer->n_feeds++;
    return WF_OK;
}

/* ---- columns ---- */

static unsigned width_of(uint64_t most)
{
    return most == 0            ? 0
           : most <= UINT8_MAX  ? 1
           : most <= UINT16_MAX ? 2
           : most <= UINT32_MAX ? 4
                                : 8;
}

/* A head, and the bits of the rows that have a value, if some have none. */
static void put_head(struct wf_buf *block, const struct wf_snap_column *column,
                     const uint8_t *state, uint32_t n)
{
    bool some = state && memchr(state, 0, n);
    wf_put(block, column->kind, 1);
    wf_put(block, column->width, 1);
    wf_put(block, column->len_width, 1);
    wf_put(block, some, 1);
    wf_put(block, column->n_texts, 4);
    wf_put(block, column->base, 8);
    wf_put(block, column->span, 8);
    if (!some || wf_buf_reserve(block, (n + 7) / 8) != 0)
        return;
    unsigned char *out = (unsigned char *)block->data + block->len;
    for (uint32_t first = 0; first < n; first += 64) {
        uint32_t rows = n - first < 64 ? n - first : 64;
        uint64_t bits = wf_row_bits_gather(state + first, rows);
        for (uint32_t i = 0; i < rows; i += 8, bits >>= 8)
            *out++ = (unsigned char)bits;
    }
    block->len += (n + 7) / 8;
}

static inline __attribute__((always_inline)) void
put_each(unsigned char *out, const uint64_t *cells, uint64_t base, uint32_t n, unsigned width)
{
    for (uint32_t i = 0; i < n; i++, out += width) {
        uint64_t value = cells[i] - base;
        for (unsigned b = 0; b < width; b++)
            out[b] = (unsigned char)(value >> (8 * b));
    }
}

static enum wf_status put_cells(struct wf_buf *block, const uint64_t *cells, uint64_t base,
                                unsigned width, uint32_t n)
{
    if (wf_buf_reserve(block, (size_t)n * width))
        return WF_ERR_NOMEM;
    unsigned char *out = (unsigned char *)block->data + block->len;
    switch (width) { /* a loop for each, so that the compiler knows how wide it writes */
    case 0: break;
    case 1: put_each(out, cells, base, n, 1); break;
    case 2: put_each(out, cells, base, n, 2); break;
    case 4: put_each(out, cells, base, n, 4); break;
    default: put_each(out, cells, base, n, 8); break;
    }
    block->len += (size_t)n * width;
    return WF_OK;
}

static bool is_here(const uint8_t *state, uint32_t i)
{
    return !state || state[i];
}

static inline __attribute__((always_inline)) void
find_range(const uint8_t *state, const uint64_t *numbers, uint32_t n, int64_t *low, int64_t *high)
{
    for (uint32_t i = 0; i < n; i++) {
        int64_t value = (int64_t)numbers[i];
        bool here = is_here(state, i);
        *low = here && value < *low ? value : *low;
        *high = here && value > *high ? value : *high;
    }
}

/* Numbers are signed mostly: the least of them is. */
enum wf_status wf_snap_put_numbers(struct wf_buf *block, const uint8_t *state,
                                   const uint64_t *numbers, uint32_t n)
{
    struct wf_snap_column column = {.kind = WF_SNAP_NUMBERS};
    int64_t low = INT64_MAX, high = INT64_MIN;
    if (state && memchr(state, 0, n))
        find_range(state, numbers, n, &low, &high);
    else
        find_range(NULL, numbers, n, &low, &high);
    bool any = low <= high;
    column.base = any ? (uint64_t)low : 0;
    column.span = any ? (uint64_t)high - (uint64_t)low : 0;
    column.width = (uint8_t)width_of(column.span);
    put_head(block, &column, state, n);
    return put_cells(block, numbers, column.base, column.width, n);
}

/* ---- texts ---- */

static enum wf_status put_bytes(struct wf_buf *block, const struct wf_cell *texts,
                                const uint8_t *state, uint32_t n, unsigned len_width)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += is_here(state, i) ? texts[i].len : 0;
    if (wf_buf_reserve(block, (size_t)n * len_width + bytes))
        return WF_ERR_NOMEM;
    char *out = block->data + block->len;
    for (uint32_t i = 0; i < n; i++)
        for (unsigned b = 0; b < len_width; b++)
            *out++ = (char)(is_here(state, i) ? texts[i].len >> (8 * b) : 0);
    for (uint32_t i = 0; i < n; i++) {
        if (!is_here(state, i))
            continue;
        memcpy(out, texts[i].text, texts[i].len);
        out += texts[i].len;
    }
    block->len += (size_t)n * len_width + bytes;
    return WF_OK;
}

static enum wf_status measure(struct wf_snap_column *column, const struct wf_cell *texts,
                              const uint8_t *state, uint32_t n)
{
    uint64_t longest = 0;
    column->span = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t len = is_here(state, i) ? texts[i].len : 0;
        longest = len > longest ? len : longest;
        column->span += len;
    }
    column->n_texts = n;
    column->len_width = (uint8_t)width_of(longest);
    return column->span > UINT32_MAX ? WF_ERR_LIMIT : WF_OK;
}

/* Texts that repeat come from the same place mostly, where they need not be looked up. */
enum { LATELY = 509 };
struct lately {
    const char *text;
    uint32_t len, code;
};

static enum wf_status number_texts(const uint8_t *state, const struct wf_cell *texts, uint32_t n,
                                   struct wf_names *names, uint64_t *codes)
{
    struct lately lately[LATELY] = {{NULL, 0, 0}};
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; !status && i < n; i++) {
        if (!is_here(state, i))
            continue;
        struct lately *met = &lately[(uintptr_t)texts[i].text % LATELY];
        if (met->text != texts[i].text || met->len != texts[i].len) {
            *met = (struct lately){texts[i].text, texts[i].len, 0};
            status = wf_names_add(names, texts[i].text, texts[i].len, &met->code);
        }
        codes[i] = met->code;
    }
    return status;
}

enum wf_status wf_snap_put_list(struct wf_buf *block, const uint8_t *state, const uint64_t *codes,
                                uint32_t n, const struct wf_names *names,
                                const struct wf_alloc *alloc)
{
    struct wf_snap_column column = {.kind = WF_SNAP_LIST};
    struct wf_cell *list = wf_calloc(alloc, names->n, sizeof(*list));
    enum wf_status status = list ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t code = 0; !status && code < names->n; code++)
        list[code] = wf_names_text(names, code);
    if (!status)
        status = measure(&column, list, NULL, names->n);
    column.width = (uint8_t)width_of(names->n ? names->n - 1 : 0);
    if (!status) {
        put_head(block, &column, state, n);
        status = put_cells(block, codes, 0, column.width, n);
    }
    if (!status)
        status = put_bytes(block, list, NULL, names->n, column.len_width);
    wf_free(alloc, list);
    return status;
}

enum wf_status wf_snap_put_serials(struct wf_buf *block, const uint8_t *state, uint64_t *numbers,
                                   uint32_t n, const struct wf_serial_head *head)
{
    struct wf_snap_column column = {.kind = WF_SNAP_SERIALS};
    int64_t low = INT64_MAX, high = INT64_MIN;
    find_range(state, numbers, n, &low, &high);
    for (uint32_t i = 0; i < n; i++)
        numbers[i] = is_here(state, i) ? numbers[i] : (uint64_t)low;
    column.base = low <= high ? (uint64_t)low : 0;
    column.width = (uint8_t)width_of(low <= high ? (uint64_t)(high - low) : 0);
    column.len_width = head->digits;
    column.n_texts = n;
    column.span = head->len;
    put_head(block, &column, state, n);
    enum wf_status status = put_cells(block, numbers, column.base, column.width, n);
    wf_buf_add(block, head->text, head->len);
    return status;
}

/* Whether all texts are numbers of one head. */
static bool are_serials(const uint8_t *state, const struct wf_cell *texts, uint32_t n,
                        struct wf_serial_head *head, uint64_t *numbers)
{
    uint32_t number = 0;
    bool any = false;
    for (uint32_t i = 0; i < n; i++) {
        struct wf_serial_head its;
        if (!is_here(state, i))
            continue;
        if (!wf_serial_split(texts[i], &its, &number) || (any && !wf_serial_same(&its, head)))
            return false;
        *head = its;
        numbers[i] = number;
        any = true;
    }
    return any;
}

/* Texts that do not repeat. */
static enum wf_status put_each_text(struct wf_buf *block, const uint8_t *state,
                                    const struct wf_cell *texts, uint32_t n,
                                    const struct wf_alloc *alloc)
{
    struct wf_snap_column column = {.kind = WF_SNAP_TEXTS};
    struct wf_serial_head head;
    uint64_t *numbers = wf_calloc(alloc, n, sizeof(*numbers));
    if (!numbers)
        return WF_ERR_NOMEM;
    bool serial = are_serials(state, texts, n, &head, numbers);
    enum wf_status status = serial ? wf_snap_put_serials(block, state, numbers, n, &head) : WF_OK;
    wf_free(alloc, numbers);
    if (serial)
        return status;
    status = measure(&column, texts, state, n);
    if (status)
        return status;
    put_head(block, &column, state, n);
    return put_bytes(block, texts, state, n, column.len_width);
}

enum wf_status wf_snap_put_texts(struct wf_buf *block, const uint8_t *state,
                                 const struct wf_cell *texts, uint32_t n, bool repeat,
                                 const struct wf_alloc *alloc)
{
    if (!repeat)
        return put_each_text(block, state, texts, n, alloc);
    struct wf_names names;
    wf_names_init(&names, alloc, 0);
    uint64_t *codes = wf_calloc(alloc, n, sizeof(*codes));
    enum wf_status status = codes ? number_texts(state, texts, n, &names, codes) : WF_ERR_NOMEM;
    if (!status)
        status = wf_snap_put_list(block, state, codes, n, &names, alloc);
    wf_names_release(&names);
    wf_free(alloc, codes);
    return status;
}

/* ---- the file ---- */

static enum wf_status append(struct wf_snap_writer *writer, const void *bytes, size_t len)
{
    enum wf_status status = writer->append(writer->ctx, bytes, len);
    writer->at += len;
    return status;
}

static enum wf_status begin(struct wf_snap_writer *writer)
{
    return writer->at ? WF_OK : append(writer, WF_SNAP_MAGIC, WF_SNAP_MAGIC_LEN);
}

enum wf_status wf_snap_put_block(struct wf_snap_writer *writer, uint32_t feed, uint64_t order,
                                 const struct wf_buf *block, uint32_t owners, uint32_t rows)
{
    if (block->failed)
        return WF_ERR_NOMEM;
    uint64_t check = XXH3_64bits(block->data, block->len);
    pthread_mutex_lock(&writer->lock);
    enum wf_status status = begin(writer);
    if (!status && wf_grow(writer->alloc, &writer->blocks, &writer->room_blocks,
                           writer->n_blocks + 1, sizeof(*writer->blocks)) != 0)
        status = WF_ERR_NOMEM;
    if (!status) {
        writer->blocks[writer->n_blocks++] =
            (struct wf_snap_block){feed, owners, rows, order, writer->at, block->len, check};
        writer->feeds[feed].rows += rows;
        status = append(writer, block->data, block->len);
    }
    pthread_mutex_unlock(&writer->lock);
    return status;
}

static int by_order(const void *a, const void *b)
{
    const struct wf_snap_block *x = a, *y = b;
    if (x->feed != y->feed)
        return x->feed < y->feed ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void put_feed(struct wf_buf *out, const struct wf_snap_feed *feed)
{
    wf_put(out, strlen(feed->name), 4);
    wf_buf_adds(out, feed->name);
    wf_put(out, feed->since_known, 1);
    wf_put(out, (uint64_t)feed->since, 8);
    wf_put(out, feed->rows, 8);
    wf_put(out, feed->n_owner_columns, 4);
    wf_put(out, feed->n_columns, 4);
    for (uint32_t c = 0; c < feed->n_columns; c++)
        wf_put(out, feed->meanings[c], 8);
}

static void put_directory(const struct wf_snap_writer *writer, int64_t t, bool places,
                          struct wf_buf *out)
{
    wf_put(out, (uint64_t)t, 8);
    wf_buf_add(out, writer->rules, sizeof(writer->rules));
    wf_put(out, writer->n_feeds, 4);
    for (size_t f = 0; f < writer->n_feeds; f++)
        put_feed(out, &writer->feeds[f]);
    wf_put(out, writer->n_blocks, 4);
    for (size_t b = 0; b < writer->n_blocks; b++) {
        const struct wf_snap_block *block = &writer->blocks[b];
        wf_put(out, block->feed, 4);
        wf_put(out, block->owners, 4);
        wf_put(out, block->rows, 4);
        wf_put(out, block->order, 8);
        wf_put(out, places ? block->at : 0, 8);
        wf_put(out, block->len, 8);
        wf_put(out, block->check, 8);
    }
}

/* What is held, not where: blocks may come in any order. */
static enum wf_status digest_of(const struct wf_snap_writer *writer, int64_t t,
                                unsigned char digest[WF_SNAP_DIGEST])
{
    struct wf_buf held;
    wf_buf_init(&held, writer->alloc, 0);
    put_directory(writer, t, false, &held);
    if (!held.failed)
        wf_snap_digest(held.data, held.len, digest);
    enum wf_status status = held.failed ? WF_ERR_NOMEM : WF_OK;
    wf_buf_release(&held);
    return status;
}

enum wf_status wf_snap_finish(struct wf_snap_writer *writer, int64_t t,
                              unsigned char digest_out[WF_SNAP_DIGEST])
{
    static const unsigned char zeros[WF_SNAP_PAD];
    struct wf_buf out;
    enum wf_status status = begin(writer);
    if (!status)
        status = append(writer, zeros, sizeof(zeros));
    if (status)
        return status;
    if (writer->n_blocks)
        qsort(writer->blocks, writer->n_blocks, sizeof(*writer->blocks), by_order);
    wf_buf_init(&out, writer->alloc, 0);
    put_directory(writer, t, true, &out);
    wf_buf_add(&out, "", 0);
    size_t len = out.len;
    uint64_t check = out.failed ? 0 : XXH3_64bits(out.data, len);
    wf_put(&out, writer->at, 8);
    wf_put(&out, len, 8);
    wf_put(&out, check, 8);
    status = out.failed ? WF_ERR_NOMEM : digest_of(writer, t, digest_out);
    if (!status)
        status = append(writer, out.data, out.len);
    wf_buf_release(&out);
    return status;
}
