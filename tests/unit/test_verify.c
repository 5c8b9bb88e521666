/* The gate: what is wrong with the code of a program is refused, and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/code/encode.h"
#include "lang/code/opcode.h"
#include "lang/code/verify.h"
#include "tests/tools/sample.h"

static struct wf_insn *find(struct wf_program *p, enum wf_opcode op)
{
    for (uint32_t i = 0; i < p->n_insns; i++)
        if (p->insns[i].op == op)
            return &p->insns[i];
    fail_msg("no %s in the sample", wf_op_table[op].text);
    return NULL;
}

static uint32_t block_of(const struct wf_program *p, const struct wf_insn *insn)
{
    uint32_t at = (uint32_t)(insn - p->insns), b = 0;
    while (at - p->blocks[b].first >= p->blocks[b].count)
        b++;
    return b;
}

/* Takes an instruction out of the code. */
static void drop(struct wf_program *p, struct wf_insn *insn)
{
    uint32_t at = (uint32_t)(insn - p->insns), b = block_of(p, insn);
    memmove(insn, insn + 1, (p->n_insns - at - 1) * sizeof *insn);
    p->n_insns--;
    p->blocks[b].count--;
    for (uint32_t i = b + 1; i < p->n_blocks; i++)
        p->blocks[i].first--;
}

static uint32_t input_of(const struct wf_program *p, uint16_t domain, uint8_t type)
{
    for (uint32_t i = 0; i < p->ir.n_inputs; i++)
        if (p->ir.inputs[i].domain == domain && p->ir.inputs[i].type == type)
            return i;
    fail();
    return 0;
}

/* ---- faults, one a function ---- */

