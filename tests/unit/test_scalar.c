/* The row evaluator: what aggregates, doubts, lifts and what follows mean, and texts of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/base/limits.h"
#include "lang/base/zone.h"
#include "lang/ir/build.h"
#include "runtime/engine/dues.h"
#include "runtime/vm/scalar.h"
#include "runtime/vm/text.h"
#include "runtime/vm/trace.h"

/*
 * member 0  nothing
 * member 1  order A of two lines (100.00, 50.00), order B two days later (-20.00), order C at once
 *           (7.00)
 * member 2  a known row (10.00) and two rejected ones (5.00 and -3.00)
 * member 3  a row without an amount
 * member 4  two lines of one order, one of them rejected; a rejected row without a time
 */
enum { MEMBERS = 5, ROWS = 11, DAY = 86400, NOON = 12 * 3600, ROOM = WF_BATCH };
#define START (INT64_C(20000) * DAY - 8 * 3600) /* a midnight in Shanghai */

static int64_t at[ROOM] = {START + NOON,
                           START + NOON,
                           START + 2 * DAY + NOON,
                           START + 5 * DAY + 3600,
                           START,
                           START + DAY,
                           START + 2 * DAY,
                           START + NOON,
                           START + NOON,
                           START + NOON + 1,
                           0};
static int64_t amount[ROOM] = {10000, 5000, -2000, 700, 1000, 500, -300, 0, 100, 200, 0};
static double weight[ROOM] = {0.1, 0.2, 0.3, -0.0, 1e16, 1, -1e16, 0, 1, 2, 0};
static uint32_t brand[ROOM] = {0, 1, 1, 0, 2, 2, 2, 1, 0, 0, 0};
static uint32_t first[MEMBERS + 1] = {0, 0, 4, 7, 8, ROWS};
static uint64_t begins[] = {0x4fd}; /* all but rows 1 and 9 */
static uint64_t doubt[] = {1 << 5 | 1 << 6 | 1 << 9 | 1 << 10};
static uint64_t timed[] = {0x3ff};
static uint64_t amounts[] = {0x37f}; /* all but rows 7 and 10 */
static int32_t joined[ROOM] = {20000, 20001, 20002, 20003, 20004};
static int32_t tier[ROOM] = {0, 1, 1, 0, 1};
static uint64_t tiers[] = {0x1e}; /* all but member 0 */
static uint64_t brand_at[] = {0, 1, 2, 8};
static char brand_bytes[] = "ab\xe6\x98\x8e\xe6\x9c\x88"; /* a, b, 明月 */

struct bench {
    struct wf_arena arena;
    struct wf_ir ir;
    struct wf_irb b;
    struct wf_dict dict;
    struct wf_column inputs[6];
    struct wf_events view;
    struct wf_id ids[MEMBERS];
    struct wf_dataset data;
    struct wf_vm_params params;
    struct wf_zone *zone;
    struct wf_scalar *scalar;
    struct wf_buf buf;
    uint32_t at, amount, weight, brand, joined, tier, all, sure;
};

static uint32_t input(struct bench *t, uint16_t domain, enum wf_type type, uint32_t field)
{
    struct wf_ir_input of = {.domain = domain,
                             .type = (uint8_t)type,
                             .needed = 1,
                             .record = domain == WF_DOM_MEMBER ? 0 : 1,
                             .field = field,
                             .via_field = WF_NONE};
    return wf_irb_col(&t->b, wf_irb_input(&t->b, &of));
}

static void fields(struct bench *t)
{
    struct wf_ir_field of[6] = {{.type = WF_T_TIME}, {.type = WF_T_MONEY}, {.type = WF_T_NUMBER},
                                {.type = WF_T_TEXT}, {.type = WF_T_DATE},  {.type = WF_T_ENUM}};
    uint32_t names[2] = {wf_irb_textz(&t->b, "silver"), wf_irb_textz(&t->b, "gold")};
    of[5].enums_first = wf_irb_add_enum_names(&t->b, names, 2);
    of[5].enums_count = 2;
    of[3].private_ = true;
    uint32_t at_field = wf_irb_add_fields(&t->b, of, 6);
    t->ir.member = (struct wf_ir_record){.fields_first = at_field + 4, .fields_count = 2};
    struct wf_ir_record event = {.fields_first = at_field, .fields_count = 4};
    wf_irb_add_events(&t->b, &event, 1);
}

