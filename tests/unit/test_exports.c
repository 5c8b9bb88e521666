/* Limits at N and N+1, bad cells, other containers than plain CSV, damage of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "tests/tools/shop.h"

#define BUYS "member_id,paid_at,order,line,amount,brand,status\n"
#define ONE "member_id,points\nm1,1\n"

/* ---- limits: at N, and one beyond ---- */

static void limit_of_a_field(void **state)
{
    struct shop *shop = *state;
    uint32_t city = shop_member(shop, SHOP_CITY);
    char *text = malloc(WF_MAX_FIELD + 64);
    for (unsigned quoted = 0; quoted < 2; quoted++)
        for (size_t more = 0; more < 2; more++) {
            char *p =
                text + sprintf(text, quoted ? "member_id,city\nm1,\"" : "member_id,city\nm1,");
            memset(p, 'x', WF_MAX_FIELD + more);
            p += WF_MAX_FIELD + more;
            p += sprintf(p, quoted ? "\"\n" : "\n");
            shop_write(shop, "members.csv", text, (size_t)(p - text));
            shop_expect(shop, more ? WF_ERR_LIMIT : WF_OK,
                        more ? "members.csv:2: a cell of the row that starts here is longer than "
                               "WF_MAX_FIELD"
                             : NULL);
            if (!more)
                assert_int_equal(wf_dataset_value(shop->data, city, 0).len, WF_MAX_FIELD);
        }
    free(text);
}

static void limit_of_a_line(void **state)
{
    struct shop *shop = *state;
    enum { COLUMNS = 40 };
    shop_member(shop, SHOP_POINTS);
    char *text = malloc(WF_MAX_LINE + 4096);
    for (size_t more = 0; more < 2; more++) {
        char *p = text + sprintf(text, "member_id,points");
        for (unsigned c = 2; c < COLUMNS; c++)
            p += sprintf(p, ",c%u", c);
        *p++ = '\n';
        char *row = p;
        p += sprintf(p, "m1,1");
        size_t share = (WF_MAX_LINE - (size_t)(p - row)) / (COLUMNS - 2);
        for (unsigned c = 2; c < COLUMNS; c++) {
            size_t len = c + 1 < COLUMNS ? share - 1 : WF_MAX_LINE + more - (size_t)(p - row) - 1;
            *p++ = ',';
            memset(p, 'x', len);
            p += len;
        }
        assert_int_equal(p - row, WF_MAX_LINE + more);
        *p++ = '\n';
        p +=
            sprintf(p, "m2,2%.*s\n", COLUMNS - 2, ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,");
        shop_write(shop, "members.csv", text, (size_t)(p - text));
        shop_expect(shop, more ? WF_ERR_LIMIT : WF_OK,
                    more ? "members.csv:2: the row that starts here is longer than WF_MAX_LINE"
                         : NULL);
    }
    memset(text, 'y', WF_MAX_LINE + 4096); /* no end in sight */
    memcpy(text, "member_id,points\n\"", 18);
    shop_write(shop, "members.csv", text, WF_MAX_LINE + 4096);
    shop_expect(shop, WF_ERR_LIMIT,
                "members.csv:2: the row that starts here is longer than WF_MAX_LINE");
    free(text);
}

static void limit_of_columns(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    char *text = malloc(WF_MAX_COLUMNS * 16);
    for (unsigned more = 0; more < 2; more++) {
        char *p = text + sprintf(text, "member_id");
        for (unsigned c = 2; c < WF_MAX_COLUMNS + more; c++)
            p += sprintf(p, ",c%u", c);
        p += sprintf(p, ",points\nm1");
        for (unsigned c = 2; c < WF_MAX_COLUMNS + more; c++)
            *p++ = ',';
        p += sprintf(p, ",7\n");
        shop_write(shop, "members.csv", text, (size_t)(p - text));
        shop_expect(shop, more ? WF_ERR_LIMIT : WF_OK, more ? "WF_MAX_COLUMNS" : NULL);
        if (!more)
            shop_expect_text(shop, points, 0, "7");
    }
    free(text);
}

static void limit_of_an_id(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    char text[WF_MAX_ID + 64];
    for (int more = 0; more < 2; more++) {
        snprintf(text, sizeof(text), "member_id,points\n%0*d,1\n", WF_MAX_ID + more, 7);
        shop_put(shop, "members.csv", text);
        shop_expect(shop, WF_OK, NULL);
        assert_int_equal(shop->data->n_members, 1 - more);
        if (more)
            assert_non_null(strstr(shop->report.rejects[0].what, "WF_MAX_ID"));
    }
}

static void limit_of_rejects(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    char *text = malloc(1 << 16);
    shop->options.max_rejects = WF_MAX_REJECTS_SHARE_DEFAULT;
    for (unsigned bad = 2; bad <= 3; bad++) { /* of 2,000 rows: 0.1% and more */
        char *p = text + sprintf(text, "member_id,points\n");
        for (unsigned i = 0; i < 2000; i++)
            p += sprintf(p, "m%u,%s\n", i,
                         i % 700 == 699 && i / 700 < bad - 1 ? "x"
                         : i == 9                            ? "x"
                                                             : "1");
        shop_put(shop, "members.csv", text);
        shop_expect(shop, bad == 2 ? WF_OK : WF_ERR_DATA,
                    bad == 2 ? NULL
                             : "3 of 2000 rows of member were rejected, more than the 0.1% "
                               "allowed; the first is members.csv:11: points is not a whole "
                               "number");
        assert_int_equal(shop->report.n_rejects, bad);
    }
    free(text);
}

/* ---- cells ---- */

static void excel_ids(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv", "member_id,points\n4.4E+17,1\nm2,2\n");
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop->data->n_members, 1);
    assert_int_equal(shop_feed(shop, 0)->rejects, 1);
    shop_buy(shop, shop_use_purchases(shop, false), BUY_AMOUNT);
    shop_put(shop, "orders.csv", BUYS "4.4E+17,2026-11-01 10:00,a,1,1,,\n");
    shop_expect(shop, WF_ERR_DATA, "cannot be read well enough to tell whose they are");
}

