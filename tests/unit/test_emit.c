/* What code is made of a graph: stages, levels, shared values, forms of instructions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "lang/code/disasm.h"
#include "lang/code/emit.h"
#include "lang/code/encode.h"
#include "lang/code/opcode.h"
#include "lang/code/plan.h"
#include "lang/code/verify.h"
#include "lang/ir/build.h"
#include "tests/tools/sample.h"

static uint32_t count(const struct wf_program *p, enum wf_opcode op)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_insns; i++)
        n += p->insns[i].op == op;
    return n;
}

/* The first instruction of an operation in a block, WF_NONE when there is none. */
static uint32_t find(const struct wf_program *p, uint32_t block, enum wf_opcode op)
{
    for (uint32_t i = 0; i < p->blocks[block].count; i++)
        if (p->insns[p->blocks[block].first + i].op == op)
            return i;
    return WF_NONE;
}

static void samples_pass_the_gate(void **state)
{
    (void)state;
    for (int kind = SAMPLE_SMALL; kind <= SAMPLE_WIDE; kind++) {
        struct wf_program *p = sample_program((enum sample_kind)kind);
        const char *why = NULL;
        assert_non_null(p);
        if (wf_verify(p, &why))
            fail_msg("%s", why);
        assert_true(p->verified);
        wf_program_free(p);
    }
}

/* Only the row evaluator knows the journey at hand; a batch that needed it would answer nonsense.
 */
static void no_batch_has_an_entry(void **state)
{
    (void)state;
    for (int asked = 0; asked < 2; asked++) {
        struct wf_program *p = sample_graph(SAMPLE_SMALL);
        struct wf_irb b;
        wf_irb_init(&b, &p->ir, NULL);
        uint32_t entry = wf_irb_node(&b, WF_IR_ENTRY, 0, 0, 0);
        uint32_t present = wf_irb_1(&b, WF_IR_PRESENT, entry);
        if (asked)
            p->ir.triggers[0].guard = present;
        assert_int_equal(b.status, WF_OK);
        wf_irb_release(&b);
        assert_int_equal(wf_emit(p), asked ? WF_ERR_INTERNAL : WF_OK);
        wf_program_free(p);
    }
}

/* The seventh day: reductions first, one member block with three outputs. */
static void the_bare_line(void **state)
{
    (void)state;
    struct wf_program *p = sample_program(SAMPLE_SMALL);
    assert_int_equal(p->n_stages, 1);
    assert_int_equal(p->n_blocks, 2);
    assert_int_equal(p->blocks[0].domain, WF_DOM_EVENT);
    assert_int_equal(p->blocks[1].domain, WF_DOM_MEMBER);
    assert_int_equal(p->n_outs, 3);
    assert_int_equal(count(p, WF_OP_OUT_B), 3);
    assert_int_equal(count(p, WF_OP_REDUCE), 1);
    /* due is compared as a date: no midnight is computed a row */
    assert_int_equal(count(p, WF_OP_MIDNIGHT), 0);
    assert_int_equal(count(p, WF_OP_LE_MK), 1);
    assert_int_equal(count(p, WF_OP_GE_MK), 1);
    /* the constants of the run: now, 7d, floor, 1 */
    assert_int_equal(p->n_run_nodes, 4);
    wf_program_free(p);
}

static void outputs_are_found(void **state)
{
    (void)state;
    struct wf_program *p = sample_program(SAMPLE_FULL);
    const struct wf_ir *ir = &p->ir;
    const struct wf_ir_trigger *t = &ir->triggers[1];
    uint16_t view = (uint16_t)(WF_DOM_EVENT + t->view);
    assert_int_equal(ir->nodes[t->filter].domain, WF_DOM_RUN);
    assert_int_equal(p->outs[wf_program_output_in(p, t->filter, view)].node, t->filter);
    assert_int_equal(wf_program_output_in(p, t->filter, WF_DOM_MEMBER), WF_NONE);
    assert_int_equal(wf_program_output(p, ir->segments[0].cond),
                     wf_program_output_in(p, ir->segments[0].cond, WF_DOM_MEMBER));
    assert_int_equal(wf_program_output(p, 0), WF_NONE);
    for (uint32_t i = 0; i < p->n_outs; i++)
        assert_int_equal(wf_program_output_in(p, p->outs[i].node, p->outs[i].domain), i);
    wf_program_free(p);
}

