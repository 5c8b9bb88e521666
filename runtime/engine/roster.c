#include "runtime/engine/roster.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "runtime/data/parallel.h"

void wf_roster_release(struct wf_roster *roster)
{
    wf_free(roster->alloc, roster->ordinal);
    wf_free(roster->alloc, roster->fresh);
    wf_free(roster->alloc, roster->merged);
    wf_free(roster->alloc, roster->runs);
    *roster = (struct wf_roster){0};
}

uint64_t *wf_roster_bits(const struct wf_roster *roster)
{
    return wf_calloc(roster->alloc, roster->n_words, sizeof(uint64_t));
}

/* Rows a thread looks at together. */
enum { SHARE = 1 << 16 };

struct numbering {
    const struct wf_dataset *data;
    struct wf_members *members;
    struct wf_roster *roster;
    uint32_t other;            /* the first row, as far as was seen, that is not who stood there */
    struct wf_members *shares; /* those of each share's rows, when all are new */
};

static const char *text_of(const struct wf_dataset *data, uint32_t row)
{
    return data->id_heap + data->ids[row].at;
}

/* The rows of a share end there. */
static uint32_t end_of(const struct wf_roster *roster, uint32_t share)
{
    uint64_t end = ((uint64_t)share + 1) * SHARE;
    return end < roster->n ? (uint32_t)end : roster->n;
}

static uint32_t n_shares(const struct wf_roster *roster)
{
    return roster->n / SHARE + (roster->n % SHARE != 0);
}

/* Most likely a row is the member who stood there when the members were first exported. */
static bool is_there(const struct numbering *h, struct wf_member_place *place, uint32_t row)
{
    return row < h->members->n &&
           wf_members_is(h->members, place, row, text_of(h->data, row), h->data->ids[row].len);
}

/* How many rows from `row` on, before `end`, count up both here and there: if the first of them is
 * who stood there, so are all. */
static uint32_t count_both(const struct numbering *h, uint32_t row, uint32_t end)
{
    uint32_t here = h->data->n_counting < end ? h->data->n_counting : end;
    if (row >= here || row >= h->members->n)
        return 1;
    uint32_t there = wf_members_count(h->members, row);
    return here - row < there ? here - row : there;
}

