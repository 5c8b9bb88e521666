/* Business days: what a calendar's file says, and what is no calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/calendar.h"
#include "runtime/data/holidays.h"
#include "tests/tools/shop.h"

#define MEMBERS "member_id\nm1\n"

/* A journey's step that waits for a business day, so that the calendar is read. */
static void use_calendar(struct shop *shop)
{
    struct wf_ir_holidays row = {.name = wf_irb_textz(&shop->b, "cn"),
                                 .pattern = wf_irb_textz(&shop->b, "holidays*.csv"),
                                 .place = WF_NONE};
    struct wf_ir_step step = {.kind = WF_STEP_UNTIL_BUSINESS,
                              .text = row.name,
                              .view = WF_NONE,
                              .holidays = wf_irb_add_holidays(&shop->b, &row, 1)};
    wf_irb_add_steps(&shop->b, &step, 1);
    shop_put(shop, "members.csv", MEMBERS);
}

static void business_days(void **state)
{
    static const struct {
        int month, day;
        int next_month, next_day; /* 0: not known */
    } rows[] = {
        {11, 20, 11, 20}, /* a Friday */
        {11, 21, 11, 23}, /* a weekend */
        {10, 1, 10, 8},   /* a week off, Saturday and Sunday among it */
        {10, 10, 10, 10}, /* a Saturday at work */
        {10, 11, 10, 12}, /* the Sunday after it */
        {12, 31, 12, 31}, /* the year's last day is in it */
        {1, 1, 1, 2},
    };
    struct shop *shop = *state;
    use_calendar(shop);
    shop_put(shop, "holidays-1.csv",
             "date,kind\n2026-10-01,holiday\n2026-10-02,holiday\n2026-10-05,holiday\n"
             "2026-10-06,holiday\n2026-10-07,\xe4\xbc\x91\n2026-10-10,\xe7\x8f\xad\n");
    shop_put(shop, "holidays-2.csv", "date,kind\n2026-01-01,holiday\n2026-10-10,workday\n");
    shop_expect(shop, WF_OK, NULL);
    const struct wf_holidays *cn = &shop->data->holidays[0];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t day;
        assert_true(wf_holidays_next(cn, wf_civil_to_day(2026, rows[i].month, rows[i].day), &day));
        struct wf_civil got = wf_day_to_civil(day);
        assert_int_equal(got.month, rows[i].next_month);
        assert_int_equal(got.day, rows[i].next_day);
    }
}

static void a_year_it_lacks(void **state)
{
    struct shop *shop = *state;
    int64_t day;
    use_calendar(shop);
    shop_put(shop, "holidays.csv", "date,kind\n2027-12-31,holiday\n");
    shop_expect(shop, WF_OK, NULL);
    const struct wf_holidays *cn = &shop->data->holidays[0];
    assert_false(wf_holidays_next(cn, wf_civil_to_day(2026, 6, 1), &day));
    assert_int_equal(day, wf_civil_to_day(2026, 6, 1));
    assert_false(wf_holidays_next(cn, wf_civil_to_day(2027, 12, 31), &day)); /* leads to 2028 */
    assert_int_equal(day, wf_civil_to_day(2028, 1, 1));
    assert_true(wf_holidays_next(cn, wf_civil_to_day(2027, 12, 30), &day));
}

static void files_that_are_refused(void **state)
{
    static const struct {
        const char *file, *says;
    } rows[] = {
        {"date,kind\n2026-10-01,off\n", "holidays.csv:2: the kind of a day is"},
        {"date,kind\n2026-10-01,\n", "holidays.csv:2"},
        {"date,kind\n2026-10-01,holiday\n,holiday\n", "holidays.csv"},
        {"date,kind\n2026-13-01,holiday\n", "holidays.csv"},
        {"date,kind\n2026-10-01,holiday\n2026-10-01,workday\n", "both a holiday and a workday"},
        {"day,kind\n2026-10-01,holiday\n", "date"},
        {"date,type\n2026-10-01,holiday\n", "kind"},
    };
    struct shop *shop = *state;
    use_calendar(shop);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        shop_put(shop, "holidays.csv", rows[i].file);
        shop_expect(shop, WF_ERR_DATA, rows[i].says);
    }
    shop_remove(shop, "holidays.csv");
    shop_expect(shop, WF_ERR_MISSING, "cn");
}

/* Rules may declare a calendar and wait for none of its days. */
static void only_if_it_is_used(void **state)
{
    struct shop *shop = *state;
    use_calendar(shop);
    shop->program.ir.steps[0].holidays = WF_NONE;
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop->data->holidays[0].n, 0);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {EACH(business_days), EACH(a_year_it_lacks),
                                       EACH(files_that_are_refused), EACH(only_if_it_is_used)};
    return cmocka_run_group_tests_name("holidays", tests, NULL, NULL);
}
