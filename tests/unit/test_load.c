/* From a folder of exports to a dataset: members, references, events, duplicates, doubt, views. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "tests/tools/shop.h"

#define HEADER                                                                                     \
    "member_id,joined,birthday,city,tier,points,wecom,tags,balance,score,opens,inviter,store,"     \
    "phone\n"
#define BUYS "member_id,paid_at,order,line,amount,brand,status\n"

static int setup(void **state)
{
    struct shop *shop = calloc(1, sizeof(*shop));
    shop_open(shop);
    *state = shop;
    return 0;
}

static int teardown(void **state)
{
    shop_close(*state);
    free(*state);
    return 0;
}

static void load_ok(struct shop *shop)
{
    enum wf_status status = shop_load(shop);
    if (status)
        print_error("%s\n", shop->report.error);
    assert_int_equal(status, WF_OK);
}

static void expect(const struct shop *shop, uint32_t input, uint64_t row, const char *want)
{
    char got[256];
    assert_string_equal(shop_text(shop, input, row, got, sizeof(got)), want);
}

static bool bit(const uint64_t *bits, uint64_t i)
{
    return bits && (bits[i / 64] >> (i % 64) & 1);
}

static const struct wf_load_feed *feed(const struct shop *shop, const char *name)
{
    for (size_t i = 0; i < shop->report.n_feeds; i++)
        if (strcmp(shop->report.feeds[i].name, name) == 0)
            return &shop->report.feeds[i];
    fail_msg("no feed %s", name);
    return NULL;
}

/* ---- members ---- */

static void every_type_of_a_member(void **state)
{
    struct shop *shop = *state;
    uint32_t in[SHOP_FIELDS];
    for (uint32_t f = 0; f < SHOP_FIELDS; f++)
        in[f] = shop_member(shop, f);
    shop_put(shop, "stores.csv", "store_id,city\ns1,上海\n");
    shop_put(shop, "members.csv",
             HEADER
             "m1,2026-11-15,1990-02-28,杭州,gold,1200,是,vip;b|a;vip,12.5,0.25,09:30,m2,s1,139\n"
             "m2,2020-01-01,1900-01-01,,,,,,,,,nobody,,\n");
    load_ok(shop);
    static const char *const first[] = {"m1",   "2026-11-15", "1990-02-28", "杭州",  "#1",
                                        "1200", "true",       "a;b;vip",    "12.50", "0.25",
                                        NULL,   "#1",         "#0",         "139"};
    static const char *const second[] = {"m2", "2020-01-01", "-", "-", "-", "0", "false",
                                         "",   "-",          "-", "-", "-", "-", "-"};
    assert_int_equal(shop->data->n_members, 2);
    for (uint32_t f = 0; f < SHOP_FIELDS; f++) {
        if (first[f])
            expect(shop, in[f], 0, first[f]);
        expect(shop, in[f], 1, second[f]);
    }
    assert_int_equal(wf_dataset_value(shop->data, in[SHOP_OPENS], 0).i, 9 * 3600 + 1800);
}

static void columns_come_in_any_order_and_unknown_ones_are_noted(void **state)
{
    struct shop *shop = *state;
    uint32_t joined = shop_member(shop, SHOP_JOINED), city = shop_member(shop, SHOP_CITY);
    shop_put(shop, "members.csv", "wx,city,joined,\"member_id\",age\nx,A,2026-01-02,m1,3\n");
    load_ok(shop);
    expect(shop, joined, 0, "2026-01-02");
    expect(shop, city, 0, "A");
    assert_int_equal(shop->report.n_notes, 1);
    assert_non_null(strstr(shop->report.notes[0], "wx, age"));
}

static void columns_through_references(void **state)
{
    struct shop *shop = *state;
    uint32_t store_city = shop_member_via(shop, SHOP_STORE, 1);
    uint32_t inviters_points = shop_member_via(shop, SHOP_INVITER, SHOP_POINTS);
    shop_put(shop, "stores.csv", "store_id,city\ns1,A\ns2,\n");
    shop_put(shop, "members.csv",
             "member_id,store,inviter,points\n"
             "m1,s1,m3,1\nm2,s2,m1,2\nm3,s9,,3\n");
    load_ok(shop);
    expect(shop, store_city, 0, "A");
    expect(shop, store_city, 1, "-");
    expect(shop, store_city, 2, "-");
    expect(shop, inviters_points, 0, "3");
    expect(shop, inviters_points, 1, "1");
    expect(shop, inviters_points, 2, "-");
}