static enum wf_status find_other(void *ctx, unsigned thread, uint32_t share)
{
    struct numbering *h = ctx;
    struct wf_member_place place = {0};
    uint32_t row = share * SHARE, end = end_of(h->roster, share);
    uint32_t other = __atomic_load_n(&h->other, __ATOMIC_RELAXED);
    (void)thread;
    while (row < end && row < other && is_there(h, &place, row))
        row += count_both(h, row, end);
    while (row < end && row < other &&
           !__atomic_compare_exchange_n(&h->other, &other, row, true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
        continue;
    return WF_OK;
}

/* The rows behind those that are all the same. */
static enum wf_status recognize_share(void *ctx, unsigned thread, uint32_t share)
{
    struct numbering *h = ctx;
    struct wf_member_place place = {0};
    uint32_t same = h->roster->same, end = end_of(h->roster, share);
    (void)thread;
    for (uint32_t row = share * SHARE; row < end; row++)
        if (row >= same)
            h->roster->ordinal[row - same] = is_there(h, &place, row) ? row : WF_NO_MEMBER;
    return WF_OK;
}

/* The member most likely follows the one of the row before; only otherwise is it searched. Whom
 * nobody knows is fresh. */
static enum wf_status find_others(struct numbering *h)
{
    struct wf_roster *roster = h->roster;
    struct wf_member_place place = {0};
    uint32_t known = (uint32_t)h->members->n, guess = roster->same;
    enum wf_status st = WF_OK;
    for (uint32_t row = roster->same; st == WF_OK && row < roster->n; row++) {
        uint32_t *member = &roster->ordinal[row - roster->same];
        const char *text = text_of(h->data, row);
        size_t len = h->data->ids[row].len;
        if (*member == WF_NO_MEMBER && guess < known &&
            wf_members_is(h->members, &place, guess, text, len))
            *member = guess;
        if (*member == WF_NO_MEMBER)
            st = wf_members_find(h->members, text, len, member);
        if (*member == WF_NO_MEMBER)
            roster->fresh[row / 64] |= (uint64_t)1 << row % 64;
        else
            guess = *member + 1;
    }
    return st;
}

struct fresh_row {
    const char *text;
    uint32_t len, row;
};

/* Shorter ids come first: numbers are in their order. */
static int compare_fresh(const void *a, const void *b)
{
    const struct fresh_row *x = a, *y = b;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return memcmp(x->text, y->text, x->len);
}

/* Who is new gets a number in the order of the ids, not of the rows, which a night of changes has
 * in another one than a night of all exports. */
static enum wf_status number_fresh(struct numbering *h)
{
    struct wf_roster *roster = h->roster;
    size_t n = wf_bits_count(roster->fresh, roster->n_words), i = 0;
    struct wf_members more;
    struct fresh_row *fresh = wf_calloc(roster->alloc, n + !n, sizeof(*fresh));
    if (!fresh)
        return WF_ERR_NOMEM;
    for (uint32_t row = roster->same; i < n; row++)
        if (wf_bit(roster->fresh, row))
            fresh[i++] = (struct fresh_row){text_of(h->data, row), h->data->ids[row].len, row};
    qsort(fresh, n, sizeof(*fresh), compare_fresh);
    enum wf_status st = n > WF_MAX_MEMBERS - h->members->n ? WF_ERR_LIMIT : WF_OK;
    wf_members_init(&more, roster->alloc);
    for (i = 0; st == WF_OK && i < n; i++) {
        roster->ordinal[fresh[i].row - roster->same] = (uint32_t)(h->members->n + i);
        st = wf_members_add(&more, fresh[i].text, fresh[i].len);
    }
    if (st == WF_OK)
        st = wf_members_join(h->members, &more);
    wf_members_release(&more);
    wf_free(roster->alloc, fresh);
    return st;
}

/* `n` rows from `row` on have ordinals in a row. */
static enum wf_status add_run(struct wf_roster *roster, uint32_t row, uint32_t n)
{
    if (wf_grow(roster->alloc, &roster->runs, &roster->room_runs, roster->n_runs + 1,
                sizeof(*roster->runs)) != 0)
        return WF_ERR_NOMEM;
    roster->runs[roster->n_runs++] = (struct wf_roster_run){row, wf_roster_ordinal(roster, row), n};
    return WF_OK;
}

static enum wf_status take_share(void *ctx, unsigned thread, uint32_t share)
{
    struct numbering *h = ctx;
    uint32_t end = end_of(h->roster, share);
    struct wf_members own = h->shares[share]; /* others work on their shares right beside it */
    enum wf_status st = WF_OK;
    (void)thread;
    for (uint32_t row = share * SHARE; st == WF_OK && row < end; row++)
        st = wf_members_add(&own, text_of(h->data, row), h->data->ids[row].len);
    h->shares[share] = own;
    return st;
}

/* The first night all are new, and rows and ordinals are the same. */
static enum wf_status number_first(struct numbering *h, unsigned threads)
{
    struct wf_roster *roster = h->roster;
    uint32_t n = n_shares(roster);
    h->shares = wf_calloc(roster->alloc, n + (size_t)1, sizeof(*h->shares));
    if (!h->shares)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        wf_members_init(&h->shares[i], roster->alloc);
    enum wf_status st = wf_parallel(threads, n, h, take_share);
    for (uint32_t i = 0; i < n; i++) {
        if (st == WF_OK)
            st = wf_members_join(h->members, &h->shares[i]);
        wf_members_release(&h->shares[i]);
    }
    wf_free(roster->alloc, h->shares);
    if (st == WF_OK && roster->n)
        st = add_run(roster, 0, roster->n);
    for (uint32_t row = 0; row < roster->n; row += 64)
        roster->fresh[row / 64] = wf_bit_mask(roster->n - row);
    return st;
}

static enum wf_status find_runs(struct wf_roster *roster)
{
    enum wf_status st = WF_OK;
    for (uint32_t row = 0, end; st == WF_OK && row < roster->n; row = end) {
        end = row < roster->same ? roster->same : row + 1;
        while (end < roster->n &&
               wf_roster_ordinal(roster, end) == wf_roster_ordinal(roster, end - 1) + 1)
            end++;
        st = add_run(roster, row, end - row);
    }
    return st;
}

static enum wf_status number_rows(struct wf_roster *roster, struct wf_members *members,
                                  const struct wf_dataset *data, unsigned threads)
{
    struct numbering h = {.data = data, .members = members, .roster = roster, .other = roster->n};
    if (!members->n)
        return number_first(&h, threads);
    enum wf_status st = wf_parallel(threads, n_shares(roster), &h, find_other);
    roster->same = h.other;
    if (st != WF_OK || roster->same == roster->n)
        return st == WF_OK ? find_runs(roster) : st;
    roster->ordinal = wf_realloc(roster->alloc, NULL,
                                 (size_t)(roster->n - roster->same) * sizeof(*roster->ordinal));
    if (!roster->ordinal)
        return WF_ERR_NOMEM;
    st = wf_parallel(threads, n_shares(roster), &h, recognize_share);
    if (st == WF_OK)
        st = find_others(&h);
    if (st == WF_OK)
        st = number_fresh(&h);
    return st == WF_OK ? find_runs(roster) : st;
}

/* Unites in the state; gathers the new ids' ordinals into a set so that their rows can be found. */
static enum wf_status unite(struct wf_roster *roster, struct wf_state *state,
                            const struct wf_merge *merges, size_t n)
{
    struct wf_members *members = &state->members;
    struct wf_member_set now = {0};
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < n; i++) {
        uint32_t old, new_ = WF_NO_MEMBER;
        bool done = false;
        const struct wf_merge *m = &merges[i];
        st = wf_members_find(members, m->old_id, strlen(m->old_id), &old);
        if (st != WF_OK || old == WF_NO_MEMBER)
            continue; /* nothing was ever decided under the old id */
        st = wf_members_find(members, m->new_id, strlen(m->new_id), &new_);
        if (st == WF_OK && new_ == WF_NO_MEMBER) {
            new_ = (uint32_t)members->n;
            st = wf_members_add(members, m->new_id, strlen(m->new_id));
        }
        if (st == WF_OK && new_ != old)
            st = wf_state_merge(state, old, new_, &done);
        if (st == WF_OK && done)
            st = wf_set_room(&now, (size_t)new_ + 1, roster->alloc);
        if (st == WF_OK && done)
            now.words[new_ / 64] |= (uint64_t)1 << new_ % 64;
    }
    if (st == WF_OK && now.n_words)
        wf_roster_gather(roster, &now, roster->merged);
    wf_free(roster->alloc, now.words);
    return st;
}

enum wf_status wf_roster_make(struct wf_roster *roster, struct wf_state *state,
                              const struct wf_dataset *data, const struct wf_merge *merges,
                              size_t n_merges, unsigned threads)
{
    *roster = (struct wf_roster){.alloc = state->alloc, .n = data->n_members};
    roster->n_words = ((size_t)roster->n + 63) / 64 + WF_ROSTER_SPARE;
    roster->fresh = wf_roster_bits(roster);
    roster->merged = wf_roster_bits(roster);
    if (!roster->fresh || !roster->merged)
        return WF_ERR_NOMEM;
    enum wf_status st = number_rows(roster, &state->members, data, threads);
    if (st == WF_OK && n_merges)
        st = unite(roster, state, merges, n_merges);
    return st;
}

/* 64 bits of a set from `at`; beyond its end there are zeros. */
static uint64_t set_at(const struct wf_member_set *set, uint64_t at)
{
    size_t word = (size_t)(at / 64);
    uint64_t low = word < set->n_words ? set->words[word] >> at % 64 : 0;
    uint64_t high = at % 64 && word + 1 < set->n_words ? set->words[word + 1] << (64 - at % 64) : 0;
    return low | high;
}

static uint64_t mask_of(uint32_t n)
{
    return n >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << n) - 1;
}

