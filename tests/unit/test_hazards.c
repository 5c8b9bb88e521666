/* Every hazard of an export has a test of its name: what must be refused, rejected or noted. */
#include <fcntl.h>
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "runtime/data/input.h"
#include "tests/tools/shop.h"

#define BUYS "member_id,paid_at,order,line,amount,brand,status\n"
#define ONE "member_id,points\nm1,1\n"

/* ---- what is not there ---- */

static void missing_feed(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_expect(shop, WF_ERR_MISSING, "members*.csv");
    shop_put(shop, "members.csv", ONE);
    shop_expect(shop, WF_OK, NULL); /* no rule uses purchases: they need not be there */
    shop_buy(shop, shop_use_purchases(shop, false), BUY_AMOUNT);
    shop_expect(shop, WF_ERR_MISSING, "orders*.csv");
    shop->options.dir = "/nonexistent/exports";
    shop_expect(shop, WF_ERR_MISSING, "/nonexistent/exports");
}

static void empty_feed(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv", "");
    shop_expect(shop, WF_ERR_DATA, "members.csv: is empty");
    shop_put(shop, "members.csv", "member_id,points\n");
    shop_expect(shop, WF_ERR_DATA, "holds no rows");
    shop_put(shop, "members.csv", ONE);
    shop_buy(shop, shop_use_purchases(shop, false), BUY_AMOUNT);
    shop_put(shop, "orders.csv", BUYS);
    shop_expect(shop, WF_ERR_DATA, "orders.csv: holds no rows");
    shop_put(shop, "orders.csv", BUYS "m1,2026-11-01 10:00,a,1,1,,\n");
    shop_use_visits(shop);
    shop_put(shop, "visits.csv", "member_id,at,shop\n");
    shop_expect(shop, WF_OK, NULL); /* declared `may be empty` */
    shop_put(shop, "visits.csv", "");
    shop_expect(shop, WF_ERR_DATA, "visits.csv: is empty");
}

static void header_hazards(void **state)
{
    static const struct {
        const char *text, *says; /* NULL: sound */
    } cases[] = {
        {"points,member_id\n1,m1\n", NULL},
        {"\xef\xbb\xbfmember_id,points\r\nm1,1\r\n", NULL},
        {"member_id;points\nm1;1\n", NULL},
        {"member_id\tpoints\nm1\t1\n", NULL},
        {"\"member_id\",\"points\"\nm1,1\n", NULL},
        {" member_id , points\nm1,1\n", NULL},
        {"\"a,;;;b\",member_id,points\nx,m1,1\n", NULL},
        {"member_id,Points\nm1,1\n", "members.csv:1: the column \"points\" is not in the header"},
        {"id,points\nm1,1\n", "\"member_id\""},
        {"member_id,points,points\nm1,1,2\n", "\"points\" twice"},
        {"\nm1,1\n", "header line is empty"},
        {"member_id|points\nm1|1\n", "\"member_id\""},
    };
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        shop_put(shop, "members.csv", cases[i].text);
        shop_expect(shop, cases[i].says ? WF_ERR_DATA : WF_OK, cases[i].says);
        if (!cases[i].says)
            shop_expect_text(shop, points, 0, "1");
    }
}

static void default_fills_cells_not_columns(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv", "member_id,points\nm1,\nm2,\"\"\n");
    shop_expect(shop, WF_OK, NULL);
    shop_expect_text(shop, points, 0, "0");
    shop_expect_text(shop, points, 1, "0");
    shop_put(shop, "members.csv", "member_id\nm1\n");
    shop_expect(shop, WF_ERR_DATA, "\"points\"");
    shop->program.ir.inputs[points].implied = 1;
    shop_expect(shop, WF_OK, NULL);
    shop_expect_text(shop, points, 0, "-");
}

/* ---- files that are not files ---- */

