/*
 * The front half as a whole: modules and their order, the merged schema, what rules were taken for,
 * and every allocation failing in turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/sema/front.h"
#include "tests/tools/compiled.h"

static enum wf_status check(struct wf_front *front, const struct wf_alloc *alloc,
                            const struct file *files)
{
    struct wf_loader loader = loader_of(files);
    wf_front_init(front, alloc);
    return wf_front_check(front, &loader, files[0].path);
}

static enum wf_status check_text(struct wf_front *front, const char *text)
{
    struct file files[] = {{"rules.way", text}, {NULL, NULL}};
    return check(front, NULL, files);
}

static void test_modules(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"shop/main.way", "import \"./sub/b.way\"\nimport \"./c.way\"\n"},
        {"shop/sub/b.way", "import \"../d.way\"\n"},
        {"shop/c.way", "import \"./d.way\"\n"},
        {"shop/d.way", "let x = 1\n"},
        {NULL, NULL},
    };
    static const char *const want[] = {"d.way", "sub/b.way", "c.way", "main.way"};
    struct wf_front front;
    assert_int_equal(check(&front, NULL, files), WF_OK);
    assert_int_equal(front.checked.n_modules, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_string_equal(front.checked.modules[i]->name->text, want[i]);
    assert_string_equal(front.sources.files[1].name, "shop/sub/b.way");
    wf_front_release(&front);
}

static const struct wf_field *field(const struct wf_record *record, const char *name)
{
    for (uint32_t i = 0; i < record->n_fields; i++) {
        if (strcmp(record->fields[i]->name->text, name) == 0)
            return record->fields[i];
    }
    return NULL;
}

static void test_merged_schema(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"main.way", "import \"./base.way\"\n"
                     "member { joined date? from \"入会日期\"  birthday date  level int? }\n"
                     "event buy { amount number  unique (id) }\n"},
        {"base.way", "member from \"m*.csv\" { id text key from \"member_id\"\n"
                     "  joined date from \"joined_on\"\n"
                     "  birthday date? missing as 1900-01-01\n"
                     "  points int = 3 }\n"
                     "event buy as bought from \"b*.csv\" { at time from \"paid\"  id text\n"
                     "  member from \"who\"  amount money  void when amount = 0 }\n"},
        {NULL, NULL},
    };
    struct wf_front front;
    assert_int_equal(check(&front, NULL, files), WF_OK);
    const struct wf_record *member = front.checked.member;
    assert_string_equal(member->pattern->text, "m*.csv");
    assert_string_equal(member->key->column->text, "member_id");
    assert_string_equal(field(member, "joined")->column->text, "入会日期");
    assert_true(field(member, "joined")->type->optional);
    assert_false(field(member, "birthday")->type->optional);
    assert_non_null(field(member, "birthday")->missing_as);
    assert_non_null(field(member, "points")->default_value);
    assert_int_equal(field(member, "level")->index, 4);
    assert_int_equal(front.checked.n_events, 1);
    const struct wf_record *buy = front.checked.events[0];
    assert_string_equal(buy->word->text, "bought");
    assert_string_equal(buy->member_column->text, "who");
    assert_string_equal(buy->at->column->text, "paid");
    assert_int_equal(field(buy, "amount")->type->base, WF_T_NUMBER);
    assert_int_equal(buy->n_unique, 1);
    assert_string_equal(buy->unique[0]->name->text, "id");
    assert_non_null(buy->void_when);
    wf_front_release(&front);
}

static void test_moments(void **state)
{
    (void)state;
    static const struct {
        const char *when;
        enum wf_rule_moment kind;
        uint32_t guards;
    } cases[] = {
        {"joined", WF_RULE_TIME, 0},
        {"joined + 7d and not purchased", WF_RULE_TIME, 1},
        {"joined + 7d and wecom and (sms or push)", WF_RULE_TIME, 2},
        {"joined + 1mo - 3d", WF_RULE_TIME, 0},
        {"first purchase + 3d", WF_RULE_TIME, 0},
        {"last purchase + average gap purchase and wecom", WF_RULE_LAST, 1},
        {"late", WF_RULE_LAST, 0},
        {"anniversary of birthday - 7d", WF_RULE_ANNIVERSARY, 0},
        {"purchase + 3d", WF_RULE_EVENT, 0},
        {"purchase[amount > 300] and wecom", WF_RULE_EVENT, 1},
        {"purchase followed by visit within 3d", WF_RULE_EVENT, 0},
        {"purchase by invitees", WF_RULE_EVENT, 0},
        {"sent[name = \"x\"] + 3d and not redeemed", WF_RULE_EVENT, 1},
        {"sent[name = \"x\"] in last 30d and not redeemed", WF_RULE_CONDITION, 2},
        {"joined + 7d and not sent", WF_RULE_TIME, 1},
        {"member becomes old", WF_RULE_CROSSING, 0},
        {"member leaves old and wecom", WF_RULE_CROSSING, 1},
        {"level becomes high from low", WF_RULE_CROSSING, 0},
        {"every monday and wecom", WF_RULE_CALENDAR, 1},
        {"every month on 1", WF_RULE_CALENDAR, 0},
        {"every 14d from 2026-01-01", WF_RULE_CALENDAR, 0},
        {"on 2026-11-11", WF_RULE_CALENDAR, 0},
        {"points >= 1000", WF_RULE_CONDITION, 1},
        {"purchased and points >= 1000", WF_RULE_CONDITION, 2},
        {"old", WF_RULE_CONDITION, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text),
                 "import std.retail\nsegment old is joined older than 1y\n"
                 "classify level { high when points > 9  low otherwise }\n"
                 "let late = last purchase + 30d\n"
                 "trigger t when %s then tag \"x\"\n",
                 cases[i].when);
        struct wf_front front;
        assert_int_equal(check_text(&front, text), WF_OK);
        assert_int_equal(front.checked.n_rules, 1);
        const struct wf_rule *rule = &front.checked.rules[0];
        if (rule->kind != cases[i].kind || rule->n_guard != cases[i].guards)
            fail_msg("%s: kind %u, guards %u", cases[i].when, rule->kind, rule->n_guard);
        assert_string_equal(rule->identity->text, "t");
        assert_true((rule->moment != NULL) == (rule->kind != WF_RULE_CONDITION));
        wf_front_release(&front);
    }
}

/* The value of `let x = ...` in a program with the usual schema. */
static void test_types(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        enum wf_type base;
        bool optional;
    } cases[] = {
        {"1 + 2", WF_T_INT, false},
        {"1 + 2.5", WF_T_NUMBER, false},
        {"points / 2", WF_T_NUMBER, false},
        {"points / points", WF_T_NUMBER, true},
        {"sum purchase.amount", WF_T_MONEY, false},
        {"sum purchase.amount * 2", WF_T_MONEY, false},
        {"sum purchase.amount / 2", WF_T_MONEY, false},
        {"sum purchase.amount / sum purchase.amount", WF_T_NUMBER, true},
        {"sum purchase.amount + 20", WF_T_MONEY, false},
        {"sum purchase.amount + 200.00 * count visit", WF_T_MONEY, false},
        {"count visit * 0.50 / 2 - sum purchase.amount", WF_T_MONEY, false},
        {"200.00 * count visit", WF_T_NUMBER, false},
        {"sum purchase.qty", WF_T_INT, false},
        {"average purchase.amount", WF_T_NUMBER, true},
        {"max purchase.amount", WF_T_MONEY, true},
        {"distinct purchase.brand", WF_T_INT, false},
        {"first purchase", WF_T_TIME, true},
        {"last purchase.brand", WF_T_TEXT, true},
        {"last purchase.brand or else \"x\"", WF_T_TEXT, false},
        {"average gap purchase", WF_T_DAYS, true},
        {"2 * average gap purchase", WF_T_DAYS, true},
        {"usual hour of purchase", WF_T_CLOCK, true},
        {"joined - birthday", WF_T_DAYS, true},
        {"joined + 1y", WF_T_DATE, false},
        {"last purchase - first purchase", WF_T_SECONDS, true},
        {"days since joined", WF_T_INT, false},
        {"days since last purchase", WF_T_INT, true},
        {"quintile of points", WF_T_INT, false},
        {"top 10% by last purchase", WF_T_BOOL, true},
        {"50% of points", WF_T_NUMBER, false},
        {"10% of sum purchase.amount", WF_T_MONEY, false},
        {"purchased", WF_T_BOOL, false},
        {"purchased in last 30d", WF_T_BOOL, false},
        {"city = \"x\"", WF_T_BOOL, true},
        {"city is missing", WF_T_BOOL, false},
        {"inviter.city", WF_T_TEXT, true},
        {"count purchase by invitees", WF_T_INT, false},
        {"count purchase[qty > average purchase.qty]", WF_T_INT, false},
        {"count sent[name = \"x\"] in last 30d", WF_T_INT, false},
        {"\"vip\" in tags", WF_T_BOOL, false},
        {"now", WF_T_TIME, false},
        {"today", WF_T_DATE, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        snprintf(text, sizeof(text), "import std.retail\nlet x = %s\n", cases[i].value);
        struct wf_front front;
        enum wf_status status = check_text(&front, text);
        if (status != WF_OK)
            fail_msg("%s: %s", cases[i].value, front.diags.items[0]->message);
        const struct wf_symbol *x = front.checked.defs[front.checked.n_defs - 1];
        if (x->type->base != cases[i].base || x->type->optional != cases[i].optional)
            fail_msg("%s: is %s%s", cases[i].value, wf_type_text(x->type),
                     x->type->optional ? "?" : "");
        wf_front_release(&front);
    }
}

