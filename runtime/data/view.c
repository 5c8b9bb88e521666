#include "runtime/data/view.h"

#include <string.h>

#include "lang/base/limits.h"
#include "runtime/data/pages.h"
#include "runtime/data/parallel.h"

enum { WORD = 64 }; /* rows taken together: they share the words of the bitmaps */

/* ---- room ---- */

static uint64_t texts_of(const struct wf_event_rows *rows, uint32_t slot)
{
    uint64_t bytes = 0;
    for (unsigned t = 0; t < rows->n_stages; t++)
        bytes += rows->stages[t].text_bytes[slot];
    return bytes + (rows->standing ? rows->standing->bytes[slot] : 0);
}

/* Some row misses its value, or one of a stage has a value that does not fit the cell. */
static bool any(const struct wf_event_rows *rows, uint32_t slot, bool wide)
{
    bool found = !wide && rows->standing && rows->standing->missing[slot];
    for (unsigned t = 0; t < rows->n_stages; t++)
        found |= wide ? rows->stages[t].wide[slot] : rows->stages[t].missing[slot];
    return found;
}

/* How narrow the cells of a column are, and what is added to them; width 0: as the layout is. */
struct narrow {
    uint8_t width;
    uint64_t bias;
};

static bool fits(const struct wf_standing *standing, uint32_t slot, struct narrow form)
{
    uint64_t most = (UINT64_C(1) << 8 * form.width) - 1;
    return standing->low[slot] > standing->high[slot] ||
           ((uint64_t)standing->low[slot] + form.bias <= most &&
            (uint64_t)standing->high[slot] + form.bias <= most);
}

/* Numbers stay as narrow as they were carried if all are, and as wide as those need that stand; the
 * time is read as it is. */
static struct narrow number_form(const struct wf_event_rows *rows, uint32_t slot)
{
    const struct wf_stage_cell *cell = &rows->form->cells[slot];
    const struct wf_standing *standing = rows->standing;
    enum wf_layout layout = (enum wf_layout)rows->feed->slots[slot].layout;
    struct narrow form = {cell->width ? cell->width : 1, cell->bias};
    if ((layout != WF_LAY_I64 && layout != WF_LAY_I32) || slot == rows->feed->at ||
        any(rows, slot, true))
        return (struct narrow){0, 0};
    while (standing && form.width < 4 && !fits(standing, slot, form)) {
        bool below = form.bias || standing->low[slot] < 0;
        form.width *= 2;
        form.bias = below || form.width == 4 ? UINT64_C(1) << (8 * form.width - 1) : 0;
    }
    bool whole = form.width == wf_layout_width(layout) || (standing && !fits(standing, slot, form));
    return whole ? (struct narrow){0, 0} : form;
}

static struct narrow form_of(const struct wf_event_rows *rows, uint32_t slot,
                             const struct wf_dict *dict)
{
    if (rows->feed->slots[slot].layout != WF_LAY_CODE)
        return number_form(rows, slot);
    return (struct narrow){dict->n <= UINT8_MAX + 1 ? 1 : dict->n <= UINT16_MAX + 1 ? 2 : 0, 0};
}

/* The cells are not touched here: the threads that fill them shall be who meets the new pages. */
static enum wf_status make_column(struct wf_view *view, uint32_t slot, struct wf_dict *dict)
{
    const struct wf_event_rows *rows = view->rows;
    const struct wf_slot *s = &rows->feed->slots[slot];
    struct wf_keep *keep = view->ctx->keep;
    size_t room = wf_column_room(view->room);
    bool some = any(rows, slot, false), text = s->layout == WF_LAY_STR;
    struct wf_column column = {.type = s->type, .layout = s->layout, .dict = dict};
    struct narrow form = form_of(rows, slot, dict);
    column.width = form.width;
    column.base = -(int64_t)form.bias;
    column.present = some ? wf_keep_calloc(keep, room / 64, sizeof(uint64_t)) : NULL;
    column.data = s->layout == WF_LAY_BITS ? wf_keep_calloc(keep, room / 64, sizeof(uint64_t))
                                           : wf_keep_alloc(keep, room, wf_column_cell(&column));
    column.heap = text ? wf_keep_alloc(keep, texts_of(rows, slot) + 1, 1) : NULL;
    if (!column.data || (some && !column.present) || (text && !column.heap))
        return WF_ERR_NOMEM;
    if (s->layout != WF_LAY_BITS)
        wf_pages_dense(column.data, room * wf_column_cell(&column));
    view->columns[slot] = column;
    return WF_OK;
}

