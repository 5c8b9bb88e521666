#include "tests/tools/synth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/arena.h"
#include "lang/base/limits.h"

/* All memory is one arena behind the dataset; `owner` stays NULL so that only synth_free frees it.
 */
struct synth {
    struct wf_dataset data; /* first: the caller holds a pointer to it */
    struct wf_arena arena;
    const struct wf_ir *ir;
    int64_t now;
    uint64_t seed;
    bool failed;
};

static uint64_t next(struct synth *s)
{
    s->seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = s->seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static bool one_in(struct synth *s, uint64_t n)
{
    return next(s) % n == 0;
}

static int64_t between(struct synth *s, int64_t low, int64_t high)
{
    return low + (int64_t)(next(s) % (uint64_t)(high - low + 1));
}

/* Rows rounded up so that a kernel may read a whole batch from any row. */
static size_t padded(uint64_t rows)
{
    return ((size_t)rows / WF_BATCH + 2) * WF_BATCH;
}

static void *array(struct synth *s, size_t n, size_t size)
{
    void *rows = wf_arena_array(&s->arena, n + 1, size);
    s->failed = s->failed || !rows;
    return rows;
}

static uint64_t *bitmap(struct synth *s, uint64_t rows)
{
    return array(s, padded(rows) / 64, sizeof(uint64_t));
}

static void set_bit(uint64_t *bits, uint64_t row)
{
    bits[row / 64] |= (uint64_t)1 << row % 64;
}

/* ---- cells ---- */

static int64_t random_int(struct synth *s)
{
    static const int64_t extreme[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1, 0, -1, 1};
    if (one_in(s, 40))
        return extreme[next(s) % 6];
    return one_in(s, 3) ? between(s, -100000, 100000) : between(s, 0, 30);
}

static int64_t random_i64(struct synth *s, uint8_t type)
{
    switch (type) {
    case WF_T_TIME: return s->now + between(s, -400 * 86400, 3 * 86400);
    case WF_T_CLOCK: return between(s, 0, 86399);
    case WF_T_DAYS:
    case WF_T_MONTHS: return one_in(s, 20) ? random_int(s) : between(s, -40, 40);
    default: return random_int(s);
    }
}

static int32_t random_i32(struct synth *s, uint8_t type)
{
    int64_t today = s->now / 86400;
    if (type != WF_T_DATE)
        return (int32_t)between(s, 0, type == WF_T_REF ? (int64_t)s->data.n_members - 1 : 3);
    return (int32_t)(one_in(s, 20) ? between(s, -25567, 2932896) : today + between(s, -400, 10));
}

static double random_f64(struct synth *s)
{
    static const double extreme[] = {1e308, -1e308, 5e-324, 0.0, -0.0, 0.1};
    if (one_in(s, 20))
        return extreme[next(s) % 6];
    return (double)between(s, -1000, 1000) / 8;
}

/* ---- texts ---- */

static const char *const words[] = {"上海",     "北京", "杭州", "外滩店", "明月", "vip",
                                    "gold;vip", "a",    "",     "x",      "exy",  "e"};
enum { WORDS = sizeof words / sizeof *words };

/* Each column has its own codes: the words from `first` on, in a circle. */
static struct wf_dict *make_dict(struct synth *s)
{
    struct wf_dict *dict = array(s, 1, sizeof *dict);
    uint64_t *at = array(s, WORDS + 1, sizeof *at);
    char *bytes = array(s, WORDS, 16);
    uint64_t first = next(s);
    if (s->failed)
        return NULL;
    for (uint64_t i = 0; i < WORDS; i++) {
        const char *word = words[(first + i) % WORDS];
        memcpy(bytes + at[i], word, strlen(word));
        at[i + 1] = at[i] + strlen(word);
    }
    *dict = (struct wf_dict){.n = WORDS, .at = at, .bytes = bytes};
    return dict;
}

static void make_pieces(struct synth *s, struct wf_column *c, uint64_t rows)
{
    c->layout = WF_LAY_STR;
    c->str = array(s, padded(rows), sizeof *c->str);
    c->heap = array(s, (size_t)rows + 1, 24);
    for (uint64_t r = 0; r < rows && !s->failed; r++) {
        const char *word = words[next(s) % WORDS];
        c->str[r] = (struct wf_piece){.at = r * 24, .len = (uint32_t)strlen(word)};
        memcpy(c->heap + r * 24, word, strlen(word));
    }
}

/* ---- columns ---- */

static void make_cell(struct synth *s, struct wf_column *c, uint64_t row)
{
    switch (c->layout) {
    case WF_LAY_BITS:
        if (one_in(s, 2))
            set_bit(c->bits, row);
        return;
    case WF_LAY_I32: c->i32[row] = random_i32(s, c->type); return;
    case WF_LAY_F64: c->f64[row] = random_f64(s); return;
    case WF_LAY_CODE: c->code[row] = (uint32_t)(next(s) % WORDS); return;
    default: c->i64[row] = random_i64(s, c->type); return;
    }
}

static size_t lay_out(struct wf_column *c)
{
    switch (c->type) {
    case WF_T_BOOL: c->layout = WF_LAY_BITS; return 1;
    case WF_T_DATE:
    case WF_T_ENUM:
    case WF_T_REF: c->layout = WF_LAY_I32; return sizeof(int32_t);
    case WF_T_NUMBER: c->layout = WF_LAY_F64; return sizeof(double);
    case WF_T_TEXT:
    case WF_T_SET: c->layout = WF_LAY_CODE; return sizeof(uint32_t);
    default: c->layout = WF_LAY_I64; return sizeof(int64_t);
    }
}

static void make_column(struct synth *s, uint32_t input, uint64_t rows)
{
    const struct wf_ir_input *in = &s->ir->inputs[input];
    struct wf_column *c = &s->data.inputs[input];
    bool whole = one_in(s, 4); /* no cell is missing: no bitmap either */
    c->type = in->type;
    size_t size = lay_out(c);
    c->present = whole ? NULL : bitmap(s, rows);
    if (c->layout == WF_LAY_CODE && !in->needed) {
        make_pieces(s, c, rows);
        for (uint64_t r = 0; r < rows && !whole && !s->failed; r++)
            set_bit(c->present, r);
        return;
    }
    c->data = array(s, padded(rows), size);
    c->dict = c->layout == WF_LAY_CODE ? make_dict(s) : NULL;
    for (uint64_t r = 0; r < rows && !s->failed; r++) {
        if (!whole && one_in(s, 5))
            continue; /* missing cells hold 0 */
        if (!whole)
            set_bit(c->present, r);
        make_cell(s, c, r);
    }
}

/* ---- views ---- */

static int compare_times(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* The column that a view's rows take their time from, WF_NONE when no rule reads it. */
static uint32_t at_input(const struct wf_ir *ir, uint32_t view)
{
    uint32_t event = ir->views[view].event;
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        if (ir->inputs[i].domain == WF_DOM_EVENT + view && ir->inputs[i].type == WF_T_TIME &&
            event != WF_NONE && ir->inputs[i].field == ir->events[event].at_field)
            return i;
    return WF_NONE;
}

/* Times ascend within a member; unknown ones stand last. */
static void make_times(struct synth *s, struct wf_events *v, uint64_t from, uint64_t to)
{
    for (uint64_t r = from; r < to; r++)
        v->at[r] = s->now + between(s, -400 * 86400, 86400);
    qsort(v->at + from, (size_t)(to - from), sizeof *v->at, compare_times);
    for (uint64_t r = from; r < to; r++)
        set_bit(v->at_known, r);
    if (to > from && one_in(s, 8)) {
        v->at[to - 1] = 0;
        v->at_known[(to - 1) / 64] &= ~((uint64_t)1 << (to - 1) % 64);
    }
}

static void make_marks(struct synth *s, struct wf_events *v, uint64_t from, uint64_t to)
{
    for (uint64_t r = from; r < to; r++) {
        bool known = v->at_known[r / 64] >> r % 64 & 1;
        if (r == from || !one_in(s, 3) || !known)
            set_bit(v->begins, r);
        else
            v->at[r] = v->at[r - 1]; /* a further line of the same event */
        if (one_in(s, 25))
            set_bit(v->doubt, r);
        uint64_t key[2] = {next(s), next(s)};
        memcpy(v->key[r], key, sizeof key);
    }
}

static void copy_times(struct synth *s, const struct wf_events *v, uint32_t input)
{
    struct wf_column *c = &s->data.inputs[input];
    *c = (struct wf_column){.type = WF_T_TIME, .layout = WF_LAY_I64, .present = v->at_known};
    c->i64 = v->at;
}

static void make_view(struct synth *s, uint32_t view, uint32_t rows_each)
{
    struct wf_events *v = &s->data.views[view];
    uint32_t members = s->data.n_members;
    v->first = array(s, (size_t)members + 1, sizeof *v->first);
    for (uint32_t m = 0; m < members && !s->failed; m++)
        v->first[m + 1] = v->first[m] + (uint32_t)(next(s) % (2u * rows_each + 1u));
    v->n = s->failed ? 0 : v->first[members];
    v->begins = bitmap(s, v->n);
    v->doubt = bitmap(s, v->n);
    v->at_known = bitmap(s, v->n);
    v->at = array(s, padded(v->n), sizeof *v->at);
    v->key = array(s, padded(v->n), sizeof *v->key);
    for (uint32_t m = 0; m < members && !s->failed; m++) {
        make_times(s, v, v->first[m], v->first[m + 1]);
        make_marks(s, v, v->first[m], v->first[m + 1]);
    }
    s->data.since_known[view] = one_in(s, 2);
    s->data.since[view] = s->now - 200 * 86400;
}

static void make_ids(struct synth *s)
{
    s->data.ids = array(s, s->data.n_members, sizeof *s->data.ids);
    s->data.id_heap = array(s, s->data.n_members, 16);
    for (uint32_t m = 0; m < s->data.n_members && !s->failed; m++) {
        int len = snprintf(s->data.id_heap + (size_t)m * 16, 16, "m%u", m);
        s->data.ids[m] = (struct wf_piece){.at = (uint64_t)m * 16, .len = (uint32_t)len};
    }
}

static void make_all(struct synth *s, uint32_t rows_each)
{
    const struct wf_ir *ir = s->ir;
    make_ids(s);
    s->data.n_inputs = ir->n_inputs;
    s->data.n_views = ir->n_views;
    s->data.inputs = array(s, ir->n_inputs, sizeof *s->data.inputs);
    s->data.views = array(s, ir->n_views, sizeof *s->data.views);
    s->data.since_known = array(s, ir->n_views, sizeof *s->data.since_known);
    s->data.since = array(s, ir->n_views, sizeof *s->data.since);
    for (uint32_t v = 0; v < ir->n_views && !s->failed; v++)
        make_view(s, v, rows_each);
    for (uint32_t i = 0; i < ir->n_inputs && !s->failed; i++) {
        uint16_t domain = ir->inputs[i].domain;
        uint64_t rows =
            domain == WF_DOM_MEMBER ? s->data.n_members : s->data.views[domain - WF_DOM_EVENT].n;
        make_column(s, i, rows);
    }
    for (uint32_t v = 0; v < ir->n_views && !s->failed; v++)
        if (at_input(ir, v) != WF_NONE)
            copy_times(s, &s->data.views[v], at_input(ir, v));
}

struct wf_dataset *synth_dataset(const struct wf_ir *ir, uint32_t n_members, uint32_t rows_each,
                                 int64_t now, uint64_t seed)
{
    struct synth *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    wf_arena_init(&s->arena, NULL);
    s->ir = ir;
    s->now = now;
    s->seed = seed;
    s->data.n_members = n_members;
    make_all(s, rows_each);
    if (!s->failed)
        return &s->data;
    synth_free(&s->data);
    return NULL;
}

void synth_free(struct wf_dataset *data)
{
    struct synth *s = (struct synth *)(void *)data;
    if (!s)
        return;
    wf_arena_release(&s->arena);
    free(s);
}
