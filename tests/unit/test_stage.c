/* Event rows on their way: what fits the cells that the first rows asked for, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/data/serial.h"
#include "tests/tools/scarce.h"
#include "tests/tools/shop.h"

/* ---- serial numbers ---- */

static void texts_that_end_with_a_number(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"P000123456", true},  {"P000000000", true},
        {"1234", true},        {"123", false},
        {"", false},           {"4294967295", true},
        {"99999999999", true}, {"order-2026-11-22/000017", true},
        {"0001x", false},      {"a head of twenty-two b0007", true},
        {"ABCD1234", true},    {"a head of twenty-three 0007", false},
    };
    struct wf_serials serials;
    char room[WF_SERIAL_ROOM];
    (void)state;
    assert_int_equal(wf_serials_init(&serials, NULL), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wf_cell text = {cases[i].text, (uint32_t)strlen(cases[i].text), 0};
        struct wf_serial serial;
        assert_int_equal(wf_serial_of(&serials, text, &serial), cases[i].is);
        if (!cases[i].is)
            continue;
        struct wf_cell again = wf_serial_text(&serials, serial, room);
        assert_int_equal(again.len, text.len);
        assert_memory_equal(again.text, text.text, text.len);
        assert_int_equal(wf_serial_mark(text), wf_serial_mark_of(serial.number));
    }
    wf_serials_release(&serials, NULL);
}

/* Far more heads than there are places: each text comes back as it was, or is refused. */
static void heads_without_a_place(void **state)
{
    enum { TEXTS = 4000 };
    struct wf_serials serials;
    struct wf_serial held[TEXTS];
    bool is[TEXTS];
    unsigned n = 0;
    char text[32], room[WF_SERIAL_ROOM];
    (void)state;
    assert_int_equal(wf_serials_init(&serials, NULL), 0);
    for (unsigned i = 0; i < TEXTS; i++) {
        int len = snprintf(text, sizeof(text), "h%u-%04u", i * 7, i);
        is[i] = wf_serial_of(&serials, (struct wf_cell){text, (uint32_t)len, 0}, &held[i]);
        n += is[i];
    }
    assert_in_range(n, 100, WF_SERIAL_HEADS);
    for (unsigned i = 0; i < TEXTS; i++) {
        int len = snprintf(text, sizeof(text), "h%u-%04u", i * 7, i);
        if (!is[i])
            continue;
        struct wf_cell again = wf_serial_text(&serials, held[i], room);
        assert_int_equal(again.len, len);
        assert_memory_equal(again.text, text, (size_t)len);
    }
    wf_serials_release(&serials, NULL);
}

/* ---- rows ---- */

enum { FIRST = 12000, ROWS = 90000, PEOPLE = 40 };

/* Row i of the file, as it is written and as it is read. The first ones are small, and their keys
 * begin alike, or by `heads` ways. */
struct row {
    char order[400], at[24], line[24], amount[24], brand[24];
};

static void make_row(uint32_t i, unsigned heads, struct row *row)
{
    bool early = i < FIRST;
    memset(row, 0, sizeof(*row));
    snprintf(row->order, sizeof(row->order), "%c%06u", (char)('P' + i % heads), i);
    if (!early && i % 5 == 0)
        snprintf(row->order, sizeof(row->order), "%0*u/x", 8 + (int)(i % 380), i);
    if (!early && i % 5 == 1)
        snprintf(row->order, sizeof(row->order), "h%u-%06u", i % 999, i);
    unsigned year = early || i % 3 ? 2000 + i % 20 : i % 2 ? 1950 : 2150;
    snprintf(row->at, sizeof(row->at), "%u-%02u-%02uT%02u:%02u:00", year, 1 + i / 7 % 12,
             1 + i / 84 % 28, i % 24, i / 24 % 60);
    snprintf(row->line, sizeof(row->line), "%s%u", !early && i % 4 == 0 ? "-" : "",
             early ? i % 9 : i % 7 * 99999999);
    snprintf(row->amount, sizeof(row->amount), "%u.%02u", early ? i % 100 : (i % 11) * 99999999,
             i % 100);
    snprintf(row->brand, sizeof(row->brand), "brand %u", early ? i % 7 : i % 80000);
}

static void put_rows(struct shop *shop, unsigned heads)
{
    char *people = calloc(PEOPLE, 16), *out = malloc((size_t)ROWS * 520), *at = out;
    strcpy(people, "member_id\n");
    for (unsigned p = 0; p < PEOPLE; p++)
        sprintf(people + strlen(people), "m%u\n", p);
    shop_put(shop, "members.csv", people);
    at += sprintf(at, "member_id,paid_at,order,line,amount,brand,status\n");
    for (uint32_t i = 0; i < ROWS; i++) {
        struct row row;
        make_row(i, heads, &row);
        at += sprintf(at, "m%u,%s,%s,%s,%s,%s,\n", i % PEOPLE, row.at, row.order, row.line,
                      i % 13 ? row.amount : "", row.brand);
    }
    shop_write(shop, "orders.csv", out, (size_t)(at - out));
    free(people);
    free(out);
}

static uint32_t number_in(const char *order)
{
    const char *from = strchr(order, '-');
    return (uint32_t)strtoul(from                             ? from + 1
                             : *order >= 'P' && *order <= 'R' ? order + 1
                                                              : order,
                             NULL, 10);
}

