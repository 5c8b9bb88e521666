/*
 * Sorts the counted members by (group, X) and reads every figure off the sorted run: a radix sort
 * that skips the bytes that are alike in all, so small numbers cost few passes.
 */
#define XXH_INLINE_ALL
#include "runtime/vm/population.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "lang/base/limits.h"

#define TIE_SALT UINT64_C(0x5761796661726531)

struct entry {
    uint64_t order; /* X, such that the first to be taken comes first */
    uint32_t member;
    uint32_t group;
};

static size_t words_of(uint32_t members)
{
    size_t padded = ((size_t)members + WF_BATCH - 1) / WF_BATCH * WF_BATCH;
    return padded / 64 + 1;
}

static bool bit_of(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
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
    if (pop >= pops->n || !pops->figures[pop].ready || !bit_of(pops->figures[pop].k, member))
        return wf_missing(type);
    const struct wf_figure *figure = &pops->figures[pop];
    return figure->value ? wf_int_value(type, figure->value[member])
                         : wf_bool_value(bit_of(figure->t, member));
}

/* ---- sorting ---- */

static unsigned byte_of(const struct entry *e, unsigned digit)
{
    return digit < 8 ? (unsigned)(e->order >> (8 * digit)) & 0xff
                     : (unsigned)(e->group >> (8 * (digit - 8))) & 0xff;
}

/* Stable, ascending by (group, order); `spare` is as large. Answers which of the two holds it. */
static struct entry *sort_entries(struct entry *list, struct entry *spare, size_t n)
{
    enum { DIGITS = 12 };
    uint64_t order_or = 0, order_and = UINT64_MAX;
    uint32_t group_or = 0;
    for (size_t i = 0; i < n; i++) {
        order_or |= list[i].order;
        order_and &= list[i].order;
        group_or |= list[i].group;
    }
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint64_t differs =
            digit < 8 ? (order_or ^ order_and) >> (8 * digit) : group_or >> (8 * (digit - 8));
        if (!(differs & 0xff))
            continue;
        size_t at[257] = {0};
        for (size_t i = 0; i < n; i++)
            at[byte_of(&list[i], digit) + 1]++;
        for (unsigned b = 0; b < 256; b++)
            at[b + 1] += at[b];
        for (size_t i = 0; i < n; i++)
            spare[at[byte_of(&list[i], digit)]++] = list[i];
        struct entry *swap = list;
        list = spare;
        spare = swap;
    }
    return list;
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
                                const struct wf_dataset *data, const struct entry *list, size_t n,
                                size_t quota)
{
    struct tied *tied = wf_calloc(pops->alloc, n, sizeof(*tied));
    if (!tied)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        tied[i] = (struct tied){wf_pop_tie(data, list[i].member), list[i].member, data};
    qsort(tied, n, sizeof(*tied), by_hash);
    for (size_t i = 0; i < quota; i++)
        set_bit(figure->t, tied[i].member);
    wf_free(pops->alloc, tied);
    return WF_OK;
}

static enum wf_status take(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                           struct wf_pops *pops, struct wf_figure *figure,
                           const struct wf_dataset *data, const struct entry *list, size_t n)
{
    uint64_t quota = wf_pop_quota(pop, n);
    for (size_t i = 0; i < n && quota;) {
        size_t end = i + 1;
        while (end < n && list[end].order == list[i].order)
            end++;
        size_t alike = end - i;
        bool zero = bit_of(input->zero, list[i].member);
        if (!zero && alike > quota)
            return take_tied(pops, figure, data, list + i, alike, quota);
        for (size_t j = i; !zero && j < end; j++)
            set_bit(figure->t, list[j].member);
        quota -= zero ? 0 : alike;
        i = end;
    }
    return WF_OK;
}

/* The list ascends by X for a quantile and descends for a rank. */
static void score(const struct wf_ir_pop *pop, struct wf_figure *figure, const struct entry *list,
                  size_t n)
{
    size_t before = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && list[i].order != list[i - 1].order)
            before = i;
        unsigned __int128 parts = (unsigned __int128)(pop->n > 0 ? (uint64_t)pop->n : 0) * before;
        figure->value[list[i].member] =
            1 + (int64_t)(pop->kind == WF_POP_RANK ? before : (uint64_t)(parts / n));
    }
}

/* Marks who is known, and lists who is counted. SIZE_MAX: no memory. */
static size_t list_counted(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                           struct wf_pops *pops, struct wf_figure *figure, struct entry *list)
{
    bool down = pop->kind == WF_POP_TOP || pop->kind == WF_POP_RANK;
    struct groups groups = {0};
    size_t n = 0;
    for (uint32_t m = 0; m < pops->n_members; m++) {
        bool in = !input->among_t || bit_of(input->among_t, m);
        bool doubtful = input->among_k && !bit_of(input->among_k, m);
        if (!in || !bit_of(input->present, m) || (input->per && !bit_of(input->per_present, m))) {
            if (pop->no_match && !doubtful && !figure->value)
                set_bit(figure->k, m);
            continue;
        }
        uint32_t group = input->per ? group_of(&groups, pops->alloc, input->per[m]) : 1;
        if (!group) {
            n = SIZE_MAX;
            break;
        }
        set_bit(figure->k, m);
        list[n++] = (struct entry){down ? ~input->key[m] : input->key[m], m, group};
    }
    wf_free(pops->alloc, groups.key);
    wf_free(pops->alloc, groups.number);
    return n;
}

static int64_t x_of(const struct entry *e, bool down)
{
    return (int64_t)((down ? ~e->order : e->order) ^ (UINT64_C(1) << 63));
}

static uint16_t share(__int128 part, __int128 all)
{
    return part <= 0 ? 0 : part >= all ? 10000 : (uint16_t)(part * 10000 / all);
}

/* The list is of one group; it descends for TOP and RANK and ascends for the others. */
static void draw_curve(const struct wf_ir_pop *pop, struct wf_figure *figure,
                       const struct entry *list, size_t n)
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

enum wf_status wf_pop_compute(const struct wf_ir_pop *pop, const struct wf_pop_input *input,
                              const struct wf_dataset *data, struct wf_pops *pops, uint32_t index)
{
    struct wf_figure *figure = &pops->figures[index];
    enum wf_status status = WF_ERR_NOMEM;
    size_t room = (size_t)pops->n_members + 1;
    struct entry *list = wf_calloc(pops->alloc, room, sizeof(*list));
    struct entry *spare = wf_calloc(pops->alloc, room, sizeof(*spare));
    if (!list || !spare)
        goto done;
    size_t n = list_counted(pop, input, pops, figure, list);
    if (n == SIZE_MAX)
        goto done;
    const struct entry *sorted = sort_entries(list, spare, n);
    status = WF_OK;
    for (size_t i = 0, end; i < n && !status; i = end) {
        for (end = i + 1; end < n && sorted[end].group == sorted[i].group;)
            end++;
        if (figure->value)
            score(pop, figure, sorted + i, end - i);
        else
            status = take(pop, input, pops, figure, data, sorted + i, end - i);
    }
    if (!input->per && input->whole)
        draw_curve(pop, figure, sorted, n);
    figure->ready = status == WF_OK;
done:
    wf_free(pops->alloc, list);
    wf_free(pops->alloc, spare);
    return status;
}
