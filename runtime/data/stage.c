#include "runtime/data/stage.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/dataset.h"

enum {
    MEMBERS_A_PART = 1024, /* with ten rows each they fit a core's own cache */
    MAX_PARTS = 2048,      /* more streams than that are more than a core can write at once */
    FIRST_BLOCK = 1 << 10,
    LAST_BLOCK = 1 << 14,
    FIRST_SLAB = 1 << 20,
    LAST_SLAB = 1 << 25,
    TOGETHER = 64 /* rows packed at a time: they stay in the nearest cache */
};

/* ---- the layout ---- */

static enum wf_stage_kind kind_of(enum wf_layout layout)
{
    switch (layout) {
    case WF_LAY_BITS: return WF_STAGE_BYTE;
    case WF_LAY_I32: return WF_STAGE_I32;
    case WF_LAY_F64: return WF_STAGE_F64;
    case WF_LAY_CODE: return WF_STAGE_CODE;
    case WF_LAY_STR: return WF_STAGE_TEXT;
    default: return WF_STAGE_INT;
    }
}

static uint32_t take(struct wf_stage_form *form, uint32_t bytes)
{
    uint32_t at = form->fixed;
    form->fixed += bytes;
    return at;
}

static void place_cells(struct wf_stage_form *form, const bool *carried)
{
    static const uint8_t widths[] = {
        [WF_STAGE_BYTE] = 1, [WF_STAGE_I32] = 4,  [WF_STAGE_F64] = 8,
        [WF_STAGE_INT] = 4,  [WF_STAGE_CODE] = 2, [WF_STAGE_TEXT] = 0,
    };
    const struct wf_feed *feed = form->feed;
    form->states = take(form, (feed->n_slots + 3) / 4);
    for (uint32_t s = 0; s < feed->n_slots; s++) {
        struct wf_stage_cell *cell = &form->cells[s];
        if (!carried[s])
            continue;
        cell->kind = (uint8_t)kind_of((enum wf_layout)feed->slots[s].layout);
        cell->at = take(form, widths[cell->kind]);
        /* Times of 1970 to 2106, all else around zero. */
        cell->bias = feed->slots[s].type == WF_T_TIME ? 0 : UINT64_C(1) << 31;
    }
}

enum wf_status wf_stage_form_init(struct wf_stage_form *form, const struct wf_alloc *alloc,
                                  const struct wf_feed *feed, const bool *carried,
                                  uint32_t n_members)
{
    *form = (struct wf_stage_form){.alloc = alloc, .feed = feed};
    form->cells = wf_calloc(alloc, feed->n_slots, sizeof(*form->cells));
    if (!form->cells)
        return WF_ERR_NOMEM;
    form->fixed = sizeof(struct wf_staged);
    bool text = feed->n_uniques && feed->slots[feed->uniques[0]].layout == WF_LAY_STR;
    form->first = feed->n_uniques && !text ? take(form, 8) : 0;
    form->full = feed->n_uniques > 1 ? take(form, 8) : 0;
    form->key = feed->keys ? take(form, 16) : 0;
    place_cells(form, carried);
    while (n_members >> form->shift > MAX_PARTS || 1 << form->shift < MEMBERS_A_PART)
        form->shift++;
    form->n_parts = (n_members >> form->shift) + 1;
    return WF_OK;
}

void wf_stage_form_release(struct wf_stage_form *form)
{
    wf_free(form->alloc, form->cells);
    *form = (struct wf_stage_form){0};
}

/* ---- memory ---- */

