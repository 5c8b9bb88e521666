/* Who was ever seen: every id is found again by what it got, however it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/store/members.h"

enum { MOST = 6000, ROOM = 48 };

struct id {
    char text[ROOM];
    size_t len;
};

static struct id id_of(const char *text)
{
    struct id id = {.len = strlen(text)};
    memcpy(id.text, text, id.len);
    return id;
}

static uint32_t find(struct wf_members *members, struct id id)
{
    uint32_t ordinal;
    assert_int_equal(wf_members_find(members, id.text, id.len, &ordinal), WF_OK);
    return ordinal;
}

static void add(struct wf_members *members, struct id id)
{
    assert_int_equal(wf_members_add(members, id.text, id.len), WF_OK);
}

static struct id one_more(struct id id)
{
    size_t at = id.len;
    while (at && id.text[at - 1] == '9')
        id.text[--at] = '0';
    assert_true(at && id.text[at - 1] >= '0' && id.text[at - 1] < '9');
    id.text[at - 1]++;
    return id;
}

/* Who is said to count up does, and goes on for as long as was said. */
static void expect_counts(const struct wf_members *members, const struct id *ids, size_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = wf_members_count(members, i);
        assert_in_range(count, 1, n - i);
        if (count == 1)
            continue;
        struct id next = one_more(ids[i]);
        assert_int_equal(next.len, ids[i + 1].len);
        assert_memory_equal(next.text, ids[i + 1].text, next.len);
        assert_int_equal(wf_members_count(members, i + 1), count - 1);
    }
}

/* By place, in order, and by search; nobody else is there. */
static void expect(struct wf_members *members, const struct id *ids, size_t n)
{
    struct wf_member_place place = {0};
    assert_int_equal(members->n, n);
    expect_counts(members, ids, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_true(wf_members_is(members, &place, i, ids[i].text, ids[i].len));
        assert_int_equal(find(members, ids[i]), i);
    }
    for (uint32_t i = 1; i < n; i += 7) {
        struct wf_member_place elsewhere = {0};
        assert_false(wf_members_is(members, &elsewhere, i - 1, ids[i].text, ids[i].len));
        assert_true(wf_members_is(members, &elsewhere, i, ids[i].text, ids[i].len));
    }
}

/* Written and read again, in pieces that begin anywhere. */
static void expect_again(const struct wf_members *members, const struct id *ids, size_t step)
{
    struct wf_members again;
    struct wf_buf bytes;
    wf_members_init(&again, NULL);
    wf_buf_init(&bytes, NULL, 0);
    for (size_t from = 0; from < members->n;) {
        struct wf_members part = *members; /* as it was when it had so many */
        part.n = from + step < members->n ? from + step : members->n;
        while (part.n_spans && part.spans[part.n_spans - 1].ordinal >= part.n)
            part.n_spans--;
        wf_buf_reset(&bytes);
        from = wf_members_write(&part, from, &bytes);
        assert_int_equal(from, part.n);
        assert_int_equal(wf_members_read(&again, bytes.data, bytes.len), WF_OK);
        assert_int_equal(again.n_stored, again.n);
    }
    assert_int_equal(again.n_spans, members->n_spans);
    expect(&again, ids, members->n);
    wf_members_release(&again);
    wf_buf_release(&bytes);
}

/* ---- tables ---- */

/* Ids that are nearly alike are not the same; `spans`: in how many they are kept. */
static void forms(void **state)
{
    static const struct {
        const char *ids[8];
        size_t spans, hashes;
    } TABLE[] = {
        {{"M1", "M2", "M3"}, 1, 0},
        {{"7", "07", "007", "8"}, 4, 0},
        {{"M9", "M10", "M11"}, 2, 0},
        {{"M08", "M09", "M10", "M11"}, 1, 0},
        {{"A-1", "A-2", "B-3", "B-4", "A-3"}, 3, 0},
        {{"anna", "bert", "7", "carl", "8"}, 4, 3},
        {{"会员00000001", "会员00000002"}, 1, 0},
        {{"9", "0"}, 2, 0},
        {{"99", "00", "100"}, 3, 0},
        /* eighteen digits are the number, what stands before them is not */
        {{"999999999999999998", "999999999999999999", "1000000000000000000"}, 2, 0},
        {{"1999999999999999999", "2000000000000000000"}, 2, 0},
        {{"12345678901234567890123456789012345678901", "12345678901234567890123456789012345678902"},
         1,
         2},
        {{"a23456789012345678901201", "a23456789012345678901202"}, 1, 0},
        {{"abcdefghijklmnopqrstuv1", "abcdefghijklmnopqrstuv2"}, 1, 0},
        {{"abcdefghijklmnopqrstuvw1", "abcdefghijklmnopqrstuvw2"}, 1, 2},
        {{"M1 ", "M2 "}, 1, 2},
    };
    (void)state;
    for (size_t t = 0; t < sizeof(TABLE) / sizeof(*TABLE); t++) {
        struct wf_members members;
        struct id ids[8];
        size_t n = 0;
        wf_members_init(&members, NULL);
        for (; n < 8 && TABLE[t].ids[n]; n++) {
            ids[n] = id_of(TABLE[t].ids[n]);
            assert_int_equal(find(&members, ids[n]), WF_NO_MEMBER);
            add(&members, ids[n]);
        }
        assert_int_equal(members.n_spans, TABLE[t].spans);
        assert_int_equal(members.n_hashes, TABLE[t].hashes);
        expect(&members, ids, n);
        for (size_t step = 1; step < 4; step++)
            expect_again(&members, ids, step);
        wf_members_release(&members);
    }
}

