#include "runtime/engine/tally.h"

#include "lang/base/alloc.h"
#include "runtime/engine/rules.h"

struct wf_tally_slot {
    uint64_t party;
    uint32_t limit;
    uint32_t head; /* into nodes */
    bool used;
};

struct wf_tally_node {
    int64_t at;
    uint32_t count, next;
};

/* ---- windows ---- */

struct wf_window wf_window_make(const struct wf_zone *zone, struct wf_ir_duration per,
                                bool calendar)
{
    return (struct wf_window){zone, per, calendar, .asked = INT64_MIN};
}

/* Where the calendar's day, week or month of `time` begins; `next`: the one after it. */
static int64_t period(const struct wf_window *window, int64_t time, bool next)
{
    int64_t day = wf_zone_day(window->zone, time);
    if (window->per.unit == WF_T_MONTHS) {
        struct wf_civil civil = wf_day_to_civil(day);
        day += 1 - civil.day;
        if (next)
            day += wf_month_days(civil.year, civil.month);
    } else {
        if (window->per.count == 7)
            day -= wf_weekday(day);
        if (next)
            day += window->per.count;
    }
    return wf_zone_midnight(window->zone, day);
}

int64_t wf_window_reach(struct wf_window *window, int64_t time)
{
    if (window->asked != time) {
        window->asked = time;
        window->answer = window->calendar ? period(window, time, false)
                                          : wf_time_shift(window->zone, time, window->per, -1);
    }
    return window->answer;
}

/* ---- counting ---- */

void wf_tally_init(struct wf_tally *tally, const struct wf_alloc *alloc)
{
    *tally = (struct wf_tally){.alloc = alloc, .n_nodes = 1};
}

void wf_tally_release(struct wf_tally *tally)
{
    wf_free(tally->alloc, tally->slots);
    wf_free(tally->alloc, tally->nodes);
}

static struct wf_tally_slot *find(struct wf_tally_slot *slots, size_t n, uint32_t limit,
                                  uint64_t party)
{
    uint64_t hash = (party ^ ((uint64_t)limit << 40)) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 20) & (n - 1);
    while (slots[at].used && (slots[at].party != party || slots[at].limit != limit))
        at = (at + 1) & (n - 1);
    return &slots[at];
}

static enum wf_status more_slots(struct wf_tally *tally)
{
    size_t n = tally->n_slots ? tally->n_slots * 2 : 256;
    struct wf_tally_slot *slots = wf_calloc(tally->alloc, n, sizeof(*slots));
    if (!slots)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < tally->n_slots; i++)
        if (tally->slots[i].used)
            *find(slots, n, tally->slots[i].limit, tally->slots[i].party) = tally->slots[i];
    wf_free(tally->alloc, tally->slots);
    tally->slots = slots;
    tally->n_slots = n;
    return WF_OK;
}

enum wf_status wf_tally_watch(struct wf_tally *tally, uint32_t limit, uint64_t party)
{
    if (tally->n_used * 2 >= tally->n_slots && more_slots(tally) != WF_OK)
        return WF_ERR_NOMEM;
    struct wf_tally_slot *slot = find(tally->slots, tally->n_slots, limit, party);
    if (!slot->used) {
        *slot = (struct wf_tally_slot){.party = party, .limit = limit, .used = true};
        tally->n_used++;
    }
    return WF_OK;
}

enum wf_status wf_tally_add(struct wf_tally *tally, uint32_t limit, uint64_t party, int64_t at)
{
    if (tally->n_slots == 0)
        return WF_OK;
    struct wf_tally_slot *slot = find(tally->slots, tally->n_slots, limit, party);
    if (!slot->used)
        return WF_OK;
    if (tally->n_nodes == UINT32_MAX || wf_grow(tally->alloc, &tally->nodes, &tally->room_nodes,
                                                tally->n_nodes + 1, sizeof(*tally->nodes)) != 0)
        return WF_ERR_NOMEM;
    uint32_t *link = &slot->head;
    while (*link && tally->nodes[*link].at < at)
        link = &tally->nodes[*link].next;
    if (*link && tally->nodes[*link].at == at) {
        tally->nodes[*link].count++;
        return WF_OK;
    }
    uint32_t made = (uint32_t)tally->n_nodes++;
    tally->nodes[made] = (struct wf_tally_node){.at = at, .count = 1, .next = *link};
    *link = made;
    return WF_OK;
}

/* How many stand at from < at <= to. */
static int64_t count(const struct wf_tally *tally, uint32_t head, int64_t from, int64_t to)
{
    int64_t n = 0;
    for (uint32_t i = head; i && tally->nodes[i].at <= to; i = tally->nodes[i].next)
        n += tally->nodes[i].at > from ? tally->nodes[i].count : 0;
    return n;
}

bool wf_tally_allows(const struct wf_tally *tally, uint32_t limit, uint64_t party, int64_t n,
                     struct wf_window *window, int64_t t, struct wf_counted *out)
{
    uint32_t head = 0;
    if (tally->n_slots)
        head = find(tally->slots, tally->n_slots, limit, party)->head;
    *out = (struct wf_counted){.since = wf_window_reach(window, t)};
    if (window->calendar) {
        out->have = count(tally, head, out->since - 1, period(window, t, true) - 1);
        return out->have < n;
    }
    out->have = count(tally, head, out->since, t);
    /* a fuller window can only end at something later that shares a window with t */
    for (uint32_t i = head; i; i = tally->nodes[i].next) {
        int64_t s = tally->nodes[i].at;
        if (s <= t)
            continue;
        int64_t from = wf_time_shift(window->zone, s, window->per, -1);
        if (from >= t)
            break;
        int64_t have = count(tally, head, from, s);
        if (have > out->have)
            *out = (struct wf_counted){.have = have, .since = from};
    }
    return out->have < n;
}