static void no_such_operation(struct wf_program *p)
{
    p->insns[0].op = WF_OP_COUNT_;
}
static void register_too_high(struct wf_program *p)
{
    find(p, WF_OP_LOAD_V)->dst = p->n_v;
}
static void source_too_high(struct wf_program *p)
{
    find(p, WF_OP_OUT_B)->a = p->n_b;
}
static void stray_operand(struct wf_program *p)
{
    find(p, WF_OP_NOT)->b = 1;
}
static void stray_index(struct wf_program *p)
{
    find(p, WF_OP_NOT)->c = 1;
}
static void stray_result(struct wf_program *p)
{
    find(p, WF_OP_OUT_B)->dst = 1;
}
static void too_many_registers(struct wf_program *p)
{
    p->n_v = 50000;
}
static void too_many_slots(struct wf_program *p)
{
    p->slots_w = 50000;
}
static void no_stage(struct wf_program *p)
{
    p->n_stages = 0;
}
static void too_many_stages(struct wf_program *p)
{
    p->n_stages = 4;
}
static void another_hash(struct wf_program *p)
{
    p->hash[3] ^= 1;
}
static void constant_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_LT_IK)->c = p->n_run_nodes;
}
static void constant_of_another_kind(struct wf_program *p)
{
    find(p, WF_OP_LT_IK)->c = find(p, WF_OP_GT_FK)->c;
}
static void constant_that_is_none(struct wf_program *p)
{
    p->run_nodes[0] = p->outs[0].node;
}
static void constant_beyond_nodes(struct wf_program *p)
{
    p->run_nodes[0] = p->ir.n_nodes;
}
static void input_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_LOAD_V)->c = p->ir.n_inputs;
}
static void input_of_another_domain(struct wf_program *p)
{
    find(p, WF_OP_LOAD_V)->c = input_of(p, WF_DOM_MEMBER, WF_T_INT);
}
static void input_of_another_kind(struct wf_program *p)
{
    find(p, WF_OP_LOAD_V)->c = input_of(p, WF_DOM_EVENT, WF_T_BOOL);
}
static void text_as_number(struct wf_program *p)
{
    find(p, WF_OP_LOAD_V)->c = input_of(p, WF_DOM_EVENT, WF_T_TEXT);
}
static void input_for_texts_only(struct wf_program *p)
{
    p->ir.inputs[find(p, WF_OP_LOAD_CODE)->c].needed = 0;
    wf_program_hash(p, p->hash);
}
static void unwritten_register(struct wf_program *p)
{
    drop(p, find(p, WF_OP_LOAD_V));
}
static void register_of_another_kind(struct wf_program *p)
{
    find(p, WF_OP_TEXT_LUT)->op = WF_OP_EQ_WK;
    find(p, WF_OP_EQ_WK)->d = 0;
}
static void number_as_text(struct wf_program *p)
{
    find(p, WF_OP_NE_T)->op = WF_OP_NE_I;
}
static void codes_of_another_column(struct wf_program *p)
{
    struct wf_insn *lut = find(p, WF_OP_TEXT_LUT), *load = lut;
    while (load->op != WF_OP_LOAD_CODE || load->dst != lut->a)
        load--;
    load->c = input_of(p, WF_DOM_MEMBER, load->c == lut->d ? WF_T_SET : WF_T_TEXT);
}
static void lookup_of_another_column(struct wf_program *p)
{
    struct wf_insn *lut = find(p, WF_OP_TEXT_LUT);
    lut->d = input_of(p, WF_DOM_MEMBER, WF_T_SET);
    for (uint32_t i = 0; i < p->n_insns; i++)
        if (p->insns[i].op == WF_OP_LOAD_CODE && p->insns[i].c == lut->d)
            lut->a = p->insns[i].dst;
}
static void test_of_no_text(struct wf_program *p)
{
    find(p, WF_OP_TEXT_TEST)->c = p->outs[0].node;
}
static void test_beyond_nodes(struct wf_program *p)
{
    find(p, WF_OP_TEXT_TEST)->c = p->ir.n_nodes;
}
static void list_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_IN_I)->c = p->ir.n_lists;
}
static void list_of_texts(struct wf_program *p)
{
    struct wf_insn *in = find(p, WF_OP_IN_I);
    for (uint32_t i = 0; i < p->ir.n_lists; i++)
        if (p->ir.consts[p->ir.list_items[p->ir.lists[i].first]].type == WF_T_TEXT)
            in->c = i;
}
static void aggregate_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_REDUCE)->c = p->ir.n_aggs;
}
static void aggregate_read_too_early(struct wf_program *p)
{
    drop(p, find(p, WF_OP_REDUCE));
}
static void aggregate_reduced_twice(struct wf_program *p)
{
    struct wf_insn *second = NULL;
    for (uint32_t i = 0; i < p->n_insns; i++)
        if (p->insns[i].op == WF_OP_REDUCE)
            second = &p->insns[i];
    second->c = find(p, WF_OP_REDUCE)->c;
}
static void aggregate_without_its_value(struct wf_program *p)
{
    find(p, WF_OP_REDUCE_V)->op = WF_OP_REDUCE;
    find(p, WF_OP_REDUCE)->b = 0;
}
static void aggregate_part_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_AGG_V)->d = 4;
}
static void bound_of_none(struct wf_program *p)
{
    struct wf_insn *agg = NULL;
    for (uint32_t i = 0; i < p->n_insns; i++)
        if (p->insns[i].op == WF_OP_AGG_V && p->ir.aggs[p->insns[i].c].kind == WF_AGG_LAST_OF)
            agg = &p->insns[i];
    assert_non_null(agg);
    agg->d = WF_PART_HI;
}
static void sure_as_a_number(struct wf_program *p)
{
    find(p, WF_OP_AGG_V)->d = WF_PART_SURE;
}
static void follow_unmarked(struct wf_program *p)
{
    drop(p, find(p, WF_OP_FILTER));
}
static void follow_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_FOLLOWED)->c = p->ir.n_follows;
}
static void anniversary_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_GE_AK)->d = p->ir.n_annivs;
}
static void slot_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_KEPT_V)->c = p->slots_v;
}
static void slot_never_kept(struct wf_program *p)
{
    drop(p, find(p, WF_OP_KEEP_V));
}
static void figure_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_POP_B)->c = p->ir.n_pops;
}
static void figure_too_early(struct wf_program *p)
{
    find(p, WF_OP_POP_B)->c = 1;
}
static void figure_of_another_kind(struct wf_program *p)
{
    find(p, WF_OP_POP_V)->c = 0;
}
static void figure_not_fed(struct wf_program *p)
{
    drop(p, find(p, WF_OP_KEEP_POP_B));
}
static void figure_fed_twice(struct wf_program *p)
{
    struct wf_insn *first = find(p, WF_OP_KEEP_POP_B), *next = first + 1;
    while (next->op != WF_OP_KEEP_POP_B)
        next++;
    next->c = first->c;
}
static void role_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_KEEP_POP_V)->d = 3;
}
static void role_of_another_kind(struct wf_program *p)
{
    find(p, WF_OP_KEEP_POP_B)->d = 0;
}
static void role_not_asked_for(struct wf_program *p)
{
    struct wf_insn *feed = find(p, WF_OP_KEEP_POP_W);
    feed->d = 2;
}
static void output_out_of_range(struct wf_program *p)
{
    find(p, WF_OP_OUT_B)->c = p->n_outs;
}
static void output_written_twice(struct wf_program *p)
{
    struct wf_insn *out = find(p, WF_OP_OUT_B), *next = out + 1;
    while (next->op != WF_OP_OUT_B)
        next++;
    next->c = out->c;
}
static void output_never_written(struct wf_program *p)
{
    drop(p, find(p, WF_OP_OUT_B));
}
static void output_in_a_wrong_stage(struct wf_program *p)
{
    p->outs[0].stage = 0;
}
static void output_in_a_wrong_domain(struct wf_program *p)
{
    for (uint32_t i = 0; i < p->n_outs; i++)
        if (p->outs[i].domain != WF_DOM_MEMBER && p->ir.nodes[p->outs[i].node].domain)
            p->outs[i].domain = WF_DOM_MEMBER;
}
static void output_of_another_node(struct wf_program *p)
{
    p->outs[0].node = 0;
}
static void output_of_no_node(struct wf_program *p)
{
    p->outs[p->n_outs - 1].node = p->ir.n_nodes;
}
static void outputs_out_of_order(struct wf_program *p)
{
    struct wf_output out = p->outs[0];
    p->outs[0] = p->outs[1];
    p->outs[1] = out;
}
static void output_missing(struct wf_program *p)
{
    uint32_t last = p->n_outs - 1;
    for (uint32_t i = 0; i < p->n_insns; i++)
        if (p->insns[i].op == WF_OP_OUT_B && p->insns[i].c == last) {
            drop(p, &p->insns[i]);
            break;
        }
    p->n_outs--;
}
static void doubt_of_members(struct wf_program *p)
{
    find(p, WF_OP_NOT)->op = WF_OP_DOUBTED;
}
static void block_of_no_view(struct wf_program *p)
{
    p->blocks[0].domain = (uint16_t)(WF_DOM_EVENT + p->ir.n_views);
}
static void block_of_the_run(struct wf_program *p)
{
    p->blocks[0].domain = WF_DOM_RUN;
}
static void blocks_with_a_hole(struct wf_program *p)
{
    p->blocks[1].first++;
}
static void block_too_long(struct wf_program *p)
{
    p->blocks[0].count = UINT32_MAX;
}
static void code_outside_blocks(struct wf_program *p)
{
    p->blocks[p->n_blocks - 1].count--;
}
static void stages_backwards(struct wf_program *p)
{
    p->blocks[p->n_blocks - 1].stage = 0;
}
static void stage_out_of_range(struct wf_program *p)
{
    p->blocks[p->n_blocks - 1].stage = p->n_stages;
}
static void graph_out_of_range(struct wf_program *p)
{
    p->ir.segments[0].cond = p->ir.n_nodes;
    wf_program_hash(p, p->hash);
}

