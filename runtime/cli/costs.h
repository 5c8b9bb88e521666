/*
 * costs.h - what the conditions of a night cost, from the nanoseconds of each instruction.
 *
 * An instruction is the first rule's whose output it leads to, as the code stands: what several
 * rules share is charged to the first of them. What leads to no rule's output (events, figures,
 * journeys) is charged to the last row.
 */
#ifndef WF_CLI_COSTS_H
#define WF_CLI_COSTS_H

#include <stddef.h>
#include <stdint.h>

#include "lang/base/status.h"
#include "lang/code/program.h"

struct wf_cost {
    const char *name;                /* of the rule, the program's; NULL: of none */
    const struct wf_ir_place *place; /* NULL: nowhere */
    uint32_t insn;                   /* an instruction's: which one */
    uint64_t nanoseconds;
};

struct wf_costs {
    struct wf_cost *rules, *insns; /* the dearest first */
    size_t n_rules, n_insns;
};

/* `nanoseconds`: by instruction. WF_ERR_NOMEM leaves nothing to be released. */
enum wf_status wf_costs_make(const struct wf_program *program, const uint64_t *nanoseconds,
                             struct wf_costs *costs_out);
void wf_costs_release(struct wf_costs *costs);

#endif