static void one_id_twice(void **state)
{
    static const struct {
        const char *text;
        uint32_t members;
        uint64_t rejects, duplicates;
    } cases[] = {
        {"member_id,points\nm1,1\nm2,2\nm1,1\n", 2, 0, 1},
        {"member_id,points\nm1,1\nm2,2\nm1,3\n", 1, 2, 0},
        {"member_id,points\nm1,1\nm1,3\nm2,2\nm1,1\n", 1, 3, 0},
        {"member_id,points\nm1,1\nm1,1\nm2,2\nm1,3\n", 1, 3, 0},
        {"member_id,points\nm1,x\nm2,2\nm1,3\n", 1, 2, 0},
    };
    struct shop *shop = *state;
    shop_member(shop, SHOP_POINTS);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        shop_put(shop, "members.csv", cases[i].text);
        load_ok(shop);
        assert_int_equal(shop->data->n_members, cases[i].members);
        assert_int_equal(feed(shop, "member")->rejects, cases[i].rejects);
        assert_int_equal(feed(shop, "member")->duplicates, cases[i].duplicates);
        assert_int_equal(shop->report.n_rejects, cases[i].rejects);
    }
}

static void changes_replace_in_a_delta_feed(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS);
    shop->program.ir.member.delta = true;
    shop_put(shop, "members-1.csv", "member_id,points\nm1,1\nm2,2\n");
    shop_put(shop, "members-2.csv", "member_id,points\nm1,5\n");
    load_ok(shop);
    assert_int_equal(shop->data->n_members, 2);
    expect(shop, points, shop_row(shop, "m1"), "5");
    expect(shop, points, shop_row(shop, "m2"), "2");
    assert_int_equal(feed(shop, "member")->duplicates, 1);
}

static void merged_ids_are_one_member(void **state)
{
    struct shop *shop = *state;
    uint32_t points = shop_member(shop, SHOP_POINTS), inviter = shop_member(shop, SHOP_INVITER);
    uint32_t view = shop_use_purchases(shop, false);
    uint32_t order = shop_buy(shop, view, BUY_ORDER);
    shop->program.ir.merges = wf_irb_textz(&shop->b, "merges*.csv");
    shop_put(shop, "merges.csv", "old,new\na,b\nb,c\n");
    shop_put(shop, "members.csv", "member_id,points,inviter\na,1,\nc,3,\nd,4,a\n");
    shop_put(shop, "orders.csv",
             "member_id,paid_at,order,status\na,2026-11-01 10:00,1,\n"
             "b,2026-11-02 10:00,2,\nc,2026-11-03 10:00,3,\n");
    load_ok(shop);
    assert_int_equal(shop->data->n_members, 2);
    assert_int_equal(shop_row(shop, "a"), WF_NONE);
    uint32_t c = shop_row(shop, "c");
    expect(shop, points, c, "3");
    assert_int_equal(wf_dataset_value(shop->data, inviter, shop_row(shop, "d")).i, c);
    const struct wf_events *events = &shop->data->views[view];
    assert_int_equal(events->first[c + 1] - events->first[c], 3);
    expect(shop, order, events->first[c] + 1, "2");
    assert_int_equal(shop->report.n_merges, 2);
    assert_string_equal(shop->report.merges[0].old_id, "a");
    assert_string_equal(shop->report.merges[0].new_id, "c");
    shop_put(shop, "merges.csv", "old,new\na,b\nb,a\n");
    assert_int_equal(shop_load(shop), WF_ERR_DATA);
    shop_put(shop, "merges.csv", "old,new\na,b\na,c\n");
    assert_int_equal(shop_load(shop), WF_ERR_DATA);
    assert_non_null(strstr(shop->report.error, "merges.csv:3"));
}

