/*
 * Counts who belongs to a figure. Where a few places do not tell it (pop_cut.c), sorts the members
 * by (group, X) and reads it off the sorted run.
 */
#define XXH_INLINE_ALL
#include "runtime/vm/population.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lang/base/limits.h"
#include "runtime/data/parallel.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/pop_int.h"
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
        figure->t = wf_calloc(alloc, words, sizeof(uint64_t));
        figure->k = wf_calloc(alloc, words, sizeof(uint64_t));
        if (!figure->t || !figure->k) {
            wf_pops_release(pops);
            return WF_ERR_NOMEM;
        }
    }
    return WF_OK;
}

enum wf_status wf_pops_make_values(struct wf_pops *pops, const struct wf_ir *ir, uint32_t pop)
{
    struct wf_figure *figure = &pops->figures[pop];
    if (!wf_pop_is_scored(&ir->pops[pop]) || figure->value)
        return WF_OK;
    figure->value = wf_calloc(pops->alloc, words_of(pops->n_members) * 64, sizeof(int64_t));
    return figure->value ? WF_OK : WF_ERR_NOMEM;
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

void wf_pop_input_release(struct wf_pop_input *input, const struct wf_alloc *alloc)
{
    uint64_t *const arrays[] = {input->key,     input->present, input->zero,       input->among_t,
                                input->among_k, input->per,     input->per_present};
    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
        wf_free(alloc, arrays[i]);
    *input = (struct wf_pop_input){0};
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

enum wf_status wf_pop_take_tied(const struct wf_pop_crowd *crowd, const uint32_t *members, size_t n,
                                size_t quota)
{
    if (n == quota) {
        for (size_t i = 0; i < n; i++)
            wf_bit_set(crowd->figure->t, members[i]);
        return WF_OK;
    }
    struct tied *tied = wf_calloc(crowd->alloc, n, sizeof(*tied));
    if (!tied)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        tied[i] = (struct tied){wf_pop_tie(crowd->data, members[i]), members[i], crowd->data};
    qsort(tied, n, sizeof(*tied), by_hash);
    for (size_t i = 0; i < quota; i++)
        wf_bit_set(crowd->figure->t, tied[i].member);
    wf_free(crowd->alloc, tied);
    return WF_OK;
}

/* The same of a list's first n. */
static enum wf_status take_some(const struct wf_pop_crowd *crowd, const struct wf_pop_entry *list,
                                size_t n, size_t quota)
{
    uint32_t *members = wf_calloc(crowd->alloc, n, sizeof(*members));
    if (!members)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        members[i] = list[i].member;
    enum wf_status status = wf_pop_take_tied(crowd, members, n, quota);
    wf_free(crowd->alloc, members);
    return status;
}

static enum wf_status take(const struct wf_pop_crowd *crowd, const struct wf_pop_entry *list,
                           size_t n)
{
    uint64_t quota = wf_pop_quota(crowd->pop, n);
    for (size_t i = 0; i < n && quota;) {
        size_t end = i + 1;
        while (end < n && list[end].order == list[i].order)
            end++;
        size_t alike = end - i;
        bool zero = wf_bit(crowd->keys.input->zero, list[i].member);
        if (!zero && alike > quota)
            return take_some(crowd, list + i, alike, quota);
        for (size_t j = i; !zero && j < end; j++)
            wf_bit_set(crowd->figure->t, list[j].member);
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

/* ---- who is counted ---- */

enum { A_PART = 256 /* words of bits */ };

struct part {
    size_t n, zeros, below; /* of its members; n: then where they go in the list */
    uint64_t low, high;
};

struct counting {
    struct wf_pop_crowd *crowd;
    struct part *parts;
    uint32_t n_parts;
    struct wf_pop_entry *list;
};

static void count_member(struct part *part, uint64_t key, bool zero)
{
    part->n++;
    part->zeros += zero;
    part->below += !zero && key < wf_pop_key_int(0);
    part->low = key < part->low ? key : part->low;
    part->high = key > part->high ? key : part->high;
}

/* Marks who is known. */
static enum wf_status count_part(void *ctx, unsigned thread, uint32_t p)
{
    const struct counting *c = ctx;
    const struct wf_pop_input *input = c->crowd->keys.input;
    struct wf_figure *figure = c->crowd->figure;
    uint32_t n_members = c->crowd->keys.n_members;
    struct part part = {.low = UINT64_MAX};
    size_t words = wf_bit_words(n_members), end = ((size_t)p + 1) * A_PART;
    bool no_match = c->crowd->pop->no_match && !figure->value;
    (void)thread;
    for (size_t w = (size_t)p * A_PART; w < words && w < end; w++) {
        uint64_t counted = wf_pop_counted(input, w), all = wf_bit_mask(n_members - w * 64);
        uint64_t sure = input->among_k ? input->among_k[w] : UINT64_MAX;
        uint64_t zero = figure->value ? 0 : input->zero[w];
        figure->k[w] = counted | (no_match ? sure & all : 0);
        for (uint64_t left = counted; left; left &= left - 1)
            count_member(&part, input->key[w * 64 + (size_t)__builtin_ctzll(left)],
                         (zero & left & -left) != 0);
    }
    c->parts[p] = part;
    return WF_OK;
}

static enum wf_status count_crowd(struct counting *c)
{
    struct wf_pop_crowd *crowd = c->crowd;
    enum wf_status status = wf_parallel(crowd->threads, c->n_parts, c, count_part);
    crowd->keys.low = UINT64_MAX;
    for (uint32_t p = 0; p < c->n_parts; p++) {
        struct part *part = &c->parts[p];
        size_t n = part->n;
        part->n = crowd->keys.n;
        crowd->keys.n += n;
        crowd->zeros += part->zeros;
        crowd->below += part->below;
        crowd->keys.low = part->low < crowd->keys.low ? part->low : crowd->keys.low;
        crowd->keys.high = part->high > crowd->keys.high ? part->high : crowd->keys.high;
    }
    return status;
}

/* In the order of their rows. */
static enum wf_status list_part(void *ctx, unsigned thread, uint32_t p)
{
    const struct counting *c = ctx;
    const struct wf_pop_crowd *crowd = c->crowd;
    const struct wf_pop_input *input = crowd->keys.input;
    bool down = crowd->pop->kind == WF_POP_TOP || crowd->pop->kind == WF_POP_RANK;
    size_t words = wf_bit_words(crowd->keys.n_members), end = ((size_t)p + 1) * A_PART;
    struct wf_pop_entry *out = c->list + c->parts[p].n;
    (void)thread;
    for (size_t w = (size_t)p * A_PART; w < words && w < end; w++)
        for (uint64_t left = wf_pop_counted(input, w); left; left &= left - 1) {
            uint32_t m = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
            *out++ = (struct wf_pop_entry){down ? ~input->key[m] : input->key[m], m, 0};
        }
    return WF_OK;
}

/* ---- by sorting ---- */

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

uint16_t wf_pop_share(__int128 part, __int128 all)
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
        figure->curve[percent] = wf_pop_share(part, all);
    }
    figure->curved = true;
}

/* Every group on its own. */
static enum wf_status settle(const struct wf_pop_crowd *crowd, const struct wf_pop_entry *sorted)
{
    const struct wf_pop_input *input = crowd->keys.input;
    size_t n = crowd->keys.n;
    enum wf_status status = WF_OK;
    if (crowd->figure->value) /* of the others */
        memset(crowd->figure->value, 0, crowd->keys.n_members * sizeof(*crowd->figure->value));
    for (size_t i = 0, end; i < n && !status; i = end) {
        for (end = i + 1; end < n && sorted[end].group == sorted[i].group;)
            end++;
        status = crowd->figure->value
                     ? score(crowd->pop, crowd->figure, sorted + i, end - i, crowd->threads)
                     : take(crowd, sorted + i, end - i);
    }
    if (!input->per && input->whole)
        draw_curve(crowd->pop, crowd->figure, sorted, n);
    return status;
}

static enum wf_status sort_crowd(struct counting *c)
{
    const struct wf_pop_crowd *crowd = c->crowd;
    const struct wf_alloc *alloc = crowd->alloc;
    size_t n = crowd->keys.n;
    struct wf_pop_entry *sorted = NULL, *spare = wf_calloc(alloc, n, sizeof(*spare));
    c->list = wf_calloc(alloc, n, sizeof(*c->list));
    enum wf_status status = c->list && spare ? WF_OK : WF_ERR_NOMEM;
    if (!status)
        status = wf_parallel(crowd->threads, c->n_parts, c, list_part);
    if (!status && crowd->keys.input->per)
        status = number_groups(crowd->keys.input, c->list, n, alloc);
    if (!status)
        status = wf_pop_sort(c->list, spare, n, crowd->threads, alloc, &sorted);
    if (!status)
        status = settle(crowd, sorted);
    wf_free(alloc, c->list);
    wf_free(alloc, spare);
    return status;
}

enum wf_status wf_pop_compute(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                              const struct wf_dataset *data, struct wf_pops *pops, uint32_t index,
                              unsigned threads)
{
    struct wf_pop_crowd crowd = {.pop = pop,
                                 .data = data,
                                 .alloc = pops->alloc,
                                 .figure = &pops->figures[index],
                                 .keys = {.input = input, .n_members = pops->n_members},
                                 .threads = threads};
    struct counting counting = {.crowd = &crowd};
    counting.n_parts = (uint32_t)(wf_bit_words(pops->n_members) / A_PART) + 1;
    counting.parts = wf_calloc(pops->alloc, counting.n_parts, sizeof(*counting.parts));
    enum wf_status status = counting.parts ? count_crowd(&counting) : WF_ERR_NOMEM;
    if (!status)
        status = wf_pop_is_cut(&crowd) ? wf_pop_cut(&crowd) : sort_crowd(&counting);
    crowd.figure->ready = status == WF_OK;
    wf_free(pops->alloc, counting.parts);
    return status;
}
