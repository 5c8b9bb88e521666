#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/base/limits.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/summary.h"
#include "runtime/run/night.h"
#include "runtime/run/zonefile.h"

struct arguments {
    const char *rules, *data, *as_of, *state, *out, *max_rejects;
    int64_t threads, batch, format, unreadable;
    bool accept_volume, dry_run, quiet, json, profile, scalar;
    uint32_t rejects; /* millionths */
};

/* "0.1%" or a share like 0.001. */
static bool read_share(const char *text, uint32_t *out)
{
    char *end;
    double share = strtod(text, &end);
    if (end == text)
        return false;
    if (*end == '%') {
        share /= 100;
        end++;
    }
    if (*end || !(share >= 0 && share <= 1))
        return false;
    *out = (uint32_t)lround(share * 1e6);
    return true;
}

static int read_arguments(int argc, char **argv, struct arguments *a)
{
    int n = 0;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    *a = (struct arguments){.threads = cpus < 1    ? 1
                                       : cpus > 64 ? 64
                                                   : cpus,
                            .batch = WF_BATCH,
                            .rejects = WF_MAX_REJECTS_SHARE_DEFAULT};
    const struct wf_option table[] = {
        {"data", WF_OPT_TEXT, &a->data, "DIR", "the folder of the night's exports", 0, 0},
        {"as-of", WF_OPT_TEXT, &a->as_of, "DATE", "the night: its local midnight, or a time", 0, 0},
        {"state", WF_OPT_TEXT, &a->state, "FILE", "the state (`wayfare init` makes it)", 0, 0},
        {"out", WF_OPT_TEXT, &a->out, "DIR", "where the night's folder goes", 0, 0},
        {"format", WF_OPT_CHOICE, &a->format, "csv|jsonl", "of the actions", 0, 0},
        {"max-rejects", WF_OPT_TEXT, &a->max_rejects, "P%", "bad rows a feed may have (0.1%)", 0,
         0},
        {"accept-unreadable", WF_OPT_NUMBER, &a->unreadable, "N",
         "event rows too broken to tell whose", 0, INT64_MAX},
        {"accept-volume", WF_OPT_FLAG, &a->accept_volume, NULL,
         "feeds may have half or twice last night's rows", 0, 0},
        {"dry-run", WF_OPT_FLAG, &a->dry_run, NULL, "write the files, commit nothing", 0, 0},
        {"quiet", WF_OPT_FLAG, &a->quiet, NULL, "say nothing unless it fails", 0, 0},
        {"json", WF_OPT_FLAG, &a->json, NULL, "the summary as one line of JSON", 0, 0},
        {"profile", WF_OPT_FLAG, &a->profile, NULL, "seconds of each part, on standard error", 0,
         0},
        {"threads", WF_OPT_NUMBER, &a->threads, "N", "workers (the machine's processors)", 1, 64},
        {"batch", WF_OPT_NUMBER, &a->batch, "N", "members a batch", 1, WF_BATCH},
        {"scalar", WF_OPT_FLAG, &a->scalar, NULL, "without vector instructions", 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n != 1)
        return wf_usage(argv[0], n ? "one rule file, not '%s' as well" : "which rules?%s",
                        n ? argv[2] : "");
    a->rules = argv[1];
    if (!a->data || !a->as_of || !a->state || !a->out)
        return wf_usage(argv[0], "needs --data, --as-of, --state and --out");
    if (a->max_rejects && !read_share(a->max_rejects, &a->rejects))
        return wf_usage(argv[0], "--max-rejects takes a share like 0.1%%, not '%s'",
                        a->max_rejects);
    return WF_OPTIONS_GO;
}

static bool read_night(const char *text, const struct wf_zone *zone, int64_t *now_out)
{
    struct wf_stamp stamp;
    int64_t day;
    if (wf_date_parse(text, strlen(text), &day)) {
        *now_out = wf_zone_midnight(zone, day);
        return true;
    }
    if (!wf_stamp_parse(text, strlen(text), &stamp))
        return false;
    struct wf_stretch stretch = {0};
    *now_out = wf_zone_stamp(zone, &stretch, stamp);
    return true;
}

static enum wf_status run(const struct arguments *a, const struct wf_program *program,
                          const struct wf_zone *zone, int64_t now, struct wf_buf *why)
{
    struct wf_store *store = NULL;
    struct wf_run_result result;
    struct wf_run_options options = {
        .data = a->data,
        .out = a->out,
        .now = now,
        .zone = zone,
        .threads = (unsigned)a->threads,
        .batch = (unsigned)a->batch,
        .scalar = a->scalar,
        .dry_run = a->dry_run,
        .format = a->format ? WF_FORMAT_JSONL : WF_FORMAT_CSV,
        .max_rejects = a->rejects,
        .accept_unreadable = (uint64_t)a->unreadable,
        .accept_volume = a->accept_volume,
    };
    enum wf_status st = wf_store_open(a->state, NULL, &store, why);
    if (st != WF_OK)
        return st;
    st = wf_run_night(program, store, &options, &result, why);
    struct wf_summary summary = {program, &options, &result, st};
    if (!a->quiet || st != WF_OK)
        wf_summary_notes(&summary);
    if (st == WF_OK && a->json)
        wf_summary_json(&summary);
    else if (st == WF_OK && !a->quiet)
        wf_summary_print(&summary);
    if (a->profile)
        wf_summary_profile(&summary);
    wf_run_result_release(&result);
    wf_store_close(store);
    return st;
}

static int run_rules(const struct arguments *a)
{
    struct wf_compiled compiled;
    struct wf_zone *zone = NULL;
    struct wf_buf why;
    int64_t now = 0;
    wf_buf_init(&why, NULL, 0);
    enum wf_status st = a->quiet || a->json ? wf_cli_program_quietly(a->rules, &compiled)
                                            : wf_cli_program(a->rules, &compiled);
    if (st != WF_OK) {
        wf_compiled_release(&compiled);
        return wf_status_exit(st);
    }
    const struct wf_ir *ir = &compiled.program->ir;
    st = wf_zone_load(ir->texts[ir->timezone]->text, NULL, &zone, &why);
    if (st == WF_OK && !read_night(a->as_of, zone, &now)) {
        wf_buf_addf(&why, "--as-of takes a date like 2026-11-22, not '%s'", a->as_of);
        st = WF_ERR_USAGE;
    }
    if (st == WF_OK)
        st = run(a, compiled.program, zone, now, &why);
    if (st != WF_OK)
        fprintf(stderr, "wayfare run: %s\n", why.len ? wf_buf_str(&why) : wf_status_text(st));
    wf_buf_release(&why);
    if (zone)
        wf_zone_free(zone);
    wf_compiled_release(&compiled);
    return wf_status_exit(st);
}

int cmd_run(int argc, char **argv)
{
    struct arguments a;
    int code = read_arguments(argc, argv, &a);
    if (code != WF_OPTIONS_GO)
        return code;
    umask(077);
    return run_rules(&a);
}
