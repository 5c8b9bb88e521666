/*
 * cmd_diff.c - `wayfare diff`: what an edit of the rules changes.
 */
#include <stdio.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/files.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/values.h"
#include "runtime/run/diff.h"
#include "runtime/run/zonefile.h"

struct asked {
    const char *data, *as_of, *state, *max_rejects;
    int64_t unreadable, format, samples;
    uint32_t rejects; /* millionths */
    bool schema;
};

static enum wf_status diff_over(const struct asked *a,
                                const struct wf_program *const programs[WF_DIFF_SIDES],
                                struct wf_diff *diff, struct wf_buf *why)
{
    const struct wf_ir *ir = &programs[WF_DIFF_OLD]->ir;
    struct wf_run_options options = wf_cli_look(a->data, a->rejects, a->unreadable);
    struct wf_store *store = NULL;
    struct wf_zone *zone = NULL;
    enum wf_status st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, why);
    options.zone = zone;
    options.beside = options.scratch = a->state;
    if (st == WF_OK && !wf_cli_as_of(a->as_of, zone, &options.now)) {
        wf_buf_addf(why, wf_word("--as-of takes a date like 2026-11-22, not '%s'"), a->as_of);
        st = WF_ERR_USAGE;
    }
    if (st == WF_OK)
        st =
            a->state ? wf_store_open(a->state, NULL, &store, why) : wf_store_open_mem(NULL, &store);
    if (st == WF_OK)
        st = wf_diff(programs, store, &options, (uint32_t)a->samples, diff, why);
    if (store)
        wf_store_close(store);
    if (zone)
        wf_zone_free(zone);
    return st;
}

static enum wf_status write_out(const struct asked *a, const struct wf_diff *diff,
                                const char *const names[WF_DIFF_SIDES])
{
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    wf_diff_write(diff, (enum wf_diff_format)a->format, names, &out);
    enum wf_status st = out.failed ? WF_ERR_NOMEM : WF_OK;
    if (st == WF_OK)
        fwrite(wf_buf_str(&out), 1, out.len, stdout);
    wf_buf_release(&out);
    return st == WF_OK && wf_diff_any(diff) ? WF_ERR_FINDINGS : st;
}

static enum wf_status diff_files(const struct asked *a, const char *const names[WF_DIFF_SIDES])
{
    struct wf_compiled compiled[WF_DIFF_SIDES] = {0};
    const struct wf_program *programs[WF_DIFF_SIDES];
    struct wf_diff diff = {0};
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = WF_OK;
    for (int side = 0; st == WF_OK && side < WF_DIFF_SIDES; side++) {
        st = wf_cli_program_quietly(names[side], &compiled[side]);
        programs[side] = compiled[side].program;
    }
    if (st == WF_OK) {
        st = a->data ? diff_over(a, programs, &diff, &why)
                     : wf_diff(programs, NULL, NULL, 0, &diff, &why);
        if (st == WF_OK)
            st = write_out(a, &diff, names);
        else
            fprintf(stderr, "wayfare diff: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    }
    wf_diff_release(&diff);
    wf_buf_release(&why);
    for (int side = 0; side < WF_DIFF_SIDES; side++)
        wf_compiled_release(&compiled[side]);
    return st;
}

int cmd_diff(int argc, char **argv)
{
    struct asked a = {.rejects = WF_MAX_REJECTS_SHARE_DEFAULT, .samples = 5};
    int n = 0;
    const struct wf_option table[] = {
        {"data", WF_OPT_TEXT, &a.data, "DIR", N_("the folder of a night's exports"), 0, 0},
        {"as-of", WF_OPT_TEXT, &a.as_of, "DATE", N_("the night: one that is still to come"), 0, 0},
        {"state", WF_OPT_TEXT, &a.state, "FILE",
         N_("the state, which is not changed; without it: a new shop's first night"), 0, 0},
        {"format", WF_OPT_CHOICE, &a.format, "text|markdown|json", N_("how it is written"), 0, 0},
        {"schema", WF_OPT_FLAG, &a.schema, NULL, N_("print the JSON Schema of --format json"), 0,
         0},
        {"samples", WF_OPT_NUMBER, &a.samples, "N", N_("members named of each change (5)"), 0,
         UINT32_MAX},
        {"max-rejects", WF_OPT_TEXT, &a.max_rejects, "P%", N_("bad rows a feed may have (0.1%)"), 0,
         0},
        {"accept-unreadable", WF_OPT_NUMBER, &a.unreadable, "N",
         N_("event rows too broken to tell whose"), 0, INT64_MAX},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (a.schema) {
        fputs(wf_cli_text("diff.schema.json"), stdout);
        return 0;
    }
    if (n != 2)
        return wf_usage(argv[0], "needs two rule files: the old one and the new one");
    if (!a.data != !a.as_of || (a.state && !a.data))
        return wf_usage(argv[0], "--data and --as-of belong together, and --state to both");
    if (a.max_rejects && !wf_cli_share(a.max_rejects, &a.rejects))
        return wf_usage(argv[0], "--max-rejects takes a share like 0.1%%, not '%s'", a.max_rejects);
    const char *const names[WF_DIFF_SIDES] = {argv[1], argv[2]};
    return wf_status_exit(diff_files(&a, names));
}
