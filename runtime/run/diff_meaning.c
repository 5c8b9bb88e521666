/*
 * diff_meaning.c - what a node means, as a number: of its operation and of all it is computed from,
 * down to the names of fields, and of no row's place in a table. So two programs can be compared.
 */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/run/action.h"
#include "runtime/run/diff_int.h"

struct wf_meaning {
    const struct wf_ir *ir;
    const struct wf_alloc *alloc;
    uint64_t *of; /* by node; 0: not known yet */
};

struct wf_meaning *wf_meaning_new(const struct wf_ir *ir, const struct wf_alloc *alloc)
{
    struct wf_meaning *m = wf_calloc(alloc, 1, sizeof(*m));
    if (!m)
        return NULL;
    *m = (struct wf_meaning){.ir = ir, .alloc = alloc};
    m->of = wf_calloc(alloc, ir->n_nodes, sizeof(*m->of));
    if (m->of)
        return m;
    wf_free(alloc, m);
    return NULL;
}

void wf_meaning_free(struct wf_meaning *meaning)
{
    if (!meaning)
        return;
    wf_free(meaning->alloc, meaning->of);
    wf_free(meaning->alloc, meaning);
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    uint64_t both[2] = {hash, more};
    return XXH3_64bits(both, sizeof(both));
}

static uint64_t mix_text(uint64_t hash, const struct wf_ir *ir, uint32_t text)
{
    const char *bytes = wf_ir_text(ir, text);
    return mix(hash, XXH3_64bits(bytes, strlen(bytes)));
}

static uint64_t mix_const(uint64_t hash, const struct wf_value *value)
{
    uint64_t bits = 0;
    hash = mix(mix(hash, value->type), value->present);
    if (!value->present)
        return hash;
    if (value->type == WF_T_TEXT || value->type == WF_T_SET)
        return mix(hash, XXH3_64bits(value->text, value->len));
    memcpy(&bits, value->type == WF_T_NUMBER ? (const void *)&value->f : &value->i, sizeof(bits));
    return mix(hash, bits);
}

static const struct wf_ir_record *record_of(const struct wf_ir *ir, uint32_t record)
{
    return record == 0 ? &ir->member : &ir->events[record - 1];
}

uint64_t wf_meaning_view(struct wf_meaning *m, uint32_t view)
{
    if (view == WF_NONE)
        return 1;
    const struct wf_ir_view *v = &m->ir->views[view];
    uint64_t hash = mix(2, v->sent);
    if (!v->sent)
        hash = mix_text(hash, m->ir, m->ir->events[v->event].name);
    if (v->by != WF_NONE)
        hash = mix_text(hash, m->ir, m->ir->fields[m->ir->member.fields_first + v->by].name);
    return hash;
}

static uint64_t input(struct wf_meaning *m, uint32_t i)
{
    const struct wf_ir *ir = m->ir;
    const struct wf_ir_input *in = &ir->inputs[i];
    uint64_t hash = mix(3, in->type);
    if (in->domain >= WF_DOM_EVENT)
        hash = mix(hash, wf_meaning_view(m, in->domain - (uint32_t)WF_DOM_EVENT));
    if (in->record == WF_NONE)
        return mix(hash, in->field);
    const struct wf_ir_field *field =
        &ir->fields[record_of(ir, in->record)->fields_first + in->field];
    hash = mix_text(hash, ir, field->name);
    if (in->via_field == WF_NONE)
        return hash;
    const struct wf_ir_record *to = field->ref == 0 ? &ir->member : &ir->tables[field->ref - 1];
    return mix_text(hash, ir, ir->fields[to->fields_first + in->via_field].name);
}

static uint64_t agg(struct wf_meaning *m, uint32_t i)
{
    const struct wf_ir_agg *a = &m->ir->aggs[i];
    uint64_t hash = mix(mix(4, a->kind), wf_meaning_view(m, a->view));
    return mix(mix(hash, wf_meaning_node(m, a->filter)), wf_meaning_node(m, a->value));
}

static uint64_t pop(struct wf_meaning *m, uint32_t i)
{
    const struct wf_ir_pop *p = &m->ir->pops[i];
    uint64_t hash = mix(mix(mix(mix(5, p->kind), p->percent), p->no_match), (uint64_t)p->n);
    hash = mix(mix(hash, wf_meaning_node(m, p->x)), wf_meaning_node(m, p->among));
    return mix(hash, wf_meaning_node(m, p->per));
}

static uint64_t list(struct wf_meaning *m, uint32_t i)
{
    const struct wf_ir_list *l = &m->ir->lists[i];
    uint64_t hash = mix(6, l->count);
    for (uint32_t k = 0; k < l->count; k++)
        hash = mix_const(hash, &m->ir->consts[m->ir->list_items[l->first + k]]);
    return hash;
}

static uint64_t anniversary(const struct wf_ir_anniv *a)
{
    uint64_t hash = mix(mix(7, (uint64_t)a->months), (uint64_t)a->days);
    return mix(mix(hash, (uint64_t)a->seconds), a->feb29);
}

static uint64_t follow(struct wf_meaning *m, uint32_t i)
{
    const struct wf_ir_follow *f = &m->ir->follows[i];
    uint64_t hash = mix(wf_meaning_view(m, f->view), wf_meaning_node(m, f->filter));
    return mix(mix(hash, f->unit), (uint64_t)f->within);
}

/* What an operand that is no node and no constant stands for. */
static uint64_t other(struct wf_meaning *m, const struct wf_ir_node *node, unsigned operand,
                      uint32_t i)
{
    switch ((enum wf_ir_op)node->op) {
    case WF_IR_COL: return input(m, i);
    case WF_IR_AGG: return operand == 0 ? agg(m, i) : i;
    case WF_IR_POP: return pop(m, i);
    case WF_IR_LIFT:
    case WF_IR_ENTERED: return wf_meaning_view(m, i);
    case WF_IR_IN: return list(m, i);
    case WF_IR_ANNIVERSARY:
    case WF_IR_ANNIV_YEAR: return anniversary(&m->ir->annivs[i]);
    case WF_IR_FOLLOWED: return follow(m, i);
    case WF_IR_PARAM: /* of which rule, or view, does not matter */
        if (operand == 0)
            return i;
        return node->a == WF_PARAM_SINCE ? wf_meaning_view(m, i) : 0;
    default: return i;
    }
}

/* As deep as the graph, whose height is bounded (WF_MAX_HEIGHT). */
uint64_t wf_meaning_node(struct wf_meaning *m, uint32_t i)
{
    if (i == WF_NONE)
        return 1;
    if (m->of[i])
        return m->of[i];
    const struct wf_ir_node *node = &m->ir->nodes[i];
    const uint32_t operands[3] = {node->a, node->b, node->c};
    const char *args = wf_ir_op_args(node->op);
    uint64_t hash = mix(mix(8, node->op), node->type);
    for (unsigned k = 0; k < 3; k++) {
        if (args[k] == 'n')
            hash = mix(hash, wf_meaning_node(m, operands[k]));
        else if (args[k] == 'k')
            hash = mix_const(hash, &m->ir->consts[operands[k]]);
        else if (args[k] == 'i')
            hash = mix(hash, other(m, node, k, operands[k]));
    }
    m->of[i] = hash ? hash : 1;
    return m->of[i];
}
