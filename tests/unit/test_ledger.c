#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <zstd.h>

#include "runtime/store/pack.h"
#include "tests/tools/stored.h"

enum { MANY = 2 * WF_LEDGER_TOGETHER + 40 };

static void number(struct wf_ledger_row *row, uint32_t i)
{
    row->action_id[0] = (unsigned char)(i >> 8);
    row->action_id[1] = (unsigned char)i;
    row->position = i;
    row->party.len = i % 3 ? row->party.len : 0;
}

struct many {
    uint32_t left, stopped;
};

static enum wf_status see_many(void *ctx, const struct wf_ledger_row *row)
{
    struct many *many = ctx;
    uint32_t i = row->position;
    struct wf_ledger_row want = ledger_row(1, i % 5 ? NULL : "cap");
    number(&want, i);
    assert_memory_equal(row->action_id, want.action_id, sizeof(want.action_id));
    assert_int_equal(row->party.len, want.party.len);
    assert_int_equal(row->gate == NULL, want.gate == NULL);
    assert_int_equal(row->run, 7);
    many->left += row->gate == NULL;
    many->stopped += row->gate != NULL;
    return WF_OK;
}

/* More rows than go in together, and one too much anywhere among them. */
static void many_rows(struct wf_store *store)
{
    static struct wf_ledger_row rows[MANY];
    struct many many = {0};
    uint64_t counts[2];
    for (uint32_t i = 0; i < MANY; i++) {
        rows[i] = ledger_row(1, i % 5 ? NULL : "cap");
        number(&rows[i], i);
    }
    for (uint32_t twice = 1; twice < MANY; twice += 51) {
        struct wf_ledger_row kept = rows[twice];
        memcpy(rows[twice].action_id, rows[twice - 1].action_id, sizeof(kept.action_id));
        assert_int_equal(store->ops->begin(store), WF_OK);
        assert_int_equal(store->ops->add_ledger(store, 7, rows, MANY), WF_ERR_INTERNAL);
        store->ops->rollback(store);
        rows[twice] = kept;
    }
    assert_int_equal(store->ops->count_ledger(store, counts), WF_OK);
    assert_int_equal(counts[0] + counts[1], 0);
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, 7, rows, MANY), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    assert_int_equal(store->ops->each_of(store, "m\xe4\xb8\xad", 4, see_many, &many), WF_OK);
    assert_int_equal(many.stopped, (MANY + 4) / 5);
    assert_int_equal(many.left, MANY - (MANY + 4) / 5);
    wf_store_close(store);
}

static void crowds(void **state)
{
    struct place *place = *state;
    struct wf_store *memory;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    many_rows(open_at(place));
    wf_store_close(open_at(place)); /* it is whole */
    assert_int_equal(wf_store_open_mem(NULL, &memory), WF_OK);
    many_rows(memory);
}

/* ---- a state file against one in memory ---- */

