#include "runtime/cli/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "runtime/cli/profile.h"
#include "runtime/run/action.h"
#include "runtime/run/figure.h"
#include "runtime/run/optout.h"
#include "runtime/run/sheet.h"

static uint64_t count_rejects(const struct wf_load_report *report)
{
    uint64_t n = 0;
    for (size_t i = 0; i < report->n_feeds; i++)
        n += report->feeds[i].rejects + report->feeds[i].unreadable;
    return n;
}

void wf_summary_notes(const struct wf_summary *summary)
{
    const struct wf_load_report *report = &summary->result->report;
    const struct wf_ir *ir = &summary->program->ir;
    if (summary->result->voided)
        fputs(wf_word("note: the night that was held is void: this run took its place\n"), stderr);
    if (summary->options->approval && !summary->result->already && !wf_optout_read(ir))
        fputs(
            wf_word("note: no rule reads the opt-outs: nobody can tell who opted out meanwhile\n"),
            stderr);
    for (size_t i = 0; i < report->n_notes; i++)
        fprintf(stderr, wf_word("note: %s\n"), report->notes[i]);
    for (size_t i = 0; i < report->n_feeds; i++) {
        const struct wf_load_feed *feed = &report->feeds[i];
        if (feed->rejects || feed->unreadable)
            fprintf(stderr, wf_word("note: %s: %" PRIu64 " of %" PRIu64 " rows rejected\n"),
                    feed->name, feed->rejects + feed->unreadable, feed->rows);
        if (feed->orphans || feed->nobodys)
            fprintf(stderr,
                    wf_word("note: %s: %" PRIu64 " rows of unknown members, %" PRIu64 " of none\n"),
                    feed->name, feed->orphans, feed->nobodys);
    }
}

static const char *rule_name(const struct wf_ir *ir, uint32_t i)
{
    const struct wf_ir_trigger *trigger = &ir->triggers[i];
    return wf_ir_text(ir, trigger->name != WF_NONE ? trigger->name : trigger->identity);
}

static void print_rule(const struct wf_ir *ir, uint32_t i, const struct wf_rule_counts *c)
{
    printf(wf_word("  %s\n    acted %" PRIu64 ", condition not true %" PRIu64), rule_name(ir, i),
           c->acted, c->guard);
    if (c->missed)
        printf(wf_word(", missed %" PRIu64), c->missed);
    if (c->before)
        printf(wf_word(", due before the rule's first run %" PRIu64), c->before);
    if (c->again)
        printf(wf_word(", acted before %" PRIu64), c->again);
    printf(wf_word("; actions %" PRIu64), c->left);
    if (c->stopped)
        printf(wf_word(", suppressed %" PRIu64), c->stopped);
    puts(c->first ? wf_word(" (first run)") : "");
}

/* Those that are one figure; the others are tables, and in metrics.csv. */
static void print_metric(const struct wf_ir *ir, const struct wf_metric_row *row)
{
    const struct wf_ir_metric *metric = &ir->metrics[row->metric];
    struct wf_buf value;
    if (metric->by != WF_NONE)
        return;
    wf_buf_init(&value, NULL, 0);
    wf_figure_value(&value, ir, row);
    printf("  %s: %s\n", wf_ir_text(ir, metric->label == WF_NONE ? metric->name : metric->label),
           value.len ? wf_buf_str(&value) : "-");
    wf_buf_release(&value);
}

/* The plan, where to look at it, and the words that let it leave. */
static void print_held(const struct wf_summary *summary)
{
    const struct wf_run_result *result = summary->result;
    const struct wf_run_options *o = summary->options;
    fputs(wf_buf_str(&result->plan), stdout);
    if (o->dry_run) {
        printf(wf_word("written to %s/%s.dry-run\n"), o->out, result->folder);
        return;
    }
    printf(wf_word("look at it in %s/%s.held, then let it leave by\n"
                   "  wayfare approve %s --plan %s --data %s --state %s --out %s\n"
                   "or run the night again from better exports\n"),
           o->out, result->folder, summary->rules, result->plan_id, o->data, summary->state,
           o->out);
}

