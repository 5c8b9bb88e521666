/*
 * simulate_rows.h - rows of a dataset's columns, copied from one night to another, their dates
 * moved.
 */
#ifndef WF_RUN_SIMULATE_ROWS_H
#define WF_RUN_SIMULATE_ROWS_H

#include "lang/base/status.h"
#include "lang/base/zone.h"
#include "runtime/data/dataset.h"
#include "runtime/data/keep.h"

/* So many days later, at the same local time. Times that follow each other are looked up at once.
 */
struct wf_moving {
    const struct wf_zone *zone;
    struct wf_stretch from, to;
    int64_t days;
};
int64_t wf_rows_moved(struct wf_moving *moving, int64_t time);

void wf_rows_copy_bits(uint64_t *to, uint64_t at, const uint64_t *from, uint64_t first, uint64_t n);
void wf_rows_set_bits(uint64_t *to, uint64_t n);     /* the first n */
void wf_rows_clear_bits(uint64_t *bits, uint64_t n); /* NULL is fine */

/* Whether the column's cells are dates or times. */
bool wf_rows_have_days(const struct wf_column *column);

/* A column of `room` empty rows that can hold what the other holds, and holds times in full; with
 * its own bits of presence where the other has some, or `always_present`. WF_ERR_NOMEM. */
enum wf_status wf_rows_open(struct wf_keep *keep, const struct wf_column *from, uint64_t room,
                            bool always_present, struct wf_column *out);

/* Copies n rows into rows that are empty; bits must be clear. `moving`: its dates move; or NULL. */
void wf_rows_copy(const struct wf_column *from, uint64_t first, struct wf_column *to, uint64_t at,
                  uint64_t n, struct wf_moving *moving);

/* Rows of the source that stand together, `times` periods later. */
struct wf_rows_piece {
    uint64_t from;
    uint32_t n, times;
};

/* A view's rows of one night. */
struct wf_rows_night {
    const struct wf_zone *zone;
    int64_t period; /* days */
    const struct wf_rows_piece *pieces;
    size_t n_pieces;
    uint64_t n; /* rows of all pieces */
};

/* A column that was opened becomes these rows of the source's. `moves`: its dates move with them.
 */
void wf_rows_column(const struct wf_rows_night *rows, const struct wf_column *from, bool moves,
                    struct wf_column *to);

/* The same for a view's own arrays but `first`, which is the caller's to fill. */
enum wf_status wf_rows_open_events(struct wf_keep *keep, const struct wf_events *from,
                                   uint64_t room, uint32_t members, struct wf_events *to);
void wf_rows_events(const struct wf_rows_night *rows, const struct wf_events *from,
                    struct wf_events *to);

#endif
