#include "runtime/store/pack.h"

#include <string.h>

#include <zstd.h>
#include <zstd_errors.h>

/* What rows say again is longer than a few bytes and was said by one just before: with a small
 * table of long matches zstd takes two thirds of the time, and packs a little better. */
enum { LEVEL = 1, LONG_MATCH = 7, HASH_LOG = 10 };
enum { ID = 16, SLOTS = 2 * WF_LEDGER_TOGETHER, VARINT = 10, NAMES = 6 };
#define MOST_PLAIN ((size_t)1 << 30) /* bytes of one part: notes are sentences */

/* ---- numbers ---- */

static unsigned char *put_number(unsigned char *to, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (unsigned char)(n | 0x80);
    *to++ = (unsigned char)n;
    return to;
}

/* Small for what is near, on either side. */
static uint64_t distance(int64_t from, int64_t to)
{
    uint64_t d = (uint64_t)to - (uint64_t)from;
    return d << 1 ^ (0 - (d >> 63));
}

static int64_t at_distance(int64_t from, uint64_t d)
{
    return (int64_t)((uint64_t)from + (d >> 1 ^ (0 - (d & 1))));
}

/* What is left to read; `bad` once there was less than asked for. */
struct input {
    const unsigned char *at, *end;
    bool bad;
};

static uint64_t get_number(struct input *in)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        unsigned char byte = *in->at++;
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return n;
    }
    in->bad = true;
    return 0;
}

static struct wf_ledger_text get_text(struct input *in)
{
    uint64_t len = get_number(in);
    struct wf_ledger_text text = {(const char *)in->at, (size_t)len};
    if (len > (size_t)(in->end - in->at)) {
        in->bad = true;
        return (struct wf_ledger_text){"", 0};
    }
    in->at += len;
    return text;
}

/* One that ends with a NUL, which its length does not count. */
static struct wf_ledger_text get_name(struct input *in)
{
    struct wf_ledger_text text = get_text(in);
    if (in->at >= in->end || *in->at++ != 0) {
        in->bad = true;
        return (struct wf_ledger_text){"", 0};
    }
    return text;
}

static unsigned char *put_bytes(unsigned char *to, struct wf_ledger_text text)
{
    to = put_number(to, text.len);
    if (text.len)
        memcpy(to, text.text, text.len);
    return to + text.len;
}

/* ---- shapes ---- */

static void names_of(const struct wf_ledger_row *row, const struct wf_ledger_text *out[NAMES])
{
    out[0] = &row->kind;
    out[1] = &row->name;
    out[2] = &row->channel;
    out[3] = &row->coupon;
    out[4] = &row->journey;
    out[5] = &row->step;
}

static bool same_text(const struct wf_ledger_text *a, const struct wf_ledger_text *b)
{
    return a->len == b->len &&
           (a->len == 0 || a->text == b->text || memcmp(a->text, b->text, a->len) == 0);
}

static bool same_shape(const struct wf_ledger_row *a, const struct wf_ledger_row *b)
{
    const struct wf_ledger_text *x[NAMES], *y[NAMES];
    if (a->rule != b->rule || a->position != b->position || !a->gate != !b->gate ||
        (a->gate && a->gate != b->gate && strcmp(a->gate, b->gate) != 0))
        return false;
    names_of(a, x);
    names_of(b, y);
    for (int i = 0; i < NAMES; i++)
        if (!same_text(x[i], y[i]))
            return false;
    return true;
}

static void put_shape(struct wf_packer *p, const struct wf_ledger_row *row)
{
    const struct wf_ledger_text *names[NAMES];
    unsigned char numbers[3 * VARINT], *end = numbers;
    size_t gate = row->gate ? strlen(row->gate) : 0;
    end = put_number(end, row->rule);
    end = put_number(end, row->position);
    end = put_number(end, gate);
    wf_buf_add(&p->shapes, numbers, (size_t)(end - numbers));
    wf_buf_add(&p->shapes, row->gate ? row->gate : "", gate + 1);
    names_of(row, names);
    for (int i = 0; i < NAMES; i++) {
        end = put_number(numbers, names[i]->len);
        wf_buf_add(&p->shapes, numbers, (size_t)(end - numbers));
        wf_buf_add(&p->shapes, names[i]->len ? names[i]->text : "", names[i]->len);
        wf_buf_addc(&p->shapes, '\0');
    }
}

