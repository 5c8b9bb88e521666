#include "runtime/engine/engine.h"

#include "runtime/engine/collect.h"
#include "runtime/engine/decide.h"
#include "runtime/engine/held.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/party.h"
#include "runtime/engine/rules.h"

void wf_outcome_release(struct wf_outcome *out)
{
    wf_free(out->alloc, out->decisions);
    for (unsigned i = 0; i < out->n_rare; i++)
        wf_arena_release(&out->rare[i]);
    wf_free(out->alloc, out->rare);
    wf_free(out->alloc, out->lapsed);
    wf_free(out->alloc, out->rules);
    wf_free(out->alloc, out->segments);
    wf_free(out->alloc, out->moves);
    for (size_t i = 0; i < out->n_metrics; i++)
        wf_free(out->alloc, out->metrics[i].group);
    wf_free(out->alloc, out->metrics);
    wf_free(out->alloc, out->journeys);
    wf_free(out->alloc, out->passed);
    wf_free(out->alloc, out->drawn);
    wf_free(out->alloc, out->standing);
    wf_roster_release(&out->roster);
    wf_pops_release(&out->pops);
    wf_noted_release(&out->noted);
    *out = (struct wf_outcome){0};
}

static void free_scalars(const struct wf_night *night, struct wf_scalar **scalars)
{
    for (unsigned i = 0; scalars && i < night->vm.threads; i++)
        wf_scalar_free(scalars[i]);
    wf_free(night->alloc, scalars);
}

/* An evaluator for each thread. NULL: no memory. */
static struct wf_scalar **make_scalars(const struct wf_night *night,
                                       const struct wf_vm_params *params,
                                       const struct wf_outcome *out)
{
    struct wf_scalar **scalars = wf_calloc(night->alloc, night->vm.threads, sizeof(*scalars));
    for (unsigned i = 0; scalars && i < night->vm.threads; i++) {
        scalars[i] =
            wf_scalar_new(&night->program->ir, night->data, params, &out->pops, night->alloc);
        if (!scalars[i]) {
            free_scalars(night, scalars);
            return NULL;
        }
    }
    return scalars;
}

/* From what the machine found to what leaves. */
static enum wf_status decide(const struct wf_night *night, const struct wf_rule_night *rules,
                             struct wf_collect *collect, const struct wf_vm_params *params,
                             struct wf_outcome *out, struct wf_buf *why)
{
    struct wf_scalar **scalars = make_scalars(night, params, out);
    struct wf_journeys journeys = {0};
    struct wf_contend contend;
    unsigned phase = wf_profile_begin(night->profile, WF_PHASE_DECIDE, 0);
    enum wf_status st = wf_contend_init(&contend, night, rules, out);
    if (st == WF_OK)
        st = scalars ? wf_breakers_trip(&collect->breakers, scalars[0]) : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = wf_metrics_finish(&collect->metrics, scalars[0], out);
    if (st == WF_OK)
        st = wf_journeys_init(&journeys, night, &contend, out, why);
    if (st == WF_OK)
        st = wf_decide(collect, scalars, &contend, &journeys, why);
    if (st == WF_OK)
        st = wf_journeys_walk(&journeys, scalars[0]);
    wf_journeys_release(&journeys);
    if (st == WF_OK)
        st = wf_held_enter(&contend, scalars[0]);
    wf_profile_end(night->profile, phase);
    phase = wf_profile_begin(night->profile, WF_PHASE_GATES, 0);
    if (st == WF_OK)
        st = wf_contend_settle(&contend, scalars, params);
    wf_profile_end(night->profile, phase);
    if (st == WF_OK)
        st = wf_held_keep(&contend);
    wf_contend_release(&contend);
    free_scalars(night, scalars);
    return st;
}

/* The machine over all members; what comes out goes through the collect's sink. */
static enum wf_status evaluate(const struct wf_night *night, const struct wf_rule_night *rules,
                               struct wf_collect *collect, struct wf_outcome *out,
                               struct wf_buf *why)
{
    const struct wf_ir *ir = &night->program->ir;
    int64_t *floor = wf_calloc(night->alloc, ir->n_triggers, sizeof(*floor));
    if (!floor)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        floor[i] = rules[i].floor;
    struct wf_vm_params params = {.now = night->now, .zone = night->zone, .floor = floor};
    struct wf_vm_sink sink = wf_collect_sink(collect);
    sink.pops = &out->pops;
    sink.noted = collect->noted = &out->noted;
    unsigned phase = wf_profile_begin(night->profile, WF_PHASE_RULES, 0);
    enum wf_status st = wf_noted_init(&out->noted, night->program, night->data->n_members,
                                      night->vm.threads, night->alloc);
    if (st == WF_OK)
        st = wf_vm_run(night->program, night->data, &params, &night->vm, &sink, &out->stats);
    wf_profile_end(night->profile, phase);
    phase = wf_profile_begin(night->profile, WF_PHASE_MOVES, 0);
    if (st == WF_OK)
        st = wf_collect_moves(collect, out);
    if (st == WF_OK)
        st = wf_collect_keep(collect, out);
    wf_profile_end(night->profile, phase);
    if (st == WF_OK)
        st = decide(night, rules, collect, &params, out, why);
    wf_free(night->alloc, floor);
    return st;
}

/* Marks so old that their occurrences lie before every floor to come. */
static int64_t forget_before(const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    struct wf_ir_duration late = {.count = 2 * WF_LATE_DAYS, .unit = WF_T_DAYS};
    int64_t from = wf_time_shift(night->zone, night->now, late, -1), before = from;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        int64_t t = wf_time_shift(night->zone, from, wf_grace_of(&ir->triggers[i]), -1);
        before = t < before ? t : before;
    }
    return before;
}

/* Where marks are forgotten nothing may be decided again, whatever grace a later edit gives. */
static void raise_floors(struct wf_state *state, int64_t forget)
{
    for (size_t i = 0; i < state->n_rules; i++) {
        struct wf_rule_state *rule = &state->rules[i];
        if (rule->marks.n == 0 || rule->floor >= forget)
            continue;
        rule->floor = forget;
        rule->dirty = true;
    }
}

enum wf_status wf_engine_night(const struct wf_night *night, struct wf_outcome *out,
                               struct wf_buf *why)
{
    const struct wf_ir *ir = &night->program->ir;
    *out = (struct wf_outcome){.alloc = night->alloc};
    struct wf_rule_night *rules = wf_calloc(night->alloc, ir->n_triggers, sizeof(*rules));
    out->rules = wf_calloc(night->alloc, wf_n_rules(ir), sizeof(*out->rules));
    out->segments = wf_calloc(night->alloc, ir->n_segments + ir->n_classes, sizeof(*out->segments));
    enum wf_status st = rules && out->rules && out->segments ? WF_OK : WF_ERR_NOMEM;
    unsigned phase = wf_profile_begin(night->profile, WF_PHASE_ROSTER, 0);
    if (st == WF_OK)
        st = wf_roster_make(&out->roster, night->state, night->data, night->merges, night->n_merges,
                            night->vm.threads);
    wf_profile_end(night->profile, phase);
    if (st == WF_OK)
        st = wf_rules_begin(night, rules);
    if (st == WF_OK) {
        struct wf_collect collect;
        st = wf_collect_init(&collect, night, rules, &out->roster, why);
        if (st == WF_OK)
            st = evaluate(night, rules, &collect, out, why);
        wf_collect_release(&collect);
    }
    out->forget = forget_before(night);
    raise_floors(night->state, out->forget);
    wf_free(night->alloc, rules);
    return st;
}