static void symlink_fifo_device_folder(void **state)
{
    struct shop *shop = *state;
    char path[128], other[128];
    shop_member(shop, SHOP_POINTS);
    snprintf(path, sizeof(path), "%s/members.csv", shop->dir);
    snprintf(other, sizeof(other), "%s/real.csv", shop->dir);
    shop_put(shop, "real.csv", ONE);
    assert_int_equal(symlink(other, path), 0);
    shop_expect(shop, WF_ERR_PERM, "symbolic link");
    unlink(path);
    assert_int_equal(symlink("/dev/zero", path), 0);
    shop_expect(shop, WF_ERR_PERM, "symbolic link");
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    shop_expect(shop, WF_ERR_PERM, "not a regular file");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    shop_expect(shop, WF_ERR_PERM, "not a regular file");
    rmdir(path);
}

static void patterns_stay_in_the_folder(void **state)
{
    static const char *const patterns[] = {"../members*.csv", "/etc/passwd", "a/b.csv"};
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    for (size_t i = 0; i < 3; i++) {
        shop->program.ir.member.pattern = wf_irb_textz(&shop->b, patterns[i]);
        shop_expect(shop, WF_ERR_PERM, "data folder itself");
    }
}

static void a_file_that_grows_is_refused(void **state)
{
    struct shop *shop = *state;
    char path[128], bytes[64];
    struct wf_input *input;
    struct wf_fault fault = {0};
    size_t got = 0;
    shop_put(shop, "members.csv", ONE);
    int dir = open(shop->dir, O_RDONLY | O_DIRECTORY);
    assert_int_equal(wf_input_open(NULL, dir, "members.csv", NULL, false, &input, &fault), WF_OK);
    assert_int_equal(wf_input_read(input, bytes, 5, &got, &fault), WF_OK);
    assert_int_equal(got, 5);
    snprintf(path, sizeof(path), "%s/members.csv", shop->dir);
    FILE *file = fopen(path, "ab");
    fputs("m2,2\n", file);
    fclose(file);
    enum wf_status status = WF_OK;
    while (!status && got)
        status = wf_input_read(input, bytes, sizeof(bytes), &got, &fault);
    assert_int_equal(status, WF_ERR_DATA);
    assert_non_null(strstr(fault.text, "still being written"));
    wf_input_close(input);
    close(dir);
}

/* ---- bytes ---- */

static void nul_at_every_position(void **state)
{
    static const char text[] = "member_id,points,city\nm1,1,\"a\nb\"\r\nm2,2,x\n";
    struct shop *shop = *state;
    char copy[sizeof(text)];
    shop_member(shop, SHOP_POINTS);
    for (size_t at = 0; at + 1 < sizeof(text); at++) {
        memcpy(copy, text, sizeof(text));
        copy[at] = '\0';
        shop_write(shop, "members.csv", copy, sizeof(text) - 1);
        shop_expect(shop, WF_ERR_DATA, "members.csv");
        memcpy(copy, text, at); /* and put between */
        char longer[sizeof(text) + 1];
        memcpy(longer, text, at);
        longer[at] = '\0';
        memcpy(longer + at + 1, text + at, sizeof(text) - 1 - at);
        shop_write(shop, "members.csv", longer, sizeof(text));
        shop_expect(shop, WF_ERR_DATA, "members.csv");
    }
}

static void utf16_is_refused(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_write(shop, "members.csv", "\xff\xfem\0,\0\n\0", 8);
    shop_expect(shop, WF_ERR_DATA, "UTF-16");
    shop_write(shop, "members.csv", "\xfe\xff\0m\0,\0\n", 8);
    shop_expect(shop, WF_ERR_DATA, "UTF-16");
    shop_write(shop, "members.csv", "m\0,\0\n\0", 6);
    shop_expect(shop, WF_ERR_DATA, "UTF-16");
}

static void bytes_that_are_not_utf8(void **state)
{
    static const char *const bad[] = {
        "\xff",     "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xe4\xb8", "\x80", "\xd5\xc5"};
    struct shop *shop = *state;
    char text[256];
    shop_member(shop, SHOP_CITY);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "member_id,city\nm1,\"中\n文\"\nm2,a%s\n", bad[i]);
        shop_put(shop, "members.csv", text);
        shop_expect(shop, WF_ERR_DATA, "members.csv:4: these bytes are not UTF-8");
    }
}

