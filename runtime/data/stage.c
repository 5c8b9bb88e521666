#include "runtime/data/stage.h"

#include "runtime/data/dataset.h"

enum {
    MEMBERS_A_PART = 1024, /* with ten rows each they fit a core's own cache */
    MAX_PARTS = 2048,      /* more streams than that are more than a core can write at once */
    TOGETHER = 64,         /* rows packed at a time: they stay in the nearest cache */
};

/* ---- the layout ---- */

static enum wf_stage_kind kind_of(enum wf_layout layout)
{
    switch (layout) {
    case WF_LAY_BITS: return WF_STAGE_BOOL;
    case WF_LAY_I32: return WF_STAGE_I32;
    case WF_LAY_F64: return WF_STAGE_F64;
    case WF_LAY_CODE: return WF_STAGE_CODE;
    case WF_LAY_STR: return WF_STAGE_TEXT;
    default: return WF_STAGE_INT;
    }
}

static uint32_t take(struct wf_stage_form *form, uint32_t bytes)
{
    uint32_t at = form->size;
    form->size += bytes;
    return at;
}

enum wf_status wf_stage_form_init(struct wf_stage_form *form, const struct wf_alloc *alloc,
                                  const struct wf_feed *feed, const bool *carried,
                                  uint32_t n_members)
{
    *form = (struct wf_stage_form){.alloc = alloc, .feed = feed};
    form->cells = wf_calloc(alloc, feed->n_slots, sizeof(*form->cells));
    if (!form->cells || pthread_mutex_init(&form->lock, NULL) != 0) {
        wf_free(alloc, form->cells);
        *form = (struct wf_stage_form){0};
        return WF_ERR_NOMEM;
    }
    for (uint32_t s = 0; s < feed->n_slots; s++)
        if (carried[s])
            form->cells[s].kind = (uint8_t)kind_of((enum wf_layout)feed->slots[s].layout);
    bool text = feed->n_uniques && feed->slots[feed->uniques[0]].layout == WF_LAY_STR;
    form->size = WF_STAGED_FLAGS + (feed->n_slots + 2 + 3) / 4;
    form->whole_hash = feed->n_uniques != 1;
    form->hash = take(form, form->whole_hash ? 8 : 4);
    form->first = feed->n_uniques && !text ? take(form, 8) : 0;
    form->full = feed->n_uniques > 1 ? take(form, 8) : 0;
    form->key = feed->keys ? take(form, 16) : 0;
    while (n_members >> form->shift > MAX_PARTS || 1 << form->shift < MEMBERS_A_PART)
        form->shift++;
    form->shift = form->shift < WF_STAGE_SHIFT ? form->shift : WF_STAGE_SHIFT;
    form->n_parts = (n_members >> form->shift) + 1;
    return WF_OK;
}

void wf_stage_form_release(struct wf_stage_form *form)
{
    if (!form->cells)
        return;
    pthread_mutex_destroy(&form->lock);
    wf_free(form->alloc, form->cells);
    *form = (struct wf_stage_form){0};
}

/* What a slot's integers (or codes) of a chunk lie between; false: there is none. */
static bool range_of(const struct wf_chunk *chunk, uint32_t slot, enum wf_stage_kind kind,
                     int64_t *low, int64_t *high)
{
    *low = INT64_MAX;
    *high = INT64_MIN;
    for (uint32_t i = 0; i < chunk->n; i++) {
        const void *data = chunk->data[slot];
        int64_t value = kind == WF_STAGE_INT    ? ((const int64_t *)data)[i]
                        : kind == WF_STAGE_CODE ? (int64_t)((const uint32_t *)data)[i]
                                                : ((const int32_t *)data)[i];
        if (!chunk->state[slot][i])
            continue;
        *low = value < *low ? value : *low;
        *high = value > *high ? value : *high;
    }
    return *low <= *high;
}

/* Codes come in the order of their texts, so that they go on growing. */
static void fit_codes(struct wf_stage_cell *cell, bool any, int64_t high)
{
    enum { FEW = 48, SOME = 1 << 14 };
    cell->width = !any || high < FEW ? 1 : high < SOME ? 2 : 4;
}

