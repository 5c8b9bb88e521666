#define XXH_INLINE_ALL
#include "runtime/engine/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "runtime/engine/reduction.h"
#include "runtime/engine/source.h"
#include "runtime/vm/text.h"

/* The members alike in `by`. Its reductions stand in the table's list, `stride` a group. */
struct group {
    uint64_t key;
    bool lacking; /* who has no value */
    uint32_t row; /* the first of its members, which knows the value */
    uint64_t members, unknown;
};

/* The groups of one metric as one worker met them. */
struct table {
    struct group *groups;
    struct wf_reduced *reduced;
    uint32_t *slots; /* open addressing: 1 + group; 0: free */
    size_t n, room_groups, room_reduced, n_slots;
};

struct wf_metric_worker {
    struct table *tables; /* by metric */
};

/* ---- groups ---- */

static size_t slot_of(const struct table *table, uint64_t key, bool lacking)
{
    size_t at = (XXH3_64bits(&key, sizeof(key)) ^ lacking) & (table->n_slots - 1);
    for (; table->slots[at]; at = (at + 1) & (table->n_slots - 1)) {
        const struct group *group = &table->groups[table->slots[at] - 1];
        if (group->key == key && group->lacking == lacking)
            break;
    }
    return at;
}

static enum wf_status widen(struct table *table, const struct wf_alloc *alloc)
{
    size_t n_slots = table->n_slots ? table->n_slots * 2 : 64;
    uint32_t *slots = wf_calloc(alloc, n_slots, sizeof(*slots));
    if (!slots)
        return WF_ERR_NOMEM;
    wf_free(alloc, table->slots);
    table->slots = slots;
    table->n_slots = n_slots;
    for (size_t i = 0; i < table->n; i++)
        slots[slot_of(table, table->groups[i].key, table->groups[i].lacking)] = (uint32_t)i + 1;
    return WF_OK;
}

/* The group's number, SIZE_MAX: no memory. */
static size_t group_of(struct table *table, uint32_t stride, uint64_t key, bool lacking,
                       uint32_t row, const struct wf_alloc *alloc)
{
    if (table->n >= table->n_slots / 2 && widen(table, alloc) != WF_OK)
        return SIZE_MAX;
    size_t slot = slot_of(table, key, lacking);
    if (table->slots[slot])
        return table->slots[slot] - 1;
    size_t n = table->n, had = n * stride;
    if (wf_grow(alloc, &table->groups, &table->room_groups, n + 1, sizeof(*table->groups)) ||
        wf_grow(alloc, &table->reduced, &table->room_reduced, had + stride,
                sizeof(*table->reduced)))
        return SIZE_MAX;
    table->groups[n] = (struct group){.key = key, .lacking = lacking, .row = row};
    if (stride)
        memset(table->reduced + had, 0, stride * sizeof(*table->reduced));
    table->slots[slot] = (uint32_t)++table->n;
    return n;
}

static void release_table(struct table *table, uint32_t stride, const struct wf_alloc *alloc)
{
    for (size_t i = 0; i < table->n * stride; i++)
        wf_reduced_release(&table->reduced[i], alloc);
    wf_free(alloc, table->groups);
    wf_free(alloc, table->reduced);
    wf_free(alloc, table->slots);
}

/* ---- init ---- */

enum wf_status wf_metrics_init(struct wf_metrics *metrics, const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    *metrics = (struct wf_metrics){.night = night};
    if (ir->n_metrics == 0)
        return WF_OK;
    metrics->outs = wf_calloc(night->alloc, ir->n_nodes, sizeof(*metrics->outs));
    if (!metrics->outs)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < night->program->n_outs; i++)
        if (night->program->outs[i].domain == WF_DOM_MEMBER)
            metrics->outs[night->program->outs[i].node] = i;
    metrics->workers = wf_calloc(night->alloc, night->vm.threads, sizeof(*metrics->workers));
    if (!metrics->workers)
        return WF_ERR_NOMEM;
    metrics->n_workers = night->vm.threads;
    for (unsigned i = 0; i < metrics->n_workers; i++) {
        struct wf_metric_worker *worker = &metrics->workers[i];
        worker->tables = wf_calloc(night->alloc, ir->n_metrics, sizeof(*worker->tables));
        if (!worker->tables)
            return WF_ERR_NOMEM;
    }
    return WF_OK;
}

