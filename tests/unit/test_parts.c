/*
 * Event feeds of more members than one part holds: a member with most of the rows, members with
 * none, rows that say the same again in another file, values and texts that fit no narrow cell.
 * What must come of it is worked out here row by row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "tests/tools/shop.h"

enum { PEOPLE = 5000, HOT = 3000, ROWS = 90000, INVITERS = 50, MINUTES = 40000 };

/* One row of an export; `cents` is its name here too, for no other has it. */
struct row {
    uint32_t member, order, line, brand, file, minute;
    int64_t cents;
    bool void_;
};

struct mischief {
    uint32_t brands;    /* how many there are */
    int64_t wide;       /* added to the cents of every seventh row */
    size_t long_order;  /* characters that orders of every fifth row begin with */
    size_t giant_order; /* the same for one row */
    bool missing;       /* every ninth row has no brand */
    bool again;         /* a second file: a third of the rows again, a tenth of those otherwise */
    bool shuffled;      /* rows are in no order */
};

struct made {
    struct row *rows;
    uint32_t n;
    const struct mischief *m;
};

/* ---- making ---- */

static uint32_t mix(uint32_t x)
{
    x = (x ^ x >> 15) * 0x2c1b3c6du;
    x = (x ^ x >> 12) * 0x297a2d39u;
    return x ^ x >> 15;
}

/* Most rows are one member's, every third member has none. */
static uint32_t whose(uint32_t i)
{
    return mix(i) % 3 ? HOT : mix(i + ROWS) % (PEOPLE / 3) * 3;
}

static void make(struct made *made, const struct mischief *m)
{
    made->m = m;
    made->n = 0;
    made->rows = calloc(2 * ROWS, sizeof(*made->rows));
    assert_non_null(made->rows);
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t member = whose(i);
        made->rows[made->n++] = (struct row){
            .member = member,
            .order = i / 2 * 2 + (member != whose(i ^ 1)), /* two lines, if of the same member */
            .line = i % 2,
            .brand = mix(i + 7) % m->brands,
            .minute = mix(i + 9) % MINUTES,
            .cents = i + (i % 7 ? 0 : m->wide),
            .void_ = i % 31 == 0,
        };
    }
    for (uint32_t i = 0; m->again && i < ROWS; i += 3) {
        struct row row = made->rows[i];
        row.file = 1;
        if (i % 10 == 0) {
            row.cents = -(int64_t)i - 1;
            row.void_ = i % 20 == 0;
        }
        made->rows[made->n++] = row;
    }
}

static void order_of(const struct made *made, const struct row *row, struct wf_buf *out)
{
    const struct mischief *m = made->m;
    size_t len = row->order / 2 == ROWS / 4 ? m->giant_order
                 : row->order / 2 % 5       ? 0
                                            : m->long_order;
    for (size_t k = 0; k < len; k++)
        wf_buf_addc(out, 'x');
    wf_buf_addf(out, "o%06u", row->order);
}

static bool has_brand(const struct made *made, const struct row *row)
{
    return !made->m->missing || row->brand % 9;
}

static void write_file(const struct made *made, const struct shop *shop, uint32_t file)
{
    char name[32];
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_buf_adds(&text, "member_id,paid_at,order,line,amount,brand,status\n");
    for (uint32_t k = 0; k < made->n; k++) {
        uint32_t i = made->m->shuffled ? (uint32_t)((uint64_t)k * 99991 % made->n) : k;
        const struct row *row = &made->rows[i];
        if (row->file != file)
            continue;
        uint32_t minute = row->minute % 1440;
        wf_buf_addf(&text, "p%u,2025-01-%02u %02u:%02u,", row->member, 1 + row->minute / 1440,
                    minute / 60, minute % 60);
        order_of(made, row, &text);
        wf_buf_addf(&text, ",%u,%s%lld.%02d,", row->line, row->cents < 0 ? "-" : "",
                    llabs((long long)row->cents) / 100, (int)(llabs((long long)row->cents) % 100));
        if (has_brand(made, row))
            wf_buf_addf(&text, "b%u", row->brand);
        wf_buf_adds(&text, row->void_ ? ",cancelled\n" : ",\n");
    }
    snprintf(name, sizeof(name), "orders-%u.csv", file);
    shop_write(shop, name, text.data, text.len);
    wf_buf_release(&text);
}