static uint32_t drawn(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

static struct wf_ledger_row any_row(uint64_t *seed, const char *note)
{
    static const char *const GATES[] = {NULL, NULL, "cap", "holdout"};
    static const char *const NAMES[] = {"", "a", "FIRST20", "\xe4\xb8\xad\xe6\x96\x87"};
    static const int64_t TIMES[] = {0, -1, 1795276800, INT64_MIN, INT64_MAX};
    struct wf_ledger_row row = ledger_row(0, GATES[drawn(seed, 4)]);
    for (int i = 0; i < 16; i++)
        row.action_id[i] = (unsigned char)drawn(seed, 256);
    row.rule = drawn(seed, 3) ? drawn(seed, 5) : UINT32_MAX;
    row.position = drawn(seed, 2);
    row.name = text(NAMES[drawn(seed, 4)]);
    row.step = text(NAMES[drawn(seed, 4)]);
    row.due = TIMES[drawn(seed, 5)];
    row.at = drawn(seed, 9) ? 1000 + drawn(seed, 1000) : TIMES[drawn(seed, 5)];
    row.note = (struct wf_ledger_text){note, drawn(seed, 40)};
    return row;
}

static enum wf_status tell(void *ctx, const struct wf_ledger_row *row)
{
    struct wf_buf *out = ctx;
    const struct wf_ledger_text *texts[] = {&row->member,  &row->kind,   &row->name,
                                            &row->channel, &row->coupon, &row->journey,
                                            &row->step,    &row->note,   &row->party};
    for (int i = 0; i < 16; i++)
        wf_buf_addf(out, "%02x", row->action_id[i]);
    wf_buf_addf(out, " run %d rule %u/%u %s due %lld at %lld", (int)row->run, row->rule,
                row->position, row->gate ? row->gate : "left", (long long)row->due,
                (long long)row->at);
    for (int i = 0; i < 9; i++) {
        wf_buf_adds(out, " '");
        wf_buf_add(out, texts[i]->text, texts[i]->len);
        wf_buf_adds(out, "'");
    }
    wf_buf_addc(out, '\n');
    return WF_OK;
}

static enum wf_status tell_count(void *ctx, int64_t seq, uint64_t left, uint64_t stopped)
{
    wf_buf_addf(ctx, "run %d: %u %u\n", (int)seq, (unsigned)left, (unsigned)stopped);
    return WF_OK;
}

/* All that it can be asked. */
static char *told(struct wf_store *store, const struct wf_ledger_row *asked)
{
    const struct wf_store_ops *ops = store->ops;
    struct wf_buf out;
    uint64_t counts[2];
    wf_buf_init(&out, NULL, 0);
    assert_int_equal(ops->each_of(store, NULL, 0, tell, &out), WF_OK);
    assert_int_equal(ops->of_action(store, asked->action_id, tell, &out), WF_OK);
    assert_int_equal(ops->each_count(store, tell_count, &out), WF_OK);
    assert_int_equal(ops->count_ledger(store, counts), WF_OK);
    tell_count(&out, 0, counts[0], counts[1]);
    assert_false(out.failed);
    return wf_buf_detach(&out, NULL);
}

static void expect_alike(struct wf_store *const stores[2], const struct wf_ledger_row *asked)
{
    char *one = told(stores[0], asked), *other = told(stores[1], asked);
    assert_string_equal(one, other);
    free(one);
    free(other);
}

enum { NIGHTS = 40, MOST = 3 * WF_LEDGER_TOGETHER };

static int by_id(const void *a, const void *b)
{
    const struct wf_ledger_row *x = a, *y = b;
    return memcmp(x->action_id, y->action_id, sizeof(x->action_id));
}

/* By id, an id once. */
static size_t sort_once(struct wf_ledger_row *rows, size_t n)
{
    size_t once = 1;
    qsort(rows, n, sizeof(*rows), by_id);
    for (size_t i = 1; i < n; i++)
        if (by_id(&rows[once - 1], &rows[i]) != 0)
            rows[once++] = rows[i];
    return once;
}

/* Nights of any size; some rows come again, which one that left refuses; some nights are given up.
 */
static void agree(void **state)
{
    struct place *place = *state;
    static const char NOTE[] = "forty bytes of what a gate found, or none";
    struct wf_ledger_row *rows = calloc(MOST, sizeof(*rows)), *before = calloc(1, sizeof(*rows));
    struct wf_store *stores[2];
    uint64_t seed = 7;
    size_t n_before = 0, refused = 0, again = 0;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    assert_int_equal(wf_store_open_mem(NULL, &stores[1]), WF_OK);
    stores[0] = open_at(place);
    for (int64_t night = 1; night <= NIGHTS; night++) {
        size_t n = 1 + drawn(&seed, night % 8 ? 50 : MOST - 1);
        bool keep = drawn(&seed, 5) > 0;
        for (size_t i = 0; i < n; i++) {
            rows[i] = any_row(&seed, NOTE);
            const struct wf_ledger_row *old =
                &before[n_before ? drawn(&seed, (uint32_t)n_before) : 0];
            if (n_before && drawn(&seed, 10) == 0 && (old->gate || drawn(&seed, 200) == 0)) {
                memcpy(rows[i].action_id, old->action_id, sizeof(old->action_id));
                rows[i].again = drawn(&seed, 300) > 0;
            }
        }
        n = sort_once(rows, n);
        enum wf_status st[2] = {WF_OK, WF_OK};
        for (int k = 0; k < 2; k++) {
            assert_int_equal(stores[k]->ops->begin(stores[k]), WF_OK);
            for (size_t i = 0, some; st[k] == WF_OK && i < n; i += some) {
                some = n - i < WF_LEDGER_TOGETHER ? n - i : WF_LEDGER_TOGETHER;
                st[k] = stores[k]->ops->add_ledger(stores[k], night, rows + i, some);
            }
            if (st[k] == WF_OK && keep)
                assert_int_equal(stores[k]->ops->commit(stores[k]), WF_OK);
            else
                stores[k]->ops->rollback(stores[k]);
        }
        assert_int_equal(st[0], st[1]);
        refused += st[0] != WF_OK;
        expect_alike(stores, &rows[drawn(&seed, (uint32_t)n)]);
        if (st[0] != WF_OK || !keep)
            continue;
        for (size_t i = 0; i < n; i++)
            again += rows[i].again;
        free(before);
        before = calloc(n, sizeof(*before));
        memcpy(before, rows, n * sizeof(*before));
        n_before = n;
        wf_store_close(stores[0]);
        stores[0] = open_at(place);
    }
    assert_true(refused > 0 && again > 50);
    wf_store_close(stores[0]);
    wf_store_close(stores[1]);
    free(before);
    free(rows);
}

/* What is forgotten is counted, and nothing else. */
static void forgets(void **state)
{
    struct place *place = *state;
    uint64_t counts[2];
    struct wf_forgotten forgotten;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    struct wf_store *store = open_at(place);
    const struct wf_store_ops *ops = store->ops;
    assert_int_equal(ops->forgotten(store, &forgotten), WF_OK);
    assert_int_equal(forgotten.before, 0);
    assert_true(forgotten.latest == INT64_MIN);
    for (unsigned char night = 1; night <= 5; night++) {
        struct wf_ledger_row two[] = {ledger_row((unsigned char)(2 * night), NULL),
                                      ledger_row((unsigned char)(2 * night + 1), "cap")};
        two[0].at = 100 * night;
        assert_int_equal(ops->begin(store), WF_OK);
        assert_int_equal(ops->add_ledger(store, night, two, 2), WF_OK);
        struct wf_run_row run = {night, 1000 * night, WF_RUN_PUBLISHED, "", "feeds", "", ""};
        assert_int_equal(ops->put_run(store, &run), WF_OK);
        assert_int_equal(ops->forget_ledger(store, 1000 * (night - 2)), WF_OK);
        assert_int_equal(ops->commit(store), WF_OK);
        wf_store_close(store);
        store = open_at(place);
        assert_int_equal(ops->count_ledger(store, counts), WF_OK);
        assert_int_equal(counts[0], night);
        assert_int_equal(counts[1], night);
    }
    assert_int_equal(ops->forgotten(store, &forgotten), WF_OK);
    assert_int_equal(forgotten.before, 3);
    assert_int_equal(forgotten.latest, 200);
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    assert_int_equal(ops->each_count(store, tell_count, &out), WF_OK);
    assert_string_equal(wf_buf_str(&out), "run 3: 1 1\nrun 4: 1 1\nrun 5: 1 1\n");
    wf_buf_reset(&out);
    assert_int_equal(ops->of_action(store, (const unsigned char[16]){[15] = 4}, tell, &out), WF_OK);
    assert_string_equal(wf_buf_str(&out), "");
    wf_buf_release(&out);
    /* a rollback brings back what was to be forgotten */
    assert_int_equal(ops->begin(store), WF_OK);
    assert_int_equal(ops->forget_ledger(store, 5000), WF_OK);
    ops->rollback(store);
    assert_int_equal(ops->forgotten(store, &forgotten), WF_OK);
    assert_int_equal(forgotten.before, 3);
    assert_int_equal(forgotten.latest, 200);
    wf_store_close(store);
}

/* Bytes that packing did not make are refused or make rows: they never lead astray. */
static void wild(void **state)
{
    (void)state;
    static const char NOTE[] = "forty bytes of what a gate found, or none";
    struct wf_ledger_row rows[60];
    const struct wf_ledger_row *sorted[60];
    struct wf_packer packer;
    struct wf_unpacker unpacker;
    uint64_t seed = 11;
    unsigned refused = 0;
    for (int i = 0; i < 60; i++) {
        rows[i] = any_row(&seed, NOTE);
        sorted[i] = &rows[i];
    }
    wf_packer_init(&packer, NULL);
    wf_unpacker_init(&unpacker, NULL);
    assert_int_equal(wf_pack(&packer, sorted, 60), WF_OK);
    assert_int_equal(wf_unpack(&unpacker, packer.ids.data, packer.ids.len, packer.packed.data,
                               packer.packed.len),
                     WF_OK);
    assert_int_equal(unpacker.n, 60);
    for (int turn = 0; turn < 20000; turn++) {
        struct wf_buf *in = drawn(&seed, 2) ? &packer.rows : &packer.packed;
        size_t at = drawn(&seed, (uint32_t)in->len), len = drawn(&seed, 50) ? in->len : at;
        char kept = in->data[at];
        in->data[at] = (char)drawn(&seed, 256);
        char frame[1 << 16]; /* rows that are wrong in a frame that is right */
        size_t size =
            in == &packer.rows ? ZSTD_compress(frame, sizeof(frame), in->data, len, 1) : 0;
        enum wf_status st = wf_unpack(&unpacker, packer.ids.data, packer.ids.len,
                                      size ? frame : in->data, size ? size : len);
        assert_true(st == WF_OK || st == WF_ERR_STATE);
        refused += st == WF_ERR_STATE;
        in->data[at] = kept;
    }
    assert_in_range(refused, 10000, 19999);
    wf_packer_release(&packer);
    wf_unpacker_release(&unpacker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(crowds, make_place, drop_place),
        cmocka_unit_test_setup_teardown(agree, make_place, drop_place),
        cmocka_unit_test_setup_teardown(forgets, make_place, drop_place),
        cmocka_unit_test(wild),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
