#include "runtime/data/ids.h"

#include <string.h>

#include "runtime/data/parallel.h"
#include "runtime/data/quick.h"

enum { AHEAD = 32, MAX_DIGITS = 16, A_PART = 1 << 16 /* ids: fewer are not worth a thread */ };

void wf_ids_init(struct wf_ids *ids, const struct wf_alloc *alloc, uint64_t seed)
{
    *ids = (struct wf_ids){0};
    wf_names_init(&ids->names, alloc, seed);
}

void wf_ids_release(struct wf_ids *ids)
{
    const struct wf_alloc *alloc = ids->names.alloc;
    wf_names_release(&ids->names);
    wf_free(alloc, ids->row);
    wf_free(alloc, ids->names_by_number);
    *ids = (struct wf_ids){.names = ids->names};
}

/* ---- numbers ---- */

/* The last n (1 to 8) characters of a text as a number. No byte beside the text is touched. */
static inline bool last_digits(const char *text, uint32_t len, uint32_t n, uint64_t *out)
{
    uint64_t word = 0;
    int64_t value = 0;
    if (len >= 8) {
        word = wf_quick_word(text + len - 8, 8) >> (64 - 8 * n);
    } else {
        for (uint32_t i = 0; i < n; i++)
            word |= (uint64_t)(unsigned char)text[len - n + i] << (8 * i);
    }
    if (!wf_quick_digits(word, n, &value))
        return false;
    *out = (uint64_t)value;
    return true;
}

/* The digits behind the prefix, 1 to 16, which are all of the text's rest. */
static inline bool number_of(const char *text, uint32_t len, uint32_t prefix_len, uint64_t *out)
{
    uint32_t n = len - prefix_len;
    uint64_t high = 0, low;
    if (!last_digits(text, len, n > 8 ? 8 : n, &low))
        return false;
    if (n > 8 && !last_digits(text, len - 8, n - 8, &high))
        return false;
    *out = high * 100000000 + low;
    return true;
}

/* Whether an id has the shape of all of them, and its number. */
static inline bool shaped(const struct wf_ids *ids, const char *text, uint32_t len, uint64_t *out)
{
    uint32_t n = len - ids->prefix_len; /* below 0: more than all */
    if (n < ids->digits || n > MAX_DIGITS || (n > ids->digits && text[ids->prefix_len] == '0'))
        return false;
    return wf_same_bytes(text, ids->prefix, ids->prefix_len) &&
           number_of(text, len, ids->prefix_len, out);
}

static inline uint32_t name_of(const struct wf_ids *ids, uint64_t number)
{
    uint64_t at = number - ids->lowest;
    if (at < ids->straight)
        return (uint32_t)at;
    return at < ids->span ? ids->names_by_number[at - ids->straight] : WF_NO_NAME;
}

/* ---- are they numbered? ---- */

/* A part of the ids, as a thread found them. */
struct part {
    uint32_t shortest; /* bytes */
    bool shaped;       /* what follows holds */
    uint32_t straight; /* so many count up from the first */
    uint64_t first, lowest, highest;
};

struct looking {
    const struct wf_ids *ids;
    const struct wf_id_list *list;
    struct part parts[WF_MAX_THREADS];
    uint32_t n_parts;
};

static uint32_t first_of(const struct looking *l, uint32_t part)
{
    return (uint32_t)((uint64_t)l->list->n * part / l->n_parts);
}

static enum wf_status find_shortest(void *ctx, unsigned thread, uint32_t p)
{
    struct looking *l = ctx;
    struct part *part = &l->parts[p];
    uint32_t end = first_of(l, p + 1), near = 0;
    (void)thread;
    part->shortest = UINT32_MAX;
    for (uint32_t i = first_of(l, p); i < end; i++) {
        uint32_t len = l->list->get(l->list->ctx, &near, i).len;
        part->shortest = len < part->shortest ? len : part->shortest;
    }
    return WF_OK;
}