static void dataset(struct bench *t)
{
    t->dict = (struct wf_dict){3, brand_at, brand_bytes};
    t->inputs[0] = (struct wf_column){.type = WF_T_TIME, .layout = WF_LAY_I64, .i64 = at};
    t->inputs[0].present = timed;
    t->inputs[1] = (struct wf_column){.type = WF_T_MONEY, .layout = WF_LAY_I64, .i64 = amount};
    t->inputs[1].present = amounts;
    t->inputs[2] = (struct wf_column){.type = WF_T_NUMBER, .layout = WF_LAY_F64, .f64 = weight};
    t->inputs[3] = (struct wf_column){.type = WF_T_TEXT, .layout = WF_LAY_CODE, .code = brand};
    t->inputs[3].dict = &t->dict;
    t->inputs[4] = (struct wf_column){.type = WF_T_DATE, .layout = WF_LAY_I32, .i32 = joined};
    t->inputs[5] = (struct wf_column){.type = WF_T_ENUM, .layout = WF_LAY_I32, .i32 = tier};
    t->inputs[5].present = tiers;
    t->view = (struct wf_events){
        .n = ROWS, .first = first, .begins = begins, .doubt = doubt, .at = at, .at_known = timed};
    t->data = (struct wf_dataset){
        .n_members = MEMBERS, .n_inputs = 6, .inputs = t->inputs, .n_views = 1, .views = &t->view};
}

static int setup(void **state)
{
    static struct bench t;
    t = (struct bench){0};
    wf_arena_init(&t.arena, NULL);
    wf_ir_init(&t.ir, &t.arena);
    wf_irb_init(&t.b, &t.ir, NULL);
    wf_buf_init(&t.buf, NULL, 0);
    fields(&t);
    wf_irb_view(&t.b, 0, WF_NONE, false);
    t.at = input(&t, WF_DOM_EVENT, WF_T_TIME, 0);
    t.amount = input(&t, WF_DOM_EVENT, WF_T_MONEY, 1);
    t.weight = input(&t, WF_DOM_EVENT, WF_T_NUMBER, 2);
    t.brand = input(&t, WF_DOM_EVENT, WF_T_TEXT, 3);
    t.joined = input(&t, WF_DOM_MEMBER, WF_T_DATE, 0);
    t.tier = input(&t, WF_DOM_MEMBER, WF_T_ENUM, 1);
    dataset(&t);
    t.sure = wf_irb_1(&t.b, WF_IR_MISSING, wf_irb_value(&t.b, wf_missing(WF_T_INT)));
    /* every row, in doubt where it was rejected */
    t.all = wf_irb_2(&t.b, WF_IR_OR, wf_irb_1(&t.b, WF_IR_PRESENT, t.at), t.sure);
    t.all = wf_irb_1(&t.b, WF_IR_DOUBTED, t.all);
    if (wf_zone_fixed(NULL, 8 * 3600, &t.zone) || t.b.status)
        return -1;
    t.params = (struct wf_vm_params){.now = START + 100 * INT64_C(86400), .zone = t.zone};
    *state = &t;
    return 0;
}

static int teardown(void **state)
{
    struct bench *t = *state;
    wf_scalar_free(t->scalar);
    wf_zone_free(t->zone);
    wf_buf_release(&t->buf);
    wf_irb_release(&t->b);
    wf_arena_release(&t->arena);
    return 0;
}

/* The program is whole: from now on it is asked. */
static void ask(struct bench *t)
{
    assert_int_equal(t->b.status, WF_OK);
    t->scalar = wf_scalar_new(&t->ir, &t->data, &t->params, NULL, NULL);
    assert_non_null(t->scalar);
}

static const char *shown(struct bench *t, struct wf_value v)
{
    wf_buf_reset(&t->buf);
    wf_value_print(&t->buf, t->zone, v);
    return v.present ? wf_buf_str(&t->buf) : "-";
}

