#include "runtime/run/simulate_rows.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/feed_data.h"
#include "runtime/engine/roster.h"

int64_t wf_rows_moved(struct wf_moving *m, int64_t time)
{
    int64_t local = time + wf_stretch_offset(m->zone, &m->from, time),
            day = wf_floor_day(local) + m->days;
    if (!wf_day_in_calendar(day) || !wf_day_in_calendar(day + 1))
        return time;
    return wf_stretch_instant(m->zone, &m->to, day, local - wf_floor_day(local) * WF_DAY_SECONDS);
}

void wf_rows_copy_bits(uint64_t *to, uint64_t at, const uint64_t *from, uint64_t first, uint64_t n)
{
    while (n > 0) {
        uint64_t room = 64 - at % 64, count = n < room ? n : room;
        uint64_t word = wf_bits_at(from, first);
        if (count < 64)
            word &= ((uint64_t)1 << count) - 1;
        to[at / 64] |= word << at % 64;
        at += count;
        first += count;
        n -= count;
    }
}

void wf_rows_set_bits(uint64_t *to, uint64_t n)
{
    memset(to, 0xff, n / 64 * sizeof(*to));
    if (n % 64)
        to[n / 64] = ((uint64_t)1 << n % 64) - 1;
}

bool wf_rows_have_days(const struct wf_column *column)
{
    return column->type == WF_T_DATE || column->type == WF_T_TIME;
}

/* A column of `room` empty rows that can hold what the source's holds, numbers in full. */
enum wf_status wf_rows_open(struct wf_keep *keep, const struct wf_column *from, uint64_t room,
                            bool always_present, struct wf_column *out)
{
    size_t rows = wf_column_room(room), words = rows / 64 + 1;
    *out = *from;
    if (from->layout != WF_LAY_CODE) {
        out->width = 0;
        out->base = 0;
    }
    if (out->layout == WF_LAY_BITS)
        out->bits = wf_keep_calloc(keep, words, sizeof(uint64_t));
    else
        out->data = wf_keep_calloc(keep, rows, wf_column_cell(out));
    if (from->present || always_present)
        out->present = wf_keep_calloc(keep, words, sizeof(uint64_t));
    bool made = out->data && (out->present || !(from->present || always_present));
    return made ? WF_OK : WF_ERR_NOMEM;
}

/* The value of a row that is there, moved as far as its days are. */
static int64_t moved_cell(const struct wf_column *from, uint64_t row, struct wf_moving *moving)
{
    int64_t value = wf_column_int(from, row);
    if (!moving || !wf_column_has(from, row))
        return value;
    return from->type == WF_T_TIME   ? wf_rows_moved(moving, value)
           : from->type == WF_T_DATE ? value + moving->days
                                     : value;
}

/* The cells of a piece, without those of bits. */
static void copy_cells(const struct wf_column *from, uint64_t first, struct wf_column *to,
                       uint64_t at, uint64_t n, struct wf_moving *moving)
{
    size_t cell = wf_column_cell(to);
    if (from->width == to->width && !(moving && wf_rows_have_days(from))) {
        memcpy((char *)to->data + at * cell, (const char *)from->data + first * cell, n * cell);
        return;
    }
    for (uint64_t i = 0; i < n; i++) {
        int64_t value = moved_cell(from, first + i, moving);
        if (to->layout == WF_LAY_I32)
            to->i32[at + i] = (int32_t)value;
        else
            to->i64[at + i] = value;
    }
}

void wf_rows_copy(const struct wf_column *from, uint64_t first, struct wf_column *to, uint64_t at,
                  uint64_t n, struct wf_moving *moving)
{
    if (from->layout == WF_LAY_BITS)
        wf_rows_copy_bits(to->bits, at, from->bits, first, n);
    else
        copy_cells(from, first, to, at, n, moving);
    if (from->present && to->present)
        wf_rows_copy_bits(to->present, at, from->present, first, n);
}

