/*
 * cmd_report.c - `wayfare report`: a published night's page, with the nights before it and, where
 * that is asked for, those to come.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/values.h"
#include "runtime/run/report.h"
#include "runtime/run/simulate.h"
#include "runtime/run/zonefile.h"

enum { WEEKS = 4 };

struct asked {
    const char *folder, *rules, *to, *data, *state, *max_rejects;
    int64_t forecast, weeks;
    uint32_t rejects; /* millionths */
};

/* ---- the nights to come ---- */

/* The night behind the one that is reported. */
static int64_t next_night(const struct wf_zone *zone, int64_t t)
{
    return wf_zone_midnight(zone, wf_zone_day(zone, t) + 1);
}

static enum wf_status simulate(const struct asked *a, const struct wf_program *program, int64_t t,
                               struct wf_forecast *forecast, struct wf_buf *why)
{
    const struct wf_ir *ir = &program->ir;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    struct wf_zone *zone = NULL;
    struct wf_store *store = NULL;
    enum wf_status st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, why);
    if (st == WF_OK)
        st = wf_store_open(a->state, NULL, &store, why);
    if (st == WF_OK) {
        struct wf_run_options night = {.data = a->data,
                                       .zone = zone,
                                       .now = next_night(zone, t),
                                       .threads = cpus < 1    ? 1
                                                  : cpus > 64 ? 64
                                                              : (unsigned)cpus,
                                       .batch = WF_BATCH,
                                       .max_rejects = a->rejects};
        struct wf_simulate_options options = {
            .night = &night, .nights = (uint32_t)a->forecast, .weeks = (unsigned)a->weeks};
        st = wf_simulate(program, store, &options, forecast, why);
    }
    if (store)
        wf_store_close(store);
    if (zone)
        wf_zone_free(zone);
    return st;
}

/* What the rules have to say is said on standard error. */
static enum wf_status look_ahead(const struct asked *a, int64_t t, struct wf_forecast *forecast,
                                 struct wf_buf *why)
{
    struct wf_compiled compiled;
    enum wf_status st = wf_cli_program_quietly(a->rules, &compiled);
    if (st == WF_OK)
        st = simulate(a, compiled.program, t, forecast, why);
    wf_compiled_release(&compiled);
    return st;
}

/* ---- the page ---- */

static enum wf_status write_out(const struct asked *a, const struct wf_buf *page)
{
    umask(077);
    if (a->to)
        return wf_cli_write(a->to, page->data, page->len);
    return fwrite(page->data, 1, page->len, stdout) == page->len ? WF_OK : WF_ERR_IO;
}

static enum wf_status go(const struct asked *a, struct wf_buf *why)
{
    struct wf_buf page, out;
    struct wf_report_past *past = NULL;
    struct wf_forecast forecast = {0};
    struct wf_report_extra extra = {
        /* TRANSLATORS: the language of a report: en or zh, whichever these words are in */
        .chinese = strcmp(wf_word_in("report", "en"), "zh") == 0};
    int64_t t = 0;
    wf_buf_init(&page, NULL, 0);
    wf_buf_init(&out, NULL, 0);
    enum wf_status st = wf_report_published(&wf_fs_os, a->folder, &page, &t, why);
    if (st == WF_OK)
        st = wf_report_nights(&wf_fs_os, a->folder, &past, &extra.n_past);
    extra.past = past;
    if (st == WF_OK && a->forecast) {
        st = look_ahead(a, t, &forecast, why);
        extra.forecast = &forecast;
    }
    if (st == WF_OK)
        st = wf_report_more(&page, &extra, &out);
    if (st == WF_OK)
        st = write_out(a, &out);
    wf_forecast_release(&forecast);
    wf_free(NULL, past);
    wf_buf_release(&page);
    wf_buf_release(&out);
    return st;
}

int cmd_report(int argc, char **argv)
{
    struct asked a = {.weeks = WEEKS, .rejects = WF_MAX_REJECTS_SHARE_DEFAULT};
    int n = 0;
    const struct wf_option table[] = {
        {"o", WF_OPT_TEXT, &a.to, "FILE", N_("where the page goes (standard output)"), 0, 0},
        {"forecast", WF_OPT_NUMBER, &a.forecast, "N", N_("tell so many nights to come as well"), 1,
         WF_SIMULATE_NIGHTS},
        {"weeks", WF_OPT_NUMBER, &a.weeks, "N",
         N_("how many weeks happen again in the forecast (4; 0: none)"), 0, WF_SIMULATE_WEEKS},
        {"data", WF_OPT_TEXT, &a.data, "DIR", N_("the folder of the exports, for the forecast"), 0,
         0},
        {"state", WF_OPT_TEXT, &a.state, "FILE",
         N_("the state, for the forecast; it is not changed"), 0, 0},
        {"max-rejects", WF_OPT_TEXT, &a.max_rejects, "P%", N_("bad rows a feed may have (0.1%)"), 0,
         0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (a.forecast ? n != 2 || !a.data || !a.state : n != 1)
        return wf_usage(argv[0], "needs a night's folder; with --forecast also --data, --state "
                                 "and one rule file");
    if (a.max_rejects && !wf_cli_share(a.max_rejects, &a.rejects))
        return wf_usage(argv[0], "--max-rejects takes a share like 0.1%%, not '%s'", a.max_rejects);
    a.folder = argv[1];
    a.rules = a.forecast ? argv[2] : NULL;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = go(&a, &why);
    if (st != WF_OK && (why.len || st != WF_ERR_RULES))
        fprintf(stderr, "wayfare report: %s\n",
                why.len ? wf_buf_str(&why) : wf_word(wf_status_text(st)));
    wf_buf_release(&why);
    return wf_status_exit(st);
}
