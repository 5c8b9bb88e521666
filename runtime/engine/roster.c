#include "runtime/engine/roster.h"

#include <string.h>

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

/* Rows are hashed on all threads, a round of them at a time; who most likely stands where, too: in
 * the state's order, as they were first exported. The others are numbered one by one. */
enum { ROUND = 1 << 17, SHARE = 1 << 13 };

struct hashing {
    const struct wf_dataset *data;
    const struct wf_state *state;
    struct wf_roster *roster;
    struct wf_member_hash *hashes; /* of the round's rows */
    uint32_t first, end;
    size_t known; /* members, before tonight; 0: all are new */
};

static enum wf_status hash_share(void *ctx, unsigned thread, uint32_t share)
{
    struct hashing *h = ctx;
    uint32_t from = h->first + share * SHARE;
    uint32_t end = h->end - from < SHARE ? h->end : from + SHARE;
    (void)thread;
    for (uint32_t row = from; row < end; row++) {
        const struct wf_id *id = &h->data->ids[row];
        struct wf_member_hash hash = wf_member_hash(h->data->id_heap + id->at, id->len);
        bool there = row < h->known && memcmp(&h->state->ids[row], &hash, sizeof(hash)) == 0;
        h->hashes[row - h->first] = hash;
        if (h->roster->ordinal)
            h->roster->ordinal[row] = there ? row : WF_NO_MEMBER;
    }
    return WF_OK;
}

/* The member most likely follows the one of the row before; only otherwise is it searched. */
static enum wf_status number_round(struct wf_roster *roster, struct wf_state *state,
                                   const struct hashing *h)
{
    size_t guess = h->first ? (size_t)roster->ordinal[h->first - 1] + 1 : 0;
    for (uint32_t row = h->first; row < h->end; row++) {
        struct wf_member_hash hash = h->hashes[row - h->first];
        uint32_t member = roster->ordinal[row];
        enum wf_status st = WF_OK;
        if (member == WF_NO_MEMBER && guess < h->known &&
            memcmp(&state->ids[guess], &hash, sizeof(hash)) == 0)
            member = (uint32_t)guess;
        if (member == WF_NO_MEMBER)
            st = wf_state_find(state, hash, &member);
        if (st == WF_OK && member == WF_NO_MEMBER) {
            st = wf_state_add(state, hash, &member);
            roster->fresh[row / 64] |= (uint64_t)1 << row % 64;
        }
        if (st != WF_OK)
            return st;
        roster->ordinal[row] = member;
        guess = (size_t)member + 1;
    }
    return WF_OK;
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

static enum wf_status hash_round(struct hashing *h, unsigned threads)
{
    return wf_parallel(threads, (h->end - h->first + SHARE - 1) / SHARE, h, hash_share);
}

/* The first night all are new: hashes are made where they stay, all in a round, and rows and
 * ordinals are the same. */
static enum wf_status number_first(struct hashing *h, struct wf_state *state, unsigned threads)
{
    struct wf_roster *roster = h->roster;
    enum wf_status st = wf_state_room(state, roster->n);
    h->hashes = state->ids;
    h->end = roster->n;
    if (st == WF_OK)
        st = hash_round(h, threads);
    if (st == WF_OK)
        st = wf_state_added(state, roster->n);
    if (st == WF_OK && roster->n)
        st = add_run(roster, 0, roster->n);
    for (uint32_t row = 0; row < roster->n; row += 64)
        roster->fresh[row / 64] = wf_bit_mask(roster->n - row);
    return st;
}

static enum wf_status find_runs(struct wf_roster *roster)
{
    const uint32_t *ordinal = roster->ordinal;
    enum wf_status st = WF_OK;
    for (uint32_t row = 0, end; st == WF_OK && row < roster->n; row = end) {
        for (end = row + 1; end < roster->n && ordinal[end] == ordinal[end - 1] + 1;)
            end++;
        st = add_run(roster, row, end - row);
    }
    return st;
}

static enum wf_status number_rows(struct wf_roster *roster, struct wf_state *state,
                                  const struct wf_dataset *data, unsigned threads)
{
    struct hashing h = {.data = data, .state = state, .roster = roster, .known = state->n_ids};
    uint32_t round = roster->n < ROUND ? roster->n : ROUND;
    if (!h.known)
        return number_first(&h, state, threads);
    h.hashes = wf_calloc(roster->alloc, round, sizeof(*h.hashes));
    enum wf_status st = h.hashes ? WF_OK : WF_ERR_NOMEM;
    for (; st == WF_OK && h.first < roster->n; h.first = h.end) {
        h.end = roster->n - h.first < round ? roster->n : h.first + round;
        st = hash_round(&h, threads);
        if (st == WF_OK)
            st = number_round(roster, state, &h);
    }
    wf_free(roster->alloc, h.hashes);
    return st == WF_OK ? find_runs(roster) : st;
}

/* Unites in the state; gathers the new ids' ordinals into a set so that their rows can be found. */
static enum wf_status unite(struct wf_roster *roster, struct wf_state *state,
                            const struct wf_merge *merges, size_t n)
{
    struct wf_member_set now = {0};
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < n; i++) {
        uint32_t old, new_ = WF_NO_MEMBER;
        bool done = false;
        const struct wf_merge *m = &merges[i];
        st = wf_state_find(state, wf_member_hash(m->old_id, strlen(m->old_id)), &old);
        if (st != WF_OK || old == WF_NO_MEMBER)
            continue; /* nothing was ever decided under the old id */
        struct wf_member_hash hash = wf_member_hash(m->new_id, strlen(m->new_id));
        st = wf_state_find(state, hash, &new_);
        if (st == WF_OK && new_ == WF_NO_MEMBER)
            st = wf_state_add(state, hash, &new_);
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
    if (state->n_ids) /* all are written, each page first by the thread that hashes its rows */
        roster->ordinal =
            wf_realloc(roster->alloc, NULL, ((size_t)roster->n + 1) * sizeof(*roster->ordinal));
    roster->fresh = wf_roster_bits(roster);
    roster->merged = wf_roster_bits(roster);
    if ((state->n_ids && !roster->ordinal) || !roster->fresh || !roster->merged)
        return WF_ERR_NOMEM;
    enum wf_status st = number_rows(roster, state, data, threads);
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
        for (uint32_t k = 0; k < run.n; k += 64)
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
