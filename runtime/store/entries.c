#include "runtime/store/entries.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"

_Static_assert(sizeof(struct wf_entry) == 80, "entries are stored without gaps");

static void release_version(struct wf_version *version, const struct wf_alloc *alloc)
{
    wf_free(alloc, version->bytes);
}

void wf_journey_state_release(struct wf_journey_state *journey, const struct wf_alloc *alloc)
{
    for (size_t i = 0; i < journey->n_versions; i++)
        release_version(&journey->versions[i], alloc);
    wf_free(alloc, journey->versions);
    wf_free(alloc, journey->entries);
    wf_free(alloc, journey->dirty);
    wf_free(alloc, journey->flow.ways);
    wf_trials_release(&journey->trials, alloc);
    *journey = (struct wf_journey_state){0};
}

/* ---- entries ---- */

struct wf_entry *wf_entries_of(const struct wf_journey_state *journey, uint32_t member,
                               size_t *n_out)
{
    size_t low = 0, high = journey->n_sorted;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (journey->entries[mid].member < member)
            low = mid + 1;
        else
            high = mid;
    }
    size_t end = low;
    while (end < journey->n_sorted && journey->entries[end].member == member)
        end++;
    *n_out = end - low;
    return *n_out ? journey->entries + low : NULL;
}

enum wf_status wf_entries_touch(struct wf_journey_state *journey, uint32_t member,
                                const struct wf_alloc *alloc)
{
    size_t part = member / WF_ENTRIES_PART, words = part / 64 + 1;
    if (words > journey->n_dirty) {
        uint64_t *wider = wf_realloc(alloc, journey->dirty, words * sizeof(*wider));
        if (!wider)
            return WF_ERR_NOMEM;
        memset(wider + journey->n_dirty, 0, (words - journey->n_dirty) * sizeof(*wider));
        journey->dirty = wider;
        journey->n_dirty = words;
    }
    journey->dirty[part / 64] |= (uint64_t)1 << part % 64;
    return WF_OK;
}

enum wf_status wf_entries_add(struct wf_journey_state *journey, const struct wf_entry *entry,
                              const struct wf_alloc *alloc, size_t *at_out)
{
    if (wf_grow(alloc, &journey->entries, &journey->room, journey->n + 1, sizeof(*entry)) != 0)
        return WF_ERR_NOMEM;
    *at_out = journey->n;
    journey->entries[journey->n++] = *entry;
    return wf_entries_touch(journey, entry->member, alloc);
}

/* By member, then entry; what is live comes last, so that the last of a member is the live one. */
static int compare_entries(const void *a, const void *b)
{
    const struct wf_entry *x = a, *y = b;
    if (x->member != y->member)
        return x->member < y->member ? -1 : 1;
    if ((x->step == WF_LEFT) != (y->step == WF_LEFT))
        return x->step == WF_LEFT ? -1 : 1;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    return memcmp(x->key, y->key, sizeof(x->key));
}

/* Who left since is no longer last: a merged member may have left entries that are later. */
static void sort_again(struct wf_entry *entries, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j && compare_entries(&entries[j - 1], &entries[j]) > 0; j--) {
            struct wf_entry later = entries[j - 1];
            entries[j - 1] = entries[j];
            entries[j] = later;
        }
}

static enum wf_status sort_in(struct wf_journey_state *journey, const struct wf_alloc *alloc)
{
    sort_again(journey->entries, journey->n_sorted);
    size_t n = journey->n, a = 0, b = journey->n_sorted, to = 0;
    if (n == b)
        return WF_OK;
    qsort(journey->entries + b, n - b, sizeof(struct wf_entry), compare_entries);
    if (b == 0)
        return WF_OK;
    struct wf_entry *merged = wf_calloc(alloc, n, sizeof(*merged));
    if (!merged)
        return WF_ERR_NOMEM;
    const struct wf_entry *from = journey->entries;
    while (a < journey->n_sorted && b < n)
        merged[to++] = compare_entries(&from[a], &from[b]) <= 0 ? from[a++] : from[b++];
    while (a < journey->n_sorted)
        merged[to++] = from[a++];
    while (b < n)
        merged[to++] = from[b++];
    wf_free(alloc, journey->entries);
    journey->entries = merged;
    journey->room = n;
    return WF_OK;
}

static void count_versions(struct wf_journey_state *journey)
{
    struct wf_version *last = NULL;
    for (size_t i = 0; i < journey->n_versions; i++)
        journey->versions[i].live = 0;
    for (size_t i = 0; i < journey->n; i++) {
        if (!last || last->number != journey->entries[i].version)
            last = wf_version_numbered(journey, journey->entries[i].version);
        if (last)
            last->live++;
    }
}