static void put_bits(uint64_t *bits, uint64_t at, uint64_t word)
{
    bits[at / 64] |= word << at % 64;
    if (at % 64 && word >> (64 - at % 64))
        bits[at / 64 + 1] |= word >> (64 - at % 64);
}

/* Runs shorter than this on average are not worth finding: bit by bit is then faster. */
enum { SHORT_RUN = 8 };

static bool runs_help(const struct wf_roster *roster)
{
    return roster->n_runs * SHORT_RUN <= roster->n;
}

/* The whole words of a run that begins with a word on both sides, as far as the set goes; answers
 * how many bits of the run those are. */
static uint32_t put_words(struct wf_roster_run run, const struct wf_member_set *set,
                          uint64_t *rows_out)
{
    size_t n = run.n / 64, at = run.ordinal / 64;
    if (run.ordinal % 64 || run.row % 64 || at >= set->n_words)
        return 0;
    n = n < set->n_words - at ? n : set->n_words - at;
    for (size_t i = 0; i < n; i++)
        rows_out[run.row / 64 + i] |= set->words[at + i];
    return (uint32_t)n * 64;
}

void wf_roster_gather(const struct wf_roster *roster, const struct wf_member_set *set,
                      uint64_t *rows_out)
{
    if (set->n_words == 0)
        return;
    if (!runs_help(roster)) {
        for (uint32_t row = 0; row < roster->n; row++)
            rows_out[row / 64] |= (uint64_t)wf_set_has(set, wf_roster_ordinal(roster, row))
                                  << row % 64;
        return;
    }
    for (size_t i = 0; i < roster->n_runs; i++) {
        struct wf_roster_run run = roster->runs[i];
        uint32_t k = put_words(run, set, rows_out);
        for (; k < run.n; k += 64)
            put_bits(rows_out, run.row + k,
                     set_at(set, (uint64_t)run.ordinal + k) & mask_of(run.n - k));
    }
}

