/* Lists of coupons and messages: what one says, what of it stands, and what is no list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/calendar.h"
#include "runtime/data/catalogue.h"
#include "tests/tools/shop.h"

/* A list of coupons of which some rule names one. */
static void use_catalogue(struct shop *shop)
{
    struct wf_ir_catalogue row = {.name = wf_irb_textz(&shop->b, "coupons"),
                                  .pattern = wf_irb_textz(&shop->b, "coupons*"),
                                  .coupon = true};
    struct wf_ir_listed listed = {.name = wf_irb_textz(&shop->b, "A"), .coupon = true};
    wf_irb_add_catalogues(&shop->b, &row, 1);
    wf_irb_add_listed(&shop->b, &listed, 1);
    shop_put(shop, "members.csv", "member_id\nm1\n");
}

/* "A yes 20", "A no", or "none". */
static void expect_code(const struct shop *shop, const char *code, const char *says)
{
    const struct wf_listing *at = wf_catalogue_find(&shop->data->catalogues[0], code, strlen(code));
    char got[64] = "none";
    if (at && at->until == WF_NO_UNTIL_DAY)
        snprintf(got, sizeof(got), "%s", at->approved ? "yes" : "no");
    else if (at)
        snprintf(got, sizeof(got), "%s %d", at->approved ? "yes" : "no",
                 wf_day_to_civil(at->until).day);
    assert_string_equal(got, says);
}

static void what_it_says(void **state)
{
    static const struct {
        const char *name, *file; /* one after the other, each with what was there before */
        const char *a, *b;
    } rows[] = {
        {"coupons.csv", "code\nA\n", "yes", "none"},
        {"coupons.csv", "code;until;approved\nA;2026-11-20;\xe6\x98\xaf\nB;;0\n", "yes 20", "no"},
        {"coupons.csv", "code,approved\nA,\nB,yes\n", "no", "yes"},
        {"coupons_2.csv", "code,note\nA,\nC,x\n", "no", "yes"}, /* the stricter counts */
        {"coupons.csv", "code,until\nB,2026-11-20\nB,\n", "yes", "yes 20"},
        {"coupons.csv", "code,until\nB,2026-11-20\nB,2026-11-19\n", "yes", "yes 19"},
        {"coupons_3.jsonl", "{\"code\":\"B\",\"approved\":false}\n", "yes", "no 19"},
        {"coupons_3.jsonl", "{\"code\":\"B\"}\n", "yes", "yes 19"},
    };
    struct shop *shop = *state;
    use_catalogue(shop);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        shop_put(shop, rows[i].name, rows[i].file);
        shop_expect(shop, WF_OK, NULL);
        assert_true(shop->data->catalogues[0].read);
        expect_code(shop, "A", rows[i].a);
        expect_code(shop, "B", rows[i].b);
        expect_code(shop, "AA", "none");
        expect_code(shop, "", "none");
    }
}

/* However many rejects are allowed: what such a row would have withdrawn, nobody knows. */
static void files_that_are_refused(void **state)
{
    static const struct {
        const char *file, *says;
    } rows[] = {
        {"code,approved\nA,yes\nB,perhaps\n", "coupons.csv:3: `approved` is not one of"},
        {"code,until\nA,2026-02-30\n", "coupons.csv:2: `until` is not a day"},
        {"code\nA\n\"\"\n", "coupons.csv:3: `code` is empty"},
        {"code,approved\nA\n", "coupons.csv:2"},
        {"name\nA\n", "code"},
        {"code,code\nA,A\n", "twice"},
        {"code\n", "holds no rows"},
    };
    struct shop *shop = *state;
    use_catalogue(shop);
    shop->options.max_rejects = 1000000;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        shop_put(shop, "coupons.csv", rows[i].file);
        shop_expect(shop, WF_ERR_DATA, rows[i].says);
    }
    shop_remove(shop, "coupons.csv");
    shop_expect(shop, WF_ERR_MISSING, "coupons");
}

static void only_if_it_is_used(void **state)
{
    struct shop *shop = *state;
    use_catalogue(shop);
    shop->program.ir.listed[0].coupon = false; /* what is named is a message */
    shop_expect(shop, WF_OK, NULL);
    assert_false(shop->data->catalogues[0].read);
    expect_code(shop, "A", "none");
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {EACH(what_it_says), EACH(files_that_are_refused),
                                       EACH(only_if_it_is_used)};
    return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
