#include "runtime/data/column.h"

#include <string.h>

#include "lang/base/intern.h"
#include "lang/base/words.h"
#include "runtime/data/cell.h"
#include "runtime/data/dataset.h"
#include "runtime/data/quick.h"

/* One cell on its way into a column. */
struct job {
    struct wf_decoder *decoder;
    const struct wf_slot *slot;
    uint32_t index; /* of the slot */
    const char *format;
    const struct wf_value *missing_as, *otherwise; /* otherwise: the default */
    struct wf_decoded *out;
    struct wf_recent *place, key; /* where the cell at hand is remembered; NULL: nowhere */
    bool blank;                   /* an empty cell is missing, and that is all about it */
    enum wf_status status;
};

static void reject(struct job *job, uint32_t i, const char *what)
{
    if (!job->out->bad[i].what)
        job->out->bad[i] = (struct wf_bad_cell){what, job->index};
}

/* ---- storing ---- */

static inline void put_i64(struct job *job, uint32_t i, int64_t value)
{
    job->out->state[i] = 1;
    switch (job->slot->layout) {
    case WF_LAY_BITS: ((uint8_t *)job->out->data)[i] = value != 0; break;
    case WF_LAY_I32: ((int32_t *)job->out->data)[i] = (int32_t)value; break;
    default: ((int64_t *)job->out->data)[i] = value; break;
    }
}

static void put_text(struct job *job, uint32_t i, const char *text, size_t len)
{
    struct wf_decoded *out = job->out;
    if (job->slot->layout == WF_LAY_CODE) {
        uint32_t code;
        enum wf_status status = wf_names_add(&job->decoder->dicts[job->index], text, len, &code);
        if (status)
            job->status = status;
        else
            ((uint32_t *)out->data)[i] = code;
    } else {
        ((struct wf_cut *)out->data)[i] = (struct wf_cut){(uint32_t)out->heap->len, (uint32_t)len};
        wf_buf_add(out->heap, text, len);
        if (out->heap->failed || out->heap->len > UINT32_MAX)
            job->status = WF_ERR_NOMEM;
    }
    out->state[i] = 1;
}

/* ---- texts met lately ---- */

/* Puts the code of a cell that was met lately; false where it must be looked up. */
static inline bool recall(struct job *job, uint32_t i, const struct wf_cell *cell)
{
    uint64_t words[WF_RECENT_WORDS], sum = 0, differ = 0;
    uint32_t n = (cell->len + 7) / 8;
    job->place = NULL;
    if (job->slot->layout != WF_LAY_CODE || cell->len > sizeof(words))
        return false;
    for (uint32_t w = 0; w < n; w++) {
        words[w] = wf_quick_word(cell->text + 8 * w, cell->len - 8 * w);
        sum = (sum ^ words[w]) * WF_RECENT_TIMES;
    }
    struct wf_recent *place = &job->decoder->recent[job->index][sum >> (64 - WF_RECENT_BITS)];
    for (uint32_t w = 0; w < n; w++)
        differ |= words[w] ^ place->text[w];
    if (!differ && place->len == cell->len) {
        ((uint32_t *)job->out->data)[i] = place->code;
        job->out->state[i] = 1;
        return true;
    }
    job->place = place;
    job->key = (struct wf_recent){.len = cell->len};
    memcpy(job->key.text, words, n * sizeof(*words));
    return false;
}

static void remember(struct job *job, uint32_t i)
{
    if (!job->place || job->status)
        return;
    job->key.code = ((const uint32_t *)job->out->data)[i];
    *job->place = job->key;
}

/* ---- cells without a value ---- */

static void put_default(struct job *job, uint32_t i)
{
    const struct wf_value *value = job->otherwise;
    if (!value->present)
        return;
    if (job->slot->layout == WF_LAY_F64) {
        ((double *)job->out->data)[i] = value->type == WF_T_NUMBER ? value->f : (double)value->i;
        job->out->state[i] = 1;
    } else if (job->slot->type == WF_T_TEXT || job->slot->type == WF_T_SET) {
        put_text(job, i, value->text, value->len);
    } else {
        put_i64(job, i, value->i);
    }
}