static enum wf_status find_numbers(void *ctx, unsigned thread, uint32_t p)
{
    struct looking *l = ctx;
    struct part found = {.shaped = true, .lowest = UINT64_MAX};
    uint32_t first = first_of(l, p), end = first_of(l, p + 1), near = 0;
    uint64_t number = 0;
    (void)thread;
    for (uint32_t i = first, n; found.shaped && i < end; i += n) {
        struct wf_cell id = l->list->get(l->list->ctx, &near, i);
        n = l->list->count ? l->list->count(l->list->ctx, near, i) : 1;
        n = n < end - i ? n : end - i;
        found.shaped = shaped(l->ids, id.text, id.len, &number);
        found.first = i == first ? number : found.first;
        if (found.straight == i - first && number == found.first + (i - first))
            found.straight += n;
        found.lowest = number < found.lowest ? number : found.lowest;
        found.highest = number + n - 1 > found.highest ? number + n - 1 : found.highest;
    }
    l->parts[p] = found;
    return WF_OK;
}

/* What the first id is; none of the others, it seems, has fewer digits. */
static bool find_prefix(struct wf_ids *ids, const struct wf_id_list *list)
{
    uint32_t near = 0, digits = 0;
    struct wf_cell first = list->get(list->ctx, &near, 0);
    while (digits < MAX_DIGITS && digits < first.len &&
           (unsigned)(first.text[first.len - digits - 1] - '0') < 10)
        digits++;
    ids->prefix_len = first.len - digits;
    if (!digits || ids->prefix_len > WF_IDS_PREFIX)
        return false;
    memcpy(ids->prefix, first.text, ids->prefix_len);
    return true;
}

/* How many of the first ids count up from the lowest number. */
static uint64_t find_straight(const struct looking *l)
{
    uint64_t n = 0;
    for (uint32_t p = 0; p < l->n_parts && n == first_of(l, p); p++)
        n += l->parts[p].first == l->ids->lowest + n ? l->parts[p].straight : 0;
    return n;
}

static uint32_t shortest_of_all(struct looking *l)
{
    uint32_t shortest = UINT32_MAX;
    wf_parallel(l->list->threads, l->n_parts, l, find_shortest);
    for (uint32_t p = 0; p < l->n_parts; p++)
        shortest = l->parts[p].shortest < shortest ? l->parts[p].shortest : shortest;
    return shortest;
}

/* The shape of the ids, the lowest number, how far they go, and how many count up. */
static bool find_shape(struct wf_ids *ids, const struct wf_id_list *list)
{
    struct looking l = {.ids = ids, .list = list};
    uint64_t highest = 0;
    bool all = true;
    if (!list->n || !find_prefix(ids, list))
        return false;
    l.n_parts = list->n / A_PART < list->threads ? list->n / A_PART + 1 : list->threads;
    uint32_t shortest = list->shortest ? list->shortest : shortest_of_all(&l);
    if (shortest <= ids->prefix_len)
        return false;
    ids->digits = shortest - ids->prefix_len;
    wf_parallel(list->threads, l.n_parts, &l, find_numbers);
    ids->lowest = UINT64_MAX;
    for (uint32_t p = 0; p < l.n_parts; p++) {
        const struct part *part = &l.parts[p];
        all &= part->shaped;
        ids->lowest = part->lowest < ids->lowest ? part->lowest : ids->lowest;
        highest = part->highest > highest ? part->highest : highest;
    }
    ids->span = highest - ids->lowest + 1;
    ids->straight = find_straight(&l);
    return all && ids->span <= 4 * (uint64_t)list->n + 1024;
}

static enum wf_status make_table(struct wf_ids *ids)
{
    size_t bytes = (size_t)(ids->span - ids->straight) * sizeof(*ids->names_by_number);
    if (!bytes)
        return WF_OK;
    ids->names_by_number = wf_realloc(ids->names.alloc, NULL, bytes);
    if (!ids->names_by_number)
        return WF_ERR_NOMEM;
    memset(ids->names_by_number, 0xff, bytes);
    return WF_OK;
}

enum wf_status wf_ids_number_any(struct wf_ids *ids, const struct wf_id_list *list)
{
    if (!find_shape(ids, list))
        return WF_OK;
    enum wf_status status = make_table(ids);
    ids->numbered = !status;
    return status;
}