static void bad_cells_reject_their_row(void **state)
{
    static const struct {
        enum shop_field field;
        const char *column, *cell;
    } cases[] = {
        {SHOP_JOINED, "joined", "0000-00-00"},
        {SHOP_JOINED, "joined", "1899-12-31"},
        {SHOP_JOINED, "joined", ""},
        {SHOP_JOINED, "joined", "2025-02-29"},
        {SHOP_JOINED, "joined", "45982"},
        {SHOP_TIER, "tier", "Gold"},
        {SHOP_WECOM, "wecom", "maybe"},
        {SHOP_BALANCE, "balance", "1.005"},
        {SHOP_POINTS, "points", "9223372036854775808"},
        {SHOP_SCORE, "score", "1e999"},
    };
    struct shop *shop = *state;
    char text[256];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shop fresh;
        shop_open(&fresh);
        shop_member(&fresh, cases[i].field);
        snprintf(text, sizeof(text), "member_id,%s\nm1,%s\n", cases[i].column, cases[i].cell);
        shop_put(&fresh, "members.csv", text);
        shop_expect(&fresh, WF_OK, NULL);
        assert_int_equal(fresh.data->n_members, 0);
        assert_int_equal(fresh.report.n_rejects, 1);
        assert_string_equal(fresh.report.rejects[0].column, cases[i].column);
        assert_int_equal(fresh.report.rejects[0].line, 2);
        shop_close(&fresh);
    }
    (void)shop;
}

static void private_cells_are_not_shown(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv",
             "member_id,phone,points\nm1,13900001111,x\nm2,\"139,0000\n2222\",y\n"
             "m3,13900003333\n");
    shop_put(shop, "members2.jsonl", "");
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop->report.n_rejects, 3);
    assert_string_equal(shop->report.rejects[0].row, "m1,***,x");
    assert_string_equal(shop->report.rejects[1].row, "m2,***,y");
    for (size_t i = 0; i < 3; i++) {
        assert_null(strstr(shop->report.rejects[i].row, "139"));
        assert_null(strstr(shop->report.rejects[i].what, "139"));
    }
    shop->program.ir.member.pattern = wf_irb_textz(&shop->b, "people.jsonl");
    shop_member(shop, SHOP_PHONE);
    shop_put(shop, "people.jsonl",
             "{\"member_id\":\"m1\",\"phone\":\"13900001111\",\"points\":\"x\"}\n"
             "{\"member_id\":\"m2\",\"phone\":\"13900002222\",\n");
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop->report.n_rejects, 2);
    for (size_t i = 0; i < 2; i++)
        assert_null(strstr(shop->report.rejects[i].row, "139"));
    assert_non_null(strstr(shop->report.rejects[0].row, "***"));
}

static void an_unended_last_row_is_noted(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv", "member_id,points\nm1,12");
    shop_expect(shop, WF_OK, NULL);
    shop_expect_text(shop, points, 0, "12");
    assert_int_equal(shop->report.n_notes, 1);
    assert_non_null(strstr(shop->report.notes[0], "no line end"));
}

/* ---- compressed, JSON Lines, standard input ---- */

