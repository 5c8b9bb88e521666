#include "lang/ir/verify.h"

#include <math.h>
#include <string.h>

#include "lang/base/intern.h"
#include "lang/base/limits.h"
#include "lang/base/utf8.h"
#include "lang/ir/desc.h"
#include "lang/ir/rule.h"
#include "lang/ir/verify_rules.h"

bool wf_ir_fault(struct wf_ir_fault *fault, const char *table, uint32_t row, const char *rule)
{
    *fault = (struct wf_ir_fault){table, row, rule};
    return false;
}

bool wf_ir_node_is(const struct wf_ir *ir, uint32_t node, uint16_t domain, enum wf_type type)
{
    if (node >= ir->n_nodes)
        return false;
    const struct wf_ir_node *n = &ir->nodes[node];
    return (n->domain == WF_DOM_RUN || n->domain == domain) &&
           (type == WF_T_NONE || n->type == type);
}

/* ---- fields by their description ---- */

/* How many rows of each table are claimed by ranges: never more than there are, or a small file
 * could ask for endless work. */
struct claims {
    uint64_t rows[WF_IRT_COUNT_];
};

static bool field_ok(const struct wf_ir *ir, const void *row, const struct wf_ir_fd *fd,
                     struct claims *claims)
{
    unsigned char byte;
    uint32_t index, count;
    const char *at = (const char *)row + fd->offset;
    switch (fd->kind) {
    case WF_FK_BOOL: memcpy(&byte, at, 1); return byte <= 1;
    case WF_FK_U8: memcpy(&byte, at, 1); return byte < fd->limit;
    case WF_FK_REF:
    case WF_FK_OPT:
        memcpy(&index, at, sizeof(index));
        return index < wf_ir_table_n(ir, fd->table) || (fd->kind == WF_FK_OPT && index == WF_NONE);
    case WF_FK_FIRST: /* its COUNT is the next field: ir_field.def writes both as one SPAN */
        memcpy(&index, at, sizeof(index));
        memcpy(&count, (const char *)row + fd[1].offset, sizeof(count));
        claims->rows[fd->table] += count;
        return index <= wf_ir_table_n(ir, fd->table) &&
               count <= wf_ir_table_n(ir, fd->table) - index &&
               claims->rows[fd->table] <= wf_ir_table_n(ir, fd->table);
    default: return true;
    }
}

static bool fields_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    struct claims claims = {{0}};
    for (int t = 0; t < WF_IRT_COUNT_; t++) {
        const struct wf_ir_td *td = &wf_ir_td[t];
        uint32_t n = wf_ir_table_n(ir, (enum wf_ir_table)t);
        for (uint32_t r = 0; r < n; r++) {
            const void *row = td->n_fields ? wf_ir_row(ir, (enum wf_ir_table)t, r) : NULL;
            for (int f = 0; f < td->n_fields; f++)
                if (!field_ok(ir, row, &td->fields[f], &claims))
                    return wf_ir_fault(fault, td->name, r, td->fields[f].name);
        }
    }
    const struct wf_ir_td *record = &wf_ir_td[WF_IRT_events];
    for (int f = 0; f < record->n_fields; f++) {
        bool nameless = f == 0 && ir->member.name == WF_NONE; /* a program without a schema */
        if (!nameless && !field_ok(ir, &ir->member, &record->fields[f], &claims))
            return wf_ir_fault(fault, "member", 0, record->fields[f].name);
    }
    if ((ir->timezone != WF_NONE && ir->timezone >= ir->n_texts) ||
        (ir->merges != WF_NONE && ir->merges >= ir->n_texts))
        return wf_ir_fault(fault, "texts", 0, "timezone or merges");
    return true;
}

/* ---- texts, constants, lists ---- */

static bool scalar_in_range(const struct wf_value *v)
{
    switch (v->type) {
    case WF_T_BOOL: return v->i == 0 || v->i == 1;
    case WF_T_NUMBER: return isfinite(v->f);
    case WF_T_DATE: return wf_day_in_calendar(v->i);
    case WF_T_TIME: return wf_time_in_calendar(v->i);
    case WF_T_CLOCK: return v->i >= 0 && v->i < WF_DAY_SECONDS;
    case WF_T_ENUM: return v->i >= 0 && v->i <= INT32_MAX;
    case WF_T_REF: return false; /* rows are known only to a night */
    default: return true;
    }
}