static void bare_carriage_return(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv", "member_id,points\nm1,1\nm\r2,2\nm3,3\r\n\r\n");
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop->data->n_members, 2);
    assert_int_equal(shop->report.rejects[0].line, 3);
    shop_buy(shop, shop_use_purchases(shop, false), BUY_AMOUNT);
    shop_put(shop, "orders.csv",
             BUYS "m1,2026-11-01 10:00,a,1,1,,\nm1,2026-11-01\r10:00,b,1,1,,\n");
    shop_expect(shop, WF_ERR_DATA, "orders.csv:3: a carriage return stands alone");
    shop->options.accept_unreadable = 1;
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop_feed(shop, 1)->unreadable, 1);
}

static void wrong_number_of_cells(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    shop_put(shop, "members.csv", "member_id,points\nm1,1\nm2\nm3,3,3\nm4,4\n");
    shop_expect(shop, WF_OK, NULL);
    assert_int_equal(shop->data->n_members, 2);
    assert_int_equal(shop->report.n_rejects, 2);
    assert_string_equal(shop->report.rejects[0].what, "the row has fewer cells than the header");
    assert_string_equal(shop->report.rejects[1].what, "the row has more cells than the header");
    shop_buy(shop, shop_use_purchases(shop, false), BUY_AMOUNT);
    shop_put(shop, "orders.csv", BUYS "m1,2026-11-01 10:00,a,1,1,,\nm1,2026-11-01 10:00,b\nm4\n");
    shop->options.accept_unreadable = 1;
    shop_expect(shop, WF_ERR_DATA, "2 rows of purchase cannot be read");
    shop->options.accept_unreadable = 2;
    shop_expect(shop, WF_OK, NULL);
}

static void unclosed_quote(void **state)
{
    struct shop *shop = *state;
    shop_member(shop, SHOP_CITY);
    shop_put(shop, "members.csv", "member_id,city\nm1,a\nm2,\"b\nm3,c\nm4,d\n");
    shop_expect(shop, WF_ERR_DATA,
                "members.csv:3: a quote that opens in this line is never closed");
    shop_put(shop, "members.csv", "member_id,city\nm1,a\nm2,\"b\nm3,\"c\"\nm4,d\n");
    shop_expect(shop, WF_ERR_DATA,
                "members.csv:3: a quote of the row that starts here is never closed");
    shop_put(shop, "members.csv", "member_id,city\nm1,a\nm2,\"b\nm3,\"c\"\nm4,\"d\"\n\"m5\",\n");
    shop_expect(shop, WF_ERR_DATA, "members.csv:3: a quote");
    shop_put(shop, "members.csv", "member_id,city\nm1,5\" pipe\n");
    shop_expect(shop, WF_ERR_DATA, "members.csv:2: a quote");
    shop_put(shop, "members.csv", "member_id,city\nm1,\"a\"b\n");
    shop_expect(shop, WF_ERR_DATA, "members.csv:2: a quote");
}

static void quotes_in_a_long_file(void **state)
{
    struct shop *shop = *state;
    uint32_t city = shop_member(shop, SHOP_CITY);
    enum { ROWS = 40000 };
    char *text = malloc(ROWS * 80), *p = text;
    p += sprintf(p, "member_id,city\n");
    for (unsigned i = 0; i < ROWS; i++)
        p += sprintf(p, "m%u,\"city %u\nof \"\"%u\"\", here\"\n", i, i % 50, i % 7);
    shop_write(shop, "members.csv", text, (size_t)(p - text));
    for (unsigned threads = 1; threads <= 3; threads++) {
        shop->options.threads = threads;
        shop_expect(shop, WF_OK, NULL);
        assert_int_equal(shop->data->n_members, ROWS);
        shop_expect_text(shop, city, 39999, "city 49\nof \"1\", here");
        shop_expect_text(shop, city, 12345, "city 45\nof \"4\", here");
    }
    /* the second half lies in other segments: its line must still be told */
    char *hit = strstr(text + (p - text) / 2, "here\"\n");
    hit[4] = ' ';
    uint64_t line = 1;
    for (char *c = text; c < hit; c++)
        line += *c == '\n';
    char says[64];
    snprintf(says, sizeof(says), "members.csv:%llu: a quote", (unsigned long long)line - 1);
    shop_write(shop, "members.csv", text, (size_t)(p - text));
    shop_expect(shop, WF_ERR_DATA, says);
    free(text);
}

