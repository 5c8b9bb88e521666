/*
 * cmd_test.c - `wayfare test`: plays the tests in rule files and says what differs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/run/sheet.h"
#include "runtime/run/testrun.h"
#include "runtime/run/zonefile.h"

enum { TEXT, JSON, JUNIT };

struct testing {
    const char *data;
    int64_t format, min_coverage;
    bool quiet, coverage;
    uint32_t passed, failed;
    uint64_t seen, branches;
    struct wf_buf cases; /* JSON, JUNIT: what was written of each test so far */
};

/* ---- saying ---- */

static void add_xml(struct wf_buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': wf_buf_adds(out, "&amp;"); break;
        case '<': wf_buf_adds(out, "&lt;"); break;
        case '>': wf_buf_adds(out, "&gt;"); break;
        case '"': wf_buf_adds(out, "&quot;"); break;
        default: wf_buf_addc(out, *text); break;
        }
    }
}

static void say_junit(struct testing *t, const struct wf_test_result *r)
{
    wf_buf_adds(&t->cases, "  <testcase classname=\"");
    add_xml(&t->cases, r->file);
    wf_buf_adds(&t->cases, "\" name=\"");
    add_xml(&t->cases, r->name);
    wf_buf_addf(&t->cases, "\" line=\"%" PRIu32 "\"", r->line);
    if (r->passed) {
        wf_buf_adds(&t->cases, "/>\n");
        return;
    }
    wf_buf_addf(&t->cases, ">\n    <failure message=\"%" PRIu32 " of %" PRIu32 " differ\">",
                r->differing, r->expected);
    add_xml(&t->cases, wf_buf_str(&r->said));
    wf_buf_adds(&t->cases, "</failure>\n  </testcase>\n");
}

static void say_json(struct testing *t, const struct wf_test_result *r)
{
    wf_buf_adds(&t->cases, t->cases.len ? ",\n  {\"name\":" : "\n  {\"name\":");
    wf_json_string(&t->cases, r->name, strlen(r->name));
    wf_buf_adds(&t->cases, ",\"file\":");
    wf_json_string(&t->cases, r->file, strlen(r->file));
    wf_buf_addf(&t->cases,
                ",\"line\":%" PRIu32 ",\"passed\":%s,\"nights\":%" PRIu32 ",\"expected\":%" PRIu32
                ",\"differing\":%" PRIu32 ",\"said\":",
                r->line, r->passed ? "true" : "false", r->nights, r->expected, r->differing);
    wf_json_string(&t->cases, wf_buf_str(&r->said), r->said.len);
    wf_buf_addc(&t->cases, '}');
}

static void say_test(struct testing *t, const struct wf_test_result *r)
{
    if (t->format == JSON) {
        say_json(t, r);
    } else if (t->format == JUNIT) {
        say_junit(t, r);
    } else if (!r->passed) {
        printf(wf_word("FAILED %s:%" PRIu32 ": %s\n"), r->file, r->line, r->name);
        fwrite(wf_buf_str(&r->said), 1, r->said.len, stdout);
    } else if (!t->quiet) {
        printf(wf_word_n("passed %s:%" PRIu32 ": %s (%" PRIu32 " night)\n",
                         "passed %s:%" PRIu32 ": %s (%" PRIu32 " nights)\n", r->nights),
               r->file, r->line, r->name, r->nights);
    }
}

static int percent(const struct testing *t)
{
    return t->branches ? (int)(t->seen * 100 / t->branches) : 100;
}

static void say_end(const struct testing *t)
{
    if (t->format == JSON) {
        printf("{\"passed\":%" PRIu32 ",\"failed\":%" PRIu32 ",\"branches\":%" PRIu64
               ",\"seen\":%" PRIu64 ",\"tests\":[%s\n]}\n",
               t->passed, t->failed, t->branches, t->seen, wf_buf_str(&t->cases));
    } else if (t->format == JUNIT) {
        printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"wayfare\" "
               "tests=\"%" PRIu32 "\" failures=\"%" PRIu32 "\">\n%s</testsuite>\n",
               t->passed + t->failed, t->failed, wf_buf_str(&t->cases));
    } else if (!t->quiet || t->failed) {
        printf(wf_word("%" PRIu32 " passed, %" PRIu32 " failed; %" PRIu64 " of %" PRIu64
                       " branches of the rules seen (%d%%)\n"),
               t->passed, t->failed, t->seen, t->branches, percent(t));
    }
}

