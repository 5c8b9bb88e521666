/* The machine's manners: what it refuses, failing memory, failing sinks. Its answers: diff_vm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "runtime/vm/scalar.h"
#include "tests/tools/wild.h"

/* Fails the `left`th allocation from now on and all that follow; counts what is held. */
struct stingy {
    long left, held;
};

static void *stingy_resize(void *ctx, void *ptr, size_t size)
{
    struct stingy *stingy = ctx;
    if (!size) {
        stingy->held -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    if (stingy->left-- <= 0)
        return NULL;
    void *got = realloc(ptr, size);
    stingy->held += got && !ptr;
    return got;
}

struct bench {
    struct wild wild;
    struct wf_dataset *data;
    struct wf_vm_params params;
    int64_t floors[8];
    enum wf_status answer; /* of the sink */
    unsigned calls;
};

static enum wf_status count(void *ctx, unsigned worker, uint32_t start, uint32_t n,
                            const struct wf_bits *outs)
{
    struct bench *t = ctx;
    (void)worker, (void)start, (void)n, (void)outs;
    t->calls++;
    return t->answer;
}

static int setup(void **state)
{
    static struct bench t;
    t = (struct bench){0};
    if (!wild_begin(&t.wild, 12, 150))
        return -1;
    t.data = wild_dataset(&t.wild.random, &t.wild.program->ir, 200, t.wild.now);
    wild_outputs(&t.wild, 12, 3);
    t.params = (struct wf_vm_params){.now = t.wild.now, .floor = t.floors};
    *state = &t;
    return wild_finish(&t.wild) ? -1 : 0;
}

static int teardown(void **state)
{
    struct bench *t = *state;
    wild_dataset_free(t->data);
    wild_release(&t->wild);
    return 0;
}

static enum wf_status run(struct bench *t, struct wf_vm_options options)
{
    struct wf_vm_sink sink = {.ctx = t, .members = count};
    return wf_vm_run(t->wild.program, t->data, &t->params, &options, &sink, NULL);
}

static void misuse_is_refused(void **state)
{
    struct bench *t = *state;
    static const struct wf_vm_options wrong[] = {{.threads = 0, .batch = 1},
                                                 {.threads = 65, .batch = 1},
                                                 {.threads = 1, .batch = 0},
                                                 {.threads = 1, .batch = WF_BATCH + 1}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(run(t, wrong[i]), WF_ERR_USAGE);
    t->wild.program->verified = false;
    assert_int_equal(run(t, (struct wf_vm_options){.threads = 1, .batch = 64}), WF_ERR_FORMAT);
    t->wild.program->verified = true;
    t->data->n_inputs--;
    assert_int_equal(run(t, (struct wf_vm_options){.threads = 1, .batch = 64}), WF_ERR_INTERNAL);
    t->data->n_inputs++;
    uint8_t layout = t->data->inputs[0].layout;
    t->data->inputs[0].layout = WF_LAY_STR; /* a text that only output reads */
    enum wf_status status = run(t, (struct wf_vm_options){.threads = 1, .batch = 64});
    t->data->inputs[0].layout = layout;
    assert_true(status == WF_ERR_INTERNAL || status == WF_OK); /* WF_OK: no code reads it */
    assert_int_equal(run(t, (struct wf_vm_options){.threads = 1, .batch = 64}), WF_OK);
}

static void a_sink_stops_the_run(void **state)
{
    struct bench *t = *state;
    t->answer = WF_ERR_IO;
    assert_true(t->data->n_members > 0);
    assert_int_equal(run(t, (struct wf_vm_options){.threads = 1, .batch = 1}), WF_ERR_IO);
    assert_int_equal(t->calls, 1);
}

/* Each instruction that ran took some time; what comes out is the same. */
static void the_watch_runs(void **state)
{
    struct bench *t = *state;
    const struct wf_program *program = t->wild.program;
    uint64_t *profile = calloc(program->n_insns + (size_t)1, sizeof(*profile)), took = 0;
    struct wf_vm_options options = {.threads = 2, .batch = 64, .profile = profile};
    assert_int_equal(run(t, options), WF_OK);
    for (uint32_t i = 0; i < program->n_insns; i++)
        took += profile[i];
    assert_true(took > 0);
    assert_int_equal(profile[program->n_insns], 0);
    free(profile);
}

static void memory_may_fail_anywhere(void **state)
{
    struct bench *t = *state;
    struct stingy stingy = {0, 0};
    struct wf_alloc alloc = {stingy_resize, &stingy};
    enum wf_status status = WF_ERR_NOMEM;
    long n = 0;
    for (; status != WF_OK && n < 100000; n++) {
        stingy = (struct stingy){n, 0};
        status = run(t, (struct wf_vm_options){.threads = 1, .batch = 64, .alloc = &alloc});
        assert_true(status == WF_OK || status == WF_ERR_NOMEM);
        assert_int_equal(stingy.held, 0);
    }
    assert_int_equal(status, WF_OK);
    assert_true(n > 20);
}

static void the_row_evaluator_too(void **state)
{
    struct bench *t = *state;
    const struct wf_ir *ir = &t->wild.program->ir;
    struct stingy stingy = {0, 0};
    struct wf_alloc alloc = {stingy_resize, &stingy};
    enum wf_status status = WF_ERR_NOMEM;
    for (long n = 0; status != WF_OK && n < 100000; n++) {
        struct wf_pops pops = {0};
        stingy = (struct stingy){n, 0};
        status = wf_pops_init(&pops, ir, t->data->n_members, &alloc);
        struct wf_scalar *scalar = wf_scalar_new(ir, t->data, &t->params, &pops, &alloc);
        if (!scalar)
            status = WF_ERR_NOMEM;
        if (!status)
            status = wf_scalar_populations(scalar, &pops);
        for (uint32_t m = 0; !status && m < t->data->n_members; m++) {
            wf_scalar_member(scalar, m);
            for (uint32_t s = 0; s < ir->n_segments; s++)
                wf_scalar_truth(scalar, ir->segments[s].cond);
            status = wf_scalar_status(scalar);
        }
        wf_scalar_free(scalar);
        wf_pops_release(&pops);
        assert_true(status == WF_OK || status == WF_ERR_NOMEM);
        assert_int_equal(stingy.held, 0);
    }
    assert_int_equal(status, WF_OK);
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        EACH(misuse_is_refused),        EACH(a_sink_stops_the_run),  EACH(the_watch_runs),
        EACH(memory_may_fail_anywhere), EACH(the_row_evaluator_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
