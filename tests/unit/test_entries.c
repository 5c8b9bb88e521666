/*
 * Where members stand in journeys, as the state keeps it: sorted entries, versions that live as
 * long as somebody walks them, merges, and the way through a store and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/store/store.h"

enum { RULE = 1 };

static void add(struct wf_journey_state *journey, uint32_t member, uint32_t version, uint32_t step,
                int64_t entry)
{
    size_t at;
    struct wf_entry e = {
        .member = member, .version = version, .step = step, .entry = entry, .reached = entry};
    e.key[0] = (unsigned char)entry;
    assert_int_equal(wf_entries_add(journey, &e, NULL, &at), WF_OK);
    assert_int_equal(journey->entries[at].member, member);
}

/* "member:step@entry" of each entry; L: it left. */
static void expect(const struct wf_journey_state *journey, const char *want)
{
    char text[512] = "";
    for (size_t i = 0; i < journey->n; i++) {
        const struct wf_entry *e = &journey->entries[i];
        char step[16] = "L", one[64];
        if (e->step != WF_LEFT)
            snprintf(step, sizeof(step), "%u", e->step);
        snprintf(one, sizeof(one), "%s%u:%s@%lld", i ? " " : "", e->member, step,
                 (long long)e->entry);
        strncat(text, one, sizeof(text) - strlen(text) - 1);
    }
    assert_string_equal(text, want);
}

static uint32_t version(struct wf_journey_state *journey, uint64_t hash, const char *bytes)
{
    struct wf_version *v;
    assert_int_equal(wf_version_add(journey, hash, NULL, &v), WF_OK);
    v->bytes = (unsigned char *)wf_calloc(NULL, strlen(bytes) + 1, 1);
    assert_non_null(v->bytes);
    memcpy(v->bytes, bytes, strlen(bytes));
    v->len = strlen(bytes);
    return v->number;
}

static void sorted(void **state)
{
    (void)state;
    struct wf_journey_state journey = {.rule = RULE};
    size_t n;
    version(&journey, 7, "seven");
    add(&journey, 9, 0, 2, 30);
    add(&journey, 4, 0, 1, 20);
    assert_int_equal(wf_entries_settle(&journey, NULL), WF_OK);
    add(&journey, 9, 0, WF_LEFT, 40); /* watched for its goal: before the live one */
    add(&journey, 5, 0, 0, 10);
    assert_int_equal(wf_entries_settle(&journey, NULL), WF_OK);
    expect(&journey, "4:1@20 5:0@10 9:L@40 9:2@30");
    assert_int_equal(wf_entries_live(&journey), 3);
    assert_ptr_equal(wf_entries_of(&journey, 9, &n), &journey.entries[2]);
    assert_int_equal(n, 2);
    assert_null(wf_entries_of(&journey, 6, &n));
    journey.entries[0].flags |= WF_ENTRY_GONE;
    assert_int_equal(wf_entries_settle(&journey, NULL), WF_OK);
    expect(&journey, "5:0@10 9:L@40 9:2@30");
    wf_journey_state_release(&journey, NULL);
}

static void versions(void **state)
{
    (void)state;
    struct wf_journey_state journey = {.rule = RULE};
    uint32_t a = version(&journey, 7, "seven"), b = version(&journey, 8, "eight");
    add(&journey, 1, b, 0, 10);
    assert_int_equal(wf_entries_settle(&journey, NULL), WF_OK);
    assert_null(wf_version_hashed(&journey, 7)); /* nobody walks it */
    assert_int_equal(wf_version_hashed(&journey, 8)->live, 1);
    assert_int_equal(version(&journey, 9, "nine"), a); /* its number is free again */
    wf_journey_state_release(&journey, NULL);
}

/* The older live entry stays; keys are renewed, so that no action id comes twice. */
/* Merged, a member may have left after the entry that is live; when that one leaves as well, it no
 * longer comes last. */
static void leaves_before_what_left(void **state)
{
    (void)state;
    struct wf_journey_state journey = {.rule = RULE};
    version(&journey, 7, "seven");
    add(&journey, 3, 0, 1, 30);
    add(&journey, 3, 0, WF_LEFT, 40);
    assert_int_equal(wf_entries_settle(&journey, NULL), WF_OK);
    expect(&journey, "3:L@40 3:1@30");
    journey.entries[1].step = WF_LEFT;
    assert_int_equal(wf_entries_settle(&journey, NULL), WF_OK);
    expect(&journey, "3:L@30 3:L@40");
    wf_journey_state_release(&journey, NULL);
}

