/* Exports of many segments: rows that straddle them, rows that fall out, files whose length nobody
 * knows, all with any number of threads. What is expected is noted down while the file is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#include "lang/base/buf.h"
#include "runtime/data/digest.h"
#include "runtime/data/reader.h"
#include "tests/tools/shop.h"

enum { ROWS = 60000, CHECKED = 11 };

/* An export under construction and what must come of it. */
struct made {
    struct wf_buf text;
    uint32_t kept[ROWS]; /* by member row: which row of the export */
    uint64_t bad[ROWS];  /* by reject: the line */
    uint32_t n_kept, n_bad;
    uint64_t line;
};

/* How often something happens; 0: never. */
struct mischief {
    uint32_t broken, bad_cell, no_id, blank, quoted_feed;
    const char *feed;  /* "\n" or "\r\n" */
    bool unended;      /* the last row has no line end */
    bool shuffled;     /* ids are not in order */
    uint32_t long_row; /* its cells are this long */
};

static bool happens(uint32_t row, uint32_t every)
{
    return every && row % every == every - 1;
}

static uint32_t number_of(const struct mischief *m, uint32_t row)
{
    return m->shuffled ? row * 7919u % 65537u : row; /* a permutation: 65537 is a prime */
}

static void add_row(struct made *made, const struct mischief *m, uint32_t i, bool last)
{
    struct wf_buf *text = &made->text;
    bool broken = happens(i, m->broken), bad_cell = happens(i, m->bad_cell);
    bool no_id = happens(i, m->no_id), quoted = happens(i, m->quoted_feed);
    if (happens(i, m->blank)) {
        wf_buf_adds(text, m->feed);
        made->line++;
    }
    if (broken || bad_cell || no_id)
        made->bad[made->n_bad++] = made->line;
    else
        made->kept[made->n_kept++] = i;
    if (!no_id)
        wf_buf_addf(text, "m%08u", number_of(m, i));
    wf_buf_addf(text, ",%s%u,%u.%02u,", bad_cell ? "x" : "", i * 3, i, i % 100);
    wf_buf_addf(text, quoted ? "\"c%u\n\"\"x\"\"\",\"b;a\"" : "c%u,b;a", i % 7);
    for (uint32_t k = 0; i == ROWS / 2 && k < m->long_row; k++)
        wf_buf_addc(text, ';');
    if (broken)
        wf_buf_adds(text, ",more");
    if (!last || !m->unended)
        wf_buf_adds(text, m->feed);
    made->line += 1 + quoted;
}

static struct made *make(const struct mischief *m)
{
    struct made *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    wf_buf_init(&made->text, NULL, 0);
    wf_buf_addf(&made->text, "member_id,points,balance,city,tags%s", m->feed);
    made->line = 2;
    for (uint32_t i = 0; i < ROWS; i++)
        add_row(made, m, i, i + 1 == ROWS);
    assert_false(made->text.failed);
    assert_true(made->text.len > 4 * WF_SEGMENT);
    return made;
}

static void free_made(struct made *made)
{
    wf_buf_release(&made->text);
    free(made);
}

static void check(struct shop *shop, const struct mischief *m, const struct made *made,
                  const uint32_t in[4])
{
    char want[64];
    assert_int_equal(shop->data->n_members, made->n_kept);
    assert_int_equal(shop_feed(shop, 0)->rejects, made->n_bad);
    for (uint32_t row = 0; row < made->n_kept; row += row + CHECKED < made->n_kept ? CHECKED : 1) {
        uint32_t i = made->kept[row];
        const struct wf_id *id = &shop->data->ids[row];
        int len = snprintf(want, sizeof(want), "m%08u", number_of(m, i));
        assert_int_equal(id->len, len);
        assert_memory_equal(shop->data->id_heap + id->at, want, (size_t)len);
        snprintf(want, sizeof(want), "%u", i * 3);
        shop_expect_text(shop, in[0], row, want);
        snprintf(want, sizeof(want), "%u.%02u", i, i % 100);
        shop_expect_text(shop, in[1], row, want);
        snprintf(want, sizeof(want), happens(i, m->quoted_feed) ? "c%u\n\"x\"" : "c%u", i % 7);
        shop_expect_text(shop, in[2], row, want);
        shop_expect_text(shop, in[3], row, "a;b");
    }
    for (size_t i = 0; i < shop->report.n_rejects; i++)
        assert_int_equal(shop->report.rejects[i].line, made->bad[i]);
}

static void check_digest(const struct shop *shop, const struct made *made)
{
    unsigned char want[WF_XXH128];
    wf_xxh128(made->text.data, made->text.len, want);
    assert_int_equal(shop->report.files[0].bytes, made->text.len);
    assert_memory_equal(shop->report.files[0].fingerprint.xxh128, want, sizeof(want));
}

