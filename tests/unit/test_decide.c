/*
 * The parts of deciding that are functions of a few values: when an occurrence is missed, which
 * dates a calendar names, holdouts, action ids, and members against rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/decide.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/order.h"
#include "tests/tools/zoned.h"

/* Decided more than grace after the first local midnight by which it could be known. */
static void missed(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *due, *now;
        bool after; /* an event, or an offset that is not negative */
        int grace;  /* days; -1: not given */
        bool missed;
    } t[] = {
        /* anniversary of birthday - 7d: known on its own midnight; one lost night loses nothing */
        {"Asia/Shanghai", "2026-11-22", "2026-11-22", false, -1, false},
        {"Asia/Shanghai", "2026-11-22", "2026-11-23", false, -1, false},
        {"Asia/Shanghai", "2026-11-22", "2026-11-23T00:00:01", false, -1, true},
        {"Asia/Shanghai", "2026-11-22", "2026-11-24", false, -1, true},
        /* joined + 0d: the export of the next midnight is the first that can know */
        {"Asia/Shanghai", "2026-11-22", "2026-11-23", true, -1, false},
        {"Asia/Shanghai", "2026-11-22", "2026-11-24", true, -1, false},
        {"Asia/Shanghai", "2026-11-22", "2026-11-25", true, -1, true},
        /* a purchase at 15:00 + 3d */
        {"Asia/Shanghai", "2026-11-22T15:00", "2026-11-23", true, -1, false},
        {"Asia/Shanghai", "2026-11-22T15:00", "2026-11-24", true, -1, false},
        {"Asia/Shanghai", "2026-11-22T15:00", "2026-11-25", true, -1, true},
        {"Asia/Shanghai", "2026-11-22T15:00", "2026-11-23", false, 0, false},
        {"Asia/Shanghai", "2026-11-22T15:00", "2026-11-24", false, 0, true},
        {"Asia/Shanghai", "2026-11-22", "2026-11-29", false, 7, false},
        {"Asia/Shanghai", "2026-11-22", "2026-11-30", false, 7, true},
        /* a day of 23 and one of 25 hours */
        {"Europe/Berlin", "2026-03-29", "2026-03-30", false, -1, false},
        {"Europe/Berlin", "2026-03-28", "2026-03-30", false, -1, true},
        {"Europe/Berlin", "2026-10-25", "2026-10-26", false, -1, false},
        {"Europe/Berlin", "2026-10-25", "2026-10-27", false, -1, true},
        /* midnight itself is skipped: the day begins at 01:00 */
        {"Africa/Cairo", "2026-04-24", "2026-04-25", false, -1, false},
        {"Africa/Cairo", "2026-04-24", "2026-04-26", false, -1, true},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        struct wf_zone *zone = zone_of(t[i].zone);
        struct wf_ir_trigger trigger = {.missed_after = t[i].after};
        if (t[i].grace >= 0)
            trigger.grace = (struct wf_ir_duration){t[i].grace, WF_T_DAYS};
        int64_t known_by = wf_known_by(zone, at(zone, t[i].due), trigger.missed_after);
        if (wf_is_missed(zone, &trigger, known_by, at(zone, t[i].now)) != t[i].missed)
            fail_msg("row %zu: due %s decided %s", i, t[i].due, t[i].now);
        wf_zone_free(zone);
    }
}

