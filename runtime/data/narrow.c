/* The loops are simple, so that the compiler makes vectors of them (the Makefile asks for it). */
#include "runtime/data/narrow.h"

#include <string.h>

enum { FIRST_DAY = -25567 }; /* 1900-01-01 */

struct wf_narrow wf_narrow_first(enum wf_type type, enum wf_layout layout)
{
    switch (layout) {
    case WF_LAY_I64: return (struct wf_narrow){type == WF_T_TIME ? 4 : 1, 0};
    case WF_LAY_I32:
        return type == WF_T_DATE ? (struct wf_narrow){2, FIRST_DAY} : (struct wf_narrow){1, 0};
    case WF_LAY_CODE: return (struct wf_narrow){1, 0};
    default: return (struct wf_narrow){0, 0};
    }
}

struct wf_narrow wf_narrow_next(enum wf_type type, enum wf_layout layout, struct wf_narrow form)
{
    if (form.width == 1)
        return (struct wf_narrow){2, 0};
    if (form.width == 2 && layout == WF_LAY_I64 && type != WF_T_TIME)
        return (struct wf_narrow){4, INT32_MIN};
    return (struct wf_narrow){0, 0};
}

/* ---- putting ---- */

/* What no value may leave above the cell is gathered, and looked at once. */
#define PUT(from, to)                                                                              \
    do {                                                                                           \
        const from *restrict in = values;                                                          \
        to *restrict cells = out;                                                                  \
        from over = 0;                                                                             \
        for (size_t i = 0; i < n; i++) {                                                           \
            from value = in[i] - (from)form.base;                                                  \
            cells[i] = (to)value;                                                                  \
            over |= value & (from) ~(from)(to) ~(to)0;                                             \
        }                                                                                          \
        return over == 0;                                                                          \
    } while (0)

static bool put_64(const void *values, size_t n, struct wf_narrow form, void *out)
{
    switch (form.width) {
    case 1: PUT(uint64_t, uint8_t);
    case 2: PUT(uint64_t, uint16_t);
    default: PUT(uint64_t, uint32_t);
    }
}

static bool put_32(const void *values, size_t n, struct wf_narrow form, void *out)
{
    if (form.width == 1)
        PUT(uint32_t, uint8_t);
    PUT(uint32_t, uint16_t);
}
#undef PUT

bool wf_narrow_put(const void *values, enum wf_layout layout, size_t n, struct wf_narrow form,
                   void *out)
{
    if (form.width && layout == WF_LAY_I64)
        return put_64(values, n, form, out);
    if (form.width)
        return put_32(values, n, form, out);
    memcpy(out, values, n * wf_layout_width(layout));
    return true;
}

/* ---- widening ---- */

static void set_cell(void *cells, enum wf_layout layout, struct wf_narrow form, size_t i,
                     int64_t value)
{
    uint64_t cell = (uint64_t)value - (uint64_t)form.base;
    switch (form.width ? form.width : wf_layout_width(layout)) {
    case 1: ((uint8_t *)cells)[i] = (uint8_t)cell; break;
    case 2: ((uint16_t *)cells)[i] = (uint16_t)cell; break;
    case 4: ((uint32_t *)cells)[i] = (uint32_t)cell; break;
    default: ((uint64_t *)cells)[i] = cell; break;
    }
}

void wf_narrow_widen(const void *cells, enum wf_layout layout, size_t n, struct wf_narrow from,
                     struct wf_narrow to, void *out)
{
    struct wf_column column = {.layout = (uint8_t)layout, .width = from.width, .base = from.base};
    memcpy(&column.data, &cells, sizeof(cells)); /* it is only read */
    for (size_t i = 0; i < n; i++)
        set_cell(out, layout, to, i, wf_column_int(&column, i));
}
