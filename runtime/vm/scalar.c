#include "runtime/vm/scalar.h"

#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/zone.h"
#include "runtime/vm/scalar_impl.h"

struct wf_scalar *wf_scalar_new(const struct wf_ir *ir, const struct wf_dataset *data,
                                const struct wf_vm_params *params, const struct wf_pops *pops,
                                const struct wf_alloc *alloc)
{
    struct wf_scalar *scalar = wf_calloc(alloc, 1, sizeof(*scalar));
    if (!scalar)
        return NULL;
    size_t views = ir->n_views, nodes = ir->n_nodes, aggs = ir->n_aggs;
    *scalar = (struct wf_scalar){
        .ir = ir,
        .data = data,
        .params = params,
        .pops = pops,
        .alloc = alloc,
        .row = wf_calloc(alloc, views + 1, sizeof(uint64_t)),
        .serial = wf_calloc(alloc, views + WF_DOM_EVENT, sizeof(uint64_t)),
        .memo = wf_calloc(alloc, nodes + 1, sizeof(struct wf_value)),
        .stamp = wf_calloc(alloc, nodes + 1, sizeof(uint64_t)),
        .aggs = wf_calloc(alloc, aggs + 1, sizeof(struct wf_agg_memo)),
        .latest = ir->n_annivs ? wf_calloc(alloc, 1, sizeof(struct wf_latest)) : NULL,
    };
    if (!scalar->row || !scalar->serial || !scalar->memo || !scalar->stamp || !scalar->aggs ||
        (ir->n_annivs && !scalar->latest)) {
        wf_scalar_free(scalar);
        return NULL;
    }
    for (size_t d = 0; d < views + WF_DOM_EVENT; d++)
        scalar->serial[d] = ++scalar->next;
    return scalar;
}

void wf_scalar_free(struct wf_scalar *scalar)
{
    if (!scalar)
        return;
    const struct wf_alloc *alloc = scalar->alloc;
    wf_free(alloc, scalar->row);
    wf_free(alloc, scalar->serial);
    wf_free(alloc, scalar->memo);
    wf_free(alloc, scalar->stamp);
    wf_free(alloc, scalar->aggs);
    wf_free(alloc, scalar->latest);
    wf_free(alloc, scalar->stack);
    wf_trace_free(alloc, scalar->trace);
    wf_free(alloc, scalar);
}

void wf_scalar_recall(struct wf_scalar *scalar, const struct wf_noted *noted)
{
    scalar->noted = noted;
}

void wf_scalar_member(struct wf_scalar *scalar, uint32_t row)
{
    scalar->member = row;
    scalar->serial[WF_DOM_MEMBER] = ++scalar->next;
    scalar->in_journey = scalar->entered.set = scalar->hidden.set = false;
}

void wf_scalar_renew(struct wf_scalar *scalar)
{
    if (scalar->latest)
        *scalar->latest = (struct wf_latest){{{0}}};
    for (size_t d = 0; d < scalar->ir->n_views + (size_t)WF_DOM_EVENT; d++)
        scalar->serial[d] = ++scalar->next;
}

/* ---- the journey at hand ---- */

/* What was computed of the member and their rows may be otherwise now. */
static void forget(struct wf_scalar *scalar)
{
    for (size_t d = WF_DOM_MEMBER; d < scalar->ir->n_views + (size_t)WF_DOM_EVENT; d++)
        scalar->serial[d] = ++scalar->next;
}

static struct wf_marked mark(const struct wf_scalar *scalar, uint32_t view,
                             const unsigned char key[16])
{
    const struct wf_ir_view *of = &scalar->ir->views[view];
    struct wf_marked marked = {.set = true, .event = of->event, .by = of->by};
    memcpy(marked.key, key, sizeof(marked.key));
    return marked;
}

void wf_scalar_entry(struct wf_scalar *scalar, int64_t at, uint32_t view,
                     const unsigned char key[16])
{
    scalar->in_journey = true;
    scalar->entry = at;
    scalar->entered.set = false;
    if (view != WF_NONE)
        scalar->entered = mark(scalar, view, key);
    forget(scalar);
}

