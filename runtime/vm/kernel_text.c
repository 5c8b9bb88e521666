/* Text tests: decided once for each distinct text when the program is bound, looked up by row. */
#include <string.h>

#include "runtime/vm/machine.h"

/* dst from the bits of `table` for these codes. */
static void look_up(struct wf_worker *worker, const struct wf_insn *insn, const uint32_t *codes,
                    const uint64_t *present)
{
    const uint32_t *table = worker->bound->aux[insn - worker->bound->program->insns].table;
    struct wf_breg *dst = &worker->b[insn->dst];
    size_t words = wf_bit_words(worker->n);
    if (table) {
        worker->bound->lanes->lookup(table, codes, worker->n, dst->own_t);
        for (size_t i = 0; i < words; i++) {
            dst->own_t[i] &= present[i];
            dst->own_k[i] = present[i];
        }
    } else {
        memset(dst->own_t, 0, words * sizeof(uint64_t));
        memset(dst->own_k, 0, words * sizeof(uint64_t));
    }
    dst->t = dst->own_t;
    dst->k = dst->own_k;
}

void wf_k_text_lut(struct wf_worker *worker, const struct wf_insn *insn)
{
    const struct wf_vreg *a = &worker->w[insn->a];
    look_up(worker, insn, a->data, a->present);
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
