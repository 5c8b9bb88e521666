/*
 * Sorts the counted members by (group, X) and reads every figure off the sorted run.
 */
#define XXH_INLINE_ALL
#include "runtime/vm/population.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lang/base/limits.h"
#include "runtime/data/parallel.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/pop_sort.h"

#define TIE_SALT UINT64_C(0x5761796661726531)

static size_t words_of(uint32_t members)
{
    size_t padded = ((size_t)members + WF_BATCH - 1) / WF_BATCH * WF_BATCH;
    return padded / 64 + 1;
}

uint64_t wf_pop_key_int(int64_t x)
{
    return (uint64_t)x ^ (UINT64_C(1) << 63);
}

uint64_t wf_pop_key_number(double x)
{
    double plain = x == 0 ? 0.0 : x;
    uint64_t bits;
    memcpy(&bits, &plain, sizeof(bits));
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

uint64_t wf_pop_tie(const struct wf_dataset *data, uint32_t member)
{
    struct wf_id id = data->ids[member];
    return XXH3_64bits_withSeed(data->id_heap + id.at, id.len, TIE_SALT);
}

int wf_pop_compare_ids(const struct wf_dataset *data, uint32_t a, uint32_t b)
{
    struct wf_id x = data->ids[a], y = data->ids[b];
    int order = memcmp(data->id_heap + x.at, data->id_heap + y.at, x.len < y.len ? x.len : y.len);
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

uint64_t wf_pop_quota(const struct wf_ir_pop *pop, uint64_t members)
{
    if (pop->n <= 0)
        return 0;
    uint64_t n = (uint64_t)pop->n;
    if (!pop->percent)
        return n < members ? n : members;
    if (n >= 10000)
        return members;
    return (members * n + 9999) / 10000;
}

/* ---- the table of figures ---- */

enum wf_status wf_pops_init(struct wf_pops *pops, const struct wf_ir *ir, uint32_t n_members,
                            const struct wf_alloc *alloc)
{
    *pops = (struct wf_pops){.alloc = alloc, .n_members = n_members};
    pops->figures = wf_calloc(alloc, (size_t)ir->n_pops + 1, sizeof(*pops->figures));
    if (!pops->figures)
        return WF_ERR_NOMEM;
    pops->n = ir->n_pops;
    size_t words = words_of(n_members);
    for (uint32_t i = 0; i < pops->n; i++) {
        struct wf_figure *figure = &pops->figures[i];
        bool scored = ir->pops[i].kind == WF_POP_QUANTILE || ir->pops[i].kind == WF_POP_RANK;
        figure->t = wf_calloc(alloc, words, sizeof(uint64_t));
        figure->k = wf_calloc(alloc, words, sizeof(uint64_t));
        if (scored)
            figure->value = wf_calloc(alloc, words * 64, sizeof(int64_t));
        if (!figure->t || !figure->k || (scored && !figure->value)) {
            wf_pops_release(pops);
            return WF_ERR_NOMEM;
        }
    }
    return WF_OK;
}

void wf_pops_release(struct wf_pops *pops)
{
    for (uint32_t i = 0; i < pops->n; i++) {
        wf_free(pops->alloc, pops->figures[i].t);
        wf_free(pops->alloc, pops->figures[i].k);
        wf_free(pops->alloc, pops->figures[i].value);
    }
    wf_free(pops->alloc, pops->figures);
    *pops = (struct wf_pops){.alloc = pops->alloc};
}

struct wf_value wf_pops_value(const struct wf_pops *pops, const struct wf_ir *ir, uint32_t pop,
                              uint32_t member)
{
    uint8_t type = ir->pops[pop].type;
    if (pop >= pops->n || !pops->figures[pop].ready || !wf_bit(pops->figures[pop].k, member))
        return wf_missing(type);
    const struct wf_figure *figure = &pops->figures[pop];
    return figure->value ? wf_int_value(type, figure->value[member])
                         : wf_bool_value(wf_bit(figure->t, member));
}

/* ---- groups: numbers for the distinct values of `per` ---- */

struct groups {
    uint64_t *key;
    uint32_t *number; /* 0: free */
    size_t room;      /* a power of two */
    uint32_t n;
};

static bool groups_grow(struct groups *groups, const struct wf_alloc *alloc)
{
    size_t room = groups->room ? groups->room * 2 : 256;
    struct groups wider = {.key = wf_calloc(alloc, room, sizeof(uint64_t)),
                           .number = wf_calloc(alloc, room, sizeof(uint32_t)),
                           .room = room,
                           .n = groups->n};
    if (!wider.key || !wider.number) {
        wf_free(alloc, wider.key);
        wf_free(alloc, wider.number);
        return false;
    }
    for (size_t i = 0; i < groups->room; i++) {
        if (!groups->number[i])
            continue;
        size_t at = XXH3_64bits(&groups->key[i], sizeof(uint64_t)) & (room - 1);
        while (wider.number[at])
            at = (at + 1) & (room - 1);
        wider.key[at] = groups->key[i];
        wider.number[at] = groups->number[i];
    }
    wf_free(alloc, groups->key);
    wf_free(alloc, groups->number);
    *groups = wider;
    return true;
}

/* The group's number from 1 up in order of appearance; 0: no memory. */
static uint32_t group_of(struct groups *groups, const struct wf_alloc *alloc, uint64_t key)
{
    if (groups->n + 1 > groups->room / 2 && !groups_grow(groups, alloc))
        return 0;
    size_t at = XXH3_64bits(&key, sizeof(key)) & (groups->room - 1);
    while (groups->number[at] && groups->key[at] != key)
        at = (at + 1) & (groups->room - 1);
    if (!groups->number[at]) {
        groups->key[at] = key;
        groups->number[at] = ++groups->n;
    }
    return groups->number[at];
}

/* ---- the figures ---- */

struct tied {
    uint64_t hash;
    uint32_t member;
    const struct wf_dataset *data;
};

static int by_hash(const void *a, const void *b)
{
    const struct tied *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return wf_pop_compare_ids(x->data, x->member, y->member);
}

/* Of n members alike in X, takes `quota`. */
static enum wf_status take_tied(struct wf_pops *pops, struct wf_figure *figure,
                                const struct wf_dataset *data, const struct wf_pop_entry *list,
                                size_t n, size_t quota)
{
    struct tied *tied = wf_calloc(pops->alloc, n, sizeof(*tied));
    if (!tied)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        tied[i] = (struct tied){wf_pop_tie(data, list[i].member), list[i].member, data};
    qsort(tied, n, sizeof(*tied), by_hash);
    for (size_t i = 0; i < quota; i++)
        wf_bit_set(figure->t, tied[i].member);
    wf_free(pops->alloc, tied);
    return WF_OK;
}

static enum wf_status take(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                           struct wf_pops *pops, struct wf_figure *figure,
                           const struct wf_dataset *data, const struct wf_pop_entry *list, size_t n)
{
    uint64_t quota = wf_pop_quota(pop, n);
    for (size_t i = 0; i < n && quota;) {
        size_t end = i + 1;
        while (end < n && list[end].order == list[i].order)
            end++;
        size_t alike = end - i;
        bool zero = wf_bit(input->zero, list[i].member);
        if (!zero && alike > quota)
            return take_tied(pops, figure, data, list + i, alike, quota);
        for (size_t j = i; !zero && j < end; j++)
            wf_bit_set(figure->t, list[j].member);
        quota -= zero ? 0 : alike;
        i = end;
    }
    return WF_OK;
}

/* A group on its way to its scores. The list ascends by X for a quantile, descends for a rank. */
struct scoring {
    const struct wf_ir_pop *pop;
    struct wf_figure *figure;
    const struct wf_pop_entry *list;
    size_t n;
};
enum { SCORED_TOGETHER = 1 << 16 };

static int64_t score_of(const struct scoring *s, size_t before)
{
    uint64_t of = s->pop->n > 0 ? (uint64_t)s->pop->n : 0;
    if (s->pop->kind == WF_POP_RANK)
        return 1 + (int64_t)before;
    if (of > UINT32_MAX)
        return 1 + (int64_t)((unsigned __int128)of * before / s->n);
    return 1 + (int64_t)(of * before / s->n);
}

/* The first of those that are alike in X with one. */
static size_t first_alike(const struct scoring *s, size_t one)
{
    size_t low = 0, high = one;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool alike = s->list[middle].order == s->list[one].order;
        low = alike ? low : middle + 1;
        high = alike ? middle : high;
    }
    return low;
}

static enum wf_status score_part(void *ctx, unsigned thread, uint32_t part)
{
    const struct scoring *s = ctx;
    size_t first = (size_t)part * SCORED_TOGETHER, end = first + SCORED_TOGETHER;
    int64_t score = score_of(s, first_alike(s, first));
    (void)thread;
    for (size_t i = first; i < end && i < s->n; i++) {
        if (i > first && s->list[i].order != s->list[i - 1].order)
            score = score_of(s, i);
        s->figure->value[s->list[i].member] = score;
    }
    return WF_OK;
}

static enum wf_status score(const struct wf_ir_pop *pop, struct wf_figure *figure,
                            const struct wf_pop_entry *list, size_t n, unsigned threads)
{
    struct scoring scoring = {pop, figure, list, n};
    uint32_t parts = (uint32_t)((n + SCORED_TOGETHER - 1) / SCORED_TOGETHER);
    return wf_parallel(parts > 1 ? threads : 1, parts, &scoring, score_part);
}

enum { A_PART = 256 /* words of bits */ };

/* Who is counted, part by part. */
struct listing {
    const struct wf_ir_pop *pop;
    const struct wf_pop_input *input;
    struct wf_figure *figure;
    uint32_t n_members, n_parts;
    uint32_t *first; /* by part: where its members go in the list */
    struct wf_pop_entry *list;
};

static uint64_t counted_in(const struct wf_pop_input *input, size_t word)
{
    uint64_t among = input->among_t ? input->among_t[word] : UINT64_MAX;
    uint64_t per = input->per ? input->per_present[word] : UINT64_MAX;
    return input->present[word] & among & per;
}

/* Marks who is known. */
static enum wf_status count_part(void *ctx, unsigned thread, uint32_t part)
{
    const struct listing *l = ctx;
    size_t words = wf_bit_words(l->n_members), end = ((size_t)part + 1) * A_PART;
    (void)thread;
    for (size_t w = (size_t)part * A_PART; w < words && w < end; w++) {
        uint64_t counted = counted_in(l->input, w), all = wf_bit_mask(l->n_members - w * 64);
        uint64_t sure = l->input->among_k ? l->input->among_k[w] : UINT64_MAX;
        bool no_match = l->pop->no_match && !l->figure->value;
        l->figure->k[w] = counted | (no_match ? sure & all : 0);
        l->first[part + 1] += (uint32_t)wf_bit_count(counted);
    }
    return WF_OK;
}

static enum wf_status list_part(void *ctx, unsigned thread, uint32_t part)
{
    const struct listing *l = ctx;
    bool down = l->pop->kind == WF_POP_TOP || l->pop->kind == WF_POP_RANK;
    size_t words = wf_bit_words(l->n_members), end = ((size_t)part + 1) * A_PART;
    struct wf_pop_entry *out = l->list + l->first[part];
    (void)thread;
    for (size_t w = (size_t)part * A_PART; w < words && w < end; w++)
        for (uint64_t left = counted_in(l->input, w); left; left &= left - 1) {
            uint32_t m = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
            *out++ = (struct wf_pop_entry){down ? ~l->input->key[m] : l->input->key[m], m, 0};
        }
    return WF_OK;
}

/* Lists who is counted, in the order of their rows. */
static enum wf_status list_counted(struct listing *l, unsigned threads,
                                   const struct wf_alloc *alloc, size_t *n_out)
{
    l->n_parts = (uint32_t)(wf_bit_words(l->n_members) / A_PART) + 1;
    l->first = wf_calloc(alloc, (size_t)l->n_parts + 1, sizeof(*l->first));
    if (!l->first)
        return WF_ERR_NOMEM;
    enum wf_status status = wf_parallel(threads, l->n_parts, l, count_part);
    for (uint32_t p = 0; p < l->n_parts; p++)
        l->first[p + 1] += l->first[p];
    *n_out = l->first[l->n_parts];
    if (!status)
        status = wf_parallel(threads, l->n_parts, l, list_part);
    wf_free(alloc, l->first);
    return status;
}

static enum wf_status number_groups(const struct wf_pop_input *input, struct wf_pop_entry *list,
                                    size_t n, const struct wf_alloc *alloc)
{
    struct groups groups = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        list[i].group = group_of(&groups, alloc, input->per[list[i].member]);
        ok = list[i].group != 0;
    }
    wf_free(alloc, groups.key);
    wf_free(alloc, groups.number);
    return ok ? WF_OK : WF_ERR_NOMEM;
}

