#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/lang.h"
#include "runtime/run/action.h"
#include "runtime/run/night.h"
#include "runtime/run/zonefile.h"
#include "tests/naive/naive.h"
#include "tests/tools/compiled.h"

enum { LINES = 4096 };

struct player {
    const struct nv_case *c;
    struct wf_zone *zone;
    struct wf_store *store;
    struct wf_buf rules, feeds[1 + NV_KINDS];
    struct wf_compiled compiled;
    bool compiled_once;
    char lines[LINES][80];
    int n_lines;
    struct wf_buf *why;
};

/* ---- lines ---- */

void nv_line(const struct nv_case *c, int member, int rule, const struct nv_action *action,
             int64_t from, int channel, const char *gate, char out[80])
{
    static const char *const what[NV_DOS] = {"coupon c", "points +", "tag t", "task k"};
    static const char *const via[] = {"", " via wecom", " via sms"};
    char when[32] = "";
    if (from != NV_NONE && !gate)
        snprintf(when, sizeof(when), " day %d %02d:%02d%s", (int)(nv_day(from) - c->day0),
                 (int)((from + NV_ZONE) / 3600 % 24), (int)(from / 60 % 60), via[channel]);
    snprintf(out, 80, "%s r%d %s%d%s%s%s\n", c->members[member].id, rule, what[action->what],
             action->number, when, gate ? " !" : "", gate ? gate : "");
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

void nv_sort_lines(char lines[][80], int n, struct wf_buf *out)
{
    qsort(lines, (size_t)n, sizeof(*lines), compare_lines);
    for (int i = 0; i < n; i++)
        wf_buf_adds(out, lines[i]);
}

/* ---- the real night ---- */

/* Compiles the night's rules, if they are not the last one's. */
static bool compile(struct player *p, int night)
{
    struct wf_buf rules;
    wf_buf_init(&rules, NULL, 0);
    nv_write_rules(p->c, night, &rules);
    bool same = p->compiled_once && strcmp(wf_buf_str(&rules), wf_buf_str(&p->rules)) == 0;
    if (same) {
        wf_buf_release(&rules);
        return true;
    }
    if (p->compiled_once)
        wf_compiled_release(&p->compiled);
    wf_buf_release(&p->rules);
    p->rules = rules;
    p->compiled_once = true;
    const struct file files[] = {{"rules.way", wf_buf_str(&p->rules)}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    enum wf_status st = wf_compile(NULL, &loader, "rules.way", &p->compiled);
    for (size_t i = 0; st != WF_OK && i < p->compiled.front.diags.n; i++)
        wf_buf_addf(p->why, "%s\n", p->compiled.front.diags.items[i]->message);
    return st == WF_OK;
}

static int number_after(const char *text, char letter)
{
    const char *at = text ? strchr(text, letter) : NULL;
    return at ? atoi(at + 1) : -1;
}

static int rule_of(const struct wf_ir *ir, const struct wf_decision *d)
{
    uint32_t name = d->rule < ir->n_triggers ? ir->triggers[d->rule].name
                                             : ir->journeys[d->rule - ir->n_triggers].name;
    return number_after(wf_ir_text(ir, name), 'r');
}

static int channel_of(const struct wf_ir *ir, const struct wf_decision *d)
{
    const char *name = d->channel == WF_NONE ? "" : wf_ir_text(ir, d->channel);
    return strcmp(name, "wecom") == 0 ? 1 : strcmp(name, "sms") == 0 ? 2 : 0;
}

static enum wf_status look(void *ctx, const struct wf_night *night,
                           const struct wf_outcome *outcome)
{
    struct player *p = ctx;
    for (size_t i = 0; i < outcome->n_decisions && p->n_lines < LINES; i++) {
        const struct wf_decision *d = &outcome->decisions[i];
        int rule = rule_of(&night->program->ir, d);
        const struct nv_action *action = nv_action_at(p->c, rule, (int)d->position);
        const struct wf_id *id = &night->data->ids[d->target];
        char member[16];
        snprintf(member, sizeof(member), "%.*s", (int)id->len, night->data->id_heap + id->at);
        nv_line(p->c, number_after(member, 'm'), rule, action,
                d->not_before == WF_NO_TIME ? NV_NONE : d->not_before,
                channel_of(&night->program->ir, d), wf_gate_text((enum wf_gate)d->gate),
                p->lines[p->n_lines++]);
    }
    return WF_OK;
}

/* The event of that kind in the program, or -1: no rule knows it. */
static int event_of(const struct wf_ir *ir, enum nv_kind kind)
{
    static const char *const names[NV_KINDS] = {"purchase", "optout", "reply"};
    for (uint32_t i = 0; i < ir->n_events; i++) {
        if (strcmp(wf_ir_text(ir, ir->events[i].name), names[kind]) == 0)
            return (int)i;
    }
    return -1;
}

static size_t write_feeds(struct player *p, int night, struct wf_feed_memory memory[1 + NV_KINDS])
{
    size_t n = 1;
    for (int i = 0; i < 1 + NV_KINDS; i++)
        wf_buf_reset(&p->feeds[i]);
    nv_write_members(p->c, night, &p->feeds[0]);
    memory[0] = (struct wf_feed_memory){WF_FEED_MEMBER, 0, "members", wf_buf_str(&p->feeds[0]),
                                        p->feeds[0].len};
    for (int kind = 0; kind < NV_KINDS; kind++) {
        int event = event_of(&p->compiled.program->ir, (enum nv_kind)kind);
        struct wf_buf *feed = &p->feeds[1 + kind];
        nv_write_events(p->c, night, (enum nv_kind)kind, feed);
        if (event >= 0)
            memory[n++] = (struct wf_feed_memory){WF_FEED_EVENT, (uint32_t)event, "events",
                                                  wf_buf_str(feed), feed->len};
    }
    return n;
}

static bool run(struct player *p, int night, struct wf_buf *out)
{
    struct wf_feed_memory memory[1 + NV_KINDS];
    struct wf_run_result result;
    struct wf_run_options options = {.memory = memory,
                                     .n_memory = write_feeds(p, night, memory),
                                     .look = {p, look},
                                     .now = nv_now(p->c, night),
                                     .zone = p->zone,
                                     .threads = 1,
                                     .batch = WF_BATCH};
    p->n_lines = 0;
    enum wf_status st = wf_run_night(p->compiled.program, p->store, &options, &result, p->why);
    wf_run_result_release(&result);
    nv_sort_lines(p->lines, p->n_lines, out);
    return st == WF_OK;
}

/* ---- both ---- */

static bool play(struct player *p, struct nv_model *model, int night)
{
    struct wf_buf said, expected;
    bool same = false;
    wf_buf_init(&said, NULL, 0);
    wf_buf_init(&expected, NULL, 0);
    if (compile(p, night) && run(p, night, &said)) {
        nv_model_night(model, night, &expected);
        same = strcmp(wf_buf_str(&said), wf_buf_str(&expected)) == 0;
    }
    if (!same)
        wf_buf_addf(p->why, "seed %llu, night %d: the night said\n%sthe model\n%s",
                    (unsigned long long)p->c->seed, night, wf_buf_str(&said),
                    wf_buf_str(&expected));
    wf_buf_release(&said);
    wf_buf_release(&expected);
    return same;
}

bool nv_agree(const struct nv_case *c, struct wf_buf *why)
{
    struct player *p = calloc(1, sizeof(*p));
    struct nv_model *model = nv_model_new(c);
    bool same = p && model;
    if (!same)
        return false;
    *p = (struct player){.c = c, .why = why};
    wf_buf_init(&p->rules, NULL, 0);
    for (int i = 0; i < 1 + NV_KINDS; i++)
        wf_buf_init(&p->feeds[i], NULL, 0);
    same = wf_store_open_mem(NULL, &p->store) == WF_OK &&
           wf_zone_load("Asia/Shanghai", NULL, &p->zone, NULL) == WF_OK;
    for (int night = 0; same && night < NV_NIGHTS; night++)
        same = c->lost[night] || play(p, model, night);
    if (p->compiled_once)
        wf_compiled_release(&p->compiled);
    for (int i = 0; i < 1 + NV_KINDS; i++)
        wf_buf_release(&p->feeds[i]);
    wf_buf_release(&p->rules);
    wf_zone_free(p->zone);
    if (p->store)
        wf_store_close(p->store);
    nv_model_free(model);
    free(p);
    return same;
}
