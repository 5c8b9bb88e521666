#include "runtime/cli/journeys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "lang/lang.h"

/* How many members stand at each label of one structure. */
struct standing {
    const struct wf_ir *ir;
    uint64_t *at; /* by step */
};

static const char *label_of(const struct wf_ir *ir, uint32_t step)
{
    const struct wf_ir_journey *j = &ir->journeys[0];
    uint32_t label = ir->steps[j->steps_first + step].label;
    return label == WF_NONE ? "start" : ir->texts[label]->text;
}

/* "start 3, ask 9": the labels in the order of their steps, each once. */
static void print_labels(const struct standing *s)
{
    uint32_t n = s->ir->journeys[0].steps_count;
    bool first = true;
    for (uint32_t i = 0; i < n; i++) {
        const char *label = label_of(s->ir, i);
        uint64_t members = 0;
        for (uint32_t k = i; k < n; k++) {
            if (strcmp(label_of(s->ir, k), label) != 0)
                continue;
            members += s->at[k];
            s->at[k] = 0;
        }
        if (!members)
            continue;
        printf("%s%s %" PRIu64, first ? "" : ", ", label, members);
        first = false;
    }
}

static enum wf_status print_version(const struct wf_journey_state *journey,
                                    const struct wf_version *version)
{
    struct wf_program *program = NULL;
    enum wf_status st = wf_program_load(NULL, version->bytes, version->len, &program, NULL);
    if (st != WF_OK)
        return st;
    struct standing s = {.ir = &program->ir};
    uint64_t live = 0;
    uint32_t n = program->ir.n_journeys == 1 ? program->ir.journeys[0].steps_count : 0;
    s.at = wf_calloc(NULL, n + (size_t)1, sizeof(*s.at));
    for (size_t i = 0; s.at && i < journey->n; i++) {
        const struct wf_entry *e = &journey->entries[i];
        if (e->version != version->number || e->step >= n)
            continue;
        s.at[e->step]++;
        live++;
    }
    if (live) {
        printf(wf_word("  structure %016" PRIx64 ": "), version->hash);
        print_labels(&s);
        putchar('\n');
    }
    st = s.at ? WF_OK : WF_ERR_NOMEM;
    wf_free(NULL, s.at);
    wf_program_free(program);
    return st;
}

enum { MONEY_TEXT = 24 };

static const char *money_text(char out[MONEY_TEXT], int64_t hundredths)
{
    uint64_t size = hundredths < 0 ? 0 - (uint64_t)hundredths : (uint64_t)hundredths;
    snprintf(out, MONEY_TEXT, "%s%" PRIu64 ".%02" PRIu64, hundredths < 0 ? "-" : "", size / 100,
             size % 100);
    return out;
}

/* A goal that is a value is not reached: it is measured. */
static void print_measured(const struct wf_journey_totals *t)
{
    char treated[MONEY_TEXT], held_out[MONEY_TEXT];
    printf(wf_word("  so far %" PRIu64 " entered, %" PRIu64 " left, %" PRIu64 " exited\n"),
           t->entered[0] + t->entered[1], t->left[0] + t->left[1], t->exited[0] + t->exited[1]);
    if (t->entered[1])
        printf(wf_word("  of these held out: %" PRIu64 " entered\n"), t->entered[1]);
    printf(wf_word("  the goal in all: treated %s, held out %s\n"),
           money_text(treated, t->value[0]), money_text(held_out, t->value[1]));
}

static void print_totals(const struct wf_journey_totals *t)
{
    if (t->value[0] || t->value[1]) {
        print_measured(t);
        return;
    }
    printf(wf_word("  so far %" PRIu64 " entered, %" PRIu64 " left, %" PRIu64 " exited, %" PRIu64
                   " reached the goal\n"),
           t->entered[0] + t->entered[1], t->left[0] + t->left[1], t->exited[0] + t->exited[1],
           t->goals[0] + t->goals[1]);
    if (t->entered[1])
        printf(wf_word("  of these held out: %" PRIu64 " entered, %" PRIu64 " reached the goal\n"),
               t->entered[1], t->goals[1]);
}

enum wf_status wf_cli_print_journeys(const struct wf_state *state)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < state->n_journeys; i++) {
        const struct wf_journey_state *journey = &state->journeys[i];
        const struct wf_rule_state *rule = wf_state_rule_of(state, journey->rule);
        printf(journey->finish ? wf_word("%s: %" PRIu64 " members in it, who walk to the end "
                                         "(`wayfare finish`)\n")
                               : wf_word("%s: %" PRIu64 " members in it\n"),
               rule ? rule->identity : "", wf_entries_live(journey));
        for (size_t v = 0; st == WF_OK && v < journey->n_versions; v++)
            st = print_version(journey, &journey->versions[v]);
        if (st == WF_OK)
            print_totals(&journey->totals);
    }
    return st;
}
