#include "runtime/data/row_cond.h"

#include <string.h>

#include "lang/base/value.h"
#include "runtime/data/parallel.h"

enum { ROWS_A_TASK = 65536 };

/* ---- which nodes and columns ---- */

static void mark_kids(const struct wf_ir_node *node, uint8_t *needed)
{
    const uint32_t kids[3] = {node->a, node->b, node->c};
    for (unsigned i = 0; i < 3; i++)
        if (wf_ir_op_args(node->op)[i] == 'n')
            needed[kids[i]] = 1;
}

static uint32_t slot_of(const struct wf_row_cond *cond, const struct wf_ir_node *node)
{
    const struct wf_ir_input *input = &cond->ctx->ir->inputs[node->a];
    if (input->record != cond->data->feed->index + 1 || input->via_field != WF_NONE)
        return WF_NONE;
    return wf_feed_slot(cond->data->feed, input->field);
}

/* The condition is taken once per text where it reads one dictionary and nothing else. */
static void find_slot(struct wf_row_cond *cond)
{
    const struct wf_ir *ir = cond->ctx->ir;
    uint32_t slot = WF_NONE;
    bool single = true;
    for (uint32_t i = 0; i < cond->n_nodes; i++) {
        const struct wf_ir_node *node = &ir->nodes[cond->nodes[i]];
        if (node->op != WF_IR_COL)
            continue;
        uint32_t s = slot_of(cond, node);
        single &= s != WF_NONE && (slot == WF_NONE || slot == s);
        slot = s;
    }
    single &= slot != WF_NONE && cond->raw[slot].dict;
    cond->slot = single ? slot : WF_NONE;
}

enum wf_status wf_row_cond_init(struct wf_row_cond *cond, const struct wf_load_ctx *ctx,
                                const struct wf_feed_data *data, const struct wf_raw *raw,
                                uint32_t node)
{
    *cond = (struct wf_row_cond){.ctx = ctx, .data = data, .raw = raw, .node = node};
    uint8_t *needed = wf_calloc(ctx->alloc, (size_t)node + 1, 1);
    cond->nodes = wf_calloc(ctx->alloc, (size_t)node + 1, sizeof(uint32_t));
    cond->place = wf_calloc(ctx->alloc, (size_t)node + 1, sizeof(uint32_t));
    if (needed && cond->nodes && cond->place) {
        needed[node] = 1;
        for (uint32_t i = node + 1; i-- > 0;)
            if (needed[i])
                mark_kids(&ctx->ir->nodes[i], needed);
        for (uint32_t i = 0; i <= node; i++)
            if (needed[i]) {
                cond->place[i] = cond->n_nodes;
                cond->nodes[cond->n_nodes++] = i;
            }
        find_slot(cond);
    }
    wf_free(ctx->alloc, needed);
    if (cond->n_nodes)
        return WF_OK;
    wf_row_cond_release(cond);
    return WF_ERR_NOMEM;
}

void wf_row_cond_release(struct wf_row_cond *cond)
{
    wf_free(cond->ctx->alloc, cond->nodes);
    wf_free(cond->ctx->alloc, cond->place);
    cond->nodes = cond->place = NULL;
    cond->n_nodes = 0;
}

/* ---- values ---- */

static struct wf_value raw_value(const struct wf_row_cond *cond, uint32_t slot, uint32_t row)
{
    const struct wf_raw *raw = &cond->raw[slot];
    const struct wf_slot *s = &cond->data->feed->slots[slot];
    enum wf_type type = s->type;
    if (!raw->state[row])
        return wf_missing(type);
    switch ((enum wf_layout)s->layout) {
    case WF_LAY_BITS: return wf_int_value(type, ((const uint8_t *)raw->data)[row]);
    case WF_LAY_I32: return wf_int_value(type, ((const int32_t *)raw->data)[row]);
    case WF_LAY_I64: return wf_int_value(type, ((const int64_t *)raw->data)[row]);
    case WF_LAY_F64: return wf_number_value(((const double *)raw->data)[row]);
    case WF_LAY_CODE: {
        uint32_t code = ((const uint32_t *)raw->data)[row];
        uint64_t at = raw->dict->at[code];
        return wf_text_value(type, raw->dict->bytes + at, raw->dict->at[code + 1] - at);
    }
    case WF_LAY_STR: {
        struct wf_piece piece = ((const struct wf_piece *)raw->data)[row];
        return wf_text_value(type, cond->data->heap + piece.at, piece.len);
    }
    }
    return wf_missing(type);
}