enum wf_status wf_stage_init(struct wf_stage *stage, const struct wf_stage_form *form,
                             unsigned worker)
{
    *stage = (struct wf_stage){.form = form, .worker = (uint8_t)worker};
    stage->streams = wf_calloc(form->alloc, (size_t)form->n_parts + 1, sizeof(*stage->streams));
    stage->text_bytes = wf_calloc(form->alloc, form->feed->n_slots, sizeof(*stage->text_bytes));
    stage->missing = wf_calloc(form->alloc, form->feed->n_slots, sizeof(*stage->missing));
    stage->wide = wf_calloc(form->alloc, form->feed->n_slots, sizeof(*stage->wide));
    bool ok = stage->streams && stage->text_bytes && stage->missing && stage->wide;
    return ok ? WF_OK : WF_ERR_NOMEM;
}

void wf_stage_release(struct wf_stage *stage)
{
    if (!stage->form)
        return;
    const struct wf_alloc *alloc = stage->form->alloc;
    for (size_t i = 0; i < stage->n_slabs; i++)
        wf_free(alloc, stage->slabs[i]);
    wf_free(alloc, stage->slabs);
    wf_free(alloc, stage->streams);
    wf_free(alloc, stage->text_bytes);
    wf_free(alloc, stage->missing);
    wf_free(alloc, stage->wide);
    *stage = (struct wf_stage){0};
}

/* `size` bytes on a cache line; NULL: no memory. Slabs become large, for the C library touches what
 * lies behind one, a fresh page, while it lets no other thread allocate. */
static char *take_bytes(struct wf_stage *stage, size_t size)
{
    const struct wf_alloc *alloc = stage->form->alloc;
    if (stage->left < size) {
        size_t room = stage->n_slabs < 5 ? (size_t)FIRST_SLAB << stage->n_slabs : LAST_SLAB;
        room = (size > room ? size : room) + 64;
        if (wf_grow(alloc, &stage->slabs, &stage->room_slabs, stage->n_slabs + 1, sizeof(void *)))
            return NULL;
        char *slab = wf_realloc(alloc, NULL, room);
        if (!slab)
            return NULL;
        stage->slabs[stage->n_slabs++] = slab;
        size_t skip = 64 - (uintptr_t)slab % 64;
        stage->free = slab + skip;
        stage->left = room - skip;
    }
    char *bytes = stage->free;
    stage->free += size;
    stage->left -= size;
    return bytes;
}

static void close_block(struct wf_stage_stream *stream)
{
    if (stream->last)
        stream->last->used = (uint32_t)(stream->at - wf_stage_rows(stream->last));
}

/* A block for at least `size` bytes more. */
static enum wf_status open_block(struct wf_stage *stage, struct wf_stage_stream *stream,
                                 size_t size, bool alone)
{
    size_t room = stream->last ? stream->last->used : 0;
    close_block(stream);
    room = room * 2;
    room = room < FIRST_BLOCK ? FIRST_BLOCK : room > LAST_BLOCK ? LAST_BLOCK : room;
    if (alone || room < size + 64)
        room = (size + 64 + 63) / 64 * 64;
    char *bytes = take_bytes(stage, room);
    if (!bytes)
        return WF_ERR_NOMEM;
    struct wf_stage_block *block = (struct wf_stage_block *)(void *)bytes;
    *block = (struct wf_stage_block){0};
    if (stream->last)
        stream->last->next = block;
    else
        stream->first = block;
    stream->last = block;
    /* Until it is closed, `used` says how large the block is: the next one is larger. */
    block->used = (uint32_t)room;
    stream->at = wf_stage_rows(block);
    stream->left = alone ? (uint32_t)size : (uint32_t)(room - 64);
    return WF_OK;
}

void wf_stage_finish(struct wf_stage *stage)
{
    for (uint32_t p = 0; p <= stage->form->n_parts; p++)
        close_block(&stage->streams[p]);
}

/* ---- packing ---- */

enum { LONG = 255 }; /* a text of so many bytes or more has four bytes more for its length */

/* A handful of rows of a chunk on their way. */
struct packing {
    struct wf_stage *stage;
    const struct wf_chunk *chunk;
    uint32_t first, n;
    struct wf_staged *row[TOGETHER];
    size_t size[TOGETHER];
    char *behind[TOGETHER]; /* where the next thing goes that does not fit its cell */
};