static void test_definitions_in_order(void **state)
{
    (void)state;
    struct wf_front front;
    assert_int_equal(check_text(&front, "import std.retail\nsegment a is b and c > 2\n"
                                        "segment b is c > 1\nlet c = d + 1\nlet d = points\n"),
                     WF_OK);
    static const char *const want[] = {"d", "c", "b", "a"};
    uint32_t first = front.checked.n_defs - 4;
    for (uint32_t i = 0; i < 4; i++) {
        assert_string_equal(front.checked.defs[first + i]->name->text, want[i]);
        assert_int_equal(front.checked.defs[first + i]->index, first + i);
    }
    wf_front_release(&front);
}

static void test_template(void **state)
{
    (void)state;
    struct wf_front front;
    assert_int_equal(check_text(&front, "import std.retail\nmessage hi \"Hi\" {\n"
                                        "  zh \"您好{name|亲}\\u{7b}！{points}\" }\n"),
                     WF_OK);
    const struct wf_node *message = front.checked.messages.items[0];
    const struct wf_node *text = message->kid[WF_K_MESSAGE_PROPS]->kid[WF_K_PROP_VALUE];
    assert_int_equal(text->form, WF_FORM_TEMPLATE);
    const struct wf_node *part = text->kid[0];
    assert_string_equal(part->name->text, "您好");
    part = part->next;
    assert_int_equal(part->kind, WF_N_PROP);
    assert_string_equal(part->name->text, "亲");
    assert_string_equal(part->kid[WF_K_PROP_VALUE]->name->text, "name");
    part = part->next;
    assert_string_equal(part->name->text, "{！");
    part = part->next;
    assert_null(part->name);
    assert_null(part->next);
    wf_front_release(&front);
}

