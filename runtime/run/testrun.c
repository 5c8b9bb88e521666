#include "runtime/run/testrun.h"

#include <inttypes.h>

#include "lang/base/limits.h"
#include "runtime/run/expect.h"
#include "runtime/run/night.h"

/* A test while it is played. */
struct playing {
    const struct wf_test_options *options;
    const struct wf_compiled *compiled;
    struct wf_timeline timeline;
    struct wf_store *store;
    struct wf_state prior; /* as the night that is played found it */
    struct wf_coverage *coverage;
    struct wf_test_result *result;
    int64_t day;
};

void wf_test_result_release(struct wf_test_result *result)
{
    wf_buf_release(&result->said);
}

/* ---- one night ---- */

static void say_place(struct playing *p, const struct wf_node *expected)
{
    struct wf_buf *out = &p->result->said;
    const struct wf_source *source = &p->compiled->front.sources.files[expected->span.file];
    struct wf_place at = wf_source_place(source, expected->span.start);
    char day[WF_DATE_TEXT];
    wf_date_text(p->day, day);
    wf_say(out, "  %s:%" PRIu32 ":%" PRIu32 ": on %s\n", source->name, at.line, at.column, day);
}

static enum wf_status judge(struct playing *p, const struct wf_scene *scene,
                            const struct wf_node *expected)
{
    struct wf_buf said;
    bool holds = true;
    wf_buf_init(&said, p->options->alloc, 0);
    enum wf_status st = wf_expect(scene, expected, &holds, &said);
    p->result->expected++;
    if (st == WF_OK && !holds) {
        p->result->differing++;
        say_place(p, expected);
        wf_buf_add(&p->result->said, wf_buf_str(&said), said.len);
    }
    wf_buf_release(&said);
    return st;
}

/* Looks at the decided night with what the test expects of its day. */
static enum wf_status look(void *ctx, const struct wf_night *night,
                           const struct wf_outcome *outcome)
{
    struct playing *p = ctx;
    struct wf_vm_params params;
    struct wf_scalar *scalar = wf_why_scalar(night, outcome, &params);
    struct wf_scene scene = {.timeline = &p->timeline,
                             .day = p->day,
                             .why = {.night = night,
                                     .outcome = outcome,
                                     .prior = &p->prior,
                                     .scalar = scalar,
                                     .indent = "      "}};
    enum wf_status st = scalar ? WF_OK : WF_ERR_NOMEM;
    wf_coverage_add(p->coverage, outcome);
    for (const struct wf_node *n = p->timeline.items; n && st == WF_OK; n = n->next) {
        if (n->kind != WF_N_EXPECT || n->kid[WF_K_EXPECT_ON]->num != p->day)
            continue;
        const struct wf_node *expected = n->kid[WF_K_EXPECT_WHAT];
        for (; expected && st == WF_OK; expected = expected->next)
            st = judge(p, &scene, expected);
    }
    wf_scalar_free(scalar);
    return st;
}

static enum wf_status play_night(struct playing *p, struct wf_buf *why)
{
    struct wf_run_result result;
    struct wf_run_options options = {
        .data = p->options->data,
        .memory = p->timeline.feeds,
        .n_memory = p->timeline.n_feeds,
        .look = {.ctx = p, .fn = look},
        .now = wf_zone_midnight(p->options->zone, p->day),
        .zone = p->options->zone,
        .threads = 1,
        .batch = WF_BATCH,
        .max_rejects = 1000000, /* a test may show what becomes of rows that cannot be read */
        .accept_volume = true,
        .alloc = p->options->alloc,
    };
    enum wf_status st = wf_timeline_night(&p->timeline, p->day);
    if (st != WF_OK)
        return st;
    st = wf_store_load(p->store, &p->prior);
    if (st != WF_OK)
        return st;
    st = wf_run_night(p->compiled->program, p->store, &options, &result, why);
    wf_run_result_release(&result);
    p->result->nights += st == WF_OK;
    return st;
}

/* ---- all nights ---- */

/* What stops a test is the test's failure, but for what is our own. */
static enum wf_status failed(struct playing *p, enum wf_status st, const struct wf_buf *why)
{
    struct wf_buf *out = &p->result->said;
    char day[WF_DATE_TEXT];
    if (st == WF_OK || st == WF_ERR_NOMEM || st == WF_ERR_INTERNAL)
        return st;
    wf_date_text(p->day, day);
    if (p->day != INT64_MIN)
        wf_say(out, "  the night of %s cannot be run: ", day);
    else
        wf_say(out, "  the test cannot be played: ");
    wf_buf_addf(out, "%s\n", why->len ? wf_buf_str(why) : wf_status_text(st));
    p->result->passed = false;
    return WF_OK;
}

static enum wf_status play(struct playing *p, const struct wf_node *test, struct wf_buf *why)
{
    const struct wf_alloc *alloc = p->options->alloc;
    enum wf_status st =
        wf_timeline_init(&p->timeline, p->compiled, test, p->options->zone, alloc, why);
    if (st == WF_OK)
        st = wf_store_open_mem(alloc, &p->store);
    if (st == WF_OK)
        p->day = p->timeline.first;
    for (; st == WF_OK && p->day <= p->timeline.last; p->day += st == WF_OK) {
        wf_state_init(&p->prior, alloc);
        st = play_night(p, why);
        wf_state_release(&p->prior);
    }
    return st;
}

const char *wf_test_name(const struct wf_node *test)
{
    return test->kid[WF_K_TEST_LABEL]->name->text;
}

enum wf_status wf_test_run(const struct wf_compiled *compiled, const struct wf_node *test,
                           const struct wf_test_options *options, struct wf_coverage *coverage,
                           struct wf_test_result *result)
{
    const struct wf_source *source = &compiled->front.sources.files[test->span.file];
    struct wf_buf why;
    *result = (struct wf_test_result){
        .name = wf_test_name(test),
        .file = source->name,
        .line = wf_source_place(source, test->span.start).line,
    };
    wf_buf_init(&result->said, options->alloc, 0);
    wf_buf_init(&why, options->alloc, 0);
    struct playing p = {.options = options,
                        .compiled = compiled,
                        .coverage = coverage,
                        .result = result,
                        .day = INT64_MIN};
    enum wf_status st = play(&p, test, &why);
    result->passed = st == WF_OK && result->differing == 0;
    st = failed(&p, st, &why);
    if (p.store)
        wf_store_close(p.store);
    wf_timeline_release(&p.timeline);
    if (why.failed || result->said.failed)
        st = WF_ERR_NOMEM;
    wf_buf_release(&why);
    return st;
}

const struct wf_node *wf_test_next(const struct wf_compiled *compiled, const struct wf_node *after)
{
    const struct wf_checked *checked = &compiled->front.checked;
    uint32_t file = checked->modules[checked->n_modules - 1]->file;
    bool found = after == NULL;
    for (uint32_t i = 0; i < checked->tests.n; i++) {
        const struct wf_node *test = checked->tests.items[i];
        if (found && test->span.file == file)
            return test;
        found |= test == after;
    }
    return NULL;
}
