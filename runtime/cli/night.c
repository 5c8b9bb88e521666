#include "runtime/cli/night.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"
#include "runtime/cli/profile.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/summary.h"
#include "runtime/cli/ticker.h"
#include "runtime/cli/values.h"
#include "runtime/run/night.h"
#include "runtime/run/zonefile.h"

size_t wf_night_options(struct wf_night_arguments *a, struct wf_option *table)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    a->threads = cpus < 1 ? 1 : cpus > 64 ? 64 : cpus;
    a->batch = WF_BATCH;
    a->memory = wf_cli_memory();
    const struct wf_option rows[] = {
        {"data", WF_OPT_TEXT, &a->data, "DIR", N_("the folder of the night's exports"), 0, 0},
        {"state", WF_OPT_TEXT, &a->state, "FILE", N_("the state (`wayfare init` makes it)"), 0, 0},
        {"out", WF_OPT_TEXT, &a->out, "DIR", N_("where the night's folder goes"), 0, 0},
        {"format", WF_OPT_CHOICE, &a->format, "csv|jsonl", N_("of the actions"), 0, 0},
        {"full", WF_OPT_FLAG, &a->full, NULL,
         N_("the exports hold everything: take nothing from the snapshot"), 0, 0},
        {"max-rejects", WF_OPT_TEXT, &a->max_rejects, "P%", N_("bad rows a feed may have (0.1%)"),
         0, 0},
        {"accept-unreadable", WF_OPT_NUMBER, &a->unreadable, "N",
         N_("event rows too broken to tell whose"), 0, INT64_MAX},
        {"sha256", WF_OPT_FLAG, &a->sha256, NULL,
         N_("the manifest names each input's SHA-256 too, which takes longer"), 0, 0},
        {"quiet", WF_OPT_FLAG, &a->quiet, NULL, N_("say nothing unless it fails"), 0, 0},
        {"json", WF_OPT_FLAG, &a->json, NULL, N_("the summary as one line of JSON"), 0, 0},
        {"profile", WF_OPT_FLAG, &a->profile, NULL,
         N_("where the time went, on standard error or in the JSON"), 0, 0},
        {"threads", WF_OPT_NUMBER, &a->threads, "N", N_("workers (the machine's processors)"), 1,
         64},
        {"memory", WF_OPT_SIZE, &a->memory, "SIZE",
         N_("event rows on their way may take so much, more of them go to a file (a quarter of the "
            "machine's)"),
         0, INT64_MAX},
        {"batch", WF_OPT_NUMBER, &a->batch, "N", N_("members a batch"), 1, WF_BATCH},
        {"scalar", WF_OPT_FLAG, &a->scalar, NULL, N_("without vector instructions"), 0, 0},
    };
    memcpy(table, rows, sizeof(rows));
    return sizeof(rows) / sizeof(*rows);
}

/* The night and, for an approval, the moment it is given: by the arguments, the plan, the clock. */
struct when {
    int64_t now, at;
};

static enum wf_status tell_when(const struct wf_night_arguments *a, struct wf_store *store,
                                const struct wf_zone *zone, struct when *when, struct wf_buf *why)
{
    const char *option = a->plan ? "now" : "as-of", *text = a->plan ? a->now : a->as_of;
    int64_t *to = a->plan ? &when->at : &when->now;
    *when = (struct when){0, (int64_t)time(NULL)};
    if (text && !wf_cli_as_of(text, zone, to)) {
        wf_say(why,
               a->plan ? N_("--%s takes a date like 2026-11-22 or a time like 2026-11-22T08:30, "
                            "not '%s'")
                       : N_("--%s takes a date like 2026-11-22, not '%s'"),
               option, text);
        return WF_ERR_USAGE;
    }
    if (!a->plan)
        return WF_OK;
    struct wf_state state;
    wf_state_init(&state, NULL);
    enum wf_status st = wf_store_load(store, &state);
    if (st != WF_OK)
        wf_buf_adds(why, wf_buf_str(&store->why));
    when->now = state.control.plan.t;
    wf_state_release(&state);
    return st;
}

static void tell(const struct wf_night_arguments *a, const struct wf_summary *summary)
{
    bool told = summary->status == WF_OK || summary->status == WF_ERR_HELD;
    if (!a->quiet || !told)
        wf_summary_notes(summary);
    if (told && a->json)
        wf_summary_json(summary);
    else if (told && !a->quiet)
        wf_summary_print(summary);
    if (summary->profile && !(told && a->json))
        wf_profile_print(summary);
}

