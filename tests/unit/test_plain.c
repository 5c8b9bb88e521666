/* Columns of plain cells: what the vector reader reads, readers of single cells read as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/data/plain.h"
#include "runtime/data/quick.h"

enum { CELLS = 64, ROOM = 4096 };

/* Rows `x,CELL,y`: where each of their cells begins, and the next one. */
struct column {
    char text[ROOM];
    uint32_t starts[3 * CELLS + 1];
    char cells[CELLS][24];
    unsigned n;
    size_t len;
};

static void add(struct column *column, const char *cell)
{
    uint32_t *starts = column->starts + 3 * (size_t)column->n;
    size_t len = strlen(cell);
    snprintf(column->cells[column->n++], sizeof(column->cells[0]), "%s", cell);
    column->text[column->len++] = 'x';
    column->text[column->len++] = ',';
    starts[1] = (uint32_t)column->len;
    memcpy(column->text + column->len, cell, len);
    column->len += len;
    column->text[column->len++] = ',';
    starts[2] = (uint32_t)column->len;
    column->text[column->len++] = 'y';
    column->text[column->len++] = '\n';
    starts[3] = (uint32_t)column->len;
}

/* ---- the truth ---- */

/* What quick.h says of a cell, for all kinds that it has. */
static bool truth(enum wf_plain_kind kind, const char *cell, int64_t *out)
{
    char padded[64] = {0};
    uint32_t len = (uint32_t)strlen(cell);
    double number = 0;
    memcpy(padded, cell, len);
    switch (kind) {
    case WF_PLAIN_INT: return wf_quick_int(padded, len, out);
    case WF_PLAIN_MONEY: return wf_quick_money(padded, len, out);
    case WF_PLAIN_DATE: return wf_quick_date(padded, len, out);
    case WF_PLAIN_BOOL: return wf_quick_bool(padded, len, out);
    case WF_PLAIN_TIME: {
        int64_t day, clock;
        bool is = wf_quick_stamp(padded, len, &day, &clock);
        *out = is ? day * 86400 + clock : 0;
        return is;
    }
    default:
        if (!wf_quick_number(padded, len, &number))
            return false;
        memcpy(out, &number, sizeof(*out));
        return true;
    }
}

static unsigned width_of(enum wf_plain_kind kind)
{
    return kind == WF_PLAIN_DATE ? 4 : kind == WF_PLAIN_BOOL ? 1 : 8;
}

static int64_t value_at(enum wf_plain_kind kind, const void *values, unsigned i)
{
    switch (width_of(kind)) {
    case 1: return ((const uint8_t *)values)[i];
    case 4: return ((const int32_t *)values)[i];
    default: return ((const int64_t *)values)[i];
    }
}

/* Reads a column; answers how many cells were not read. */
static unsigned check(enum wf_plain_kind kind, const struct column *column)
{
    wf_plain_reader *read = wf_plain_pick(false);
    struct wf_table table = {column->text, column->starts + 1, 3};
    struct wf_plain_job job = {.kind = kind, .width = width_of(kind)};
    int64_t values[CELLS + 1];
    uint64_t empty;
    memset(values, 0x55, sizeof(values));
    uint64_t odd = read(&job, &table, column->n, values, &empty);
    const char *end = (const char *)values + column->n * job.width;
    assert_int_equal(*end, 0x55); /* nothing behind the last */
    for (unsigned i = 0; i < column->n; i++) {
        int64_t want = 0;
        bool good = !((odd | empty) >> i & 1);
        assert_int_equal(empty >> i & 1, column->cells[i][0] == '\0');
        if (good)
            assert_true(truth(kind, column->cells[i], &want));
        if (value_at(kind, values, i) != want)
            fail_msg("kind %d: \"%s\" is read as %lld", (int)kind, column->cells[i],
                     (long long)value_at(kind, values, i));
    }
    if (column->n < CELLS)
        assert_int_equal((odd | empty) >> column->n, 0);
    return (unsigned)__builtin_popcountll(odd);
}