static void calendars(void **state)
{
    (void)state;
    static const struct {
        struct wf_ir_calendar calendar;
        const char *from, *last, *days; /* the days found, joined by spaces */
    } t[] = {
        {{.kind = WF_CAL_WEEKDAY, .weekdays = 1},
         "2026-11-20",
         "2026-12-01",
         "2026-11-23 2026-11-30 "},
        {{.kind = WF_CAL_WEEKDAY, .weekdays = 0x60},
         "2026-11-20",
         "2026-11-22",
         "2026-11-21 2026-11-22 "},
        {{.kind = WF_CAL_MONTH_DAY, .n = 31},
         "2026-01-31",
         "2026-04-30",
         "2026-01-31 2026-02-28 2026-03-31 2026-04-30 "},
        {{.kind = WF_CAL_MONTH_DAY, .n = 29}, "2028-02-01", "2028-03-01", "2028-02-29 "},
        {{.kind = WF_CAL_EVERY_DAYS, .n = 14, .from = 20000},
         "2024-10-01",
         "2024-11-05",
         "2024-10-04 2024-10-18 2024-11-01 "},
        {{.kind = WF_CAL_ON_DATE, .from = 20000}, "2024-01-01", "2025-01-01", "2024-10-04 "},
        {{.kind = WF_CAL_ON_DATE, .from = 20000}, "2024-10-05", "2025-01-01", ""},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        char found[256] = "", text[WF_DATE_TEXT];
        int64_t day = day_of(t[i].from);
        while (wf_calendar_next(&t[i].calendar, day, day_of(t[i].last), &day)) {
            wf_date_text(day++, text);
            strcat(strcat(found, text), " ");
        }
        assert_string_equal(found, t[i].days);
    }
}

/* Raising a holdout only adds members; another salt draws anew; the share is as said. */
static void holdouts(void **state)
{
    (void)state;
    unsigned held = 0, both = 0;
    for (int i = 0; i < 20000; i++) {
        char id[16];
        size_t len = (size_t)snprintf(id, sizeof(id), "M%05d", i);
        bool ten = wf_held_out("rule", id, len, 100000);
        held += ten;
        both += ten && wf_held_out("other", id, len, 100000);
        assert_false(wf_held_out("rule", id, len, 0));
        assert_true(wf_held_out("rule", id, len, 1000000));
        if (ten)
            assert_true(wf_held_out("rule", id, len, 150000));
    }
    assert_in_range(held, 1850, 2150);
    assert_in_range(both, 130, 270);
}

/* The id depends on every part, and no two parts can flow into each other. */
static void action_ids(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *key, *member;
        uint32_t position;
    } t[] = {{"r", "", "m1", 0},  {"r", "", "m1", 1}, {"r", "", "m2", 0},  {"r", "2026", "m1", 0},
             {"r2", "", "m1", 0}, {"", "", "m1", 0},  {"r", "", "m1m", 0}, {"r", "", "", 0}};
    enum { N = sizeof(t) / sizeof(*t) };
    unsigned char ids[N][16];
    for (size_t i = 0; i < N; i++) {
        unsigned char key[16] = {0}, again[16];
        memcpy(key, t[i].key, strlen(t[i].key));
        wf_action_id(t[i].rule, key, t[i].member, strlen(t[i].member), t[i].position, ids[i]);
        wf_action_id(t[i].rule, key, t[i].member, strlen(t[i].member), t[i].position, again);
        assert_memory_equal(ids[i], again, 16);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(ids[i], ids[j], 16);
    }
    /* an id is for ever: this one left long ago */
    unsigned char key[16] = {0};
    wf_action_id("main:welcome", key, "M1", 2, 0, ids[0]);
    char hex[33];
    for (int i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", ids[0][i]);
    assert_string_equal(hex, "990e4a7408ff4b7ec3ebf6ebe1eea8b4");
}

/* ---- rows and members ---- */

struct ids {
    struct wf_dataset data;
    struct wf_id pieces[400];
    char heap[4000];
};

static void take_ids(struct ids *ids, const char *prefix, const int *numbers, uint32_t n)
{
    uint64_t at_byte = 0;
    for (uint32_t i = 0; i < n; i++) {
        int len = sprintf(ids->heap + at_byte, "%s%d", prefix, numbers[i]);
        ids->pieces[i] = wf_id_at(at_byte, (uint32_t)len);
        at_byte += (uint64_t)len;
    }
    ids->data = (struct wf_dataset){.n_members = n, .ids = ids->pieces, .id_heap = ids->heap};
}