static uint32_t aggregate(struct bench *t, enum wf_ir_agg_kind kind, enum wf_type type,
                          uint32_t value)
{
    struct wf_ir_agg agg = {(uint8_t)kind, (uint8_t)type, 0, t->all, value};
    return wf_irb_agg(&t->b, &agg);
}

static void aggregates(void **state)
{
    struct bench *t = *state;
    const uint32_t none = WF_NONE;
    const struct {
        enum wf_ir_agg_kind kind;
        enum wf_type type;
        uint32_t value;
        const char *of[MEMBERS]; /* VALUE, of COUNT SUM DISTINCT also LO and HI; ! is not sure */
    } table[] = {
        {WF_AGG_COUNT, WF_T_INT, none, {"0 0 0", "3 3 3", "- 1 3!", "1 1 1", "- 1 2!"}},
        {WF_AGG_SUM,
         WF_T_MONEY,
         t->amount,
         {"0.00 0.00 0.00", "137.00 137.00 137.00", "- 7.00 15.00!", "- - -!", "- - -!"}},
        {WF_AGG_SUM,
         WF_T_NUMBER,
         t->weight,
         {"0 0 0", "0.6 0.6 0.6", "- 0 1e+16!", "0 0 0", "- 1 3!"}},
        {WF_AGG_AVERAGE, WF_T_NUMBER, t->amount, {"-", "34.25", "-!", "-!", "-!"}},
        {WF_AGG_MIN, WF_T_MONEY, t->amount, {"-", "-20.00", "-!", "-!", "-!"}},
        {WF_AGG_MAX, WF_T_MONEY, t->amount, {"-", "100.00", "-!", "-!", "-!"}},
        {WF_AGG_DISTINCT, WF_T_INT, t->brand, {"0 0 0", "2 2 2", "- 1 3!", "1 1 1", "- 1 3!"}},
        {WF_AGG_FIRST,
         WF_T_TIME,
         none,
         {"-", "2024-10-04T12:00:00", "-!", "2024-10-04T12:00:00", "-!"}},
        {WF_AGG_LAST,
         WF_T_TIME,
         none,
         {"-", "2024-10-09T01:00:00", "-!", "2024-10-04T12:00:00", "-!"}},
        {WF_AGG_FIRST_OF, WF_T_TEXT, t->brand, {"-", "a", "-!", "b", "-!"}},
        {WF_AGG_LAST_OF, WF_T_MONEY, t->amount, {"-", "7.00", "-!", "-", "-!"}},
        {WF_AGG_GAP, WF_T_DAYS, none, {"-", "3d", "-!", "-", "-!"}}, /* days 0, 2, 5: 2.5 up */
        {WF_AGG_HOUR, WF_T_CLOCK, none, {"-", "12:00:00", "-!", "12:00:00", "-!"}},
    };
    enum { N = sizeof(table) / sizeof(table[0]) };
    uint32_t agg[N], parts[N][4];
    for (int i = 0; i < N; i++) {
        agg[i] = aggregate(t, table[i].kind, table[i].type, table[i].value);
        bool bounds = table[i].kind == WF_AGG_COUNT || table[i].kind == WF_AGG_SUM ||
                      table[i].kind == WF_AGG_DISTINCT;
        for (int p = 0; p < 4; p++)
            parts[i][p] = p == WF_PART_VALUE || p == WF_PART_SURE || bounds
                              ? wf_irb_aggpart(&t->b, agg[i], (enum wf_ir_part)p)
                              : WF_NONE;
    }
    ask(t);
    for (int i = 0; i < N; i++) {
        for (uint32_t m = 0; m < MEMBERS; m++) {
            char got[128] = "";
            wf_scalar_member(t->scalar, m);
            for (int p = 0; p < 3; p++) {
                if (parts[i][p] == WF_NONE)
                    continue;
                strcat(got, p ? " " : "");
                strcat(got, shown(t, wf_scalar_value(t->scalar, parts[i][p])));
            }
            strcat(got, wf_scalar_truth(t->scalar, parts[i][WF_PART_SURE]) ? "" : "!");
            if (strcmp(got, table[i].of[m]) != 0)
                fail_msg("aggregate %d of member %u: want %s, got %s", i, m, table[i].of[m], got);
        }
    }
    assert_int_equal(wf_scalar_status(t->scalar), WF_OK);
}