static void drop_empty_versions(struct wf_journey_state *journey, const struct wf_alloc *alloc)
{
    size_t kept = 0;
    for (size_t i = 0; i < journey->n_versions; i++) {
        if (journey->versions[i].live) {
            journey->versions[kept++] = journey->versions[i];
            continue;
        }
        release_version(&journey->versions[i], alloc);
        journey->versions_dirty = true;
    }
    journey->n_versions = kept;
}

enum wf_status wf_entries_settle(struct wf_journey_state *journey, const struct wf_alloc *alloc)
{
    enum wf_status st = sort_in(journey, alloc);
    if (st != WF_OK)
        return st;
    size_t kept = 0;
    for (size_t i = 0; i < journey->n; i++)
        if (!(journey->entries[i].flags & WF_ENTRY_GONE))
            journey->entries[kept++] = journey->entries[i];
    journey->n = journey->n_sorted = kept;
    count_versions(journey);
    drop_empty_versions(journey, alloc);
    return WF_OK;
}

uint64_t wf_entries_live(const struct wf_journey_state *journey)
{
    uint64_t live = 0;
    for (size_t i = 0; i < journey->n; i++)
        live += journey->entries[i].step != WF_LEFT;
    return live;
}

/* ---- versions ---- */

struct wf_version *wf_version_numbered(const struct wf_journey_state *journey, uint32_t number)
{
    for (size_t i = 0; i < journey->n_versions; i++)
        if (journey->versions[i].number == number)
            return &journey->versions[i];
    return NULL;
}

struct wf_version *wf_version_hashed(const struct wf_journey_state *journey, uint64_t hash)
{
    for (size_t i = 0; i < journey->n_versions; i++)
        if (journey->versions[i].hash == hash)
            return &journey->versions[i];
    return NULL;
}

enum wf_status wf_version_add(struct wf_journey_state *journey, uint64_t hash,
                              const struct wf_alloc *alloc, struct wf_version **out)
{
    uint32_t number = 0;
    while (wf_version_numbered(journey, number))
        number++;
    if (wf_grow(alloc, &journey->versions, &journey->room_versions, journey->n_versions + 1,
                sizeof(*journey->versions)) != 0)
        return WF_ERR_NOMEM;
    *out = &journey->versions[journey->n_versions++];
    **out = (struct wf_version){.number = number, .hash = hash};
    journey->versions_dirty = true;
    return WF_OK;
}

/* ---- merges ---- */

/* Under the other member's id the same key could make an action id that was used. */
static void renew_key(struct wf_entry *entry, uint32_t old)
{
    unsigned char bytes[20];
    XXH128_canonical_t canonical;
    memcpy(bytes, entry->key, 16);
    memcpy(bytes + 16, &old, 4);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, sizeof(bytes)));
    memcpy(entry->key, canonical.digest, 16);
}

static void take_out(struct wf_journey_state *journey, size_t at)
{
    journey->n--;
    journey->n_sorted--;
    memmove(journey->entries + at, journey->entries + at + 1,
            (journey->n - at) * sizeof(struct wf_entry));
}

/* There is room: an entry was taken out before. */
static void put_in(struct wf_journey_state *journey, const struct wf_entry *entry)
{
    size_t low = 0, high = journey->n_sorted;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare_entries(&journey->entries[mid], entry) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    memmove(journey->entries + low + 1, journey->entries + low,
            (journey->n - low) * sizeof(*entry));
    journey->entries[low] = *entry;
    journey->n++;
    journey->n_sorted++;
}

enum wf_status wf_entries_merge(struct wf_journey_state *journey, uint32_t old, uint32_t now,
                                const struct wf_alloc *alloc)
{
    size_t n, n_old;
    struct wf_entry *come = wf_entries_of(journey, old, &n_old);
    if (n_old == 0)
        return WF_OK;
    enum wf_status st = wf_entries_touch(journey, old, alloc);
    if (st == WF_OK)
        st = wf_entries_touch(journey, now, alloc);
    for (; st == WF_OK && n_old; n_old--) {
        struct wf_entry entry = *come;
        take_out(journey, (size_t)(come - journey->entries));
        entry.member = now;
        renew_key(&entry, old);
        struct wf_entry *of = wf_entries_of(journey, now, &n);
        struct wf_entry *live = n && of[n - 1].step != WF_LEFT ? &of[n - 1] : NULL;
        bool both = live && entry.step != WF_LEFT;
        bool older = both && entry.entry < live->entry;
        if (older)
            take_out(journey, (size_t)(live - journey->entries));
        if (!both || older)
            put_in(journey, &entry);
        come = wf_entries_of(journey, old, &n);
    }
    return st;
}

