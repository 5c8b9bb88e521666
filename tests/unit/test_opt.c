/* The optimiser: the same values of every root on every row, and what each rule makes shorter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/ir/dump.h"
#include "lang/ir/opt.h"
#include "lang/ir/verify.h"
#include "runtime/vm/scalar.h"
#include "tests/tools/sample.h"
#include "tests/tools/wild.h"

static const int64_t now = 1795305600; /* 2026-11-22T00:00:00Z */

/* ---- rules, one by one ---- */

struct small {
    struct wf_program *program;
    struct wf_irb b;
    uint32_t flag, gold, points, joined; /* member nodes: bool, bool, int, date */
};

static uint32_t find_col(const struct wf_ir *ir, uint8_t type, uint16_t domain)
{
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        if (ir->nodes[i].op == WF_IR_COL && ir->nodes[i].type == type &&
            ir->nodes[i].domain == domain)
            return i;
    fail_msg("no such column");
    return 0;
}

static int setup(void **state)
{
    static struct small s;
    s.program = sample_graph(SAMPLE_FULL);
    assert_non_null(s.program);
    struct wf_ir *ir = &s.program->ir;
    wf_irb_init(&s.b, ir, NULL);
    s.flag = find_col(ir, WF_T_BOOL, WF_DOM_MEMBER);
    s.points = find_col(ir, WF_T_INT, WF_DOM_MEMBER);
    s.joined = find_col(ir, WF_T_DATE, WF_DOM_MEMBER);
    s.gold = wf_irb_2(&s.b, WF_IR_GT, s.points, wf_irb_int(&s.b, WF_T_INT, 7));
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct small *s = *state;
    wf_irb_release(&s->b);
    wf_program_free(s->program);
    return 0;
}

/* Makes `node` a segment's condition, optimises, and answers how its node is dumped. */
static void expect(struct small *s, uint32_t node, const char *dumped)
{
    struct wf_ir *ir = &s->program->ir;
    struct wf_ir_segment segment = {.name = 0, .cond = node, .place = WF_NONE};
    uint32_t at = wf_irb_add_segments(&s->b, &segment, 1);
    assert_int_equal(s->b.status, WF_OK);
    assert_int_equal(wf_ir_optimise(ir, NULL, NULL), WF_OK);
    struct wf_ir_fault fault;
    if (wf_ir_verify(ir, &fault))
        fail_msg("%s %u: %s", fault.table, fault.row, fault.rule);
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    wf_ir_dump_node(&out, ir, ir->segments[at].cond);
    char *op = strstr(wf_buf_str(&out), "  ");
    assert_non_null(op);
    assert_string_equal(op + 2, dumped);
    wf_buf_release(&out);
}

#define RULE(name, expression, dumped)                                                             \
    static void name(void **state)                                                                 \
    {                                                                                              \
        struct small *s = *state;                                                                  \
        struct wf_irb *b = &s->b;                                                                  \
        uint32_t t = wf_irb_bool(b, true), f = wf_irb_bool(b, false);                              \
        uint32_t u = wf_irb_value(b, wf_missing(WF_T_BOOL));                                       \
        (void)t, (void)f, (void)u;                                                                 \
        expect(s, expression, dumped);                                                             \
    }
#define AND(x, y) wf_irb_2(b, WF_IR_AND, x, y)
#define OR(x, y) wf_irb_2(b, WF_IR_OR, x, y)
#define NOT(x) wf_irb_1(b, WF_IR_NOT, x)
#define INT(n) wf_irb_int(b, WF_T_INT, n)

RULE(and_true, AND(s->flag, t), "col wecom")
RULE(and_false, AND(s->flag, f), "const false")
RULE(or_true, OR(t, s->flag), "const true")
RULE(or_false, OR(f, s->flag), "col wecom")
RULE(and_same, AND(s->flag, s->flag), "col wecom")
RULE(not_not, NOT(NOT(s->flag)), "col wecom")
RULE(known_if_true, wf_irb_2(b, WF_IR_KNOWN_IF, t, s->flag), "col wecom")
RULE(known_if_false, wf_irb_2(b, WF_IR_KNOWN_IF, f, s->flag), "const missing")
RULE(within_same, wf_irb_2(b, WF_IR_WITHIN, s->flag, s->flag), "col wecom")
RULE(select_true, wf_irb_node(b, WF_IR_SELECT, t, s->flag, s->gold), "col wecom")
RULE(select_unknown, wf_irb_node(b, WF_IR_SELECT, u, s->gold, s->flag), "col wecom")
RULE(or_else_missing, wf_irb_2(b, WF_IR_OR_ELSE, u, s->flag), "col wecom")
RULE(present_now, wf_irb_1(b, WF_IR_PRESENT, wf_irb_param(b, WF_PARAM_NOW, 0)), "const true")
RULE(present_present, wf_irb_1(b, WF_IR_PRESENT, wf_irb_1(b, WF_IR_PRESENT, s->flag)), "const true")
RULE(constants, wf_irb_2(b, WF_IR_GT, wf_irb_2(b, WF_IR_ADD, INT(2), INT(3)), INT(4)), "const true")
RULE(unknown_constant, wf_irb_2(b, WF_IR_EQ, INT(2), wf_irb_value(b, wf_missing(WF_T_INT))),
     "const missing")