static bool const_ok(const struct wf_value *v)
{
    unsigned char present;
    memcpy(&present, &v->present, 1);
    if (present > 1 || v->type == WF_T_NONE || v->type >= WF_T_COUNT_)
        return false;
    if (!v->present)
        return true;
    if (v->type == WF_T_TEXT || v->type == WF_T_SET)
        return v->len == 0 || wf_utf8_valid(v->text, v->len) == v->len;
    return scalar_in_range(v);
}

static bool list_ok(const struct wf_ir *ir, const struct wf_ir_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct wf_value *v = &ir->consts[ir->list_items[list->first + i]];
        const struct wf_value *before = i ? &ir->consts[ir->list_items[list->first + i - 1]] : NULL;
        if (!v->present || v->type == WF_T_SET)
            return false;
        if (before && (before->type != v->type || wf_value_compare(*before, *v) >= 0))
            return false;
    }
    return true;
}

static bool values_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_texts; i++)
        if (wf_utf8_valid(ir->texts[i]->text, ir->texts[i]->len) != ir->texts[i]->len)
            return wf_ir_fault(fault, "texts", i, "UTF-8");
    for (uint32_t i = 0; i < ir->n_consts; i++)
        if (!const_ok(&ir->consts[i]))
            return wf_ir_fault(fault, "consts", i, "value");
    for (uint32_t i = 0; i < ir->n_lists; i++)
        if (!list_ok(ir, &ir->lists[i]))
            return wf_ir_fault(fault, "lists", i, "items ascend and are of one type");
    return true;
}

/* ---- schema ---- */

static bool default_ok(const struct wf_ir *ir, const struct wf_ir_field *f, uint32_t constant)
{
    if (constant == WF_NONE)
        return true;
    const struct wf_value *v = &ir->consts[constant];
    return v->type == f->type && (v->type != WF_T_ENUM || !v->present || v->i < f->enums_count);
}

static bool field_row_ok(const struct wf_ir *ir, uint32_t i, struct wf_ir_fault *fault)
{
    const struct wf_ir_field *f = &ir->fields[i];
    if (f->type == WF_T_NONE || f->type == WF_T_MONTHS || f->type == WF_T_SECONDS)
        return wf_ir_fault(fault, "fields", i, "type");
    if ((f->type == WF_T_ENUM) != (f->enums_count > 0))
        return wf_ir_fault(fault, "fields", i, "enums");
    if (f->type == WF_T_REF ? f->ref > ir->n_tables : f->ref != 0)
        return wf_ir_fault(fault, "fields", i, "ref");
    if (f->has_default != (f->default_const != WF_NONE) || !default_ok(ir, f, f->default_const))
        return wf_ir_fault(fault, "fields", i, "default");
    if (!default_ok(ir, f, f->missing_as))
        return wf_ir_fault(fault, "fields", i, "missing as");
    return true;
}

static bool schema_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_fields; i++)
        if (!field_row_ok(ir, i, fault))
            return false;
    return true;
}

static const struct wf_ir_field *field_of(const struct wf_ir *ir, const struct wf_ir_record *r,
                                          uint32_t field)
{
    return field < r->fields_count ? &ir->fields[r->fields_first + field] : NULL;
}

static bool is_void_when(const struct wf_ir *ir, uint32_t event, uint32_t node)
{
    uint16_t domain = ir->nodes[node].domain;
    if (ir->nodes[node].type != WF_T_BOOL || domain == WF_DOM_MEMBER)
        return false;
    if (domain == WF_DOM_RUN)
        return true;
    const struct wf_ir_view *view = &ir->views[domain - WF_DOM_EVENT];
    return !view->sent && view->event == event;
}

/* event: its index, or WF_NONE for the member and tables. */
static const char *record_fault(const struct wf_ir *ir, const struct wf_ir_record *r,
                                uint32_t event)
{
    for (uint32_t i = 0; i < r->unique_count; i++)
        if (ir->uniques[r->unique_first + i] >= r->fields_count)
            return "unique";
    const struct wf_ir_field *at = field_of(ir, r, r->at_field);
    if (event == WF_NONE ? r->at_field != WF_NONE : !at || at->type != WF_T_TIME)
        return "at";
    const struct wf_ir_field *member = field_of(ir, r, r->member_field);
    if (r->member_field != WF_NONE && (event == WF_NONE || !member || member->type != WF_T_TEXT))
        return "member";
    if (r->void_when != WF_NONE && (event == WF_NONE || !is_void_when(ir, event, r->void_when)))
        return "void when";
    if (r->complete_since != INT32_MIN && !wf_day_in_calendar(r->complete_since))
        return "complete since";
    return NULL;
}

