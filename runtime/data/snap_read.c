#include <string.h>

#include "lang/base/xxh.h"
#include "lang/code/wire.h"
#include "runtime/data/quick.h"
#include "runtime/data/snap_form.h"

void wf_snap_digest(const void *directory, size_t len, unsigned char out[WF_SNAP_DIGEST])
{
    XXH128_hash_t hash = XXH3_128bits(directory, len);
    memcpy(out, &hash.low64, 8);
    memcpy(out + 8, &hash.high64, 8);
}

void wf_snap_feeds_free(const struct wf_alloc *alloc, struct wf_snap_feed *feeds, size_t n)
{
    for (size_t f = 0; f < n; f++) {
        wf_free(alloc, feeds[f].name);
        wf_free(alloc, feeds[f].meanings);
    }
    wf_free(alloc, feeds);
}

/* ---- the directory ---- */

static enum wf_status get_feed(struct wf_snap *snap, struct wf_reader *in,
                               struct wf_snap_feed *feed)
{
    uint32_t len = wf_get_count(in, 1);
    const char *name = wf_get_bytes(in, len);
    feed->name = wf_calloc(snap->alloc, (size_t)len + 1, 1);
    if (!feed->name)
        return WF_ERR_NOMEM;
    if (name)
        memcpy(feed->name, name, len);
    feed->since_known = wf_get(in, 1) != 0;
    feed->since = (int64_t)wf_get(in, 8);
    feed->rows = wf_get(in, 8);
    feed->n_owner_columns = (uint32_t)wf_get(in, 4);
    feed->n_columns = wf_get_count(in, 8);
    feed->meanings = wf_calloc(snap->alloc, feed->n_columns, sizeof(*feed->meanings));
    if (!feed->meanings)
        return WF_ERR_NOMEM;
    for (uint32_t c = 0; c < feed->n_columns; c++)
        feed->meanings[c] = wf_get(in, 8);
    return in->why || feed->n_owner_columns > feed->n_columns ? WF_ERR_STATE : WF_OK;
}

/* A block lies between the magic number and the directory, and belongs to a feed. */
static enum wf_status get_blocks(struct wf_snap *snap, struct wf_reader *in, uint64_t end,
                                 unsigned char *places)
{
    for (uint32_t b = 0; b < snap->n_blocks; b++, places += WF_SNAP_BLOCK_SIZE) {
        struct wf_snap_block *block = &snap->blocks[b];
        block->feed = (uint32_t)wf_get(in, 4);
        block->owners = (uint32_t)wf_get(in, 4);
        block->rows = (uint32_t)wf_get(in, 4);
        block->order = wf_get(in, 8);
        block->at = wf_get(in, 8);
        block->len = wf_get(in, 8);
        block->check = wf_get(in, 8);
        memset(places + 20, 0, 8);
        if (in->why || block->feed >= snap->n_feeds || block->owners > WF_SNAP_ROWS ||
            (block->rows > WF_SNAP_ROWS && block->owners != 1) || block->at < WF_SNAP_MAGIC_LEN ||
            block->at > end || block->len > end - block->at)
            return WF_ERR_STATE;
    }
    return WF_OK;
}

/* `copy` is the directory once more, for its digest: there the places of blocks do not count. */
static enum wf_status get_directory(struct wf_snap *snap, unsigned char *copy, size_t len,
                                    uint64_t end)
{
    struct wf_reader in = {.at = snap->bytes + end, .left = len};
    enum wf_status status = WF_OK;
    snap->t = (int64_t)wf_get(&in, 8);
    const void *rules = wf_get_bytes(&in, sizeof(snap->rules));
    uint32_t n = wf_get_count(&in, 29);
    if (rules)
        memcpy(snap->rules, rules, sizeof(snap->rules));
    snap->feeds = wf_calloc(snap->alloc, n, sizeof(*snap->feeds));
    if (!snap->feeds)
        return WF_ERR_NOMEM;
    for (uint32_t f = 0; !status && f < n; f++)
        status = get_feed(snap, &in, &snap->feeds[snap->n_feeds++]);
    snap->n_blocks = wf_get_count(&in, WF_SNAP_BLOCK_SIZE);
    if (!status && !(snap->blocks = wf_calloc(snap->alloc, snap->n_blocks, sizeof(*snap->blocks))))
        status = WF_ERR_NOMEM;
    if (!status)
        status = get_blocks(snap, &in, end, copy + (in.at - (snap->bytes + end)));
    return status ? status : in.why || in.left ? WF_ERR_STATE : WF_OK;
}