/* As wide as twice what the first rows need, and 0 fits in. Times are those of 1970 to 2106. */
static void fit_numbers(struct wf_stage_cell *cell, bool any, int64_t low, int64_t high)
{
    bool below = any && low < 0;
    int64_t reach = !any ? 0 : below && -(low + 1) > high ? -(low + 1) : high;
    cell->width = reach < 1 << 6 ? 1 : reach < 1 << 14 ? 2 : 4;
    if (cell->width < 4)
        cell->bias = below ? UINT64_C(1) << (8 * cell->width - 1) : 0;
    else
        cell->bias = cell->kind == WF_STAGE_INT ? UINT64_C(1) << 31 : 0;
}

/* A serial number is 4 bytes, and one for its head unless all have the same one. */
static void fit_texts(struct wf_stage_cell *cell, const struct wf_chunk *chunk, uint32_t slot)
{
    const struct wf_cut *cuts = chunk->data[slot];
    bool any = false;
    cell->width = 4;
    for (uint32_t i = 0; i < chunk->n; i++) {
        uint8_t head;
        if (!chunk->state[slot][i] ||
            !wf_serial_place((struct wf_cell){chunk->heap.data + cuts[i].at, cuts[i].len, 0},
                             &head))
            continue;
        if (any && head != cell->bias)
            cell->width = 4 + 1;
        cell->bias = head;
        any = true;
    }
}

static void lay_out(struct wf_stage_form *form, const struct wf_chunk *chunk)
{
    for (uint32_t s = 0; s < form->feed->n_slots; s++) {
        struct wf_stage_cell *cell = &form->cells[s];
        enum wf_stage_kind kind = (enum wf_stage_kind)cell->kind;
        int64_t low = 0, high = 0;
        bool ints = kind == WF_STAGE_I32 || kind == WF_STAGE_INT || kind == WF_STAGE_CODE;
        bool any = ints && range_of(chunk, s, kind, &low, &high);
        cell->width = kind == WF_STAGE_NONE ? 0 : kind == WF_STAGE_F64 ? 8 : 1;
        if (kind == WF_STAGE_TEXT)
            fit_texts(cell, chunk, s);
        else if (form->feed->slots[s].type == WF_T_TIME)
            cell->width = 4;
        else if (kind == WF_STAGE_CODE)
            fit_codes(cell, any, high);
        else if (ints)
            fit_numbers(cell, any, low, high);
        cell->at = take(form, cell->width);
    }
}

static void lay_out_once(struct wf_stage_form *form, const struct wf_chunk *chunk)
{
    pthread_mutex_lock(&form->lock);
    if (!form->laid_out)
        lay_out(form, chunk);
    form->laid_out = true;
    pthread_mutex_unlock(&form->lock);
}

/* ---- packing ---- */

enum { LONG = 255 }; /* a text of so many bytes or more has four bytes more for its length */

/* A handful of rows of a chunk on their way. */
struct packing {
    struct wf_stage *stage;
    const struct wf_chunk *chunk;
    uint32_t first, n, origin; /* origin: what a line of the chunk is counted from */
    uint32_t more[TOGETHER];   /* bytes of what does not fit its cell */
    uint32_t parts[TOGETHER];
};

static char *row_at(const struct packing *p, uint32_t i)
{
    return p->stage->desk + (size_t)i * p->stage->form->size;
}

/* The states of a slot's cells, HERE or MISSING, into their two bits of a byte a row. */
static void add_states(const struct packing *p, uint32_t slot, uint8_t *bytes)
{
    const unsigned shift = wf_staged_states(slot).shift;
    const uint8_t *state = p->chunk->state[slot] + p->first;
    uint8_t all = 1;
    for (uint32_t i = 0; i < p->n; i++) {
        bytes[i] = (uint8_t)(bytes[i] | state[i] << shift);
        all &= state[i];
    }
    p->stage->missing[slot] |= !all;
}

/* Flags and states, a byte of all rows after the other. */
static void put_states(const struct packing *p, const uint8_t *voids)
{
    const struct wf_stage_form *form = p->stage->form;
    const uint8_t *bad = p->chunk->bad_row + p->first;
    for (uint32_t slot = 0, at = WF_STAGED_FLAGS; at < form->hash; at++) {
        uint8_t bytes[TOGETHER] = {0};
        char *to = p->stage->desk + at;
        for (uint32_t i = 0; at == WF_STAGED_FLAGS && i < p->n; i++)
            bytes[i] = (uint8_t)((bad[i] ? WF_STAGED_DOUBT : 0) |
                                 (voids && voids[p->first + i] ? WF_STAGED_VOID : 0));
        for (; slot < form->feed->n_slots && wf_staged_states(slot).at == at; slot++)
            if (form->cells[slot].kind != WF_STAGE_NONE)
                add_states(p, slot, bytes);
        for (uint32_t i = 0; i < p->n; i++)
            to[(size_t)i * form->size] = (char)bytes[i];
    }
}

