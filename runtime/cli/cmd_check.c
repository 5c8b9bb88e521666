/*
 * cmd_check.c - `wayfare check`: says what is wrong or doubtful in rule files, and mends on request
 * what can be mended for certain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/words.h"
#include "lang/syntax/diag_report.h"
#include "lang/syntax/diag_text.h"
#include "runtime/cli/check_data.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/files.h"
#include "runtime/cli/mend.h"
#include "runtime/cli/options.h"

struct check {
    int64_t format; /* enum wf_report_form */
    bool strict, fix, schema;
    bool beside; /* standard output is for a mended text, so what there is to say goes beside it */
    const char *stdin_name, *data;
    size_t errors, warnings, mended;
    struct wf_report report;
};

static bool colourful(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

/* ---- saying ---- */

/* `one` and `many` are looked up here: "%zu error", "%zu errors". */
static void count_words(size_t n, const char *one, const char *many, const char **glue)
{
    if (n == 0)
        return;
    fputs(*glue, stdout);
    printf(wf_word_n(one, many, n), n);
    *glue = wf_word(", ");
}

/* The library's own tests are not the user's. */
static size_t count_tests(const struct wf_front *front)
{
    size_t n = 0;
    for (uint32_t i = 0; i < front->checked.tests.n; i++)
        n += !front->sources.files[front->checked.tests.items[i]->span.file].embedded;
    return n;
}

static void say_holds(const struct wf_front *front)
{
    const struct wf_checked *checked = &front->checked;
    size_t segments = 0;
    for (uint32_t i = 0; i < checked->n_defs; i++)
        segments += checked->defs[i]->kind == WF_SYM_SEGMENT &&
                    !checked->defs[i]->module->embedded;
    const char *glue = " (";
    count_words(checked->n_rules, "%zu trigger", "%zu triggers", &glue);
    count_words(checked->journeys.n, "%zu journey", "%zu journeys", &glue);
    count_words(segments, "%zu segment", "%zu segments", &glue);
    count_words(checked->metrics.n, "%zu metric", "%zu metrics", &glue);
    count_words(count_tests(front), "%zu test", "%zu tests", &glue);
    puts(strcmp(glue, " (") != 0 ? ")" : "");
}

static void say_text(const struct wf_front *front, const char *path)
{
    const struct wf_diags *diags = &front->diags;
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    bool colour = colourful();
    for (size_t i = 0; i < diags->n; i++)
        wf_diag_text(&text, diags, diags->items[i], colour);
    fwrite(wf_buf_str(&text), 1, text.len, stdout);
    wf_buf_release(&text);
    printf("%s: ", path);
    const char *glue = "";
    count_words(diags->errors, "%zu error", "%zu errors", &glue);
    count_words(diags->warnings, "%zu warning", "%zu warnings", &glue);
    if (diags->dropped)
        printf("%s%s", glue, wf_word("more that is not shown"));
    if (diags->errors || diags->dropped) {
        putchar('\n');
        return;
    }
    printf("%s%s", glue, wf_word("ok"));
    say_holds(front);
}

static void say(struct check *c, const struct wf_front *front, const char *path)
{
    if (c->beside)
        wf_cli_diags(&front->diags, true);
    else if (c->format == WF_REPORT_TEXT)
        say_text(front, path);
    else
        wf_report_add(&c->report, &front->diags, path);
    c->errors += front->diags.errors + front->diags.dropped;
    c->warnings += front->diags.warnings;
}

static enum wf_status mend(struct check *c, const char *path, struct wf_overlay *overlay)
{
    struct wf_buf said;
    size_t mended = 0;
    wf_buf_init(&said, NULL, 0);
    enum wf_status status = wf_mend(path, overlay, &said, &mended);
    c->mended += mended;
    if (c->format == WF_REPORT_TEXT)
        fputs(wf_buf_str(&said), c->beside ? stderr : stdout);
    wf_buf_release(&said);
    return status;
}

/* What needs no program is not compiled to the end. */
static enum wf_status check_front(struct wf_compiled *compiled, const struct wf_loader *loader,
                                  const char *path)
{
    *compiled = (struct wf_compiled){0};
    wf_front_init(&compiled->front, NULL);
    return wf_front_check(&compiled->front, loader, path);
}

/* `overlay`: the text to be checked is not on the disk; else NULL. */
static enum wf_status check_text(struct check *c, const char *path, struct wf_overlay *overlay)
{
    struct wf_loader loader = overlay ? wf_cli_overlaid(overlay) : wf_cli_loader();
    struct wf_compiled compiled;
    enum wf_status status = c->fix ? mend(c, path, overlay) : WF_OK;
    if (status != WF_OK) {
        wf_cli_fail(path, status, NULL);
        return status;
    }
    if (c->data)
        status = wf_compile(NULL, &loader, path, &compiled);
    else
        status = check_front(&compiled, &loader, path);
    if (c->data && status == WF_OK)
        status = wf_check_data(&compiled, c->data);
    if (status != WF_OK && status != WF_ERR_RULES)
        wf_cli_fail(path, status, compiled.why);
    else
        say(c, &compiled.front, path);
    wf_compiled_release(&compiled);
    if (c->beside)
        fwrite(overlay->bytes, 1, overlay->len, stdout);
    return status == WF_ERR_RULES ? WF_OK : status;
}

static enum wf_status check_file(struct check *c, const char *path)
{
    struct wf_overlay overlay;
    if (strcmp(path, "-") != 0)
        return check_text(c, path, NULL);
    enum wf_status status = wf_cli_overlay(c->stdin_name, true, &overlay);
    if (status == WF_OK)
        status = check_text(c, c->stdin_name, &overlay);
    else
        wf_cli_fail(c->stdin_name, status, NULL);
    free(overlay.bytes);
    return status;
}

static enum wf_status say_report(const struct check *c)
{
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    wf_report_end(&c->report, &out);
    enum wf_status status = out.failed ? WF_ERR_NOMEM : WF_OK;
    if (status == WF_OK)
        fwrite(wf_buf_str(&out), 1, out.len, stdout);
    wf_buf_release(&out);
    return status;
}

static int check_files(struct check *c, int n, char **paths)
{
    enum wf_status worst = WF_OK, said = WF_OK;
    for (int i = 0; i < n; i++) {
        enum wf_status status = check_file(c, paths[i]);
        if (worst == WF_OK)
            worst = status;
    }
    if (c->format != WF_REPORT_TEXT)
        said = say_report(c);
    else if (c->mended)
        fprintf(c->beside ? stderr : stdout, wf_word("mended: %zu\n"), c->mended);
    if (fflush(stdout) && said == WF_OK)
        said = WF_ERR_IO;
    if (worst == WF_OK)
        worst = said;
    if (worst == WF_OK && (c->errors || (c->strict && c->warnings)))
        worst = WF_ERR_FINDINGS;
    return wf_status_exit(worst);
}

static int check_all(struct check *c, int n, char **paths)
{
    if (c->schema) {
        fputs(wf_cli_text("diagnostics.schema.json"), stdout);
        return 0;
    }
    int inputs = 0;
    for (int i = 0; i < n; i++)
        inputs += strcmp(paths[i], "-") == 0;
    if (n == 0)
        return wf_usage("check", "needs a rule file");
    c->beside = inputs && c->fix;
    if (c->beside && (n > 1 || c->format != WF_REPORT_TEXT))
        return wf_usage("check", "--fix of standard input prints the mended text, so it stands "
                                 "alone and takes no --format");
    return check_files(c, n, paths);
}

int cmd_check(int argc, char **argv)
{
    struct check c = {.stdin_name = "-"};
    int n = 0;
    const struct wf_option table[] = {
        {"format", WF_OPT_CHOICE, &c.format, WF_REPORT_FORMS, N_("how findings are written"), 0, 0},
        {"strict", WF_OPT_FLAG, &c.strict, NULL, N_("warnings fail the check too"), 0, 0},
        {"fix", WF_OPT_FLAG, &c.fix, NULL, N_("mend in the files what is certain"), 0, 0},
        {"stdin-filename", WF_OPT_TEXT, &c.stdin_name, "NAME",
         N_("what messages and imports call standard input"), 0, 0},
        {"data", WF_OPT_TEXT, &c.data, "DIR", N_("hold the exports there against the rules too"), 0,
         0},
        {"schema", WF_OPT_FLAG, &c.schema, NULL, N_("print the JSON Schema of --format json"), 0,
         0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    wf_report_init(&c.report, (enum wf_report_form)c.format, NULL);
    c.report.strict = c.strict;
    code = check_all(&c, n, argv + 1);
    wf_report_release(&c.report);
    return code;
}