enum wf_status wf_journey_keep_flow(struct wf_journey_state *journey,
                                    const struct wf_journey_flow *flow,
                                    const struct wf_alloc *alloc)
{
    uint64_t *ways = wf_calloc(alloc, flow->n_ways, sizeof(*ways));
    if (!ways)
        return WF_ERR_NOMEM;
    if (flow->n_ways)
        memcpy(ways, flow->ways, flow->n_ways * sizeof(*ways));
    wf_free(alloc, journey->flow.ways);
    journey->flow = *flow;
    journey->flow.ways = ways;
    journey->head_dirty = true;
    return WF_OK;
}

/* ---- as bytes ---- */

/* Behind it stand the flow's ways; before format 4 nothing stood behind `finish`. */
struct head {
    struct wf_journey_totals totals;
    uint64_t finish;
    uint64_t hash;
    int64_t t;
    uint64_t entered, exited, goals;
};

static enum wf_status read_head(struct wf_journey_state *journey, const void *bytes, size_t len,
                                const struct wf_alloc *alloc)
{
    struct head head = {.finish = 0};
    size_t before_flow = offsetof(struct head, hash), ways = len - sizeof(head);
    if (len != before_flow && (len < sizeof(head) || ways % sizeof(uint64_t) != 0))
        return WF_ERR_STATE;
    memcpy(&head, bytes, len < sizeof(head) ? len : sizeof(head));
    if (head.finish > 1)
        return WF_ERR_STATE;
    journey->totals = head.totals;
    journey->finish = head.finish;
    if (len <= sizeof(head))
        return WF_OK;
    journey->flow.ways = wf_realloc(alloc, journey->flow.ways, ways);
    if (!journey->flow.ways)
        return WF_ERR_NOMEM;
    memcpy(journey->flow.ways, (const unsigned char *)bytes + sizeof(head), ways);
    journey->flow.n_ways = ways / sizeof(uint64_t);
    journey->flow.hash = head.hash;
    journey->flow.t = head.t;
    journey->flow.entered = head.entered;
    journey->flow.exited = head.exited;
    journey->flow.goals = head.goals;
    return WF_OK;
}

static enum wf_status write_head(const struct wf_journey_state *journey, wf_journey_put_fn *put,
                                 void *ctx, const struct wf_alloc *alloc)
{
    const struct wf_journey_flow *flow = &journey->flow;
    struct head head = {.totals = journey->totals,
                        .finish = journey->finish,
                        .hash = flow->hash,
                        .t = flow->t,
                        .entered = flow->entered,
                        .exited = flow->exited,
                        .goals = flow->goals};
    struct wf_buf buf;
    wf_buf_init(&buf, alloc, 0);
    wf_buf_add(&buf, &head, sizeof(head));
    wf_buf_add(&buf, flow->ways, flow->n_ways * sizeof(*flow->ways));
    enum wf_status st = buf.failed ? WF_ERR_NOMEM : put(ctx, WF_JOURNEY_HEAD, 0, buf.data, buf.len);
    wf_buf_release(&buf);
    return st;
}

static enum wf_status read_version(struct wf_journey_state *journey, int64_t part,
                                   const void *bytes, size_t len, const struct wf_alloc *alloc)
{
    uint64_t hash;
    struct wf_version *version;
    if (part < 0 || part >= UINT32_MAX || len < sizeof(hash) ||
        wf_version_numbered(journey, (uint32_t)part))
        return WF_ERR_STATE;
    memcpy(&hash, bytes, sizeof(hash));
    enum wf_status st = wf_version_add(journey, hash, alloc, &version);
    if (st != WF_OK)
        return st;
    version->number = (uint32_t)part;
    version->len = len - sizeof(hash);
    version->bytes = wf_realloc(alloc, NULL, version->len + 1);
    if (!version->bytes)
        return WF_ERR_NOMEM;
    memcpy(version->bytes, (const unsigned char *)bytes + sizeof(hash), version->len);
    journey->versions_dirty = false;
    return WF_OK;
}

/* Sorted, in their part, of versions that are there, one live entry a member at most. */
static bool are_sound(const struct wf_journey_state *journey, size_t from, int64_t part)
{
    for (size_t i = from; i < journey->n; i++) {
        const struct wf_entry *e = &journey->entries[i], *before = i ? e - 1 : NULL;
        if (e->member / WF_ENTRIES_PART != part || e->flags & ~(uint32_t)WF_ENTRY_FLAGS ||
            !wf_version_numbered(journey, e->version) ||
            (before && compare_entries(before, e) >= 0) ||
            (before && before->member == e->member && before->step != WF_LEFT))
            return false;
    }
    return true;
}

