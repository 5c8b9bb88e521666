#include "lang/sema/ranges.h"

#include <stdlib.h>

static const struct wf_range everything = {INT64_MIN, INT64_MAX};
const struct wf_ranges WF_RANGES_ALL = {&everything, 1}, WF_RANGES_NONE = {&everything, 0};

static struct wf_range *room_for(struct wf_room room, uint32_t n)
{
    struct wf_range *at = wf_arena_array(room.arena, n ? n : 1, sizeof(*at));
    if (!at)
        *room.nomem = true;
    return at;
}

struct wf_ranges wf_ranges_span(struct wf_room room, int64_t lo, int64_t hi)
{
    if (lo > hi)
        return WF_RANGES_NONE;
    struct wf_range *at = room_for(room, 1);
    if (!at)
        return WF_RANGES_ALL;
    *at = (struct wf_range){lo, hi};
    return (struct wf_ranges){at, 1};
}

static int compare(const void *left, const void *right)
{
    const struct wf_range *a = left, *b = right;
    return (a->lo > b->lo) - (a->lo < b->lo);
}

struct wf_ranges wf_ranges_points(struct wf_room room, const int64_t *points, uint32_t n)
{
    struct wf_range *at = room_for(room, n);
    if (!at)
        return WF_RANGES_ALL;
    for (uint32_t i = 0; i < n; i++)
        at[i] = (struct wf_range){points[i], points[i]};
    qsort(at, n, sizeof(*at), compare);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (kept && (at[kept - 1].hi == INT64_MAX || at[i].lo <= at[kept - 1].hi + 1))
            at[kept - 1].hi = at[i].hi;
        else
            at[kept++] = at[i];
    }
    return (struct wf_ranges){at, kept};
}

struct wf_ranges wf_ranges_except(struct wf_room room, struct wf_ranges a)
{
    struct wf_range *at = room_for(room, a.n + 1);
    if (!at)
        return WF_RANGES_ALL;
    uint32_t n = 0;
    int64_t from = INT64_MIN;
    for (uint32_t i = 0; i < a.n; i++) {
        if (a.at[i].lo > from)
            at[n++] = (struct wf_range){from, a.at[i].lo - 1};
        if (a.at[i].hi == INT64_MAX)
            return (struct wf_ranges){at, n};
        from = a.at[i].hi + 1;
    }
    at[n++] = (struct wf_range){from, INT64_MAX};
    return (struct wf_ranges){at, n};
}

struct wf_ranges wf_ranges_meet(struct wf_room room, struct wf_ranges a, struct wf_ranges b)
{
    if (a.n == 1 && a.at[0].lo == INT64_MIN && a.at[0].hi == INT64_MAX)
        return b;
    if (b.n == 1 && b.at[0].lo == INT64_MIN && b.at[0].hi == INT64_MAX)
        return a;
    struct wf_range *at = room_for(room, a.n + b.n);
    if (!at)
        return WF_RANGES_ALL;
    uint32_t n = 0, i = 0, k = 0;
    while (i < a.n && k < b.n) {
        int64_t lo = a.at[i].lo > b.at[k].lo ? a.at[i].lo : b.at[k].lo;
        int64_t hi = a.at[i].hi < b.at[k].hi ? a.at[i].hi : b.at[k].hi;
        if (lo <= hi)
            at[n++] = (struct wf_range){lo, hi};
        if (a.at[i].hi < b.at[k].hi)
            i++;
        else
            k++;
    }
    return (struct wf_ranges){at, n};
}

bool wf_ranges_same(struct wf_ranges a, struct wf_ranges b)
{
    if (a.n != b.n)
        return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (a.at[i].lo != b.at[i].lo || a.at[i].hi != b.at[i].hi)
            return false;
    return true;
}

bool wf_ranges_hold(struct wf_ranges a, int64_t point)
{
    for (uint32_t i = 0; i < a.n; i++)
        if (point >= a.at[i].lo && point <= a.at[i].hi)
            return true;
    return false;
}
