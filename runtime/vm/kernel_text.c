/*
 * Text tests: decided once for each distinct text when the program is bound, looked up by row. All
 * that are asked of one column share the sorting of its cells into kinds.
 */
#include <string.h>

#include "runtime/vm/machine.h"

/* ---- when the program is bound ---- */

/* What is asked of the column by the instructions from i on, as many as fit the same kinds. */
static enum wf_status sort_column(struct wf_bound *bound, uint32_t i)
{
    const struct wf_program *program = bound->program;
    uint32_t input = program->insns[i].d;
    const struct wf_column *column = &bound->data->inputs[input];
    struct wf_kinds *kinds = NULL;
    if (column->width != 1) {
        kinds = wf_arena_alloc(&bound->arena, sizeof(*kinds));
        if (!kinds || wf_kinds_init(kinds, column->dict->n, &bound->arena))
            return WF_ERR_NOMEM;
    }
    uint32_t sorting = wf_sorting_of(bound, input, kinds, 0);
    for (; i < program->n_insns; i++) {
        struct wf_aux *aux = &bound->aux[i];
        if (program->insns[i].op != WF_OP_TEXT_LUT || program->insns[i].d != input || aux->asked ||
            !aux->table || (kinds && !wf_kinds_tell(kinds, aux->table, NULL)))
            continue;
        aux->asked = wf_arena_alloc(&bound->arena, sizeof(*aux->asked));
        if (!aux->asked)
            return WF_ERR_NOMEM;
        *aux->asked = (struct wf_asked){.sorting = sorting, .kinds = kinds};
    }
    return WF_OK;
}

enum wf_status wf_sort_texts(struct wf_bound *bound)
{
    const struct wf_program *program = bound->program;
    enum wf_status status = WF_OK;
    for (uint32_t i = 0; i < program->n_insns && !status; i++)
        if (program->insns[i].op == WF_OP_TEXT_LUT && bound->aux[i].table && !bound->aux[i].asked)
            status = sort_column(bound, i);
    for (uint32_t i = 0; i < program->n_insns && !status; i++) {
        struct wf_asked *asked = bound->aux[i].asked;
        if (program->insns[i].op != WF_OP_TEXT_LUT || !asked)
            continue;
        const struct wf_dict *dict = bound->data->inputs[program->insns[i].d].dict;
        asked->count = asked->kinds ? asked->kinds->count : dict->n;
        if (asked->kinds)
            wf_kinds_table(asked->kinds, bound->aux[i].table, asked->t);
        for (uint32_t code = 0; !asked->kinds && code < dict->n; code++)
            asked->t[code / 64] |= (uint64_t)(bound->aux[i].table[code / 32] >> (code % 32) & 1)
                                   << (code % 64);
    }
    return status;
}

/* ---- by row ---- */

/* dst from the bits of `table` for these codes. */
static void look_up(struct wf_worker *worker, const struct wf_insn *insn, const uint32_t *codes,
                    const uint64_t *present)
{
    const uint32_t *table = worker->bound->aux[insn - worker->bound->program->insns].table;
    struct wf_breg *dst = &worker->b[insn->dst];
    if (!table) {
        wf_unknown(worker, dst);
        return;
    }
    worker->bound->lanes->lookup(table, codes, worker->n, dst->own_t);
    for (size_t i = 0; i < wf_bit_words(worker->n); i++) {
        dst->own_t[i] &= present[i];
        dst->own_k[i] = present[i];
    }
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}

void wf_k_text_lut(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_bound *bound = worker->bound;
    const struct wf_asked *asked = bound->aux[insn - bound->program->insns].asked;
    const struct wf_vreg *a = &worker->w[insn->a];
    struct wf_breg *dst = &worker->b[insn->dst];
    if (!asked) {
        wf_unknown(worker, dst);
        return;
    }
    const uint8_t *kinds = wf_sorted_kinds(worker, asked->sorting, &(bool){false});
    bound->lanes->pick(kinds, asked->t, asked->count, worker->n, a->present, dst->own_t);
    wf_known_where(worker, dst, a);
}

void wf_k_text_test(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->v[insn->a];
    const int64_t *ids = a->data;
    uint32_t codes[WF_BATCH];
    for (uint32_t i = 0; i < worker->n; i++) /* lanes of missing texts may hold anything */
        codes[i] = wf_bit(a->present, i) ? (uint32_t)ids[i] : 0;
    look_up(worker, insn, codes, a->present);
}
