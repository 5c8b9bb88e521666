#include "runtime/run/coverage.h"

#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/why.h"

/* ---- the branches there are ---- */

static bool is_embedded(const struct wf_coverage *c, uint32_t place)
{
    if (place == WF_NONE)
        return true;
    const char *name = wf_ir_text(c->ir, c->ir->places[place].file);
    for (size_t i = 0; i < c->sources->n; i++) {
        if (c->sources->files[i].embedded && strcmp(c->sources->files[i].name, name) == 0)
            return true;
    }
    return false;
}

static enum wf_status add(struct wf_coverage *c, enum wf_branch_kind kind, uint32_t row,
                          uint32_t place, uint32_t rule)
{
    if (is_embedded(c, place))
        return WF_OK;
    if (wf_grow(c->alloc, &c->branches, &c->room, c->n + 1, sizeof(*c->branches)))
        return WF_ERR_NOMEM;
    c->branches[c->n++] =
        (struct wf_branch){.kind = (uint8_t)kind, .row = row, .place = place, .rule = rule};
    return WF_OK;
}

/* Both ways of what can go two ways; `second` may not be there. */
static enum wf_status add_two(struct wf_coverage *c, enum wf_branch_kind first, bool both,
                              uint32_t row, uint32_t place, uint32_t rule)
{
    enum wf_status st = add(c, first, row, place, rule);
    return st == WF_OK && both ? add(c, first + 1, row, place, rule) : st;
}

/* A condition that is its own moment is refused by not crossing, which every night shows. */
static bool can_refuse(const struct wf_ir_trigger *trigger)
{
    return trigger->guard != WF_NONE && trigger->moment != WF_MOMENT_CROSSING &&
           trigger->moment != WF_MOMENT_CALENDAR;
}

static enum wf_status add_step(struct wf_coverage *c, const struct wf_ir_journey *journey,
                               uint32_t row)
{
    const struct wf_ir_step *step = &c->ir->steps[row];
    enum wf_status st = WF_OK;
    switch ((enum wf_step_kind)step->kind) {
    case WF_STEP_LABEL: return WF_OK;
    case WF_STEP_IF: return add_two(c, WF_BRANCH_TRUE, true, row, step->place, journey->name);
    case WF_STEP_FOR_EVENT:
    case WF_STEP_FOR_COND:
        return add_two(c, WF_BRANCH_COMES, step->wait.unit != WF_T_NONE, row, step->place,
                       journey->name);
    case WF_STEP_SPLIT:
        for (uint32_t i = 0; st == WF_OK && i < step->arms_count; i++)
            st = add(c, WF_BRANCH_ARM, step->arms_first + i, step->place, journey->name);
        return st;
    default: return add(c, WF_BRANCH_STEP, row, step->place, journey->name);
    }
}

static enum wf_status add_journey(struct wf_coverage *c, uint32_t row)
{
    const struct wf_ir_journey *j = &c->ir->journeys[row];
    enum wf_status st = add(c, WF_BRANCH_ENTERS, row, j->place, j->name);
    if (st == WF_OK && j->exit != WF_NONE)
        st = add(c, WF_BRANCH_EXITS, row, j->place, j->name);
    if (st == WF_OK && j->goal_kind != WF_GOAL_NONE)
        st = add(c, WF_BRANCH_GOAL, row, j->place, j->name);
    for (uint32_t i = 0; st == WF_OK && i < j->steps_count; i++)
        st = add_step(c, j, j->steps_first + i);
    return st;
}

enum wf_status wf_coverage_init(struct wf_coverage *c, const struct wf_ir *ir,
                                const struct wf_sources *sources, const struct wf_alloc *alloc)
{
    *c = (struct wf_coverage){.alloc = alloc, .ir = ir, .sources = sources};
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; st == WF_OK && i < ir->n_segments; i++)
        st = add_two(c, WF_BRANCH_IN, true, i, ir->segments[i].place, ir->segments[i].name);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_classes; i++)
        st = add(c, WF_BRANCH_CLASS, i, ir->classes[i].place, ir->classes[i].name);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_triggers; i++) {
        if (ir->triggers[i].journey == WF_NONE)
            st = add_two(c, WF_BRANCH_ACTS, can_refuse(&ir->triggers[i]), i, ir->triggers[i].place,
                         WF_NONE);
    }
    for (uint32_t i = 0; st == WF_OK && i < ir->n_journeys; i++)
        st = add_journey(c, i);
    return st;
}