/* ---- cells ---- */

static uint32_t below(uint64_t *seed, uint32_t n)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % n;
}

/* A cell as exports have it, sometimes with a byte that is not. */
static void make_cell(enum wf_plain_kind kind, uint64_t *seed, bool broken, char out[24])
{
    static const char bytes[] = "0123456789-./: ,Tx+\xe6";
    unsigned digits = 1 + below(seed, 8);
    uint32_t number = below(seed, 100000000);
    char text[24];
    for (unsigned i = digits; i < 8; i++)
        number /= 10;
    if (kind == WF_PLAIN_DATE)
        snprintf(text, sizeof(text), "%04u-%02u-%02u", 1890 + below(seed, 220), below(seed, 14),
                 below(seed, 33));
    else if (kind == WF_PLAIN_TIME)
        snprintf(text, sizeof(text), "%04u-%02u-%02u%c%02u:%02u:%02u", 1890 + below(seed, 220),
                 1 + below(seed, 12), 1 + below(seed, 31), below(seed, 2) ? 'T' : ' ',
                 below(seed, 25), below(seed, 61), below(seed, 61));
    else if (kind == WF_PLAIN_MONEY)
        snprintf(text, sizeof(text), "%u.%02u", number / 1000, number % 100);
    else if (kind == WF_PLAIN_BOOL)
        snprintf(text, sizeof(text), "%u", below(seed, 3));
    else if (kind == WF_PLAIN_NUMBER && below(seed, 2))
        snprintf(text, sizeof(text), "%u.%u", number / 10, number % 10);
    else
        snprintf(text, sizeof(text), "%0*u", (int)digits, number);
    if (broken)
        text[below(seed, (uint32_t)strlen(text))] = bytes[below(seed, sizeof(bytes) - 1)];
    if (below(seed, 12) == 0)
        text[0] = '\0';
    snprintf(out, 24, "%s", text);
}

static void cells_are_read_as_single_ones_are(void **state)
{
    (void)state;
    if (!wf_plain_pick(false))
        skip();
    uint64_t seed = 7;
    for (int round = 0; round < 4000; round++)
        for (int kind = WF_PLAIN_INT; kind <= WF_PLAIN_TIME; kind++) {
            struct column column = {.n = 0};
            unsigned n = 1 + below(&seed, CELLS);
            for (unsigned i = 0; i < n; i++) {
                char cell[24];
                make_cell((enum wf_plain_kind)kind, &seed, round % 2, cell);
                add(&column, cell);
            }
            check((enum wf_plain_kind)kind, &column);
        }
}

static void every_day_is_read(void **state)
{
    (void)state;
    if (!wf_plain_pick(false))
        skip();
    for (unsigned year = 1901; year < 2100; year++)
        for (unsigned month = 1; month <= 12; month++) {
            struct column column = {.n = 0};
            unsigned days = month == 2 ? 28 + (year % 4 == 0)
                                       : 30 + ((month + month / 8) % 2);
            for (unsigned day = 0; day < 34; day++) {
                char cell[24];
                snprintf(cell, sizeof(cell), "%04u-%02u-%02u", year, month, day);
                add(&column, cell);
            }
            assert_int_equal(check(WF_PLAIN_DATE, &column), 34 - days);
        }
}

static void plain_shapes_are_not_refused(void **state)
{
    static const struct {
        enum wf_plain_kind kind;
        const char *cell;
    } cells[] = {
        {WF_PLAIN_INT, "0"},         {WF_PLAIN_INT, "99999999"}, {WF_PLAIN_MONEY, "0.00"},
        {WF_PLAIN_MONEY, "99999.99"}, {WF_PLAIN_BOOL, "0"},       {WF_PLAIN_BOOL, "1"},
        {WF_PLAIN_NUMBER, "7"},      {WF_PLAIN_NUMBER, "0.5"},   {WF_PLAIN_NUMBER, "999999.9"},
        {WF_PLAIN_TIME, "1901-01-01T00:00:00"},
        {WF_PLAIN_TIME, "2099-12-31 23:59:59"},
        {WF_PLAIN_TIME, "2024-02-29T12:34:56"},
    };
    (void)state;
    if (!wf_plain_pick(false))
        skip();
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
        struct column column = {.n = 0};
        add(&column, cells[i].cell);
        assert_int_equal(check(cells[i].kind, &column), 0);
    }
}