/* ---- events ---- */

#define TWO "member_id\nm1\nm2\n"

/* Each row of a view as "member:field,field ...", doubt with a "?", a new event with "|". */
static void describe(const struct shop *shop, uint32_t view, uint32_t a, uint32_t b, char *out,
                     size_t room)
{
    const struct wf_events *events = &shop->data->views[view];
    char x[64], y[64];
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t m = 0; m < shop->data->n_members; m++)
        for (uint32_t r = events->first[m]; r < events->first[m + 1]; r++)
            used += (size_t)snprintf(
                out + used, room - used, "%s%.*s:%s,%s%s",
                !events->begins || bit(events->begins, r) ? "|" : "+", (int)shop->data->ids[m].len,
                shop->data->id_heap + shop->data->ids[m].at, shop_text(shop, a, r, x, sizeof(x)),
                shop_text(shop, b, r, y, sizeof(y)), bit(events->doubt, r) ? "?" : "");
}

struct events_case {
    const char *name, *first, *second, *want; /* files orders-1.csv, orders-2.csv */
};

static void rows_of_events(void **state)
{
    static const struct events_case cases[] = {
        {"by member and time",
         BUYS "m2,2026-11-03 10:00,c,1,3,,\nm1,2026-11-02 10:00,b,1,2,,\n"
              "m1,2026-11-01 10:00,a,1,1,,\n",
         NULL, "|m1:a,1.00|m1:b,2.00|m2:c,3.00"},
        {"ties go by the unique field",
         BUYS "m1,2026-11-01 10:00,b,1,2,,\nm1,2026-11-01 10:00,a,1,1,,\n", NULL,
         "|m1:a,1.00|m1:b,2.00"},
        {"rows of one event stand together",
         BUYS
         "m1,2026-11-01 12:00,a,2,2,,\nm1,2026-11-01 11:00,b,1,9,,\nm1,2026-11-01 10:00,a,1,1,,\n",
         NULL, "|m1:a,1.00+m1:a,2.00|m1:b,9.00"},
        {"the same row twice", BUYS "m1,2026-11-01 10:00,a,1,1,,\nm1,2026-11-01 10:00,a,1,1,,\n",
         NULL, "|m1:a,1.00"},
        {"the same row in a later export", BUYS "m1,2026-11-01 10:00,a,1,1,,\n",
         BUYS "m1,2026-11-01 10:00,a,1,1,,\n", "|m1:a,1.00"},
        {"a later export replaces", BUYS "m1,2026-11-01 10:00,a,1,1,,\n",
         BUYS "m1,2026-11-01 10:00,a,1,7,,\n", "|m1:a,7.00"},
        {"one order of two members is two",
         BUYS "m1,2026-11-01 10:00,a,1,1,,\nm2,2026-11-01 10:00,a,1,2,,\n", NULL,
         "|m1:a,1.00|m2:a,2.00"},
        {"two rows of one key that differ are doubt",
         BUYS "m1,2026-11-01 10:00,a,1,1,,\nm1,2026-11-01 11:00,a,1,2,,\n", NULL,
         "|m1:a,1.00?+m1:a,2.00?"},
        {"a corrected row ends the doubt",
         BUYS "m1,2026-11-01 10:00,a,1,1,,\nm1,2026-11-01 11:00,a,1,2,,\n",
         BUYS "m1,2026-11-01 10:00,a,1,3,,\n", "|m1:a,3.00"},
        {"a bad cell makes doubt", BUYS "m1,2026-11-01 10:00,a,1,x,,\n", NULL, "|m1:a,-?"},
        {"a later bad row makes doubt", BUYS "m1,2026-11-01 10:00,a,1,1,,\n",
         BUYS "m1,2026-11-01 10:00,a,1,x,,\n", "|m1:a,-?"},
        {"rows without the unique field are known by their bytes",
         BUYS
         "m1,2026-11-01 10:00,,1,1,,\nm1,2026-11-01 10:00,,1,1,,\nm1,2026-11-01 11:00,,1,1,,\n",
         NULL, "|m1:-,1.00|m1:-,1.00"},
        {"void rows never happened",
         BUYS "m1,2026-11-01 10:00,a,1,1,,cancelled\n"
              "m1,2026-11-02 10:00,b,1,2,,paid\n",
         NULL, "|m1:b,2.00"},
        {"a cancellation in a later export", BUYS "m1,2026-11-01 10:00,a,1,1,,paid\n",
         BUYS "m1,2026-11-01 10:00,a,1,1,,cancelled\n", ""},
        {"void applies only where known", BUYS "m1,2026-11-01 10:00,a,1,1,,\n", NULL, "|m1:a,1.00"},
        {"the future is not seen",
         BUYS "m1,2026-11-22 00:00,a,1,1,,\nm1,2026-11-21 23:59:59,b,1,2,,\n", NULL, "|m1:b,2.00"},
        {"orphans and nobody's", BUYS "m9,2026-11-01 10:00,a,1,1,,\n,2026-11-01 10:00,b,1,1,,\n",
         NULL, ""},
        {"an unknown time stands last", BUYS "m1,,a,1,1,,\nm1,2026-11-01 10:00,b,1,2,,\n", NULL,
         "|m1:b,2.00|m1:a,1.00?"},
        {"absent key columns shorten the key",
         "member_id,paid_at,order,amount,status\nm1,2026-11-01 10:00,a,1,\n",
         "member_id,paid_at,order,amount,status\nm1,2026-11-01 10:00,a,4,\n", "|m1:a,4.00"},
        {"an absent first key column leaves the bytes",
         "member_id,paid_at,line,amount,status\nm1,2026-11-01 10:00,1,1,\nm1,2026-11-02 "
         "10:00,1,2,\n",
         NULL, "|m1:-,1.00|m1:-,2.00"},
    };
    struct shop *shop = *state;
    uint32_t view = shop_use_purchases(shop, false);
    uint32_t amount = shop_buy(shop, view, BUY_AMOUNT);
    /* the order is decoded as the key alone, so absent columns may be tried; shown by its own input
     */
    shop_put(shop, "members.csv", TWO);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[1024];
        bool absent = strstr(cases[i].first, ",order") == NULL;
        shop_put(shop, "orders-1.csv", cases[i].first);
        shop_remove(shop, "orders-2.csv");
        if (cases[i].second)
            shop_put(shop, "orders-2.csv", cases[i].second);
        uint32_t order = absent ? WF_NONE : shop_buy(shop, view, BUY_ORDER);
        if (absent) /* as if no rule named it */
            for (uint32_t n = 0; n < shop->program.ir.n_inputs; n++)
                shop->program.ir.inputs[n].implied = 1;
        else
            shop->program.ir.inputs[order].implied = 0;
        load_ok(shop);
        describe(shop, view, shop_buy(shop, view, BUY_ORDER), amount, got, sizeof(got));
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: got %s, want %s", cases[i].name, got, cases[i].want);
    }
}