/* The number of the row's shape, which is written when it comes first. */
static enum wf_status shape_of(struct wf_packer *p, const struct wf_ledger_row *row, uint64_t *out)
{
    size_t at = (row->rule * UINT64_C(0x9E3779B97F4A7C15) >> 40) + row->position;
    at = (at + (row->gate ? 1 : 0)) % SLOTS;
    for (; p->slots[at]; at = (at + 1) % SLOTS) {
        *out = p->slots[at] - 1;
        if (same_shape(p->known[*out], row))
            return WF_OK;
    }
    if (wf_grow(p->alloc, &p->known, &p->room_known, p->n_known + 1, sizeof(*p->known)) != 0)
        return WF_ERR_NOMEM;
    *out = p->n_known;
    p->known[p->n_known++] = row;
    p->slots[at] = (uint32_t)p->n_known;
    put_shape(p, row);
    return WF_OK;
}

static bool get_shape(struct input *in, struct wf_ledger_row *out)
{
    uint64_t rule = get_number(in), position = get_number(in);
    struct wf_ledger_text gate = get_name(in);
    struct wf_ledger_text names[NAMES];
    for (int i = 0; i < NAMES; i++)
        names[i] = get_name(in);
    *out = (struct wf_ledger_row){.rule = (uint32_t)rule,
                                  .position = (uint32_t)position,
                                  .gate = gate.len ? gate.text : NULL,
                                  .kind = names[0],
                                  .name = names[1],
                                  .channel = names[2],
                                  .coupon = names[3],
                                  .journey = names[4],
                                  .step = names[5]};
    return !in->bad && rule <= UINT32_MAX && position <= UINT32_MAX;
}

/* ---- packing ---- */

void wf_packer_init(struct wf_packer *packer, const struct wf_alloc *alloc)
{
    *packer = (struct wf_packer){.alloc = alloc};
    wf_buf_init(&packer->ids, alloc, 0);
    wf_buf_init(&packer->packed, alloc, 0);
    wf_buf_init(&packer->rows, alloc, MOST_PLAIN / 2);
    wf_buf_init(&packer->shapes, alloc, MOST_PLAIN / 2);
}

void wf_packer_release(struct wf_packer *packer)
{
    wf_buf_release(&packer->ids);
    wf_buf_release(&packer->packed);
    wf_buf_release(&packer->rows);
    wf_buf_release(&packer->shapes);
    wf_free(packer->alloc, packer->known);
    wf_free(packer->alloc, packer->slots);
    ZSTD_freeCCtx(packer->zstd);
}

/* Empty buffers, the tools at hand. */
static enum wf_status start(struct wf_packer *p)
{
    if (!p->slots)
        p->slots = wf_calloc(p->alloc, SLOTS, sizeof(*p->slots));
    if (!p->zstd) {
        p->zstd = ZSTD_createCCtx();
        if (p->zstd) {
            ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL);
            ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_minMatch, LONG_MATCH);
            ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_hashLog, HASH_LOG);
            ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_checksumFlag, 1);
        }
    }
    if (!p->slots || !p->zstd)
        return WF_ERR_NOMEM;
    memset(p->slots, 0, SLOTS * sizeof(*p->slots));
    p->n_known = 0;
    wf_buf_reset(&p->ids);
    wf_buf_reset(&p->packed);
    wf_buf_reset(&p->rows);
    wf_buf_reset(&p->shapes);
    wf_buf_add(&p->rows, "\0\0\0\0", sizeof(uint32_t));
    return p->rows.failed ? WF_ERR_NOMEM : WF_OK;
}

static enum wf_status put_row(struct wf_packer *p, const struct wf_ledger_row *row,
                              const struct wf_ledger_row *first)
{
    uint64_t shape;
    enum wf_status st = shape_of(p, row, &shape);
    size_t texts = row->member.len + row->note.len + row->party.len;
    if (st == WF_OK && wf_buf_reserve(&p->rows, 6 * VARINT + texts) != 0)
        st = WF_ERR_NOMEM;
    if (st != WF_OK)
        return st;
    unsigned char *to = (unsigned char *)p->rows.data + p->rows.len;
    to = put_number(to, shape);
    to = put_bytes(to, row->member);
    to = put_number(to, distance(first->due, row->due));
    to = put_number(to, distance(first->at, row->at));
    to = put_bytes(to, row->note);
    to = put_bytes(to, row->party);
    p->rows.len = (size_t)(to - (unsigned char *)p->rows.data);
    wf_buf_add(&p->ids, row->action_id, ID);
    return WF_OK;
}

static enum wf_status compress(struct wf_packer *p)
{
    uint32_t rows = (uint32_t)(p->rows.len - sizeof(rows));
    memcpy(p->rows.data, &rows, sizeof(rows));
    wf_buf_add(&p->rows, p->shapes.data, p->shapes.len);
    size_t bound = ZSTD_compressBound(p->rows.len);
    if (p->rows.failed || p->ids.failed || wf_buf_reserve(&p->packed, bound) != 0)
        return WF_ERR_NOMEM;
    size_t n = ZSTD_compress2(p->zstd, p->packed.data, bound, p->rows.data, p->rows.len);
    if (ZSTD_isError(n))
        return WF_ERR_NOMEM;
    p->packed.len = n;
    return WF_OK;
}