static void the_row_of_the_last(void **state)
{
    struct bench *t = *state;
    uint32_t last = aggregate(t, WF_AGG_LAST, WF_T_TIME, WF_NONE);
    uint64_t row;
    ask(t);
    wf_scalar_member(t->scalar, 1);
    assert_true(wf_scalar_agg_row(t->scalar, last, &row));
    assert_int_equal(row, 3);
    wf_scalar_member(t->scalar, 2); /* in doubt */
    assert_false(wf_scalar_agg_row(t->scalar, last, &row));
    wf_scalar_member(t->scalar, 0);
    assert_false(wf_scalar_agg_row(t->scalar, last, &row));
}

/* Rows of a member from whose point of view another row follows within two days. */
static void what_follows(void **state)
{
    struct bench *t = *state;
    struct wf_ir_follow follow = {0, t->all, WF_T_DAYS, 2};
    uint32_t some = wf_irb_1(&t->b, WF_IR_PRESENT, t->brand);
    uint32_t followed = wf_irb_2(&t->b, WF_IR_FOLLOWED, some, wf_irb_follow(&t->b, &follow));
    static const int want[ROWS] = {1, 1, 0, 0, -1, -1, 0, 0, -1, -1, -1};
    ask(t);
    for (uint32_t m = 0; m < MEMBERS; m++) {
        wf_scalar_member(t->scalar, m);
        for (uint64_t row = first[m]; row < first[m + 1]; row++) {
            wf_scalar_event(t->scalar, 0, row);
            assert_int_equal(wf_scalar_truth(t->scalar, followed), want[row]);
        }
    }
}

/* A row is compared with a figure of its member, which walks the same rows. */
static void lifts_within_the_same_view(void **state)
{
    struct bench *t = *state;
    uint32_t most = aggregate(t, WF_AGG_MAX, WF_T_MONEY, t->amount);
    uint32_t lifted =
        wf_irb_node(&t->b, WF_IR_LIFT, wf_irb_aggpart(&t->b, most, WF_PART_VALUE), 0, 0);
    uint32_t largest = wf_irb_2(&t->b, WF_IR_EQ, t->amount, lifted);
    struct wf_ir_agg agg = {WF_AGG_COUNT, WF_T_INT, 0, largest, WF_NONE};
    uint32_t count = wf_irb_aggpart(&t->b, wf_irb_agg(&t->b, &agg), WF_PART_VALUE);
    ask(t);
    wf_scalar_member(t->scalar, 1);
    wf_scalar_event(t->scalar, 0, 1);
    assert_int_equal(wf_scalar_truth(t->scalar, largest), 0);
    assert_string_equal(shown(t, wf_scalar_value(t->scalar, count)), "1");
    assert_int_equal(wf_scalar_truth(t->scalar, largest), 0); /* row 1 is still the current one */
    wf_scalar_event(t->scalar, 0, 0);
    assert_int_equal(wf_scalar_truth(t->scalar, largest), 1);
}

/* A chain of a hundred thousand nodes is computed without a stack of calls. */
static void deep_graphs(void **state)
{
    struct bench *t = *state;
    uint32_t id = wf_irb_2(&t->b, WF_IR_EQ, t->tier, wf_irb_int(&t->b, WF_T_ENUM, 1));
    for (int i = 0; i < 100000; i++)
        id = wf_irb_1(&t->b, WF_IR_NOT, id);
    ask(t);
    for (uint32_t m = 0; m < MEMBERS; m++) {
        wf_scalar_member(t->scalar, m);
        assert_int_equal(wf_scalar_truth(t->scalar, id), m == 0 ? -1 : tier[m]);
    }
}

