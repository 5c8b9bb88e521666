/* The IR verifier: every index and enumeration out of range, and each rule broken once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/ir/build.h"
#include "lang/ir/desc.h"
#include "lang/ir/verify.h"
#include "tests/tools/sample.h"

/* A sample with what the plain one lacks: a table, references, an anniversary, texts, a task. */
static void enrich(struct wf_ir *ir)
{
    struct wf_irb b;
    wf_irb_init(&b, ir, NULL);
    uint32_t name = wf_irb_textz(&b, "city");
    struct wf_ir_field f = {.name = name,
                            .column = name,
                            .type = WF_T_TEXT,
                            .default_const = WF_NONE,
                            .missing_as = WF_NONE,
                            .format = WF_NONE};
    f.has_default = true;
    f.default_const = wf_irb_const(&b, wf_text_value(WF_T_TEXT, "x", 1));
    struct wf_ir_record r = ir->member;
    r.fields_first = wf_irb_add_fields(&b, &f, 1);
    r.fields_count = 1;
    r.unique_count = 0;
    wf_irb_add_tables(&b, &r, 1);
    struct wf_ir_anniv y = {.days = -7};
    uint32_t joined = WF_NONE;
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        if (ir->inputs[i].type == WF_T_DATE && ir->inputs[i].domain == WF_DOM_MEMBER)
            joined = wf_irb_col(&b, i);
    uint32_t anniv = wf_irb_anniv(&b, &y);
    uint32_t due = wf_irb_2(&b, WF_IR_ANNIVERSARY, joined, anniv);
    uint32_t year = wf_irb_2(&b, WF_IR_ANNIV_YEAR, joined, anniv);
    uint32_t now = wf_irb_param(&b, WF_PARAM_NOW, 0);
    struct wf_ir_part_of_text part = {WF_NONE, joined, name};
    struct wf_ir_template text = {.language = name, .next = WF_NONE};
    text.parts_first = wf_irb_add_text_parts(&b, &part, 1);
    text.parts_count = 1;
    struct wf_ir_action task = {.kind = WF_ACT_TASK,
                                .name = WF_NONE,
                                .coupon = WF_NONE,
                                .channel = WF_NONE,
                                .value = WF_NONE,
                                .at = WF_NONE,
                                .at_text = WF_NONE,
                                .due = {3, WF_T_DAYS},
                                .place = WF_NONE};
    task.text = wf_irb_add_templates(&b, &text, 1);
    struct wf_ir_show show = {name, joined};
    struct wf_ir_atom atom = {.text = name, .node = due, .place = WF_NONE};
    atom.shows_first = wf_irb_add_shows(&b, &show, 1);
    atom.shows_count = 1;
    struct wf_ir_trigger t = ir->triggers[0];
    t.moment = WF_MOMENT_ANNIVERSARY;
    t.due = due;
    t.year = year;
    t.due_le_now = wf_irb_2(&b, WF_IR_LE, due, now);
    t.due_ge_floor = wf_irb_2(&b, WF_IR_GE, due, wf_irb_param(&b, WF_PARAM_FLOOR, ir->n_triggers));
    t.atoms_first = wf_irb_add_atoms(&b, &atom, 1);
    t.atoms_count = 1;
    t.actions_first = wf_irb_add_actions(&b, &task, 1);
    t.actions_count = 1;
    wf_irb_add_triggers(&b, &t, 1);
    struct wf_ir_content coupon = {.name = name,
                                   .label = WF_NONE,
                                   .coupon = true,
                                   .value = 2000,
                                   .stock = -1,
                                   .text = WF_NONE,
                                   .prefer = WF_NONE};
    wf_irb_add_contents(&b, &coupon, 1);
    assert_int_equal(b.status, WF_OK);
    wf_irb_release(&b);
}

static int setup(void **state)
{
    struct wf_program *program = sample_graph(SAMPLE_FULL);
    assert_non_null(program);
    enrich(&program->ir);
    *state = program;
    return 0;
}

static int teardown(void **state)
{
    wf_program_free(*state);
    return 0;
}

