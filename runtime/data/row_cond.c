#include "runtime/data/row_cond.h"

#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/value.h"

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
    if (input->record != cond->feed->index + 1 || input->via_field != WF_NONE)
        return WF_NONE;
    return wf_feed_slot(cond->feed, input->field);
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
    single &= slot != WF_NONE && cond->feed->slots[slot].layout == WF_LAY_CODE;
    cond->slot = single ? slot : WF_NONE;
}

enum wf_status wf_row_cond_init(struct wf_row_cond *cond, const struct wf_load_ctx *ctx,
                                const struct wf_feed *feed, uint32_t node)
{
    *cond = (struct wf_row_cond){.ctx = ctx, .feed = feed, .node = node};
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
    if (!cond->ctx)
        return;
    wf_free(cond->ctx->alloc, cond->nodes);
    wf_free(cond->ctx->alloc, cond->place);
    cond->nodes = cond->place = NULL;
    cond->n_nodes = 0;
}

/* ---- values ---- */

/* A text of the dictionary, brought to NFC as every dictionary is. */
static enum wf_status text_of(struct wf_row_judge *judge, uint32_t i, uint32_t slot, uint32_t code,
                              struct wf_value *out)
{
    struct wf_cell name = wf_names_text(&judge->dicts[slot], code);
    enum wf_type type = judge->cond->feed->slots[slot].type;
    *out = wf_text_value(type, name.text, name.len);
    if (wf_utf8_is_plain_nfc(name.text, name.len))
        return WF_OK;
    wf_buf_reset(&judge->normal[i]);
    enum wf_status status = wf_utf8_nfc(&judge->normal[i], name.text, name.len);
    *out = wf_text_value(type, wf_buf_str(&judge->normal[i]), judge->normal[i].len);
    return status;
}

/* The cell of a row as the value of node i. */
static enum wf_status cell_value(struct wf_row_judge *judge, uint32_t i, uint32_t slot,
                                 const struct wf_chunk *chunk, uint32_t row, struct wf_value *out)
{
    const struct wf_slot *s = &judge->cond->feed->slots[slot];
    const void *data = chunk->data[slot];
    enum wf_type type = s->type;
    *out = wf_missing(type);
    if (!chunk->state[slot][row])
        return WF_OK;
    switch ((enum wf_layout)s->layout) {
    case WF_LAY_BITS: *out = wf_int_value(type, ((const uint8_t *)data)[row]); break;
    case WF_LAY_I32: *out = wf_int_value(type, ((const int32_t *)data)[row]); break;
    case WF_LAY_I64: *out = wf_int_value(type, ((const int64_t *)data)[row]); break;
    case WF_LAY_F64: *out = wf_number_value(((const double *)data)[row]); break;
    case WF_LAY_CODE: return text_of(judge, i, slot, ((const uint32_t *)data)[row], out);
    case WF_LAY_STR: {
        struct wf_cut cut = ((const struct wf_cut *)data)[row];
        *out = wf_text_value(type, chunk->heap.data + cut.at, cut.len);
        break;
    }
    }
    return WF_OK;
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

/* Judges a row of a chunk; without a chunk, `only` is the cell of the one slot that is read. */
static enum wf_status holds(struct wf_row_judge *judge, const struct wf_chunk *chunk, uint32_t row,
                            struct wf_value only, bool *holds_out)
{
    const struct wf_row_cond *cond = judge->cond;
    const struct wf_ir *ir = cond->ctx->ir;
    struct wf_value *values = judge->values;
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; !status && i < cond->n_nodes; i++) {
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
            values[i] = slot == WF_NONE ? wf_missing(node->type) : only;
            if (slot != WF_NONE && chunk)
                status = cell_value(judge, i, slot, chunk, row, &values[i]);
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
    *holds_out = answer.present && answer.i;
    return status;
}

/* ---- marking ---- */

enum wf_status wf_row_judge_init(struct wf_row_judge *judge, const struct wf_row_cond *cond,
                                 const struct wf_names *dicts)
{
    const struct wf_alloc *alloc = cond->ctx->alloc;
    *judge = (struct wf_row_judge){.cond = cond, .dicts = dicts};
    judge->values = wf_calloc(alloc, cond->n_nodes, sizeof(*judge->values));
    judge->normal = wf_calloc(alloc, cond->n_nodes, sizeof(*judge->normal));
    for (uint32_t i = 0; judge->normal && i < cond->n_nodes; i++)
        wf_buf_init(&judge->normal[i], alloc, 0);
    return judge->values && judge->normal ? WF_OK : WF_ERR_NOMEM;
}

void wf_row_judge_release(struct wf_row_judge *judge)
{
    if (!judge->cond)
        return;
    const struct wf_alloc *alloc = judge->cond->ctx->alloc;
    for (uint32_t i = 0; judge->normal && i < judge->cond->n_nodes; i++)
        wf_buf_release(&judge->normal[i]);
    wf_free(alloc, judge->values);
    wf_free(alloc, judge->normal);
    wf_free(alloc, judge->by_code);
    wf_free(alloc, judge->marks);
    *judge = (struct wf_row_judge){0};
}

/* Judges the texts that the dictionary got since; the last place is that of a missing cell. */
static enum wf_status judge_codes(struct wf_row_judge *judge)
{
    const struct wf_row_cond *cond = judge->cond;
    uint32_t n = judge->dicts[cond->slot].n;
    bool truth = false;
    enum wf_status status = WF_OK;
    if (wf_grow(cond->ctx->alloc, &judge->by_code, &judge->room_codes, (size_t)n + 1, 1))
        return WF_ERR_NOMEM;
    for (; !status && judge->judged < n; judge->judged++) {
        struct wf_value text;
        status = text_of(judge, 0, cond->slot, judge->judged, &text);
        if (!status)
            status = holds(judge, NULL, 0, text, &truth);
        judge->by_code[judge->judged] = truth;
    }
    if (!status)
        status = holds(judge, NULL, 0, wf_missing(cond->feed->slots[cond->slot].type), &truth);
    judge->by_code[n] = truth;
    return status;
}

enum wf_status wf_row_judge_chunk(struct wf_row_judge *judge, const struct wf_chunk *chunk)
{
    const struct wf_row_cond *cond = judge->cond;
    if (wf_grow(cond->ctx->alloc, &judge->marks, &judge->room_marks, chunk->n, 1))
        return WF_ERR_NOMEM;
    if (cond->slot != WF_NONE) {
        enum wf_status status = judge_codes(judge);
        const uint32_t *codes = chunk->data[cond->slot];
        const uint8_t *state = chunk->state[cond->slot];
        uint32_t none = judge->judged;
        for (uint32_t row = 0; !status && row < chunk->n; row++)
            judge->marks[row] = judge->by_code[state[row] ? codes[row] : none];
        return status;
    }
    enum wf_status status = WF_OK;
    for (uint32_t row = 0; !status && row < chunk->n; row++) {
        bool truth;
        status = holds(judge, chunk, row, wf_missing(WF_T_BOOL), &truth);
        judge->marks[row] = truth;
    }
    return status;
}