void wf_scalar_hide(struct wf_scalar *scalar, uint32_t view, uint64_t row)
{
    const struct wf_events *events = &scalar->data->views[view];
    scalar->hidden.set = false;
    if (events->key)
        scalar->hidden = mark(scalar, view, events->key[row]);
    forget(scalar);
}

void wf_scalar_unhide(struct wf_scalar *scalar)
{
    scalar->hidden.set = false;
    forget(scalar);
}

bool wf_scalar_is_marked(const struct wf_scalar *scalar, const struct wf_marked *marked,
                         uint32_t view, uint64_t row)
{
    const struct wf_ir_view *of = &scalar->ir->views[view];
    const struct wf_events *events = &scalar->data->views[view];
    return marked->set && marked->event == of->event && marked->by == of->by && events->key &&
           memcmp(marked->key, events->key[row], sizeof(marked->key)) == 0;
}

void wf_scalar_event(struct wf_scalar *scalar, uint32_t view, uint64_t row)
{
    scalar->row[view] = row;
    scalar->serial[WF_DOM_EVENT + view] = ++scalar->next;
}

struct wf_standing wf_scalar_leave(const struct wf_scalar *scalar, uint32_t view)
{
    return (struct wf_standing){scalar->row[view], scalar->serial[WF_DOM_EVENT + view]};
}

void wf_scalar_return(struct wf_scalar *scalar, uint32_t view, struct wf_standing standing)
{
    scalar->row[view] = standing.row;
    scalar->serial[WF_DOM_EVENT + view] = standing.serial;
}

enum wf_status wf_scalar_status(const struct wf_scalar *scalar)
{
    return scalar->status;
}

int wf_scalar_truth(struct wf_scalar *scalar, uint32_t node)
{
    struct wf_value v = wf_scalar_value(scalar, node);
    return v.present ? v.i != 0 : -1;
}

bool wf_scalar_agg_row(struct wf_scalar *scalar, uint32_t agg, uint64_t *row_out)
{
    const struct wf_agg_memo *memo = wf_scalar_agg(scalar, agg);
    if (!memo->part[WF_PART_VALUE].present)
        return false;
    *row_out = memo->row;
    return true;
}

bool wf_scalar_agg_sure(struct wf_scalar *scalar, uint32_t agg)
{
    const struct wf_value sure = wf_scalar_agg(scalar, agg)->part[WF_PART_SURE];
    return sure.present && sure.i;
}

/* ---- one node ---- */

static struct wf_value param(const struct wf_scalar *scalar, const struct wf_ir_node *node)
{
    const struct wf_vm_params *params = scalar->params;
    const struct wf_dataset *data = scalar->data;
    switch (node->a) {
    case WF_PARAM_NOW: return wf_int_value(WF_T_TIME, params->now);
    case WF_PARAM_TODAY:
        return wf_value_date_of(params->zone, wf_int_value(WF_T_TIME, params->now));
    case WF_PARAM_SINCE:
        if (data && data->since_known[node->b])
            return wf_int_value(WF_T_TIME, data->since[node->b]);
        break;
    case WF_PARAM_FLOOR:
        if (params->floor)
            return wf_int_value(WF_T_TIME, params->floor[node->b]);
        break;
    }
    return wf_missing(node->type);
}

/* A journey's entry, or a hidden event, may make it another than the one that was kept. */
static struct wf_value aggregate(struct wf_scalar *scalar, uint32_t agg, uint32_t part)
{
    struct wf_value kept;
    if (scalar->noted && !scalar->in_journey && !scalar->hidden.set &&
        wf_noted_value(scalar->noted, scalar->ir, agg, part, scalar->member, &kept))
        return kept;
    return wf_scalar_agg(scalar, agg)->part[part];
}