/* Whatever the order of the rows, a set of members goes to rows and back unharmed. */
static void rosters(void **state)
{
    (void)state;
    static struct ids ids;
    struct wf_state s;
    int numbers[300];
    wf_state_init(&s, NULL);
    for (int pass = 0; pass < 6; pass++) {
        uint32_t n = pass == 0 ? 200 : 300;
        for (uint32_t i = 0; i < n; i++) {
            switch (pass) {
            case 2: numbers[i] = (int)(n - 1 - i); break;             /* backwards */
            case 3: numbers[i] = (int)((i * 7) % 300); break;         /* scattered */
            case 4: numbers[i] = (int)((i + 150) % 300); break;       /* two runs */
            case 5: numbers[i] = (int)(i < 100 ? i : 600 - i); break; /* some are new */
            default: numbers[i] = (int)i;
            }
        }
        take_ids(&ids, "M", numbers, n);
        struct wf_roster roster;
        size_t known = s.members.n;
        assert_int_equal(wf_roster_make(&roster, &s, &ids.data, NULL, 0, 1), WF_OK);
        struct wf_member_set set = {0}, back = {0};
        assert_int_equal(wf_set_room(&set, s.members.n, NULL), WF_OK);
        for (size_t m = 0; m < s.members.n; m++)
            if (m % 3 == 0 || m % 5 == 0)
                set.words[m / 64] |= (uint64_t)1 << m % 64;
        uint64_t *rows = wf_roster_bits(&roster);
        wf_roster_gather(&roster, &set, rows);
        for (uint32_t row = 0; row < n; row++) {
            uint32_t m = wf_roster_ordinal(&roster, row);
            struct wf_member_place place = {0};
            assert_true(wf_members_is(&s.members, &place, m, ids.heap + ids.pieces[row].at,
                                      ids.pieces[row].len));
            assert_int_equal(wf_bit(rows, row), m % 3 == 0 || m % 5 == 0);
            assert_int_equal(wf_bit(roster.fresh, row), m >= known);
        }
        /* a set of before there were so many */
        const struct wf_member_set early = {.words = set.words, .n_words = 3};
        uint64_t *some = wf_roster_bits(&roster);
        wf_roster_gather(&roster, &early, some);
        for (uint32_t row = 0; row < n; row++)
            assert_int_equal(wf_bit(some, row),
                             wf_bit(rows, row) && wf_roster_ordinal(&roster, row) < 192);
        free(some);
        assert_int_equal(wf_roster_scatter(&roster, rows, s.members.n, &back), WF_OK);
        for (uint32_t row = 0; row < n; row++)
            assert_int_equal(wf_set_has(&back, wf_roster_ordinal(&roster, row)),
                             wf_set_has(&set, wf_roster_ordinal(&roster, row)));
        assert_true(wf_bits_count(back.words, back.n_words) <=
                    wf_bits_count(set.words, set.n_words));
        struct wf_member_set become = {0};
        assert_int_equal(wf_roster_become(&roster, rows, s.members.n, &become), WF_OK);
        assert_int_equal(become.n_words, back.n_words);
        assert_memory_equal(become.words, back.words, back.n_words * 8);
        free(set.words);
        free(back.words);
        free(become.words);
        wf_roster_release(&roster);
    }
    assert_int_equal(s.members.n, 300 + 200);
    wf_state_release(&s);
}

enum { CROWD = 300001, HALF = 150017 };

/* Who stands in a row: all go on by some rows on the second night, some of them on the third. */
static uint32_t who_of(uint32_t night, uint32_t row)
{
    if (night == 2)
        return row < HALF ? row : HALF + (row - HALF + 1000) % (CROWD - HALF);
    return (row + night * 1000) % CROWD;
}