/* ---- testing ---- */

static enum wf_status test_each(struct testing *t, const struct wf_compiled *compiled,
                                const struct wf_zone *zone, struct wf_coverage *coverage)
{
    const struct wf_test_options options = {.zone = zone, .data = t->data};
    const struct wf_node *test = NULL;
    enum wf_status st = WF_OK;
    while (st == WF_OK && (test = wf_test_next(compiled, test))) {
        struct wf_test_result result;
        st = wf_test_run(compiled, test, &options, coverage, &result);
        if (st == WF_OK)
            say_test(t, &result);
        t->passed += result.passed;
        t->failed += !result.passed;
        wf_test_result_release(&result);
    }
    return st;
}

static void keep_coverage(struct testing *t, const struct wf_coverage *coverage)
{
    uint64_t seen, branches;
    struct wf_buf missing;
    wf_coverage_count(coverage, &seen, &branches);
    t->seen += seen;
    t->branches += branches;
    if (!t->coverage || t->format != TEXT || seen == branches)
        return;
    wf_buf_init(&missing, NULL, 0);
    wf_coverage_missing(coverage, &missing);
    printf(wf_word("not seen:\n%s"), wf_buf_str(&missing));
    wf_buf_release(&missing);
}

static enum wf_status test_compiled(struct testing *t, const struct wf_compiled *compiled)
{
    const struct wf_ir *ir = &compiled->program->ir;
    struct wf_coverage coverage;
    struct wf_zone *zone = NULL;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = wf_coverage_init(&coverage, ir, NULL);
    if (st == WF_OK)
        st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, &why);
    if (st == WF_OK)
        st = test_each(t, compiled, zone, &coverage);
    if (st == WF_OK)
        keep_coverage(t, &coverage);
    else
        fprintf(stderr, "wayfare test: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    if (zone)
        wf_zone_free(zone);
    wf_coverage_release(&coverage);
    wf_buf_release(&why);
    return st;
}

static enum wf_status test_file(struct testing *t, const char *path)
{
    struct wf_loader loader = wf_cli_loader();
    struct wf_compiled compiled;
    enum wf_status st = wf_compile_tests(NULL, &loader, path, &compiled);
    if (st != WF_OK || !t->quiet)
        wf_cli_diags(&compiled.front.diags, false);
    if (st != WF_OK && (st != WF_ERR_RULES || !compiled.front.diags.n))
        wf_cli_fail(path, st, compiled.why);
    if (st == WF_OK)
        st = test_compiled(t, &compiled);
    wf_compiled_release(&compiled);
    return st;
}

static int test_files(struct testing *t, int n, char **paths)
{
    enum wf_status worst = WF_OK;
    for (int i = 0; i < n; i++) {
        enum wf_status st = test_file(t, paths[i]);
        worst = worst == WF_OK ? st : worst;
    }
    if (t->cases.failed)
        worst = WF_ERR_NOMEM;
    if (worst == WF_OK || t->passed + t->failed)
        say_end(t);
    if (worst == WF_OK && t->failed)
        worst = WF_ERR_FINDINGS;
    if (worst == WF_OK && t->min_coverage > percent(t)) {
        fprintf(stderr,
                "wayfare test: %d%% of the branches seen, --min-coverage is %" PRId64 "%%\n",
                percent(t), t->min_coverage);
        worst = WF_ERR_FINDINGS;
    }
    return wf_status_exit(worst);
}

int cmd_test(int argc, char **argv)
{
    struct testing t = {.format = TEXT};
    int n = 0;
    const struct wf_option table[] = {
        {"format", WF_OPT_CHOICE, &t.format, "text|json|junit", N_("how results are written"), 0,
         0},
        {"coverage", WF_OPT_FLAG, &t.coverage, NULL, N_("list what no test has seen"), 0, 0},
        {"min-coverage", WF_OPT_NUMBER, &t.min_coverage, "P",
         N_("fail below this percentage of branches"), 0, 100},
        {"data", WF_OPT_TEXT, &t.data, "DIR", N_("the tables that the rules look things up in"), 0,
         0},
        {"quiet", WF_OPT_FLAG, &t.quiet, NULL, N_("say only what fails"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n == 0)
        return wf_usage(argv[0], "needs a rule file");
    wf_buf_init(&t.cases, NULL, 0);
    code = test_files(&t, n, argv + 1);
    wf_buf_release(&t.cases);
    return code;
}