/* Figures stand between stages: what top is taken of, what quintile is taken of, the rest. */
static void stages(void **state)
{
    (void)state;
    struct wf_program *p = sample_program(SAMPLE_FULL);
    uint32_t fed[2] = {WF_NONE, WF_NONE};
    assert_int_equal(p->n_stages, 3);
    for (uint32_t b = 0; b < p->n_blocks; b++) {
        const struct wf_block *block = &p->blocks[b];
        for (uint32_t i = 0; i < block->count; i++) {
            const struct wf_insn *insn = &p->insns[block->first + i];
            if (insn->op >= WF_OP_KEEP_POP_B && insn->op <= WF_OP_KEEP_POP_W)
                fed[insn->c] = block->stage;
            if (insn->op == WF_OP_POP_B || insn->op == WF_OP_POP_V)
                assert_true(fed[insn->c] < block->stage);
            if (insn->op == WF_OP_OUT_B)
                assert_int_equal(block->stage, 2);
        }
    }
    assert_int_equal(fed[0], 0);
    assert_int_equal(fed[1], 1);
    wf_program_free(p);
}

/* A lifted value is kept by a member block before the event block that reads it. */
static void lifts_go_through_slots(void **state)
{
    (void)state;
    struct wf_program *p = sample_program(SAMPLE_FULL);
    assert_int_equal(p->slots_b, 1);
    assert_int_equal(p->slots_v, 1);
    uint32_t kept = WF_NONE;
    for (uint32_t b = 0; b < p->n_blocks; b++) {
        if (find(p, b, WF_OP_KEEP_V) != WF_NONE) {
            assert_int_equal(p->blocks[b].domain, WF_DOM_MEMBER);
            kept = b;
        }
        if (find(p, b, WF_OP_KEPT_V) != WF_NONE)
            assert_true(b > kept);
    }
    assert_int_not_equal(kept, WF_NONE);
    wf_program_free(p);
}

static void levels(void **state)
{
    (void)state;
    struct wf_program *p = sample_graph(SAMPLE_FULL);
    struct wf_arena arena;
    struct wf_plan plan;
    wf_arena_init(&arena, NULL);
    assert_int_equal(wf_plan_make(&p->ir, &arena, &plan), WF_OK);
    for (uint32_t i = 0; i < p->ir.n_nodes; i++) {
        const struct wf_ir_node *node = &p->ir.nodes[i];
        if (node->op == WF_IR_AGG)
            assert_true(plan.level[i] > plan.level[p->ir.aggs[node->a].filter]);
        if (node->op == WF_IR_FOLLOWED)
            assert_true(plan.level[i] > plan.level[p->ir.follows[node->b].filter]);
        if (node->op == WF_IR_LIFT)
            assert_int_equal(plan.level[i], plan.level[node->a]);
        if (node->op == WF_IR_POP)
            assert_true(plan.stage[i] > plan.pop_stage[node->a]);
    }
    wf_arena_release(&arena);
    wf_program_free(p);
}

/* ---- programs of one segment ---- */

struct bench {
    struct wf_program p;
    struct wf_irb b;
    uint32_t points, score, joined, at, city;
};

static uint32_t bench_column(struct bench *t, enum wf_type type)
{
    struct wf_irb *b = &t->b;
    uint32_t name = wf_irb_textz(b, "f");
    struct wf_ir_field field = {.name = name,
                                .column = name,
                                .type = (uint8_t)type,
                                .default_const = WF_NONE,
                                .missing_as = WF_NONE,
                                .format = WF_NONE};
    struct wf_ir_input input = {.domain = WF_DOM_MEMBER,
                                .type = (uint8_t)type,
                                .needed = 1,
                                .field = wf_irb_add_fields(b, &field, 1),
                                .via_field = WF_NONE};
    return wf_irb_col(b, wf_irb_input(b, &input));
}

static void bench_init(struct bench *t)
{
    memset(t, 0, sizeof *t);
    wf_arena_init(&t->p.arena, NULL);
    wf_ir_init(&t->p.ir, &t->p.arena);
    wf_irb_init(&t->b, &t->p.ir, NULL);
    t->p.ir.timezone = wf_irb_textz(&t->b, "UTC");
    t->points = bench_column(t, WF_T_INT);
    t->score = bench_column(t, WF_T_NUMBER);
    t->joined = bench_column(t, WF_T_DATE);
    t->at = bench_column(t, WF_T_TIME);
    t->city = bench_column(t, WF_T_TEXT);
    t->p.ir.member = (struct wf_ir_record){.name = wf_irb_textz(&t->b, "member"),
                                           .word = WF_NONE,
                                           .pattern = WF_NONE,
                                           .encoding = WF_NONE,
                                           .fields_count = 5,
                                           .void_when = WF_NONE,
                                           .at_field = WF_NONE,
                                           .member_field = WF_NONE,
                                           .complete_since = INT32_MIN,
                                           .place = WF_NONE};
}

