#include "runtime/store/seal.h"

#include <string.h>

#include "lang/base/xxh.h"

/* Rows are added up, so that their order does not matter. */
struct sum {
    const struct wf_alloc *alloc;
    XXH128_hash_t total;
    struct wf_sealed *sealed;
    struct wf_seal *seal;
};

/* A row as numbers and bytes: the numbers' hash is the seed of the bytes'. */
static XXH128_hash_t hash_of(const int64_t *numbers, size_t n, const void *bytes, size_t len)
{
    uint64_t seed = XXH3_64bits(numbers, n * sizeof(*numbers));
    return XXH3_128bits_withSeed(bytes, len, seed);
}

static void add(struct sum *sum, XXH128_hash_t row)
{
    sum->total.low64 += row.low64;
    sum->total.high64 += row.high64;
}

static enum wf_status add_rule(void *ctx, const struct wf_rule_state *rule)
{
    int64_t numbers[] = {1, rule->id, rule->first_t, rule->floor, rule->calendar_done};
    add(ctx, hash_of(numbers, 5, rule->identity, strlen(rule->identity)));
    add(ctx, hash_of(numbers, 4, rule->born, strlen(rule->born)));
    return WF_OK;
}

static enum wf_status add_column(void *ctx, const struct wf_column_state *column)
{
    int64_t numbers[] = {2, column->id, column->t};
    add(ctx, hash_of(numbers, 3, column->name, strlen(column->name)));
    return WF_OK;
}

/* ---- the blobs ---- */

void wf_sealed_release(struct wf_sealed *sealed, const struct wf_alloc *alloc)
{
    wf_free(alloc, sealed->items);
    *sealed = (struct wf_sealed){0};
}

void wf_sealed_forget(struct wf_sealed *sealed)
{
    sealed->n = 0;
    sealed->whole = false;
}

static int compare(const struct wf_sealed_blob *a, const struct wf_sealed_blob *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->owner != b->owner)
        return a->owner < b->owner ? -1 : 1;
    return a->part < b->part ? -1 : a->part > b->part;
}

/* Where it is, or belongs. Mostly that is the end: that is how they are read. */
static size_t place_of(const struct wf_sealed *sealed, const struct wf_sealed_blob *blob)
{
    size_t low = 0, high = sealed->n;
    if (high && compare(&sealed->items[high - 1], blob) < 0)
        return high;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compare(&sealed->items[mid], blob) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static enum wf_status put(struct wf_sealed *sealed, const struct wf_alloc *alloc,
                          struct wf_sealed_blob blob, const void *bytes, size_t len)
{
    int64_t numbers[] = {3, blob.kind, blob.owner, blob.part, blob.latest};
    XXH128_hash_t hash = hash_of(numbers, 5, bytes, len);
    size_t at = place_of(sealed, &blob);
    blob.low = hash.low64;
    blob.high = hash.high64;
    if (at == sealed->n || compare(&sealed->items[at], &blob) != 0) {
        if (wf_grow(alloc, &sealed->items, &sealed->room, sealed->n + 1, sizeof(blob)) != 0)
            return WF_ERR_NOMEM;
        memmove(&sealed->items[at + 1], &sealed->items[at], (sealed->n - at) * sizeof(blob));
        sealed->n++;
    }
    sealed->items[at] = blob;
    return WF_OK;
}

enum wf_status wf_sealed_put(struct wf_sealed *sealed, const struct wf_alloc *alloc,
                             enum wf_blob_kind kind, uint32_t owner, int64_t part, int64_t latest,
                             const void *bytes, size_t len)
{
    struct wf_sealed_blob blob = {.kind = kind, .owner = owner, .part = part, .latest = latest};
    bool counts = sealed->whole && kind != WF_BLOB_SEAL;
    return counts ? put(sealed, alloc, blob, bytes, len) : WF_OK;
}

void wf_sealed_drop(struct wf_sealed *sealed, enum wf_blob_kind kind, uint32_t owner, bool all,
                    int64_t before)
{
    struct wf_sealed_blob first = {.kind = kind, .owner = owner, .part = INT64_MIN};
    size_t at = place_of(sealed, &first), kept = at;
    for (; at < sealed->n; at++) {
        const struct wf_sealed_blob *blob = &sealed->items[at];
        bool its = blob->kind == first.kind && blob->owner == first.owner;
        if (!its && kept == at)
            return;
        if (!its || !(all || blob->latest < before))
            sealed->items[kept++] = *blob;
    }
    sealed->n = kept;
}

static enum wf_status take_blob(void *ctx, enum wf_blob_kind kind, uint32_t owner, int64_t part,
                                int64_t latest, const void *bytes, size_t len)
{
    struct sum *sum = ctx;
    struct wf_sealed_blob blob = {.kind = kind, .owner = owner, .part = part, .latest = latest};
    if (kind != WF_BLOB_SEAL)
        return put(sum->sealed, sum->alloc, blob, bytes, len);
    if (len == sizeof(sum->seal->has))
        memcpy(sum->seal->has, bytes, len);
    return WF_OK;
}

/* Reads them, unless they are known. */
static enum wf_status add_blobs(struct sum *sum, struct wf_store *store)
{
    struct wf_sealed *sealed = sum->sealed;
    enum wf_status st = WF_OK;
    if (!sealed->whole) {
        sealed->n = 0;
        st = store->ops->each_blob(store, take_blob, sum);
        sealed->whole = st == WF_OK;
    }
    for (size_t i = 0; st == WF_OK && i < sealed->n; i++)
        add(sum, (XXH128_hash_t){.low64 = sealed->items[i].low, .high64 = sealed->items[i].high});
    return st;
}

enum wf_status wf_store_seal(struct wf_store *store, const int64_t *ledger, size_t n,
                             struct wf_sealed *sealed, struct wf_seal *out)
{
    struct sum sum = {.alloc = store->alloc, .sealed = sealed, .seal = out};
    struct wf_run_row last;
    *out = (struct wf_seal){{0}, {0}};
    enum wf_status st = store->ops->last_run(store, &last);
    if (st != WF_OK)
        return st;
    if (last.status != WF_RUN_NONE || ledger[0]) {
        int64_t numbers[] = {4, last.seq, last.t, ledger[0], n > 1 ? ledger[1] : 0};
        add(&sum, hash_of(numbers, 3 + n, "", 0));
    }
    wf_run_row_release(&last, store->alloc);
    st = store->ops->each_rule(store, add_rule, &sum);
    if (st == WF_OK)
        st = store->ops->each_column(store, add_column, &sum);
    if (st == WF_OK)
        st = add_blobs(&sum, store);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, sum.total);
    memcpy(out->fits, canonical.digest, sizeof(out->fits));
    return st;
}