static size_t gzip(const char *text, size_t len, char *out, size_t room)
{
    z_stream gz = {0};
    assert_int_equal(deflateInit2(&gz, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    gz.next_in = (unsigned char *)(uintptr_t)text;
    gz.avail_in = (unsigned)len;
    gz.next_out = (unsigned char *)out;
    gz.avail_out = (unsigned)room;
    assert_int_equal(deflate(&gz, Z_FINISH), Z_STREAM_END);
    deflateEnd(&gz);
    return room - gz.avail_out;
}

static void compressed_files(void **state)
{
    static const char text[] = "member_id,points\nm1,1\nm2,2\n";
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    char packed[512];
    size_t half = 12, first = gzip(text, half, packed, sizeof(packed));
    size_t len =
        first + gzip(text + half, strlen(text) - half, packed + first, sizeof(packed) - first);
    shop_write(shop, "members.csv.gz", packed, len); /* two members in a row are one file */
    shop_expect(shop, WF_OK, NULL);
    shop_expect_text(shop, points, 1, "2");
    for (size_t cut = 0; cut < len; cut++) {
        shop_write(shop, "members.csv.gz", packed, cut);
        enum wf_status status = shop_load(shop);
        assert_true(status == WF_ERR_DATA); /* also where the first member ends: columns lack */
    }
    for (size_t bit = 0; bit < len * 8; bit++) {
        packed[bit / 8] ^= (char)(1 << (bit % 8));
        shop_write(shop, "members.csv.gz", packed, len);
        enum wf_status status = shop_load(shop);
        assert_true(status == WF_OK || status == WF_ERR_DATA);
        if (status == WF_OK) { /* a flag or a time stamp of the header: the text is the same */
            assert_int_equal(shop->data->n_members, 2);
            shop_expect_text(shop, points, 1, "2");
        }
        packed[bit / 8] ^= (char)(1 << (bit % 8));
    }
    shop_remove(shop, "members.csv.gz");
    len = ZSTD_compress(packed, sizeof(packed), text, strlen(text), 3);
    for (size_t cut = 0; cut < len; cut++) {
        shop_write(shop, "members.csv.zst", packed, cut);
        assert_int_equal(shop_load(shop), WF_ERR_DATA);
    }
    shop_write(shop, "members.csv.zst", packed, len);
    shop_expect(shop, WF_OK, NULL);
    shop_expect_text(shop, points, 1, "2");
}

static void json_lines(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS), tags = shop_member(shop, SHOP_TAGS);
    uint32_t balance = shop_member(shop, SHOP_BALANCE), wecom = shop_member(shop, SHOP_WECOM);
    shop->program.ir.member.pattern = wf_irb_textz(&shop->b, "members.jsonl");
    shop_put(shop, "members.jsonl",
             "{\"member_id\":\"m1\",\"points\":5,\"tags\":[\"b\",\"a\"],\"balance\":12.1,\"wecom\":"
             "true}\n"
             "\n{\"member_id\":17,\"points\":null,\"tags\":\"x|y\",\"balance\":\"3.50\"}\r\n");
    shop_expect(shop, WF_OK, NULL);
    shop_expect_text(shop, points, 0, "5");
    shop_expect_text(shop, tags, 0, "a;b");
    shop_expect_text(shop, balance, 0, "12.10");
    shop_expect_text(shop, wecom, 0, "true");
    assert_int_equal(shop_row(shop, "17"), 1);
    shop_expect_text(shop, points, 1, "0");
    shop_expect_text(shop, tags, 1, "x;y");
    shop_expect_text(shop, balance, 1, "3.50");
    shop_expect_text(shop, wecom, 1, "false");
    static const char *const broken[] = {"{\"member_id\":\"m2\"",
                                         "[1]",
                                         "{\"member_id\":\"m2\",\"points\":{}}",
                                         "{\"member_id\":\"m2\",\"member_id\":\"m3\"}",
                                         "{\"member_id\":\"m2\",\"points\":99999999999999999999}",
                                         "{\"member_id\":\"m2\",\"tags\":[\"a;b\"]}"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char text[512];
        snprintf(text, sizeof(text),
                 "{\"member_id\":\"m1\",\"points\":5,\"tags\":[],\"balance\":1,\"wecom\":1}\n%s\n",
                 broken[i]);
        shop_put(shop, "members.jsonl", text);
        shop_expect(shop, WF_OK, NULL);
        assert_int_equal(shop->data->n_members, 1);
        assert_int_equal(shop->report.rejects[0].line, 2);
    }
    shop_put(shop, "members.jsonl",
             "{\"member_id\":\"m1\",\"points\":5,\"tags\":[],\"balance\":1}\n");
    shop_expect(shop, WF_ERR_DATA, "no row has \"wecom\"");
    shop_put(shop, "members.jsonl", "{\"member_id\":\"m1\"}\n\xff\n");
    shop_expect(shop, WF_ERR_DATA, "members.jsonl:2: these bytes are not UTF-8");
}

static void standard_input(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    int ends[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], ONE, strlen(ONE)), strlen(ONE));
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    shop->options.dir = "-";
    shop_expect(shop, WF_OK, NULL);
    shop_expect_text(shop, points, 0, "1");
    dup2(saved, STDIN_FILENO);
    close(saved);
    shop_buy(shop, shop_use_purchases(shop, false), BUY_AMOUNT);
    shop_expect(shop, WF_ERR_USAGE, "one feed");
}

