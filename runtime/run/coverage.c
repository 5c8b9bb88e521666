#include "runtime/run/coverage.h"

#include "runtime/run/why.h"

enum wf_status wf_coverage_init(struct wf_coverage *coverage, const struct wf_ir *ir,
                                const struct wf_alloc *alloc)
{
    *coverage = (struct wf_coverage){.alloc = alloc, .ir = ir};
    coverage->triggers = wf_calloc(alloc, ir->n_triggers + (size_t)1, sizeof(*coverage->triggers));
    return coverage->triggers ? WF_OK : WF_ERR_NOMEM;
}

void wf_coverage_release(struct wf_coverage *coverage)
{
    wf_free(coverage->alloc, coverage->triggers);
    *coverage = (struct wf_coverage){0};
}

void wf_coverage_add(struct wf_coverage *coverage, const struct wf_outcome *outcome)
{
    for (uint32_t i = 0; i < coverage->ir->n_triggers; i++) {
        coverage->triggers[i].acted += outcome->rules[i].acted + outcome->rules[i].missed;
        coverage->triggers[i].refused += outcome->rules[i].guard;
    }
}

/* A condition that is its own moment is refused by not crossing, which every night shows. */
static bool can_refuse(const struct wf_ir_trigger *trigger)
{
    return trigger->journey == WF_NONE && trigger->guard != WF_NONE &&
           trigger->moment != WF_MOMENT_CROSSING && trigger->moment != WF_MOMENT_CALENDAR;
}

void wf_coverage_count(const struct wf_coverage *coverage, uint64_t *seen_out,
                       uint64_t *branches_out)
{
    *seen_out = *branches_out = 0;
    for (uint32_t i = 0; i < coverage->ir->n_triggers; i++) {
        bool refuses = can_refuse(&coverage->ir->triggers[i]);
        *branches_out += refuses ? 2 : 1;
        *seen_out += (uint64_t)(coverage->triggers[i].acted > 0) +
                     (uint64_t)(refuses && coverage->triggers[i].refused > 0);
    }
}

static void say(const struct wf_coverage *coverage, uint32_t trigger, const char *what,
                struct wf_buf *out)
{
    wf_buf_adds(out, "  ");
    wf_why_place(coverage->ir, coverage->ir->triggers[trigger].place, out);
    wf_buf_addf(out, ": %s: %s\n", wf_why_rule_name(coverage->ir, trigger), what);
}

void wf_coverage_missing(const struct wf_coverage *coverage, struct wf_buf *out)
{
    for (uint32_t i = 0; i < coverage->ir->n_triggers; i++) {
        if (coverage->triggers[i].acted == 0)
            say(coverage, i, "no test makes it act", out);
        if (can_refuse(&coverage->ir->triggers[i]) && coverage->triggers[i].refused == 0)
            say(coverage, i, "no test sees its condition refuse", out);
    }
}
