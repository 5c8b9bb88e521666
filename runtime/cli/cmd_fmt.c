#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "lang/format.h"
#include "lang/syntax/diag_report.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/line_diff.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"

struct fmt {
    bool check, diff;
    int64_t keywords; /* enum wf_keywords */
    int64_t format;   /* enum wf_report_form */
    const char *stdin_name;
    struct wf_loader loader;
    struct wf_report report; /* of a form for machines */
};

/* The lines between the first and the last that would change, as a finding with its mend. */
static void find(const char *bytes, size_t len, const struct wf_buf *text, struct wf_diags *diags)
{
    size_t shorter = len < text->len ? len : text->len, same = 0, behind = 0, start = 0, end;
    while (same < shorter && bytes[same] == text->data[same])
        same++;
    for (size_t i = 0; i < same; i++)
        start = bytes[i] == '\n' ? i + 1 : start;
    while (behind < shorter - start &&
           bytes[len - 1 - behind] == text->data[text->len - 1 - behind])
        behind++;
    while (behind && bytes[len - behind - 1] != '\n') /* whole lines */
        behind--;
    end = len - behind;
    struct wf_span span = {0, (uint32_t)start, (uint32_t)(end > start ? end : start)};
    struct wf_diag *d = wf_diag(diags, WF_W0801, span, "`wayfare fmt` would write this otherwise");
    wf_diag_edit(diags, d, span, "%.*s", (int)(text->len - behind - start), text->data + start);
    wf_diag_fix(diags, d, "write it so");
}

/* Puts the new text where it belongs: the file, or standard output. The file keeps its rights. */
static enum wf_status put(const char *path, const struct wf_buf *text)
{
    if (strcmp(path, "-") == 0)
        return fwrite(wf_buf_str(text), 1, text->len, stdout) == text->len ? WF_OK : WF_ERR_IO;
    return wf_cli_rewrite(path, wf_buf_str(text), text->len);
}

/* What is to be done with a text that was formatted: write, say, show. */
static enum wf_status deliver(const struct fmt *fmt, const char *path, const char *name,
                              const char *bytes, size_t len, const struct wf_buf *text,
                              struct wf_diags *diags)
{
    bool same = text->len == len && memcmp(wf_buf_str(text), bytes, len) == 0;
    if (fmt->format != WF_REPORT_TEXT) {
        if (!same)
            find(bytes, len, text, diags);
        return same ? WF_OK : WF_ERR_FINDINGS;
    }
    if (fmt->diff && !same) {
        struct wf_buf diff;
        wf_buf_init(&diff, NULL, 0);
        wf_line_diff(&diff, name, bytes, len, wf_buf_str(text), text->len);
        bool failed = diff.failed;
        fwrite(wf_buf_str(&diff), 1, diff.len, stdout);
        wf_buf_release(&diff);
        if (failed)
            return WF_ERR_NOMEM;
    }
    if (fmt->check && !fmt->diff && !same)
        printf("%s\n", name);
    if (fmt->check || fmt->diff)
        return same ? WF_OK : WF_ERR_FINDINGS;
    return same && strcmp(path, "-") != 0 ? WF_OK : put(path, text);
}

static enum wf_status format_one(struct fmt *fmt, const char *path)
{
    const char *bytes, *name = strcmp(path, "-") == 0 ? fmt->stdin_name : path;
    size_t len;
    enum wf_status status = fmt->loader.read(fmt->loader.ctx, path, &bytes, &len);
    if (status) {
        wf_cli_fail(name, status, NULL);
        return status;
    }
    struct wf_sources sources;
    struct wf_diags diags;
    struct wf_buf text;
    wf_sources_init(&sources, NULL);
    wf_diags_init(&diags, NULL, &sources);
    wf_buf_init(&text, NULL, 0);
    status = wf_format_bytes(&fmt->loader, name, bytes, len, (enum wf_keywords)fmt->keywords,
                             &sources, &diags, &text);
    if (status == WF_OK)
        status = deliver(fmt, path, name, bytes, len, &text, &diags);
    wf_diags_sort(&diags);
    bool found = status == WF_OK || status == WF_ERR_FINDINGS || status == WF_ERR_RULES;
    if (found && fmt->format != WF_REPORT_TEXT) {
        wf_report_add(&fmt->report, &diags, name);
    } else if (status == WF_ERR_RULES) {
        wf_cli_diags(&diags, false);
    } else if (status && status != WF_ERR_FINDINGS) {
        wf_cli_fail(name, status, NULL);
    }
    wf_buf_release(&text);
    wf_diags_release(&diags);
    wf_sources_release(&sources);
    fmt->loader.done(fmt->loader.ctx, bytes, len);
    return status;
}

/* The whole report; text was printed as it came. */
static enum wf_status say_report(const struct fmt *fmt)
{
    struct wf_buf out;
    if (fmt->format == WF_REPORT_TEXT)
        return WF_OK;
    wf_buf_init(&out, NULL, 0);
    wf_report_end(&fmt->report, &out);
    enum wf_status status = out.failed ? WF_ERR_NOMEM : WF_OK;
    fwrite(wf_buf_str(&out), 1, out.len, stdout);
    wf_buf_release(&out);
    return status;
}

int cmd_fmt(int argc, char **argv)
{
    struct fmt fmt = {.stdin_name = "<stdin>", .loader = wf_cli_loader()};
    const struct wf_option options[] = {
        {"check", WF_OPT_FLAG, &fmt.check, NULL, N_("change nothing; name files that would change"),
         0, 0},
        {"diff", WF_OPT_FLAG, &fmt.diff, NULL, N_("change nothing; show what would change"), 0, 0},
        {"format", WF_OPT_CHOICE, &fmt.format, WF_REPORT_FORMS,
         N_("how --check says what would change"), 0, 0},
        {"keywords", WF_OPT_CHOICE, &fmt.keywords, "keep|en|zh",
         N_("write keywords in one language"), 0, 0},
        {"stdin-filename", WF_OPT_TEXT, &fmt.stdin_name, "NAME",
         N_("what messages and imports call standard input"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int files;
    int code = wf_options(argc, argv, options, &files);
    if (code != WF_OPTIONS_GO)
        return code;
    if (files == 0)
        return wf_usage("fmt", "which files? `-` is standard input");
    if (fmt.format != WF_REPORT_TEXT && (!fmt.check || fmt.diff))
        return wf_usage("fmt", "--format goes with --check alone");
    enum wf_status worst = WF_OK, said = WF_OK;
    wf_report_init(&fmt.report, (enum wf_report_form)fmt.format, NULL);
    fmt.report.command = "wayfare fmt";
    fmt.report.strict = true;
    for (int i = 1; i <= files; i++) {
        enum wf_status status = format_one(&fmt, argv[i]);
        if (worst == WF_OK || worst == WF_ERR_FINDINGS)
            worst = status ? status : worst;
    }
    said = say_report(&fmt);
    wf_report_release(&fmt.report);
    worst = said ? said : worst;
    if (fflush(stdout) && worst == WF_OK)
        worst = WF_ERR_IO;
    return wf_status_exit(worst);
}
