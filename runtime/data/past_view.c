#include "runtime/data/past_view.h"

#include <string.h>

#include "runtime/data/known.h"
#include "runtime/data/parallel.h"

enum { WORD = 64 }; /* rows taken together: they share the words of the bitmaps */

static const struct wf_feed *feed_of(const struct wf_past_view *v)
{
    return v->owners->past.feed;
}

enum wf_status wf_past_view_init(struct wf_past_view *v, struct wf_past_owners *owners)
{
    *v = (struct wf_past_view){.owners = owners};
    if (!owners->ctx || !owners->past.n)
        return WF_OK;
    const struct wf_alloc *alloc = owners->ctx->alloc;
    uint32_t n = feed_of(v)->n_slots;
    struct wf_standing *s = &v->standing;
    s->count = owners->count;
    v->words = wf_calloc(alloc, owners->past.n, sizeof(*v->words));
    s->missing = wf_calloc(alloc, n, sizeof(*s->missing));
    s->low = wf_calloc(alloc, n, sizeof(*s->low));
    s->high = wf_calloc(alloc, n, sizeof(*s->high));
    s->bytes = wf_calloc(alloc, n, sizeof(*s->bytes));
    if (!v->words || !s->missing || !s->low || !s->high || !s->bytes)
        return WF_ERR_NOMEM;
    for (uint32_t slot = 0; slot < n; slot++) {
        s->low[slot] = INT64_MAX;
        s->high[slot] = INT64_MIN;
    }
    return WF_OK;
}

void wf_past_view_release(struct wf_past_view *v)
{
    if (!v->owners || !v->owners->ctx)
        return;
    const struct wf_alloc *alloc = v->owners->ctx->alloc;
    for (uint32_t b = 0; v->words && b < v->owners->past.n; b++) {
        struct wf_past_words *words = &v->words[b];
        for (uint32_t slot = 0; slot < feed_of(v)->n_slots; slot++) {
            wf_free(alloc, words->codes ? words->codes[slot] : NULL);
            wf_free(alloc, words->at ? words->at[slot] : NULL);
        }
        wf_free(alloc, words->codes);
        wf_free(alloc, words->at);
    }
    wf_free(alloc, v->words);
    wf_free(alloc, v->standing.missing);
    wf_free(alloc, v->standing.low);
    wf_free(alloc, v->standing.high);
    wf_free(alloc, v->standing.bytes);
    *v = (struct wf_past_view){0};
}

/* ---- what the texts are ---- */

/* A block whose words are learnt. */
struct learning {
    struct wf_past_view *v;
    uint32_t block, n; /* n: rows */
    unsigned thread;
};