void wf_rows_clear_bits(uint64_t *bits, uint64_t n)
{
    if (bits)
        memset(bits, 0, (size_t)(n / 64 + 1) * sizeof(*bits));
}

void wf_rows_column(const struct wf_rows_night *rows, const struct wf_column *from, bool moves,
                    struct wf_column *to)
{
    struct wf_moving moving = {.zone = rows->zone};
    uint64_t at = 0;
    wf_rows_clear_bits(to->present, rows->n);
    if (to->layout == WF_LAY_BITS)
        wf_rows_clear_bits(to->bits, rows->n);
    for (size_t i = 0; i < rows->n_pieces; i++) {
        const struct wf_rows_piece *p = &rows->pieces[i];
        moving.days = (int64_t)p->times * rows->period;
        wf_rows_copy(from, p->from, to, at, p->n,
                     moves && p->times && wf_rows_have_days(from) ? &moving : NULL);
        at += p->n;
    }
}

enum wf_status wf_rows_open_events(struct wf_keep *keep, const struct wf_events *from,
                                   uint64_t room, uint32_t members, struct wf_events *to)
{
    size_t rows = wf_column_room(room), words = rows / 64 + 1;
    *to = (struct wf_events){0};
    to->first = wf_keep_calloc(keep, (size_t)members + 1, sizeof(*to->first));
    to->at = wf_keep_calloc(keep, rows, sizeof(*to->at));
    to->begins = from->begins ? wf_keep_calloc(keep, words, sizeof(uint64_t)) : NULL;
    to->doubt = from->doubt ? wf_keep_calloc(keep, words, sizeof(uint64_t)) : NULL;
    to->at_known = from->at_known ? wf_keep_calloc(keep, words, sizeof(uint64_t)) : NULL;
    to->key = from->key ? wf_keep_calloc(keep, rows, sizeof(*to->key)) : NULL;
    bool made = to->first && to->at && (to->begins || !from->begins) &&
                (to->doubt || !from->doubt) && (to->at_known || !from->at_known) &&
                (to->key || !from->key);
    return made ? WF_OK : WF_ERR_NOMEM;
}

/* A replayed event is one of its own. */
static void copy_keys(const struct wf_events *from, const struct wf_rows_piece *p,
                      struct wf_events *to, uint64_t at)
{
    memcpy(to->key[at], from->key[p->from], (size_t)p->n * sizeof(*to->key));
    for (uint32_t i = 0; p->times && i < p->n; i++) {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(
            &canonical, XXH3_128bits_withSeed(from->key[p->from + i], sizeof(*to->key), p->times));
        memcpy(to->key[at + i], canonical.digest, sizeof(*to->key));
    }
}

void wf_rows_events(const struct wf_rows_night *rows, const struct wf_events *from,
                    struct wf_events *to)
{
    struct wf_moving moving = {.zone = rows->zone};
    uint64_t at = 0;
    to->n = rows->n;
    wf_rows_clear_bits(to->begins, to->n);
    wf_rows_clear_bits(to->doubt, to->n);
    wf_rows_clear_bits(to->at_known, to->n);
    for (size_t i = 0; i < rows->n_pieces; at += rows->pieces[i++].n) {
        const struct wf_rows_piece *p = &rows->pieces[i];
        moving.days = (int64_t)p->times * rows->period;
        for (uint32_t r = 0; r < p->n; r++) {
            bool known = !from->at_known || wf_bit(from->at_known, p->from + r);
            to->at[at + r] = p->times && known ? wf_rows_moved(&moving, from->at[p->from + r])
                                               : from->at[p->from + r];
        }
        if (to->begins)
            wf_rows_copy_bits(to->begins, at, from->begins, p->from, p->n);
        if (to->doubt)
            wf_rows_copy_bits(to->doubt, at, from->doubt, p->from, p->n);
        if (to->at_known)
            wf_rows_copy_bits(to->at_known, at, from->at_known, p->from, p->n);
        if (to->key)
            copy_keys(from, p, to, at);
    }
}