void wf_metrics_release(struct wf_metrics *metrics)
{
    const struct wf_night *night = metrics->night;
    for (unsigned i = 0; i < metrics->n_workers; i++) {
        struct table *tables = metrics->workers[i].tables;
        for (uint32_t m = 0; tables && m < night->program->ir.n_metrics; m++)
            release_table(&tables[m], night->program->ir.metrics[m].overs_count, night->alloc);
        wf_free(night->alloc, tables);
    }
    if (!night)
        return;
    wf_free(night->alloc, metrics->workers);
    wf_free(night->alloc, metrics->outs);
    *metrics = (struct wf_metrics){0};
}

/* ---- the sink ---- */

struct batch {
    const struct wf_night *night;
    const uint32_t *out_of; /* by node */
    const struct wf_bits *outs;
    uint32_t first, n;
};

static const struct wf_bits *output(const struct batch *batch, uint32_t node)
{
    return &batch->outs[batch->out_of[node]];
}

static bool bit(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

/* 1, 0, or -1 where it is unknown; WF_NONE is true. */
static int truth(const struct batch *batch, uint32_t node, uint32_t i)
{
    if (node == WF_NONE)
        return 1;
    const struct wf_bits *bits = output(batch, node);
    return bit(bits->t, i) ? 1 : bit(bits->k, i) ? 0 : -1;
}

/* A number that rows alike in `by` share; false: the row lacks a value. */
static bool key_of(const struct batch *batch, uint32_t by, uint32_t i, uint64_t *key)
{
    const struct wf_bits *bits = output(batch, by);
    double number;
    *key = 0;
    if (!bit(bits->k, i))
        return false;
    switch (batch->night->program->ir.nodes[by].type) {
    case WF_T_BOOL: *key = bit(bits->t, i); break;
    case WF_T_DATE:
    case WF_T_ENUM:
    case WF_T_REF: *key = (uint32_t)((const int32_t *)bits->lanes)[i]; break;
    case WF_T_NUMBER:
        number = ((const double *)bits->lanes)[i] + 0.0; /* -0 is 0 */
        memcpy(key, &number, sizeof(number));
        break;
    default: *key = ((const uint64_t *)bits->lanes)[i]; break;
    }
    return true;
}

/* Answers false for a member of whom it is unknown whether it counts. */
static bool reduce(const struct batch *batch, const struct wf_ir_over *over, uint32_t i,
                   struct wf_reduced *r, enum wf_status *st)
{
    const struct wf_alloc *alloc = batch->night->alloc;
    if (over->kind == WF_OVER_TOTAL)
        return true; /* add_totals */
    int where = truth(batch, over->where, i);
    if (where <= 0)
        return where == 0;
    if (over->of == WF_NONE) {
        r->n++;
        return true;
    }
    const struct wf_bits *of = output(batch, over->of);
    if (!bit(of->k, i))
        return true;
    if (batch->night->program->ir.nodes[over->of].type == WF_T_NUMBER)
        *st = wf_reduced_add_number(r, over, ((const double *)of->lanes)[i], alloc);
    else
        *st = wf_reduced_add_whole(r, over, ((const int64_t *)of->lanes)[i], alloc);
    return true;
}

static enum wf_status add_member(const struct batch *batch, const struct wf_ir_metric *m,
                                 struct table *table, uint32_t i)
{
    const struct wf_ir_over *overs = batch->night->program->ir.overs + m->overs_first;
    int among = truth(batch, m->among, i);
    uint64_t key = 0;
    if (among == 0)
        return WF_OK;
    bool lacking = m->by != WF_NONE && !key_of(batch, m->by, i, &key);
    size_t g = group_of(table, m->overs_count, key, lacking, batch->first + i, batch->night->alloc);
    if (g == SIZE_MAX)
        return WF_ERR_NOMEM;
    if (among < 0) {
        table->groups[g].unknown++;
        return WF_OK;
    }
    bool known = true;
    enum wf_status st = WF_OK;
    for (uint32_t o = 0; o < m->overs_count && st == WF_OK; o++)
        known &= reduce(batch, &overs[o], i, &table->reduced[g * m->overs_count + o], &st);
    table->groups[g].members++;
    table->groups[g].unknown += !known;
    return st;
}

enum wf_status wf_metrics_rows(struct wf_metrics *metrics, unsigned worker, uint32_t first,
                               uint32_t n, const struct wf_bits *outs)
{
    const struct wf_ir *ir = &metrics->night->program->ir;
    struct batch batch = {metrics->night, metrics->outs, outs, first, n};
    enum wf_status st = WF_OK;
    for (uint32_t m = 0; m < ir->n_metrics; m++)
        for (uint32_t i = 0; i < n && st == WF_OK; i++)
            st = add_member(&batch, &ir->metrics[m], &metrics->workers[worker].tables[m], i);
    return st;
}

/* ---- after the run ---- */

static enum wf_status merge_group(struct table *into, struct table *from, size_t g, uint32_t stride,
                                  const struct wf_alloc *alloc)
{
    const struct group *group = &from->groups[g];
    size_t to = group_of(into, stride, group->key, group->lacking, group->row, alloc);
    enum wf_status st = to == SIZE_MAX ? WF_ERR_NOMEM : WF_OK;
    for (uint32_t o = 0; o < stride && st == WF_OK; o++)
        st = wf_reduced_merge(&into->reduced[to * stride + o], &from->reduced[g * stride + o],
                              alloc);
    if (st != WF_OK)
        return st;
    struct group *all = &into->groups[to];
    all->members += group->members;
    all->unknown += group->unknown;
    all->row = group->row < all->row ? group->row : all->row;
    return WF_OK;
}

static enum wf_status add_total(const struct wf_total *total, const struct wf_ir_over *over,
                                uint64_t row, struct wf_reduced *r, const struct wf_alloc *alloc)
{
    struct wf_value value = wf_column_value(&total->column, row);
    if (!value.present)
        return WF_OK;
    return value.type == WF_T_NUMBER ? wf_reduced_add_number(r, over, value.f, alloc)
                                     : wf_reduced_add_whole(r, over, value.i, alloc);
}

/* What is of a table's rows, not of members: all of them, or the one that the group refers to. */
static enum wf_status add_totals(const struct wf_metrics *metrics, const struct wf_ir_metric *m,
                                 struct table *table, size_t g)
{
    const struct wf_night *night = metrics->night;
    enum wf_status st = WF_OK;
    for (uint32_t o = 0; o < m->overs_count; o++) {
        const struct wf_ir_over *over = &night->program->ir.overs[m->overs_first + o];
        struct wf_reduced *r = &table->reduced[g * m->overs_count + o];
        if (over->kind != WF_OVER_TOTAL || !night->data->totals || table->groups[g].lacking)
            continue;
        const struct wf_total *total = &night->data->totals[m->overs_first + o];
        uint64_t first = m->by == WF_NONE ? 0 : table->groups[g].key;
        uint64_t end = m->by == WF_NONE ? total->n : first + 1;
        for (uint64_t row = first; st == WF_OK && row < end && row < total->n; row++)
            st = add_total(total, over, row, r, night->alloc);
    }
    return st;
}

/* One step of a metric's arithmetic; false: no value. */
static bool compute(const struct wf_ir *ir, const struct wf_ir_figure *f, const double *values,
                    const bool *known, uint32_t first, double *out)
{
    if (f->op == WF_FIGURE_CONST) {
        const struct wf_value *v = &ir->consts[f->constant];
        *out = v->type == WF_T_NUMBER ? v->f : (double)v->i;
        return true;
    }
    double a = values[f->a - first], b = values[f->b - first];
    if (!known[f->a - first] || !known[f->b - first] || (f->op == WF_FIGURE_DIV && b == 0))
        return false;
    switch (f->op) {
    case WF_FIGURE_ADD: *out = a + b; break;
    case WF_FIGURE_SUB: *out = a - b; break;
    case WF_FIGURE_MUL: *out = a * b; break;
    default: *out = a / b; break;
    }
    return isfinite(*out);
}

static enum wf_status compute_figure(const struct wf_ir *ir, const struct wf_ir_metric *m,
                                     struct table *table, size_t g, struct wf_metric_row *row,
                                     const struct wf_alloc *alloc)
{
    double *values = wf_calloc(alloc, m->figures_count, sizeof(*values));
    bool *known = wf_calloc(alloc, m->figures_count, sizeof(*known));
    for (uint32_t i = 0; values && known && i < m->figures_count; i++) {
        const struct wf_ir_figure *f = &ir->figures[m->figures_first + i];
        if (f->op == WF_FIGURE_OVER)
            known[i] =
                wf_reduced_value(&table->reduced[g * m->overs_count + (f->over - m->overs_first)],
                                 &ir->overs[f->over], table->groups[g].members, &values[i]);
        else
            known[i] = compute(ir, f, values, known, m->figures_first, &values[i]);
    }
    enum wf_status st = values && known ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK) {
        row->known = known[m->figures_count - 1];
        row->value = values[m->figures_count - 1];
    }
    wf_free(alloc, values);
    wf_free(alloc, known);
    return st;
}