/* More rows than are hashed in a round, on several threads: each finds its member again. */
static void crowds(void **state)
{
    struct wf_dataset data = {.n_members = CROWD};
    struct wf_state s;
    struct wf_roster roster;
    (void)state;
    data.ids = malloc(CROWD * sizeof(*data.ids));
    data.id_heap = malloc(CROWD * 8);
    assert_true(data.ids && data.id_heap);
    for (uint32_t i = 0; i < CROWD; i++) {
        char text[9];
        snprintf(text, sizeof(text), "%08u", i);
        memcpy(data.id_heap + (size_t)i * 8, text, 8);
    }
    wf_state_init(&s, NULL);
    for (uint32_t night = 0; night < 3; night++) {
        for (uint32_t i = 0; i < CROWD; i++)
            data.ids[i] = wf_id_at((uint64_t)who_of(night, i) * 8, 8);
        assert_int_equal(wf_roster_make(&roster, &s, &data, NULL, 0, 3), WF_OK);
        for (uint32_t i = 0; i < CROWD; i += 7) {
            assert_int_equal(wf_roster_ordinal(&roster, i), who_of(night, i));
            assert_int_equal(wf_bit(roster.fresh, i), night == 0);
        }
        wf_roster_release(&roster);
    }
    assert_int_equal(s.members.n, CROWD);
    wf_state_release(&s);
    free(data.ids);
    free(data.id_heap);
}

static void merged_rows(void **state)
{
    (void)state;
    static struct ids ids;
    struct wf_state s;
    struct wf_rule_state *rule;
    struct wf_roster roster;
    const int first[] = {1, 2, 3}, second[] = {2, 3};
    const struct wf_merge merges[] = {{"M1", "M3"}, {"M9", "M2"}};
    wf_state_init(&s, NULL);
    take_ids(&ids, "M", first, 3);
    assert_int_equal(wf_roster_make(&roster, &s, &ids.data, NULL, 0, 1), WF_OK);
    wf_roster_release(&roster);
    assert_int_equal(wf_state_add_rule(&s, "r", &rule), WF_OK);
    assert_int_equal(wf_set_room(&rule->decided, 3, NULL), WF_OK);
    rule->decided.words[0] = 1; /* M1 */
    take_ids(&ids, "M", second, 2);
    for (int night = 0; night < 2; night++) { /* the feed says it every night */
        assert_int_equal(wf_roster_make(&roster, &s, &ids.data, merges, 2, 2), WF_OK);
        assert_int_equal(roster.merged[0], night == 0 ? 2 : 0); /* row 1 is M3 */
        assert_int_equal(rule->decided.words[0], 1 | 4);
        wf_roster_release(&roster);
    }
    wf_state_release(&s);
}

static uint32_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static int by_place(const void *a, const void *b, void *ctx)
{
    const struct wf_order_key *x = a, *y = b;
    (void)ctx;
    return (x->decision > y->decision) - (x->decision < y->decision);
}

/* Heads ascend as far as they are looked at, alike ones by the comparison. */
static void order_some(size_t n, uint64_t mask, unsigned bytes, uint64_t *seed)
{
    enum { KEYS = 20000 };
    static struct wf_decision decisions[KEYS];
    static struct wf_order_key keys[KEYS], spare[KEYS];
    const unsigned unseen = 64 - 8 * bytes;
    uint64_t sum = 0, after = 0;
    assert_true(n <= KEYS);
    for (size_t i = 0; i < n; i++) {
        uint64_t head = (uint64_t)next(seed) << 33 ^ next(seed);
        keys[i] = (struct wf_order_key){.head = head & mask, .decision = &decisions[n - 1 - i]};
        sum += keys[i].head ^ (uint64_t)(keys[i].decision - decisions);
    }
    const struct wf_order_key *sorted = wf_order(2, keys, spare, n, bytes, by_place, NULL);
    for (size_t i = 0; i < n; i++) {
        uint64_t head = sorted[i].head >> unseen, last = i ? sorted[i - 1].head >> unseen : 0;
        after += sorted[i].head ^ (uint64_t)(sorted[i].decision - decisions);
        assert_true(i == 0 || last < head ||
                    (last == head && sorted[i - 1].decision < sorted[i].decision));
    }
    assert_int_equal(after, sum);
}

