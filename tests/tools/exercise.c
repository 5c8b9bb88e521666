#include "tests/tools/exercise.h"

#include <stdlib.h>

#include "lang/code/disasm.h"
#include "runtime/data/dataset.h"
#include "runtime/vm/population.h"
#include "runtime/vm/scalar.h"
#include "runtime/vm/text.h"
#include "runtime/vm/trace.h"
#include "runtime/vm/vm.h"
#include "tests/tools/wild.h"

enum { MEMBERS = 70, NOW = 1794528000 }; /* 2026-11-12T16:00:00Z */

struct seen {
    const struct wf_program *program;
    uint32_t members;
};

/* Every output of a domain is there, and true only where it is known. */
static enum wf_status look(const struct seen *seen, uint16_t domain, uint32_t n,
                           const struct wf_bits *outs)
{
    for (uint32_t i = 0; i < seen->program->n_outs; i++) {
        if (seen->program->outs[i].domain != domain)
            continue;
        for (uint32_t word = 0; word < (n + 63) / 64; word++)
            if (outs[i].t[word] & ~outs[i].k[word])
                return WF_ERR_INTERNAL;
    }
    return WF_OK;
}

static enum wf_status take_members(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                                   const struct wf_bits *outs)
{
    struct seen *seen = ctx;
    (void)worker;
    (void)first;
    seen->members += n;
    return look(seen, WF_DOM_MEMBER, n, outs);
}

static enum wf_status take_events(void *ctx, unsigned worker, uint32_t view, uint64_t first,
                                  uint32_t n, const struct wf_bits *outs)
{
    (void)worker;
    (void)first;
    return look(ctx, (uint16_t)(WF_DOM_EVENT + view), n, outs);
}

static const char *run_machine(const struct wf_program *program, const struct wf_dataset *data,
                               const struct wf_vm_params *params)
{
    struct seen seen = {.program = program};
    struct wf_vm_options options = {.threads = 1, .batch = 64};
    struct wf_vm_sink sink = {.ctx = &seen, .members = take_members, .events = take_events};
    struct wf_vm_stats stats;
    if (wf_vm_run(program, data, params, &options, &sink, &stats))
        return "the machine failed";
    return seen.members == data->n_members ? NULL : "the machine left members out";
}

/* What the engine asks of the row evaluator, for every trigger and the current member. */
static void ask_triggers(const struct wf_ir *ir, const struct wf_dataset *data,
                         struct wf_scalar *scalar, uint32_t member, struct wf_buf *text)
{
    for (uint32_t t = 0; t < ir->n_triggers; t++) {
        const struct wf_ir_trigger *trigger = &ir->triggers[t];
        uint64_t row;
        if (trigger->moment == WF_MOMENT_EVENT) {
            const uint32_t *first = data->views[trigger->view].first;
            if (first[member] == first[member + 1])
                continue;
            wf_scalar_event(scalar, trigger->view, first[member]);
        }
        if (trigger->due != WF_NONE)
            wf_scalar_value(scalar, trigger->due);
        if (trigger->year != WF_NONE)
            wf_scalar_value(scalar, trigger->year);
        if (trigger->guard != WF_NONE)
            wf_scalar_truth(scalar, trigger->guard);
        if (trigger->agg_last != WF_NONE)
            wf_scalar_agg_row(scalar, trigger->agg_last, &row);
        wf_trace_reason(scalar, t, text);
    }
}

/* And for every step of every journey, as if the member had entered a week ago. */
static void ask_journeys(const struct wf_ir *ir, const struct wf_dataset *data,
                         struct wf_scalar *scalar, uint32_t member, struct wf_buf *text)
{
    static const unsigned char key[16] = {1};
    for (uint32_t j = 0; j < ir->n_journeys; j++) {
        wf_scalar_entry(scalar, NOW - INT64_C(604800), ir->n_views ? 0 : WF_NONE, key);
        if (ir->journeys[j].exit != WF_NONE)
            wf_scalar_truth(scalar, ir->journeys[j].exit);
        if (ir->journeys[j].goal_node != WF_NONE)
            wf_scalar_value(scalar, ir->journeys[j].goal_node);
        for (uint32_t s = 0; s < ir->journeys[j].steps_count; s++) {
            const struct wf_ir_step *step = &ir->steps[ir->journeys[j].steps_first + s];
            if (step->node != WF_NONE)
                wf_scalar_value(scalar, step->node);
            wf_buf_adds(text, ir->texts[step->text]->text);
            if (step->view == WF_NONE ||
                data->views[step->view].first[member] == data->views[step->view].first[member + 1])
                continue;
            uint64_t row = data->views[step->view].first[member];
            wf_scalar_event(scalar, step->view, row);
            if (wf_scalar_truth(scalar, step->filter) > 0)
                wf_scalar_hide(scalar, step->view, row);
        }
    }
}

static const char *ask_member(const struct wf_program *program, const struct wf_dataset *data,
                              struct wf_scalar *scalar, uint32_t member)
{
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_scalar_member(scalar, member);
    for (uint32_t i = 0; i < program->n_outs; i++)
        if (program->outs[i].domain == WF_DOM_MEMBER)
            wf_scalar_truth(scalar, program->outs[i].node);
    for (uint32_t t = 0; t < program->ir.n_templates; t++)
        wf_text_render(scalar, wf_text_choose(&program->ir, t, "zh"), &text);
    ask_triggers(&program->ir, data, scalar, member, &text);
    ask_journeys(&program->ir, data, scalar, member, &text);
    bool failed = text.failed;
    wf_buf_release(&text);
    return failed ? "a text could not be made" : NULL;
}

static const char *run_rows(const struct wf_program *program, const struct wf_dataset *data,
                            const struct wf_vm_params *params)
{
    const char *why = NULL;
    struct wf_pops pops = {0};
    struct wf_scalar *scalar = NULL;
    if (wf_pops_init(&pops, &program->ir, data->n_members, NULL))
        return "no memory";
    scalar = wf_scalar_new(&program->ir, data, params, &pops, NULL);
    if (!scalar || wf_scalar_populations(scalar, &pops))
        why = "the row evaluator failed";
    for (uint32_t m = 0; !why && m < data->n_members; m += 23)
        why = ask_member(program, data, scalar, m);
    wf_scalar_free(scalar);
    wf_pops_release(&pops);
    return why;
}

const char *exercise(const struct wf_program *program, uint64_t seed)
{
    struct wild_random random = {.state = seed};
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    wf_disasm(program, true, &text);
    bool printed = !text.failed;
    wf_buf_release(&text);
    struct wf_dataset *data = wild_dataset(&random, &program->ir, MEMBERS, NOW);
    int64_t *floors = calloc((size_t)program->ir.n_triggers + 1, sizeof *floors);
    struct wf_vm_params params = {.now = NOW, .zone = NULL, .floor = floors};
    const char *why = printed && data && floors ? NULL : "no memory";
    if (!why)
        why = run_machine(program, data, &params);
    if (!why)
        why = run_rows(program, data, &params);
    free(floors);
    wild_dataset_free(data);
    return why;
}
