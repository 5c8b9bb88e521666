#include "runtime/vm/noted.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/vm/machine.h"

/* ---- what reasons show ---- */

/* A walk through the nodes that a trigger shows. */
struct finding {
    const struct wf_ir *ir;
    const struct wf_alloc *alloc;
    bool *reduced;   /* by aggregate: in the last stage */
    uint32_t *seen;  /* by node: the last trigger that had it, from 1 on */
    uint32_t *stack; /* nodes, each once */
    uint32_t n_stack;
};

static void find_reduced(const struct wf_program *program, bool *reduced)
{
    for (uint32_t b = 0; b < program->n_blocks; b++) {
        const struct wf_block *block = &program->blocks[b];
        const struct wf_insn *insns = program->insns + block->first;
        for (uint32_t i = 0; block->stage + 1 >= program->n_stages && i < block->count; i++)
            if (insns[i].op >= WF_OP_REDUCE && insns[i].op <= WF_OP_REDUCE_W)
                reduced[insns[i].c] = true;
    }
}

static void visit(struct finding *f, uint32_t trigger, uint32_t node)
{
    if (f->seen[node] == trigger + 1)
        return;
    f->seen[node] = trigger + 1;
    f->stack[f->n_stack++] = node;
}

/* Texts and rows are numbered differently from run to run. */
static bool is_kept(const struct finding *f, uint32_t agg)
{
    char kind = wf_kind_of_type(f->ir->aggs[agg].type);
    return f->reduced[agg] && kind != 'T' && f->ir->aggs[agg].type != WF_T_REF;
}

static enum wf_status take_node(struct wf_noted *noted, struct finding *f, uint32_t trigger,
                                const struct wf_ir_node *node)
{
    const char *letters = wf_ir_op_args(node->op);
    const uint32_t of[3] = {node->a, node->b, node->c};
    for (int i = 0; i < 3; i++)
        if (letters[i] == 'n')
            visit(f, trigger, of[i]);
    if (node->op != WF_IR_AGG || !is_kept(f, node->a))
        return WF_OK;
    if (wf_grow(f->alloc, &noted->wanted, &noted->room_wanted, noted->n_wanted + 1,
                sizeof(*noted->wanted)) != 0)
        return WF_ERR_NOMEM;
    noted->wanted[noted->n_wanted++] = node->a * WF_PART_COUNT_ + node->b;
    return WF_OK;
}

static enum wf_status find_wanted(struct wf_noted *noted, struct finding *f, uint32_t trigger)
{
    const struct wf_ir *ir = f->ir;
    const struct wf_ir_trigger *rule = &ir->triggers[trigger];
    enum wf_status status = WF_OK;
    noted->first[trigger] = (uint32_t)noted->n_wanted;
    for (uint32_t a = 0; rule->moment != WF_MOMENT_EVENT && a < rule->atoms_count; a++) {
        const struct wf_ir_atom *atom = &ir->atoms[rule->atoms_first + a];
        for (uint32_t s = 0; s < atom->shows_count; s++)
            visit(f, trigger, ir->shows[atom->shows_first + s].node);
    }
    while (!status && f->n_stack > 0)
        status = take_node(noted, f, trigger, &ir->nodes[f->stack[--f->n_stack]]);
    return status;
}

enum wf_status wf_noted_init(struct wf_noted *noted, const struct wf_program *program,
                             uint32_t n_members, unsigned threads, const struct wf_alloc *alloc)
{
    const struct wf_ir *ir = &program->ir;
    *noted = (struct wf_noted){
        .alloc = alloc,
        .n_triggers = ir->n_triggers,
        .n_lists = threads,
        .first = wf_calloc(alloc, ir->n_triggers + (size_t)1, sizeof(*noted->first)),
        .lists = wf_calloc(alloc, threads, sizeof(*noted->lists)),
        .places = wf_calloc(alloc, n_members / WF_BATCH + (size_t)1, sizeof(*noted->places))};
    struct finding f = {.ir = ir,
                        .alloc = alloc,
                        .reduced = wf_calloc(alloc, ir->n_aggs + (size_t)1, sizeof(*f.reduced)),
                        .seen = wf_calloc(alloc, ir->n_nodes + (size_t)1, sizeof(*f.seen)),
                        .stack = wf_calloc(alloc, ir->n_nodes + (size_t)1, sizeof(*f.stack))};
    bool made = noted->first && noted->lists && noted->places && f.reduced && f.seen && f.stack;
    enum wf_status status = made ? WF_OK : WF_ERR_NOMEM;
    if (made)
        find_reduced(program, f.reduced);
    for (uint32_t t = 0; !status && t < ir->n_triggers; t++)
        status = find_wanted(noted, &f, t);
    if (!status)
        noted->first[ir->n_triggers] = (uint32_t)noted->n_wanted;
    wf_free(alloc, f.reduced);
    wf_free(alloc, f.seen);
    wf_free(alloc, f.stack);
    return status;
}