enum wf_status wf_snap_open(const struct wf_alloc *alloc, const void *bytes, size_t len,
                            struct wf_snap *snap)
{
    *snap = (struct wf_snap){.alloc = alloc, .bytes = bytes, .len = len};
    if (len < WF_SNAP_MAGIC_LEN + WF_SNAP_PAD + WF_SNAP_TAIL ||
        (memcmp(bytes, WF_SNAP_MAGIC, WF_SNAP_MAGIC_LEN) != 0 &&
         memcmp(bytes, WF_SNAP_OLD_MAGIC, WF_SNAP_MAGIC_LEN) != 0))
        return WF_ERR_STATE;
    struct wf_reader tail = {.at = snap->bytes + len - WF_SNAP_TAIL, .left = WF_SNAP_TAIL};
    uint64_t at = wf_get(&tail, 8), size = wf_get(&tail, 8), check = wf_get(&tail, 8);
    if (at < WF_SNAP_MAGIC_LEN + WF_SNAP_PAD || at > len - WF_SNAP_TAIL ||
        size != len - WF_SNAP_TAIL - at || XXH3_64bits(snap->bytes + at, size) != check)
        return WF_ERR_STATE;
    unsigned char *copy = wf_calloc(alloc, size, 1);
    if (!copy)
        return WF_ERR_NOMEM;
    memcpy(copy, snap->bytes + at, size);
    enum wf_status status = get_directory(snap, copy, size, at);
    if (!status)
        wf_snap_digest(copy, size, snap->digest);
    wf_free(alloc, copy);
    return status;
}

void wf_snap_release(struct wf_snap *snap)
{
    wf_snap_feeds_free(snap->alloc, snap->feeds, snap->n_feeds);
    wf_free(snap->alloc, snap->blocks);
    *snap = (struct wf_snap){0};
}

uint32_t wf_snap_find(const struct wf_snap *snap, const char *name)
{
    for (uint32_t f = 0; f < snap->n_feeds; f++)
        if (strcmp(snap->feeds[f].name, name) == 0)
            return f;
    return WF_SNAP_NONE;
}

/* ---- blocks ---- */

static bool is_width(unsigned width)
{
    return width == 0 || width == 1 || width == 2 || width == 4 || width == 8;
}

uint32_t wf_snap_length(const struct wf_snap_column *column, uint32_t text)
{
    const unsigned char *at = column->lens + (size_t)text * column->len_width;
    switch (column->len_width) {
    case 0: return 0;
    case 1: return *at;
    case 2: return (uint32_t)wf_snap_load(at, 2);
    default: return (uint32_t)wf_snap_load(at, 4);
    }
}

/* Loops over numbers of one width, so that the compiler makes vectors of as many as fit: sums of so
 * many that 32 bits hold them, and the largest as wide as they are. */