#define FAULT(f, why)                                                                              \
    {                                                                                              \
#f, f, why                                                                                 \
    }
static const struct {
    const char *name;
    void (*make)(struct wf_program *p);
    const char *why;
} faults[] = {
    FAULT(no_such_operation, "operation"),
    FAULT(register_too_high, "register number"),
    FAULT(source_too_high, "register number"),
    FAULT(stray_operand, "operand of none"),
    FAULT(stray_index, "operand of none"),
    FAULT(stray_result, "operand of none"),
    FAULT(too_many_registers, "more registers than instructions"),
    FAULT(too_many_slots, "more registers than instructions"),
    FAULT(no_stage, "number of stages"),
    FAULT(too_many_stages, "number of stages"),
    FAULT(another_hash, "hash of the rules"),
    FAULT(constant_out_of_range, "constant number"),
    FAULT(constant_of_another_kind, "constant of another kind"),
    FAULT(constant_that_is_none, "constant node"),
    FAULT(constant_beyond_nodes, "constant node"),
    FAULT(input_out_of_range, "input number"),
    FAULT(input_of_another_domain, "input of another domain"),
    FAULT(input_of_another_kind, "input of another kind"),
    FAULT(text_as_number, "input of another kind"),
    FAULT(input_for_texts_only, "input that is not loaded for conditions"),
    FAULT(unwritten_register, "register read before it is written"),
    FAULT(register_of_another_kind, "register of another kind"),
    FAULT(number_as_text, "register of another kind"),
    FAULT(codes_of_another_column, "codes of another column"),
    FAULT(lookup_of_another_column, "text test of another column"),
    FAULT(test_of_no_text, "node that is no text test"),
    FAULT(test_beyond_nodes, "node number"),
    FAULT(list_out_of_range, "list number"),
    FAULT(list_of_texts, "list of another kind"),
    FAULT(aggregate_out_of_range, "aggregate number"),
    FAULT(aggregate_read_too_early, "aggregate read before it is reduced"),
    FAULT(aggregate_reduced_twice, "aggregate reduced twice"),
    FAULT(aggregate_without_its_value, "aggregated value of another kind"),
    FAULT(aggregate_part_out_of_range, "aggregate part"),
    FAULT(bound_of_none, "bound of an aggregate that has none"),
    FAULT(sure_as_a_number, "aggregate part of another kind"),
    FAULT(follow_unmarked, "follow read before it is marked"),
    FAULT(follow_out_of_range, "follow number"),
    FAULT(anniversary_out_of_range, "anniversary number"),
    FAULT(slot_out_of_range, "slot number"),
    FAULT(slot_never_kept, "slot read before it is kept"),
    FAULT(figure_out_of_range, "population figure number"),
    FAULT(figure_too_early, "population figure read before it is taken"),
    FAULT(figure_of_another_kind, "population figure kind"),
    FAULT(figure_not_fed, "population figure that is not fed"),
    FAULT(figure_fed_twice, "population role fed twice"),
    FAULT(role_out_of_range, "population role"),
    FAULT(role_of_another_kind, "population role of another kind"),
    FAULT(role_not_asked_for, "population role that is not asked for"),
    FAULT(output_out_of_range, "output number"),
    FAULT(output_written_twice, "output written twice"),
    FAULT(output_never_written, "output that is never written"),
    FAULT(output_in_a_wrong_stage, "output stage"),
    FAULT(output_in_a_wrong_domain, "output domain"),
    FAULT(output_of_no_node, "output node"),
    FAULT(output_of_another_node, "condition without an output"),
    FAULT(outputs_out_of_order, "order of outputs"),
    FAULT(output_missing, "condition without an output"),
    FAULT(doubt_of_members, "doubt in a member block"),
    FAULT(block_of_no_view, "block domain"),
    FAULT(block_of_the_run, "block domain"),
    FAULT(blocks_with_a_hole, "block bounds"),
    FAULT(block_too_long, "block bounds"),
    FAULT(code_outside_blocks, "instructions outside blocks"),
    FAULT(stages_backwards, "block stage"),
    FAULT(stage_out_of_range, "block stage"),
    FAULT(graph_out_of_range, "cond"),
};