static void write_members(const struct shop *shop)
{
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_buf_adds(&text, "member_id,inviter\n");
    for (uint32_t m = 0; m < PEOPLE; m++)
        wf_buf_addf(&text, m < INVITERS ? "p%u,\n" : "p%u,p%u\n", m, m % INVITERS);
    shop_write(shop, "members.csv", text.data, text.len);
    wf_buf_release(&text);
}

/* ---- what must come of it ---- */

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int by_key(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = COMPARE(x->member, y->member);
    order = order ? order : COMPARE(x->order, y->order);
    order = order ? order : COMPARE(x->line, y->line);
    return order ? order : COMPARE(y->file, x->file);
}

/* Orders are numbered by their bytes but for those that begin with an x. */
static int by_time(const void *a, const void *b, void *ctx)
{
    const struct row *x = a, *y = b;
    int order = COMPARE(x->member, y->member);
    order = order ? order : COMPARE(x->brand, y->brand); /* the time of the order, by now */
    if (!order && x->order != y->order) {
        struct wf_buf p, q;
        wf_buf_init(&p, NULL, 0);
        wf_buf_init(&q, NULL, 0);
        order_of(ctx, x, &p);
        order_of(ctx, y, &q);
        order = strcmp(wf_buf_str(&p), wf_buf_str(&q));
        wf_buf_release(&p);
        wf_buf_release(&q);
    }
    order = order ? order : COMPARE(x->minute, y->minute);
    return order ? order : COMPARE(x->line, y->line);
}

/* Leaves the rows that stand, in their order; `brand` becomes the time of the order. */
static void settle(struct made *made, uint64_t *duplicates, uint64_t *voids)
{
    uint32_t n = 0;
    *duplicates = *voids = 0;
    qsort(made->rows, made->n, sizeof(*made->rows), by_key);
    for (uint32_t i = 0; i < made->n; i++) {
        const struct row *row = &made->rows[i], *before = row - (i > 0);
        bool again = i > 0 && row->member == before->member && row->order == before->order &&
                     row->line == before->line;
        *duplicates += again;
        *voids += !again && row->void_;
        made->rows[i].file = again || row->void_; /* to be left out */
    }
    for (uint32_t i = 0; i < made->n; i++)
        if (!made->rows[i].file)
            made->rows[n++] = made->rows[i];
    made->n = n;
    for (uint32_t i = 0, end; i < n; i = end) {
        uint32_t first = made->rows[i].minute;
        for (end = i; end < n && made->rows[end].order == made->rows[i].order &&
                      made->rows[end].member == made->rows[i].member;
             end++)
            first = made->rows[end].minute < first ? made->rows[end].minute : first;
        for (uint32_t k = i; k < end; k++)
            made->rows[k].brand = first;
    }
    qsort_r(made->rows, n, sizeof(*made->rows), by_time, made);
}

static bool bit(const uint64_t *bits, uint64_t i)
{
    return !bits || (bits[i / 64] >> (i % 64) & 1);
}

static void check_rows(const struct shop *shop, const struct made *made, uint32_t amount,
                       uint32_t brand)
{
    const struct wf_events *events = &shop->data->views[shop->purchases];
    char text[64], want[64];
    assert_int_equal(events->n, made->n);
    assert_int_equal(events->first[PEOPLE], made->n);
    for (uint32_t i = 0; i < made->n; i++) {
        const struct row *row = &made->rows[i];
        bool begins = i == 0 || row->member != row[-1].member || row->order != row[-1].order;
        uint32_t was = mix((uint32_t)(row->cents % 10000000) + 7) % made->m->brands;
        struct wf_value cents = wf_dataset_value(shop->data, amount, i);
        assert_true(events->first[row->member] <= i && i < events->first[row->member + 1]);
        assert_int_equal(cents.i, row->cents);
        assert_int_equal(bit(events->begins, i), begins);
        if (row->cents < 0)
            continue;
        snprintf(want, sizeof(want), "b%u", was);
        if (made->m->missing && was % 9 == 0)
            strcpy(want, "-");
        assert_string_equal(shop_text(shop, brand, i, text, sizeof(text)), want);
    }
}