static void put_known(const struct packing *p)
{
    const struct wf_stage_form *form = p->stage->form;
    const struct wf_chunk *chunk = p->chunk;
    uint32_t mask = (UINT32_C(1) << form->shift) - 1;
    for (uint32_t i = 0; i < p->n; i++) {
        char *row = row_at(p, i);
        uint32_t from = p->first + i, line = p->origin + chunk->line[from];
        uint32_t member = chunk->member[from];
        uint16_t low = (uint16_t)(member & WF_STRANGER ? member : member & mask);
        memcpy(row + WF_STAGED_LINE, &line, 4);
        memcpy(row + WF_STAGED_MEMBER, &low, 2);
        uint32_t half = (uint32_t)chunk->hash[from];
        if (form->whole_hash)
            memcpy(row + form->hash, &chunk->hash[from], 8);
        else
            memcpy(row + form->hash, &half, 4);
        if (form->first)
            memcpy(row + form->first, &chunk->first[from], 8);
        if (form->full)
            memcpy(row + form->full, &chunk->full[from], 8);
        if (form->key)
            memcpy(row + form->key, chunk->key[from], 16);
    }
}

/* The value that is here does not fit its cell. */
static inline void put_wide(char *row, struct wf_staged_place place)
{
    unsigned differ = WF_STAGED_HERE ^ WF_STAGED_WIDE;
    row[place.at] = (char)((unsigned char)row[place.at] ^ differ << place.shift);
}

static inline void put_raw(char *at, uint32_t word, unsigned width)
{
    uint16_t half = (uint16_t)word;
    if (width == 1)
        *at = (char)(unsigned char)word;
    else if (width == 2)
        memcpy(at, &half, 2);
    else
        memcpy(at, &word, 4);
}

/* The values of a slot, with what is added to them so that they fit their cells. */
static void get_numbers(const struct packing *p, uint32_t slot, uint64_t *values)
{
    const struct wf_stage_cell *cell = &p->stage->form->cells[slot];
    const void *data = p->chunk->data[slot];
    const int64_t *ints = (const int64_t *)data + p->first;
    const uint32_t *codes = (const uint32_t *)data + p->first;
    const int32_t *words = (const int32_t *)data + p->first;
    const uint64_t bias = cell->bias;
    const uint32_t n = p->n;
    if (cell->kind == WF_STAGE_INT)
        for (uint32_t i = 0; i < n; i++)
            values[i] = (uint64_t)ints[i] + bias;
    else if (cell->kind == WF_STAGE_CODE)
        for (uint32_t i = 0; i < n; i++)
            values[i] = codes[i];
    else if (cell->width == 4) /* all of them fit */
        for (uint32_t i = 0; i < n; i++)
            values[i] = (uint32_t)words[i];
    else
        for (uint32_t i = 0; i < n; i++)
            values[i] = (uint64_t)words[i] + bias;
}

static void mark_wide(struct packing *p, uint32_t slot, const uint64_t *values, uint64_t most)
{
    const struct wf_staged_place place = wf_staged_states(slot);
    const uint8_t *state = p->chunk->state[slot] + p->first;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!state[i] || values[i] <= most)
            continue;
        put_wide(row_at(p, i), place);
        p->more[i] += 8;
        p->stage->wide[slot] = true;
    }
}

static inline __attribute__((always_inline)) void put_numbers(struct packing *p, uint32_t slot,
                                                              unsigned width)
{
    const size_t size = p->stage->form->size;
    const uint32_t n = p->n;
    const uint64_t most = UINT64_MAX >> (64 - 8 * width);
    char *cell = p->stage->desk + p->stage->form->cells[slot].at;
    uint64_t values[TOGETHER], all = 0;
    get_numbers(p, slot, values);
    for (uint32_t i = 0; i < n; i++) {
        put_raw(cell + i * size, (uint32_t)values[i], width);
        all |= values[i];
    }
    if (all > most)
        mark_wide(p, slot, values, most);
}