static void add_part(struct bench *t, const char *text, uint32_t node, const char *fallback)
{
    struct wf_ir_part_of_text part = {text ? wf_irb_textz(&t->b, text) : WF_NONE, node,
                                      fallback ? wf_irb_textz(&t->b, fallback) : WF_NONE};
    wf_irb_add_text_parts(&t->b, &part, 1);
}

static void texts(void **state)
{
    struct bench *t = *state;
    uint32_t last =
        wf_irb_aggpart(&t->b, aggregate(t, WF_AGG_LAST_OF, WF_T_TEXT, t->brand), WF_PART_VALUE);
    add_part(t, "Hello ", WF_NONE, NULL);
    add_part(t, NULL, t->tier, "friend");
    add_part(t, ", since ", WF_NONE, NULL);
    add_part(t, NULL, t->joined, NULL);
    struct wf_ir_template of[2] = {{wf_irb_textz(&t->b, "en"), 0, 4, 1},
                                   {wf_irb_textz(&t->b, "zh"), 0, 1, WF_NONE}};
    wf_irb_add_templates(&t->b, of, 2);
    struct wf_ir_show shows[3] = {{wf_irb_textz(&t->b, "tier"), t->tier},
                                  {wf_irb_textz(&t->b, "joined"), t->joined},
                                  {wf_irb_textz(&t->b, "phone"), last}};
    wf_irb_add_shows(&t->b, shows, 3);
    struct wf_ir_atom atoms[2] = {{wf_irb_textz(&t->b, "joined + 7d"), t->joined, 1, 2, WF_NONE},
                                  {wf_irb_textz(&t->b, "tier = gold"), t->tier, 0, 1, WF_NONE}};
    wf_irb_add_atoms(&t->b, atoms, 2);
    struct wf_ir_trigger rule = {.atoms_first = 0, .atoms_count = 2};
    wf_irb_add_triggers(&t->b, &rule, 1);
    ask(t);
    assert_int_equal(wf_text_choose(&t->ir, 0, "zh"), 1);
    assert_int_equal(wf_text_choose(&t->ir, 0, "fr"), 0);
    static const char *const want[2] = {"Hello friend, since 2024-10-04",
                                        "Hello gold, since 2024-10-05"};
    static const char *const why[2] = {
        "joined + 7d (joined 2024-10-04); tier = gold (tier missing)",
        "joined + 7d (joined 2024-10-05); tier = gold (tier gold)"};
    for (uint32_t m = 0; m < 2; m++) {
        wf_scalar_member(t->scalar, m);
        wf_buf_reset(&t->buf);
        wf_text_render(t->scalar, 0, &t->buf);
        assert_string_equal(wf_buf_str(&t->buf), want[m]);
        wf_buf_reset(&t->buf);
        wf_trace_reason(t->scalar, 0, &t->buf);
        assert_string_equal(wf_buf_str(&t->buf), why[m]);
    }
}

/* ---- the journey at hand ---- */

static int64_t asked(struct bench *t, uint32_t node)
{
    struct wf_value v = wf_scalar_value(t->scalar, node);
    return v.present ? v.i : -1;
}

static void the_event_that_entered(void **state)
{
    static unsigned char keys[ROWS][16] = {{'A'}, {'A'}, {'B'}, {'C'}};
    struct bench *t = *state;
    t->view.key = keys;
    uint32_t entry = wf_irb_node(&t->b, WF_IR_ENTRY, 0, 0, 0);
    uint32_t entered = wf_irb_node(&t->b, WF_IR_ENTERED, 0, 0, 0);
    uint32_t since = wf_irb_2(&t->b, WF_IR_GE, t->at, wf_irb_2(&t->b, WF_IR_LIFT, entry, 0));
    uint32_t sum = wf_irb_aggpart(&t->b, aggregate(t, WF_AGG_SUM, WF_T_MONEY, t->amount), 0);
    t->all = wf_irb_2(&t->b, WF_IR_AND, since, wf_irb_1(&t->b, WF_IR_NOT, entered));
    uint32_t after = wf_irb_aggpart(&t->b, aggregate(t, WF_AGG_COUNT, WF_T_INT, WF_NONE), 0);
    ask(t);
    wf_scalar_member(t->scalar, 1);
    assert_int_equal(asked(t, after), -1); /* in no journey: when was the entry? */
    wf_scalar_entry(t->scalar, START + NOON, WF_NONE, NULL);
    assert_int_equal(asked(t, entry), START + NOON);
    assert_int_equal(asked(t, after), 3);
    wf_scalar_entry(t->scalar, START + NOON, 0, keys[1]);
    assert_int_equal(asked(t, after), 2); /* both lines of order A are the event that entered */
    assert_int_equal(asked(t, sum), 13700);
    wf_scalar_hide(t->scalar, 0, 2);
    assert_int_equal(asked(t, after), 1);
    assert_int_equal(asked(t, sum), 15700);
    wf_scalar_unhide(t->scalar);
    assert_int_equal(asked(t, after), 2);
    assert_int_equal(asked(t, sum), 13700);
    wf_scalar_hide(t->scalar, 0, 0);
    wf_scalar_member(t->scalar, 1);
    assert_int_equal(asked(t, after), -1);
    assert_int_equal(asked(t, sum), 13700);
}