/* `said` means that the cell holds the value declared as missing. */
static void put_empty(struct job *job, uint32_t i, bool said)
{
    if (job->otherwise)
        put_default(job, i);
    else if (job->slot->type == WF_T_SET && !said)
        put_text(job, i, "", 0);
    else if (!job->slot->def->optional && job->slot->read && !said)
        reject(job, i, N_("is empty"));
}

/* ---- types ---- */

/* Everything that is held as an integer. */
static const char *read_integer(struct job *job, const struct wf_cell *cell, int64_t *out)
{
    switch (job->slot->type) {
    case WF_T_INT: return wf_cell_int(cell->text, cell->len, out);
    case WF_T_MONEY: return wf_cell_money(cell->text, cell->len, out);
    case WF_T_DATE: return wf_cell_date(cell->text, cell->len, job->format, out);
    case WF_T_TIME:
        return wf_cell_time(cell->text, cell->len, job->format, job->decoder->zone,
                            &job->decoder->span, out);
    case WF_T_CLOCK: return wf_cell_clock(cell->text, cell->len, out);
    case WF_T_BOOL: {
        bool truth = false;
        const char *what = wf_cell_bool(cell->text, cell->len, &truth);
        *out = truth;
        return what;
    }
    default: return wf_cell_duration(cell->text, cell->len, job->slot->type, out);
    }
}

/* Whatever a quick reader does not know. */
static __attribute__((noinline)) void decode_integer(struct job *job, uint32_t i,
                                                     const struct wf_cell *cell)
{
    int64_t value = 0;
    if (!cell->len) {
        put_empty(job, i, false);
        return;
    }
    const char *what = read_integer(job, cell, &value);
    if (what)
        reject(job, i, what);
    else if (job->missing_as && job->missing_as->i == value)
        put_empty(job, i, true);
    else
        put_i64(job, i, value);
}

/* Inlined once for each quick reader, so that the loop has no calls for plain cells. */
static inline __attribute__((always_inline)) void
decode_by(struct job *job, const struct wf_cell *cells, uint32_t n, enum wf_layout layout,
          bool (*quick)(const char *text, uint32_t len, int64_t *out))
{
    const struct wf_value *missing = job->missing_as;
    uint8_t *restrict state = job->out->state;
    void *restrict data = job->out->data;
    bool blank = job->blank;
    for (uint32_t i = 0; i < n; i++) {
        struct wf_cell cell = cells[i];
        int64_t value = 0;
        if (!cell.len && blank)
            continue;
        if (!quick(cell.text, cell.len, &value) || (missing && missing->i == value)) {
            decode_integer(job, i, &cells[i]);
            continue;
        }
        state[i] = 1;
        if (layout == WF_LAY_BITS)
            ((uint8_t *)data)[i] = value != 0;
        else if (layout == WF_LAY_I32)
            ((int32_t *)data)[i] = (int32_t)value;
        else
            ((int64_t *)data)[i] = value;
    }
}

/* Times as most exports write them, without an offset. */
static void decode_times(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    struct wf_decoder *decoder = job->decoder;
    const struct wf_value *missing = job->missing_as;
    for (uint32_t i = 0; i < n; i++) {
        int64_t day, clock;
        bool quick = wf_quick_stamp(cells[i].text, cells[i].len, &day, &clock);
        int64_t time = quick ? wf_stretch_instant(decoder->zone, &decoder->span, day, clock) : 0;
        if (!quick || !wf_time_in_calendar(time) || (missing && missing->i == time))
            decode_integer(job, i, &cells[i]);
        else
            put_i64(job, i, time);
    }
}