static void counts_of_a_feed(void **state)
{
    struct shop *shop = *state;
    shop_buy(shop, shop_use_purchases(shop, false), BUY_AMOUNT);
    shop_put(shop, "members.csv", TWO);
    shop_put(shop, "orders.csv",
             BUYS "m1,2026-11-01 10:00,a,1,1,,\nm1,2026-11-01 10:00,a,1,1,,\n"
                  "m1,2026-11-01 10:00,b,1,x,,\nm9,2026-11-01 10:00,a,1,1,,\n"
                  ",2026-11-01 10:00,a,1,1,,\nm2,2027-01-01 10:00,a,1,1,,\n"
                  "m2,2026-11-01 10:00,c,1,1,,cancelled\n");
    load_ok(shop);
    const struct wf_load_feed *f = feed(shop, "purchase");
    assert_int_equal(f->rows, 7);
    assert_int_equal(f->kept, 2);
    assert_int_equal(f->rejects, 1);
    assert_int_equal(f->orphans, 1);
    assert_int_equal(f->nobodys, 1);
    assert_int_equal(f->duplicates, 1);
    assert_int_equal(f->voids, 1);
    assert_int_equal(f->future, 1);
    assert_int_equal(shop->report.n_rejects, 1);
    const struct wf_load_reject *reject = &shop->report.rejects[0];
    assert_string_equal(shop->report.files[reject->file].name, "orders.csv");
    assert_int_equal(reject->line, 4);
    assert_string_equal(reject->column, "amount");
    assert_string_equal(reject->what, "is not an amount of money with at most two decimals");
    assert_string_equal(reject->row, "m1,2026-11-01 10:00,b,1,x,,");
    assert_int_equal(shop->report.files[1].rows, 7);
}