static bool fits(const struct wf_stage_cell *cell, uint64_t value)
{
    return value + cell->bias <= UINT32_MAX;
}

static void measure(struct packing *p, uint32_t slot)
{
    const struct wf_stage_cell *cell = &p->stage->form->cells[slot];
    const void *data = p->chunk->data[slot];
    const uint8_t *state = p->chunk->state[slot] + p->first;
    if (cell->kind == WF_STAGE_INT) {
        const uint64_t *values = (const uint64_t *)data + p->first;
        for (uint32_t i = 0; i < p->n; i++)
            p->size[i] += fits(cell, values[i]) ? 0 : 8;
    } else if (cell->kind == WF_STAGE_CODE) {
        const uint32_t *codes = (const uint32_t *)data + p->first;
        for (uint32_t i = 0; i < p->n; i++)
            p->size[i] += codes[i] <= UINT16_MAX ? 0 : 4;
    } else if (cell->kind == WF_STAGE_TEXT) {
        const struct wf_cut *cuts = (const struct wf_cut *)data + p->first;
        for (uint32_t i = 0; i < p->n; i++)
            if (state[i])
                p->size[i] += (size_t)cuts[i].len + (cuts[i].len < LONG ? 1 : 5);
    }
}

static enum wf_status place_rows(struct packing *p, const uint8_t *voids)
{
    struct wf_stage *stage = p->stage;
    const struct wf_stage_form *form = stage->form;
    const struct wf_chunk *chunk = p->chunk;
    uint64_t file = chunk->past ? 0 : ((uint64_t)chunk->file + 1) << 48;
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t from = p->first + i, member = chunk->member[from];
        uint32_t part = member & WF_STRANGER ? form->n_parts : member >> form->shift;
        struct wf_stage_stream *stream = &stage->streams[part];
        size_t size = (p->size[i] + 7) / 8 * 8;
        bool alone = size / 8 > UINT16_MAX;
        if (stream->left < size || alone) {
            enum wf_status status = open_block(stage, stream, size, alone);
            if (status)
                return status;
        }
        struct wf_staged *row = (struct wf_staged *)(void *)stream->at;
        *row = (struct wf_staged){
            .hash = chunk->hash[from],
            .place = file | (chunk->first_line + chunk->line[from]),
            .member = member,
            .size = (uint16_t)(alone ? 0 : size / 8),
            .worker = stage->worker,
            .flags = (uint8_t)((chunk->bad_row[from] ? WF_STAGED_DOUBT : 0) |
                               (voids && voids[from] ? WF_STAGED_VOID : 0)),
        };
        stream->at += size;
        stream->left -= (uint32_t)size;
        __builtin_prefetch(stream->at, 1); /* for the part's next row, many rows from here */
        stream->rows++;
        p->row[i] = row;
        p->behind[i] = (char *)row + form->fixed;
    }
    return WF_OK;
}

static void put_known(struct packing *p)
{
    const struct wf_stage_form *form = p->stage->form;
    const struct wf_chunk *chunk = p->chunk;
    for (uint32_t i = 0; i < p->n; i++) {
        char *row = (char *)p->row[i];
        if (form->first)
            memcpy(row + form->first, &chunk->first[p->first + i], 8);
        if (form->full)
            memcpy(row + form->full, &chunk->full[p->first + i], 8);
        if (form->key)
            memcpy(row + form->key, chunk->key[p->first + i], 16);
        memset(row + form->states, 0, (form->feed->n_slots + 3) / 4);
    }
}

/* Puts something behind the cells of row i. */
static void put_behind(struct packing *p, uint32_t i, const void *bytes, size_t len)
{
    memcpy(p->behind[i], bytes, len);
    p->behind[i] += len;
}