static bool accepts(const struct wf_ir *ir)
{
    struct wf_ir_fault fault;
    return wf_ir_verify(ir, &fault) == WF_OK;
}

static void the_sample_is_accepted(void **state)
{
    struct wf_program *program = *state;
    struct wf_ir_fault fault;
    enum wf_status status = wf_ir_verify(&program->ir, &fault);
    if (status)
        print_error("%s %u: %s\n", fault.table, fault.row, fault.rule);
    assert_int_equal(status, WF_OK);
    assert_null(fault.rule);
}

/* ---- every described field, out of its range ---- */

static void put(void *row, const struct wf_ir_fd *fd, uint64_t value)
{
    memcpy((char *)row + fd->offset, &value, fd->size); /* little endian, as the build machines */
}

/* How many of the values are out of range for the field; they go to bad[]. */
static int bad_values(const struct wf_ir *ir, const struct wf_ir_fd *fd, uint64_t bad[4])
{
    uint32_t n = wf_ir_table_n(ir, (enum wf_ir_table)fd->table);
    switch (fd->kind) {
    case WF_FK_BOOL:
        bad[0] = 2;
        bad[1] = 255;
        return 2;
    case WF_FK_U8:
        bad[0] = fd->limit;
        bad[1] = 255;
        return 2;
    case WF_FK_REF:
        bad[0] = n;
        bad[1] = WF_NONE;
        bad[2] = WF_NONE - 1;
        return 3;
    case WF_FK_OPT:
        bad[0] = n;
        bad[1] = WF_NONE - 1;
        return 2;
    case WF_FK_COUNT:
        bad[0] = n + 1;
        bad[1] = WF_NONE;
        return 2;
    case WF_FK_FIRST:
        bad[0] = n + 1;
        bad[1] = WF_NONE;
        return 2;
    default: return 0;
    }
}

static void break_row(struct wf_ir *ir, const struct wf_ir_td *td, void *row, uint32_t number)
{
    for (int f = 0; f < td->n_fields; f++) {
        const struct wf_ir_fd *fd = &td->fields[f];
        uint64_t bad[4];
        int n = bad_values(ir, fd, bad);
        for (int i = 0; i < n; i++) {
            uint64_t before = 0;
            memcpy(&before, (char *)row + fd->offset, fd->size);
            put(row, fd, bad[i]);
            if (accepts(ir))
                fail_msg("%s %u: %s = %llu was accepted", td->name, number, fd->name,
                         (unsigned long long)bad[i]);
            put(row, fd, before);
        }
    }
}

static void ranges_are_checked(void **state)
{
    struct wf_ir *ir = &((struct wf_program *)*state)->ir;
    for (int t = 0; t < WF_IRT_COUNT_; t++)
        for (uint32_t r = 0; r < wf_ir_table_n(ir, (enum wf_ir_table)t); r++)
            break_row(ir, &wf_ir_td[t], wf_ir_row(ir, (enum wf_ir_table)t, r), r);
    assert_true(accepts(ir));
}

/* ---- each rule broken once ---- */

static struct wf_ir_node *node_of(struct wf_ir *ir, enum wf_ir_op op)
{
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        if (ir->nodes[i].op == op)
            return &ir->nodes[i];
    fail_msg("the sample has no such node");
    return NULL;
}

/* The first node of a type, RUN or MEMBER. */
static uint32_t any_node(const struct wf_ir *ir, uint8_t type)
{
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        if (ir->nodes[i].type == type && ir->nodes[i].domain <= WF_DOM_MEMBER)
            return i;
    fail_msg("the sample has no node of that type");
    return WF_NONE;
}

static uint32_t event_node(const struct wf_ir *ir, uint8_t type)
{
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        if (ir->nodes[i].type == type && ir->nodes[i].domain >= WF_DOM_EVENT)
            return i;
    fail_msg("the sample has no event node of that type");
    return WF_NONE;
}

static uint32_t trigger_of(const struct wf_ir *ir, enum wf_moment moment)
{
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        if (ir->triggers[i].moment == moment)
            return i;
    fail_msg("the sample has no such trigger");
    return 0;
}