/* What is kept of a date is what would be computed again; whoever lacks it, or hangs on more, is
 * computed. */
static void dues_by_date(void **state)
{
    struct bench *t = *state;
    static int32_t days[MEMBERS] = {20000, 20000 + WF_DUES_KEPT, 20000, 20090, 20000};
    static uint64_t present[] = {0xf}; /* all but member 4 */
    t->inputs[4].i32 = days;
    t->inputs[4].present = present;
    uint32_t week = wf_irb_int(&t->b, WF_T_DAYS, 7);
    uint32_t anniv = wf_irb_anniv(&t->b, &(struct wf_ir_anniv){.days = -3});
    uint32_t shifted = wf_irb_2(&t->b, WF_IR_DATE_ADD, t->joined, week);
    uint32_t due = wf_irb_1(&t->b, WF_IR_MIDNIGHT, shifted);
    uint32_t gold =
        wf_irb_2(&t->b, WF_IR_EQ, t->tier, wf_irb_value(&t->b, wf_int_value(WF_T_ENUM, 1)));
    const struct {
        struct wf_ir_trigger of;
        bool lone;
    } table[] = {
        {{.due = due, .year = WF_NONE}, true},
        {{.due = wf_irb_2(&t->b, WF_IR_ANNIVERSARY, t->joined, anniv),
          .year = wf_irb_2(&t->b, WF_IR_ANNIV_YEAR, t->joined, anniv)},
         true},
        {{.due = wf_irb_node(&t->b, WF_IR_SELECT, gold, due,
                             wf_irb_1(&t->b, WF_IR_MIDNIGHT, t->joined)),
          .year = WF_NONE},
         false},
        {{.due =
              wf_irb_aggpart(&t->b, aggregate(t, WF_AGG_LAST, WF_T_TIME, WF_NONE), WF_PART_VALUE),
          .year = WF_NONE},
         false},
    };
    ask(t);
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        struct wf_dues dues;
        wf_dues_init(&dues, &t->ir, &table[i].of, &t->data, t->scalar);
        assert_int_equal(dues.column != NULL, table[i].lone);
        for (uint32_t m = 0; m < 2 * MEMBERS; m++) {
            wf_scalar_member(t->scalar, m % MEMBERS);
            struct wf_due got = wf_dues_of(&dues, m % MEMBERS);
            struct wf_value want = wf_scalar_value(t->scalar, table[i].of.due);
            assert_int_equal(got.due.present, want.present);
            assert_true(!want.present || got.due.i == want.i);
            if (table[i].of.year == WF_NONE)
                continue;
            want = wf_scalar_value(t->scalar, table[i].of.year);
            assert_int_equal(got.year.present, want.present);
            assert_true(!want.present || got.year.i == want.i);
        }
    }
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(aggregates),
        EACH(the_row_of_the_last),
        EACH(what_follows),
        EACH(lifts_within_the_same_view),
        EACH(deep_graphs),
        EACH(texts),
        EACH(the_event_that_entered),
        EACH(dues_by_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