static void merged(void **state)
{
    (void)state;
    static const struct {
        uint32_t step_old, step_now;
        int64_t old, now;
        const char *want;
    } t[] = {
        {1, 2, 10, 20, "3:1@10"},
        {1, 2, 20, 10, "3:2@10"},
        {1, 2, 20, 20, "3:2@20"},
        {WF_LEFT, 2, 10, 20, "3:L@10 3:2@20"},
        {1, WF_LEFT, 10, 20, "3:L@20 3:1@10"},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        struct wf_journey_state journey = {.rule = RULE};
        version(&journey, 7, "seven");
        add(&journey, 5, 0, t[i].step_old, t[i].old);
        add(&journey, 3, 0, t[i].step_now, t[i].now);
        assert_int_equal(wf_entries_settle(&journey, NULL), WF_OK);
        assert_int_equal(wf_entries_merge(&journey, 5, 3, NULL), WF_OK);
        expect(&journey, t[i].want);
        for (size_t k = 0; k < journey.n; k++)
            assert_int_equal(journey.entries[k].key[0] == (unsigned char)journey.entries[k].entry,
                             journey.entries[k].entry == t[i].now &&
                                 journey.entries[k].step == t[i].step_now);
        wf_journey_state_release(&journey, NULL);
    }
}

static void save(struct wf_store *store, struct wf_state *state, int64_t seq)
{
    struct wf_run_row run = {.seq = seq,
                             .t = seq,
                             .status = WF_RUN_PUBLISHED,
                             .rules = "",
                             .inputs = "",
                             .folder = "",
                             .manifest = ""};
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(wf_store_save(store, state, &run, 0), WF_OK);
    assert_int_equal(store->ops->put_run(store, &run), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
}

static struct wf_journey_state *load(struct wf_store *store, struct wf_state *state)
{
    wf_state_init(state, NULL);
    assert_int_equal(wf_store_load(store, state), WF_OK);
    struct wf_rule_state *rule = wf_state_rule(state, "journey winback");
    assert_non_null(rule);
    return wf_state_journey(state, rule->id);
}

static void keep_flow(struct wf_journey_state *journey, uint64_t last)
{
    uint64_t ways[] = {1, 2, last};
    struct wf_journey_flow flow = {
        .hash = 7, .t = 100, .entered = 3, .exited = 4, .goals = 5, .ways = ways, .n_ways = 3};
    assert_int_equal(wf_journey_keep_flow(journey, &flow, NULL), WF_OK);
}

static void expect_flow(const struct wf_journey_state *journey, uint64_t last)
{
    const struct wf_journey_flow *flow = &journey->flow;
    assert_int_equal(flow->hash, 7);
    assert_int_equal(flow->t, 100);
    assert_int_equal(flow->entered, 3);
    assert_int_equal(flow->exited, 4);
    assert_int_equal(flow->goals, 5);
    assert_int_equal(flow->n_ways, 3);
    assert_int_equal(flow->ways[2], last);
}

static void kept(void **unused)
{
    (void)unused;
    struct wf_store *store;
    struct wf_state state;
    struct wf_rule_state *rule;
    struct wf_journey_state *journey;
    assert_int_equal(wf_store_open_mem(NULL, &store), WF_OK);
    wf_state_init(&state, NULL);
    assert_int_equal(wf_state_add_rule(&state, "journey winback", &rule), WF_OK);
    assert_int_equal(wf_state_add_journey(&state, rule->id, &journey), WF_OK);
    version(journey, 7, "seven");
    add(journey, 1, 0, 3, 10);
    add(journey, WF_ENTRIES_PART + 2, 0, 4, 20);
    journey->totals.entered[1] = 5;
    journey->finish = journey->head_dirty = true;
    assert_int_equal(wf_entries_settle(journey, NULL), WF_OK);
    keep_flow(journey, 41);
    keep_flow(journey, 42);
    save(store, &state, 1);
    wf_state_release(&state);

    journey = load(store, &state);
    expect(journey, "1:3@10 65538:4@20");
    assert_int_equal(journey->totals.entered[1], 5);
    assert_true(journey->finish);
    expect_flow(journey, 42);
    assert_int_equal(journey->versions[0].hash, 7);
    assert_int_equal(journey->versions[0].len, 5);
    assert_memory_equal(journey->versions[0].bytes, "seven", 5);

    journey->entries[0].step = 9; /* touched nobody: not written */
    journey->entries[1].flags |= WF_ENTRY_GONE;
    assert_int_equal(wf_entries_touch(journey, WF_ENTRIES_PART + 2, NULL), WF_OK);
    assert_int_equal(wf_entries_settle(journey, NULL), WF_OK);
    save(store, &state, 2);
    wf_state_release(&state);

    journey = load(store, &state);
    expect(journey, "1:3@10");
    wf_state_release(&state);
    wf_store_close(store);
}

/* A head of an earlier format knows of no flow; of other lengths none is one. */
static void heads(void **unused)
{
    static const struct {
        size_t numbers, odd;
        enum wf_status want;
    } t[] = {{11, 0, WF_OK},        {16, 0, WF_OK},        {19, 0, WF_OK},
             {10, 0, WF_ERR_STATE}, {12, 0, WF_ERR_STATE}, {16, 1, WF_ERR_STATE},
             {0, 0, WF_ERR_STATE},  {11, 7, WF_ERR_STATE}};
    uint64_t head[20] = {[0] = 9, [10] = 1, [11] = 7, [12] = 100, [13] = 3, [16] = 1, [18] = 41};
    (void)unused;
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        struct wf_journey_state journey = {.rule = RULE};
        size_t len = t[i].numbers * sizeof(*head) + t[i].odd;
        if (wf_journey_read(&journey, WF_JOURNEY_HEAD, 0, head, len, NULL) != t[i].want)
            fail_msg("row %zu", i);
        if (t[i].want == WF_OK) {
            assert_int_equal(journey.totals.entered[0], 9);
            assert_true(journey.finish);
            assert_int_equal(journey.flow.n_ways, t[i].numbers > 16 ? t[i].numbers - 16 : 0);
            assert_int_equal(journey.flow.hash, t[i].numbers > 16 ? 7 : 0);
        }
        wf_journey_state_release(&journey, NULL);
    }
}

