#include "runtime/engine/trial.h"

#include "runtime/engine/rules.h"

static const struct wf_ir_step *step_of(const struct wf_ir *ir, const struct wf_ir_journey *j,
                                        uint32_t i)
{
    return &ir->steps[j->steps_first + i];
}

static uint32_t count_arms(const struct wf_ir *ir, const struct wf_ir_journey *j, uint32_t before)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->steps_count; i++) {
        const struct wf_ir_step *step = step_of(ir, j, i);
        for (uint32_t a = 0; step->kind == WF_STEP_SPLIT && a < step->arms_count; a++) {
            if (step->arms_first + a == before)
                return n;
            n++;
        }
    }
    return n;
}

bool wf_is_trial(const struct wf_ir *ir, const struct wf_ir_journey *j, uint32_t holdout)
{
    return j->goal_kind != WF_GOAL_NONE && j->goal_within.unit != WF_T_NONE &&
           (holdout || count_arms(ir, j, WF_NONE));
}

uint32_t wf_trial_cell(const struct wf_ir *ir, const struct wf_ir_journey *j, uint32_t arm)
{
    return 2 * (1 + count_arms(ir, j, arm));
}

enum wf_status wf_trial_count(const struct wf_walk *w, struct wf_entry *e,
                              struct wf_trials *trials, const struct wf_alloc *alloc)
{
    const struct wf_ir_journey *j = w->journey;
    uint32_t share = e->flags >> WF_ENTRY_SHARE, held_out = (e->flags & WF_ENTRY_HELD_OUT) != 0;
    bool reached = e->flags & WF_ENTRY_GOAL, figure = j->goal_kind == WF_GOAL_VALUE;
    struct wf_trial *trial;
    if (e->flags & WF_ENTRY_COUNTED || !wf_is_trial(w->ir, j, share) ||
        w->now < wf_time_shift(w->zone, e->entry, j->goal_within, 1))
        return WF_OK;
    e->flags |= WF_ENTRY_COUNTED;
    trials->dirty = true;
    uint32_t n_cells = wf_trial_cell(w->ir, j, WF_NONE);
    enum wf_status st = wf_trials_get(trials, j->hash, share, n_cells, alloc, &trial);
    if (st != WF_OK)
        return st;
    for (uint32_t i = 0, cell = 0; i <= j->steps_count; i++) {
        if (i > 0) { /* the whole comes first, then each split's arm */
            const struct wf_ir_step *step = step_of(w->ir, j, i - 1);
            if (step->kind != WF_STEP_SPLIT)
                continue;
            uint32_t arm = wf_split_arm(w->ir, step, w->salt, w->id, w->id_len);
            cell = wf_trial_cell(w->ir, j, step->arms_first + arm);
        }
        struct wf_trial_cell *at = &trial->cells[cell + held_out];
        if (figure && !reached)
            at->unknown++;
        else
            wf_trial_add(at, figure ? e->value > 0 : reached, figure ? e->value : 0);
    }
    return WF_OK;
}