static void put_text(struct packing *p, uint32_t i, const char *text, uint32_t len)
{
    unsigned char small = (unsigned char)(len < LONG ? len : LONG);
    put_behind(p, i, &small, 1);
    if (small == LONG)
        put_behind(p, i, &len, 4);
    put_behind(p, i, text, len);
}

/* The states of a slot where they are not the chunk's own. */
static inline void put_states(struct packing *p, uint32_t slot, const uint8_t *states)
{
    uint32_t at = p->stage->form->states + slot / 4;
    bool all = true;
    for (uint32_t i = 0; i < p->n; i++) {
        ((unsigned char *)p->row[i])[at] |= (unsigned char)(states[i] << (slot % 4 * 2));
        all &= states[i] != WF_STAGED_MISSING;
    }
    p->stage->missing[slot] |= !all;
}

static void put_ints(struct packing *p, uint32_t slot)
{
    const struct wf_stage_cell *cell = &p->stage->form->cells[slot];
    const uint64_t *values = (const uint64_t *)p->chunk->data[slot] + p->first;
    const uint8_t *state = p->chunk->state[slot] + p->first;
    uint8_t states[TOGETHER];
    for (uint32_t i = 0; i < p->n; i++) {
        uint64_t value = values[i] + cell->bias;
        uint32_t narrow = (uint32_t)value;
        states[i] = state[i];
        memcpy((char *)p->row[i] + cell->at, &narrow, 4);
        if (value > UINT32_MAX) {
            p->stage->wide[slot] = true;
            states[i] = WF_STAGED_WIDE;
            put_behind(p, i, &values[i], 8);
        }
    }
    put_states(p, slot, states);
}

static void put_codes(struct packing *p, uint32_t slot)
{
    const struct wf_stage_cell *cell = &p->stage->form->cells[slot];
    const uint32_t *codes = (const uint32_t *)p->chunk->data[slot] + p->first;
    const uint8_t *state = p->chunk->state[slot] + p->first;
    uint8_t states[TOGETHER];
    for (uint32_t i = 0; i < p->n; i++) {
        uint16_t narrow = (uint16_t)codes[i];
        states[i] = state[i];
        memcpy((char *)p->row[i] + cell->at, &narrow, 2);
        if (codes[i] > UINT16_MAX) {
            p->stage->wide[slot] = true;
            states[i] = WF_STAGED_WIDE;
            put_behind(p, i, &codes[i], 4);
        }
    }
    put_states(p, slot, states);
}

static void put_texts(struct packing *p, uint32_t slot)
{
    const struct wf_cut *cuts = (const struct wf_cut *)p->chunk->data[slot] + p->first;
    const uint8_t *state = p->chunk->state[slot] + p->first;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!state[i])
            continue;
        put_text(p, i, p->chunk->heap.data + cuts[i].at, cuts[i].len);
        p->stage->text_bytes[slot] += cuts[i].len;
    }
    put_states(p, slot, state);
}

static void put_plain(struct packing *p, uint32_t slot, size_t size)
{
    const char *cells = (const char *)p->chunk->data[slot] + p->first * size;
    uint32_t at = p->stage->form->cells[slot].at;
    for (uint32_t i = 0; i < p->n; i++)
        memcpy((char *)p->row[i] + at, cells + i * size, size);
    put_states(p, slot, p->chunk->state[slot] + p->first);
}

static void put_slot(struct packing *p, uint32_t slot)
{
    switch ((enum wf_stage_kind)p->stage->form->cells[slot].kind) {
    case WF_STAGE_NONE: break;
    case WF_STAGE_BYTE: put_plain(p, slot, 1); break;
    case WF_STAGE_I32: put_plain(p, slot, 4); break;
    case WF_STAGE_F64: put_plain(p, slot, 8); break;
    case WF_STAGE_INT: put_ints(p, slot); break;
    case WF_STAGE_CODE: put_codes(p, slot); break;
    case WF_STAGE_TEXT: put_texts(p, slot); break;
    }
}

