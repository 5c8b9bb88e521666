#include "runtime/store/seal.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Rows are added up, so that their order does not matter. */
struct sum {
    XXH128_hash_t total;
    struct wf_seal *seal;
};

/* A row as numbers and bytes: the numbers' hash is the seed of the bytes'. */
static void add(struct sum *sum, const int64_t *numbers, size_t n, const void *bytes, size_t len)
{
    uint64_t seed = XXH3_64bits(numbers, n * sizeof(*numbers));
    XXH128_hash_t row = XXH3_128bits_withSeed(bytes, len, seed);
    sum->total.low64 += row.low64;
    sum->total.high64 += row.high64;
}

static enum wf_status add_rule(void *ctx, const struct wf_rule_state *rule)
{
    int64_t numbers[] = {1, rule->id, rule->first_t, rule->floor, rule->calendar_done};
    add(ctx, numbers, 5, rule->identity, strlen(rule->identity));
    add(ctx, numbers, 4, rule->born, strlen(rule->born));
    return WF_OK;
}

static enum wf_status add_column(void *ctx, const struct wf_column_state *column)
{
    int64_t numbers[] = {2, column->id, column->t};
    add(ctx, numbers, 3, column->name, strlen(column->name));
    return WF_OK;
}

static enum wf_status add_blob(void *ctx, enum wf_blob_kind kind, uint32_t owner, int64_t part,
                               int64_t latest, const void *bytes, size_t len)
{
    struct sum *sum = ctx;
    int64_t numbers[] = {3, kind, owner, part, latest};
    if (kind != WF_BLOB_SEAL)
        add(sum, numbers, 5, bytes, len);
    else if (len == sizeof(sum->seal->has))
        memcpy(sum->seal->has, bytes, len);
    return WF_OK;
}

enum wf_status wf_store_seal(struct wf_store *store, const int64_t *ledger, size_t n,
                             struct wf_seal *out)
{
    struct sum sum = {.seal = out};
    struct wf_run_row last;
    *out = (struct wf_seal){{0}, {0}};
    enum wf_status st = store->ops->last_run(store, &last);
    if (st != WF_OK)
        return st;
    if (last.status != WF_RUN_NONE || ledger[0]) {
        int64_t numbers[] = {4, last.seq, last.t, ledger[0], n > 1 ? ledger[1] : 0};
        add(&sum, numbers, 3 + n, "", 0);
    }
    wf_run_row_release(&last, store->alloc);
    st = store->ops->each_rule(store, add_rule, &sum);
    if (st == WF_OK)
        st = store->ops->each_column(store, add_column, &sum);
    if (st == WF_OK)
        st = store->ops->each_blob(store, add_blob, &sum);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, sum.total);
    memcpy(out->fits, canonical.digest, sizeof(out->fits));
    return st;
}
