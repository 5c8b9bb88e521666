/* Ids found by their number are those found by their bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/data/ids.h"

enum { MAX = 2000, ROOM = 64 };

static void add(struct wf_ids *ids, const char *id)
{
    uint32_t code;
    assert_int_equal(wf_names_add(&ids->names, id, strlen(id), &code), WF_OK);
}

static unsigned serials_found;

/* All ways to look up, against the names; the text ends where its memory does. */
static void check(const struct wf_ids *ids, const char *id)
{
    size_t len = strlen(id);
    char *exact = test_malloc(len ? len : 1), padded[ROOM] = {0};
    memcpy(exact, id, len);
    memcpy(padded, id, len);
    struct wf_cell cell = {padded, (uint32_t)len, 0};
    uint32_t want = wf_ids_row(ids, wf_names_find(&ids->names, id, len)), got = 0;
    if (len)
        assert_int_equal(wf_ids_find(ids, exact, (uint32_t)len), want);
    wf_ids_find_many(ids, &cell, 1, &got);
    assert_int_equal(got, want);
    struct wf_serial_head head;
    uint32_t number = 0;
    if (wf_serial_split(cell, &head, &number)) {
        const uint64_t numbers[1] = {number};
        if (wf_ids_find_serials(ids, &head, numbers, 1, &got))
            assert_int_equal(got, want);
        serials_found += got == want && got != WF_NONE;
    }
    test_free(exact);
}

static const char *const strangers[] = {
    "0",
    "1",
    "7",
    "00",
    "01",
    "9",
    "10",
    "010",
    "99",
    "100",
    "M",
    "M1",
    "M01",
    "M0000001",
    "M0000002",
    "M0000099",
    "N0000001",
    "M00000001",
    "M9999999",
    "M10000000",
    "M010000000",
    "1000",
    "0100",
    "M000001",
    "M000000x",
    "m0000001",
    "M0000:01",
    "M000/001",
    "x",
    "-1",
    "+1",
    " 1",
    "1 ",
    "18446744073709551615",
    "9999999999999999",
    "10000000000000000",
    "1000000000000000000001",
    "VIP-2024-000017",
    "VIP-2024-000018",
    "VIP-2025-000017",
    "\xe4\xbc\x9a\xe5\x91\x98"
    "0007",
    "12345678",
    "123456789",
    "112345678",
};

static void numbered_or_not(void **state)
{
    static const struct {
        const char *format;
        uint64_t first, step;
        unsigned n;
        bool numbered;
    } cases[] = {
        {"M%07llu", 0, 1, 100, true},
        {"M%07llu", 1, 3, 100, true},
        {"M%07llu", 9999999, UINT64_MAX, 100, true}, /* downwards */
        {"M%07llu", 5, 1000, 100, false},            /* too far apart */
        {"%llu", 0, 1, 1200, true},
        {"%llu", 7, 2, 1200, true},
        {"%llu", 95, 1, 20, true},
        {"%llu", 12345670, 1, 20, true},
        {"%llu", 99999990, 1, 20, true},
        {"%llu", 9999999999999980, 1, 20, true},
        {"%llu", 9999999999999990, 1, 20, false}, /* 16 and 17 digits */
        {"%llu", 10000000000000000, 1, 20, true},
        {"VIP-2024-%06llu", 0, 1, 30, true},
        {"a prefix of many bytes %llu", 0, 1, 30, false},
        {"\xe4\xbc\x9a\xe5\x91\x98%04llu", 0, 1, 30, true},
        {"%llux", 0, 1, 30, false},
        {"%03llu", 0, 1, 1001, true},             /* the last one is longer */
        {"%03llu", 1000, UINT64_MAX, 1001, true}, /* the first one is */
        {"M%07llu", 9999990, 1, 20, true},
        {"M%07llu", 10000009, UINT64_MAX, 20, true},
        {"M%llu", 3, 1, 1, true},
        {"M", 0, 0, 1, false},
    };
    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct wf_ids ids;
        char id[ROOM];
        wf_ids_init(&ids, NULL, 7 + c);
        for (unsigned i = 0; i < cases[c].n; i++) {
            snprintf(id, sizeof(id), cases[c].format,
                     (unsigned long long)(cases[c].first + i * cases[c].step));
            add(&ids, id);
        }
        assert_int_equal(wf_ids_number_names(&ids), WF_OK);
        if (ids.numbered != cases[c].numbered)
            fail_msg("case %zu: numbered %d", c, ids.numbered);
        for (uint32_t code = 0; code < ids.names.n; code++) {
            struct wf_cell name = wf_names_text(&ids.names, code);
            snprintf(id, sizeof(id), "%.*s", (int)name.len, name.text);
            check(&ids, id);
        }
        for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
            check(&ids, strangers[i]);
        wf_ids_release(&ids);
    }
    assert_true(serials_found > 1000);
}