enum wf_status wf_roster_scatter(const struct wf_roster *roster, const uint64_t *rows, size_t n_ids,
                                 struct wf_member_set *set)
{
    enum wf_status st = wf_set_room(set, n_ids, roster->alloc);
    if (st != WF_OK)
        return st;
    if (runs_help(roster)) {
        for (size_t i = 0; i < roster->n_runs; i++) {
            struct wf_roster_run run = roster->runs[i];
            for (uint32_t k = 0; k < run.n; k += 64)
                put_bits(set->words, (uint64_t)run.ordinal + k,
                         wf_bits_at(rows, run.row + k) & mask_of(run.n - k));
        }
        return WF_OK;
    }
    for (uint32_t row = 0; row < roster->n; row++) {
        uint32_t member = wf_roster_ordinal(roster, row);
        set->words[member / 64] |= (rows[row / 64] >> row % 64 & 1) << member % 64;
    }
    return WF_OK;
}

enum wf_status wf_roster_become(const struct wf_roster *roster, uint64_t *rows, size_t n_ids,
                                struct wf_member_set *set)
{
    bool same = roster->n == n_ids && roster->n_runs == 1 && roster->runs[0].ordinal == 0;
    enum wf_status st = WF_OK;
    if (same)
        *set = (struct wf_member_set){.words = rows, .n_words = (n_ids + 63) / 64};
    else
        st = wf_roster_scatter(roster, rows, n_ids, set);
    if (!same)
        wf_free(roster->alloc, rows);
    return st;
}

uint32_t *wf_roster_rows(const struct wf_roster *roster, size_t n_ids)
{
    uint32_t *rows = wf_calloc(roster->alloc, n_ids, sizeof(*rows));
    for (size_t i = 0; rows && i < n_ids; i++)
        rows[i] = UINT32_MAX;
    for (uint32_t row = 0; rows && row < roster->n; row++)
        rows[wf_roster_ordinal(roster, row)] = row;
    return rows;
}