static void events_of_invitees(void **state)
{
    struct shop *shop = *state;
    uint32_t view = shop_use_invited(shop);
    uint32_t order = shop_buy(shop, view, BUY_ORDER), amount = shop_buy(shop, view, BUY_AMOUNT);
    char got[512];
    shop_put(shop, "members.csv", "member_id,inviter\nm1,\nm2,m1\nm3,m1\nm4,m2\n");
    shop_put(shop, "orders.csv",
             BUYS "m1,2026-11-01 10:00,x,1,9,,\nm3,2026-11-01 10:00,a,1,1,,\n"
                  "m2,2026-11-01 10:00,a,1,2,,\nm4,2026-11-02 10:00,a,1,3,,\n");
    load_ok(shop);
    describe(shop, view, order, amount, got, sizeof(got));
    /* the same order number of two invitees is two events; their order is by the rows alone */
    assert_true(strcmp(got, "|m1:a,1.00|m1:a,2.00|m2:a,3.00") == 0 ||
                strcmp(got, "|m1:a,2.00|m1:a,1.00|m2:a,3.00") == 0);
}

static struct wf_text text(const char *s)
{
    return (struct wf_text){s, s ? strlen(s) : 0};
}

static void what_was_sent(void **state)
{
    struct shop *shop = *state;
    uint32_t view = shop_use_sent(shop);
    uint32_t name = shop_sent(shop, WF_SENT_NAME), channel = shop_sent(shop, WF_SENT_CHANNEL);
    uint32_t at = shop_sent(shop, WF_SENT_AT);
    struct wf_sent_row rows[] = {
        {text("m2"), 2000, text("B"), text("send"), text(NULL), text(NULL), text(NULL)},
        {text("m2"), 1000, text("A"), text("send"), text("wecom"), text(NULL), text(NULL)},
        {text("gone"), 1000, text("A"), text("send"), text("wecom"), text(NULL), text(NULL)},
    };
    char got[256];
    shop->options.sent = rows;
    shop->options.n_sent = 3;
    shop->options.sent_since_known = true;
    shop->options.sent_since = 500;
    shop_put(shop, "members.csv", TWO);
    load_ok(shop);
    describe(shop, view, name, channel, got, sizeof(got));
    assert_string_equal(got, "|m2:A,wecom|m2:B,-");
    assert_int_equal(wf_dataset_value(shop->data, at, 1).i, 2000);
    assert_int_equal(shop->data->views[view].at[0], 1000);
    assert_true(shop->data->since_known[view]);
    assert_int_equal(shop->data->since[view], 500);
}

static void keys_name_events(void **state)
{
    struct shop *shop = *state;
    uint32_t view = shop_use_purchases(shop, true);
    shop_buy(shop, view, BUY_AMOUNT);
    unsigned char first[16];
    shop_put(shop, "members.csv", TWO);
    shop_put(shop, "orders.csv", BUYS "m1,2026-11-01 10:00,a,1,1,,\nm1,2026-11-02 10:00,b,1,1,,\n");
    load_ok(shop);
    memcpy(first, shop->data->views[view].key[0], 16);
    assert_memory_not_equal(first, shop->data->views[view].key[1], 16);
    /* another line and another time of the same order keep the key */
    shop_put(shop, "orders.csv", BUYS "m1,2026-11-03 12:00,a,2,8,x,\n");
    load_ok(shop);
    assert_memory_equal(first, shop->data->views[view].key[0], 16);
}