/* The group's value as text, of the member that was met with it. */
static enum wf_status group_text(const struct wf_metrics *metrics, const struct wf_ir_metric *m,
                                 const struct group *group, struct wf_scalar *scalar, char **out)
{
    struct wf_buf text;
    wf_buf_init(&text, metrics->night->alloc, 0);
    if (m->by_class != WF_NONE && !group->lacking) {
        const struct wf_ir *ir = &metrics->night->program->ir;
        uint64_t row = m->by_class + group->key;
        if (row < ir->n_classes) /* of a hostile program: it may answer any number */
            wf_buf_adds(&text, ir->texts[ir->classes[row].name]->text);
    } else if (m->by != WF_NONE && !group->lacking) {
        wf_scalar_member(scalar, group->row);
        wf_text_node(scalar, m->by_key == WF_NONE ? m->by : m->by_key, &text);
    }
    *out = text.failed ? NULL : wf_strdup(metrics->night->alloc, wf_buf_str(&text));
    wf_buf_release(&text);
    return *out ? WF_OK : WF_ERR_NOMEM;
}

static enum wf_status add_rows(const struct wf_metrics *metrics, uint32_t metric,
                               struct wf_scalar *scalar, struct wf_outcome *out)
{
    const struct wf_ir *ir = &metrics->night->program->ir;
    const struct wf_ir_metric *m = &ir->metrics[metric];
    struct table *all = &metrics->workers[0].tables[metric];
    const struct wf_alloc *alloc = metrics->night->alloc;
    enum wf_status st = WF_OK;
    for (unsigned w = 1; w < metrics->n_workers; w++)
        for (size_t g = 0; g < metrics->workers[w].tables[metric].n && st == WF_OK; g++)
            st = merge_group(all, &metrics->workers[w].tables[metric], g, m->overs_count, alloc);
    if (m->by == WF_NONE && st == WF_OK && /* a figure of nobody is still said */
        group_of(all, m->overs_count, 0, false, 0, alloc) == SIZE_MAX)
        st = WF_ERR_NOMEM;
    for (size_t g = 0; g < all->n && st == WF_OK; g++) {
        if (wf_grow(alloc, &out->metrics, &out->room_metrics, out->n_metrics + 1,
                    sizeof(*out->metrics)))
            return WF_ERR_NOMEM;
        struct wf_metric_row *row = &out->metrics[out->n_metrics];
        *row = (struct wf_metric_row){.metric = metric,
                                      .lacking = all->groups[g].lacking,
                                      .members = all->groups[g].members,
                                      .unknown = all->groups[g].unknown};
        st = group_text(metrics, m, &all->groups[g], scalar, &row->group);
        if (st == WF_OK) {
            out->n_metrics++;
            st = add_totals(metrics, m, all, g);
        }
        if (st == WF_OK)
            st = compute_figure(ir, m, all, g, row, alloc);
    }
    return st;
}

static int by_group(const void *left, const void *right)
{
    const struct wf_metric_row *a = left, *b = right;
    if (a->metric != b->metric)
        return a->metric < b->metric ? -1 : 1;
    if (a->lacking != b->lacking)
        return a->lacking ? 1 : -1;
    return strcmp(a->group, b->group);
}

enum wf_status wf_metrics_finish(struct wf_metrics *metrics, struct wf_scalar *scalar,
                                 struct wf_outcome *out)
{
    enum wf_status st = WF_OK;
    for (uint32_t m = 0; m < metrics->night->program->ir.n_metrics && st == WF_OK; m++)
        st = add_rows(metrics, m, scalar, out);
    if (out->n_metrics)
        qsort(out->metrics, out->n_metrics, sizeof(*out->metrics), by_group);
    return st == WF_OK ? wf_scalar_status(scalar) : st;
}