static void damaged(void **unused)
{
    (void)unused;
    struct wf_entry e[2] = {{.member = 1, .step = 1}, {.member = 1, .step = 2, .entry = 1}};
    static const uint64_t hash = 7;
    static const struct {
        uint32_t members[2], step, flags, version;
        size_t len;
        int64_t part;
        enum wf_status want;
    } t[] = {
        {{1, 2}, WF_LEFT, 0, 0, 160, 0, WF_OK},
        {{1, 1}, WF_LEFT, 0, 0, 160, 0, WF_OK},
        {{1, 1}, 0, 0, 0, 160, 0, WF_ERR_STATE},                   /* two live */
        {{2, 1}, WF_LEFT, 0, 0, 160, 0, WF_ERR_STATE},             /* not sorted */
        {{1, 2}, WF_LEFT, 0, 1, 160, 0, WF_ERR_STATE},             /* no such version */
        {{1, 2}, WF_LEFT, WF_ENTRY_GONE, 0, 160, 0, WF_ERR_STATE}, /* no such flag */
        {{1, 2}, WF_LEFT, 0, 0, 160, 1, WF_ERR_STATE},             /* another part's members */
        {{1, 2}, WF_LEFT, 0, 0, 159, 0, WF_ERR_STATE},
        {{1, 2}, WF_LEFT, 0, 0, 160, INT64_MAX, WF_ERR_STATE},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        struct wf_journey_state journey = {.rule = RULE};
        assert_int_equal(
            wf_journey_read(&journey, WF_JOURNEY_VERSION, 0, &hash, sizeof(hash), NULL), WF_OK);
        for (int k = 0; k < 2; k++)
            e[k].member = t[i].members[k];
        e[0].step = t[i].step;
        e[0].flags = t[i].flags;
        e[0].version = t[i].version;
        if (wf_journey_read(&journey, WF_JOURNEY_ENTRIES, t[i].part, e, t[i].len, NULL) !=
            t[i].want)
            fail_msg("row %zu", i);
        wf_journey_state_release(&journey, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted),  cmocka_unit_test(versions),
        cmocka_unit_test(merged),  cmocka_unit_test(leaves_before_what_left),
        cmocka_unit_test(kept),    cmocka_unit_test(heads),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
