/*
 * roster.h - tonight's member rows and the members they are.
 *
 *   row      0 1 2 3 ...      place in the dataset, another one each night
 *   ordinal  4 0 1 7 ...      the member's number in the state, for ever
 *
 * The machine's bitmaps are by row, the state's by ordinal; gather and scatter go between them.
 * Exports that come in the same order every night (new members at the end) cost a memcpy.
 */
#ifndef WF_ENGINE_ROSTER_H
#define WF_ENGINE_ROSTER_H

#include "runtime/data/dataset.h"
#include "runtime/store/state.h"
#include "runtime/vm/bits.h"

enum { WF_ROSTER_SPARE = 2 }; /* words of a bitmap by row behind its last bits */

struct wf_roster_run {
    uint32_t row, ordinal, n; /* n rows in a row have ordinals in a row */
};

struct wf_roster {
    const struct wf_alloc *alloc;
    uint32_t n;        /* rows */
    size_t n_words;    /* of a bitmap by row, spare ones included */
    uint32_t same;     /* so many rows have the row's own number for ordinal */
    uint32_t *ordinal; /* of the rows behind them; NULL: all have it, as on a first night */
    uint64_t *fresh;   /* by row: first seen tonight */
    uint64_t *merged;  /* by row: united with another tonight */
    struct wf_roster_run *runs;
    size_t n_runs, room_runs;
};

struct wf_merge {
    const char *old_id, *new_id;
};

/* Numbers new members, on nights after the first in the order of their ids, and unites merged ones
 * in the state. Release it in any case. */
enum wf_status wf_roster_make(struct wf_roster *roster, struct wf_state *state,
                              const struct wf_dataset *data, const struct wf_merge *merges,
                              size_t n_merges, unsigned threads);
void wf_roster_release(struct wf_roster *roster);

/* A zeroed bitmap by row; NULL: no memory. Freed with wf_free. */
uint64_t *wf_roster_bits(const struct wf_roster *roster);

/* rows_out must be zero; a row's bit becomes its member's. */
void wf_roster_gather(const struct wf_roster *roster, const struct wf_member_set *set,
                      uint64_t *rows_out);

/* Tonight's row by ordinal, UINT32_MAX for who is not among tonight's. NULL: no memory. */
uint32_t *wf_roster_rows(const struct wf_roster *roster, size_t n_ids);

/* Adds the members of set rows to the set; makes room for every ordinal of the state. */
enum wf_status wf_roster_scatter(const struct wf_roster *roster, const uint64_t *rows, size_t n_ids,
                                 struct wf_member_set *set);

/* As above into an empty set, which takes `rows` (from wf_roster_bits) over and frees it: where
 * rows and ordinals are the same, nothing is copied. */
enum wf_status wf_roster_become(const struct wf_roster *roster, uint64_t *rows, size_t n_ids,
                                struct wf_member_set *set);

static inline uint32_t wf_roster_ordinal(const struct wf_roster *roster, uint32_t row)
{
    return roster->ordinal && row >= roster->same ? roster->ordinal[row - roster->same] : row;
}

/* One that is asked for soon is fetched on the way. */
static inline __attribute__((always_inline)) void wf_roster_fetch(const struct wf_roster *roster,
                                                                  uint32_t row)
{
    if (roster->ordinal && row >= roster->same)
        __builtin_prefetch(&roster->ordinal[row - roster->same]);
}

/* 64 bits from bit `at` of a bitmap by row that has a spare word. */
static inline uint64_t wf_bits_at(const uint64_t *bits, uint64_t at)
{
    uint64_t low = bits[at / 64] >> at % 64;
    return at % 64 ? low | bits[at / 64 + 1] << (64 - at % 64) : low;
}

/* ORs 64 bits in from bit `at`; threads may do so to one bitmap at once. */
static inline void wf_bits_or(uint64_t *bits, uint64_t at, uint64_t word)
{
    uint64_t low = word << at % 64, high = at % 64 ? word >> (64 - at % 64) : 0;
    if (low)
        __atomic_fetch_or(&bits[at / 64], low, __ATOMIC_RELAXED);
    if (high)
        __atomic_fetch_or(&bits[at / 64 + 1], high, __ATOMIC_RELAXED);
}

#endif