enum wf_status wf_pack(struct wf_packer *packer, const struct wf_ledger_row *const *rows, size_t n)
{
    enum wf_status st = n <= WF_LEDGER_TOGETHER ? start(packer) : WF_ERR_LIMIT;
    if (st == WF_OK) { /* times are told as distances from the first row's, and its own from 0 */
        unsigned char times[2 * VARINT],
            *end = put_number(times, distance(0, n ? rows[0]->due : 0));
        end = put_number(end, distance(0, n ? rows[0]->at : 0));
        wf_buf_add(&packer->rows, times, (size_t)(end - times));
    }
    for (size_t i = 0; st == WF_OK && i < n; i++)
        st = put_row(packer, rows[i], rows[0]);
    if (st == WF_OK && packer->shapes.failed)
        st = WF_ERR_NOMEM;
    return st == WF_OK ? compress(packer) : st;
}

/* ---- unpacking ---- */

void wf_unpacker_init(struct wf_unpacker *unpacker, const struct wf_alloc *alloc)
{
    *unpacker = (struct wf_unpacker){.alloc = alloc};
}

void wf_unpacker_release(struct wf_unpacker *unpacker)
{
    wf_free(unpacker->alloc, unpacker->rows);
    wf_free(unpacker->alloc, unpacker->shapes);
    wf_free(unpacker->alloc, unpacker->plain);
}

static enum wf_status decompress(struct wf_unpacker *u, const void *packed, size_t len,
                                 size_t *len_out)
{
    unsigned long long size = ZSTD_getFrameContentSize(packed, len);
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
        size < sizeof(uint32_t) || size > MOST_PLAIN)
        return WF_ERR_STATE;
    if (wf_grow(u->alloc, &u->plain, &u->room_plain, (size_t)size, 1) != 0)
        return WF_ERR_NOMEM;
    *len_out = ZSTD_decompress(u->plain, (size_t)size, packed, len);
    if (ZSTD_isError(*len_out) && ZSTD_getErrorCode(*len_out) == ZSTD_error_memory_allocation)
        return WF_ERR_NOMEM;
    return *len_out == size ? WF_OK : WF_ERR_STATE;
}

static enum wf_status read_shapes(struct wf_unpacker *u, struct input in)
{
    for (u->n_shapes = 0; in.at < in.end; u->n_shapes++) {
        if (wf_grow(u->alloc, &u->shapes, &u->room_shapes, u->n_shapes + 1, sizeof(*u->shapes)) !=
            0)
            return WF_ERR_NOMEM;
        if (!get_shape(&in, &u->shapes[u->n_shapes]))
            return WF_ERR_STATE;
    }
    return WF_OK;
}

enum wf_status wf_unpack(struct wf_unpacker *u, const void *ids, size_t len_ids, const void *packed,
                         size_t len_packed)
{
    size_t len = 0;
    uint32_t rows;
    enum wf_status st =
        len_ids % ID == 0 && len_ids / ID <= WF_LEDGER_TOGETHER ? WF_OK : WF_ERR_STATE;
    u->n = 0;
    if (st == WF_OK)
        st = decompress(u, packed, len_packed, &len);
    if (st != WF_OK)
        return st;
    memcpy(&rows, u->plain, sizeof(rows));
    if (rows > len - sizeof(rows))
        return WF_ERR_STATE;
    struct input in = {u->plain + sizeof(rows), u->plain + sizeof(rows) + rows, false};
    st = read_shapes(u, (struct input){in.end, u->plain + len, false});
    if (st == WF_OK && wf_grow(u->alloc, &u->rows, &u->room_rows, len_ids / ID, sizeof(*u->rows)))
        st = WF_ERR_NOMEM;
    if (st != WF_OK)
        return st;
    int64_t due = at_distance(0, get_number(&in)), at = at_distance(0, get_number(&in));
    for (size_t i = 0; i < len_ids / ID && !in.bad; i++) {
        uint64_t shape = get_number(&in);
        if (shape >= u->n_shapes)
            return WF_ERR_STATE;
        struct wf_ledger_row *row = &u->rows[i];
        *row = u->shapes[shape];
        memcpy(row->action_id, (const unsigned char *)ids + i * ID, ID);
        row->member = get_text(&in);
        row->due = at_distance(due, get_number(&in));
        row->at = at_distance(at, get_number(&in));
        row->note = get_text(&in);
        row->party = get_text(&in);
    }
    if (in.bad || in.at != in.end)
        return WF_ERR_STATE;
    u->n = len_ids / ID;
    return WF_OK;
}