/* Unknown stays unknown: neither of these is a constant. */
static void contradictions_stay(void **state)
{
    struct small *s = *state;
    struct wf_irb *b = &s->b;
    uint32_t none = AND(s->flag, NOT(s->flag));
    struct wf_ir_segment segment = {.name = 0, .cond = none, .place = WF_NONE};
    uint32_t at = wf_irb_add_segments(b, &segment, 1);
    segment.cond = OR(s->flag, NOT(s->flag));
    wf_irb_add_segments(b, &segment, 1);
    struct wf_ir *ir = &s->program->ir;
    assert_int_equal(wf_ir_optimise(ir, NULL, NULL), WF_OK);
    assert_int_equal(ir->nodes[ir->segments[at].cond].op, WF_IR_AND);
    assert_int_equal(ir->nodes[ir->segments[at + 1].cond].op, WF_IR_OR);
}

/* What overflows is left for the run to count. */
static void overflow_stays(void **state)
{
    struct small *s = *state;
    struct wf_irb *b = &s->b;
    uint32_t sum = wf_irb_2(b, WF_IR_ADD, INT(INT64_MAX), INT(1));
    uint32_t cond = wf_irb_2(b, WF_IR_GT, s->points, sum);
    struct wf_ir_segment segment = {.name = 0, .cond = cond, .place = WF_NONE};
    uint32_t at = wf_irb_add_segments(b, &segment, 1);
    struct wf_ir *ir = &s->program->ir;
    assert_int_equal(wf_ir_optimise(ir, NULL, NULL), WF_OK);
    const struct wf_ir_node *n = &ir->nodes[ir->segments[at].cond];
    assert_int_equal(n->op, WF_IR_GT);
    assert_int_equal(ir->nodes[n->b].op, WF_IR_ADD);
}

static void not_of_a_comparison(void **state)
{
    struct small *s = *state;
    struct wf_irb *b = &s->b;
    struct wf_ir_segment segment = {.name = 0, .cond = NOT(s->gold), .place = WF_NONE};
    uint32_t at = wf_irb_add_segments(b, &segment, 1);
    struct wf_ir *ir = &s->program->ir;
    assert_int_equal(wf_ir_optimise(ir, NULL, NULL), WF_OK);
    assert_int_equal(ir->nodes[ir->segments[at].cond].op, WF_IR_LE);
}

/* Nothing uses what was built here: it goes, with its constants. */
static void the_unused_goes(void **state)
{
    struct small *s = *state;
    struct wf_ir *ir = &s->program->ir;
    assert_int_equal(wf_ir_tidy(ir, NULL), WF_OK);
    uint32_t nodes = ir->n_nodes, consts = ir->n_consts, inputs = ir->n_inputs;
    wf_irb_release(&s->b);
    wf_irb_init(&s->b, ir, NULL);
    for (int64_t i = 0; i < 100; i++)
        wf_irb_2(&s->b, WF_IR_GT, find_col(ir, WF_T_INT, WF_DOM_MEMBER),
                 wf_irb_int(&s->b, WF_T_INT, 1000 + i));
    assert_true(ir->n_nodes > nodes + 100);
    assert_int_equal(wf_ir_tidy(ir, NULL), WF_OK);
    assert_int_equal(ir->n_nodes, nodes);
    assert_int_equal(ir->n_consts, consts);
    assert_int_equal(ir->n_inputs, inputs);
}

static void dump_to(struct wf_buf *out, const struct wf_ir *ir)
{
    wf_buf_init(out, NULL, 0);
    wf_ir_dump(out, ir);
    assert_false(out->failed);
}

/* Numbers depend on the program alone: a second round changes nothing. */
static void tidying_twice_is_once(void **state)
{
    struct small *s = *state;
    struct wf_buf once, twice;
    assert_int_equal(wf_ir_tidy(&s->program->ir, NULL), WF_OK);
    dump_to(&once, &s->program->ir);
    assert_int_equal(wf_ir_tidy(&s->program->ir, NULL), WF_OK);
    dump_to(&twice, &s->program->ir);
    assert_string_equal(wf_buf_str(&once), wf_buf_str(&twice));
    wf_buf_release(&once);
    wf_buf_release(&twice);
}