static void ask_for(struct shop *shop, uint32_t in[4])
{
    in[0] = shop_member(shop, SHOP_POINTS);
    in[1] = shop_member(shop, SHOP_BALANCE);
    in[2] = shop_member(shop, SHOP_CITY);
    in[3] = shop_member(shop, SHOP_TAGS);
    shop->options.max_rejects = 1000000;
}

static void play(struct shop *shop, const struct mischief *m)
{
    uint32_t in[4];
    struct made *made = make(m);
    ask_for(shop, in);
    shop_write(shop, "members.csv", made->text.data, made->text.len);
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        shop->options.threads = threads;
        shop_expect(shop, WF_OK, NULL);
        check(shop, m, made, in);
        check_digest(shop, made);
    }
    free_made(made);
}

static void whole_rows(void **state)
{
    play(*state, &(struct mischief){.feed = "\n"});
}

static void carriage_returns(void **state)
{
    play(*state, &(struct mischief){.feed = "\r\n", .unended = true});
}

static void rows_that_fall_out_leave_no_gaps(void **state)
{
    play(*state, &(struct mischief){.feed = "\n",
                                    .broken = 997,
                                    .bad_cell = 1013,
                                    .no_id = 1511,
                                    .blank = 499,
                                    .quoted_feed = 331,
                                    .unended = true});
}

static void quotes_nearly_everywhere(void **state)
{
    play(*state, &(struct mischief){.feed = "\r\n", .quoted_feed = 2, .blank = 3});
}

static void one_row_longer_than_a_segment(void **state)
{
    play(*state, &(struct mischief){.feed = "\n", .long_row = 3 * WF_SEGMENT, .blank = 5000});
}

static void ids_in_no_order(void **state)
{
    play(*state, &(struct mischief){.feed = "\n", .shuffled = true, .bad_cell = 4999});
}

/* Short rows behind long ones: the guess from the beginning of the file is far too low. */
static void more_rows_than_guessed(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_buf_adds(&text, "member_id,points,city\n");
    for (uint32_t i = 0; i < 2 * ROWS; i++) {
        wf_buf_addf(&text, "m%u,%u,", i, i);
        for (uint32_t k = 0; i < 64 && k < WF_SEGMENT / 16; k++)
            wf_buf_addc(&text, 'x');
        wf_buf_addc(&text, '\n');
    }
    shop_write(shop, "members.csv", text.data, text.len);
    wf_buf_release(&text);
    for (unsigned threads = 1; threads <= 3; threads++) {
        char want[16];
        shop->options.threads = threads;
        shop_expect(shop, WF_OK, NULL);
        assert_int_equal(shop->data->n_members, 2 * ROWS);
        for (uint32_t row = 0; row < 2 * ROWS; row += 97) {
            snprintf(want, sizeof(want), "%u", row);
            shop_expect_text(shop, points, row, want);
        }
    }
}

/* Packed, so that nobody knows how long it is, and in two files. */
static void packed_files_of_unknown_length(void **state)
{
    struct shop *shop = *state;
    uint32_t in[4];
    const struct mischief m = {.feed = "\n", .quoted_feed = 50, .bad_cell = 3001};
    struct made *made = make(&m);
    size_t room = ZSTD_compressBound(made->text.len);
    char *packed = malloc(room);
    assert_non_null(packed);
    ask_for(shop, in);
    size_t len = ZSTD_compress(packed, room, made->text.data, made->text.len, 1);
    shop_write(shop, "members1.csv.zst", packed, len);
    shop_put(shop, "members2.csv", "points,member_id,balance,city,tags\n7,n1,1.00,c,b;a\n");
    for (unsigned threads = 1; threads <= 3; threads++) {
        shop->options.threads = threads;
        shop_expect(shop, WF_OK, NULL);
        uint32_t last = made->n_kept;
        assert_int_equal(shop->data->n_members, last + 1);
        shop_expect_text(shop, in[0], last, "7");
        shop_expect_text(shop, in[3], last, "a;b");
        shop->data->n_members--;
        check(shop, &m, made, in);
        shop->data->n_members++;
    }
    free(packed);
    free_made(made);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, shop_setup, shop_teardown)
    const struct CMUnitTest tests[] = {
        TEST(whole_rows),
        TEST(carriage_returns),
        TEST(rows_that_fall_out_leave_no_gaps),
        TEST(quotes_nearly_everywhere),
        TEST(one_row_longer_than_a_segment),
        TEST(ids_in_no_order),
        TEST(more_rows_than_guessed),
        TEST(packed_files_of_unknown_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