static enum wf_status run(const struct wf_night_arguments *a, const struct wf_program *program,
                          const struct wf_rule_text *texts, size_t n_texts,
                          const struct wf_zone *zone, uint32_t rejects, struct wf_buf *why)
{
    struct wf_store *store = NULL;
    struct wf_run_result result;
    struct when when;
    enum wf_status st = wf_store_open(a->state, NULL, &store, why);
    if (st == WF_OK)
        st = tell_when(a, store, zone, &when, why);
    if (st != WF_OK) {
        wf_store_close(store);
        return st;
    }
    struct wf_approval approval = {a->plan, when.at};
    struct wf_run_options options = {
        .data = a->data,
        .out = a->out,
        .beside = a->state,
        .scratch = a->state,
        .full = a->full,
        .now = when.now,
        .zone = zone,
        .threads = (unsigned)a->threads,
        .batch = (unsigned)a->batch,
        .event_memory = (uint64_t)a->memory,
        .scalar = a->scalar,
        .dry_run = a->dry_run,
        .format = a->format ? WF_FORMAT_JSONL : WF_FORMAT_CSV,
        .rules = texts,
        .n_rules = n_texts,
        .sha256 = a->sha256,
        .max_rejects = rejects,
        .accept_unreadable = (uint64_t)a->unreadable,
        .accept_volume = a->accept_volume,
        .accept_repeat = a->accept_repeat,
        .max_actions = (uint64_t)a->max_actions,
        .approval = a->plan ? &approval : NULL,
    };
    struct wf_ticker ticker;
    wf_ticker_start(&ticker, !a->quiet && !a->json);
    struct wf_profile profile = {.n = 0};
    if (a->profile) /* without memory for it the machine is not timed */
        profile.insns = wf_calloc(NULL, program->n_insns, sizeof(*profile.insns));
    options.progress = &ticker.progress;
    options.profile = a->profile ? &profile : NULL;
    st = wf_run_night(program, store, &options, &result, why);
    wf_ticker_stop(&ticker);
    tell(a,
         &(struct wf_summary){a->rules, a->state, program, &options, &result, options.profile, st});
    wf_free(NULL, profile.insns);
    wf_run_result_release(&result);
    wf_store_close(store);
    return st;
}

/* The night, with the rules as they were written at hand: a compiled program has none. */
static enum wf_status run_told(const struct wf_night_arguments *a,
                               const struct wf_compiled *compiled, const struct wf_zone *zone,
                               uint32_t rejects, struct wf_buf *why)
{
    const struct wf_sources *sources = &compiled->front.sources;
    struct wf_rule_text *texts = wf_calloc(NULL, sources->n, sizeof(*texts));
    if (!texts)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < sources->n; i++)
        texts[i] = (struct wf_rule_text){sources->files[i].name, sources->files[i].text};
    enum wf_status st = run(a, compiled->program, texts, sources->n, zone, rejects, why);
    wf_free(NULL, texts);
    return st;
}

int wf_night_command(const struct wf_night_arguments *a)
{
    struct wf_compiled compiled;
    struct wf_zone *zone = NULL;
    struct wf_buf why;
    uint32_t rejects = WF_MAX_REJECTS_SHARE_DEFAULT;
    if (a->max_rejects && !wf_cli_share(a->max_rejects, &rejects))
        return wf_usage(a->command, "--max-rejects takes a share like 0.1%%, not '%s'",
                        a->max_rejects);
    umask(077);
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = a->quiet || a->json ? wf_cli_program_quietly(a->rules, &compiled)
                                            : wf_cli_program(a->rules, &compiled);
    if (st != WF_OK) {
        wf_compiled_release(&compiled);
        return wf_status_exit(st);
    }
    const struct wf_ir *ir = &compiled.program->ir;
    st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, &why);
    if (st == WF_OK)
        st = run_told(a, &compiled, zone, rejects, &why);
    if (st != WF_OK)
        fprintf(stderr, "wayfare %s: %s\n", a->command,
                why.len ? wf_buf_str(&why) : wf_status_text(st));
    wf_buf_release(&why);
    if (zone)
        wf_zone_free(zone);
    wf_compiled_release(&compiled);
    return wf_status_exit(st);
}