/* ---- random programs: before and after agree on every row ---- */

static uint64_t seed;

static uint32_t below(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 20) % n);
}

/* Grows the graph by tries: what the builder refuses is no program. */
static void grow(struct wf_irb *b, unsigned tries)
{
    static const int64_t ints[] = {0, 1, -1, 7, 100, INT64_MAX, INT64_MIN};
    struct wf_ir *ir = b->ir;
    for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
        wf_irb_int(b, WF_T_INT, ints[i]);
        wf_irb_int(b, WF_T_MONEY, ints[i]);
        wf_irb_int(b, WF_T_DAYS, ints[i]);
    }
    for (uint8_t type = WF_T_BOOL; type <= WF_T_ENUM; type++)
        wf_irb_value(b, wf_missing((enum wf_type)type));
    wf_irb_bool(b, true);
    wf_irb_bool(b, false);
    wf_irb_value(b, wf_number_value(0.0));
    for (unsigned i = 0; i < tries; i++) {
        enum wf_ir_op op = (enum wf_ir_op)below(WF_IR_COUNT_);
        uint32_t n = ir->n_nodes;
        if (op == WF_IR_CONST || op == WF_IR_PARAM || op == WF_IR_POP || op == WF_IR_LOCAL_TIME)
            continue;
        uint32_t x = below(n), y = below(n), z = below(n);
        if (op == WF_IR_COL)
            x = below(ir->n_inputs);
        if (op == WF_IR_AGG) {
            x = below(ir->n_aggs);
            y = below(WF_PART_COUNT_);
        }
        if (op == WF_IR_IN)
            y = below(ir->n_lists);
        if (op == WF_IR_LIFT)
            y = below(ir->n_views);
        if (op == WF_IR_FOLLOWED)
            y = below(ir->n_follows);
        uint32_t node = wf_irb_node(b, op, x, y, z);
        if (node == WF_NONE) /* perhaps with fewer arguments */
            node = (b->status = WF_OK, wf_irb_node(b, op, x, y, 0));
        if (node == WF_NONE)
            node = (b->status = WF_OK, wf_irb_node(b, op, x, 0, 0));
        assert_int_not_equal(b->status, WF_ERR_NOMEM);
        b->status = WF_OK;
        if (node != WF_NONE && ir->nodes[node].domain >= WF_DOM_EVENT &&
            ir->nodes[node].type == WF_T_BOOL && below(4) == 0) {
            struct wf_ir_agg agg = {.kind = WF_AGG_COUNT,
                                    .type = WF_T_INT,
                                    .view = (uint32_t)ir->nodes[node].domain - WF_DOM_EVENT,
                                    .filter = node,
                                    .value = WF_NONE};
            wf_irb_agg(b, &agg);
        }
    }
}

/* Every node a root: a `show` that nothing shows. */
static void show_all(struct wf_irb *b)
{
    uint32_t n = b->ir->n_nodes;
    uint32_t label = wf_irb_textz(b, "x");
    for (uint32_t i = 0; i < n; i++) {
        struct wf_ir_show show = {label, i};
        wf_irb_add_shows(b, &show, 1);
    }
}

struct side {
    struct wf_ir ir;
    struct wf_dataset data;
    struct wf_pops pops;
    struct wf_scalar *scalar;
};

static void start(struct side *side, const struct wf_vm_params *params)
{
    memset(&side->pops, 0, sizeof(side->pops));
    assert_int_equal(wf_pops_init(&side->pops, &side->ir, side->data.n_members, NULL), WF_OK);
    side->scalar = wf_scalar_new(&side->ir, &side->data, params, &side->pops, NULL);
    assert_non_null(side->scalar);
    assert_int_equal(wf_scalar_populations(side->scalar, &side->pops), WF_OK);
}

static void stop(struct side *side)
{
    wf_scalar_free(side->scalar);
    wf_pops_release(&side->pops);
}

static bool same_input(const struct wf_ir_input *a, const struct wf_ir_input *b)
{
    return a->domain == b->domain && a->record == b->record && a->field == b->field &&
           a->via_field == b->via_field;
}