enum wf_status wf_view_init(struct wf_view *view, const struct wf_load_ctx *ctx,
                            const struct wf_event_rows *rows, struct wf_dict *const *dicts,
                            const bool *wanted, bool keys, uint32_t n)
{
    *view = (struct wf_view){.ctx = ctx, .rows = rows, .room = n};
    size_t words = wf_column_room(n) / 64;
    view->columns = wf_calloc(ctx->alloc, rows->feed->n_slots, sizeof(*view->columns));
    view->heap_used = wf_calloc(ctx->alloc, rows->feed->n_slots, sizeof(*view->heap_used));
    view->begins = wf_keep_calloc(ctx->keep, words, sizeof(uint64_t));
    view->doubt = wf_keep_calloc(ctx->keep, words, sizeof(uint64_t));
    if (keys)
        view->key = wf_keep_calloc(ctx->keep, (size_t)n + 1, 16);
    bool ok =
        view->columns && view->heap_used && view->begins && view->doubt && (!keys || view->key);
    enum wf_status status = ok ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t s = 0; !status && s < rows->feed->n_slots; s++)
        if (wanted[s])
            status = make_column(view, s, dicts[s]);
    return status;
}

void wf_view_finish(struct wf_view *view, uint32_t n)
{
    size_t rest = wf_column_room(n) - n;
    for (uint32_t s = 0; s < view->rows->feed->n_slots; s++) {
        struct wf_column *column = &view->columns[s];
        size_t width = wf_column_cell(column);
        if (column->data && column->layout != WF_LAY_BITS)
            memset((char *)column->data + n * width, 0, rest * width);
    }
}

void wf_view_release(struct wf_view *view)
{
    if (!view->ctx)
        return;
    wf_free(view->ctx->alloc, view->columns);
    wf_free(view->ctx->alloc, view->heap_used);
    wf_free(view->ctx->alloc, view->own);
    *view = (struct wf_view){0};
}

/* ---- filling ---- */

/* Some rows that follow each other, at most to the end of a word of the bitmaps. */
struct taking {
    struct wf_view *view;
    const struct wf_group_row *rows;
    uint32_t n, base; /* base: of the first in the view */
    uint32_t slot;
    const struct wf_stage_cell *cell;
};

/* The first word and the last are shared with the parts before and behind. */
static void set_bits(const struct taking *t, uint64_t *bits, uint64_t word)
{
    if (bits && t->n == WORD)
        bits[t->base / WORD] = word;
    else if (bits && word)
        __atomic_fetch_or(&bits[t->base / WORD], word << t->base % WORD, __ATOMIC_RELAXED);
}

/* A value in full, where a quick look at the cell is not enough. */
static int64_t value_of(const struct taking *t, uint32_t i)
{
    return wf_staged_value(t->view->rows->form, t->rows[i].row, t->slot);
}

/* In the loops below what does not change is in locals, for what they write might be anything else
 * to the compiler. */

/* Numbers in full. */
static uint64_t take_wide(const struct taking *t, struct wf_column *column)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        int64_t value = value_of(t, i);
        if (column->layout == WF_LAY_I32)
            column->i32[t->base + i] = (int32_t)value;
        else
            column->i64[t->base + i] = value;
        word |= (uint64_t)(wf_staged_state(t->rows[i].row, t->slot) != 0) << i;
    }
    return word;
}

static inline void put_cell(void *out, unsigned width, uint32_t i, uint32_t cell)
{
    if (width == 1)
        ((uint8_t *)out)[i] = (uint8_t)cell;
    else if (width == 2)
        ((uint16_t *)out)[i] = (uint16_t)cell;
    else
        ((uint32_t *)out)[i] = cell;
}