static struct wf_value leaf(struct wf_scalar *scalar, const struct wf_ir_node *node,
                            struct wf_value lifted)
{
    const struct wf_ir *ir = scalar->ir;
    switch (node->op) {
    case WF_IR_CONST: return ir->consts[node->a];
    case WF_IR_PARAM: return param(scalar, node);
    case WF_IR_COL: {
        uint16_t domain = ir->inputs[node->a].domain;
        uint64_t row = domain < WF_DOM_EVENT ? scalar->member : scalar->row[domain - WF_DOM_EVENT];
        return wf_dataset_value(scalar->data, node->a, row);
    }
    case WF_IR_LIFT: return lifted;
    case WF_IR_AGG: return aggregate(scalar, node->a, node->b);
    case WF_IR_ENTRY:
        return scalar->in_journey ? wf_int_value(WF_T_TIME, scalar->entry) : wf_missing(WF_T_TIME);
    case WF_IR_ENTERED:
        return wf_bool_value(
            wf_scalar_is_marked(scalar, &scalar->entered, node->a, scalar->row[node->a]));
    default:
        if (!scalar->pops)
            return wf_missing(node->type);
        return wf_pops_value(scalar->pops, ir, node->a, scalar->member);
    }
}

static bool doubted(const struct wf_scalar *scalar, const struct wf_ir_node *node)
{
    uint32_t view = node->domain - (uint32_t)WF_DOM_EVENT;
    const uint64_t *doubt = scalar->data->views[view].doubt;
    uint64_t row = scalar->row[view];
    return doubt && (doubt[row / 64] >> (row % 64) & 1);
}

static struct wf_value logic(struct wf_scalar *scalar, const struct wf_ir_node *node,
                             struct wf_value a, struct wf_value b)
{
    switch (node->op) {
    case WF_IR_NOT: return wf_value_not(a);
    case WF_IR_AND: return wf_value_and(a, b);
    case WF_IR_OR: return wf_value_or(a, b);
    case WF_IR_PRESENT: return wf_bool_value(a.present);
    case WF_IR_MISSING: return wf_bool_value(!a.present);
    case WF_IR_KNOWN_IF: return a.present && a.i ? b : wf_missing(WF_T_BOOL);
    case WF_IR_WITHIN:
        if (a.present && a.i)
            return wf_bool_value(true);
        return b.present && !b.i ? wf_bool_value(false) : wf_missing(WF_T_BOOL);
    default: return doubted(scalar, node) ? wf_missing(WF_T_BOOL) : a;
    }
}

static struct wf_value in_list(const struct wf_ir *ir, uint32_t list, struct wf_value a)
{
    const struct wf_ir_list *items = &ir->lists[list];
    if (!a.present)
        return wf_missing(WF_T_BOOL);
    for (uint32_t i = 0; i < items->count; i++) {
        struct wf_value item = ir->consts[ir->list_items[items->first + i]];
        if (item.present && wf_value_compare(a, item) == 0)
            return wf_bool_value(true);
    }
    return wf_bool_value(false);
}

static bool same(struct wf_value a, struct wf_value b)
{
    if (!a.present || !b.present)
        return false;
    if (a.type == WF_T_SET)
        a.type = b.type = WF_T_TEXT;
    return wf_value_compare(a, b) == 0;
}

static struct wf_value arithmetic(const struct wf_ir_node *node, struct wf_value a,
                                  struct wf_value b, struct wf_value c)
{
    switch (node->op) {
    case WF_IR_OR_ELSE: return a.present ? a : b;
    case WF_IR_SELECT: return a.present && a.i ? b : c;
    case WF_IR_EXACT: return same(a, b) ? a : wf_missing(node->type);
    case WF_IR_ADD: return wf_value_add(a, b);
    case WF_IR_SUB: return wf_value_sub(a, b);
    case WF_IR_NEG: return wf_value_neg(a);
    case WF_IR_MUL: return wf_value_mul(a, b);
    case WF_IR_DIV: return wf_value_div(a, b);
    case WF_IR_TO_NUMBER: return wf_value_to_number(a);
    default: return wf_value_to_money(a);
    }
}