/* Every row comes out as it went in, whatever the first ones looked like, and whether memory or a
 * file held them meanwhile. */
static void rows_wider_than_the_first(void **state)
{
    struct shop shop;
    (void)state;
    memset(&shop, 0, sizeof(shop));
    shop_open(&shop);
    uint32_t view = shop_use_purchases(&shop, false);
    uint32_t order = shop_buy(&shop, view, BUY_ORDER), line = shop_buy(&shop, view, BUY_LINE);
    uint32_t amount = shop_buy(&shop, view, BUY_AMOUNT), brand = shop_buy(&shop, view, BUY_BRAND);
    uint32_t when = shop_buy(&shop, view, BUY_AT);
    shop.options.scratch = "spill";
    shop.options.max_rejects = 1000000; /* an amount that is missing */
    for (unsigned round = 0; round < 8; round++) {
        unsigned heads = round < 4 ? 1 : 3;
        if (round % 4 == 0)
            put_rows(&shop, heads);
        shop.options.threads = 1 + round % 2;
        shop.options.event_memory = round % 4 < 2 ? 0 : round % 4 == 2 ? 1 : 1 << 20;
        assert_int_equal(shop_load(&shop), WF_OK);
        const struct wf_events *events = &shop.data->views[view];
        uint64_t seen = 0;
        for (uint32_t m = 0; m < PEOPLE; m++)
            for (uint32_t r = events->first[m]; r < events->first[m + 1]; r++) {
                struct row want;
                char got[512];
                uint32_t i = number_in(shop_text(&shop, order, r, got, sizeof(got)));
                make_row(i, heads, &want);
                assert_string_equal(got, want.order);
                assert_int_equal(i % PEOPLE, m);
                assert_true(atoll(shop_text(&shop, line, r, got, sizeof(got))) == atoll(want.line));
                assert_string_equal(shop_text(&shop, brand, r, got, sizeof(got)), want.brand);
                assert_string_equal(shop_text(&shop, amount, r, got, sizeof(got)),
                                    i % 13 ? want.amount : "-");
                assert_true(r == events->first[m] || events->at[r] >= events->at[r - 1]);
                seen++;
            }
        assert_int_equal(seen, events->n);
        assert_int_equal(seen + shop.report.feeds[shop.report.n_feeds - 1].future, ROWS);
        assert_true(seen > ROWS / 2);
        assert_non_null(&shop.data->inputs[when]);
    }
    shop_close(&shop);
}

/* ---- the file ---- */

static void put_few_rows(struct shop *shop)
{
    char out[9000] = "member_id,paid_at,order,line,amount,brand,status\n";
    for (unsigned i = 0; i < 150; i++)
        sprintf(out + strlen(out), "m%u,2026-10-01T%02u:%02u:00,o%u,1,2.00,b,\n", i % 2, i % 24,
                i / 24, i);
    shop_put(shop, "members.csv", "member_id\nm0\nm1\n");
    shop_put(shop, "orders.csv", out);
    shop->options.event_memory = 1;
    shop->options.threads = 1;
}

static void a_file_that_cannot_be_made(void **state)
{
    struct shop shop;
    char scratch[128];
    (void)state;
    memset(&shop, 0, sizeof(shop));
    shop_open(&shop);
    shop_buy(&shop, shop_use_purchases(&shop, false), BUY_AMOUNT);
    put_few_rows(&shop);
    snprintf(scratch, sizeof(scratch), "%s/nowhere/state.db", shop.dir);
    shop.options.scratch = scratch;
    assert_int_equal(shop_load(&shop), WF_ERR_IO);
    assert_non_null(strstr(shop.report.error, "the temporary file beside"));
    assert_non_null(strstr(shop.report.error, scratch));
    shop_close(&shop);
}

static void memory_may_end_anywhere(void **state)
{
    static struct scarce scarce; /* outlives a failed test */
    const struct wf_alloc alloc = scarce_alloc(&scarce);
    struct shop shop;
    (void)state;
    memset(&shop, 0, sizeof(shop));
    shop_open(&shop);
    shop_buy(&shop, shop_use_purchases(&shop, false), BUY_AMOUNT);
    put_few_rows(&shop);
    shop.options.scratch = "spill";
    shop.options.alloc = &alloc;
    scarce = (struct scarce){0};
    assert_int_equal(shop_load(&shop), WF_OK);
    assert_int_equal(shop.data->views[shop.purchases].n, 150);
    long most = scarce.calls;
    for (long at = 1; at <= most; at++) {
        wf_dataset_free(shop.data);
        shop.data = NULL;
        wf_load_report_release(&shop.report);
        assert_int_equal(scarce.live, 0);
        scarce = (struct scarce){.fail_at = at};
        assert_int_equal(shop_load(&shop), WF_ERR_NOMEM);
        assert_null(shop.data);
    }
    scarce.fail_at = 0;
    shop_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_end_with_a_number),
        cmocka_unit_test(heads_without_a_place),
        cmocka_unit_test(rows_wider_than_the_first),
        cmocka_unit_test(a_file_that_cannot_be_made),
        cmocka_unit_test(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests_name("stage", tests, NULL, NULL);
}
