/* What the machine notes of aggregates is what the row evaluator finds by walking the rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/code/opcode.h"
#include "runtime/vm/scalar.h"
#include "tests/tools/wild.h"

enum { MEMBERS = 300, MOST = 512 };

/* A night whose one trigger shows every aggregate that the last stage reduces. */
struct night {
    struct wild wild;
    struct wf_dataset *data;
    struct wf_vm_params params;
    int64_t floors[8];
    struct wf_pops pops;
    struct wf_noted noted;
    uint32_t first[2], wanted[MOST], *own_first, *own_wanted;
};

/* Who may act: some of them, some twice. */
static enum wf_status note(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                           const struct wf_bits *outs)
{
    struct night *t = ctx;
    enum wf_status status = WF_OK;
    (void)outs;
    for (uint32_t i = 0; i < 2 * n && !status; i++)
        if ((first + i % n) % 3)
            status = wf_noted_keep(&t->noted, worker, 0, first + i % n);
    return status;
}

static bool is_reduced_last(const struct wf_program *program, uint32_t agg)
{
    for (uint32_t b = 0; b < program->n_blocks; b++)
        for (uint32_t i = 0; i < program->blocks[b].count; i++) {
            const struct wf_insn *insn = &program->insns[program->blocks[b].first + i];
            if (insn->op >= WF_OP_REDUCE && insn->op <= WF_OP_REDUCE_W && insn->c == agg &&
                program->blocks[b].stage + 1 >= program->n_stages)
                return true;
        }
    return false;
}

static void show_everything(struct night *t)
{
    const struct wf_ir *ir = &t->wild.program->ir;
    uint32_t n = 0;
    for (uint32_t i = 0; i < ir->n_nodes && n < MOST; i++) {
        const struct wf_ir_node *node = &ir->nodes[i];
        if (node->op != WF_IR_AGG || !is_reduced_last(t->wild.program, node->a))
            continue;
        uint8_t type = ir->aggs[node->a].type;
        if (type != WF_T_REF && wf_kind_of_type(type) != 'T')
            t->wanted[n++] = node->a * WF_PART_COUNT_ + node->b;
    }
    t->own_first = t->noted.first;
    t->own_wanted = t->noted.wanted;
    t->first[1] = n;
    t->noted.first = t->first;
    t->noted.wanted = t->wanted;
    t->noted.n_wanted = n;
    t->noted.n_triggers = 1;
}

static bool same(struct wf_value a, struct wf_value b)
{
    return a.type == b.type && a.present == b.present && (!a.present || a.i == b.i);
}

/* Answers how many values were noted. */
static unsigned compare(struct night *t)
{
    const struct wf_ir *ir = &t->wild.program->ir;
    struct wf_scalar *walks = wf_scalar_new(ir, t->data, &t->params, &t->pops, NULL);
    struct wf_scalar *asks = wf_scalar_new(ir, t->data, &t->params, &t->pops, NULL);
    unsigned n = 0;
    assert_true(walks && asks);
    wf_scalar_recall(asks, &t->noted);
    for (uint32_t m = 0; m < t->data->n_members; m++) {
        wf_scalar_member(walks, m);
        wf_scalar_member(asks, m);
        for (uint32_t i = 0; i < ir->n_nodes; i++) {
            const struct wf_ir_node *node = &ir->nodes[i];
            struct wf_value kept;
            if (node->op != WF_IR_AGG)
                continue;
            bool noted = wf_noted_value(&t->noted, ir, node->a, node->b, m, &kept);
            assert_false(noted && m % 3 == 0);
            n += noted;
            if (node->type != WF_T_TEXT && node->type != WF_T_SET)
                assert_true(same(wf_scalar_value(walks, i), wf_scalar_value(asks, i)));
            if (noted) {
                kept.type = node->type;
                assert_true(same(wf_scalar_value(walks, i), kept));
            }
        }
    }
    wf_scalar_free(walks);
    wf_scalar_free(asks);
    return n;
}

static unsigned try_seed(uint64_t seed, unsigned threads, unsigned batch)
{
    struct night t = {0};
    assert_true(wild_begin(&t.wild, seed, 150));
    t.data = wild_dataset(&t.wild.random, &t.wild.program->ir, MEMBERS, t.wild.now);
    assert_non_null(t.data);
    wild_outputs(&t.wild, 12, 3);
    assert_null(wild_finish(&t.wild));
    t.params = (struct wf_vm_params){.now = t.wild.now, .floor = t.floors};
    assert_int_equal(wf_noted_init(&t.noted, t.wild.program, t.data->n_members, threads, NULL),
                     WF_OK);
    assert_int_equal(t.noted.n_wanted, 0); /* nothing of it is a trigger of members */
    show_everything(&t);
    struct wf_vm_options options = {.threads = threads, .batch = batch};
    struct wf_vm_sink sink = {.ctx = &t, .pops = &t.pops, .noted = &t.noted, .members = note};
    assert_int_equal(wf_vm_run(t.wild.program, t.data, &t.params, &options, &sink, NULL), WF_OK);
    unsigned n = compare(&t);
    t.noted.first = t.own_first;
    t.noted.wanted = t.own_wanted;
    wf_noted_release(&t.noted);
    wf_pops_release(&t.pops);
    wild_dataset_free(t.data);
    wild_release(&t.wild);
    return n;
}

static void what_is_noted_is_so(void **state)
{
    unsigned n = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++)
        n += try_seed(seed, 1 + (unsigned)seed % 2, seed % 3 ? 64 : 100);
    assert_true(n > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_noted_is_so)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