/* ---- every allocation fails in turn ---- */

struct budget {
    size_t left;
    bool once; /* only one fails; else all from then on */
    bool failed;
};

static void *spend(void *ctx, void *ptr, size_t size)
{
    struct budget *budget = ctx;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (budget->left == 0 && !(budget->once && budget->failed)) {
        budget->failed = true;
        return NULL;
    }
    budget->left -= budget->left > 0;
    return realloc(ptr, size);
}

static void fail_each(bool once)
{
    static const struct file files[] = {
        {"main.way", "import \"./b.way\"\nlet spend = sum purchase.amount in last 365d\n"
                     "classify v { a when top 7% by spend  b otherwise }\n"
                     "message hi \"Hi\" { zh \"您好{name|亲}\" }\n"
                     "trigger t when joined + 7d and v = a then send hi\n"
                     "segment 老客 is city != \"x\"\n"},
        {"b.way", "export import std.retail\n"},
        {NULL, NULL},
    };
    for (size_t n = 0;; n++) {
        struct budget budget = {.left = n, .once = once};
        struct wf_alloc alloc = {spend, &budget};
        struct wf_front front;
        enum wf_status status = check(&front, &alloc, files);
        bool whole = status == WF_OK && front.checked.n_rules == 1 && front.diags.n == 1;
        bool unsaid = status == WF_ERR_RULES && front.diags.dropped > 0;
        wf_front_release(&front);
        if (!budget.failed) {
            assert_true(whole && n > 50);
            break;
        }
        assert_true(status == WF_ERR_NOMEM || unsaid);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    fail_each(false);
    fail_each(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modules),
        cmocka_unit_test(test_merged_schema),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_definitions_in_order),
        cmocka_unit_test(test_template),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
