#include "runtime/vm/pop_sort.h"

#include <string.h>

#include "runtime/data/parallel.h"

enum { DIGITS = 12, VALUES = 256, A_PART = 1 << 14 /* entries: fewer are not worth a thread */ };

/* What a part of the list holds. */
struct part {
    struct wf_pop_entry any, all; /* bits that some have, and that all have */
    size_t at[VALUES]; /* how many entries have that digit; then where the next one of them goes */
};

static const struct wf_pop_entry NO_BITS = {0, 0, 0}, ALL_BITS = {UINT64_MAX, 0, UINT32_MAX};

/* One pass over all parts. */
struct pass {
    const struct wf_pop_entry *from;
    struct wf_pop_entry *to;
    size_t n;
    struct part *parts;
    uint32_t n_parts;
    unsigned digit;
};

static size_t first_of(const struct pass *pass, uint32_t part)
{
    return (size_t)((unsigned __int128)pass->n * part / pass->n_parts);
}

static unsigned byte_of(const struct wf_pop_entry *e, unsigned digit)
{
    return digit < 8 ? (unsigned)(e->order >> (8 * digit)) & 0xff
                     : (unsigned)(e->group >> (8 * (digit - 8))) & 0xff;
}

static void add_bits(struct part *part, const struct wf_pop_entry *any,
                     const struct wf_pop_entry *all)
{
    part->any.order |= any->order;
    part->any.group |= any->group;
    part->all.order &= all->order;
    part->all.group &= all->group;
}

static enum wf_status compare_part(void *ctx, unsigned thread, uint32_t p)
{
    const struct pass *pass = ctx;
    struct part *part = &pass->parts[p];
    size_t end = first_of(pass, p + 1);
    (void)thread;
    part->any = NO_BITS;
    part->all = ALL_BITS;
    for (size_t i = first_of(pass, p); i < end; i++)
        add_bits(part, &pass->from[i], &pass->from[i]);
    return WF_OK;
}

static enum wf_status count_part(void *ctx, unsigned thread, uint32_t p)
{
    const struct pass *pass = ctx;
    size_t *at = pass->parts[p].at, end = first_of(pass, p + 1);
    (void)thread;
    memset(at, 0, VALUES * sizeof(*at));
    for (size_t i = first_of(pass, p); i < end; i++)
        at[byte_of(&pass->from[i], pass->digit)]++;
    return WF_OK;
}

/* Entries of one digit stand in the order of their parts. */
static void place_parts(const struct pass *pass)
{
    size_t next = 0;
    for (unsigned value = 0; value < VALUES; value++)
        for (uint32_t p = 0; p < pass->n_parts; p++) {
            size_t n = pass->parts[p].at[value];
            pass->parts[p].at[value] = next;
            next += n;
        }
}

static enum wf_status move_part(void *ctx, unsigned thread, uint32_t p)
{
    const struct pass *pass = ctx;
    size_t *at = pass->parts[p].at, end = first_of(pass, p + 1);
    (void)thread;
    for (size_t i = first_of(pass, p); i < end; i++)
        pass->to[at[byte_of(&pass->from[i], pass->digit)]++] = pass->from[i];
    return WF_OK;
}

enum wf_status wf_pop_sort(struct wf_pop_entry *list, struct wf_pop_entry *spare, size_t n,
                           unsigned threads, const struct wf_alloc *alloc,
                           struct wf_pop_entry **sorted_out)
{
    struct pass pass = {.from = list, .to = spare, .n = n};
    *sorted_out = list;
    pass.n_parts = n / A_PART < threads ? (uint32_t)(n / A_PART) + 1 : threads;
    pass.parts = wf_calloc(alloc, pass.n_parts, sizeof(*pass.parts));
    if (!pass.parts)
        return WF_ERR_NOMEM;
    enum wf_status status = wf_parallel(threads, pass.n_parts, &pass, compare_part);
    for (uint32_t p = 1; p < pass.n_parts; p++)
        add_bits(&pass.parts[0], &pass.parts[p].any, &pass.parts[p].all);
    struct wf_pop_entry any = pass.parts[0].any, all = pass.parts[0].all;
    const struct wf_pop_entry differs = {any.order ^ all.order, 0, any.group ^ all.group};
    for (unsigned digit = 0; !status && n && digit < DIGITS; digit++) {
        if (!byte_of(&differs, digit))
            continue;
        pass.digit = digit;
        status = wf_parallel(threads, pass.n_parts, &pass, count_part);
        place_parts(&pass);
        if (!status)
            status = wf_parallel(threads, pass.n_parts, &pass, move_part);
        *sorted_out = pass.to;
        pass.to = pass.to == spare ? list : spare;
        pass.from = *sorted_out;
    }
    wf_free(alloc, pass.parts);
    return status;
}