static bool records_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    const char *why;
    if ((why = record_fault(ir, &ir->member, WF_NONE)))
        return wf_ir_fault(fault, "member", 0, why);
    for (uint32_t i = 0; i < ir->n_tables; i++)
        if ((why = record_fault(ir, &ir->tables[i], WF_NONE)))
            return wf_ir_fault(fault, "tables", i, why);
    for (uint32_t i = 0; i < ir->n_events; i++)
        if ((why = record_fault(ir, &ir->events[i], i)))
            return wf_ir_fault(fault, "events", i, why);
    return true;
}

/* ---- what is read ---- */

static bool view_ok(const struct wf_ir *ir, const struct wf_ir_view *view)
{
    if (view->sent != (view->event == WF_NONE))
        return false;
    if (view->by == WF_NONE)
        return true;
    const struct wf_ir_field *f = field_of(ir, &ir->member, view->by);
    return f && f->type == WF_T_REF && f->ref == 0;
}

static bool sent_input_ok(const struct wf_ir_input *input)
{
    if (input->field > WF_SENT_STEP || input->via_field != WF_NONE)
        return false;
    return input->type == (input->field == WF_SENT_AT ? WF_T_TIME : WF_T_TEXT);
}

static bool input_ok(const struct wf_ir *ir, const struct wf_ir_input *input)
{
    const struct wf_ir_record *record = &ir->member;
    if (input->domain == WF_DOM_RUN)
        return false;
    if (input->domain >= WF_DOM_EVENT) {
        uint32_t view = (uint32_t)input->domain - WF_DOM_EVENT;
        if (view >= ir->n_views)
            return false;
        if (ir->views[view].sent)
            return input->record == WF_NONE && sent_input_ok(input);
        if (input->record != ir->views[view].event + 1)
            return false;
        record = &ir->events[ir->views[view].event];
    } else if (input->record != 0) {
        return false;
    }
    const struct wf_ir_field *f = field_of(ir, record, input->field);
    if (f && input->via_field != WF_NONE) {
        if (f->type != WF_T_REF)
            return false;
        f = field_of(ir, f->ref ? &ir->tables[f->ref - 1] : &ir->member, input->via_field);
    }
    return f && f->type == input->type;
}

static bool reads_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    if (ir->n_views > UINT16_MAX - WF_DOM_EVENT)
        return wf_ir_fault(fault, "views", ir->n_views, "number");
    for (uint32_t i = 0; i < ir->n_views; i++)
        if (!view_ok(ir, &ir->views[i]))
            return wf_ir_fault(fault, "views", i, "event or member");
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        if (!input_ok(ir, &ir->inputs[i]))
            return wf_ir_fault(fault, "inputs", i, "record, field or type");
    return true;
}

/* ---- nodes and the figures they read ---- */

static bool nodes_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    if (ir->n_nodes > WF_MAX_NODES)
        return wf_ir_fault(fault, "nodes", ir->n_nodes, "WF_MAX_NODES");
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        struct wf_ir_node node = ir->nodes[i];
        const char *why = wf_ir_rule(ir, i, &node);
        if (!why && (node.type != ir->nodes[i].type || node.type == WF_T_NONE))
            why = "type";
        if (!why && node.domain != ir->nodes[i].domain)
            why = "domain";
        if (!why && node.op == WF_IR_PARAM && node.a == WF_PARAM_FLOOR && node.b >= ir->n_triggers)
            why = "trigger of a floor";
        if (why)
            return wf_ir_fault(fault, "nodes", i, why);
    }
    return true;
}

/* Types whose values have an order that figures can be made of. */
static bool is_measured(uint8_t type)
{
    switch (type) {
    case WF_T_INT:
    case WF_T_NUMBER:
    case WF_T_MONEY:
    case WF_T_DATE:
    case WF_T_TIME:
    case WF_T_CLOCK:
    case WF_T_DAYS:
    case WF_T_MONTHS:
    case WF_T_SECONDS:
    case WF_T_ENUM: return true;
    default: return false;
    }
}

static bool is_quantity(uint8_t type)
{
    return type == WF_T_INT || type == WF_T_NUMBER || type == WF_T_MONEY;
}