static void orders(void **state)
{
    static const uint64_t masks[] = {0, 0xff, 0xff00000000000000, 0x00ff00ff0000ff00, UINT64_MAX};
    uint64_t seed = 9;
    (void)state;
    for (size_t n = 0; n <= 20000; n = n < 2 ? n + 1 : n * 2 - 1)
        order_some(n, UINT64_MAX, n % 5 ? 8 : 2, &seed);
    for (size_t m = 0; m < sizeof(masks) / sizeof(*masks); m++)
        for (unsigned bytes = 1; bytes <= 8; bytes++)
            order_some(m % 2 ? 3000 : 20000, masks[m], bytes, &seed);
    const unsigned char low[8] = {1, 255}, high[8] = {2};
    assert_true(wf_order_head(low) < wf_order_head(high));
}

/* The cursor finds what a search from scratch finds, wherever it was before. */
static void cursors(void **state)
{
    (void)state;
    uint64_t seed = 3;
    struct wf_marks marks = {.latest = INT64_MIN};
    for (int i = 0; i < 2000; i++) {
        struct wf_mark mark = {.member = next(&seed) % 900};
        mark.key[0] = (unsigned char)(next(&seed) % 4);
        assert_int_equal(wf_marks_add(&marks, mark, i, NULL), WF_OK);
        if (i % 500 == 499)
            assert_int_equal(wf_marks_sort(&marks, NULL), WF_OK);
    }
    for (size_t i = 1; i < marks.n; i++)
        assert_true(wf_mark_compare(&marks.items[i - 1], &marks.items[i]) < 0);
    struct wf_mark_cursor cursor = {0};
    int found = 0;
    for (int i = 0; i < 40000; i++) {
        /* long ascending stretches, now and then a jump anywhere */
        struct wf_mark mark = {.member = i % 97 ? (uint32_t)i / 8 % 1000 : next(&seed) % 1000};
        mark.key[0] = (unsigned char)(i % 4);
        bool is = wf_marks_seek(&marks, &cursor, &mark);
        assert_int_equal(is, wf_marks_has(&marks, mark));
        found += is;
    }
    assert_in_range(found, 5000, 35000);
    free(marks.items);
    free(marks.added);
}

/* Where only one year is said to be possible, every anniversary in the window is of that year. */
static void one_year(void **state)
{
    (void)state;
    struct wf_zone *zone = zone_of("America/New_York");
    uint64_t seed = 5;
    int certain = 0, inside = 0;
    for (int i = 0; i < 60000; i++) {
        struct wf_ir_anniv anniv = {.months = (int64_t)(next(&seed) % 5) - 2,
                                    .days = (int64_t)(next(&seed) % 60) - 30,
                                    .seconds = ((int64_t)(next(&seed) % 7) - 3) * 40000,
                                    .feb29 = (uint8_t)(next(&seed) % 3)};
        struct wf_anniv_offset offset = {anniv.months, anniv.days, anniv.seconds,
                                         (enum wf_feb29)anniv.feb29};
        int64_t now = wf_zone_midnight(zone, 20000 + next(&seed) % 1500), year, due, got;
        int64_t from = now - (int64_t)(next(&seed) % 45) * WF_DAY_SECONDS;
        if (!wf_anniv_one_year(zone, &anniv, from, now, &year))
            continue;
        certain++;
        int64_t birthday = (int64_t)(next(&seed) % 15000);
        if (!wf_zone_anniversary(zone, birthday, &offset, now, &due, &got) || due < from)
            continue;
        inside++;
        assert_int_equal(got, year);
    }
    assert_true(certain > 30000);
    assert_true(inside > 1000);
    wf_zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missed),     cmocka_unit_test(calendars), cmocka_unit_test(holdouts),
        cmocka_unit_test(action_ids), cmocka_unit_test(rosters),   cmocka_unit_test(merged_rows),
        cmocka_unit_test(cursors),    cmocka_unit_test(one_year),  cmocka_unit_test(orders),
        cmocka_unit_test(crowds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