/* ---- encodings ---- */

static size_t encode(const char *encoding, const char *text, char *out, size_t room)
{
    iconv_t cd = iconv_open(encoding, "UTF-8");
    char *in = (char *)(uintptr_t)text, *to = out;
    size_t left = strlen(text), space = room;
    assert_true(cd != (iconv_t)-1);
    assert_int_equal(iconv(cd, &in, &left, &to, &space), 0);
    iconv_close(cd);
    return room - space;
}

static void encoding_is_what_was_declared(void **state)
{
    static const char text[] = "member_id,city,points\nm1,上海市,1\nm2,杭州,2\n";
    static const char *const encodings[] = {"gb18030", "gbk", "big5", "utf-16le", "utf-8"};
    struct shop *shop = *state;
    uint32_t city = shop_member(shop, SHOP_CITY);
    char bytes[256];
    for (size_t written = 0; written < 5; written++) {
        size_t len =
            encode(encodings[written], written == 2 ? "member_id,city,points\nm1,上海市,1\n" : text,
                   bytes, sizeof(bytes));
        shop_write(shop, "members.csv", bytes, len);
        shop->program.ir.member.encoding = wf_irb_textz(&shop->b, encodings[written]);
        shop_expect(shop, WF_OK, NULL);
        shop_expect_text(shop, city, 0, "上海市");
        if (written == 4)
            break;
        shop->program.ir.member.encoding = WF_NONE; /* UTF-8 */
        shop_expect(shop, WF_ERR_DATA, "members.csv");
    }
    shop->program.ir.member.encoding = wf_irb_textz(&shop->b, "gb18030");
    shop_write(shop, "members.csv", "member_id,city\nm1,\x81\xff\n", 20);
    shop_expect(shop, WF_ERR_DATA, "members.csv:2: these bytes are not gb18030");
    shop_write(shop, "members.csv", "member_id,city\nm1,\x81", 19); /* half a character */
    shop_expect(shop, WF_ERR_DATA, "not gb18030");
    shop->program.ir.member.encoding = wf_irb_textz(&shop->b, "klingon-7");
    shop_expect(shop, WF_ERR_RULES, "klingon-7");
}

/* All characters of GBK whose second byte is the '|' that separates the members of a set. */
static void gb18030_bytes_that_equal_a_delimiter(void **state)
{
    struct shop *shop = *state;
    uint32_t tags = shop_member(shop, SHOP_TAGS), tried = 0;
    shop->program.ir.member.encoding = wf_irb_textz(&shop->b, "gb18030");
    for (unsigned lead = 0x81; lead <= 0xfe; lead++) {
        char bytes[2] = {(char)lead, '|'}, utf8[16], text[64], want[64];
        char *in = bytes, *out = utf8;
        size_t left = 2, space = sizeof(utf8);
        iconv_t cd = iconv_open("UTF-8", "gbk");
        size_t answer = iconv(cd, &in, &left, &out, &space);
        iconv_close(cd);
        if (answer == (size_t)-1)
            continue;
        tried++;
        *out = '\0';
        int n = snprintf(text, sizeof(text), "member_id,tags\nm1,%c|;a\n", (int)lead);
        snprintf(want, sizeof(want), "a;%s", utf8);
        shop_write(shop, "members.csv", text, (size_t)n);
        shop_expect(shop, WF_OK, NULL);
        shop_expect_text(shop, tags, 0, want);
    }
    assert_true(tried >= 118);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        TEST(missing_feed),
        TEST(empty_feed),
        TEST(header_hazards),
        TEST(default_fills_cells_not_columns),
        TEST(symlink_fifo_device_folder),
        TEST(patterns_stay_in_the_folder),
        TEST(a_file_that_grows_is_refused),
        TEST(nul_at_every_position),
        TEST(utf16_is_refused),
        TEST(bytes_that_are_not_utf8),
        TEST(bare_carriage_return),
        TEST(wrong_number_of_cells),
        TEST(unclosed_quote),
        TEST(quotes_in_a_long_file),
        TEST(encoding_is_what_was_declared),
        TEST(gb18030_bytes_that_equal_a_delimiter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