#define BREAK(name, body)                                                                          \
    static void name(struct wf_ir *ir)                                                             \
    {                                                                                              \
        body;                                                                                      \
    }
#define TIME_TRIGGER ir->triggers[trigger_of(ir, WF_MOMENT_TIME)]
#define EVENT_TRIGGER ir->triggers[trigger_of(ir, WF_MOMENT_EVENT)]
#define YEAR_TRIGGER ir->triggers[trigger_of(ir, WF_MOMENT_ANNIVERSARY)]

BREAK(node_type, node_of(ir, WF_IR_AND)->type = WF_T_INT)
BREAK(node_domain, node_of(ir, WF_IR_AND)->domain = WF_DOM_RUN)
BREAK(node_domain_none, node_of(ir, WF_IR_AND)->domain = 60000)
BREAK(node_cycle, node_of(ir, WF_IR_NOT)->a = (uint32_t)(node_of(ir, WF_IR_NOT) - ir->nodes))
BREAK(node_later, node_of(ir, WF_IR_NOT)->a = ir->n_nodes - 1)
BREAK(node_operand_type, node_of(ir, WF_IR_NOT)->a = any_node(ir, WF_T_DATE))
BREAK(node_stray_argument, node_of(ir, WF_IR_NOT)->c = 1)
BREAK(node_const, node_of(ir, WF_IR_CONST)->a = ir->n_consts)
BREAK(node_param, node_of(ir, WF_IR_PARAM)->a = WF_PARAM_COUNT_)
BREAK(node_floor, {
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        if (ir->nodes[i].op == WF_IR_PARAM && ir->nodes[i].a == WF_PARAM_FLOOR)
            ir->nodes[i].b = ir->n_triggers;
})
BREAK(node_col, node_of(ir, WF_IR_COL)->a = ir->n_inputs)
BREAK(node_lift_view, node_of(ir, WF_IR_LIFT)->b = ir->n_views)
BREAK(node_agg, node_of(ir, WF_IR_AGG)->a = ir->n_aggs)
BREAK(node_agg_part, node_of(ir, WF_IR_AGG)->b = WF_PART_COUNT_)
BREAK(node_agg_later, ir->aggs[node_of(ir, WF_IR_AGG)->a].filter = ir->n_nodes - 1)
BREAK(node_pop, node_of(ir, WF_IR_POP)->a = ir->n_pops)
BREAK(node_pop_later, ir->pops[node_of(ir, WF_IR_POP)->a].x = ir->n_nodes - 1)
BREAK(node_in, node_of(ir, WF_IR_IN)->b = ir->n_lists)
BREAK(node_follow, node_of(ir, WF_IR_FOLLOWED)->b = ir->n_follows)
BREAK(node_anniv, node_of(ir, WF_IR_ANNIVERSARY)->b = ir->n_annivs)
BREAK(list_order, {
    for (uint32_t i = 0; i < ir->n_lists; i++)
        if (ir->lists[i].count > 1)
            ir->list_items[ir->lists[i].first] = ir->list_items[ir->lists[i].first + 1];
})
BREAK(list_claims, ir->lists[0].count = ir->n_list_items - ir->lists[0].first)
BREAK(const_type, ir->consts[0].type = WF_T_NONE)
BREAK(const_type_limit, ir->consts[0].type = WF_T_COUNT_)
BREAK(const_bool, {
    for (uint32_t i = 0; i < ir->n_consts; i++)
        if (ir->consts[i].type == WF_T_BOOL)
            ir->consts[i].i = 2;
})
BREAK(const_date, ir->consts[0] = wf_int_value(WF_T_DATE, WF_MAX_DAY + 1))
BREAK(const_time, ir->consts[0] = wf_int_value(WF_T_TIME, WF_MIN_TIME - 1))
BREAK(const_clock, ir->consts[0] = wf_int_value(WF_T_CLOCK, WF_DAY_SECONDS))
BREAK(const_ref, ir->consts[0] = wf_int_value(WF_T_REF, 0))
BREAK(const_nan, {
    ir->consts[0] = wf_int_value(WF_T_NUMBER, 0);
    ir->consts[0].f = 0.0 / (double)ir->consts[0].i;
})
BREAK(const_utf8, ir->consts[0] = wf_text_value(WF_T_TEXT, "\xff", 1))
BREAK(input_run, ir->inputs[0].domain = WF_DOM_RUN)
BREAK(input_view, ir->inputs[0].domain = (uint16_t)(WF_DOM_EVENT + ir->n_views))
BREAK(input_record, ir->inputs[0].record = 1)
BREAK(input_field, ir->inputs[0].field = ir->member.fields_count)
BREAK(input_type, ir->inputs[0].type = WF_T_CLOCK)
BREAK(input_via, ir->inputs[0].via_field = 0)
BREAK(view_event, ir->views[0].event = WF_NONE)
BREAK(view_sent, ir->views[0].sent = true)
BREAK(view_by, ir->views[0].by = 0)
BREAK(agg_filter, ir->aggs[0].filter = any_node(ir, WF_T_INT))
BREAK(agg_filter_domain, {
    uint32_t filter = ir->aggs[0].filter;
    for (uint32_t i = 0; i < filter; i++)
        if (ir->nodes[i].type == WF_T_BOOL && ir->nodes[i].domain == WF_DOM_MEMBER)
            ir->aggs[0].filter = i;
    if (ir->aggs[0].filter == filter)
        ir->aggs[0].value = 0;
})
BREAK(agg_type, ir->aggs[0].type = WF_T_TEXT)
BREAK(agg_value, {
    for (uint32_t i = 0; i < ir->n_aggs; i++)
        if (ir->aggs[i].kind == WF_AGG_SUM)
            ir->aggs[i].value = WF_NONE;
})
BREAK(pop_n, ir->pops[0].n = 10001)
BREAK(pop_negative, ir->pops[0].n = -1)
BREAK(pop_parts, {
    for (uint32_t i = 0; i < ir->n_pops; i++)
        if (ir->pops[i].kind == WF_POP_QUANTILE)
            ir->pops[i].n = 1;
})
BREAK(pop_type, ir->pops[0].type = WF_T_TEXT)
BREAK(follow_unit, ir->follows[0].unit = WF_T_INT)
BREAK(follow_within, ir->follows[0].within = -1)
BREAK(follow_filter, ir->follows[0].filter = any_node(ir, WF_T_INT))
BREAK(field_type, ir->fields[0].type = WF_T_MONTHS)
BREAK(field_enums, ir->fields[0].type = WF_T_ENUM)
BREAK(field_ref, ir->fields[0].ref = 1)
BREAK(field_default, ir->fields[0].has_default = true)
BREAK(field_default_type, {
    for (uint32_t i = 0; i < ir->n_fields; i++)
        if (ir->fields[i].has_default)
            ir->fields[i].type = WF_T_INT;
})
BREAK(record_at, ir->events[0].at_field = WF_NONE)
BREAK(record_at_type, ir->events[0].at_field = ir->events[0].member_field)
BREAK(record_at_range, ir->events[0].at_field = ir->events[0].fields_count)
BREAK(record_member, ir->events[0].member_field = ir->events[0].at_field)
BREAK(record_member_at, ir->member.at_field = 0)
BREAK(record_void, ir->events[0].void_when = any_node(ir, WF_T_INT))
BREAK(record_void_member, ir->member.void_when = any_node(ir, WF_T_BOOL))
BREAK(record_since, ir->events[0].complete_since = INT32_MAX)
BREAK(timezone_index, ir->timezone = ir->n_texts)
BREAK(merges_index, ir->merges = ir->n_texts)
BREAK(segment_cond, ir->segments[0].cond = any_node(ir, WF_T_INT))
BREAK(segment_domain, ir->segments[0].cond = event_node(ir, WF_T_BOOL))
BREAK(class_match, ir->classes[0].match = any_node(ir, WF_T_INT))
BREAK(watch_cond, ir->watches[0].cond = event_node(ir, WF_T_BOOL))
BREAK(due_lacks, TIME_TRIGGER.due = WF_NONE)
BREAK(due_type, TIME_TRIGGER.due = any_node(ir, WF_T_DATE))
BREAK(due_domain, TIME_TRIGGER.due = event_node(ir, WF_T_TIME))
BREAK(due_le_type, TIME_TRIGGER.due_le_now = any_node(ir, WF_T_TIME))
BREAK(due_ge_lacks, TIME_TRIGGER.due_ge_floor = WF_NONE)
BREAK(time_with_view, TIME_TRIGGER.view = 0)
BREAK(time_with_year, TIME_TRIGGER.year = any_node(ir, WF_T_INT))
BREAK(time_with_last, TIME_TRIGGER.agg_last = 0)
BREAK(time_with_watch, TIME_TRIGGER.watch = 0)
BREAK(time_leaves, TIME_TRIGGER.leaves = true)
BREAK(year_lacks, YEAR_TRIGGER.year = WF_NONE)
BREAK(year_type, YEAR_TRIGGER.year = any_node(ir, WF_T_BOOL))
BREAK(event_filter, EVENT_TRIGGER.filter = any_node(ir, WF_T_INT))
BREAK(event_filter_lacks, EVENT_TRIGGER.filter = WF_NONE)
BREAK(guard_type, TIME_TRIGGER.guard = any_node(ir, WF_T_INT))
BREAK(guard_domain, TIME_TRIGGER.guard = event_node(ir, WF_T_BOOL))
BREAK(moment_other, TIME_TRIGGER.moment = WF_MOMENT_CROSSING)
BREAK(grace_negative, TIME_TRIGGER.grace = ((struct wf_ir_duration){-1, WF_T_DAYS}))
BREAK(grace_unit, TIME_TRIGGER.grace = ((struct wf_ir_duration){1, WF_T_INT}))
BREAK(holdout_large, TIME_TRIGGER.holdout = 1000001)
BREAK(holdout_negative, TIME_TRIGGER.holdout = -1)
BREAK(atom_type, ir->atoms[0].node = any_node(ir, WF_T_INT))
BREAK(atom_domain, ir->atoms[0].node = event_node(ir, WF_T_BOOL))
BREAK(show_domain, ir->shows[0].node = event_node(ir, WF_T_MONEY))
BREAK(action_name, ir->actions[0].name = WF_NONE)
BREAK(action_value, ir->actions[0].value = any_node(ir, WF_T_INT))
BREAK(action_points, ir->actions[0].kind = WF_ACT_POINTS)
BREAK(action_at, (ir->actions[0].at = any_node(ir, WF_T_INT), ir->actions[0].at_text = 0))
BREAK(action_at_words, ir->actions[0].at_text = 0)
BREAK(action_due, ir->actions[0].due = ((struct wf_ir_duration){1, WF_T_DAYS}))
BREAK(action_store, ir->actions[0].to_store = true)
BREAK(action_coupon, ir->actions[0].coupon = 0)
BREAK(part_both, ir->text_parts[0].text = 0)
BREAK(part_neither, ir->text_parts[0].node = WF_NONE)
BREAK(part_domain, ir->text_parts[0].node = event_node(ir, WF_T_MONEY))
BREAK(template_loop, ir->templates[0].next = 0)
BREAK(content_value, ir->contents[0].value = -1)
BREAK(content_stock, ir->contents[0].stock = -2)
BREAK(content_valid, ir->contents[0].valid.count = 1)