enum wf_status wf_ids_number(struct wf_ids *ids, const struct wf_id_list *list)
{
    enum wf_status status = wf_ids_number_any(ids, list);
    uint32_t near = 0;
    for (uint64_t i = ids->straight; ids->numbered && i < list->n; i++) {
        struct wf_cell id = list->get(list->ctx, &near, (uint32_t)i);
        wf_ids_name(ids, id.text, id.len, (uint32_t)i);
    }
    return status;
}

uint32_t wf_ids_name(struct wf_ids *ids, const char *text, uint32_t len, uint32_t next)
{
    uint64_t number = 0;
    if (!shaped(ids, text, len, &number))
        return WF_NO_NAME;
    if (number - ids->lowest < ids->straight)
        return (uint32_t)(number - ids->lowest);
    uint32_t *name = &ids->names_by_number[number - ids->lowest - ids->straight];
    if (*name == WF_NO_NAME)
        *name = next;
    return *name;
}

static struct wf_cell get_name(const void *ctx, uint32_t *near, uint32_t i)
{
    (void)near;
    return wf_names_text(ctx, i);
}

enum wf_status wf_ids_number_names(struct wf_ids *ids)
{
    struct wf_id_list list = {&ids->names, get_name, NULL, ids->names.n, 1, 0};
    return wf_ids_number(ids, &list);
}

/* ---- finding ---- */

uint32_t wf_ids_find(const struct wf_ids *ids, const char *text, uint32_t len)
{
    uint64_t number = 0;
    if (!ids->numbered)
        return wf_ids_row(ids, wf_names_find(&ids->names, text, len));
    return shaped(ids, text, len, &number) ? wf_ids_row(ids, name_of(ids, number)) : WF_NONE;
}

void wf_ids_find_many(const struct wf_ids *ids, const struct wf_cell *cells, size_t n,
                      uint32_t *rows_out)
{
    uint64_t numbers[AHEAD];
    if (!ids->numbered) {
        wf_names_find_many(&ids->names, cells, n, rows_out);
        for (size_t i = 0; i < n; i++)
            rows_out[i] = wf_ids_row(ids, rows_out[i]);
        return;
    }
    for (size_t first = 0; first < n; first += AHEAD) {
        size_t batch = n - first < AHEAD ? n - first : AHEAD;
        for (size_t i = 0; i < batch; i++) {
            const struct wf_cell *cell = &cells[first + i];
            if (!shaped(ids, cell->text, cell->len, &numbers[i]))
                numbers[i] = UINT64_MAX; /* beyond every span */
            uint64_t at = numbers[i] - ids->lowest;
            if (at >= ids->straight && at < ids->span)
                __builtin_prefetch(&ids->names_by_number[at - ids->straight]);
        }
        for (size_t i = 0; i < batch; i++)
            rows_out[first + i] = wf_ids_row(ids, name_of(ids, numbers[i]));
    }
}

/* What is added to the numbers behind a head, to be the ids' own, and what these must reach. */
static bool measure_head(const struct wf_ids *ids, const struct wf_serial_head *head, uint64_t *add,
                         uint64_t *least)
{
    uint32_t more = (uint32_t)head->len - ids->prefix_len, n = more + head->digits;
    *add = *least = 0;
    if (!ids->numbered || head->len < ids->prefix_len || n < ids->digits || n > MAX_DIGITS ||
        memcmp(head->text, ids->prefix, ids->prefix_len) != 0)
        return false;
    for (uint32_t i = ids->prefix_len; i < head->len; i++) {
        unsigned digit = (unsigned)(unsigned char)head->text[i] - '0';
        if (digit > 9)
            return false;
        *add = *add * 10 + digit;
    }
    for (uint32_t i = 0; i < head->digits; i++)
        *add *= 10;
    *least = n > ids->digits; /* a number of more digits does not begin with a zero */
    for (uint32_t i = 1; i < n; i++)
        *least *= 10;
    return true;
}

bool wf_ids_find_serials(const struct wf_ids *ids, const struct wf_serial_head *head,
                         const uint64_t *numbers, size_t n, uint32_t *rows_out)
{
    uint64_t add, least;
    if (!measure_head(ids, head, &add, &least))
        return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t number = numbers[i] + add;
        rows_out[i] = number < least ? WF_NONE : wf_ids_row(ids, name_of(ids, number));
    }
    return true;
}