/* The code of `segment s is cond`, verified, as text. */
static void bench_judge(struct bench *t, uint32_t cond, const char *expected)
{
    struct wf_ir_segment segment = {wf_irb_textz(&t->b, "s"), cond, 0, 0, WF_NONE};
    const char *why = NULL;
    wf_irb_add_segments(&t->b, &segment, 1);
    assert_int_equal(t->b.status, WF_OK);
    assert_int_equal(wf_emit(&t->p), WF_OK);
    wf_program_hash(&t->p, t->p.hash);
    if (wf_verify(&t->p, &why))
        fail_msg("%s", why);
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_disasm(&t->p, false, &text);
    const char *from = strstr(wf_buf_str(&text), "members\n");
    assert_non_null(from);
    from += strlen("members\n");
    const char *end = strstr(from, "outputs\n");
    assert_non_null(end);
    size_t len = (size_t)(end - from);
    if (len != strlen(expected) || memcmp(from, expected, len) != 0)
        fail_msg("got:\n%.*sexpected:\n%s", (int)len, from, expected);
    wf_buf_release(&text);
    wf_irb_release(&t->b);
    wf_arena_release(&t->p.arena);
}

static void a_constant_on_the_left(void **state)
{
    (void)state;
    struct bench t;
    bench_init(&t);
    bench_judge(&t, wf_irb_2(&t.b, WF_IR_LT, wf_irb_int(&t.b, WF_T_INT, 7), t.points),
                "    load.v        v0 = i0 (f)\n"
                "    gt.ik         b0 = v0, k0\n"
                "    out.b         b0, out 0\n");
    bench_init(&t);
    uint32_t sum = wf_irb_2(&t.b, WF_IR_ADD, wf_irb_int(&t.b, WF_T_INT, 7), t.points);
    bench_judge(&t, wf_irb_2(&t.b, WF_IR_GE, t.points, sum),
                "    load.v        v0 = i0 (f)\n"
                "    add.ik        v1 = v0, k0\n"
                "    ge.i          b0 = v0, v1\n"
                "    out.b         b0, out 0\n");
    bench_init(&t);
    uint32_t difference = wf_irb_2(&t.b, WF_IR_SUB, wf_irb_int(&t.b, WF_T_INT, 7), t.points);
    bench_judge(&t, wf_irb_2(&t.b, WF_IR_NE, difference, t.points),
                "    load.v        v0 = i0 (f)\n"
                "    splat.v       v1 = k0\n"
                "    sub.i         v1 = v1, v0\n"
                "    ne.i          b0 = v1, v0\n"
                "    out.b         b0, out 0\n");
}

static void a_constant_condition(void **state)
{
    (void)state;
    struct bench t;
    bench_init(&t);
    bench_judge(&t, wf_irb_bool(&t.b, true),
                "    splat.b       b0 = k0\n"
                "    out.b         b0, out 0\n");
}

/* DAYS_INT is no instruction, and its operand's register lives as long as both are read. */
static void a_change_of_type_is_free(void **state)
{
    (void)state;
    struct bench t;
    bench_init(&t);
    uint32_t today = wf_irb_param(&t.b, WF_PARAM_TODAY, 0);
    uint32_t days = wf_irb_2(&t.b, WF_IR_DATE_DIFF, today, t.joined);
    uint32_t age = wf_irb_1(&t.b, WF_IR_DAYS_INT, days);
    uint32_t older = wf_irb_2(&t.b, WF_IR_GT, age, t.points);
    uint32_t known = wf_irb_1(&t.b, WF_IR_PRESENT, days);
    bench_judge(&t, wf_irb_2(&t.b, WF_IR_AND, older, known),
                "    load.v        v0 = i0 (f)\n"
                "    load.w        w0 = i2 (f)\n"
                "    splat.w       w1 = k0\n"
                "    date_diff     v1 = w1, w0\n"
                "    gt.i          b0 = v1, v0\n"
                "    present.v     b1 = v1\n"
                "    and           b1 = b0, b1\n"
                "    out.b         b1, out 0\n");
}

static void text_against_a_constant_is_looked_up(void **state)
{
    (void)state;
    struct bench t;
    bench_init(&t);
    uint32_t other = wf_irb_2(&t.b, WF_IR_NE, t.city, wf_irb_str(&t.b, "x"));
    uint32_t same = wf_irb_2(&t.b, WF_IR_EQ, t.city, t.city);
    bench_judge(&t, wf_irb_2(&t.b, WF_IR_AND, other, same),
                "    load.code     w0 = i4 (f)\n"
                "    load.text     v0 = i4 (f)\n"
                "    text.lut      b0 = w0, ne text \"x\", i4 (f)\n"
                "    eq.t          b1 = v0, v0\n"
                "    and           b1 = b0, b1\n"
                "    out.b         b1, out 0\n");
}