#define ONE(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }
static const struct {
    const char *name;
    void (*breaks)(struct wf_ir *ir);
} breaks[] = {
    ONE(node_type),
    ONE(node_domain),
    ONE(node_domain_none),
    ONE(node_cycle),
    ONE(node_later),
    ONE(node_operand_type),
    ONE(node_stray_argument),
    ONE(node_const),
    ONE(node_param),
    ONE(node_floor),
    ONE(node_col),
    ONE(node_lift_view),
    ONE(node_agg),
    ONE(node_agg_part),
    ONE(node_agg_later),
    ONE(node_pop),
    ONE(node_pop_later),
    ONE(node_in),
    ONE(node_follow),
    ONE(node_anniv),
    ONE(list_order),
    ONE(list_claims),
    ONE(const_type),
    ONE(const_type_limit),
    ONE(const_bool),
    ONE(const_date),
    ONE(const_time),
    ONE(const_clock),
    ONE(const_ref),
    ONE(const_nan),
    ONE(const_utf8),
    ONE(input_run),
    ONE(input_view),
    ONE(input_record),
    ONE(input_field),
    ONE(input_type),
    ONE(input_via),
    ONE(view_event),
    ONE(view_sent),
    ONE(view_by),
    ONE(agg_filter),
    ONE(agg_filter_domain),
    ONE(agg_type),
    ONE(agg_value),
    ONE(pop_n),
    ONE(pop_negative),
    ONE(pop_parts),
    ONE(pop_type),
    ONE(follow_unit),
    ONE(follow_within),
    ONE(follow_filter),
    ONE(field_type),
    ONE(field_enums),
    ONE(field_ref),
    ONE(field_default),
    ONE(field_default_type),
    ONE(record_at),
    ONE(record_at_type),
    ONE(record_at_range),
    ONE(record_member),
    ONE(record_member_at),
    ONE(record_void),
    ONE(record_void_member),
    ONE(record_since),
    ONE(timezone_index),
    ONE(merges_index),
    ONE(segment_cond),
    ONE(segment_domain),
    ONE(class_match),
    ONE(watch_cond),
    ONE(due_lacks),
    ONE(due_type),
    ONE(due_domain),
    ONE(due_le_type),
    ONE(due_ge_lacks),
    ONE(time_with_view),
    ONE(time_with_year),
    ONE(time_with_last),
    ONE(time_with_watch),
    ONE(time_leaves),
    ONE(year_lacks),
    ONE(year_type),
    ONE(event_filter),
    ONE(event_filter_lacks),
    ONE(guard_type),
    ONE(guard_domain),
    ONE(moment_other),
    ONE(grace_negative),
    ONE(grace_unit),
    ONE(holdout_large),
    ONE(holdout_negative),
    ONE(atom_type),
    ONE(atom_domain),
    ONE(show_domain),
    ONE(action_name),
    ONE(action_value),
    ONE(action_points),
    ONE(action_at),
    ONE(action_at_words),
    ONE(action_due),
    ONE(action_store),
    ONE(action_coupon),
    ONE(part_both),
    ONE(part_neither),
    ONE(part_domain),
    ONE(template_loop),
    ONE(content_value),
    ONE(content_stock),
    ONE(content_valid),
};

