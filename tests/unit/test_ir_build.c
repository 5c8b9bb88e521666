/* The IR builder: types, domains, hash-consing, sticky errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/ir/build.h"
#include "lang/ir/desc.h"

struct bench {
    struct wf_arena arena;
    struct wf_ir ir;
    struct wf_irb b;
    uint32_t joined, points, spend, at; /* COL nodes */
    uint32_t view;
};

static uint32_t column(struct bench *t, uint16_t domain, uint8_t type, uint32_t field)
{
    struct wf_ir_input input = {.domain = domain,
                                .type = type,
                                .needed = 1,
                                .record = domain == WF_DOM_MEMBER ? 0 : 1,
                                .field = field,
                                .via_field = WF_NONE};
    return wf_irb_col(&t->b, wf_irb_input(&t->b, &input));
}

static int setup(void **state)
{
    static struct bench t;
    wf_arena_init(&t.arena, NULL);
    wf_ir_init(&t.ir, &t.arena);
    wf_irb_init(&t.b, &t.ir, NULL);
    t.view = wf_irb_view(&t.b, 0, WF_NONE, false);
    t.joined = column(&t, WF_DOM_MEMBER, WF_T_DATE, 1);
    t.points = column(&t, WF_DOM_MEMBER, WF_T_INT, 2);
    t.spend = column(&t, WF_DOM_EVENT, WF_T_MONEY, 1);
    t.at = column(&t, WF_DOM_EVENT, WF_T_TIME, 0);
    assert_int_equal(t.b.status, WF_OK);
    *state = &t;
    return 0;
}

static int teardown(void **state)
{
    struct bench *t = *state;
    wf_irb_release(&t->b);
    wf_arena_release(&t->arena);
    return 0;
}

static void equal_rows_are_one(void **state)
{
    struct bench *t = *state;
    struct wf_irb *b = &t->b;
    uint32_t seven = wf_irb_int(b, WF_T_DAYS, 7);
    uint32_t x = wf_irb_2(b, WF_IR_DATE_ADD, t->joined, seven);
    uint32_t n = t->ir.n_nodes;
    assert_int_equal(wf_irb_2(b, WF_IR_DATE_ADD, t->joined, wf_irb_int(b, WF_T_DAYS, 7)), x);
    assert_int_equal(t->ir.n_nodes, n);
    assert_int_not_equal(wf_irb_int(b, WF_T_MONTHS, 7), seven);
    assert_int_equal(wf_irb_text(b, "a\0b", 3), wf_irb_text(b, "a\0b", 3));
    assert_int_not_equal(wf_irb_text(b, "a\0b", 3), wf_irb_text(b, "a\0c", 3));
    assert_int_equal(wf_irb_str(b, "vip"), wf_irb_str(b, "vip"));
    uint32_t empty = wf_irb_value(b, wf_text_value(WF_T_TEXT, "", 0));
    assert_int_not_equal(empty, wf_irb_value(b, wf_missing(WF_T_TEXT)));
    assert_int_equal(empty, wf_irb_str(b, ""));
    struct wf_value zero = wf_int_value(WF_T_NUMBER, 0), minus;
    zero.f = 0.0;
    minus = zero;
    minus.f = -0.0;
    assert_int_not_equal(wf_irb_const(b, zero), wf_irb_const(b, minus));
    assert_int_equal(b->status, WF_OK);
}

static void a_list_is_a_set(void **state)
{
    struct bench *t = *state;
    struct wf_value a[] = {wf_int_value(WF_T_INT, 3), wf_int_value(WF_T_INT, 1),
                           wf_int_value(WF_T_INT, 3)};
    struct wf_value c[] = {wf_int_value(WF_T_INT, 1), wf_int_value(WF_T_INT, 3)};
    uint32_t list = wf_irb_list(&t->b, a, 3);
    assert_int_equal(list, wf_irb_list(&t->b, c, 2));
    assert_int_equal(t->ir.lists[list].count, 2);
    assert_int_equal(t->ir.consts[t->ir.list_items[t->ir.lists[list].first]].i, 1);
    assert_int_not_equal(list, wf_irb_list(&t->b, c, 1));
    uint32_t in = wf_irb_2(&t->b, WF_IR_IN, t->points, list);
    assert_int_equal(t->ir.nodes[in].type, WF_T_BOOL);
    assert_int_equal(t->ir.nodes[in].domain, WF_DOM_MEMBER);
    wf_irb_list(&t->b, a, 0);
    assert_int_equal(t->b.status, WF_OK);
}

