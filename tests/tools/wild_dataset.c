#include "tests/tools/wild.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "runtime/data/narrow.h"

static size_t padded(uint64_t rows)
{
    return (size_t)(rows / WF_BATCH + 1) * WF_BATCH;
}

static void set(uint64_t *bits, uint64_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static uint64_t *bits_for(uint64_t rows)
{
    return calloc(padded(rows) / 64, sizeof(uint64_t));
}

/* ---- columns ---- */

/* A dictionary of values that differ, as the loader makes it; codes are positions in it. */
static struct wf_dict *dictionary(struct wild_random *random, enum wf_type type)
{
    enum { TRIES = 12, ROOM = 1024 };
    struct wf_dict *dict = calloc(1, sizeof(*dict));
    dict->at = calloc(TRIES + 1, sizeof(*dict->at));
    dict->bytes = calloc(ROOM, 1);
    for (int i = 0; i < TRIES; i++) {
        struct wf_value v = wild_value(random, type, 0);
        bool old = false;
        for (uint32_t c = 0; c < dict->n; c++)
            old |= dict->at[c + 1] - dict->at[c] == v.len &&
                   memcmp(dict->bytes + dict->at[c], v.text, v.len) == 0;
        if (old)
            continue;
        memcpy(dict->bytes + dict->at[dict->n], v.text, v.len);
        dict->at[dict->n + 1] = dict->at[dict->n] + v.len;
        dict->n++;
    }
    return dict;
}

static void store(struct wf_column *column, uint64_t row, struct wf_value v)
{
    switch (column->layout) {
    case WF_LAY_BITS:
        if (v.i)
            set(column->bits, row);
        break;
    case WF_LAY_I32: column->i32[row] = (int32_t)v.i; break;
    case WF_LAY_I64: column->i64[row] = v.i; break;
    default: column->f64[row] = v.f;
    }
}

static uint8_t layout_of(enum wf_type type)
{
    switch (type) {
    case WF_T_BOOL: return WF_LAY_BITS;
    case WF_T_DATE:
    case WF_T_ENUM:
    case WF_T_REF: return WF_LAY_I32;
    case WF_T_NUMBER: return WF_LAY_F64;
    case WF_T_TEXT:
    case WF_T_SET: return WF_LAY_CODE;
    default: return WF_LAY_I64;
    }
}

/* Some columns are held narrow, as the loader holds them where all values allow it. */
static void narrow(struct wild_random *random, struct wf_column *c, uint64_t rows)
{
    enum wf_layout layout = (enum wf_layout)c->layout;
    struct wf_narrow form = wf_narrow_first((enum wf_type)c->type, layout);
    void *cells = calloc(padded(rows), 8);
    for (bool fits = wild_chance(random, 60); fits && form.width;) {
        if (wf_narrow_put(c->data, layout, rows, form, cells)) {
            void *wide = c->data;
            c->data = cells;
            c->width = form.width;
            c->base = form.base;
            free(wide);
            return;
        }
        form = wf_narrow_next((enum wf_type)c->type, layout, form);
    }
    free(cells);
}

/* The field that an input is of, as the schema declares it; NULL: `sent`, or through another. */
static const struct wf_ir_field *field_of(const struct wf_ir *ir, const struct wf_ir_input *input)
{
    if (input->record == WF_NONE || input->via_field != WF_NONE)
        return NULL;
    const struct wf_ir_record *record =
        input->record ? &ir->events[input->record - 1] : &ir->member;
    return &ir->fields[record->fields_first + input->field];
}

static struct wf_column column(struct wild_random *random, const struct wf_ir *ir,
                               const struct wf_ir_input *input, uint64_t rows, int64_t now)
{
    enum wf_type type = (enum wf_type)input->type;
    const struct wf_ir_field *field = random->near ? field_of(ir, input) : NULL;
    struct wf_column c = {.type = (uint8_t)type, .layout = layout_of(type)};
    uint32_t missing = wild_chance(random, 30) ? 0 : wild_below(random, 60);
    if (field && !field->optional)
        missing = 0;
    c.data = calloc(padded(rows), 8);
    if (missing)
        c.present = bits_for(rows);
    if (c.layout == WF_LAY_CODE)
        c.dict = dictionary(random, type);
    for (uint64_t row = 0; row < rows; row++) {
        if (wild_chance(random, missing))
            continue;
        if (c.present)
            set(c.present, row);
        if (c.layout == WF_LAY_CODE)
            c.code[row] = wild_below(random, c.dict->n);
        else if (field && type == WF_T_ENUM && field->enums_count)
            store(&c, row, wf_int_value(type, wild_below(random, field->enums_count)));
        else
            store(&c, row, wild_value(random, type, now));
    }
    narrow(random, &c, rows);
    return c;
}

/* ---- views ---- */

/*
 * How many rows a member may have, so that the row evaluator ends: for each row of a FOLLOWED it
 * goes through all rows, and so on within its filter.
 */
static uint32_t most_rows(const struct wf_ir *ir)
{
    static const uint32_t most[] = {UINT32_MAX, UINT32_MAX, 200, 50, 20, 8};
    enum { DEEPEST = sizeof(most) / sizeof(*most) - 1 };
    unsigned char *depth = calloc((size_t)ir->n_nodes + 1, 1), deepest = 0;
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        const struct wf_ir_node *node = &ir->nodes[i];
        const char *args = wf_ir_op_args(node->op);
        const uint32_t operands[] = {node->a, node->b, node->c};
        for (int k = 0; k < 3; k++)
            if (args[k] == 'n' && depth[operands[k]] > depth[i])
                depth[i] = depth[operands[k]];
        if (node->op == WF_IR_FOLLOWED && depth[ir->follows[node->b].filter] >= depth[i] &&
            depth[i] < DEEPEST)
            depth[i] = depth[ir->follows[node->b].filter] + 1;
        deepest = depth[i] > deepest ? depth[i] : deepest;
    }
    free(depth);
    return most[deepest < DEEPEST ? deepest : DEEPEST];
}

