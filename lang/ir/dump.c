#include "lang/ir/dump.h"

#include <inttypes.h>

#include "lang/base/intern.h"
#include "lang/ir/dump_rules.h"
#include "lang/ir/rule.h"

static const char *const part_names[] = {"value", "lo", "hi", "sure"};
static const char *const param_names[] = {"now", "today", "since", "floor"};
static const char *const agg_names[] = {"count", "sum",  "average",  "min",     "max", "distinct",
                                        "first", "last", "first of", "last of", "gap", "hour"};
static const char *const pop_names[] = {"top", "bottom", "quantile", "rank"};
static const char *const sent_names[] = {"at", "name", "kind", "channel", "journey", "step"};

const char *wf_ir_type_name(uint8_t type)
{
    static const char *const names[WF_T_COUNT_] = {"none",   "bool",    "int",  "number", "money",
                                                   "text",   "date",    "time", "clock",  "days",
                                                   "months", "seconds", "set",  "enum",   "ref"};
    return type < WF_T_COUNT_ ? names[type] : "?";
}

static void add_quoted(struct wf_buf *out, const char *text, size_t len)
{
    wf_buf_addc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            wf_buf_addf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            wf_buf_addf(out, "\\x%02x", c);
        else
            wf_buf_addc(out, (char)c);
    }
    wf_buf_addc(out, '"');
}

void wf_ir_dump_text(struct wf_buf *out, const struct wf_ir *ir, uint32_t text)
{
    if (text == WF_NONE)
        wf_buf_adds(out, "-");
    else
        add_quoted(out, ir->texts[text]->text, ir->texts[text]->len);
}

static void add_const(struct wf_buf *out, const struct wf_ir *ir, uint32_t constant)
{
    const struct wf_value *v = &ir->consts[constant];
    if (!v->present)
        wf_buf_adds(out, "missing");
    else if (v->type == WF_T_TEXT || v->type == WF_T_SET)
        add_quoted(out, v->text, v->len);
    else
        wf_value_print(out, NULL, *v);
}

static const char *field_name(const struct wf_ir *ir, const struct wf_ir_record *r, uint32_t field)
{
    return ir->texts[ir->fields[r->fields_first + field].name]->text;
}

static void add_input(struct wf_buf *out, const struct wf_ir *ir, uint32_t input)
{
    const struct wf_ir_input *in = &ir->inputs[input];
    if (in->record == WF_NONE) {
        wf_buf_addf(out, "sent.%s", sent_names[in->field]);
        return;
    }
    const struct wf_ir_record *r = in->record ? &ir->events[in->record - 1] : &ir->member;
    if (in->record)
        wf_buf_addf(out, "%s.", ir->texts[r->name]->text);
    wf_buf_adds(out, field_name(ir, r, in->field));
    if (in->via_field == WF_NONE)
        return;
    uint32_t ref = ir->fields[r->fields_first + in->field].ref;
    const struct wf_ir_record *other = ref ? &ir->tables[ref - 1] : &ir->member;
    wf_buf_addf(out, ".%s", field_name(ir, other, in->via_field));
}

static void add_domain(struct wf_buf *out, uint16_t domain)
{
    if (domain == WF_DOM_RUN)
        wf_buf_adds(out, "run");
    else if (domain == WF_DOM_MEMBER)
        wf_buf_adds(out, "member");
    else
        wf_buf_addf(out, "v%d", domain - WF_DOM_EVENT);
}

static void add_list(struct wf_buf *out, const struct wf_ir *ir, uint32_t list)
{
    const struct wf_ir_list *l = &ir->lists[list];
    wf_buf_adds(out, "(");
    for (uint32_t i = 0; i < l->count; i++) {
        wf_buf_adds(out, i ? ", " : "");
        add_const(out, ir, ir->list_items[l->first + i]);
    }
    wf_buf_adds(out, ")");
}