/* Cells that are another's width. */
static uint64_t take_wider(const struct taking *t, struct wf_column *column)
{
    uint64_t word = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        put_cell(column->data, column->width, t->base + i,
                 (uint32_t)(value_of(t, i) - column->base));
        word |= (uint64_t)(wf_staged_state(t->rows[i].row, t->slot) != 0) << i;
    }
    return word;
}

/* Numbers in full, of cells of 4 bytes. */
static uint64_t take_ints(const struct taking *t, int64_t *out)
{
    const struct wf_group_row *rows = t->rows;
    const struct wf_staged_place states = wf_staged_states(t->slot);
    const uint32_t at = t->cell->at, n = t->n;
    const uint64_t bias = t->cell->bias;
    uint64_t word = 0;
    for (uint32_t i = 0; i < n; i++) {
        enum wf_staged_state state = wf_staged_state_at(rows[i].row, states);
        out[i] = state ? (int64_t)(wf_staged_raw(rows[i].row, at, 4) - bias) : 0;
        if (state == WF_STAGED_WIDE)
            out[i] = value_of(t, i);
        word |= (uint64_t)(state != 0) << i;
    }
    return word;
}

static uint64_t take_codes(const struct taking *t, struct wf_column *column)
{
    const struct wf_group_row *rows = t->rows;
    const struct wf_staged_place states = wf_staged_states(t->slot);
    const unsigned from = t->cell->width, to = column->width;
    const uint32_t at = t->cell->at, n = t->n, base = t->base, none = 0;
    const uint32_t *maps[WF_MAX_THREADS][2]; /* by worker: of cells that are missing, and there */
    void *out = column->data;
    uint64_t word = 0;
    for (unsigned w = 0; w < t->view->rows->n_stages; w++) {
        maps[w][0] = &none;
        maps[w][1] = t->view->rows->maps[w * t->view->rows->feed->n_slots + t->slot];
    }
    for (uint32_t i = 0; i < n; i++) { /* whether one is there can mostly not be foreseen */
        enum wf_staged_state state = wf_staged_state_at(rows[i].row, states);
        uint32_t code = wf_staged_raw(rows[i].row, at, from), there = state != WF_STAGED_MISSING;
        if (state == WF_STAGED_WIDE)
            code = (uint32_t)value_of(t, i);
        code = maps[wf_group_worker(rows[i].mark)][there][code & -there];
        put_cell(out, to, base + i, code);
        word |= (uint64_t)there << i;
    }
    return word;
}

/* Cells as they are. */
static inline __attribute__((always_inline)) uint64_t take_cells(const struct taking *t, void *data,
                                                                 size_t size)
{
    const struct wf_group_row *rows = t->rows;
    const struct wf_staged_place states = wf_staged_states(t->slot);
    const uint32_t at = t->cell->at, n = t->n;
    char *out = (char *)data + t->base * size;
    uint64_t word = 0;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(out + i * size, wf_staged_at(rows[i].row, at), size);
        word |= (uint64_t)(wf_staged_state_at(rows[i].row, states) != 0) << i;
    }
    return word;
}

static uint64_t take_numbers(const struct taking *t, struct wf_column *column)
{
    if (column->width &&
        (column->width != t->cell->width || column->base != -(int64_t)t->cell->bias))
        return take_wider(t, column);
    switch (column->width) {
    case 1: return take_cells(t, column->data, 1);
    case 2: return take_cells(t, column->data, 2);
    case 4: return take_cells(t, column->data, 4);
    default: break;
    }
    if (column->layout == WF_LAY_I64 && t->cell->width == 4)
        return take_ints(t, column->i64 + t->base);
    return take_wide(t, column);
}

static uint64_t take_bools(const struct taking *t, uint64_t *bits)
{
    const struct wf_staged_place states = wf_staged_states(t->slot);
    uint64_t word = 0, truth = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        word |= (uint64_t)(wf_staged_state_at(t->rows[i].row, states) != 0) << i;
        truth |= (uint64_t)(value_of(t, i) & 1) << i;
    }
    set_bits(t, bits, truth);
    return word;
}