static void inputs_remember_need(void **state)
{
    struct bench *t = *state;
    struct wf_ir_input input = {
        .domain = WF_DOM_MEMBER, .type = WF_T_TEXT, .field = 9, .via_field = WF_NONE};
    uint32_t at = wf_irb_input(&t->b, &input);
    assert_int_equal(t->ir.inputs[at].needed, 0);
    input.needed = 1;
    assert_int_equal(wf_irb_input(&t->b, &input), at);
    assert_int_equal(t->ir.inputs[at].needed, 1);
    input.needed = 0;
    assert_int_equal(wf_irb_input(&t->b, &input), at);
    assert_int_equal(t->ir.inputs[at].needed, 1);
}

static void domains_follow(void **state)
{
    struct bench *t = *state;
    struct wf_irb *b = &t->b;
    uint32_t now = wf_irb_param(b, WF_PARAM_NOW, 0);
    uint32_t past = wf_irb_2(b, WF_IR_LT, t->at, now);
    assert_int_equal(t->ir.nodes[now].domain, WF_DOM_RUN);
    assert_int_equal(t->ir.nodes[past].domain, WF_DOM_EVENT + t->view);
    struct wf_ir_agg agg = {
        .kind = WF_AGG_SUM, .type = WF_T_MONEY, .view = t->view, .filter = past, .value = t->spend};
    uint32_t sum = wf_irb_agg(b, &agg);
    assert_int_equal(wf_irb_agg(b, &agg), sum);
    uint32_t lo = wf_irb_aggpart(b, sum, WF_PART_LO);
    assert_int_equal(t->ir.nodes[lo].domain, WF_DOM_MEMBER);
    assert_int_equal(t->ir.nodes[lo].type, WF_T_MONEY);
    uint32_t lift = wf_irb_2(b, WF_IR_LIFT, lo, t->view);
    assert_int_equal(t->ir.nodes[lift].domain, WF_DOM_EVENT + t->view);
    uint32_t over = wf_irb_2(b, WF_IR_GT, t->spend, lift);
    assert_int_equal(t->ir.nodes[over].domain, WF_DOM_EVENT + t->view);
    assert_int_equal(b->status, WF_OK);
}

/* Ill-typed nodes: each must fail, and everything after it too. */
static void ill_typed_nodes_fail(void **state)
{
    static const enum wf_ir_op two[] = {
        WF_IR_AND,      WF_IR_EQ,        WF_IR_LT,      WF_IR_ADD,    WF_IR_MUL,     WF_IR_DIV,
        WF_IR_DATE_ADD, WF_IR_TIME_DIFF, WF_IR_OR_ELSE, WF_IR_WITHIN, WF_IR_KNOWN_IF};
    struct bench *t = *state;
    for (size_t i = 0; i < sizeof(two) / sizeof(two[0]); i++) {
        uint32_t n = t->ir.n_nodes;
        assert_int_equal(wf_irb_2(&t->b, two[i], t->joined, t->points), WF_NONE);
        assert_int_equal(t->b.status, WF_ERR_INTERNAL);
        assert_non_null(t->b.why);
        assert_int_equal(wf_irb_bool(&t->b, true), WF_NONE);
        assert_int_equal(wf_irb_textz(&t->b, "x"), WF_NONE);
        assert_int_equal(t->ir.n_nodes, n);
        t->b.status = WF_OK;
    }
    assert_int_equal(wf_irb_2(&t->b, WF_IR_ADD, t->points, t->spend), WF_NONE); /* domains */
    t->b.status = WF_OK;
    assert_int_equal(wf_irb_1(&t->b, WF_IR_NOT, WF_NONE), WF_NONE);
    assert_int_equal(t->b.status, WF_ERR_INTERNAL);
}