/* Arguments that are no nodes and no constants. */
static void add_index(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_node *node)
{
    switch (node->op) {
    case WF_IR_PARAM:
        wf_buf_addf(out, " %s", param_names[node->a]);
        if (node->a >= WF_PARAM_SINCE)
            wf_buf_addf(out, " %s%" PRIu32, node->a == WF_PARAM_SINCE ? "v" : "t", node->b);
        break;
    case WF_IR_COL:
        wf_buf_adds(out, " ");
        add_input(out, ir, node->a);
        break;
    case WF_IR_AGG: wf_buf_addf(out, " a%" PRIu32 " %s", node->a, part_names[node->b]); break;
    case WF_IR_POP: wf_buf_addf(out, " p%" PRIu32, node->a); break;
    case WF_IR_IN:
        wf_buf_adds(out, " ");
        add_list(out, ir, node->b);
        break;
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: wf_buf_addf(out, " y%" PRIu32, node->b); break;
    case WF_IR_FOLLOWED: wf_buf_addf(out, " f%" PRIu32, node->b); break;
    default: break;
    }
}

void wf_ir_dump_node(struct wf_buf *out, const struct wf_ir *ir, uint32_t node)
{
    const struct wf_ir_node *n = &ir->nodes[node];
    const char *args = wf_ir_op_args(n->op);
    const uint32_t index[3] = {n->a, n->b, n->c};
    wf_buf_addf(out, "%s ", wf_ir_type_name(n->type));
    add_domain(out, n->domain);
    wf_buf_addf(out, "  %s", wf_ir_op_name(n->op));
    for (int i = 0; i < 3; i++) {
        if (args[i] == 'n') {
            wf_buf_addf(out, " %%%" PRIu32, index[i]);
        } else if (args[i] == 'k') {
            wf_buf_addc(out, ' ');
            add_const(out, ir, index[i]);
        }
    }
    add_index(out, ir, n);
}

static void dump_reads(struct wf_buf *out, const struct wf_ir *ir)
{
    wf_buf_adds(out, "views\n");
    for (uint32_t i = 0; i < ir->n_views; i++) {
        const struct wf_ir_view *v = &ir->views[i];
        wf_buf_addf(out, "  v%" PRIu32 " %s", i,
                    v->sent ? "sent" : ir->texts[ir->events[v->event].name]->text);
        if (v->by != WF_NONE)
            wf_buf_addf(out, " by %s", field_name(ir, &ir->member, v->by));
        wf_buf_addc(out, '\n');
    }
    wf_buf_adds(out, "inputs\n");
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        wf_buf_addf(out, "  i%" PRIu32 " %s ", i, wf_ir_type_name(ir->inputs[i].type));
        add_domain(out, ir->inputs[i].domain);
        wf_buf_adds(out, "  ");
        add_input(out, ir, i);
        wf_buf_adds(out, ir->inputs[i].needed ? "\n" : "  for output only\n");
    }
}

static void dump_figures(struct wf_buf *out, const struct wf_ir *ir)
{
    wf_buf_adds(out, "aggregates\n");
    for (uint32_t i = 0; i < ir->n_aggs; i++) {
        const struct wf_ir_agg *a = &ir->aggs[i];
        wf_buf_addf(out, "  a%" PRIu32 " %s  %s v%" PRIu32, i, wf_ir_type_name(a->type),
                    agg_names[a->kind], a->view);
        if (a->value != WF_NONE)
            wf_buf_addf(out, " of %%%" PRIu32, a->value);
        wf_buf_addf(out, " where %%%" PRIu32 "\n", a->filter);
    }
    for (uint32_t i = 0; i < ir->n_pops; i++) {
        const struct wf_ir_pop *p = &ir->pops[i];
        wf_buf_addf(out, "  p%" PRIu32 " %s  %s %" PRId64 "%s by %%%" PRIu32, i,
                    wf_ir_type_name(p->type), pop_names[p->kind], p->n,
                    p->percent ? " hundredths of a percent" : "", p->x);
        if (p->among != WF_NONE)
            wf_buf_addf(out, " among %%%" PRIu32, p->among);
        if (p->per != WF_NONE)
            wf_buf_addf(out, " per %%%" PRIu32, p->per);
        wf_buf_adds(out, p->no_match ? ", outside no match\n" : "\n");
    }
    for (uint32_t i = 0; i < ir->n_annivs; i++) {
        static const char *const feb29[] = {"", " on mar1", " skip"};
        const struct wf_ir_anniv *y = &ir->annivs[i];
        wf_buf_addf(out,
                    "  y%" PRIu32 " anniversary + %" PRId64 " months %" PRId64 " days %" PRId64
                    " seconds%s\n",
                    i, y->months, y->days, y->seconds, feb29[y->feb29]);
    }
    for (uint32_t i = 0; i < ir->n_follows; i++) {
        const struct wf_ir_follow *f = &ir->follows[i];
        wf_buf_addf(out,
                    "  f%" PRIu32 " followed by v%" PRIu32 " where %%%" PRIu32 " within %" PRId64
                    " %s\n",
                    i, f->view, f->filter, f->within, wf_ir_type_name(f->unit));
    }
}