static void put_plain(struct packing *p, uint32_t slot, size_t size)
{
    const char *cells = (const char *)p->chunk->data[slot] + p->first * size;
    for (uint32_t i = 0; i < p->n; i++)
        memcpy(row_at(p, i) + p->stage->form->cells[slot].at, cells + i * size, size);
}

static struct wf_cell text_of(const struct packing *p, uint32_t slot, uint32_t i)
{
    struct wf_cut cut = ((const struct wf_cut *)p->chunk->data[slot])[p->first + i];
    return (struct wf_cell){p->chunk->heap.data + cut.at, cut.len, 0};
}

/* Where the first unique field is missing, its cell holds the other half of the row's hash. */
static void put_texts(struct packing *p, uint32_t slot)
{
    struct wf_stage *stage = p->stage;
    const struct wf_stage_cell *cell = &stage->form->cells[slot];
    const struct wf_staged_place place = wf_staged_states(slot);
    const uint8_t *state = p->chunk->state[slot] + p->first;
    for (uint32_t i = 0; i < p->n; i++) {
        char *at = row_at(p, i) + cell->at;
        struct wf_serial serial;
        if (!state[i]) {
            put_raw(at, (uint32_t)(p->chunk->hash[p->first + i] >> 32), 4);
            continue;
        }
        struct wf_cell text = text_of(p, slot, i);
        bool is_serial = wf_serial_of(&stage->serials[slot], text, &serial);
        stage->text_bytes[slot] += text.len;
        put_raw(at, serial.number, 4);
        if (cell->width > 4)
            put_raw(at + 4, serial.head, 1);
        if (is_serial && (cell->width > 4 || serial.head == cell->bias))
            continue;
        put_wide(row_at(p, i), place);
        p->more[i] += text.len + (text.len < LONG ? 1 : 5);
    }
}

static void put_slot(struct packing *p, uint32_t slot)
{
    const struct wf_stage_cell *cell = &p->stage->form->cells[slot];
    switch ((enum wf_stage_kind)cell->kind) {
    case WF_STAGE_NONE: break;
    case WF_STAGE_BOOL: put_plain(p, slot, 1); break;
    case WF_STAGE_F64: put_plain(p, slot, 8); break;
    case WF_STAGE_TEXT: put_texts(p, slot); break;
    case WF_STAGE_I32:
    case WF_STAGE_INT:
    case WF_STAGE_CODE:
        if (cell->width == 1)
            put_numbers(p, slot, 1);
        else if (cell->width == 2)
            put_numbers(p, slot, 2);
        else
            put_numbers(p, slot, 4);
        break;
    }
}

/* ---- to their parts ---- */

static char *put_text(char *at, struct wf_cell text)
{
    *at++ = (char)(unsigned char)(text.len < LONG ? text.len : LONG);
    if (text.len >= LONG) {
        memcpy(at, &text.len, 4);
        at += 4;
    }
    memcpy(at, text.text, text.len);
    return at + text.len;
}

/* What row i has more, in the order of its slots; its length in front. */
static void put_more(const struct packing *p, uint32_t i, uint32_t len, char *at)
{
    const struct wf_stage_form *form = p->stage->form;
    const struct wf_staged *row = (const struct wf_staged *)(const void *)row_at(p, i);
    memcpy(at, &len, 4);
    at += 4;
    for (uint32_t s = 0; s < form->feed->n_slots; s++) {
        if (wf_staged_state(row, s) != WF_STAGED_WIDE)
            continue;
        enum wf_stage_kind kind = (enum wf_stage_kind)form->cells[s].kind;
        const void *data = p->chunk->data[s];
        if (kind == WF_STAGE_TEXT) {
            at = put_text(at, text_of(p, s, i));
            continue;
        }
        uint32_t from = p->first + i;
        int64_t value = kind == WF_STAGE_INT    ? ((const int64_t *)data)[from]
                        : kind == WF_STAGE_CODE ? (int64_t)((const uint32_t *)data)[from]
                                                : ((const int32_t *)data)[from];
        memcpy(at, &value, 8);
        at += 8;
    }
}

static inline void copy_row(char *to, const char *from, uint32_t size)
{
    for (uint32_t at = 0; at < size; at += WF_STAGE_SLACK)
        memcpy(to + at, from + at, WF_STAGE_SLACK);
}

