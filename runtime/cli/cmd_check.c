/*
 * cmd_check.c - `wayfare check`: says what is wrong or doubtful in rule files, and mends on request
 * what can be mended for certain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/words.h"
#include "lang/syntax/diag_text.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"

enum { TEXT, JSON };
enum { MOST_ROUNDS = 20 }; /* of mending: each mends what the one before uncovered */

struct check {
    int64_t format;
    bool strict, fix;
    size_t errors, warnings, mended;
    struct wf_buf json;
};

static bool colourful(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
}

/* ---- mending ---- */

static int by_place(const void *left, const void *right)
{
    const struct wf_edit *a = *(struct wf_edit *const *)left;
    const struct wf_edit *b = *(struct wf_edit *const *)right;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return (a->span.end > b->span.end) - (a->span.end < b->span.end);
}

static bool overlaps(struct wf_edit *const *edits, size_t n, const struct wf_diag *diag)
{
    for (const struct wf_edit *e = diag->edits; e; e = e->next) {
        for (size_t i = 0; i < n; i++) {
            if (e->span.start <= edits[i]->span.end && edits[i]->span.start <= e->span.end)
                return true;
        }
    }
    return false;
}

static bool all_in(const struct wf_diag *diag, uint32_t file)
{
    for (const struct wf_edit *e = diag->edits; e; e = e->next) {
        if (e->span.file != file)
            return false;
    }
    return diag->edits != NULL;
}

/* The edits of one file that do not touch each other, in order. The caller frees them. */
static struct wf_edit **choose_edits(const struct wf_diags *diags, uint32_t file, size_t *n_out,
                                     size_t *mended)
{
    size_t n = 0, room = 0;
    struct wf_edit **edits = NULL;
    for (size_t i = 0; i < diags->n; i++) {
        const struct wf_diag *diag = diags->items[i];
        if (!all_in(diag, file) || overlaps(edits, n, diag))
            continue;
        for (struct wf_edit *e = diag->edits; e; e = e->next) {
            if (wf_grow(NULL, &edits, &room, n + 1, sizeof(struct wf_edit *)))
                break;
            edits[n++] = e;
        }
        ++*mended;
    }
    if (n)
        qsort(edits, n, sizeof(struct wf_edit *), by_place);
    *n_out = n;
    return edits;
}

static enum wf_status mend_file(const struct wf_front *front, uint32_t file, size_t *mended)
{
    const struct wf_source *source = &front->sources.files[file];
    size_t n, found = 0;
    struct wf_edit **edits = choose_edits(&front->diags, file, &n, &found);
    if (!n || source->embedded || strcmp(source->name, "-") == 0) {
        free(edits);
        return WF_OK;
    }
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++) {
        wf_buf_add(&text, source->text + at, edits[i]->span.start - at);
        wf_buf_adds(&text, edits[i]->text);
        at = edits[i]->span.end;
    }
    wf_buf_add(&text, source->text + at, source->len - at);
    free(edits);
    enum wf_status status =
        text.failed ? WF_ERR_NOMEM : wf_cli_write(source->name, wf_buf_str(&text), text.len);
    wf_buf_release(&text);
    *mended += status == WF_OK ? found : 0;
    return status;
}

/* Mends and checks again, until nothing is left that can be mended. */
static enum wf_status mend(struct check *c, const char *path)
{
    struct wf_loader loader = wf_cli_loader();
    enum wf_status status = WF_OK;
    size_t before = SIZE_MAX;
    for (int round = 0; round < MOST_ROUNDS && status == WF_OK && c->mended != before; round++) {
        struct wf_front front;
        wf_front_init(&front, NULL);
        before = c->mended;
        status = wf_front_check(&front, &loader, path);
        if (status == WF_ERR_RULES)
            status = WF_OK;
        for (uint32_t f = 0; f < front.sources.n && status == WF_OK; f++)
            status = mend_file(&front, f, &c->mended);
        wf_front_release(&front);
    }
    return status;
}