static uint64_t take_texts(const struct taking *t, struct wf_column *column)
{
    const struct wf_staged_place states = wf_staged_states(t->slot);
    char rooms[WORD][WF_SERIAL_ROOM];
    struct wf_cell texts[WORD];
    uint64_t word = 0, bytes = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        if (!wf_staged_state_at(t->rows[i].row, states))
            continue;
        const struct wf_stage *stage = &t->view->rows->stages[wf_group_worker(t->rows[i].mark)];
        texts[i] = wf_staged_text(stage, t->rows[i].row, t->slot, rooms[i]);
        bytes += texts[i].len;
        word |= UINT64_C(1) << i;
    }
    uint64_t at = __atomic_fetch_add(&t->view->heap_used[t->slot], bytes, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < t->n; i++) {
        column->str[t->base + i] = (struct wf_piece){0};
        if (!(word >> i & 1))
            continue;
        memcpy(column->heap + at, texts[i].text, texts[i].len);
        column->str[t->base + i] = (struct wf_piece){at, texts[i].len};
        at += texts[i].len;
    }
    return word;
}

static void take_slot(struct taking *t, struct wf_column *column)
{
    uint64_t word = 0;
    switch ((enum wf_stage_kind)t->cell->kind) {
    case WF_STAGE_BOOL: word = take_bools(t, column->bits); break;
    case WF_STAGE_I32:
    case WF_STAGE_INT: word = take_numbers(t, column); break;
    case WF_STAGE_F64: word = take_cells(t, column->data, 8); break;
    case WF_STAGE_CODE: word = take_codes(t, column); break;
    case WF_STAGE_TEXT: word = take_texts(t, column); break;
    case WF_STAGE_NONE: break;
    }
    set_bits(t, column->present, word);
}

static void take_facts(const struct taking *t)
{
    struct wf_view *view = t->view;
    uint64_t begins = 0, doubt = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        begins |= (uint64_t)((t->rows[i].mark & WF_GROUP_BEGINS) != 0) << i;
        doubt |= (uint64_t)((t->rows[i].mark & WF_STAGED_DOUBT) != 0) << i;
        if (view->key)
            memcpy(view->key[t->base + i], wf_staged_at(t->rows[i].row, view->rows->form->key), 16);
    }
    set_bits(t, view->begins, begins);
    set_bits(t, view->doubt, doubt);
    if (begins != ~UINT64_C(0) >> (WORD - t->n))
        __atomic_store_n(&view->shared, true, __ATOMIC_RELAXED);
    if (doubt)
        __atomic_store_n(&view->doubted, true, __ATOMIC_RELAXED);
}

/* The rows themselves, with whose they are. */
static void take_own(struct wf_own_row *own, const struct wf_group_part *part)
{
    for (uint32_t m = 0, i = 0; m < part->n_members; m++)
        for (; i < part->ends[m]; i++)
            own[part->base + i] =
                (struct wf_own_row){part->rows[i].row, part->low + m, part->rows[i].mark};
}

/* Rows are all over their part, which the nearest caches do not hold: those of the next word are
 * fetched while this one's are taken. */
static inline __attribute__((always_inline)) void
fetch_rows(const struct wf_group_row *rows, uint32_t n, uint32_t size)
{
    for (uint32_t i = 0; i < n; i++)
        wf_staged_fetch(rows[i].row, size);
}

enum wf_status wf_view_take(void *ctx, const struct wf_group_part *part)
{
    struct wf_view *view = ctx;
    const struct wf_event_rows *events = view->rows;
    if (view->own)
        take_own(view->own, part);
    for (uint32_t done = 0, count; done < part->n; done += count) {
        uint32_t base = part->base + done;
        count = WORD - base % WORD;
        count = part->n - done < count ? part->n - done : count;
        struct taking t = {view, part->rows + done, count, base, 0, NULL};
        uint32_t left = part->n - done - count;
        fetch_rows(part->rows + done + count, left < WORD ? left : WORD, events->form->size);
        take_facts(&t);
        for (t.slot = 0; t.slot < events->feed->n_slots; t.slot++) {
            t.cell = &events->form->cells[t.slot];
            if (view->columns[t.slot].data)
                take_slot(&t, &view->columns[t.slot]);
        }
    }
    return WF_OK;
}