/* The type an aggregate of a value of type `of` has; WF_T_NONE: there is no such aggregate. */
static enum wf_type agg_type(uint8_t kind, enum wf_type of)
{
    bool none = of == WF_T_NONE;
    switch ((enum wf_ir_agg_kind)kind) {
    case WF_AGG_COUNT: return none ? WF_T_INT : WF_T_NONE;
    case WF_AGG_SUM: return is_quantity((uint8_t)of) ? of : WF_T_NONE;
    case WF_AGG_AVERAGE: return is_quantity((uint8_t)of) ? WF_T_NUMBER : WF_T_NONE;
    case WF_AGG_MIN:
    case WF_AGG_MAX: return is_measured((uint8_t)of) ? of : WF_T_NONE;
    case WF_AGG_DISTINCT: return none || of == WF_T_SET ? WF_T_NONE : WF_T_INT;
    case WF_AGG_FIRST:
    case WF_AGG_LAST: return none ? WF_T_TIME : WF_T_NONE;
    case WF_AGG_FIRST_OF:
    case WF_AGG_LAST_OF: return of;
    case WF_AGG_GAP: return none ? WF_T_DAYS : WF_T_NONE;
    case WF_AGG_HOUR: return none ? WF_T_CLOCK : WF_T_NONE;
    case WF_AGG_COUNT_: break;
    }
    return WF_T_NONE;
}

static bool agg_ok(const struct wf_ir *ir, const struct wf_ir_agg *agg)
{
    uint16_t domain = (uint16_t)(WF_DOM_EVENT + agg->view);
    enum wf_type of = WF_T_NONE;
    if (!wf_ir_node_is(ir, agg->filter, domain, WF_T_BOOL))
        return false;
    if (agg->value != WF_NONE) {
        if (!wf_ir_node_is(ir, agg->value, domain, WF_T_NONE))
            return false;
        of = (enum wf_type)ir->nodes[agg->value].type;
    }
    return agg->type != WF_T_NONE && agg->type == agg_type(agg->kind, of);
}

static bool pop_ok(const struct wf_ir *ir, const struct wf_ir_pop *pop)
{
    bool cut = pop->kind == WF_POP_TOP || pop->kind == WF_POP_BOTTOM;
    if (!wf_ir_node_is(ir, pop->x, WF_DOM_MEMBER, WF_T_NONE) ||
        !is_measured(ir->nodes[pop->x].type))
        return false;
    if (pop->among != WF_NONE && !wf_ir_node_is(ir, pop->among, WF_DOM_MEMBER, WF_T_BOOL))
        return false;
    if (pop->per != WF_NONE && !wf_ir_node_is(ir, pop->per, WF_DOM_MEMBER, WF_T_NONE))
        return false;
    if (pop->type != (cut ? WF_T_BOOL : WF_T_INT) || (!cut && (pop->percent || pop->no_match)))
        return false;
    if (cut)
        return pop->n >= 0 && (!pop->percent || pop->n <= 10000);
    return pop->kind == WF_POP_RANK ? pop->n == 0 : pop->n >= 2 && pop->n <= 1000;
}

static bool follow_ok(const struct wf_ir *ir, const struct wf_ir_follow *follow)
{
    bool calendar = follow->unit == WF_T_DAYS || follow->unit == WF_T_MONTHS;
    return (calendar || follow->unit == WF_T_SECONDS) && follow->within >= 0 &&
           wf_ir_node_is(ir, follow->filter, (uint16_t)(WF_DOM_EVENT + follow->view), WF_T_BOOL);
}

static bool figures_ok(const struct wf_ir *ir, struct wf_ir_fault *fault)
{
    for (uint32_t i = 0; i < ir->n_aggs; i++)
        if (!agg_ok(ir, &ir->aggs[i]))
            return wf_ir_fault(fault, "aggs", i, "filter, value or type");
    for (uint32_t i = 0; i < ir->n_pops; i++)
        if (!pop_ok(ir, &ir->pops[i]))
            return wf_ir_fault(fault, "pops", i, "x, among, per, n or type");
    for (uint32_t i = 0; i < ir->n_follows; i++)
        if (!follow_ok(ir, &ir->follows[i]))
            return wf_ir_fault(fault, "follows", i, "filter or time");
    return true;
}

enum wf_status wf_ir_verify(const struct wf_ir *ir, struct wf_ir_fault *fault_out)
{
    *fault_out = (struct wf_ir_fault){NULL, 0, NULL};
    /* Each relies on those before it. */
    bool ok = fields_ok(ir, fault_out) && values_ok(ir, fault_out) && schema_ok(ir, fault_out) &&
              reads_ok(ir, fault_out) && nodes_ok(ir, fault_out) && records_ok(ir, fault_out) &&
              figures_ok(ir, fault_out) && wf_ir_verify_rules(ir, fault_out);
    return ok ? WF_OK : WF_ERR_FORMAT;
}
