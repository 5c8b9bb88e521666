/*
 * zoned.h - zones, dates and instants of tables, by the way they are written.
 */
#ifndef TESTS_TOOLS_ZONED_H
#define TESTS_TOOLS_ZONED_H

#include "lang/base/zone.h"

/* "Asia/Shanghai"; free it with wf_zone_free. */
struct wf_zone *zone_of(const char *name);

/* "2026-11-22" (its local midnight) or "2026-11-22T09:00". */
int64_t at(const struct wf_zone *zone, const char *text);

/* The days from 1970-01-01 to a date. */
int64_t day_of(const char *text);

#endif
