/* Figures for which it is enough to know who stands at a few places. */
#include <stdlib.h>
#include <string.h>

#include "runtime/data/parallel.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/pop_int.h"

enum { A_PART = 256 /* words of members */, MOST_SCORES = 1000 };

bool wf_pop_is_cut(const struct wf_pop_crowd *crowd)
{
    return !crowd->keys.input->per && crowd->pop->kind != WF_POP_RANK &&
           (!crowd->figure->value || crowd->pop->n <= MOST_SCORES) && wf_pop_selects(&crowd->keys);
}

/* ---- the places ---- */

static int by_place(const void *a, const void *b)
{
    const struct wf_pop_place *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

struct places {
    struct wf_pop_place *of;
    uint32_t n;
};

static void ask(struct places *places, size_t at)
{
    places->of[places->n++] = (struct wf_pop_place){.at = at};
}

static const struct wf_pop_place *find(const struct places *places, size_t at)
{
    const struct wf_pop_place key = {.at = at};
    return bsearch(&key, places->of, places->n, sizeof(key), by_place);
}

/* Scores go up behind this place: so many of n are less than who gets more than j of `of`. */
static size_t place_of_score(size_t n, uint64_t j, uint64_t of)
{
    return (size_t)(((unsigned __int128)n * j + of - 1) / of) - 1;
}

/* Of the members who are not zero, the last one that is taken: their place among all. */
static size_t place_of_cut(const struct wf_pop_crowd *crowd, size_t quota)
{
    size_t n = crowd->keys.n, last = quota - 1;
    size_t above = n - crowd->zeros - crowd->below;
    if (crowd->pop->kind == WF_POP_TOP)
        return n - 1 - last - (last < above ? 0 : crowd->zeros);
    return last + (last < crowd->below ? 0 : crowd->zeros);
}

/* The first i% of them, the largest first, are behind this place. */
static size_t place_of_percent(size_t n, size_t percent)
{
    return n - (n * percent + 99) / 100;
}

static size_t quota_of(const struct wf_pop_crowd *crowd)
{
    size_t quota = wf_pop_quota(crowd->pop, crowd->keys.n), most = crowd->keys.n - crowd->zeros;
    return quota < most ? quota : most;
}

static enum wf_status look(const struct wf_pop_crowd *crowd, struct places *places)
{
    size_t n = crowd->keys.n, quota = crowd->figure->value ? 0 : quota_of(crowd);
    uint64_t scores = crowd->figure->value ? (uint64_t)crowd->pop->n : 1;
    places->of = wf_calloc(crowd->alloc, scores + WF_POP_CURVE, sizeof(*places->of));
    if (!places->of)
        return WF_ERR_NOMEM;
    for (uint64_t j = 1; j < scores; j++)
        ask(places, place_of_score(n, j, scores));
    if (quota)
        ask(places, place_of_cut(crowd, quota));
    for (size_t percent = 0; crowd->keys.input->whole && percent < WF_POP_CURVE; percent++)
        ask(places, place_of_percent(n, percent));
    qsort(places->of, places->n, sizeof(*places->of), by_place);
    return wf_pop_select(&crowd->keys, places->of, places->n, crowd->threads, crowd->alloc);
}

/* ---- the curve ---- */

/* What X adds up to of those before a place. */
static __int128 sum_before(const struct wf_pop_crowd *crowd, const struct wf_pop_place *place)
{
    int64_t least = (int64_t)(crowd->keys.low ^ UINT64_C(1) << 63);
    return (__int128)place->before + (__int128)least * (__int128)place->at;
}

static void draw_curve(const struct wf_pop_crowd *crowd, const struct places *places)
{
    size_t n = crowd->keys.n;
    __int128 all = sum_before(crowd, find(places, n));
    if (all <= 0)
        return;
    for (size_t percent = 0; percent < WF_POP_CURVE; percent++) {
        const struct wf_pop_place *place = find(places, place_of_percent(n, percent));
        crowd->figure->curve[percent] = wf_pop_share(all - sum_before(crowd, place), all);
    }
    crowd->figure->curved = true;
}

/* ---- scores ---- */

enum { BAND_BITS = 12, BANDS = 1 << BAND_BITS };

/* Who is beyond cuts[j] gets more than j + 1. */
struct scoring {
    const struct wf_pop_crowd *crowd;
    uint64_t cuts[MOST_SCORES];
    uint32_t n_cuts;
    unsigned shift;        /* of a key beyond the least: its band is left */
    uint16_t first[BANDS]; /* by band: the cuts that all of it is beyond */
};

static enum wf_status score_part(void *ctx, unsigned thread, uint32_t part)
{
    const struct scoring *s = ctx;
    const struct wf_pop_keys *keys = &s->crowd->keys;
    size_t words = wf_bit_words(keys->n_members), end = ((size_t)part + 1) * A_PART;
    (void)thread;
    for (size_t w = (size_t)part * A_PART; w < words && w < end; w++) {
        uint64_t counted = wf_pop_counted(keys->input, w);
        uint64_t others = ~counted & wf_bit_mask(keys->n_members - w * 64);
        for (uint64_t left = counted; left; left &= left - 1) {
            size_t m = w * 64 + (size_t)__builtin_ctzll(left);
            uint64_t key = keys->input->key[m];
            uint32_t score = s->first[(key - keys->low) >> s->shift];
            while (score < s->n_cuts && key > s->cuts[score])
                score++;
            s->crowd->figure->value[m] = 1 + (int64_t)score;
        }
        for (; others; others &= others - 1)
            s->crowd->figure->value[w * 64 + (size_t)__builtin_ctzll(others)] = 0;
    }
    return WF_OK;
}

static enum wf_status in_parts(const struct wf_pop_crowd *crowd, void *ctx,
                               enum wf_status (*work)(void *ctx, unsigned thread, uint32_t part))
{
    uint32_t parts = (uint32_t)(wf_bit_words(crowd->keys.n_members) / A_PART) + 1;
    return wf_parallel(crowd->threads, parts, ctx, work);
}

static enum wf_status score(const struct wf_pop_crowd *crowd, const struct places *places)
{
    uint64_t scores = (uint64_t)crowd->pop->n, span = crowd->keys.high - crowd->keys.low;
    struct scoring s = {.crowd = crowd};
    for (uint64_t j = 1; j < scores; j++)
        s.cuts[s.n_cuts++] = find(places, place_of_score(crowd->keys.n, j, scores))->key;
    while (span >> s.shift >= BANDS)
        s.shift++;
    for (uint32_t band = 0, beyond = 0; band < BANDS; band++) {
        while (beyond < s.n_cuts && s.cuts[beyond] < crowd->keys.low + ((uint64_t)band << s.shift))
            beyond++;
        s.first[band] = (uint16_t)beyond;
    }
    return in_parts(crowd, &s, score_part);
}

/* ---- cuts ---- */

struct taking {
    const struct wf_pop_crowd *crowd;
    uint64_t cut;
    bool top;
    size_t better, alike;
};

static enum wf_status take_part(void *ctx, unsigned thread, uint32_t part)
{
    struct taking *t = ctx;
    const struct wf_pop_keys *keys = &t->crowd->keys;
    size_t words = wf_bit_words(keys->n_members), end = ((size_t)part + 1) * A_PART;
    size_t better = 0, alike = 0;
    (void)thread;
    for (size_t w = (size_t)part * A_PART; w < words && w < end; w++) {
        uint64_t taken = 0;
        for (uint64_t left = wf_pop_counted(keys->input, w) & ~keys->input->zero[w]; left;
             left &= left - 1) {
            uint64_t key = keys->input->key[w * 64 + (size_t)__builtin_ctzll(left)];
            bool beats = t->top ? key > t->cut : key < t->cut;
            taken |= beats ? left & -left : 0;
            alike += key == t->cut;
        }
        t->crowd->figure->t[w] |= taken;
        better += wf_bit_count(taken);
    }
    __atomic_fetch_add(&t->better, better, __ATOMIC_RELAXED);
    __atomic_fetch_add(&t->alike, alike, __ATOMIC_RELAXED);
    return WF_OK;
}

/* Those at the cut, as many as are left to take. */
static enum wf_status take_alike(const struct taking *t, size_t quota)
{
    const struct wf_pop_keys *keys = &t->crowd->keys;
    uint32_t *members = wf_calloc(t->crowd->alloc, t->alike, sizeof(*members));
    size_t n = 0;
    if (!members)
        return WF_ERR_NOMEM;
    for (size_t w = 0; n < t->alike; w++)
        for (uint64_t left = wf_pop_counted(keys->input, w) & ~keys->input->zero[w]; left;
             left &= left - 1) {
            size_t m = w * 64 + (size_t)__builtin_ctzll(left);
            if (keys->input->key[m] == t->cut)
                members[n++] = (uint32_t)m;
        }
    enum wf_status status = wf_pop_take_tied(t->crowd, members, n, quota);
    wf_free(t->crowd->alloc, members);
    return status;
}

static enum wf_status take(const struct wf_pop_crowd *crowd, const struct places *places)
{
    size_t quota = quota_of(crowd);
    struct taking t = {.crowd = crowd, .top = crowd->pop->kind == WF_POP_TOP};
    if (!quota)
        return WF_OK;
    t.cut = find(places, place_of_cut(crowd, quota))->key;
    enum wf_status status = in_parts(crowd, &t, take_part);
    return status ? status : take_alike(&t, quota - t.better);
}

enum wf_status wf_pop_cut(const struct wf_pop_crowd *crowd)
{
    struct places places = {NULL, 0};
    enum wf_status status = look(crowd, &places);
    if (!status && crowd->keys.input->whole)
        draw_curve(crowd, &places);
    if (!status)
        status = crowd->figure->value ? score(crowd, &places) : take(crowd, &places);
    wf_free(crowd->alloc, places.of);
    return status;
}