/* Strangers are parts behind the members', as many as there have to be. */
static enum wf_status part_of(struct wf_stage *stage, uint32_t member, uint32_t *part_out)
{
    const struct wf_stage_form *form = stage->form;
    if (!(member & WF_STRANGER)) {
        *part_out = member >> form->shift;
        return WF_OK;
    }
    uint32_t part = form->n_parts + ((member & ~WF_STRANGER) >> WF_STAGE_SHIFT);
    size_t room = stage->n_streams;
    if (part >= room) {
        if (wf_grow(form->alloc, &stage->streams, &room, part + 1, sizeof(*stage->streams)) != 0)
            return WF_ERR_NOMEM;
        memset(stage->streams + stage->n_streams, 0,
               (room - stage->n_streams) * sizeof(*stage->streams));
        stage->n_streams = room;
    }
    *part_out = part;
    return WF_OK;
}

/* Which parts they go to. There are more of these than the nearest cache has lines: all that the
 * rows will touch is fetched while they are packed. */
static enum wf_status find_parts(struct packing *p)
{
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; !status && i < p->n; i++)
        status = part_of(p->stage, p->chunk->member[p->first + i], &p->parts[i]);
    for (uint32_t i = 0; !status && i < p->n; i++) {
        const char *at = p->stage->streams[p->parts[i]].at;
        __builtin_prefetch(at, 1);
        __builtin_prefetch(at + p->stage->form->size, 1);
    }
    return status;
}

static enum wf_status place_rows(struct packing *p)
{
    struct wf_stage *stage = p->stage;
    const uint32_t fixed = stage->form->size;
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t more = p->more[i] ? (p->more[i] + 4 + 3) / 4 * 4 : 0;
        struct wf_stage_stream *stream = &stage->streams[p->parts[i]];
        if (stream->left < (uint64_t)fixed + more) {
            enum wf_status status = wf_stage_room(stage, p->parts[i], (size_t)fixed + more);
            if (status)
                return status;
        }
        char *row = row_at(p, i);
        if (more)
            row[WF_STAGED_FLAGS] |= WF_STAGED_MORE;
        copy_row(stream->at, row, fixed);
        if (more)
            put_more(p, i, more, stream->at + fixed);
        stream->at += fixed + more;
        stream->left -= fixed + more;
        stream->rows++;
    }
    return WF_OK;
}

/* The lines of a chunk, counted on from those of the chunks before. */
static enum wf_status add_origin(struct wf_stage *stage, const struct wf_chunk *chunk)
{
    uint64_t file = chunk->past ? 0 : ((uint64_t)chunk->file + 1) << 48;
    uint32_t lines = chunk->line[chunk->n - 1] + 1;
    if (lines > UINT32_MAX - stage->lines)
        return WF_ERR_LIMIT;
    if (wf_grow(stage->form->alloc, &stage->origins, &stage->room_origins, stage->n_origins + 1,
                sizeof(*stage->origins)) != 0)
        return WF_ERR_NOMEM;
    stage->origins[stage->n_origins++] =
        (struct wf_stage_origin){file | chunk->first_line, stage->lines};
    stage->lines += lines;
    return WF_OK;
}

enum wf_status wf_stage_add(struct wf_stage *stage, const struct wf_chunk *chunk,
                            const uint8_t *voids)
{
    struct wf_stage_form *form = stage->form;
    struct packing p = {.stage = stage, .chunk = chunk, .origin = stage->lines};
    if (chunk->n == 0)
        return WF_OK;
    if (!stage->desk) {
        lay_out_once(form, chunk);
        stage->desk = wf_calloc(form->alloc, 1, (size_t)TOGETHER * form->size + WF_STAGE_SLACK);
    }
    enum wf_status status = stage->desk ? add_origin(stage, chunk) : WF_ERR_NOMEM;
    for (; !status && p.first < chunk->n; p.first += p.n) {
        p.n = chunk->n - p.first < TOGETHER ? chunk->n - p.first : TOGETHER;
        status = find_parts(&p);
        if (status)
            break;
        memset(p.more, 0, sizeof(p.more));
        memset(stage->desk, 0, (size_t)p.n * form->size);
        put_states(&p, voids);
        put_known(&p);
        for (uint32_t s = 0; s < form->feed->n_slots; s++)
            put_slot(&p, s);
        status = place_rows(&p);
    }
    stage->rows += chunk->n;
    return status;
}