static void every_fault_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct wf_program *p = sample_program(SAMPLE_FULL);
        const char *why = NULL;
        assert_non_null(p);
        assert_int_equal(wf_verify(p, NULL), WF_OK);
        faults[i].make(p);
        assert_int_equal(wf_verify(p, &why), WF_ERR_FORMAT);
        assert_false(p->verified);
        if (!why || strcmp(why, faults[i].why) != 0)
            fail_msg("%s: refused for \"%s\", not \"%s\"", faults[i].name, why ? why : "nothing",
                     faults[i].why);
        wf_program_free(p);
    }
}

static void registers_do_not_survive_a_block(void **state)
{
    (void)state;
    struct wf_program *p = sample_program(SAMPLE_FULL);
    const char *why = NULL;
    /* Cut the last block in two: its second half reads what the first wrote. */
    struct wf_block *last = &p->blocks[p->n_blocks - 1];
    struct wf_block blocks[32];
    assert_true(p->n_blocks < 31);
    memcpy(blocks, p->blocks, p->n_blocks * sizeof *blocks);
    struct wf_block *half = &blocks[p->n_blocks];
    *half = *last;
    half->first += 20;
    half->count -= 20;
    blocks[p->n_blocks - 1].count = 20;
    p->blocks = blocks;
    p->n_blocks++;
    assert_int_equal(wf_verify(p, &why), WF_ERR_FORMAT);
    assert_string_equal(why, "register read before it is written");
    wf_program_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_refused),
        cmocka_unit_test(registers_do_not_survive_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