static void decode_integers(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    enum wf_type type = job->slot->type;
    if (type == WF_T_INT)
        decode_by(job, cells, n, WF_LAY_I64, wf_quick_int);
    else if (type == WF_T_MONEY)
        decode_by(job, cells, n, WF_LAY_I64, wf_quick_money);
    else if (type == WF_T_DATE && !job->format)
        decode_by(job, cells, n, WF_LAY_I32, wf_quick_date);
    else if (type == WF_T_BOOL)
        decode_by(job, cells, n, WF_LAY_BITS, wf_quick_bool);
    else if (type == WF_T_TIME && !job->format)
        decode_times(job, cells, n);
    else
        for (uint32_t i = 0; i < n; i++)
            decode_integer(job, i, &cells[i]);
}

static void decode_numbers(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    const struct wf_value *missing = job->missing_as;
    double none = !missing ? 0 : missing->type == WF_T_NUMBER ? missing->f : (double)missing->i;
    for (uint32_t i = 0; i < n; i++) {
        struct wf_cell cell = cells[i];
        double value = 0;
        const char *what = NULL;
        if (!cell.len) {
            if (!job->blank)
                put_empty(job, i, false);
            continue;
        }
        if (!wf_quick_number(cell.text, cell.len, &value))
            what = wf_cell_number(cell.text, cell.len, job->decoder->c_locale, &value);
        if (what) {
            reject(job, i, what);
        } else if (missing && none == value) {
            put_empty(job, i, true);
        } else {
            ((double *)job->out->data)[i] = value;
            job->out->state[i] = 1;
        }
    }
}

static bool said_missing(const struct job *job, const char *text, size_t len)
{
    const struct wf_value *missing = job->missing_as;
    return missing && missing->len == len && memcmp(missing->text, text, len) == 0;
}

/* Bytes in one piece behind the heap, where nothing but a value's own is declared. */
static void decode_strings(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    struct wf_decoded *out = job->out;
    struct wf_cut *cuts = out->data;
    size_t all = 0, at = out->heap->len;
    for (uint32_t i = 0; i < n; i++)
        all += cells[i].len;
    if (wf_buf_reserve(out->heap, all) || at + all > UINT32_MAX) {
        job->status = WF_ERR_NOMEM;
        return;
    }
    char *heap = out->heap->data;
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_cell cell = cells[i];
        if (!cell.len)
            continue;
        wf_copy_bytes(heap + at, cell.text, cell.len);
        cuts[i] = (struct wf_cut){(uint32_t)at, cell.len};
        out->state[i] = 1;
        at += cell.len;
    }
    heap[at] = '\0';
    out->heap->len = at;
}

static void decode_texts(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    for (uint32_t i = 0; i < n && !job->status; i++) {
        if (!cells[i].len) {
            if (!job->blank)
                put_empty(job, i, false);
        } else if (recall(job, i, &cells[i])) {
            continue;
        } else if (said_missing(job, cells[i].text, cells[i].len)) {
            put_empty(job, i, true);
        } else {
            put_text(job, i, cells[i].text, cells[i].len);
            remember(job, i);
        }
    }
}

static void decode_sets(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    struct wf_buf *scratch = &job->decoder->scratch;
    for (uint32_t i = 0; i < n && !job->status; i++) {
        if (!cells[i].len) {
            put_empty(job, i, false);
            continue;
        }
        if (recall(job, i, &cells[i]))
            continue;
        wf_buf_reset(scratch);
        const char *what = wf_cell_set(cells[i].text, cells[i].len, scratch);
        if (scratch->failed) {
            job->status = WF_ERR_NOMEM;
        } else if (what) {
            reject(job, i, what);
        } else if (said_missing(job, wf_buf_str(scratch), scratch->len)) {
            put_empty(job, i, true);
        } else {
            put_text(job, i, wf_buf_str(scratch), scratch->len);
            remember(job, i);
        }
    }
}

/* The position of a declared value; WF_NONE: it is none of them. */
static uint32_t find_value(const struct job *job, const struct wf_cell *cell)
{
    const struct wf_ir *ir = job->decoder->ir;
    const struct wf_ir_field *def = job->slot->def;
    for (uint32_t e = 0; e < def->enums_count; e++) {
        const struct wf_str *name = ir->texts[ir->enum_names[def->enums_first + e]];
        if (name->len == cell->len && wf_same_bytes(name->text, cell->text, name->len))
            return e;
    }
    return WF_NONE;
}