static uint32_t rows_of_member(struct wild_random *random, bool crowded)
{
    if (crowded && wild_chance(random, 2))
        return 60 + wild_below(random, 3000);
    return wild_chance(random, 40) ? 0 : wild_below(random, wild_chance(random, 90) ? 8 : 80);
}

static void event_bits(struct wild_random *random, struct wf_events *events, uint32_t members)
{
    bool lines = wild_chance(random, 50), doubts = wild_chance(random, 60);
    bool timeless = doubts && wild_chance(random, 40);
    if (lines)
        events->begins = bits_for(events->n);
    if (doubts)
        events->doubt = bits_for(events->n);
    if (timeless)
        events->at_known = bits_for(events->n);
    for (uint64_t row = 0; row < events->n; row++) {
        bool doubt = doubts && wild_chance(random, 8);
        if (lines && wild_chance(random, 60))
            set(events->begins, row);
        if (doubt)
            set(events->doubt, row);
        if (timeless && !(doubt && wild_chance(random, 40)))
            set(events->at_known, row);
    }
    for (uint32_t m = 0; lines && m < members; m++)
        if (events->first[m] < events->first[m + 1])
            set(events->begins, events->first[m]);
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void view(struct wild_random *random, struct wf_events *events, uint32_t members,
                 uint32_t most, int64_t now)
{
    bool crowded = wild_chance(random, 15), sorted = wild_chance(random, 80) || random->near;
    events->first = calloc((size_t)members + 1, sizeof(*events->first));
    for (uint32_t m = 0; m < members; m++) {
        uint32_t rows = rows_of_member(random, crowded);
        events->first[m + 1] = events->first[m] + (rows < most ? rows : most);
    }
    events->n = events->first[members];
    events->at = calloc(padded(events->n), sizeof(*events->at));
    for (uint64_t row = 0; row < events->n; row++)
        events->at[row] = wild_value(random, WF_T_TIME, now).i;
    for (uint32_t m = 0; sorted && m < members; m++)
        qsort(events->at + events->first[m], events->first[m + 1] - events->first[m],
              sizeof(*events->at), by_time);
    event_bits(random, events, members);
}

/* The column called `at` says what the view says. */
static void same_times(const struct wf_events *events, struct wf_column *c)
{
    free(c->present);
    c->present = NULL;
    if (events->at_known) {
        c->present = bits_for(events->n);
        memcpy(c->present, events->at_known, padded(events->n) / 8);
    }
    memcpy(c->i64, events->at, events->n * sizeof(*events->at));
    for (uint64_t row = 0; events->at_known && row < events->n; row++)
        if (!(events->at_known[row / 64] >> (row % 64) & 1))
            c->i64[row] = 0;
}

static void ids(struct wf_dataset *data)
{
    enum { LONGEST = 16 };
    data->ids = calloc((size_t)data->n_members + 1, sizeof(*data->ids));
    data->id_heap = calloc((size_t)data->n_members + 1, LONGEST);
    uint64_t at = 0;
    for (uint32_t m = 0; m < data->n_members; m++) {
        int len = snprintf(data->id_heap + at, LONGEST, "m%u", m * 7919u);
        data->ids[m] = wf_id_at(at, (uint32_t)len);
        at += (uint64_t)len;
    }
}

struct wf_dataset *wild_dataset(struct wild_random *random, const struct wf_ir *ir,
                                uint32_t members, int64_t now)
{
    struct wf_dataset *data = calloc(1, sizeof(*data));
    data->n_members =
        wild_chance(random, 3) ? wild_below(random, 3) : wild_below(random, members + 1);
    ids(data);
    data->n_views = ir->n_views;
    data->views = calloc((size_t)ir->n_views + 1, sizeof(*data->views));
    data->since = calloc((size_t)ir->n_views + 1, sizeof(*data->since));
    data->since_known = calloc((size_t)ir->n_views + 1, sizeof(*data->since_known));
    for (uint32_t v = 0; v < ir->n_views; v++) {
        view(random, &data->views[v], data->n_members, most_rows(ir), now);
        data->since_known[v] = wild_chance(random, 50);
        data->since[v] = now - (int64_t)wild_below(random, 100 * 86400);
    }
    data->n_inputs = ir->n_inputs;
    data->inputs = calloc((size_t)ir->n_inputs + 1, sizeof(*data->inputs));
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        const struct wf_events *events =
            input->domain < WF_DOM_EVENT ? NULL : &data->views[input->domain - WF_DOM_EVENT];
        data->inputs[i] = column(random, ir, input, events ? events->n : data->n_members, now);
        if (events && input->field == 0)
            same_times(events, &data->inputs[i]);
    }
    return data;
}

void wild_dataset_free(struct wf_dataset *data)
{
    for (uint32_t i = 0; i < data->n_inputs; i++) {
        free(data->inputs[i].data);
        free(data->inputs[i].present);
        if (data->inputs[i].dict) {
            free(data->inputs[i].dict->at);
            free(data->inputs[i].dict->bytes);
        }
        free(data->inputs[i].dict);
    }
    for (uint32_t v = 0; v < data->n_views; v++) {
        free(data->views[v].first);
        free(data->views[v].at);
        free(data->views[v].begins);
        free(data->views[v].doubt);
        free(data->views[v].at_known);
    }
    free(data->inputs);
    free(data->views);
    free(data->since);
    free(data->since_known);
    free(data->ids);
    free(data->id_heap);
    free(data);
}