static void rules_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
        void *fresh;
        setup(&fresh);
        struct wf_ir *ir = &((struct wf_program *)fresh)->ir;
        breaks[i].breaks(ir);
        struct wf_ir_fault fault;
        if (wf_ir_verify(ir, &fault) != WF_ERR_FORMAT)
            fail_msg("%s was accepted", breaks[i].name);
        assert_non_null(fault.table);
        assert_non_null(fault.rule);
        teardown(&fresh);
    }
}

/* Random bytes in the tables: whatever comes of it, the verifier answers (ASan and UBSan watch). */
static void nonsense_is_survived(void **state)
{
    struct wf_ir *ir = &((struct wf_program *)*state)->ir;
    uint64_t seed = 88172645463325252u;
    unsigned accepted = 0;
    for (int i = 0; i < 20000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        enum wf_ir_table t = (enum wf_ir_table)(seed % WF_IRT_COUNT_);
        uint32_t n = wf_ir_table_n(ir, t);
        if (!n || wf_ir_td[t].n_fields == 0)
            continue;
        unsigned char *row = wf_ir_row(ir, t, (uint32_t)(seed >> 8) % n);
        size_t at = (size_t)(seed >> 40) % wf_ir_td[t].row_size;
        unsigned char before = row[at];
        row[at] = (unsigned char)(seed >> 56);
        accepted += accepts(ir);
        row[at] = before;
    }
    assert_true(accepted > 0);
    assert_true(accepts(ir));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_sample_is_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(ranges_are_checked, setup, teardown),
        cmocka_unit_test(rules_are_checked),
        cmocka_unit_test_setup_teardown(nonsense_is_survived, setup, teardown),
    };
    return cmocka_run_group_tests_name("ir_verify", tests, NULL, NULL);
}