static int64_t x_of(const struct wf_pop_entry *e, bool down)
{
    return (int64_t)((down ? ~e->order : e->order) ^ (UINT64_C(1) << 63));
}

static uint16_t share(__int128 part, __int128 all)
{
    return part <= 0 ? 0 : part >= all ? 10000 : (uint16_t)(part * 10000 / all);
}

/* The list is of one group; it descends for TOP and RANK and ascends for the others. */
static void draw_curve(const struct wf_ir_pop *pop, struct wf_figure *figure,
                       const struct wf_pop_entry *list, size_t n)
{
    bool down = pop->kind == WF_POP_TOP || pop->kind == WF_POP_RANK;
    __int128 all = 0, part = 0;
    for (size_t i = 0; i < n; i++)
        all += x_of(&list[i], down);
    if (all <= 0)
        return;
    for (size_t percent = 0, i = 0; percent < WF_POP_CURVE; percent++) {
        for (; i < (n * percent + 99) / 100; i++)
            part += x_of(&list[down ? i : n - 1 - i], down);
        figure->curve[percent] = share(part, all);
    }
    figure->curved = true;
}

/* Every group on its own. */
static enum wf_status settle(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                             const struct wf_dataset *data, struct wf_pops *pops,
                             struct wf_figure *figure, const struct wf_pop_entry *sorted, size_t n,
                             unsigned threads)
{
    enum wf_status status = WF_OK;
    for (size_t i = 0, end; i < n && !status; i = end) {
        for (end = i + 1; end < n && sorted[end].group == sorted[i].group;)
            end++;
        status = figure->value ? score(pop, figure, sorted + i, end - i, threads)
                               : take(pop, input, pops, figure, data, sorted + i, end - i);
    }
    if (!input->per && input->whole)
        draw_curve(pop, figure, sorted, n);
    return status;
}

enum wf_status wf_pop_compute(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                              const struct wf_dataset *data, struct wf_pops *pops, uint32_t index,
                              unsigned threads)
{
    struct wf_figure *figure = &pops->figures[index];
    const struct wf_alloc *alloc = pops->alloc;
    size_t room = (size_t)pops->n_members + 1, n = 0;
    struct listing listing = {pop, input, figure, pops->n_members, 0, NULL, NULL};
    struct wf_pop_entry *sorted = NULL, *spare = wf_calloc(alloc, room, sizeof(*spare));
    listing.list = wf_calloc(alloc, room, sizeof(*listing.list));
    enum wf_status status = listing.list && spare ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        status = list_counted(&listing, threads, alloc, &n);
    if (!status && input->per)
        status = number_groups(input, listing.list, n, alloc);
    if (!status)
        status = wf_pop_sort(listing.list, spare, n, threads, alloc, &sorted);
    if (!status)
        status = settle(pop, input, data, pops, figure, sorted, n, threads);
    figure->ready = status == WF_OK;
    wf_free(alloc, listing.list);
    wf_free(alloc, spare);
    return status;
}