/* A long chain of conditions: registers do not grow with it. */
static void a_chain_needs_few_registers(void **state)
{
    (void)state;
    struct bench t;
    bench_init(&t);
    uint32_t all = wf_irb_bool(&t.b, true);
    for (int64_t i = 0; i < 100000; i++)
        all = wf_irb_2(&t.b, WF_IR_AND, all,
                       wf_irb_2(&t.b, WF_IR_NE, t.points, wf_irb_int(&t.b, WF_T_INT, i)));
    struct wf_ir_segment segment = {wf_irb_textz(&t.b, "s"), all, 0, 0, WF_NONE};
    wf_irb_add_segments(&t.b, &segment, 1);
    assert_int_equal(wf_emit(&t.p), WF_OK);
    wf_program_hash(&t.p, t.p.hash);
    assert_int_equal(wf_verify(&t.p, NULL), WF_OK);
    assert_true(t.p.n_b <= 3);
    assert_int_equal(t.p.n_v, 1);
    assert_true(t.p.n_insns > 200000);
    wf_irb_release(&t.b);
    wf_arena_release(&t.p.arena);
}

/* `n` values that are all alive at once. */
static enum wf_status emit_wide(uint32_t n, uint32_t *registers_out)
{
    struct bench t;
    bench_init(&t);
    uint32_t *values = calloc(n, sizeof *values);
    assert_non_null(values);
    for (uint32_t i = 0; i < n; i++)
        values[i] = wf_irb_2(&t.b, WF_IR_MUL, t.points, wf_irb_int(&t.b, WF_T_INT, 2 + (int64_t)i));
    uint32_t sum = t.points;
    for (uint32_t i = 0; i < n; i++)
        sum = wf_irb_2(&t.b, WF_IR_ADD, sum, values[i]);
    uint32_t cond = wf_irb_2(&t.b, WF_IR_GT, sum, wf_irb_int(&t.b, WF_T_INT, 0));
    struct wf_ir_segment segment = {wf_irb_textz(&t.b, "s"), cond, 0, 0, WF_NONE};
    wf_irb_add_segments(&t.b, &segment, 1);
    assert_int_equal(t.b.status, WF_OK);
    enum wf_status status = wf_emit(&t.p);
    *registers_out = t.p.n_v;
    if (status == WF_OK) {
        wf_program_hash(&t.p, t.p.hash);
        assert_int_equal(wf_verify(&t.p, NULL), WF_OK);
    }
    free(values);
    wf_irb_release(&t.b);
    wf_arena_release(&t.p.arena);
    return status;
}

static void registers_have_a_limit(void **state)
{
    (void)state;
    uint32_t registers;
    assert_int_equal(emit_wide(WF_MAX_REGS - 1, &registers), WF_OK); /* and one for the column */
    assert_int_equal(registers, WF_MAX_REGS);
    assert_int_equal(emit_wide(WF_MAX_REGS, &registers), WF_ERR_LIMIT);
}

/* ---- memory ---- */

struct meter {
    size_t left;
};

static void *meter_resize(void *ctx, void *ptr, size_t size)
{
    struct meter *meter = ctx;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (meter->left == 0)
        return NULL;
    meter->left--;
    return realloc(ptr, size);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct wf_program *p = sample_graph(SAMPLE_FULL);
    struct meter meter;
    struct wf_alloc alloc = {meter_resize, &meter};
    enum wf_status status = WF_ERR_NOMEM;
    size_t n = 0;
    p->arena.alloc = &alloc;
    for (; status == WF_ERR_NOMEM && n < 1000; n++) {
        meter.left = n;
        status = wf_emit(p);
    }
    assert_int_equal(status, WF_OK);
    assert_true(n > 5);
    p->arena.alloc = NULL;
    wf_program_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_pass_the_gate),
        cmocka_unit_test(no_batch_has_an_entry),
        cmocka_unit_test(the_bare_line),
        cmocka_unit_test(outputs_are_found),
        cmocka_unit_test(stages),
        cmocka_unit_test(lifts_go_through_slots),
        cmocka_unit_test(levels),
        cmocka_unit_test(a_constant_on_the_left),
        cmocka_unit_test(a_constant_condition),
        cmocka_unit_test(a_change_of_type_is_free),
        cmocka_unit_test(text_against_a_constant_is_looked_up),
        cmocka_unit_test(a_chain_needs_few_registers),
        cmocka_unit_test(registers_have_a_limit),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