void wf_summary_print(const struct wf_summary *summary)
{
    const struct wf_run_result *result = summary->result;
    const struct wf_ir *ir = &summary->program->ir;
    bool approved = summary->options->approval != NULL;
    if (result->resumed)
        puts(wf_word("finished the night that was cut short"));
    if (summary->status == WF_ERR_HELD) {
        print_held(summary);
        return;
    }
    if (result->already) {
        printf(approved ? wf_word("%s: was approved already; nothing to do\n")
                        : wf_word("%s: was run already from these exports; nothing to do\n"),
               result->folder);
        return;
    }
    if (approved)
        printf(wf_word("approved plan %s; %" PRIu64 " of its actions may not leave any more\n"),
               result->plan_id, result->dropped);
    printf(wf_word("%s: members %" PRIu32 ", actions %" PRIu64 ", suppressed %" PRIu64),
           result->folder, result->members, result->actions, result->suppressed);
    puts(summary->options->dry_run ? wf_word(" (dry run)") : "");
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        print_rule(ir, i, &result->outcome.rules[i]);
    for (size_t i = 0; i < result->outcome.n_metrics; i++)
        print_metric(ir, &result->outcome.metrics[i]);
    if (result->outcome.stats.undefined)
        printf(wf_word("  arithmetic without a result: %" PRIu64 "\n"),
               result->outcome.stats.undefined);
    printf(wf_word("  written to %s/%s%s\n"), summary->options->out, result->folder,
           summary->options->dry_run ? ".dry-run" : "");
}

void wf_summary_json(const struct wf_summary *summary)
{
    const struct wf_run_result *r = summary->result;
    const struct wf_ir *ir = &summary->program->ir;
    printf("{\"night\":\"%s\",\"members\":%" PRIu32 ",\"actions\":%" PRIu64
           ",\"suppressed\":%" PRIu64 ",\"rejects\":%" PRIu64
           ",\"already\":%s,\"resumed\":%s,\"dry_run\":%s,\"rules\":[",
           r->folder, r->members, r->actions, r->suppressed, count_rejects(&r->report),
           r->already ? "true" : "false", r->resumed ? "true" : "false",
           summary->options->dry_run ? "true" : "false");
    for (uint32_t i = 0; !r->already && i < ir->n_triggers; i++) {
        const struct wf_rule_counts *c = &r->outcome.rules[i];
        struct wf_buf name;
        const char *rule = rule_name(ir, i);
        wf_buf_init(&name, NULL, 0);
        wf_json_string(&name, rule, strlen(rule));
        printf("%s{\"rule\":%s,\"line\":%" PRIu32 ",\"acted\":%" PRIu64
               ",\"guard_not_true\":%" PRIu64 ",\"missed\":%" PRIu64
               ",\"not_reaching_back\":%" PRIu64 ",\"acted_before\":%" PRIu64
               ",\"actions\":%" PRIu64 ",\"suppressed\":%" PRIu64 "}",
               i ? "," : "", wf_buf_str(&name),
               ir->triggers[i].place == WF_NONE ? 0 : ir->places[ir->triggers[i].place].line,
               c->acted, c->guard, c->missed, c->before, c->again, c->left, c->stopped);
        wf_buf_release(&name);
    }
    fputs("],", stdout);
    if (*r->plan_id)
        printf("\"plan\":\"%s\",\"held\":%s,\"dropped\":%" PRIu64 ",", r->plan_id,
               r->held ? "true" : "false", r->dropped);
    printf("\"seconds\":{\"state\":%.4f,\"read\":%.4f,\"evaluate\":%.4f,\"write\":%.4f}",
           r->seconds.state, r->seconds.read, r->seconds.evaluate, r->seconds.write);
    if (summary->profile) {
        fputs(",\"profile\":", stdout);
        wf_profile_json(summary);
    }
    puts("}");
}
