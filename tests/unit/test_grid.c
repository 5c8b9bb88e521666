/* Narrow cells and the grid: whatever is put comes back, in whatever form it had to be held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/data/grid.h"
#include "runtime/data/row_bits.h"

struct kind {
    enum wf_type type;
    enum wf_layout layout;
    uint8_t size;
};

static const struct kind INTS = {WF_T_INT, WF_LAY_I64, 8}, TIMES = {WF_T_TIME, WF_LAY_I64, 8},
                         DATES = {WF_T_DATE, WF_LAY_I32, 4}, ENUMS = {WF_T_ENUM, WF_LAY_I32, 4},
                         CODES = {WF_T_TEXT, WF_LAY_CODE, 4};

/* The last value decides what form a column of the others and it has. */
static const struct form_case {
    const struct kind *kind;
    int64_t last;
    uint8_t width;
} FORMS[] = {
    {&INTS, 0, 1},
    {&INTS, 255, 1},
    {&INTS, 256, 2},
    {&INTS, 65535, 2},
    {&INTS, 65536, 4},
    {&INTS, -1, 4},
    {&INTS, INT32_MAX, 4},
    {&INTS, INT32_MIN, 4},
    {&INTS, INT64_C(2147483648), 0},
    {&INTS, INT64_MIN, 0},
    {&INTS, INT64_MAX, 0},
    {&TIMES, 0, 4},
    {&TIMES, UINT32_MAX, 4},
    {&TIMES, -1, 0},
    {&DATES, -25567, 2},
    {&DATES, -25568, 0},
    {&DATES, 39968, 2},
    {&DATES, 39969, 0},
    {&ENUMS, 255, 1},
    {&ENUMS, 256, 2},
    {&ENUMS, 65536, 0},
    {&CODES, 255, 1},
    {&CODES, 65535, 2},
    {&CODES, 65536, 0},
};

enum { ROWS = 200, PIECE = 37 };

static int64_t value_at(const struct form_case *c, uint64_t row)
{
    return row % 3 == 0 ? 0 : row + 1 == ROWS ? c->last : (int64_t)(row % 7);
}

static void put_piece(struct wf_grid *grid, const struct form_case *c, uint64_t first, uint32_t n)
{
    int64_t wide[PIECE];
    int32_t half[PIECE];
    uint8_t states[PIECE];
    for (uint32_t i = 0; i < n; i++) {
        wide[i] = value_at(c, first + i);
        half[i] = (int32_t)wide[i];
        states[i] = (first + i) % 3 != 0;
    }
    const void *cells = c->kind->size == 8 ? (const void *)wide : half;
    assert_int_equal(wf_grid_put(grid, 0, first, n, 50, cells, states), WF_OK);
}

static void a_column_takes_the_form_it_needs(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(FORMS) / sizeof(*FORMS); k++) {
        const struct form_case *c = &FORMS[k];
        struct wf_slot slot = {.type = (uint8_t)c->kind->type,
                               .layout = (uint8_t)c->kind->layout,
                               .size = c->kind->size};
        struct wf_feed feed = {.slots = &slot, .n_slots = 1};
        struct wf_grid grid;
        struct wf_grid_slot out;
        assert_int_equal(wf_grid_init(&grid, NULL, &feed), WF_OK);
        for (uint64_t first = 0; first < ROWS; first += PIECE)
            put_piece(&grid, c, first, ROWS - first < PIECE ? (uint32_t)(ROWS - first) : PIECE);
        assert_int_equal(wf_grid_take(&grid, 0, ROWS, 256, &out), WF_OK);
        assert_int_equal(out.form.width, c->width);
        struct wf_column column = {.layout = slot.layout,
                                   .width = out.form.width,
                                   .base = out.form.base,
                                   .present = out.present,
                                   .data = out.cells};
        for (uint64_t row = 0; row < ROWS; row++) {
            assert_int_equal(wf_column_has(&column, row), row % 3 != 0);
            assert_int_equal(wf_column_int(&column, row), value_at(c, row));
        }
        for (uint64_t row = ROWS; row < 256; row++)
            assert_false(wf_column_has(&column, row));
        free(out.cells);
        free(out.present);
        wf_grid_release(&grid);
    }
}

static bool bit(const uint64_t *bits, uint64_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static bool pattern(uint64_t i)
{
    return i % 5 == 0 || i % 7 == 3;
}

static void bits_are_put_and_moved_anywhere(void **state)
{
    (void)state;
    enum { N = 150 };
    uint8_t bytes[N];
    for (uint64_t i = 0; i < N; i++)
        bytes[i] = pattern(i);
    for (uint64_t from = 0; from < 130; from += 13)
        for (uint64_t to = 0; to <= from; to++) {
            uint64_t bits[8] = {0};
            wf_row_bits_put(bits, from, bytes, N);
            wf_row_bits_shift(bits, from, to, N);
            for (uint64_t i = 0; i < N; i++)
                assert_int_equal(bit(bits, to + i), pattern(i));
            for (uint64_t i = 0; i < to; i++)
                assert_false(bit(bits, i));
            wf_row_bits_clear(bits, to + N, 512);
            for (uint64_t i = to + N; i < 512; i++)
                assert_false(bit(bits, i));
            assert_int_equal(bit(bits, to + N - 1), pattern(N - 1));
        }
}

/* Any byte but 0 is a bit; no byte behind the last one is written. */
static void bits_and_bytes_become_each_other(void **state)
{
    static const uint8_t VALUES[] = {1, 2, 127, 128, 255};
    (void)state;
    for (uint32_t n = 0; n <= 64; n++) {
        uint8_t bytes[65] = {0}, back[65];
        uint64_t want = 0;
        for (uint32_t i = 0; i < n; i++) {
            bytes[i] = pattern(i + n) ? VALUES[(i + n) % 5] : 0;
            want |= (uint64_t)pattern(i + n) << i;
        }
        assert_true(wf_row_bits_gather(bytes, n) == want);
        memset(back, 7, sizeof(back));
        wf_row_bits_spread(want, back, n);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(back[i], want >> i & 1);
        assert_int_equal(back[n], 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_takes_the_form_it_needs),
        cmocka_unit_test(bits_are_put_and_moved_anywhere),
        cmocka_unit_test(bits_and_bytes_become_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