void wf_noted_release(struct wf_noted *noted)
{
    for (uint32_t i = 0; noted->lists && i < noted->n_lists; i++)
        wf_free(noted->alloc, noted->lists[i].items);
    wf_free(noted->alloc, noted->first);
    wf_free(noted->alloc, noted->wanted);
    wf_free(noted->alloc, noted->lists);
    wf_free(noted->alloc, noted->places);
    *noted = (struct wf_noted){0};
}

/* ---- keeping ---- */

static struct wf_noted_item item_of(const struct wf_worker *machine, uint32_t what, uint32_t member)
{
    uint32_t agg = what / WF_PART_COUNT_, part = what % WF_PART_COUNT_;
    uint32_t i = member - machine->member;
    const struct wf_reduction *r = &machine->reductions[agg];
    struct wf_noted_item item = {.member = member, .what = what & INT32_MAX, .present = 1};
    if (part == WF_PART_SURE) {
        item.value = wf_bit(r->sure, i);
        return item;
    }
    item.present = wf_bit(r->part_k[part], i);
    if (!item.present)
        return item;
    switch (wf_kind_of_type(machine->bound->program->ir.aggs[agg].type)) {
    case 'B': item.value = wf_bit(r->value_t, i); break;
    case 'D': item.value = ((const int32_t *)r->part[part])[i]; break;
    default: item.value = ((const int64_t *)r->part[part])[i]; break;
    }
    return item;
}

enum wf_status wf_noted_keep(struct wf_noted *noted, unsigned worker, uint32_t trigger,
                             uint32_t member)
{
    if (!noted || trigger >= noted->n_triggers)
        return WF_OK;
    struct wf_noted_list *list = &noted->lists[worker];
    uint32_t from = noted->first[trigger], to = noted->first[trigger + 1];
    if (from == to)
        return WF_OK;
    if (wf_grow(noted->alloc, &list->items, &list->room, list->n + (to - from),
                sizeof(*list->items)) != 0)
        return WF_ERR_NOMEM;
    for (uint32_t i = from; i < to; i++)
        list->items[list->n++] = item_of(list->machine, noted->wanted[i], member);
    return WF_OK;
}

void wf_noted_parts(const struct wf_noted *noted, uint8_t *agg_parts)
{
    for (size_t i = 0; i < noted->n_wanted; i++)
        agg_parts[noted->wanted[i] / WF_PART_COUNT_] |=
            (uint8_t)(1u << noted->wanted[i] % WF_PART_COUNT_);
}

static int by_member(const void *a, const void *b)
{
    const struct wf_noted_item *x = a, *y = b;
    if (x->member != y->member)
        return x->member < y->member ? -1 : 1;
    return (x->what > y->what) - (x->what < y->what);
}

void wf_noted_close(struct wf_noted *noted, unsigned worker)
{
    struct wf_noted_list *list = &noted->lists[worker];
    if (list->n > list->sorted + 1)
        qsort(list->items + list->sorted, list->n - list->sorted, sizeof(*list->items), by_member);
    for (; list->sorted < list->n; list->sorted++) {
        struct wf_noted_place *place = &noted->places[list->items[list->sorted].member / WF_BATCH];
        if (place->n++ == 0)
            *place = (struct wf_noted_place){.list = worker, .n = 1, .first = list->sorted};
    }
}

/* ---- asking ---- */

bool wf_noted_value(const struct wf_noted *noted, const struct wf_ir *ir, uint32_t agg,
                    uint32_t part, uint32_t member, struct wf_value *out)
{
    if (noted->n_wanted == 0)
        return false;
    const struct wf_noted_place *place = &noted->places[member / WF_BATCH];
    const struct wf_noted_item key = {.member = member,
                                      .what = (agg * WF_PART_COUNT_ + part) & INT32_MAX};
    const struct wf_noted_item *item =
        place->n == 0 ? NULL
                      : bsearch(&key, noted->lists[place->list].items + place->first, place->n,
                                sizeof(key), by_member);
    if (!item)
        return false;
    enum wf_type type = part == WF_PART_SURE ? WF_T_BOOL : (enum wf_type)ir->aggs[agg].type;
    *out = wf_missing(type);
    if (!item->present)
        return true;
    *out = wf_int_value(type, item->value);
    if (type == WF_T_NUMBER)
        memcpy(&out->f, &item->value, sizeof(out->f));
    return true;
}