static struct wf_value in_list(const struct wf_ir *ir, uint32_t list, struct wf_value a)
{
    struct wf_value found = wf_bool_value(false);
    if (!a.present)
        return wf_missing(WF_T_BOOL);
    for (uint32_t i = 0; i < ir->lists[list].count && !found.i; i++)
        found = wf_value_cmp(WF_CMP_EQ, a, ir->consts[ir->list_items[ir->lists[list].first + i]]);
    return found;
}

static struct wf_value param_value(const struct wf_load_ctx *ctx, uint32_t param)
{
    struct wf_value now = wf_int_value(WF_T_TIME, ctx->now);
    if (param == WF_PARAM_NOW)
        return now;
    return param == WF_PARAM_TODAY ? wf_value_date_of(ctx->zone, now) : wf_missing(WF_T_TIME);
}

static struct wf_value combine(const struct wf_row_cond *cond, const struct wf_ir_node *node,
                               struct wf_value a, struct wf_value b, struct wf_value c)
{
    const struct wf_zone *zone = cond->ctx->zone;
    switch (node->op) {
    case WF_IR_NOT: return wf_value_not(a);
    case WF_IR_AND: return wf_value_and(a, b);
    case WF_IR_OR: return wf_value_or(a, b);
    case WF_IR_PRESENT: return wf_bool_value(a.present);
    case WF_IR_MISSING: return wf_bool_value(!a.present);
    case WF_IR_KNOWN_IF: return a.present && a.i ? b : wf_missing(WF_T_BOOL);
    case WF_IR_DOUBTED: return a;
    case WF_IR_EQ: return wf_value_cmp(WF_CMP_EQ, a, b);
    case WF_IR_NE: return wf_value_cmp(WF_CMP_NE, a, b);
    case WF_IR_LT: return wf_value_cmp(WF_CMP_LT, a, b);
    case WF_IR_LE: return wf_value_cmp(WF_CMP_LE, a, b);
    case WF_IR_GT: return wf_value_cmp(WF_CMP_GT, a, b);
    case WF_IR_GE: return wf_value_cmp(WF_CMP_GE, a, b);
    case WF_IR_OR_ELSE: return a.present ? a : b;
    case WF_IR_SELECT: return a.present && a.i ? b : c;
    case WF_IR_ADD: return wf_value_add(a, b);
    case WF_IR_SUB: return wf_value_sub(a, b);
    case WF_IR_NEG: return wf_value_neg(a);
    case WF_IR_MUL: return wf_value_mul(a, b);
    case WF_IR_DIV: return wf_value_div(a, b);
    case WF_IR_TO_NUMBER: return wf_value_to_number(a);
    case WF_IR_TO_MONEY: return wf_value_to_money(a);
    case WF_IR_DATE_ADD: return wf_value_date_add(a, b);
    case WF_IR_TIME_ADD: return wf_value_time_add(zone, a, b);
    case WF_IR_DATE_DIFF: return wf_value_date_diff(a, b);
    case WF_IR_TIME_DIFF: return wf_value_time_diff(a, b);
    case WF_IR_DAYS_BETWEEN: return wf_value_days_between(a, b);
    case WF_IR_MIDNIGHT: return wf_value_midnight(zone, a);
    case WF_IR_DAYS_INT: return a.present ? wf_int_value(WF_T_INT, a.i) : wf_missing(WF_T_INT);
    case WF_IR_DATE_OF: return wf_value_date_of(zone, a);
    case WF_IR_CLOCK_OF: return wf_value_clock_of(zone, a);
    default: return wf_missing(node->type);
    }
}

static struct wf_value text_test(const struct wf_ir_node *node, struct wf_value a,
                                 struct wf_value b)
{
    switch (node->op) {
    case WF_IR_CONTAINS: return wf_value_contains(a, b);
    case WF_IR_STARTS: return wf_value_starts(a, b);
    case WF_IR_ENDS: return wf_value_ends(a, b);
    case WF_IR_MATCHES: return wf_value_matches(a, b);
    default: return wf_value_tagged(a, b);
    }
}

