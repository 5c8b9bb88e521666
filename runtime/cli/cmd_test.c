/*
 * cmd_test.c - `wayfare test`: plays the tests in rule files and says what differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "lang/syntax/diag_text.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/test_report.h"
#include "runtime/run/zonefile.h"

struct testing {
    const char *data, *filter;
    int64_t min_coverage;
    bool coverage;
    struct wf_covered covered;
    struct wf_test_report report;
};

static bool is_wanted(const struct testing *t, const struct wf_node *test)
{
    return !t->filter || strstr(wf_test_name(test), t->filter);
}

static enum wf_status test_each(struct testing *t, const struct wf_compiled *compiled,
                                const struct wf_zone *zone, struct wf_coverage *coverage)
{
    const struct wf_test_options options = {.zone = zone, .data = t->data};
    const struct wf_node *test = NULL;
    enum wf_status st = WF_OK;
    while (st == WF_OK && (test = wf_test_next(compiled, test))) {
        struct wf_test_result result;
        if (!is_wanted(t, test))
            continue;
        st = wf_test_run(compiled, test, &options, coverage, &result);
        if (st == WF_OK)
            wf_test_report_add(&t->report, &result);
        wf_test_result_release(&result);
    }
    return st;
}

static enum wf_status test_compiled(struct testing *t, const struct wf_compiled *compiled)
{
    const struct wf_ir *ir = &compiled->program->ir;
    struct wf_coverage coverage;
    struct wf_zone *zone = NULL;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = wf_coverage_init(&coverage, ir, &compiled->front.sources, NULL);
    if (st == WF_OK)
        st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, &why);
    if (st == WF_OK)
        st = test_each(t, compiled, zone, &coverage);
    if (st == WF_OK)
        st = wf_covered_add(&t->covered, &coverage);
    if (st != WF_OK)
        fprintf(stderr, "wayfare test: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    if (zone)
        wf_zone_free(zone);
    wf_coverage_release(&coverage);
    wf_buf_release(&why);
    return st;
}

/* For a file that does not compile: standard error, and the report's own place for it. */
static void say_broken(struct testing *t, const char *path, const struct wf_compiled *compiled,
                       enum wf_status st)
{
    const struct wf_diags *diags = &compiled->front.diags;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    for (size_t i = 0; i < diags->n; i++)
        wf_diag_text(&why, diags, diags->items[i], false);
    if (!why.len)
        wf_buf_addf(&why, "%s: %s\n", path, wf_status_text(st));
    wf_test_report_broken(&t->report, path, wf_buf_str(&why));
    wf_buf_release(&why);
    if (st != WF_ERR_RULES || !diags->n)
        wf_cli_fail(path, st, compiled->why);
}

static enum wf_status test_file(struct testing *t, const char *path)
{
    struct wf_loader loader = wf_cli_loader();
    struct wf_compiled compiled;
    enum wf_status st = wf_compile_tests(NULL, &loader, path, &compiled);
    if (st != WF_OK || !t->report.quiet)
        wf_cli_diags(&compiled.front.diags, false);
    if (st == WF_OK)
        st = test_compiled(t, &compiled);
    else
        say_broken(t, path, &compiled, st);
    wf_compiled_release(&compiled);
    return st;
}

static void say_missing(const struct testing *t, FILE *to)
{
    struct wf_buf missing;
    wf_buf_init(&missing, NULL, 0);
    wf_covered_missing(&t->covered, &missing);
    if (missing.len)
        fprintf(to, wf_word("not seen:\n%s"), wf_buf_str(&missing));
    wf_buf_release(&missing);
}

static int test_files(struct testing *t, int n, char **paths)
{
    enum wf_status worst = WF_OK;
    for (int i = 0; i < n; i++) {
        enum wf_status st = test_file(t, paths[i]);
        worst = worst == WF_OK ? st : worst;
    }
    const struct wf_test_report *report = &t->report;
    bool text = report->form == WF_TEST_TEXT, any = report->passed + report->failed > 0;
    if (report->cases.failed)
        worst = WF_ERR_NOMEM;
    if (worst == WF_OK && t->filter && !any)
        return wf_usage("test", "no test has a name with '%s' in it", t->filter);
    bool below = worst == WF_OK && t->min_coverage > wf_covered_percent(&t->covered);
    if (worst == WF_OK && text && t->coverage)
        say_missing(t, stdout);
    else if (below)
        say_missing(t, stderr);
    if (worst == WF_OK || any || !text)
        wf_test_report_end(report, &t->covered);
    fflush(stdout);
    if (below)
        fprintf(
            stderr,
            wf_word("wayfare test: %d%% of the branches seen, --min-coverage is %" PRId64 "%%\n"),
            wf_covered_percent(&t->covered), t->min_coverage);
    if (worst == WF_OK && (report->failed || below))
        worst = WF_ERR_FINDINGS;
    return wf_status_exit(worst);
}

int cmd_test(int argc, char **argv)
{
    struct testing t = {0};
    int n = 0;
    const struct wf_option table[] = {
        {"format", WF_OPT_CHOICE, &t.report.form, WF_TEST_FORMS, N_("how results are written"), 0,
         0},
        {"filter", WF_OPT_TEXT, &t.filter, "TEXT", N_("only tests with TEXT in their name"), 0, 0},
        {"coverage", WF_OPT_FLAG, &t.coverage, NULL, N_("list what no test has seen"), 0, 0},
        {"min-coverage", WF_OPT_NUMBER, &t.min_coverage, "P",
         N_("fail below this percentage of branches"), 0, 100},
        {"data", WF_OPT_TEXT, &t.data, "DIR", N_("the tables that the rules look things up in"), 0,
         0},
        {"quiet", WF_OPT_FLAG, &t.report.quiet, NULL, N_("say only what fails"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n == 0)
        return wf_usage(argv[0], "needs a rule file");
    wf_buf_init(&t.report.cases, NULL, 0);
    wf_covered_init(&t.covered);
    code = test_files(&t, n, argv + 1);
    wf_covered_release(&t.covered);
    wf_buf_release(&t.report.cases);
    return code;
}