/* ---- independence ---- */

struct rng {
    uint64_t s;
};
static uint32_t draw(struct rng *rng, uint32_t below)
{
    rng->s = rng->s * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((rng->s >> 33) % below);
}

enum { MANY = 9000, PEOPLE = 700 };

/* All rows of a view with everything the dataset says of them, member by member. */
static uint64_t fingerprint(const struct shop *shop, uint32_t view, const uint32_t *in, size_t n_in)
{
    const struct wf_events *events = &shop->data->views[view];
    uint64_t hash = 1469598103934665603u;
    char cell[128], id[WF_MAX_ID];
    for (uint32_t p = 0; p < PEOPLE; p++) {
        snprintf(id, sizeof(id), "m%u", p);
        uint32_t m = shop_row(shop, id);
        for (uint32_t r = m == WF_NONE ? 0 : events->first[m];
             m != WF_NONE && r < events->first[m + 1]; r++) {
            for (size_t i = 0; i < n_in; i++)
                for (const char *c = shop_text(shop, in[i], r, cell, sizeof(cell)); *c; c++)
                    hash = (hash ^ (unsigned char)*c) * 1099511628211u;
            hash = (hash ^ (uint64_t)bit(events->doubt, r)) * 1099511628211u;
            hash = (hash ^ (uint64_t)(!events->begins || bit(events->begins, r))) * 1099511628211u;
        }
        hash = (hash ^ p) * 1099511628211u;
    }
    return hash;
}

static void order_of_rows_threads_and_files_do_not_matter(void **state)
{
    struct shop *shop = *state;
    uint32_t view = shop_use_purchases(shop, false), in[4];
    const enum shop_purchase fields[] = {BUY_AT, BUY_ORDER, BUY_AMOUNT, BUY_BRAND};
    for (size_t i = 0; i < 4; i++)
        in[i] = shop_buy(shop, view, fields[i]);
    char **rows = calloc(MANY, sizeof(*rows)), *out = malloc(MANY * 120);
    struct rng rng = {7};
    for (uint32_t i = 0; i < MANY; i++) {
        char row[120];
        snprintf(row, sizeof(row), "m%u,2026-%02u-%02u %02u:00,o%u,%u,%u.%02u,brand%u,%s\n",
                 draw(&rng, PEOPLE), 1 + draw(&rng, 12), 1 + draw(&rng, 28), draw(&rng, 24),
                 draw(&rng, 300), 1 + draw(&rng, 3), draw(&rng, 500), draw(&rng, 100),
                 draw(&rng, 20), draw(&rng, 10) ? "" : "cancelled");
        rows[i] = strdup(row);
    }
    char *people = malloc(PEOPLE * 8 + 32);
    strcpy(people, "member_id\n");
    for (uint32_t p = 0; p < PEOPLE; p++)
        sprintf(people + strlen(people), "m%u\n", p);
    shop_put(shop, "members.csv", people);
    uint64_t want = 0, kept = 0;
    for (unsigned round = 0; round < 6; round++) {
        size_t files = round % 3 == 2 ? 3 : 1;
        for (size_t f = 0; f < files; f++) {
            char name[32];
            snprintf(name, sizeof(name), "orders-%zu.csv", f);
            strcpy(out, BUYS);
            size_t used = strlen(out);
            /* a split may not separate rows of one key: by member */
            for (uint32_t i = 0; i < MANY; i++)
                if (files == 1 || (size_t)atoi(rows[i] + 1) % files == f) {
                    memcpy(out + used, rows[i], strlen(rows[i]));
                    used += strlen(rows[i]);
                }
            shop_write(shop, name, out, used);
        }
        shop->options.threads = 1 + round % 4;
        load_ok(shop);
        uint64_t got = fingerprint(shop, view, in, 4);
        if (round == 0) {
            want = got;
            kept = feed(shop, "purchase")->kept;
            assert_true(feed(shop, "purchase")->rejects > 0);
            assert_true(feed(shop, "purchase")->voids > 0);
            assert_true(feed(shop, "purchase")->future > 0);
        }
        assert_int_equal(feed(shop, "purchase")->kept, kept);
        assert_true(got == want);
        for (uint32_t i = MANY; i-- > 1;) { /* shuffle */
            uint32_t j = draw(&rng, i + 1);
            char *t = rows[i];
            rows[i] = rows[j];
            rows[j] = t;
        }
        for (size_t f = 0; f < files; f++) {
            char name[32];
            snprintf(name, sizeof(name), "orders-%zu.csv", f);
            shop_remove(shop, name);
        }
    }
    for (uint32_t i = 0; i < MANY; i++)
        free(rows[i]);
    free(rows);
    free(out);
    free(people);
}