/* Ids of one number in two ways are not told apart by it. */
static void mixed(void **state)
{
    static const struct {
        const char *ids[4];
        bool numbered;
    } cases[] = {
        {{"M001", "M999", "M1000"}, true},
        {{"M1000", "M001", "M999"}, true},
        {{"M001", "M1000", "M0500"}, false},
        {{"M0500", "M1000", "M001"}, false},
        {{"1", "10", "01"}, false},
        {{"01", "10", "1"}, false},
        {{"M1000", "M100", "M010", "M9"}, false},
        {{"M1000", "M100", "M10", "M9"}, true},
        {{"M1000", "M"}, false},
        {{"M1000", "1001"}, false},
        {{"M1000", ""}, false},
        {{"", "M1000"}, false},
    };
    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        struct wf_ids ids;
        wf_ids_init(&ids, NULL, c);
        for (size_t i = 0; i < 4 && cases[c].ids[i]; i++)
            add(&ids, cases[c].ids[i]);
        assert_int_equal(wf_ids_number_names(&ids), WF_OK);
        if (ids.numbered != cases[c].numbered)
            fail_msg("case %zu: numbered %d", c, ids.numbered);
        for (size_t i = 0; i < 4 && cases[c].ids[i]; i++)
            check(&ids, cases[c].ids[i]);
        for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
            check(&ids, strangers[i]);
        wf_ids_release(&ids);
    }
}

/* Some names stand for no row, or for another one. */
static void rows_of_names(void **state)
{
    struct wf_ids ids;
    char id[ROOM];
    (void)state;
    wf_ids_init(&ids, NULL, 1);
    for (unsigned i = 0; i < MAX; i++) {
        snprintf(id, sizeof(id), "%u", i * 7919 % MAX);
        add(&ids, id);
    }
    ids.row = wf_calloc(NULL, MAX, sizeof(*ids.row));
    assert_non_null(ids.row);
    for (uint32_t code = 0; code < MAX; code++)
        ids.row[code] = code % 3 ? MAX - code : WF_NONE;
    assert_int_equal(wf_ids_number_names(&ids), WF_OK);
    assert_true(ids.numbered);
    for (unsigned i = 0; i < MAX + 20; i++) {
        snprintf(id, sizeof(id), "%u", i);
        check(&ids, id);
    }
    wf_ids_release(&ids);
}

enum { CROWD = 300000, WIDE = 16 };
static char crowd[CROWD][WIDE];

static struct wf_cell get_one(const void *ctx, uint32_t *near, uint32_t i)
{
    (void)ctx;
    (void)near;
    return (struct wf_cell){crowd[i], (uint32_t)strlen(crowd[i]), 0};
}

/* Of a crowd that counts up but for its last one: as if it came in blocks. */
static uint32_t count_some(const void *ctx, uint32_t near, uint32_t i)
{
    enum { BLOCK = 777 };
    uint32_t end = (i / BLOCK + 1) * BLOCK < CROWD - 1 ? (i / BLOCK + 1) * BLOCK : CROWD - 1;
    (void)ctx;
    (void)near;
    return i < end && strlen(crowd[i]) == strlen(crowd[end - 1]) ? end - i : 1;
}