/* The same data for the program whose inputs got other numbers; it has one view. */
static void renumber_data(struct side *after, const struct side *before)
{
    after->data = before->data;
    after->data.n_inputs = after->ir.n_inputs;
    after->data.inputs = calloc(after->ir.n_inputs + 1u, sizeof(*after->data.inputs));
    assert_non_null(after->data.inputs);
    for (uint32_t i = 0; i < after->ir.n_inputs; i++)
        for (uint32_t k = 0; k < before->ir.n_inputs; k++)
            if (same_input(&after->ir.inputs[i], &before->ir.inputs[k]))
                after->data.inputs[i] = before->data.inputs[k];
}

static void agree(const struct side *before, const struct side *after, uint32_t show)
{
    uint32_t x = before->ir.shows[show].node, y = after->ir.shows[show].node;
    struct wf_value a = wf_scalar_value(before->scalar, x);
    struct wf_value b = wf_scalar_value(after->scalar, y);
    bool same = a.type == b.type && a.present == b.present;
    if (same && a.present && (a.type == WF_T_TEXT || a.type == WF_T_SET))
        same = a.len == b.len && (!a.len || memcmp(a.text, b.text, a.len) == 0);
    else if (same && a.present && a.type == WF_T_NUMBER)
        same = a.f == b.f;
    else if (same && a.present)
        same = a.i == b.i;
    if (same)
        return;
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    wf_ir_dump_node(&out, &before->ir, x);
    wf_buf_adds(&out, "  is not  ");
    wf_ir_dump_node(&out, &after->ir, y);
    fail_msg("%%%u %s: %d %lld, %d %lld", x, wf_buf_str(&out), a.present, (long long)a.i, b.present,
             (long long)b.i);
}

static void compare(struct side *before, struct side *after)
{
    const struct wf_events *events = &before->data.views[0];
    for (uint32_t m = 0; m < before->data.n_members; m++) {
        wf_scalar_member(before->scalar, m);
        wf_scalar_member(after->scalar, m);
        for (uint32_t s = 0; s < before->ir.n_shows; s++)
            if (before->ir.nodes[before->ir.shows[s].node].domain <= WF_DOM_MEMBER)
                agree(before, after, s);
        for (uint32_t r = events->first[m]; r < events->first[m + 1]; r++) {
            wf_scalar_event(before->scalar, 0, r);
            wf_scalar_event(after->scalar, 0, r);
            for (uint32_t s = 0; s < before->ir.n_shows; s++)
                if (before->ir.nodes[before->ir.shows[s].node].domain > WF_DOM_MEMBER)
                    agree(before, after, s);
        }
    }
}

static void random_program(uint64_t from)
{
    struct wf_program *program = sample_graph(SAMPLE_FULL);
    struct side before, after;
    struct wf_irb b;
    int64_t floors[8] = {0};
    struct wf_vm_params params = {.now = now, .floor = floors};
    assert_non_null(program);
    seed = from;
    wf_irb_init(&b, &program->ir, NULL);
    grow(&b, 20000);
    show_all(&b);
    assert_int_equal(b.status, WF_OK);
    wf_irb_release(&b);
    before.ir = after.ir = program->ir;
    struct wf_ir_fault fault;
    assert_int_equal(wf_ir_verify(&before.ir, &fault), WF_OK);
    assert_int_equal(wf_ir_optimise(&after.ir, NULL, NULL), WF_OK);
    if (wf_ir_verify(&after.ir, &fault))
        fail_msg("%s %u: %s", fault.table, fault.row, fault.rule);
    assert_int_equal(after.ir.n_shows, before.ir.n_shows);
    assert_true(after.ir.n_nodes < before.ir.n_nodes);
    struct wild_random random = {.state = from};
    struct wf_dataset *data = wild_dataset(&random, &before.ir, 60, now);
    assert_non_null(data);
    before.data = *data;
    renumber_data(&after, &before);
    start(&before, &params);
    start(&after, &params);
    compare(&before, &after);
    stop(&before);
    stop(&after);
    free(after.data.inputs);
    wild_dataset_free(data);
    wf_program_free(program);
}

static void rows_agree(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 8; i++)
        random_program(i * 0x9e3779b97f4a7c15u);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(and_true),
        TEST(and_false),
        TEST(or_true),
        TEST(or_false),
        TEST(and_same),
        TEST(not_not),
        TEST(known_if_true),
        TEST(known_if_false),
        TEST(within_same),
        TEST(select_true),
        TEST(select_unknown),
        TEST(or_else_missing),
        TEST(present_now),
        TEST(present_present),
        TEST(constants),
        TEST(unknown_constant),
        TEST(contradictions_stay),
        TEST(overflow_stays),
        TEST(not_of_a_comparison),
        TEST(the_unused_goes),
        TEST(tidying_twice_is_once),
        cmocka_unit_test(rows_agree),
    };
    return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
