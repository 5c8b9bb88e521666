#include "runtime/data/holidays.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/load_state.h"

/* ---- looking ---- */

/* The first row at or after a day; n where there is none. */
static uint32_t row_from(const struct wf_holidays *h, int64_t day)
{
    uint32_t low = 0, high = h->n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (h->days[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool knows_year(const struct wf_holidays *h, int64_t day)
{
    int32_t year = wf_day_to_civil(day).year;
    uint32_t row = row_from(h, wf_civil_to_day(year, 1, 1));
    return row < h->n && h->days[row].day <= wf_civil_to_day(year, 12, 31);
}

bool wf_holidays_next(const struct wf_holidays *h, int64_t day, int64_t *day_out)
{
    for (;; day++) {
        *day_out = day;
        if (!wf_day_in_calendar(day) || !knows_year(h, day))
            return false;
        uint32_t row = row_from(h, day);
        bool listed = row < h->n && h->days[row].day == day;
        if (listed ? h->days[row].works : wf_weekday(day) < 5)
            return true;
    }
}

/* ---- reading ---- */

enum { SLOT_DATE, SLOT_KIND };

struct reading {
    struct wf_loading *l;
    const struct wf_feed *feed;
    struct wf_feed_data data;
    struct wf_raw date, kind;
};

static enum wf_status refuse(struct reading *r, uint32_t row, const char *why)
{
    uint32_t c = wf_feed_chunk(&r->data, row);
    const struct wf_chunk *chunk = r->data.chunks[c];
    return wf_fault_set(&r->l->fault, WF_ERR_DATA, r->data.reader.files[chunk->file].name,
                        wf_chunk_line(chunk, row - r->data.base[c]), "%s", why);
}

static bool is(const char *text, uint32_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

static enum wf_status take_row(struct reading *r, uint32_t row, struct wf_holiday *out)
{
    struct wf_piece kind = r->kind.column.str[row];
    const char *text = r->data.heap + kind.at;
    bool off = is(text, kind.len, "holiday") || is(text, kind.len, "休");
    out->works = is(text, kind.len, "workday") || is(text, kind.len, "班");
    out->day = (int32_t)wf_column_int(&r->date.column, row);
    return off || out->works ? WF_OK
                             : refuse(r, row, N_("the kind of a day is `holiday` or `workday`"));
}

static int by_day(const void *a, const void *b)
{
    const struct wf_holiday *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

/* The same day twice is once, if both say the same. */
static enum wf_status settle(struct reading *r, struct wf_holidays *h)
{
    uint32_t kept = 0;
    if (h->n)
        qsort(h->days, h->n, sizeof(*h->days), by_day);
    for (uint32_t i = 0; i < h->n; i++) {
        if (kept && h->days[kept - 1].day == h->days[i].day) {
            if (h->days[kept - 1].works != h->days[i].works)
                return wf_fault_set(&r->l->fault, WF_ERR_DATA, r->data.reader.files[0].name, 0,
                                    "one day of %s is both a holiday and a workday", r->feed->noun);
            continue;
        }
        h->days[kept++] = h->days[i];
    }
    h->n = kept;
    return WF_OK;
}

/* A night that knows not all its holidays would wait wrongly: any bad row refuses the file. */
static enum wf_status take_rows(struct reading *r, struct wf_holidays *h)
{
    enum wf_status refused = wf_refuse_rejects(r->l);
    if (refused)
        return refused;
    h->days = wf_keep_calloc(r->l->ctx.keep, (size_t)r->data.n_rows + 1, sizeof(*h->days));
    if (!h->days)
        return WF_ERR_NOMEM;
    for (uint32_t row = 0; row < r->data.n_rows; row++) {
        enum wf_status status = take_row(r, row, &h->days[h->n++]);
        if (status)
            return status;
    }
    return settle(r, h);
}

enum wf_status wf_build_holidays(struct wf_loading *l, uint32_t f)
{
    struct reading r = {.l = l, .feed = &l->feeds.feeds[f]};
    enum wf_status status = wf_load_feed(l, f, NULL, &r.data);
    if (!status)
        status = wf_feed_raw(&l->ctx, &r.data, SLOT_DATE, &r.date);
    if (!status)
        status = wf_feed_raw(&l->ctx, &r.data, SLOT_KIND, &r.kind);
    if (!status) {
        struct wf_feed_end end = {.kept = r.data.n_rows - r.data.counts.rejects};
        status = wf_report_feed(l, &r.data, &end);
    }
    if (!status)
        status = take_rows(&r, &l->data->holidays[r.feed->index]);
    wf_raw_release(l->ctx.alloc, &r.date);
    wf_raw_release(l->ctx.alloc, &r.kind);
    wf_feed_data_release(&r.data);
    return status;
}