static void widen(int64_t *bound, int64_t value, bool down)
{
    int64_t now = __atomic_load_n(bound, __ATOMIC_RELAXED);
    while ((down ? value < now : value > now) &&
           !__atomic_compare_exchange_n(bound, &now, value, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
        continue;
}

/* A row that a reference leads to. */
static void reach(struct wf_past_view *v, uint32_t slot, uint32_t row)
{
    if (row == WF_NONE) {
        __atomic_store_n(&v->standing.missing[slot], true, __ATOMIC_RELAXED);
        return;
    }
    widen(&v->standing.low[slot], row, true);
    widen(&v->standing.high[slot], row, false);
}

/* Where the texts of a column begin. */
static enum wf_status place_texts(const struct learning *l, uint32_t slot,
                                  const struct wf_snap_column *column, const struct wf_cell *texts)
{
    uint64_t *at =
        wf_calloc(l->v->owners->ctx->alloc, (size_t)column->n_texts + 1, sizeof(*at));
    l->v->words[l->block].at[slot] = at;
    for (uint32_t i = 0; at && i < column->n_texts; i++)
        at[i + 1] = at[i] + texts[i].len;
    return at ? WF_OK : WF_ERR_NOMEM;
}

static bool is_key(const struct wf_past_view *v, uint32_t slot)
{
    const struct wf_feed *feed = feed_of(v);
    return feed->n_uniques && feed->uniques[0] == slot;
}

static enum wf_status learn_list(const struct learning *l, uint32_t slot,
                                 const struct wf_snap_column *column)
{
    struct wf_past_view *v = l->v;
    const struct wf_slot *s = &feed_of(v)->slots[slot];
    const struct wf_alloc *alloc = v->owners->ctx->alloc;
    struct wf_cell *texts = wf_calloc(alloc, column->n_texts, sizeof(*texts));
    uint32_t *codes = wf_calloc(alloc, column->n_texts, sizeof(*codes));
    enum wf_status status = texts && codes ? WF_OK : WF_ERR_NOMEM;
    v->words[l->block].codes[slot] = codes;
    if (!status)
        wf_snap_texts(column, NULL, texts);
    if (!status && is_key(v, slot))
        status = place_texts(l, slot, column, texts);
    if (!status && s->type == WF_T_REF && s->def->ref == 0)
        wf_follow_merges(v->owners->merged, texts, column->n_texts, NULL);
    for (uint32_t i = 0; !status && i < column->n_texts; i++) {
        if (s->type == WF_T_REF)
            codes[i] = wf_ids_find(v->refs[slot], texts[i].text, texts[i].len);
        else
            status = wf_names_add(&v->dicts[l->thread * feed_of(v)->n_slots + slot], texts[i].text,
                                  texts[i].len, &codes[i]);
        if (!status && s->type == WF_T_REF)
            reach(v, slot, codes[i]);
    }
    wf_free(alloc, texts);
    return status;
}

static enum wf_status learn_texts(const struct learning *l, uint32_t slot,
                                  const struct wf_snap_column *column)
{
    const struct wf_alloc *alloc = l->v->owners->ctx->alloc;
    if (column->kind == WF_SNAP_SERIALS) { /* written when they are wanted */
        __atomic_fetch_add(&l->v->standing.bytes[slot], wf_snap_texts_room(column),
                           __ATOMIC_RELAXED);
        return WF_OK;
    }
    struct wf_cell *texts = wf_calloc(alloc, column->n_texts, sizeof(*texts));
    enum wf_status status = WF_ERR_NOMEM;
    if (texts) {
        wf_snap_texts(column, NULL, texts);
        status = place_texts(l, slot, column, texts);
    }
    __atomic_fetch_add(&l->v->standing.bytes[slot], column->span, __ATOMIC_RELAXED);
    wf_free(alloc, texts);
    return status;
}

static enum wf_status learn_slot(const struct learning *l, uint32_t slot)
{
    struct wf_past_view *v = l->v;
    const struct wf_slot *s = &feed_of(v)->slots[slot];
    const struct wf_snap_column *column =
        &v->owners->opened[l->block].columns[v->owners->past.columns[slot]];
    enum wf_snap_kind kind = s->layout == WF_LAY_STR                                ? WF_SNAP_TEXTS
                             : s->layout == WF_LAY_CODE || s->type == WF_T_REF ? WF_SNAP_LIST
                                                                                : WF_SNAP_NUMBERS;
    if (column->kind != kind && !(kind == WF_SNAP_TEXTS && wf_snap_is_texts(column)))
        return WF_ERR_STATE;
    if (column->present)
        __atomic_store_n(&v->standing.missing[slot], true, __ATOMIC_RELAXED);
    if (kind == WF_SNAP_TEXTS)
        return learn_texts(l, slot, column);
    if (kind == WF_SNAP_LIST)
        return learn_list(l, slot, column);
    widen(&v->standing.low[slot], (int64_t)column->base, true);
    widen(&v->standing.high[slot], (int64_t)(column->base + column->span), false);
    return WF_OK;
}

/* What the flags of the block's seen rows have in common; they come first. */
static void learn_flags(const struct learning *l)
{
    const struct wf_snap_column *columns = l->v->owners->opened[l->block].columns;
    uint8_t all, any;
    wf_snap_bits(&columns[WF_PAST_FLAGS], l->v->owners->opened[l->block].seen, &all, &any);
    if (!(all & WF_PAST_BEGINS))
        __atomic_store_n(&l->v->standing.shared, true, __ATOMIC_RELAXED);
    if (any & WF_PAST_DOUBT)
        __atomic_store_n(&l->v->standing.doubted, true, __ATOMIC_RELAXED);
}

static enum wf_status learn_block(void *ctx, unsigned thread, uint32_t b)
{
    struct wf_past_view *v = ctx;
    const struct wf_alloc *alloc = v->owners->ctx->alloc;
    struct wf_past_words *words = &v->words[b];
    struct learning l = {v, b, v->owners->past.places[b].block->rows, thread};
    uint32_t n = feed_of(v)->n_slots;
    if (l.n == 0)
        return WF_OK;
    words->worker = thread;
    words->codes = wf_calloc(alloc, n, sizeof(*words->codes));
    words->at = wf_calloc(alloc, n, sizeof(*words->at));
    enum wf_status status = words->codes && words->at ? WF_OK : WF_ERR_NOMEM;
    for (uint32_t slot = 0; !status && slot < n; slot++)
        if (v->learnt[slot])
            status = learn_slot(&l, slot);
    if (!status && v->owners->fetched)
        learn_flags(&l);
    return status;
}

enum wf_status wf_past_view_learn(struct wf_past_view *v)
{
    v->standing.rows = v->owners->standing + v->owners->fetched;
    return v->standing.rows
               ? wf_parallel(v->owners->ctx->threads, v->owners->past.n, v, learn_block)
               : WF_OK;
}

/* The codes of one block become those of the joined dictionaries. */
struct joining {
    const struct wf_past_view *v;
    uint32_t *const *maps;
};

static enum wf_status join_block(void *ctx, unsigned thread, uint32_t b)
{
    const struct joining *j = ctx;
    const struct wf_past_view *v = j->v;
    const struct wf_past_words *words = &v->words[b];
    const struct wf_feed *feed = feed_of(v);
    (void)thread;
    for (uint32_t slot = 0; words->codes && slot < feed->n_slots; slot++) {
        const uint32_t *map = j->maps[words->worker * feed->n_slots + slot];
        uint32_t *codes = words->codes[slot];
        if (!codes || feed->slots[slot].type == WF_T_REF)
            continue;
        uint32_t n = v->owners->opened[b].columns[v->owners->past.columns[slot]].n_texts;
        for (uint32_t i = 0; i < n; i++)
            codes[i] = map[codes[i]];
    }
    return WF_OK;
}

enum wf_status wf_past_view_join(struct wf_past_view *v, uint32_t *const *maps)
{
    struct joining joining = {v, maps};
    return v->standing.rows
               ? wf_parallel(v->owners->ctx->threads, v->owners->past.n, &joining, join_block)
               : WF_OK;
}

/* ---- rows ---- */

/* Rows of a block that follow each other, at most to the end of a word of the view's bitmaps. */
struct copying {
    const struct wf_past_view *v;
    const struct wf_past_words *words;
    const struct wf_snap_column *columns;
    uint32_t from, n, base; /* in the block; in the view */
};

static void or_bits(const struct copying *c, uint64_t *bits, uint64_t word)
{
    if (bits && word)
        __atomic_fetch_or(&bits[c->base / WORD], word << c->base % WORD, __ATOMIC_RELAXED);
}

static struct wf_snap_cells cells_of(const struct copying *c, const struct wf_column *column)
{
    size_t width = wf_column_cell(column);
    return (struct wf_snap_cells){(char *)column->data + width * c->base, (unsigned)width,
                                  (uint64_t)column->base};
}

/* A reference that leads nowhere is missing. */
static uint64_t copy_refs(const struct copying *c, const uint32_t *rows,
                          const struct wf_snap_column *from, const struct wf_snap_cells *to)
{
    uint64_t here = wf_snap_present(from, c->from, c->n), left = here;
    wf_snap_copy_list(from, c->from, c->n, rows, to);
    for (; left; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(left);
        if (rows[wf_snap_above(from, c->from + i)] != WF_NONE)
            continue;
        here &= ~(UINT64_C(1) << i);
        memset((char *)to->data + (size_t)i * to->width, 0, to->width);
    }
    return here;
}

/* Serial numbers, as the texts they are. */
static uint64_t copy_serials(const struct copying *c, uint32_t slot,
                             const struct wf_snap_column *from, const struct wf_column *column)
{
    uint64_t here = wf_snap_present(from, c->from, c->n);
    uint64_t len = from->span + from->len_width;
    uint64_t bytes = (uint64_t)__builtin_popcountll(here) * len;
    uint64_t to = __atomic_fetch_add(&c->v->view->heap_used[slot], bytes, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < c->n; i++) {
        bool is = here >> i & 1;
        column->str[c->base + i] = is ? (struct wf_piece){to, (uint32_t)len} : (struct wf_piece){0};
        if (is)
            wf_snap_serial(from, c->from + i, column->heap + to);
        to += is ? len : 0;
    }
    return here;
}

static uint64_t copy_texts(const struct copying *c, uint32_t slot,
                           const struct wf_snap_column *from, const struct wf_column *column)
{
    const uint64_t *at = c->words->at[slot];
    uint64_t bytes = at[c->from + c->n] - at[c->from];
    uint64_t here = wf_snap_present(from, c->from, c->n);
    uint64_t to = __atomic_fetch_add(&c->v->view->heap_used[slot], bytes, __ATOMIC_RELAXED);
    memcpy(column->heap + to, from->bytes + at[c->from], bytes);
    for (uint32_t i = 0; i < c->n; i++) {
        const uint64_t *text = &at[c->from + i];
        column->str[c->base + i] =
            here >> i & 1
                ? (struct wf_piece){to + text[0] - at[c->from], (uint32_t)(text[1] - text[0])}
                : (struct wf_piece){0};
    }
    return here;
}

static void copy_bools(const struct copying *c, const struct wf_snap_column *from, uint64_t *bits)
{
    uint8_t cells[WORD];
    const struct wf_snap_cells to = {cells, 1, 0};
    uint64_t word = 0;
    wf_snap_copy_numbers(from, c->from, c->n, &to);
    for (uint32_t i = 0; i < c->n; i++)
        word |= (uint64_t)(cells[i] & 1) << i;
    or_bits(c, bits, word);
}

static void copy_slot(const struct copying *c, uint32_t slot)
{
    const struct wf_column *column = &c->v->view->columns[slot];
    const struct wf_snap_column *from = &c->columns[c->v->owners->past.columns[slot]];
    const struct wf_snap_cells to = cells_of(c, column);
    uint64_t here = column->present ? wf_snap_present(from, c->from, c->n) : 0;
    if (column->layout == WF_LAY_STR)
        here = from->kind == WF_SNAP_SERIALS ? copy_serials(c, slot, from, column)
                                             : copy_texts(c, slot, from, column);
    else if (column->type == WF_T_REF)
        here = copy_refs(c, c->words->codes[slot], from, &to);
    else if (column->layout == WF_LAY_CODE)
        wf_snap_copy_list(from, c->from, c->n, c->words->codes[slot], &to);
    else if (column->layout == WF_LAY_BITS)
        copy_bools(c, from, column->bits);
    else
        wf_snap_copy_numbers(from, c->from, c->n, &to);
    or_bits(c, column->present, here);
}

static void copy_facts(const struct copying *c)
{
    struct wf_view *view = c->v->view;
    uint8_t flags[WORD];
    const struct wf_snap_cells to = {flags, 1, 0};
    uint64_t begins = 0, doubt = 0;
    wf_snap_copy_numbers(&c->columns[WF_PAST_FLAGS], c->from, c->n, &to);
    for (uint32_t i = 0; i < c->n; i++) {
        begins |= (uint64_t)((flags[i] & WF_PAST_BEGINS) != 0) << i;
        doubt |= (uint64_t)((flags[i] & WF_PAST_DOUBT) != 0) << i;
    }
    or_bits(c, view->begins, begins);
    or_bits(c, view->doubt, doubt);
    if (begins != ~UINT64_C(0) >> (WORD - c->n))
        __atomic_store_n(&view->shared, true, __ATOMIC_RELAXED);
    if (doubt)
        __atomic_store_n(&view->doubted, true, __ATOMIC_RELAXED);
}

/* The key of an event is a hash of its first unique field, or was kept where it has none. */
static void copy_key(const struct copying *c, uint32_t i)
{
    const struct wf_past_view *v = c->v;
    const struct wf_feed *feed = feed_of(v);
    unsigned char *key = v->view->key[c->base + i];
    uint32_t row = c->from + i, slot = feed->n_uniques ? feed->uniques[0] : WF_NONE;
    const struct wf_snap_column *from =
        slot == WF_NONE ? NULL : &c->columns[v->owners->past.columns[slot]];
    if (!from || !wf_snap_has(from, row)) {
        uint64_t halves[2] = {wf_snap_number(&c->columns[WF_PAST_KEY_LOW], row),
                              wf_snap_number(&c->columns[WF_PAST_KEY_HIGH], row)};
        memcpy(key, halves, 16);
        return;
    }
    if (from->kind == WF_SNAP_SERIALS) {
        char room[WF_SERIAL_ROOM];
        const struct wf_cell text = wf_snap_serial(from, row, room);
        wf_known_key(&text, 0, key);
        return;
    }
    const uint64_t *at = c->words->at[slot];
    uint64_t number = wf_snap_number(from, row);
    if (from->kind == WF_SNAP_NUMBERS) {
        wf_known_key(NULL, number, key);
        return;
    }
    at += from->kind == WF_SNAP_LIST ? number : row;
    const struct wf_cell text = {(const char *)from->bytes + at[0], (uint32_t)(at[1] - at[0]), 0};
    wf_known_key(&text, 0, key);
}

void wf_past_view_copy(const struct wf_past_view *v, uint64_t row, uint32_t n, uint32_t base)
{
    uint32_t b = wf_past_block_of(&v->owners->past, row);
    struct copying c = {.v = v, .words = &v->words[b], .columns = v->owners->opened[b].columns};
    uint32_t from = (uint32_t)(row - v->owners->past.places[b].row);
    for (uint32_t done = 0; done < n; done += c.n) {
        c.from = from + done;
        c.base = base + done;
        c.n = WORD - c.base % WORD;
        c.n = n - done < c.n ? n - done : c.n;
        copy_facts(&c);
        for (uint32_t i = 0; v->view->key && i < c.n; i++)
            copy_key(&c, i);
        for (uint32_t slot = 0; slot < feed_of(v)->n_slots; slot++)
            if (v->view->columns[slot].data)
                copy_slot(&c, slot);
    }
}

/* ---- a part ---- */

/* Rows that go into the view at once: of the part, or of the past where they lie together. */
struct run {
    bool past;
    uint32_t from, n, base;
    uint64_t end; /* past: of the block */
};

static enum wf_status end_run(const struct wf_past_view *v, const struct wf_group_part *part,
                              struct run *run)
{
    enum wf_status status = WF_OK;
    struct wf_group_part some = *part;
    some.rows = part->rows + run->from;
    some.n = run->n;
    some.base = run->base;
    if (run->n && run->past)
        wf_past_view_copy(v, run->from, run->n, run->base);
    else if (run->n)
        status = wf_view_take(v->view, &some);
    *run = (struct run){.base = run->base + run->n};
    return status;
}

/* Rows of the past that follow each other are a run as far as their block goes. */
static void begin_run(const struct wf_past_view *v, struct run *run, bool past, uint32_t from)
{
    const struct wf_past_feed *feed = &v->owners->past;
    run->past = past;
    run->from = from;
    if (!past)
        return;
    const struct wf_past_place *place = &feed->places[wf_past_block_of(feed, from)];
    run->end = place->row + place->block->rows;
}

enum wf_status wf_past_view_take(struct wf_past_view *v, const struct wf_group_part *part)
{
    const uint32_t *count = v->standing.count;
    struct run run = {.base = part->base};
    enum wf_status status = WF_OK;
    if (!v->standing.rows)
        return wf_view_take(v->view, part);
    for (uint32_t m = 0; !status && m < part->n_members; m++) {
        uint32_t member = part->low + m, own = m ? part->ends[m - 1] : 0;
        bool past = count[member] != 0;
        uint32_t from = past ? v->owners->from[member] : own;
        uint32_t n = past ? count[member] : part->ends[m] - own;
        bool goes_on = run.past == past && run.from + run.n == from && (!past || from < run.end);
        if (n && run.n && !goes_on)
            status = end_run(v, part, &run);
        if (n && !run.n)
            begin_run(v, &run, past, from);
        run.n += n;
    }
    return status ? status : end_run(v, part, &run);
}