static void a_builder_resumes(void **state)
{
    struct bench *t = *state;
    uint32_t x = wf_irb_2(&t->b, WF_IR_DATE_ADD, t->joined, wf_irb_int(&t->b, WF_T_DAYS, 7));
    uint32_t vip = wf_irb_str(&t->b, "vip");
    uint32_t n = t->ir.n_nodes;
    wf_irb_release(&t->b);
    wf_irb_init(&t->b, &t->ir, NULL);
    assert_int_equal(wf_irb_2(&t->b, WF_IR_DATE_ADD, t->joined, wf_irb_int(&t->b, WF_T_DAYS, 7)),
                     x);
    assert_int_equal(wf_irb_str(&t->b, "vip"), vip);
    assert_int_equal(wf_irb_view(&t->b, 0, WF_NONE, false), t->view);
    assert_int_equal(t->ir.n_nodes, n);
}

static void many_rows_grow(void **state)
{
    struct bench *t = *state;
    for (int64_t i = 0; i < 20000; i++)
        wf_irb_int(&t->b, WF_T_INT, i);
    assert_int_equal(t->b.status, WF_OK);
    uint32_t n = t->ir.n_nodes;
    for (int64_t i = 0; i < 20000; i++)
        wf_irb_int(&t->b, WF_T_INT, i);
    assert_int_equal(t->ir.n_nodes, n);
    assert_int_equal(t->ir.n_consts, 20000);
}

struct limited {
    size_t left;
};

static void *limited_resize(void *ctx, void *ptr, size_t size)
{
    struct limited *limited = ctx;
    if (size && limited->left-- == 0) {
        limited->left = 0;
        return NULL;
    }
    return wf_realloc(NULL, ptr, size);
}

static void no_memory_is_said(void **state)
{
    (void)state;
    for (size_t allowed = 0; allowed < 8; allowed++) {
        struct limited limited = {allowed};
        struct wf_alloc alloc = {limited_resize, &limited};
        struct wf_arena arena;
        struct wf_ir ir;
        struct wf_irb b;
        wf_arena_init(&arena, &alloc);
        wf_ir_init(&ir, &arena);
        wf_irb_init(&b, &ir, &alloc);
        for (int i = 0; i < 5000; i++)
            wf_irb_int(&b, WF_T_INT, i);
        if (b.status == WF_OK)
            assert_int_equal(ir.n_nodes, 5000);
        else
            assert_int_equal(b.status, WF_ERR_NOMEM);
        if (allowed < 3)
            assert_int_equal(b.status, WF_ERR_NOMEM);
        wf_irb_release(&b);
        wf_arena_release(&arena);
    }
}

/* The description covers every byte of a record that is not padding. */
static void records_are_described(void **state)
{
    (void)state;
    for (int t = 0; t < WF_IRT_COUNT_; t++) {
        const struct wf_ir_td *td = &wf_ir_td[t];
        assert_non_null(td->name);
        size_t end = 0;
        for (int f = 0; f < td->n_fields; f++) {
            const struct wf_ir_fd *fd = &td->fields[f];
            assert_true(fd->offset >= end); /* in the order of the struct, no overlap */
            assert_true(fd->offset - end < 8);
            end = fd->offset + (size_t)fd->size;
            if (fd->kind == WF_FK_FIRST)
                assert_int_equal(td->fields[f + 1].kind, WF_FK_COUNT);
        }
        if (td->n_fields)
            assert_true(td->row_size - end < 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(equal_rows_are_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_is_a_set, setup, teardown),
        cmocka_unit_test_setup_teardown(inputs_remember_need, setup, teardown),
        cmocka_unit_test_setup_teardown(domains_follow, setup, teardown),
        cmocka_unit_test_setup_teardown(ill_typed_nodes_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(a_builder_resumes, setup, teardown),
        cmocka_unit_test_setup_teardown(many_rows_grow, setup, teardown),
        cmocka_unit_test(no_memory_is_said),
        cmocka_unit_test(records_are_described),
    };
    return cmocka_run_group_tests_name("ir_build", tests, NULL, NULL);
}