static enum wf_status read_entries(struct wf_journey_state *journey, int64_t part,
                                   const void *bytes, size_t len, const struct wf_alloc *alloc)
{
    size_t n = len / sizeof(struct wf_entry), from = journey->n;
    if (len % sizeof(struct wf_entry) != 0 || part < 0 || n > WF_MAX_MEMBERS ||
        part > WF_MAX_MEMBERS / WF_ENTRIES_PART)
        return WF_ERR_STATE;
    if (wf_grow(alloc, &journey->entries, &journey->room, from + n, sizeof(struct wf_entry)) != 0)
        return WF_ERR_NOMEM;
    if (n)
        memcpy(journey->entries + from, bytes, len);
    journey->n = journey->n_sorted = from + n;
    return are_sound(journey, from, part) ? WF_OK : WF_ERR_STATE;
}

enum wf_status wf_journey_read(struct wf_journey_state *journey, enum wf_journey_blob what,
                               int64_t part, const void *bytes, size_t len,
                               const struct wf_alloc *alloc)
{
    switch (what) {
    case WF_JOURNEY_HEAD: /* part 0 is the head itself, then comes a trial each */
        return part ? wf_trials_read(&journey->trials, bytes, len, alloc)
                    : read_head(journey, bytes, len, alloc);
    case WF_JOURNEY_VERSION: return read_version(journey, part, bytes, len, alloc);
    default: return read_entries(journey, part, bytes, len, alloc);
    }
}

static enum wf_status write_versions(const struct wf_journey_state *journey, wf_journey_put_fn *put,
                                     wf_journey_drop_fn *drop, void *ctx,
                                     const struct wf_alloc *alloc)
{
    struct wf_buf buf;
    wf_buf_init(&buf, alloc, 0);
    enum wf_status st = drop(ctx, WF_JOURNEY_VERSION);
    for (size_t i = 0; st == WF_OK && i < journey->n_versions; i++) {
        const struct wf_version *version = &journey->versions[i];
        wf_buf_reset(&buf);
        wf_buf_add(&buf, &version->hash, sizeof(version->hash));
        wf_buf_add(&buf, version->bytes, version->len);
        st = buf.failed ? WF_ERR_NOMEM
                        : put(ctx, WF_JOURNEY_VERSION, version->number, buf.data, buf.len);
    }
    wf_buf_release(&buf);
    return st;
}

static enum wf_status write_parts(struct wf_journey_state *journey, wf_journey_put_fn *put,
                                  void *ctx)
{
    enum wf_status st = WF_OK;
    size_t at = 0;
    for (size_t part = 0; st == WF_OK && part < journey->n_dirty * 64; part++) {
        if (!(journey->dirty[part / 64] >> part % 64 & 1))
            continue;
        while (at < journey->n && journey->entries[at].member / WF_ENTRIES_PART < part)
            at++;
        size_t end = at;
        while (end < journey->n && journey->entries[end].member / WF_ENTRIES_PART == part)
            end++;
        st = put(ctx, WF_JOURNEY_ENTRIES, (int64_t)part, journey->entries + at,
                 (end - at) * sizeof(struct wf_entry));
        at = end;
        journey->dirty[part / 64] &= ~((uint64_t)1 << part % 64);
    }
    return st;
}

static enum wf_status write_trials(const struct wf_trials *trials, wf_journey_put_fn *put,
                                   void *ctx, const struct wf_alloc *alloc)
{
    struct wf_buf buf;
    enum wf_status st = WF_OK;
    wf_buf_init(&buf, alloc, 0);
    for (size_t i = 0; st == WF_OK && i < trials->n; i++) {
        wf_buf_reset(&buf);
        wf_trial_write(&trials->items[i], &buf);
        st = buf.failed ? WF_ERR_NOMEM
                        : put(ctx, WF_JOURNEY_HEAD, (int64_t)i + 1, buf.data, buf.len);
    }
    wf_buf_release(&buf);
    return st;
}

enum wf_status wf_journey_write(struct wf_journey_state *journey, wf_journey_put_fn *put,
                                wf_journey_drop_fn *drop, void *ctx, const struct wf_alloc *alloc)
{
    enum wf_status st = WF_OK;
    if (journey->head_dirty) {
        st = write_head(journey, put, ctx, alloc);
        journey->head_dirty = st != WF_OK;
    }
    if (st == WF_OK && journey->trials.dirty) {
        st = write_trials(&journey->trials, put, ctx, alloc);
        journey->trials.dirty = st != WF_OK;
    }
    if (st == WF_OK && journey->versions_dirty) {
        st = write_versions(journey, put, drop, ctx, alloc);
        journey->versions_dirty = st != WF_OK;
    }
    return st == WF_OK ? write_parts(journey, put, ctx) : st;
}