/* So many that threads share them. */
static void crowds(void **state)
{
    static const struct {
        uint64_t first, step; /* i * step % CROWD + first */
        const char *last;     /* instead of its own */
        bool numbered;
        uint64_t straight;
    } cases[] = {
        {5, 1, NULL, true, CROWD},
        {9800000, 1, NULL, true, CROWD},
        {9800000, 7, NULL, true, 1},
        {0, CROWD - 1, NULL, true, 1},
        {5, 1, "M0400000", true, CROWD - 1},
        {5, 1, "M0000004", true, 0}, /* the lowest comes last */
        {5, 1, "N0300004", false, 0},
        {5, 1, "M300004", false, 0},
        {5, 1, "M", false, 0},
        {5, 1, "M99999999", false, 0},
        {5, 1, "M00300004", false, 0},
    };
    (void)state;
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        for (uint64_t i = 0; i < CROWD; i++)
            snprintf(crowd[i], WIDE, "M%07llu",
                     (unsigned long long)(i * cases[c].step % CROWD + cases[c].first));
        if (cases[c].last)
            snprintf(crowd[CROWD - 1], WIDE, "%s", cases[c].last);
        for (unsigned threads = 1; threads <= 6; threads++) {
            bool counts = cases[c].step == 1 && threads % 2 == 0;
            const struct wf_id_list list = {
                NULL, get_one, counts ? count_some : NULL, CROWD, threads, 0};
            struct wf_ids ids;
            wf_ids_init(&ids, NULL, 1);
            assert_int_equal(wf_ids_number(&ids, &list), WF_OK);
            if (ids.numbered != cases[c].numbered)
                fail_msg("case %zu, %u threads: numbered %d", c, threads, ids.numbered);
            if (ids.numbered)
                assert_int_equal(ids.straight, cases[c].straight);
            for (uint32_t i = 0; ids.numbered && i < CROWD; i++)
                assert_int_equal(wf_ids_find(&ids, crowd[i], (uint32_t)strlen(crowd[i])), i);
            wf_ids_release(&ids);
        }
    }
}

/* Ids that count up, then some of them again among others: a name is given once. */
static void some_alike(void **state)
{
    enum { MANY = 1000, AGAIN = 300, OTHERS = 50 };
    const struct wf_id_list list = {NULL, get_one, NULL, MANY + AGAIN + OTHERS, 2, 6};
    uint32_t names = MANY;
    struct wf_ids ids;
    (void)state;
    for (unsigned i = 0; i < MANY + AGAIN; i++)
        snprintf(crowd[i], WIDE, "M%05u", 70 + (i < MANY ? i : i * 7 % MANY));
    for (unsigned i = 0; i < OTHERS; i++) /* behind a gap, each twice */
        snprintf(crowd[MANY + AGAIN + i], WIDE, "M%05u", 3000 + i / 2 * 5);
    wf_ids_init(&ids, NULL, 1);
    assert_int_equal(wf_ids_number_any(&ids, &list), WF_OK);
    assert_true(ids.numbered);
    assert_int_equal(ids.straight, MANY);
    for (unsigned i = MANY; i < MANY + AGAIN + OTHERS; i++) {
        uint32_t name = wf_ids_name(&ids, crowd[i], (uint32_t)strlen(crowd[i]), names);
        uint32_t due = i < MANY + AGAIN ? i * 7 % MANY : MANY + (i - MANY - AGAIN) / 2;
        assert_int_equal(name, due);
        names += name == names;
    }
    assert_int_equal(names, MANY + OTHERS / 2);
    assert_int_equal(wf_ids_find(&ids, "M03005", 6), MANY + 1);
    assert_int_equal(wf_ids_find(&ids, "M03006", 6), WF_NONE);
    assert_int_equal(wf_ids_find(&ids, "M01069", 6), MANY - 1);
    assert_int_equal(wf_ids_find(&ids, "M01070", 6), WF_NONE);
    assert_int_equal(wf_ids_find(&ids, "M00069", 6), WF_NONE);
    wf_ids_release(&ids);
}

static void nobody(void **state)
{
    struct wf_ids ids;
    (void)state;
    wf_ids_init(&ids, NULL, 1);
    assert_int_equal(wf_ids_number_names(&ids), WF_OK);
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        check(&ids, strangers[i]);
    wf_ids_release(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbered_or_not), cmocka_unit_test(mixed),
        cmocka_unit_test(rows_of_names),   cmocka_unit_test(crowds),
        cmocka_unit_test(some_alike),      cmocka_unit_test(nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
