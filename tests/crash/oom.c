/*
 * Every allocation fails once, and then every one from it on: of the compiler, the formatter, the
 * diagnostics; of a whole night, with what SQLite, zstd, jansson and the C library allocate for it.
 * Each time: an answer that says so, no leak, no crash; and a night, run again with memory, is what
 * it should be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/format.h"
#include "lang/syntax/diag_report.h"
#include "tests/fault/campaign.h"
#include "tests/fault/memory.h"

/* ---- the compiler ---- */

static const char RICH[] = "tests/golden/diag/ok_everything.way";

/* Rules with something wrong on most lines, so that there is much to say. */
static const char WRONG[] = "import std.retail\n"
                            "segment a is pointz > 3 and joined < \"x\"\n"
                            "segment b is b or count purchase[amnt > 3] > 2\n"
                            "trigger t when member becomes nobody then send nothing via pigeon\n"
                            "trigger t when joined + 7 then tag 5, send coupon \"none\"\n"
                            "let x = sum purchase\n"
                            "classify c { one when points }\n";

/* And with one thing wrong, which must never be taken for good. */
static const char ONE_WRONG[] = "import std.retail\nsegment a is pointz > 3\n";

struct rules {
    const char *bytes;
    size_t len;
};

static enum wf_status read_rules(void *ctx, const char *path, const char **bytes_out,
                                 size_t *len_out)
{
    const struct rules *rules = ctx;
    if (strcmp(path, "rules.way") != 0)
        return WF_ERR_MISSING;
    *bytes_out = rules->bytes;
    *len_out = rules->len;
    return WF_OK;
}

static void done_with(void *ctx, const char *bytes, size_t len)
{
    (void)ctx, (void)bytes, (void)len;
}

typedef enum wf_status job_fn(const struct wf_loader *loader, const struct rules *rules,
                              struct wf_buf *out);

/* In every form that a machine reads. */
static void add_reports(struct wf_buf *out, const struct wf_diags *diags)
{
    for (int form = WF_REPORT_JSON; form <= WF_REPORT_GITLAB; form++) {
        struct wf_report report;
        wf_report_init(&report, (enum wf_report_form)form, NULL);
        wf_report_add(&report, diags, "rules.way");
        wf_report_end(&report, out);
        wf_report_release(&report);
    }
}

static enum wf_status compile(const struct wf_loader *loader, const struct rules *rules,
                              struct wf_buf *out)
{
    struct wf_compiled compiled;
    (void)rules;
    enum wf_status st = wf_compile(NULL, loader, "rules.way", &compiled);
    if (st == WF_OK)
        st = wf_dump_compiled(&compiled, WF_DUMP_CODE, true, out);
    if (st == WF_OK)
        st = wf_program_store(compiled.program, out);
    if (st == WF_ERR_RULES)
        add_reports(out, &compiled.front.diags);
    wf_compiled_release(&compiled);
    return out->failed ? WF_ERR_NOMEM : st;
}

static enum wf_status format(const struct wf_loader *loader, const struct rules *rules,
                             struct wf_buf *out)
{
    struct wf_sources sources;
    struct wf_diags diags;
    wf_sources_init(&sources, NULL);
    wf_diags_init(&diags, NULL, &sources);
    enum wf_status st = wf_format_bytes(loader, "rules.way", rules->bytes, rules->len,
                                        WF_KEYWORDS_ZH, &sources, &diags, out);
    wf_diags_release(&diags);
    wf_sources_release(&sources);
    return out->failed ? WF_ERR_NOMEM : st;
}

static long tries(job_fn *job, const struct rules *rules, long at, bool for_ever,
                  enum wf_status *status_out, struct wf_buf *out)
{
    struct wf_loader loader = {
        .ctx = (void *)(uintptr_t)rules, .read = read_rules, .done = done_with};
    wf_buf_init(out, NULL, 0);
    memory_watch(at, for_ever);
    *status_out = job(&loader, rules, out);
    return memory_unwatch();
}