enum wf_status wf_stage_add(struct wf_stage *stage, const struct wf_chunk *chunk,
                            const uint8_t *voids)
{
    uint32_t n_slots = stage->form->feed->n_slots;
    struct packing p = {.stage = stage, .chunk = chunk};
    for (; p.first < chunk->n; p.first += p.n) {
        p.n = chunk->n - p.first < TOGETHER ? chunk->n - p.first : TOGETHER;
        for (uint32_t i = 0; i < p.n; i++)
            p.size[i] = stage->form->fixed;
        for (uint32_t s = 0; s < n_slots; s++)
            measure(&p, s);
        enum wf_status status = place_rows(&p, voids);
        if (status)
            return status;
        put_known(&p);
        for (uint32_t s = 0; s < n_slots; s++)
            put_slot(&p, s);
    }
    stage->rows += chunk->n;
    return WF_OK;
}

/* ---- reading rows ---- */

static struct wf_cell text_at(const char *at)
{
    uint32_t len = *(const unsigned char *)at++;
    if (len == LONG) {
        memcpy(&len, at, 4);
        at += 4;
    }
    return (struct wf_cell){at, len, 0};
}

const char *wf_staged_behind(const struct wf_stage_form *form, const struct wf_staged *row,
                             uint32_t slot)
{
    const char *at = wf_staged_at(row, form->fixed);
    for (uint32_t s = 0; s < slot; s++) {
        enum wf_stage_kind kind = (enum wf_stage_kind)form->cells[s].kind;
        enum wf_staged_state state = wf_staged_state(form, row, s);
        if (state == WF_STAGED_WIDE)
            at += kind == WF_STAGE_INT ? 8 : 4;
        if (kind == WF_STAGE_TEXT && state) {
            struct wf_cell text = text_at(at);
            at = text.text + text.len;
        }
    }
    return at;
}

struct wf_cell wf_staged_text(const struct wf_stage_form *form, const struct wf_staged *row,
                              uint32_t slot)
{
    return text_at(wf_staged_behind(form, row, slot));
}

int64_t wf_staged_value(const struct wf_stage_form *form, const struct wf_staged *row,
                        uint32_t slot)
{
    const struct wf_stage_cell *cell = &form->cells[slot];
    enum wf_staged_state state = wf_staged_state(form, row, slot);
    const char *at = wf_staged_at(row, cell->at);
    uint64_t wide = 0;
    uint32_t word = 0;
    uint16_t half;
    int32_t number;
    if (state == WF_STAGED_MISSING)
        return 0;
    if (state == WF_STAGED_WIDE) {
        at = wf_staged_behind(form, row, slot);
        memcpy(&word, at, 4);
        if (cell->kind == WF_STAGE_CODE)
            return word;
        memcpy(&wide, at, 8);
        return (int64_t)wide;
    }
    switch ((enum wf_stage_kind)cell->kind) {
    case WF_STAGE_BYTE: return *(const unsigned char *)at;
    case WF_STAGE_I32: memcpy(&number, at, 4); return number;
    case WF_STAGE_INT: memcpy(&word, at, 4); return (int64_t)(word - cell->bias);
    case WF_STAGE_CODE: memcpy(&half, at, 2); return half;
    default: memcpy(&wide, at, 8); return (int64_t)wide;
    }
}

uint64_t wf_staged_first(const struct wf_stage_form *form, const struct wf_staged *row)
{
    const struct wf_feed *feed = form->feed;
    if (form->first)
        return *(const uint64_t *)(const void *)wf_staged_at(row, form->first);
    if (!feed->n_uniques || !wf_staged_state(form, row, feed->uniques[0]))
        return row->hash;
    struct wf_cell text = wf_staged_text(form, row, feed->uniques[0]);
    return XXH3_64bits(text.text, text.len);
}