/* Each inviter has the rows of those they invited, and no others. */
static void check_invited(const struct shop *shop, const struct made *made, uint32_t amount)
{
    const struct wf_events *events = &shop->data->views[shop->invited];
    int64_t want[INVITERS] = {0};
    uint32_t n[INVITERS] = {0};
    for (uint32_t i = 0; i < made->n; i++)
        if (made->rows[i].member >= INVITERS) {
            want[made->rows[i].member % INVITERS] += made->rows[i].cents;
            n[made->rows[i].member % INVITERS]++;
        }
    for (uint32_t m = 0; m < INVITERS; m++) {
        int64_t got = 0;
        for (uint32_t r = events->first[m]; r < events->first[m + 1]; r++) {
            got += wf_dataset_value(shop->data, amount, r).i;
            assert_true(r == events->first[m] || !bit(events->begins, r) ||
                        events->at[r] >= events->at[r - 1] || !bit(events->begins, r - 1));
        }
        assert_int_equal(events->first[m + 1] - events->first[m], n[m]);
        assert_int_equal(got, want[m]);
    }
    assert_int_equal(events->first[PEOPLE], events->first[INVITERS]);
}

static void load(struct shop *shop, const struct mischief *m, unsigned threads)
{
    struct made made;
    uint64_t duplicates, voids;
    shop_open(shop);
    uint32_t view = shop_use_purchases(shop, false);
    uint32_t amount = shop_buy(shop, view, BUY_AMOUNT), brand = shop_buy(shop, view, BUY_BRAND);
    uint32_t invited = m->again ? shop_buy(shop, shop_use_invited(shop), BUY_AMOUNT) : WF_NONE;
    make(&made, m);
    write_members(shop);
    for (uint32_t f = 0; f < 1u + m->again; f++)
        write_file(&made, shop, f);
    settle(&made, &duplicates, &voids);
    shop->options.threads = threads;
    enum wf_status status = shop_load(shop);
    if (status)
        print_error("%s\n", shop->report.error);
    assert_int_equal(status, WF_OK);
    check_rows(shop, &made, amount, brand);
    if (m->again)
        check_invited(shop, &made, invited);
    const struct wf_load_feed *feed = &shop->report.feeds[shop->report.n_feeds - 1];
    assert_int_equal(feed->duplicates, duplicates);
    assert_int_equal(feed->voids, voids);
    assert_int_equal(feed->kept, made.n);
    free(made.rows);
    shop_close(shop);
}

static void many_parts(void **state)
{
    static const struct mischief cases[] = {
        {.brands = 20},
        {.brands = 20, .shuffled = true},
        {.brands = 200, .again = true, .missing = true},
        {.brands = 85000, .missing = true},                   /* more codes than two bytes hold */
        {.brands = 5, .wide = 10000000000000, .again = true}, /* amounts beyond four bytes */
        {.brands = 5, .long_order = 300, .shuffled = true},   /* beyond one byte of length */
        {.brands = 5, .giant_order = 600000, .again = true},  /* a row that fills a block */
    };
    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
        for (unsigned threads = 1; threads <= 3; threads++) {
            struct shop shop = {0};
            load(&shop, &cases[c], threads);
        }
}

/* Threads that wait for the part before theirs learn that it will never come. */
struct miser {
    uint64_t asked, give;
};

static void *stingy(void *ctx, void *ptr, size_t size)
{
    struct miser *miser = ctx;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    uint64_t asked = __atomic_add_fetch(&miser->asked, 1, __ATOMIC_RELAXED);
    return miser->give && asked >= miser->give ? NULL : realloc(ptr, size);
}

static void memory_may_end_between_threads(void **state)
{
    static const struct mischief m = {.brands = 20, .again = true};
    struct miser miser = {0};
    const struct wf_alloc alloc = {stingy, &miser};
    struct shop shop = {0};
    struct made made;
    (void)state;
    shop_open(&shop);
    shop_buy(&shop, shop_use_purchases(&shop, false), BUY_AMOUNT);
    shop_buy(&shop, shop_use_invited(&shop), BUY_BRAND);
    make(&made, &m);
    write_members(&shop);
    write_file(&made, &shop, 0);
    shop.options.threads = 3;
    shop.options.alloc = &alloc;
    assert_int_equal(shop_load(&shop), WF_OK);
    uint64_t most = miser.asked;
    for (uint64_t left = 1; left < most; left += left < 40 ? 1 : most / 40) {
        miser = (struct miser){.give = most - left};
        enum wf_status status = shop_load(&shop);
        assert_true(status == WF_ERR_NOMEM || miser.asked < miser.give); /* they take turns */
    }
    miser.give = 0;
    assert_int_equal(shop_load(&shop), WF_OK);
    free(made.rows);
    shop_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_parts),
        cmocka_unit_test(memory_may_end_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
