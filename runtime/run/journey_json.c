#include "runtime/run/journey_json.h"

#include <inttypes.h>
#include <stdio.h>

#include "runtime/data/json_text.h"

static json_t *count(uint64_t n)
{
    return json_integer((json_int_t)n);
}

/* Adds to what stands under that name. */
static void add_to(json_t *object, const char *name, uint64_t n, bool *bad)
{
    const json_t *before = json_object_get(object, name);
    uint64_t sum = n + (before ? (uint64_t)json_integer_value(before) : 0);
    wf_json_put(object, name, count(sum), bad);
}

/* Members by the label where they stand now, in the order of the steps. */
static json_t *steps_json(const struct wf_ir *ir, const struct wf_ir_journey *j,
                          const uint64_t *standing, bool *bad)
{
    json_t *out = json_object();
    for (uint32_t i = j->steps_first; i < j->steps_first + j->steps_count; i++) {
        uint32_t label = ir->steps[i].label;
        if (standing[i])
            add_to(out, label == WF_NONE ? "start" : ir->texts[label]->text, standing[i], bad);
    }
    return out;
}

static json_t *milestones_json(const struct wf_ir *ir, const struct wf_ir_journey *j,
                               const struct wf_step_counts *passed, bool *bad)
{
    json_t *out = json_object();
    for (uint32_t i = j->steps_first; i < j->steps_first + j->steps_count; i++)
        if (ir->steps[i].kind == WF_STEP_MILESTONE)
            add_to(out, ir->texts[ir->steps[i].name]->text, passed[i].ways[WF_WAY_NEXT], bad);
    return out;
}

static json_t *journey_json(const struct wf_ir *ir, const struct wf_outcome *outcome, uint32_t row,
                            bool *bad)
{
    const struct wf_ir_journey *j = &ir->journeys[row];
    const struct wf_journey_counts *c = &outcome->journeys[row];
    json_t *one = json_object(), *goals = json_object();
    char hash[17];
    snprintf(hash, sizeof(hash), "%016" PRIx64, j->hash);
    wf_json_put(goals, "treated", count(c->goals[0]), bad);
    wf_json_put(goals, "held_out", count(c->goals[1]), bad);
    wf_json_put(one, "journey", json_string(ir->texts[j->name]->text), bad);
    wf_json_put(one, "structure", json_string(hash), bad);
    wf_json_put(one, "pinned", json_boolean(j->pinned), bad);
    wf_json_put(one, "entered", count(c->entered), bad);
    wf_json_put(one, "not_again", count(c->again), bad);
    wf_json_put(one, "frozen", count(c->frozen), bad);
    wf_json_put(one, "migrated", count(c->migrated), bad);
    wf_json_put(one, "moved", count(c->moved), bad);
    wf_json_put(one, "left", count(c->left), bad);
    wf_json_put(one, "exited", count(c->exited), bad);
    wf_json_put(one, "goals", goals, bad);
    wf_json_put(one, "in_doubt", count(c->doubt), bad);
    wf_json_put(one, "in_flight", count(c->in_flight), bad);
    wf_json_put(one, "steps", steps_json(ir, j, outcome->standing, bad), bad);
    wf_json_put(one, "milestones", milestones_json(ir, j, outcome->passed, bad), bad);
    return one;
}

json_t *wf_journeys_json(const struct wf_ir *ir, const struct wf_outcome *outcome, bool *bad)
{
    json_t *out = json_array();
    for (uint32_t i = 0; outcome->journeys && i < ir->n_journeys; i++)
        wf_json_append(out, journey_json(ir, outcome, i, bad), bad);
    return out;
}