static struct wf_value anniversary(const struct wf_scalar *scalar, const struct wf_ir_node *node,
                                   struct wf_value date)
{
    int64_t due, year;
    if (!date.present || !wf_latest_anniversary(scalar->latest, scalar->ir, scalar->params, node->b,
                                                (int32_t)date.i, &due, &year))
        return wf_missing(node->type);
    return wf_int_value(node->type, node->op == WF_IR_ANNIVERSARY ? due : year);
}

static struct wf_value calendar(const struct wf_scalar *scalar, const struct wf_ir_node *node,
                                struct wf_value a, struct wf_value b)
{
    const struct wf_zone *zone = scalar->params->zone;
    switch (node->op) {
    case WF_IR_DATE_ADD: return wf_value_date_add(a, b);
    case WF_IR_TIME_ADD: return wf_value_time_add(zone, a, b);
    case WF_IR_DATE_DIFF: return wf_value_date_diff(a, b);
    case WF_IR_TIME_DIFF: return wf_value_time_diff(a, b);
    case WF_IR_DAYS_BETWEEN: return wf_value_days_between(a, b);
    case WF_IR_DAYS_INT: return a.present ? wf_int_value(WF_T_INT, a.i) : wf_missing(WF_T_INT);
    case WF_IR_MIDNIGHT: return wf_value_midnight(zone, a);
    case WF_IR_LOCAL_TIME: return wf_value_local_time(zone, a, b);
    case WF_IR_DATE_OF: return wf_value_date_of(zone, a);
    case WF_IR_CLOCK_OF: return wf_value_clock_of(zone, a);
    default: return anniversary(scalar, node, a);
    }
}

static struct wf_value text_test(const struct wf_scalar *scalar, const struct wf_ir_node *node,
                                 struct wf_value a)
{
    struct wf_value b = scalar->ir->consts[node->b];
    switch (node->op) {
    case WF_IR_CONTAINS: return wf_value_contains(a, b);
    case WF_IR_STARTS: return wf_value_starts(a, b);
    case WF_IR_ENDS: return wf_value_ends(a, b);
    case WF_IR_MATCHES: return wf_value_matches(a, b);
    default: return wf_value_tagged(a, b);
    }
}

static struct wf_value compute(struct wf_scalar *scalar, const struct wf_ir_node *node,
                               const struct wf_value v[3])
{
    switch (node->op) {
    case WF_IR_CONST:
    case WF_IR_PARAM:
    case WF_IR_COL:
    case WF_IR_LIFT:
    case WF_IR_AGG:
    case WF_IR_ENTRY:
    case WF_IR_ENTERED:
    case WF_IR_POP: return leaf(scalar, node, v[0]);
    case WF_IR_NOT:
    case WF_IR_AND:
    case WF_IR_OR:
    case WF_IR_PRESENT:
    case WF_IR_MISSING:
    case WF_IR_KNOWN_IF:
    case WF_IR_WITHIN:
    case WF_IR_DOUBTED: return logic(scalar, node, v[0], v[1]);
    case WF_IR_EQ: return wf_value_cmp(WF_CMP_EQ, v[0], v[1]);
    case WF_IR_NE: return wf_value_cmp(WF_CMP_NE, v[0], v[1]);
    case WF_IR_LT: return wf_value_cmp(WF_CMP_LT, v[0], v[1]);
    case WF_IR_LE: return wf_value_cmp(WF_CMP_LE, v[0], v[1]);
    case WF_IR_GT: return wf_value_cmp(WF_CMP_GT, v[0], v[1]);
    case WF_IR_GE: return wf_value_cmp(WF_CMP_GE, v[0], v[1]);
    case WF_IR_IN: return in_list(scalar->ir, node->b, v[0]);
    case WF_IR_OR_ELSE:
    case WF_IR_SELECT:
    case WF_IR_EXACT:
    case WF_IR_ADD:
    case WF_IR_SUB:
    case WF_IR_NEG:
    case WF_IR_MUL:
    case WF_IR_DIV:
    case WF_IR_TO_NUMBER:
    case WF_IR_TO_MONEY: return arithmetic(node, v[0], v[1], v[2]);
    case WF_IR_CONTAINS:
    case WF_IR_STARTS:
    case WF_IR_ENDS:
    case WF_IR_MATCHES:
    case WF_IR_TAGGED: return text_test(scalar, node, v[0]);
    case WF_IR_FOLLOWED:
        return wf_scalar_followed(scalar, node->domain - (uint32_t)WF_DOM_EVENT,
                                  &scalar->ir->follows[node->b], v[0]);
    default: return calendar(scalar, node, v[0], v[1]);
    }
}