static void sweep(struct campaign *c, const char *name, job_fn *job, const struct rules *rules)
{
    struct wf_buf calm, out;
    enum wf_status expect, st;
    tries(job, rules, 0, false, &expect, &calm); /* what is made once in a process is made */
    wf_buf_release(&calm);
    long calls = tries(job, rules, 0, false, &expect, &calm);
    for (long at = 1; at <= calls; at++)
        for (int for_ever = 0; for_ever < 2; for_ever++) {
            if (!campaign_takes(c))
                continue;
            tries(job, rules, at, for_ever, &st, &out);
            /* what is wrong may be told with fewer words */
            bool same =
                st == expect &&
                (st == WF_ERR_RULES || (out.len == calm.len &&
                                        memcmp(wf_buf_str(&out), wf_buf_str(&calm), out.len) == 0));
            long held = memory_held() - (out.data != NULL);
            wf_buf_release(&out);
            if (held)
                campaign_bad(c, "%s, allocation %ld%s: %ld blocks were not freed", name, at,
                             for_ever ? " and on" : "", held);
            if (st != WF_ERR_NOMEM && !same)
                campaign_bad(c, "%s, allocation %ld%s: answered %d", name, at,
                             for_ever ? " and on" : "", (int)st);
        }
    campaign_says(c, "%s: %ld allocations", name, calls);
    wf_buf_release(&calm);
}

/* ---- a night ---- */

static enum wf_status night(struct play *play, long at, bool for_ever, long *calls_out,
                            char why[256])
{
    struct chain *chain = play_night(play);
    play_restore(play, play->base);
    wf_buf_release(&chain->why);
    memory_watch(at, for_ever);
    enum wf_status st = play_run(play, chain);
    snprintf(why, 256, "%s", wf_buf_str(&chain->why));
    wf_buf_release(&chain->why);
    *calls_out = memory_unwatch();
    return st;
}

static void try(struct campaign *c, struct play *play, long at, bool for_ever)
{
    char where[64], why[256];
    long calls;
    enum wf_status st = night(play, at, for_ever, &calls, why);
    long held = memory_held();
    snprintf(where, sizeof(where), "allocation %ld%s", at, for_ever ? " and on" : "");
    if (held)
        campaign_bad(c, "%s, %s: %ld blocks were not freed", play->scene->name, where, held);
    bool good = play_good(play, play_night(play), st);
    if (good && !play_ended(play, END_NIGHT))
        campaign_bad(c, "%s, %s: ended well, but not what it should be:\n%s", play->scene->name,
                     where, wf_buf_str(&play->said));
    if (!good && wf_status_exit(st) != 70 && wf_status_exit(st) != 74)
        campaign_bad(c, "%s, %s: ended with %d: %s", play->scene->name, where, wf_status_exit(st),
                     why);
    if (c->points % 2)
        campaign_again(c, play, where);
    else
        campaign_next(c, play, play_marked(play), where);
}

static void each_allocation(struct campaign *c, struct play *play)
{
    long calls;
    char why[256];
    night(play, 0, false, &calls, why);
    if (!play_good(play, play_night(play), night(play, 0, false, &calls, why)) || memory_held())
        campaign_bad(c, "%s: with all memory it keeps %ld blocks", play->scene->name,
                     memory_held());
    for (long at = 1; at <= calls; at++)
        for (int for_ever = 0; for_ever < 2; for_ever++)
            if (campaign_takes(c))
                try(c, play, at, for_ever);
    campaign_says(c, "%s: %ld allocations", play->scene->name, calls);
}

int main(int argc, char **argv)
{
    struct campaign c;
    struct wf_buf rich;
    if (!campaign_begin(&c, "oom", argc, argv))
        return 64;
    wf_buf_init(&rich, NULL, 0);
    if (wf_fs_os.read(NULL, RICH, &rich) != WF_OK) {
        fprintf(stderr, "oom: run it where %s is\n", RICH);
        return 66;
    }
    struct rules good = {rich.data, rich.len}, wrong = {WRONG, sizeof(WRONG) - 1};
    struct rules one = {ONE_WRONG, sizeof(ONE_WRONG) - 1};
    if (!c.scene) {
        sweep(&c, "compile", compile, &good);
        sweep(&c, "compile what is wrong", compile, &wrong);
        sweep(&c, "compile one thing that is wrong", compile, &one);
        sweep(&c, "format", format, &good);
    }
    wf_buf_release(&rich);
    campaign_scenes(&c, each_allocation);
    return campaign_end(&c);
}