uint32_t wf_column_words(const struct wf_decoder *decoder, uint32_t slot,
                         uint64_t words[WF_QUICK_VALUES])
{
    const struct wf_ir *ir = decoder->ir;
    const struct wf_ir_field *def = decoder->feed->slots[slot].def;
    if (def->enums_count > WF_QUICK_VALUES)
        return 0;
    for (uint32_t e = 0; e < def->enums_count; e++) {
        const struct wf_str *name = ir->texts[ir->enum_names[def->enums_first + e]];
        char text[8] = {0};
        if (name->len > sizeof(text) || memchr(name->text, '\0', name->len))
            return 0;
        memcpy(text, name->text, name->len);
        words[e] = wf_quick_word(text, sizeof(text));
    }
    return def->enums_count;
}

static void decode_enums(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    uint64_t words[WF_QUICK_VALUES];
    uint32_t n_words = wf_column_words(job->decoder, job->index, words);
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_cell *cell = &cells[i];
        uint32_t found = WF_NONE;
        if (!cell->len) {
            if (!job->blank)
                put_empty(job, i, false);
            continue;
        }
        uint64_t word = wf_quick_word(cell->text, cell->len);
        for (uint32_t e = 0; cell->len <= 8 && e < n_words; e++)
            if (words[e] == word)
                found = e;
        if (found == WF_NONE)
            found = find_value(job, cell);
        if (found == WF_NONE)
            reject(job, i, N_("is none of the declared values"));
        else if (job->missing_as && job->missing_as->i == found)
            put_empty(job, i, true);
        else
            put_i64(job, i, found);
    }
}

/* A reference that leads nowhere is missing. */
static void decode_refs(struct job *job, const struct wf_cell *cells, uint32_t n)
{
    const struct wf_ids *ids = job->decoder->refs[job->index];
    for (uint32_t i = 0; i < n; i++) {
        if (!cells[i].len) {
            put_empty(job, i, false);
            continue;
        }
        uint32_t row = wf_ids_find(ids, cells[i].text, cells[i].len);
        if (row != WF_NONE)
            put_i64(job, i, row);
    }
}

bool wf_column_is_blank(const struct wf_decoder *decoder, uint32_t slot)
{
    const struct wf_slot *s = &decoder->feed->slots[slot];
    bool otherwise = s->def->has_default && s->def->default_const != WF_NONE;
    return !otherwise && s->type != WF_T_SET && (s->def->optional || !s->read);
}

enum wf_status wf_column_decode(struct wf_decoder *decoder, uint32_t slot,
                                const struct wf_cell *cells, uint32_t n, struct wf_decoded *out)
{
    const struct wf_slot *s = &decoder->feed->slots[slot];
    const struct wf_ir *ir = decoder->ir;
    struct job job = {.decoder = decoder, .slot = s, .index = slot, .out = out};
    if (s->def->format != WF_NONE)
        job.format = ir->texts[s->def->format]->text;
    if (s->def->missing_as != WF_NONE)
        job.missing_as = &ir->consts[s->def->missing_as];
    if (s->def->has_default && s->def->default_const != WF_NONE)
        job.otherwise = &ir->consts[s->def->default_const];
    job.blank = wf_column_is_blank(decoder, slot);
    bool text = s->as_text || s->type == WF_T_TEXT;
    if (text && s->layout == WF_LAY_STR && job.blank && !job.missing_as)
        decode_strings(&job, cells, n);
    else if (text)
        decode_texts(&job, cells, n);
    else if (s->type == WF_T_SET)
        decode_sets(&job, cells, n);
    else if (s->type == WF_T_ENUM)
        decode_enums(&job, cells, n);
    else if (s->type == WF_T_REF)
        decode_refs(&job, cells, n);
    else if (s->type == WF_T_NUMBER)
        decode_numbers(&job, cells, n);
    else
        decode_integers(&job, cells, n);
    return job.status;
}