/* `only` stands for the cell of the one slot that is read; NULL: take the row's. */
static bool holds(const struct wf_row_cond *cond, struct wf_value *values, uint32_t row,
                  const struct wf_value *only)
{
    const struct wf_ir *ir = cond->ctx->ir;
    for (uint32_t i = 0; i < cond->n_nodes; i++) {
        const struct wf_ir_node *node = &ir->nodes[cond->nodes[i]];
        struct wf_value kid[3] = {{0}};
        const uint32_t kids[3] = {node->a, node->b, node->c};
        for (unsigned k = 0; k < 3; k++)
            if (wf_ir_op_args(node->op)[k] == 'n')
                kid[k] = values[cond->place[kids[k]]];
        uint32_t slot = node->op == WF_IR_COL ? slot_of(cond, node) : WF_NONE;
        switch (node->op) {
        case WF_IR_CONST: values[i] = ir->consts[node->a]; break;
        case WF_IR_PARAM: values[i] = param_value(cond->ctx, node->a); break;
        case WF_IR_COL:
            values[i] = slot == WF_NONE ? wf_missing(node->type)
                        : only          ? *only
                                        : raw_value(cond, slot, row);
            break;
        case WF_IR_IN: values[i] = in_list(ir, node->b, kid[0]); break;
        case WF_IR_CONTAINS:
        case WF_IR_STARTS:
        case WF_IR_ENDS:
        case WF_IR_MATCHES:
        case WF_IR_TAGGED: values[i] = text_test(node, kid[0], ir->consts[node->b]); break;
        default: values[i] = combine(cond, node, kid[0], kid[1], kid[2]);
        }
    }
    struct wf_value answer = values[cond->n_nodes - 1];
    return answer.present && answer.i;
}

/* ---- marking ---- */

struct marking {
    const struct wf_row_cond *cond;
    uint8_t *marks, *by_code; /* by_code: by code of the one slot, the last: missing */
};

static enum wf_status mark_some(void *ctx, unsigned thread, uint32_t task)
{
    const struct marking *m = ctx;
    const struct wf_row_cond *cond = m->cond;
    uint32_t first = task * (uint32_t)ROWS_A_TASK, n = cond->data->n_rows - first;
    (void)thread;
    n = n < ROWS_A_TASK ? n : ROWS_A_TASK;
    if (m->by_code) {
        const struct wf_raw *raw = &cond->raw[cond->slot];
        const uint32_t *codes = raw->data;
        for (uint32_t row = first; row < first + n; row++)
            m->marks[row] = m->by_code[raw->state[row] ? codes[row] : raw->dict->n];
        return WF_OK;
    }
    struct wf_value *values = wf_calloc(cond->ctx->alloc, cond->n_nodes, sizeof(*values));
    if (!values)
        return WF_ERR_NOMEM;
    for (uint32_t row = first; row < first + n; row++)
        m->marks[row] = holds(cond, values, row, NULL);
    wf_free(cond->ctx->alloc, values);
    return WF_OK;
}

static enum wf_status judge_codes(const struct wf_row_cond *cond, uint8_t **by_code_out)
{
    const struct wf_dict *dict = cond->raw[cond->slot].dict;
    enum wf_type type = cond->data->feed->slots[cond->slot].type;
    uint8_t *by_code = wf_calloc(cond->ctx->alloc, (size_t)dict->n + 1, 1);
    struct wf_value *values = wf_calloc(cond->ctx->alloc, cond->n_nodes, sizeof(*values));
    for (uint32_t code = 0; by_code && values && code <= dict->n; code++) {
        struct wf_value text = wf_missing(type);
        if (code < dict->n)
            text = wf_text_value(type, dict->bytes + dict->at[code],
                                 dict->at[code + 1] - dict->at[code]);
        by_code[code] = holds(cond, values, 0, &text);
    }
    bool ok = by_code && values;
    wf_free(cond->ctx->alloc, values);
    if (!ok)
        wf_free(cond->ctx->alloc, by_code);
    else
        *by_code_out = by_code;
    return ok ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_row_cond_mark(const struct wf_row_cond *cond, uint8_t *marks)
{
    struct marking m = {cond, marks, NULL};
    uint32_t rows = cond->data->n_rows;
    enum wf_status status = WF_OK;
    if (cond->slot != WF_NONE)
        status = judge_codes(cond, &m.by_code);
    if (!status)
        status = wf_parallel(cond->ctx->threads, rows / ROWS_A_TASK + (rows % ROWS_A_TASK != 0), &m,
                             mark_some);
    wf_free(cond->ctx->alloc, m.by_code);
    return status;
}