/* ---- a crowd ---- */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* Runs, gaps, prefixes, ids without a number: as exports of all sorts have them. */
static size_t make_ids(struct id *ids, uint64_t seed)
{
    size_t n = 0;
    unsigned kind = (unsigned)(seed % 5);
    for (unsigned number = 1; n < MOST; number++) {
        uint64_t r = next_random(&seed);
        if (kind < 3 && r % (kind == 0 ? 1000 : 5) == 0)
            continue;                                 /* a gap */
        unsigned shop = kind == 3 ? number / 300 : 0; /* more shops than forms are known */
        int len = kind == 4 ? snprintf(ids[n].text, ROOM, "%c%u-x", (char)('a' + r % 26), number)
                            : snprintf(ids[n].text, ROOM, "S%u-%u", shop * 16 + number % 16 * shop,
                                       number);
        ids[n++].len = (size_t)len;
    }
    if (kind == 2) /* in no order */
        for (size_t i = n; i-- > 1;) {
            size_t k = (size_t)(next_random(&seed) % (i + 1));
            struct id swap = ids[i];
            ids[i] = ids[k];
            ids[k] = swap;
        }
    return n;
}

/* However many at a time, and joined from parts: the same members get the same ordinals. */
static void crowds(void **state)
{
    static struct id ids[MOST];
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        size_t n = make_ids(ids, seed), at = 0;
        struct wf_members members;
        uint64_t random = seed;
        wf_members_init(&members, NULL);
        while (at < n) {
            struct wf_members part;
            size_t end = at + 1 + next_random(&random) % (1 + seed * 97);
            wf_members_init(&part, NULL);
            for (end = end < n ? end : n; at < end; at++) {
                if (at % 5 == 0) /* while it grows, too */
                    assert_int_equal(find(&members, ids[at]), WF_NO_MEMBER);
                add(&part, ids[at]);
            }
            assert_int_equal(wf_members_join(&members, &part), WF_OK);
            wf_members_release(&part);
            assert_int_equal(find(&members, ids[at - 1]), at - 1);
        }
        expect(&members, ids, n);
        expect_again(&members, ids, 1 + seed * 131);
        if (seed % 5 == 2 && seed > 5) /* spans of one would cost more */
            assert_true(members.n_hashes > n / 2);
        if (seed % 5 == 0 && seed > 0)
            assert_true(members.n_spans < n / 10);
        wf_members_release(&members);
    }
}

/* What nothing writes is refused, and whatever bytes it is made of are read without harm. */
static void damaged(void **state)
{
    static const struct {
        const char *what;
        unsigned char bytes[24];
        size_t len;
    } TABLE[] = {
        {"no such kind", {2, 1, 0, 0, 0}, 5},
        {"cut short", {1, 1, 0, 0}, 4},
        {"nobody", {1, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 2, 0}, 15},
        {"no digits", {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 15},
        {"more numbers than digits", {1, 2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 15},
        {"too many digits", {1, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 19, 0}, 15},
        {"a digit before them", {1, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1, '7'}, 16},
        {"a prefix cut short", {1, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 2, 'a'}, 16},
        {"hashes cut short", {0, 1, 0, 0, 0, 1, 2, 3}, 8},
        {"too many", {1, 0, 0, 0, 0x70, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0}, 15},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(TABLE) / sizeof(*TABLE); i++) {
        struct wf_members members;
        wf_members_init(&members, NULL);
        if (wf_members_read(&members, TABLE[i].bytes, TABLE[i].len) != WF_ERR_STATE)
            fail_msg("%s: was taken", TABLE[i].what);
        wf_members_release(&members);
    }
    for (uint64_t seed = 1; seed < 3000; seed++) {
        struct wf_members members;
        struct wf_buf bytes;
        uint64_t random = seed;
        wf_members_init(&members, NULL);
        wf_buf_init(&bytes, NULL, 0);
        for (int i = 0; i < 20; i++)
            add(&members, id_of(i % 7 < 4 ? (const char *[]){"M1", "M2", "M3", "x"}[i % 7] : "y"));
        wf_members_write(&members, 0, &bytes);
        bytes.data[next_random(&random) % bytes.len] ^= (char)(1 << seed % 8);
        wf_members_release(&members);
        (void)wf_members_read(&members, bytes.data, bytes.len);
        for (uint32_t i = 0; i < members.n && i < 100; i++)
            wf_members_is(&members, &(struct wf_member_place){0}, i, "M2", 2);
        find(&members, id_of("M2"));
        wf_members_release(&members);
        wf_buf_release(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(crowds),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
