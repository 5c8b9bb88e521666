#include "runtime/run/coverage.h"

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/why.h"

enum wf_status wf_coverage_init(struct wf_coverage *coverage, const struct wf_ir *ir,
                                const struct wf_alloc *alloc)
{
    *coverage = (struct wf_coverage){.alloc = alloc, .ir = ir};
    coverage->triggers = wf_calloc(alloc, ir->n_triggers + (size_t)1, sizeof(*coverage->triggers));
    coverage->actions = wf_calloc(alloc, ir->n_actions + (size_t)1, sizeof(*coverage->actions));
    return coverage->triggers && coverage->actions ? WF_OK : WF_ERR_NOMEM;
}

void wf_coverage_release(struct wf_coverage *coverage)
{
    wf_free(coverage->alloc, coverage->triggers);
    wf_free(coverage->alloc, coverage->actions);
    *coverage = (struct wf_coverage){0};
}

void wf_coverage_add(struct wf_coverage *coverage, const struct wf_outcome *outcome)
{
    for (uint32_t i = 0; i < coverage->ir->n_triggers; i++) {
        coverage->triggers[i].acted += outcome->rules[i].acted + outcome->rules[i].missed;
        coverage->triggers[i].refused += outcome->rules[i].guard;
    }
    for (size_t i = 0; i < outcome->n_decisions; i++)
        coverage->actions[outcome->decisions[i].action] = true;
}

/* A condition that is its own moment is refused by not crossing, which every night shows. */
static bool can_refuse(const struct wf_ir_trigger *trigger)
{
    return trigger->journey == WF_NONE && trigger->guard != WF_NONE &&
           trigger->moment != WF_MOMENT_CROSSING && trigger->moment != WF_MOMENT_CALENDAR;
}

/* Whether its own actions are what the trigger is for; an entry's are the journey's. */
static bool can_act(const struct wf_ir_trigger *trigger)
{
    return trigger->journey == WF_NONE;
}

void wf_coverage_count(const struct wf_coverage *coverage, uint64_t *seen_out,
                       uint64_t *branches_out)
{
    const struct wf_ir *ir = coverage->ir;
    *seen_out = *branches_out = 0;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        bool acts = can_act(&ir->triggers[i]), refuses = can_refuse(&ir->triggers[i]);
        *branches_out += (uint64_t)acts + refuses;
        *seen_out += (uint64_t)(acts && coverage->triggers[i].acted > 0) +
                     (refuses && coverage->triggers[i].refused > 0);
    }
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        *branches_out += ir->journeys[i].actions_count;
        for (uint32_t k = 0; k < ir->journeys[i].actions_count; k++)
            *seen_out += coverage->actions[ir->journeys[i].actions_first + k];
    }
}

static void say(const struct wf_coverage *coverage, uint32_t place, const char *rule,
                const char *what, struct wf_buf *out)
{
    wf_buf_adds(out, "  ");
    wf_why_place(coverage->ir, place, out);
    wf_buf_addf(out, ": %s: %s\n", rule, wf_word(what));
}

void wf_coverage_missing(const struct wf_coverage *coverage, struct wf_buf *out)
{
    const struct wf_ir *ir = coverage->ir;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *trigger = &ir->triggers[i];
        const char *name = wf_why_rule_name(ir, i);
        if (can_act(trigger) && coverage->triggers[i].acted == 0)
            say(coverage, trigger->place, name, N_("no test makes it act"), out);
        if (can_refuse(trigger) && coverage->triggers[i].refused == 0)
            say(coverage, trigger->place, name, N_("no test sees its condition refuse"), out);
    }
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        const struct wf_ir_journey *journey = &ir->journeys[i];
        for (uint32_t k = journey->actions_first;
             k < journey->actions_first + journey->actions_count; k++)
            if (!coverage->actions[k])
                say(coverage, ir->actions[k].place, wf_ir_text(ir, journey->name),
                    N_("no test comes to this action"), out);
    }
}