enum { A_SUM = 1 << 16 };
#define NUMBERS(bits, sum_bits)                                                                    \
    static uint64_t sum_##bits(const unsigned char *at, uint32_t n)                                \
    {                                                                                              \
        uint64_t all = 0;                                                                          \
        for (uint32_t first = 0; first < n; first += A_SUM) {                                      \
            uint32_t end = n - first < A_SUM ? n : first + A_SUM;                                  \
            uint##sum_bits##_t some = 0;                                                           \
            for (uint32_t i = first; i < end; i++)                                                 \
                some += (uint##bits##_t)wf_snap_load(at + (size_t)i * (bits / 8), bits / 8);       \
            all += some;                                                                           \
        }                                                                                          \
        return all;                                                                                \
    }                                                                                              \
    static uint64_t most_##bits(const unsigned char *at, uint32_t n)                               \
    {                                                                                              \
        uint##bits##_t most = 0;                                                                   \
        for (uint32_t i = 0; i < n; i++) {                                                         \
            uint##bits##_t value =                                                                 \
                (uint##bits##_t)wf_snap_load(at + (size_t)i * (bits / 8), bits / 8);               \
            most = value > most ? value : most;                                                    \
        }                                                                                          \
        return most;                                                                               \
    }
NUMBERS(8, 32)
NUMBERS(16, 32)
NUMBERS(32, 64)
#undef NUMBERS

/* Of texts' lengths and codes: they are no wider than 4 bytes. */
static uint64_t sum_of(const unsigned char *at, uint32_t n, unsigned width)
{
    return width == 0 ? 0 : width == 1 ? sum_8(at, n) : width == 2 ? sum_16(at, n) : sum_32(at, n);
}

static uint64_t most_of(const unsigned char *at, uint32_t n, unsigned width)
{
    return width == 0   ? 0
           : width == 1 ? most_8(at, n)
           : width == 2 ? most_16(at, n)
                        : most_32(at, n);
}

uint64_t wf_snap_lengths(const struct wf_snap_column *column, uint32_t first, uint32_t n)
{
    return sum_of(column->lens + (size_t)first * column->len_width, n, column->len_width);
}

/* Texts lie within their bytes, and codes, also those of cells without a text, within the list. */
static bool fits(const struct wf_snap_column *column, uint32_t n)
{
    if (column->kind == WF_SNAP_NUMBERS || column->kind == WF_SNAP_SERIALS)
        return true; /* of a serial number no more digits are written than it has */
    if (sum_of(column->lens, column->n_texts, column->len_width) != column->span)
        return false;
    if (column->kind == WF_SNAP_TEXTS || n == 0)
        return true;
    bool some = !column->present;
    for (uint32_t i = 0; !some && i < n; i++)
        some = wf_snap_has(column, i);
    return most_of(column->cells, n, column->width) < column->n_texts ||
           (column->n_texts == 0 && !some);
}

/* Whether a head says what there can be; what follows it was not looked at. */
static bool is_head(const struct wf_snap_column *column, uint32_t n)
{
    bool each = column->n_texts == n, wide = column->width > 4, lens = is_width(column->len_width);
    if (!is_width(column->width))
        return false;
    switch (column->kind) {
    case WF_SNAP_NUMBERS: return column->n_texts == 0 && lens && column->len_width <= 4;
    case WF_SNAP_TEXTS: return each && column->width == 0 && lens && column->len_width <= 4;
    case WF_SNAP_LIST: return column->n_texts <= n && !wide && lens && column->len_width <= 4;
    case WF_SNAP_SERIALS:
        return each && !wide && column->len_width && column->len_width <= WF_SERIAL_DIGITS &&
               column->span <= WF_SERIAL_HEAD;
    default: return false;
    }
}

static bool get_column(struct wf_reader *in, uint32_t n, struct wf_snap_column *column)
{
    column->kind = (uint8_t)wf_get(in, 1);
    column->width = (uint8_t)wf_get(in, 1);
    column->len_width = (uint8_t)wf_get(in, 1);
    bool some = wf_get(in, 1) != 0;
    column->n_texts = (uint32_t)wf_get(in, 4);
    column->base = wf_get(in, 8);
    column->span = wf_get(in, 8);
    if (in->why || !is_head(column, n))
        return false;
    bool lens = column->kind != WF_SNAP_SERIALS;
    column->present = some ? wf_get_bytes(in, (n + 7) / 8) : NULL;
    column->cells = wf_get_bytes(in, (uint64_t)n * column->width);
    column->lens = wf_get_bytes(in, lens ? (uint64_t)column->n_texts * column->len_width : 0);
    column->bytes = wf_get_bytes(in, column->kind == WF_SNAP_NUMBERS ? 0 : column->span);
    return !in->why && fits(column, n);
}

enum wf_status wf_snap_read(const struct wf_snap *snap, const struct wf_snap_block *block,
                            struct wf_snap_column *columns)
{
    struct wf_reader in = {.at = snap->bytes + block->at, .left = block->len};
    if (XXH3_64bits(in.at, in.left) != block->check)
        return WF_ERR_STATE;
    const struct wf_snap_feed *feed = &snap->feeds[block->feed];
    for (uint32_t c = 0; c < feed->n_columns; c++)
        if (!get_column(&in, c < feed->n_owner_columns ? block->owners : block->rows, &columns[c]))
            return WF_ERR_STATE;
    return in.left ? WF_ERR_STATE : WF_OK;
}

/* ---- cells ---- */

void wf_snap_numbers(const struct wf_snap_column *column, uint32_t first, uint32_t n, uint64_t *out)
{
    const struct wf_snap_cells to = {out, sizeof(*out), 0};
    wf_snap_copy_numbers(column, first, n, &to);
}

struct wf_serial_head wf_snap_head(const struct wf_snap_column *column)
{
    struct wf_serial_head head = {(uint8_t)column->span, column->len_width, ""};
    memcpy(head.text, column->bytes, column->span);
    return head;
}

struct wf_cell wf_snap_serial(const struct wf_snap_column *column, uint32_t cell,
                              char room[WF_SERIAL_ROOM])
{
    struct wf_serial_head head = wf_snap_head(column);
    return wf_serial_write(&head, (uint32_t)(column->base + wf_snap_above(column, cell)), room);
}

size_t wf_snap_texts_room(const struct wf_snap_column *column)
{
    size_t len = (size_t)column->span + column->len_width;
    return column->kind == WF_SNAP_SERIALS ? column->n_texts * len + WF_CELL_PAD : 0;
}

/* A missing one is empty. */
static void write_serials(const struct wf_snap_column *column, char *room, struct wf_cell *out)
{
    struct wf_serial_head head = wf_snap_head(column);
    for (uint32_t i = 0; i < column->n_texts; i++) {
        uint64_t number = column->base + wf_snap_above(column, i);
        out[i] = wf_serial_write(&head, (uint32_t)number, room);
        room += out[i].len;
        if (!wf_snap_has(column, i))
            out[i].len = 0;
    }
}

void wf_snap_write_serials(const struct wf_snap_column *column, char *out)
{
    struct wf_serial_head head = wf_snap_head(column);
    for (uint32_t i = 0; i < column->n_texts; i++)
        out += wf_serial_write(&head, (uint32_t)(column->base + wf_snap_above(column, i)), out).len;
}

void wf_snap_texts(const struct wf_snap_column *column, char *room, struct wf_cell *out)
{
    const char *at = (const char *)column->bytes;
    if (column->kind == WF_SNAP_SERIALS) {
        write_serials(column, room, out);
        return;
    }
    for (uint32_t i = 0; i < column->n_texts; i++) {
        uint32_t len = wf_snap_length(column, i);
        out[i] = (struct wf_cell){at, len, 0};
        at += len;
    }
}
