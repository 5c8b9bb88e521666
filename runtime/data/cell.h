/*
 * cell.h - one cell of an export as a typed value.
 *
 * Each reader answers NULL and writes the value, or a phrase that says what the cell is not (it
 * follows the column's name: `amount: is not ...`) and leaves the value alone. Cells are not empty.
 * Spaces around what is not text do not count.
 */
#ifndef WF_DATA_CELL_H
#define WF_DATA_CELL_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/limits.h"
#include "lang/base/type.h"
#include "lang/base/zone.h"

struct wf_buf;

const char *wf_cell_int(const char *text, size_t len, int64_t *out);
const char *wf_cell_money(const char *text, size_t len, int64_t *out);
const char *wf_cell_bool(const char *text, size_t len, bool *out);
const char *wf_cell_clock(const char *text, size_t len, int64_t *out);

/* `c_locale` has a point for its decimals, whatever the process thinks. */
const char *wf_cell_number(const char *text, size_t len, locale_t c_locale, double *out);

/* A count and a unit: d w (DAYS), mo y (MONTHS), h min s (SECONDS). */
const char *wf_cell_duration(const char *text, size_t len, enum wf_type type, int64_t *out);

/* `format` is NULL for ISO 8601, else of %Y %m %d %H %M %S %z %% and other characters. */
const char *wf_cell_date(const char *text, size_t len, const char *format, int64_t *out);
const char *wf_cell_time(const char *text, size_t len, const char *format,
                         const struct wf_zone *zone, struct wf_stretch *stretch, int64_t *out);

/* Appends the canonical form of a set: its members by bytes, each once, joined by ';'. */
const char *wf_cell_set(const char *text, size_t len, struct wf_buf *out);

/* An id: not mangled by a spreadsheet (4.4E+17), not longer than WF_MAX_ID. */
const char *wf_cell_id(const char *text, size_t len);

/* False: ask wf_cell_id. A mangled id has a digit and then none; a byte behind it can be read. */
static inline bool wf_cell_id_is_plain(const char *text, size_t len)
{
    bool digit = (unsigned)(text[0] - '0') < 10, digits = (unsigned)(text[1] - '0') < 10;
    return len - 1 < WF_MAX_ID && (!digit || digits);
}

#endif