/* ---- never a crash, never a silent other answer ---- */

static const char SAMPLE[] = BUYS "m1,2026-11-01 10:00:00,\"a\"\"b\",1,12.50,\"x, y\",paid\r\n"
                                  "m2,2026-11-02T11:00+08:00,c,,3.00,\"多\n行\",cancelled\r\n";

static void truncated_at_every_byte(void **state)
{
    struct shop *shop = *state;
    uint32_t view = shop_use_purchases(shop, false);
    shop_buy(shop, view, BUY_AMOUNT);
    shop_buy(shop, view, BUY_BRAND);
    shop_put(shop, "members.csv", "member_id\nm1\nm2\n");
    for (size_t cut = 0; cut < sizeof(SAMPLE) - 1; cut++) {
        shop_write(shop, "orders.csv", SAMPLE, cut);
        enum wf_status status = shop_load(shop);
        assert_true(status == WF_OK || status == WF_ERR_DATA);
        assert_true((shop->report.error != NULL) == (status != WF_OK));
        bool noted = shop->report.n_notes > 0;
        bool whole = cut && SAMPLE[cut - 1] == '\n';
        if (status == WF_OK)
            assert_true(whole || noted); /* what was cut within a row is never taken in silence */
    }
}

static void every_bit_flipped(void **state)
{
    struct shop *shop = *state;
    uint32_t view = shop_use_purchases(shop, true);
    char copy[sizeof(SAMPLE)];
    shop_buy(shop, view, BUY_AMOUNT);
    shop_buy(shop, view, BUY_BRAND);
    shop_put(shop, "members.csv", "member_id\nm1\nm2\n");
    memcpy(copy, SAMPLE, sizeof(SAMPLE));
    for (size_t bit = 0; bit < (sizeof(SAMPLE) - 1) * 8; bit++) {
        copy[bit / 8] ^= (char)(1 << (bit % 8));
        shop_write(shop, "orders.csv", copy, sizeof(SAMPLE) - 1);
        enum wf_status status = shop_load(shop);
        assert_true(status == WF_OK || status == WF_ERR_DATA);
        copy[bit / 8] ^= (char)(1 << (bit % 8));
    }
}

static void files_are_named_with_their_digest(void **state)
{
    static const unsigned char xxh128[WF_XXH128] = {0x15, 0xb7, 0xa5, 0x2a, 0x40, 0xfb, 0x9c, 0xe0,
                                                    0xd0, 0x38, 0xcb, 0x95, 0x03, 0x8c, 0xf9, 0x17};
    static const unsigned char sha256[WF_SHA256] = {0x50, 0x09, 0x9a, 0x66, 0x30, 0xde, 0xdf, 0x47,
                                                    0x86, 0x82, 0x10, 0x24, 0xe3, 0x5b, 0x18, 0x01,
                                                    0x9d, 0x9a, 0x49, 0xa0, 0x58, 0x92, 0x88, 0x3c,
                                                    0xd7, 0xfd, 0x12, 0x1d, 0x64, 0x2c, 0xb5, 0xb4};
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv", ONE);
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop->report.n_files, 1);
    assert_string_equal(shop->report.files[0].name, "members.csv");
    assert_int_equal(shop->report.files[0].bytes, strlen(ONE));
    assert_int_equal(shop->report.files[0].rows, 1);
    /* xxh128sum and sha256sum say so */
    assert_memory_equal(shop->report.files[0].fingerprint.xxh128, xxh128, sizeof(xxh128));
    assert_false(shop->report.files[0].fingerprint.has_sha256);
    shop->options.sha256 = true;
    shop_expect(shop, WF_OK, NULL);
    assert_memory_equal(shop->report.files[0].fingerprint.xxh128, xxh128, sizeof(xxh128));
    assert_true(shop->report.files[0].fingerprint.has_sha256);
    assert_memory_equal(shop->report.files[0].fingerprint.sha256, sha256, sizeof(sha256));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        TEST(limit_of_a_field),
        TEST(limit_of_a_line),
        TEST(limit_of_columns),
        TEST(limit_of_an_id),
        TEST(limit_of_rejects),
        TEST(excel_ids),
        TEST(bad_cells_reject_their_row),
        TEST(private_cells_are_not_shown),
        TEST(an_unended_last_row_is_noted),
        TEST(compressed_files),
        TEST(json_lines),
        TEST(standard_input),
        TEST(truncated_at_every_byte),
        TEST(every_bit_flipped),
        TEST(files_are_named_with_their_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