/* ---- words and texts ---- */

static const char *const WORDS[] = {"f", "silver", "gold", "blackest", "\xe4\xb8\x8a\xe6\xb5\xb7"};
static const char *const TEXTS[] = {
    "a",        "S120",      "12345678",         "123456789",        "1234567890123456",
    "wechat_ad", "x23456789", "1234567x90123456", "12345678901234567", "",
    "12345678901234567890123"};

static uint64_t padded_word(const char *text, size_t len)
{
    char padded[8] = {0};
    memcpy(padded, text, len < 8 ? len : 8);
    return wf_quick_word(padded, 8);
}

static void words_are_found_by_all_their_bytes(void **state)
{
    (void)state;
    wf_plain_reader *read = wf_plain_pick(false);
    if (!read)
        skip();
    uint64_t words[5], empty;
    struct column column = {.n = 0};
    int32_t places[CELLS];
    for (unsigned i = 0; i < 5; i++) {
        words[i] = padded_word(WORDS[i], strlen(WORDS[i]));
        add(&column, WORDS[i]);
    }
    for (unsigned i = 0; i < 11; i++)
        add(&column, TEXTS[i]);
    add(&column, "blackest1"); /* begins like a word */
    struct wf_table table = {column.text, column.starts + 1, 3};
    struct wf_plain_job job = {.kind = WF_PLAIN_WORD, .width = 4, .words = words, .n_words = 5};
    uint64_t odd = read(&job, &table, column.n, places, &empty);
    assert_int_equal(empty, UINT64_C(1) << 14);
    assert_int_equal(odd, ((UINT64_C(1) << 17) - 1) & ~empty & ~UINT64_C(31));
    for (int i = 0; i < 17; i++)
        assert_int_equal(places[i], i < 5 ? i : 0);
}

static void texts_are_found_where_they_were_met(void **state)
{
    (void)state;
    wf_plain_reader *read = wf_plain_pick(false);
    if (!read)
        skip();
    static struct wf_recent recent[WF_RECENT];
    struct column column = {.n = 0};
    uint64_t empty;
    uint32_t codes[CELLS];
    for (uint32_t i = 0; i < 11; i++) {
        size_t len = strlen(TEXTS[i]);
        add(&column, TEXTS[i]);
        if (i % 2 || !len) /* these were not met */
            continue;
        struct wf_recent one = {.len = (uint32_t)len, .code = 100 + i};
        uint64_t sum = 0;
        for (size_t w = 0; w * 8 < len; w++) {
            one.text[w] = padded_word(TEXTS[i] + 8 * w, len - 8 * w);
            sum = (sum ^ one.text[w]) * WF_RECENT_TIMES;
        }
        recent[sum >> (64 - WF_RECENT_BITS)] = one;
    }
    struct wf_table table = {column.text, column.starts + 1, 3};
    struct wf_plain_job job = {.kind = WF_PLAIN_TEXT, .width = 4, .recent = recent};
    uint64_t odd = read(&job, &table, column.n, codes, &empty);
    assert_int_equal(empty, UINT64_C(1) << 9);
    for (uint32_t i = 0; i < 11; i++) {
        bool met = i % 2 == 0 && strlen(TEXTS[i]) <= 16;
        assert_int_equal(odd >> i & 1, !met && i != 9);
        assert_int_equal(codes[i], met ? 100 + i : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_read_as_single_ones_are),
        cmocka_unit_test(every_day_is_read),
        cmocka_unit_test(plain_shapes_are_not_refused),
        cmocka_unit_test(words_are_found_by_all_their_bytes),
        cmocka_unit_test(texts_are_found_where_they_were_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
