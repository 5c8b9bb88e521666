/*
 * Cells from the columns of a snapshot into those of a dataset, or held against a number. Built for
 * vectors: what does not change is a constant in each loop.
 */
#include <string.h>

#include "runtime/data/snap.h"

uint64_t wf_snap_present(const struct wf_snap_column *column, uint32_t first, uint32_t n)
{
    uint64_t low, all = ~UINT64_C(0) >> (64 - n);
    if (!column->present)
        return all;
    const unsigned char *at = column->present + first / 8; /* WF_SNAP_PAD is behind the last one */
    low = wf_snap_load(at, 8) >> first % 8;
    if (first % 8)
        low |= (uint64_t)at[8] << (64 - first % 8);
    return low & all;
}

static inline __attribute__((always_inline)) void store(void *out, uint32_t i, unsigned width,
                                                        uint64_t value)
{
    switch (width) {
    case 1: ((uint8_t *)out)[i] = (uint8_t)value; break;
    case 2: ((uint16_t *)out)[i] = (uint16_t)value; break;
    case 4: ((uint32_t *)out)[i] = (uint32_t)value; break;
    default: ((uint64_t *)out)[i] = value; break;
    }
}

static inline __attribute__((always_inline)) void copy_each(const unsigned char *from,
                                                            unsigned from_width, uint64_t add,
                                                            uint32_t n, unsigned width, void *out)
{
    for (uint32_t i = 0; i < n; i++)
        store(out, i, width, add + wf_snap_load(from + (size_t)i * from_width, from_width));
}

static inline __attribute__((always_inline)) void copy_from(const struct wf_snap_column *column,
                                                            uint32_t first, uint64_t add,
                                                            uint32_t n, unsigned width, void *out)
{
    const unsigned char *from = column->cells + (size_t)first * column->width;
    switch (column->width) {
    case 0: copy_each(from, 0, add, n, width, out); break;
    case 1: copy_each(from, 1, add, n, width, out); break;
    case 2: copy_each(from, 2, add, n, width, out); break;
    case 4: copy_each(from, 4, add, n, width, out); break;
    default: copy_each(from, 8, add, n, width, out); break;
    }
}

/* What stands for 0 where there is no value. */
static void clear_missing(uint64_t here, uint32_t n, unsigned width, uint64_t zero, void *out)
{
    uint64_t missing = ~here & (~UINT64_C(0) >> (64 - n));
    for (; missing; missing &= missing - 1)
        store(out, (uint32_t)__builtin_ctzll(missing), width, zero);
}

void wf_snap_copy_numbers(const struct wf_snap_column *column, uint32_t first, uint32_t n,
                          const struct wf_snap_cells *to)
{
    uint64_t add = column->base - to->base;
    switch (to->width) {
    case 1: copy_from(column, first, add, n, 1, to->data); break;
    case 2: copy_from(column, first, add, n, 2, to->data); break;
    case 4: copy_from(column, first, add, n, 4, to->data); break;
    default: copy_from(column, first, add, n, 8, to->data); break;
    }
    for (uint32_t at = 0, some; column->present && at < n; at += some) {
        some = n - at < 64 ? n - at : 64;
        clear_missing(wf_snap_present(column, first + at, some), some, to->width, 0 - to->base,
                      (char *)to->data + (size_t)at * to->width);
    }
}

static inline __attribute__((always_inline)) void look_up_each(const unsigned char *from,
                                                               unsigned from_width,
                                                               const uint32_t *words, uint32_t n,
                                                               unsigned width, void *out)
{
    for (uint32_t i = 0; i < n; i++)
        store(out, i, width, words[wf_snap_load(from + (size_t)i * from_width, from_width)]);
}

static inline __attribute__((always_inline)) void look_up_from(const struct wf_snap_column *column,
                                                               uint32_t first,
                                                               const uint32_t *words, uint32_t n,
                                                               unsigned width, void *out)
{
    const unsigned char *from = column->cells + (size_t)first * column->width;
    switch (column->width) {
    case 0: look_up_each(from, 0, words, n, width, out); break;
    case 1: look_up_each(from, 1, words, n, width, out); break;
    case 2: look_up_each(from, 2, words, n, width, out); break;
    default: look_up_each(from, 4, words, n, width, out); break;
    }
}

void wf_snap_copy_list(const struct wf_snap_column *column, uint32_t first, uint32_t n,
                       const uint32_t *words, const struct wf_snap_cells *to)
{
    switch (to->width) {
    case 1: look_up_from(column, first, words, n, 1, to->data); break;
    case 2: look_up_from(column, first, words, n, 2, to->data); break;
    default: look_up_from(column, first, words, n, 4, to->data); break;
    }
    if (column->present)
        clear_missing(wf_snap_present(column, first, n), n, to->width, 0, to->data);
}

/* As wide as the cells are. */
#define AT_MOST(bits)                                                                              \
    static void at_most_##bits(const unsigned char *from, uint32_t n, uint##bits##_t most,         \
                               uint8_t *out)                                                       \
    {                                                                                              \
        for (uint32_t i = 0; i < n; i++)                                                           \
            out[i] =                                                                               \
                (uint##bits##_t)wf_snap_load(from + (size_t)i * (bits / 8), bits / 8) <= most;     \
    }
AT_MOST(8)
AT_MOST(16)
AT_MOST(32)
AT_MOST(64)
#undef AT_MOST

void wf_snap_at_most(const struct wf_snap_column *column, uint32_t n, int64_t most, uint8_t *out)
{
    bool any = most >= (int64_t)column->base; /* the least of them */
    uint64_t above = (uint64_t)most - column->base;
    bool all = column->width < 8 && above >> (8 * column->width) != 0; /* more than any cell */
    memset(out, any, n);
    switch (!any || all ? 0 : column->width) {
    case 0: break;
    case 1: at_most_8(column->cells, n, (uint8_t)above, out); break;
    case 2: at_most_16(column->cells, n, (uint16_t)above, out); break;
    case 4: at_most_32(column->cells, n, (uint32_t)above, out); break;
    default: at_most_64(column->cells, n, above, out); break;
    }
}

static inline __attribute__((always_inline)) void bits_of_each(const struct wf_snap_column *column,
                                                               unsigned width, uint32_t n,
                                                               uint8_t *all_out, uint8_t *any_out)
{
    const uint8_t base = (uint8_t)column->base;
    uint8_t all = UINT8_MAX, any = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t number = (uint8_t)(base + wf_snap_load(column->cells + (size_t)i * width, width));
        all &= number;
        any |= number;
    }
    *all_out = all;
    *any_out = any;
}

void wf_snap_bits(const struct wf_snap_column *column, uint32_t n, uint8_t *all_out,
                  uint8_t *any_out)
{
    switch (column->width) {
    case 0: bits_of_each(column, 0, n, all_out, any_out); break;
    case 1: bits_of_each(column, 1, n, all_out, any_out); break;
    case 2: bits_of_each(column, 2, n, all_out, any_out); break;
    case 4: bits_of_each(column, 4, n, all_out, any_out); break;
    default: bits_of_each(column, 8, n, all_out, any_out); break;
    }
}