/* ---- the graph: operands first, without recursion ---- */

static bool remembered(const struct wf_scalar *scalar, uint32_t node)
{
    return scalar->stamp[node] == scalar->serial[scalar->ir->nodes[node].domain];
}

static bool push(struct wf_scalar *scalar, uint32_t node)
{
    if (wf_grow(scalar->alloc, &scalar->stack, &scalar->room_stack, scalar->n_stack + 1,
                sizeof(*scalar->stack))) {
        scalar->status = scalar->status ? scalar->status : WF_ERR_NOMEM;
        return false;
    }
    scalar->stack[scalar->n_stack++] = node;
    return true;
}

/* Pushes what the node still needs; 1: something was, 0: nothing, -1: no memory. */
static int push_operands(struct wf_scalar *scalar, uint32_t id)
{
    const struct wf_ir_node *node = &scalar->ir->nodes[id];
    const char *args = wf_ir_op_args(node->op);
    const uint32_t of[3] = {node->a, node->b, node->c};
    int pushed = 0;
    for (int i = 0; i < 3; i++) {
        if (args[i] != 'n' || remembered(scalar, of[i]))
            continue;
        if (!push(scalar, of[i]))
            return -1;
        pushed = 1;
    }
    return pushed;
}

struct wf_value wf_scalar_value(struct wf_scalar *scalar, uint32_t id)
{
    const struct wf_ir *ir = scalar->ir;
    size_t base = scalar->n_stack;
    if (!remembered(scalar, id) && !push(scalar, id))
        return wf_missing(ir->nodes[id].type);
    while (scalar->n_stack > base) {
        uint32_t top = scalar->stack[scalar->n_stack - 1];
        const struct wf_ir_node *node = &ir->nodes[top];
        int more = remembered(scalar, top) ? 0 : push_operands(scalar, top);
        if (more < 0) {
            scalar->n_stack = base;
            return wf_missing(ir->nodes[id].type);
        }
        if (more)
            continue;
        scalar->n_stack--;
        if (remembered(scalar, top))
            continue;
        const uint32_t of[3] = {node->a, node->b, node->c};
        struct wf_value v[3] = {{0}, {0}, {0}};
        for (int i = 0; i < 3; i++)
            if (wf_ir_op_args(node->op)[i] == 'n')
                v[i] = scalar->memo[of[i]];
        struct wf_value out = compute(scalar, node, v);
        out.type = node->type;
        scalar->memo[top] = out;
        scalar->stamp[top] = scalar->serial[node->domain];
    }
    return scalar->memo[id];
}

struct wf_value wf_scalar_test(struct wf_scalar *scalar, uint32_t id, struct wf_value text)
{
    const struct wf_ir_node *node = &scalar->ir->nodes[id];
    struct wf_value v[3] = {text, {0}, {0}};
    if (wf_ir_op_args(node->op)[1] == 'n') {
        bool left = scalar->ir->nodes[node->a].domain == WF_DOM_RUN; /* `"x" = name` */
        v[left ? 0 : 1] = wf_scalar_value(scalar, left ? node->a : node->b);
        v[left ? 1 : 0] = text;
    }
    return compute(scalar, node, v);
}