/* ---- memory ---- */

struct miser {
    uint64_t asked, give; /* the give-th request and all after it fail; 0: none */
    int64_t live;
};

static void *stingy(void *ctx, void *ptr, size_t size)
{
    struct miser *miser = ctx;
    if (size == 0) {
        miser->live -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    if (++miser->asked >= miser->give && miser->give)
        return NULL;
    miser->live += ptr == NULL;
    return realloc(ptr, size);
}

static void memory_may_end_anywhere(void **state)
{
    struct shop *shop = *state;
    static struct miser miser; /* outlives a failed test */
    static const struct wf_alloc alloc = {stingy, &miser};
    struct wf_sent_row sent = {text("m1"), 5,        text("A"), text("send"),
                               text("w"),  text(""), text("")};
    uint32_t view = shop_use_purchases(shop, true);
    for (uint32_t f = SHOP_JOINED; f < SHOP_FIELDS; f++)
        shop_member(shop, f);
    shop_member_via(shop, SHOP_STORE, 1);
    shop_buy(shop, view, BUY_AMOUNT);
    shop_buy(shop, view, BUY_BRAND);
    shop_buy(shop, shop_use_invited(shop), BUY_ORDER);
    shop_use_sent(shop);
    shop_sent(shop, WF_SENT_NAME);
    shop->program.ir.merges = wf_irb_textz(&shop->b, "merges*.csv");
    shop_put(shop, "merges.csv", "old,new\na,m1\n");
    shop_put(shop, "stores.csv", "store_id,city\ns1,A\n");
    shop_put(shop, "members.csv",
             HEADER "m1,2026-11-15,,x,gold,1,1,vip;a,1.5,2,09:30,m2,s1,139\n"
                    "m2,2020-01-01,,,,,,,,,,,,\nm3,x,,,,,,,,,,,,\nm2,2020-01-02,,,,,,,,,,,,\n");
    shop_put(shop, "orders.csv",
             BUYS "a,2026-11-01 10:00,\"o\"\"1\",1,1,e\xcc\x81,paid\nm1,2026-11-01 10:00,o2,1,x,,\n"
                  "m1,2026-11-03 10:00,o3,1,2,,\nm1,2026-11-03 10:00,o3,1,3,,cancelled\n");
    shop->options.threads = 1;
    shop->options.alloc = &alloc;
    shop->options.sent = &sent;
    shop->options.n_sent = 1;
    load_ok(shop);
    uint64_t most = miser.asked;
    assert_true(most > 200);
    for (uint64_t give = 1; give <= most; give++) {
        wf_dataset_free(shop->data);
        shop->data = NULL;
        wf_load_report_release(&shop->report);
        assert_int_equal(miser.live, 0);
        miser = (struct miser){.give = give};
        assert_int_equal(shop_load(shop), WF_ERR_NOMEM);
        assert_null(shop->data);
    }
    miser.give = 0;
    load_ok(shop);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_type_of_a_member),
        TEST(columns_come_in_any_order_and_unknown_ones_are_noted),
        TEST(columns_through_references),
        TEST(one_id_twice),
        TEST(changes_replace_in_a_delta_feed),
        TEST(merged_ids_are_one_member),
        TEST(rows_of_events),
        TEST(counts_of_a_feed),
        TEST(events_of_invitees),
        TEST(what_was_sent),
        TEST(keys_name_events),
        TEST(order_of_rows_threads_and_files_do_not_matter),
        TEST(memory_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
