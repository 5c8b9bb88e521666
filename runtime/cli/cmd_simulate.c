/*
 * cmd_simulate.c - `wayfare simulate`: what the nights to come would do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/cli/chart.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/files.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/values.h"
#include "runtime/run/simulate.h"
#include "runtime/run/zonefile.h"

enum { TEXT, JSON, CSV };
enum { REPLAY, NONE };
enum { WEEK = 7, BARS_BY_NIGHT = 62, WEEKS = 4 };

struct asked {
    const char *data, *as_of, *state, *max_rejects;
    int64_t nights, rates, weeks, format, threads, memory, unreadable, max_actions;
    uint32_t rejects; /* millionths */
    bool schema;
};

/* A bar a night, or a week where there would be too many. */
static enum wf_status add_chart(const struct wf_forecast *f, struct wf_buf *out)
{
    const struct wf_chart_style style = wf_chart_style();
    uint32_t step = f->n_nights > BARS_BY_NIGHT ? WEEK : 1;
    struct wf_chart_bar *bars = wf_calloc(NULL, f->n_nights, sizeof(*bars));
    size_t n = 0;
    if (!bars)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < f->n_nights; i++) {
        if (i % step == 0)
            bars[n++].label = f->nights[i].night;
        bars[n - 1].value += f->nights[i].actions;
    }
    wf_say(out, step == 1 ? N_("Actions that would leave, by night\n")
                          : N_("Actions that would leave, by seven nights\n"));
    wf_chart(bars, n, &style, out);
    wf_free(NULL, bars);
    return WF_OK;
}

static enum wf_status write_out(const struct asked *a, const struct wf_forecast *forecast)
{
    struct wf_buf out;
    enum wf_status st = WF_OK;
    wf_buf_init(&out, NULL, 0);
    if (a->format == JSON) {
        wf_forecast_json(forecast, &out);
    } else if (a->format == CSV) {
        wf_forecast_csv(forecast, &out);
    } else {
        st = add_chart(forecast, &out);
        wf_forecast_text(forecast, &out);
    }
    st = st == WF_OK && out.failed ? WF_ERR_NOMEM : st;
    if (st == WF_OK)
        fwrite(wf_buf_str(&out), 1, out.len, stdout);
    wf_buf_release(&out);
    return st;
}

static enum wf_status simulate(const struct asked *a, const struct wf_program *program,
                               struct wf_buf *why)
{
    const struct wf_ir *ir = &program->ir;
    struct wf_run_options night = {.data = a->data,
                                   .beside = a->state,
                                   .scratch = a->state,
                                   .threads = (unsigned)a->threads,
                                   .batch = WF_BATCH,
                                   .event_memory = (uint64_t)a->memory,
                                   .max_rejects = a->rejects,
                                   .accept_unreadable = (uint64_t)a->unreadable,
                                   .max_actions = (uint64_t)a->max_actions};
    struct wf_simulate_options options = {
        .night = &night,
        .nights = (uint32_t)a->nights,
        .weeks = a->rates == REPLAY ? (unsigned)a->weeks : 0,
    };
    struct wf_forecast forecast = {0};
    struct wf_store *store = NULL;
    struct wf_zone *zone = NULL;
    enum wf_status st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, why);
    night.zone = zone;
    if (st == WF_OK && !wf_cli_as_of(a->as_of, zone, &night.now)) {
        wf_say(why, "--as-of takes a date like 2026-11-22, not '%s'", a->as_of);
        st = WF_ERR_USAGE;
    }
    if (st == WF_OK)
        st = wf_store_open(a->state, NULL, &store, why);
    if (st == WF_OK)
        st = wf_simulate(program, store, &options, &forecast, why);
    for (size_t i = 0; i < forecast.report.n_notes; i++)
        fprintf(stderr, "%s\n", forecast.report.notes[i]);
    if (st == WF_OK)
        st = write_out(a, &forecast);
    wf_forecast_release(&forecast);
    if (store)
        wf_store_close(store);
    if (zone)
        wf_zone_free(zone);
    return st;
}

static int simulate_file(const struct asked *a, const char *path)
{
    struct wf_compiled compiled;
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = wf_cli_program_quietly(path, &compiled);
    if (st == WF_OK) {
        st = simulate(a, compiled.program, &why);
        if (st != WF_OK)
            fprintf(stderr, "wayfare simulate: %s\n",
                    why.len ? wf_buf_str(&why) : wf_word(wf_status_text(st)));
    }
    wf_buf_release(&why);
    wf_compiled_release(&compiled);
    return wf_status_exit(st);
}

int cmd_simulate(int argc, char **argv)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    struct asked a = {.rejects = WF_MAX_REJECTS_SHARE_DEFAULT, .nights = 30, .weeks = WEEKS};
    a.threads = cpus < 1 ? 1 : cpus > 64 ? 64 : cpus;
    a.memory = wf_cli_memory();
    int n = 0;
    const struct wf_option table[] = {
        {"data", WF_OPT_TEXT, &a.data, "DIR", N_("the folder of the exports at hand"), 0, 0},
        {"as-of", WF_OPT_TEXT, &a.as_of, "DATE", N_("the first night: one still to come"), 0, 0},
        {"state", WF_OPT_TEXT, &a.state, "FILE", N_("the state; it is not changed"), 0, 0},
        {"nights", WF_OPT_NUMBER, &a.nights, "N", N_("how many (30)"), 1, WF_SIMULATE_NIGHTS},
        {"rates", WF_OPT_CHOICE, &a.rates, "replay|none",
         N_("whether the last whole weeks happen again, or nothing new"), 0, 0},
        {"weeks", WF_OPT_NUMBER, &a.weeks, "N", N_("how many weeks happen again (4)"), 1,
         WF_SIMULATE_WEEKS},
        {"format", WF_OPT_CHOICE, &a.format, "text|json|csv", N_("how it is written"), 0, 0},
        {"schema", WF_OPT_FLAG, &a.schema, NULL, N_("print the JSON Schema of --format json"), 0,
         0},
        {"max-actions", WF_OPT_NUMBER, &a.max_actions, "N",
         N_("nights with more than these would be held"), 1, INT64_MAX},
        {"max-rejects", WF_OPT_TEXT, &a.max_rejects, "P%", N_("bad rows a feed may have (0.1%)"), 0,
         0},
        {"accept-unreadable", WF_OPT_NUMBER, &a.unreadable, "N",
         N_("event rows too broken to tell whose"), 0, INT64_MAX},
        {"threads", WF_OPT_NUMBER, &a.threads, "N", N_("workers (the machine's processors)"), 1,
         64},
        {"memory", WF_OPT_SIZE, &a.memory, "SIZE",
         N_("event rows on their way may take so much, more of them go to a file (a quarter of the "
            "machine's)"),
         0, INT64_MAX},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (a.schema) {
        fputs(wf_cli_text("forecast.schema.json"), stdout);
        return 0;
    }
    if (n != 1 || !a.data || !a.as_of || !a.state)
        return wf_usage(argv[0], "needs --data, --as-of, --state and one rule file");
    if (a.max_rejects && !wf_cli_share(a.max_rejects, &a.rejects))
        return wf_usage(argv[0], "--max-rejects takes a share like 0.1%%, not '%s'", a.max_rejects);
    return simulate_file(&a, argv[1]);
}