void wf_coverage_release(struct wf_coverage *c)
{
    wf_free(c->alloc, c->branches);
    *c = (struct wf_coverage){0};
}

/* ---- what a night shows ---- */

static bool stepped(const struct wf_outcome *out, const struct wf_branch *branch, enum wf_way way)
{
    return out->passed[branch->row].ways[way] > 0;
}

static bool shows(const struct wf_coverage *c, const struct wf_outcome *out,
                  const struct wf_branch *b)
{
    const struct wf_ir *ir = c->ir;
    switch ((enum wf_branch_kind)b->kind) {
    case WF_BRANCH_ACTS: return out->rules[b->row].acted + out->rules[b->row].missed > 0;
    case WF_BRANCH_REFUSES: return out->rules[b->row].guard > 0;
    case WF_BRANCH_IN: return out->segments[b->row].size > 0;
    case WF_BRANCH_OUT:
        return out->segments[b->row].size + out->segments[b->row].unknown < out->roster.n;
    case WF_BRANCH_CLASS: return out->segments[ir->n_segments + b->row].size > 0;
    case WF_BRANCH_ENTERS: return out->journeys[b->row].entered > 0;
    case WF_BRANCH_EXITS: return out->journeys[b->row].exited > 0;
    case WF_BRANCH_GOAL: return out->journeys[b->row].goals[0] + out->journeys[b->row].goals[1] > 0;
    case WF_BRANCH_STEP:
    case WF_BRANCH_TRUE:
    case WF_BRANCH_COMES: return stepped(out, b, WF_WAY_NEXT);
    case WF_BRANCH_FALSE:
    case WF_BRANCH_TIMES_OUT: return stepped(out, b, WF_WAY_OTHER);
    case WF_BRANCH_ARM: return out->drawn[b->row] > 0;
    }
    return false;
}

void wf_coverage_add(struct wf_coverage *c, const struct wf_outcome *outcome)
{
    for (size_t i = 0; i < c->n; i++)
        c->branches[i].seen = c->branches[i].seen || shows(c, outcome, &c->branches[i]);
}

/* ---- in words ---- */

const char *wf_branch_rule(const struct wf_coverage *c, const struct wf_branch *branch)
{
    return branch->rule == WF_NONE ? wf_why_rule_name(c->ir, branch->row)
                                   : wf_ir_text(c->ir, branch->rule);
}

const char *wf_branch_missing(const struct wf_branch *branch)
{
    static const char *const words[] = {
        [WF_BRANCH_ACTS] = N_("no test makes it act"),
        [WF_BRANCH_REFUSES] = N_("no test sees its condition refuse"),
        [WF_BRANCH_IN] = N_("no test has a member in it"),
        [WF_BRANCH_OUT] = N_("no test has a member outside it"),
        [WF_BRANCH_CLASS] = N_("no test has a member of this class"),
        [WF_BRANCH_ENTERS] = N_("nobody enters in any test"),
        [WF_BRANCH_EXITS] = N_("nobody leaves by its exit in any test"),
        [WF_BRANCH_GOAL] = N_("nobody reaches its goal in any test"),
        [WF_BRANCH_STEP] = N_("no test comes past this step"),
        [WF_BRANCH_TRUE] = N_("no test sees this condition true"),
        [WF_BRANCH_FALSE] = N_("no test sees this condition false"),
        [WF_BRANCH_COMES] = N_("no test sees what this waits for come"),
        [WF_BRANCH_TIMES_OUT] = N_("no test sees this wait run out of time"),
        [WF_BRANCH_ARM] = N_("nobody draws this branch of the split in any test"),
    };
    return wf_word(words[branch->kind]);
}