static uint32_t later(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* The pass of what a node reads through its index. */
static uint32_t stage_of_index(const struct wf_ir *ir, const struct wf_ir_node *n,
                               const uint32_t *stage)
{
    uint32_t at = 0;
    if (n->op == WF_IR_AGG) {
        const struct wf_ir_agg *agg = &ir->aggs[n->a];
        at = stage[agg->filter];
        if (agg->value != WF_NONE)
            at = later(at, stage[agg->value]);
    } else if (n->op == WF_IR_FOLLOWED) {
        at = stage[ir->follows[n->b].filter];
    } else if (n->op == WF_IR_POP) {
        const struct wf_ir_pop *pop = &ir->pops[n->a];
        at = stage[pop->x];
        if (pop->among != WF_NONE)
            at = later(at, stage[pop->among]);
        if (pop->per != WF_NONE)
            at = later(at, stage[pop->per]);
        at++;
    }
    return at;
}

uint32_t wf_ir_stages(const struct wf_ir *ir, uint32_t *stage_out)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        const struct wf_ir_node *n = &ir->nodes[i];
        const char *args = wf_ir_op_args(n->op);
        const uint32_t index[3] = {n->a, n->b, n->c};
        uint32_t at = stage_of_index(ir, n, stage_out);
        for (int k = 0; k < 3; k++)
            if (args[k] == 'n')
                at = later(at, stage_out[index[k]]);
        stage_out[i] = at;
        last = later(last, at);
    }
    return last + 1;
}

/* The passes over the members: what is reduced, and which figures end each. */
static void dump_plan(struct wf_buf *out, const struct wf_ir *ir)
{
    uint32_t *stage = wf_calloc(out->alloc, ir->n_nodes + (size_t)1, sizeof(*stage));
    if (!stage) {
        out->failed = true;
        return;
    }
    uint32_t passes = wf_ir_stages(ir, stage);
    wf_buf_adds(out, "plan\n");
    for (uint32_t s = 0; s < passes; s++) {
        wf_buf_addf(out, "  pass %" PRIu32 ":", s + 1);
        bool any = false;
        for (uint32_t i = 0; i < ir->n_pops; i++) {
            uint32_t at = stage[ir->pops[i].x];
            if (ir->pops[i].among != WF_NONE)
                at = later(at, stage[ir->pops[i].among]);
            if (ir->pops[i].per != WF_NONE)
                at = later(at, stage[ir->pops[i].per]);
            if (at == s) {
                wf_buf_addf(out, "%s p%" PRIu32, any ? "" : " population figures", i);
                any = true;
            }
        }
        wf_buf_adds(out, s + 1 == passes ? " rules\n" : "\n");
    }
    wf_free(out->alloc, stage);
}

void wf_ir_dump(struct wf_buf *out, const struct wf_ir *ir)
{
    wf_ir_dump_schema(out, ir);
    dump_reads(out, ir);
    dump_figures(out, ir);
    wf_buf_adds(out, "nodes\n");
    for (uint32_t i = 0; i < ir->n_nodes; i++) {
        wf_buf_addf(out, "  %%%" PRIu32 " ", i);
        wf_ir_dump_node(out, ir, i);
        wf_buf_addc(out, '\n');
    }
    wf_ir_dump_rules(out, ir);
    dump_plan(out, ir);
}
