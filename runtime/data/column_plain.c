/*
 * Columns of plain cells, 64 at a time (plain.h). Empty cells and cells of another shape go one by
 * one to column.c, which alone knows what they mean; where they are many the rest of the column is
 * left to it.
 */
#include <string.h>

#include "lang/base/value.h"
#include "runtime/data/column.h"
#include "runtime/data/dataset.h"
#include "runtime/data/row_bits.h"

enum { TOGETHER = 64, MANY = 16 };

/* False where the slot's type has no plain cells. */
static bool job_of(const struct wf_decoder *decoder, uint32_t slot,
                   uint64_t words[WF_QUICK_VALUES], struct wf_plain_job *job)
{
    const struct wf_slot *s = &decoder->feed->slots[slot];
    *job = (struct wf_plain_job){.width = s->size};
    if (s->layout == WF_LAY_CODE) {
        job->kind = WF_PLAIN_TEXT;
        job->recent = decoder->recent[slot];
        return true;
    }
    if (s->as_text || s->def->format != WF_NONE)
        return false;
    switch (s->type) {
    case WF_T_INT: job->kind = WF_PLAIN_INT; return true;
    case WF_T_MONEY: job->kind = WF_PLAIN_MONEY; return true;
    case WF_T_DATE: job->kind = WF_PLAIN_DATE; return true;
    case WF_T_BOOL: job->kind = WF_PLAIN_BOOL; return true;
    case WF_T_TIME: job->kind = WF_PLAIN_TIME; return true;
    case WF_T_NUMBER: job->kind = WF_PLAIN_NUMBER; return true;
    case WF_T_ENUM:
        job->kind = WF_PLAIN_WORD;
        job->words = words;
        job->n_words = wf_column_words(decoder, slot, words);
        return job->n_words > 0;
    default: return false;
    }
}

static int64_t value_at(const struct wf_plain_job *job, const void *values, uint32_t i)
{
    int64_t wide;
    switch (job->width) {
    case 1: return ((const uint8_t *)values)[i];
    case 4: return ((const int32_t *)values)[i];
    default: memcpy(&wide, (const char *)values + (size_t)i * 8, sizeof(wide)); return wide;
    }
}

/* The cells that hold what is declared to mean a missing one. Texts met lately were never that. */
static uint64_t said_missing(const struct wf_plain_job *job, const struct wf_value *missing,
                             const void *values, uint32_t n)
{
    uint64_t said = 0;
    int64_t none = missing->i;
    if (job->kind == WF_PLAIN_TEXT)
        return 0;
    if (job->kind == WF_PLAIN_NUMBER) {
        double number = missing->type == WF_T_NUMBER ? missing->f : (double)missing->i;
        memcpy(&none, &number, sizeof(none));
    }
    for (uint32_t i = 0; i < n; i++)
        said |= (uint64_t)(value_at(job, values, i) == none) << i;
    return said;
}

/* Times on the wall become instants. */
static void make_instants(struct wf_decoder *decoder, uint64_t plain, int64_t *times)
{
    for (; plain; plain &= plain - 1) {
        int64_t *time = &times[__builtin_ctzll(plain)], day = wf_floor_day(*time);
        *time = wf_stretch_instant(decoder->zone, &decoder->span, day,
                                   *time - day * WF_DAY_SECONDS);
    }
}

static enum wf_status decode_others(struct wf_decoder *decoder, uint32_t slot,
                                    const struct wf_table *table, uint32_t first, uint64_t others,
                                    const struct wf_decoded *out)
{
    size_t size = decoder->feed->slots[slot].size;
    enum wf_status status = WF_OK;
    for (; !status && others; others &= others - 1) {
        uint32_t i = first + (uint32_t)__builtin_ctzll(others);
        const uint32_t *start = table->starts + i * table->step;
        struct wf_cell cell = {table->text + start[0], start[1] - start[0] - 1, 0};
        struct wf_decoded one = {.data = (char *)out->data + i * size,
                                 .state = out->state + i,
                                 .heap = out->heap,
                                 .bad = out->bad + i};
        status = wf_column_decode(decoder, slot, &cell, 1, &one);
    }
    return status;
}

/* Empty cells that are more than missing: what one becomes all become, unless it is a fault. */
static enum wf_status decode_empty(struct wf_decoder *decoder, uint32_t slot,
                                   const struct wf_table *table, uint32_t first, uint64_t empty,
                                   const struct wf_decoded *out)
{
    size_t size = decoder->feed->slots[slot].size;
    uint32_t one = first + (uint32_t)__builtin_ctzll(empty);
    uint64_t others = empty & (empty - 1);
    enum wf_status status =
        decode_others(decoder, slot, table, first, empty ^ others, out);
    if (status || !out->state[one])
        return status ? status : decode_others(decoder, slot, table, first, others, out);
    for (; others; others &= others - 1) {
        uint32_t i = first + (uint32_t)__builtin_ctzll(others);
        memcpy((char *)out->data + i * size, (const char *)out->data + one * size, size);
        out->state[i] = 1;
    }
    return WF_OK;
}

enum wf_status wf_column_plain(struct wf_decoder *decoder, uint32_t slot,
                               const struct wf_table *table, uint32_t n, struct wf_decoded *out,
                               uint32_t *done_out)
{
    const struct wf_slot *s = &decoder->feed->slots[slot];
    const struct wf_value *missing =
        s->def->missing_as != WF_NONE ? &decoder->ir->consts[s->def->missing_as] : NULL;
    uint64_t words[WF_QUICK_VALUES];
    struct wf_plain_job job;
    enum wf_status status = WF_OK;
    bool worth = decoder->plain && job_of(decoder, slot, words, &job);
    bool blank = wf_column_is_blank(decoder, slot);
    uint32_t done = 0;
    while (!status && worth && done < n) {
        uint32_t count = n - done < TOGETHER ? n - done : TOGETHER;
        struct wf_table part = {table->text, table->starts + done * table->step, table->step};
        char *values = (char *)out->data + (size_t)done * s->size;
        uint64_t empty, here = ~UINT64_C(0) >> (TOGETHER - count);
        uint64_t odd = decoder->plain(&job, &part, count, values, &empty);
        if (job.kind == WF_PLAIN_TIME)
            make_instants(decoder, here & ~(odd | empty), (int64_t *)(void *)values);
        if (missing)
            odd |= said_missing(&job, missing, values, count) & ~empty;
        wf_row_bits_spread(here & ~(odd | empty), out->state + done, count);
        status = decode_others(decoder, slot, table, done, odd, out);
        if (!status && empty && !blank)
            status = decode_empty(decoder, slot, table, done, empty, out);
        worth = __builtin_popcountll(odd) <= MANY;
        done += count;
    }
    *done_out = done;
    return status;
}