/* ---- saying ---- */

static void say_json(struct check *c, const struct wf_diags *diags)
{
    struct wf_buf one;
    wf_buf_init(&one, NULL, 0);
    wf_diags_json(&one, diags);
    /* "[\n  {...}\n]\n": the arrays of several files become one */
    if (diags->n && one.len > 4) {
        wf_buf_adds(&c->json, c->json.len ? ",\n" : "");
        wf_buf_add(&c->json, one.data + 2, one.len - 5);
    }
    c->json.failed |= one.failed;
    wf_buf_release(&one);
}

static void count_words(size_t n, const char *what, const char **glue)
{
    if (n == 0)
        return;
    printf("%s%zu %s%s", *glue, n, what, n == 1 ? "" : "s");
    *glue = ", ";
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
        segments += checked->defs[i]->kind == WF_SYM_SEGMENT;
    const char *glue = " (";
    count_words(checked->n_rules, "trigger", &glue);
    count_words(checked->journeys.n, "journey", &glue);
    count_words(segments, "segment", &glue);
    count_words(checked->metrics.n, "metric", &glue);
    count_words(count_tests(front), "test", &glue);
    puts(*glue == ',' ? ")" : "");
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
    count_words(diags->errors, "error", &glue);
    count_words(diags->warnings, "warning", &glue);
    if (diags->dropped)
        printf("%smore that is not shown", glue);
    if (diags->errors || diags->dropped) {
        putchar('\n');
        return;
    }
    printf("%sok", glue);
    say_holds(front);
}

static enum wf_status check_file(struct check *c, const char *path)
{
    struct wf_loader loader = wf_cli_loader();
    struct wf_front front;
    enum wf_status status = c->fix ? mend(c, path) : WF_OK;
    if (status != WF_OK) {
        wf_cli_fail(path, status, NULL);
        return status;
    }
    wf_front_init(&front, NULL);
    status = wf_front_check(&front, &loader, path);
    if (status != WF_OK && status != WF_ERR_RULES)
        wf_cli_fail(path, status, NULL);
    else if (c->format == JSON)
        say_json(c, &front.diags);
    else
        say_text(&front, path);
    c->errors += front.diags.errors + front.diags.dropped;
    c->warnings += front.diags.warnings;
    wf_front_release(&front);
    return status == WF_ERR_RULES ? WF_OK : status;
}

static int check_files(struct check *c, int n, char **paths)
{
    enum wf_status worst = WF_OK;
    for (int i = 0; i < n; i++) {
        enum wf_status status = check_file(c, paths[i]);
        if (worst == WF_OK)
            worst = status;
    }
    if (c->format == JSON)
        printf(c->json.len ? "[\n%s\n]\n" : "[]\n", wf_buf_str(&c->json));
    if (c->fix && c->mended && c->format == TEXT)
        printf("%zu mended\n", c->mended);
    if (c->json.failed)
        worst = WF_ERR_NOMEM;
    if (worst == WF_OK && (c->errors || (c->strict && c->warnings)))
        worst = WF_ERR_FINDINGS;
    return wf_status_exit(worst);
}

int cmd_check(int argc, char **argv)
{
    struct check c = {.format = TEXT};
    int n = 0;
    const struct wf_option table[] = {
        {"format", WF_OPT_CHOICE, &c.format, "text|json", N_("how findings are written"), 0, 0},
        {"strict", WF_OPT_FLAG, &c.strict, NULL, N_("warnings fail the check too"), 0, 0},
        {"fix", WF_OPT_FLAG, &c.fix, NULL, N_("mend in the files what is certain"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n == 0)
        return wf_usage(argv[0], "needs a rule file");
    wf_buf_init(&c.json, NULL, 0);
    code = check_files(&c, n, argv + 1);
    wf_buf_release(&c.json);
    return code;
}
