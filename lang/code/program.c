#include "lang/code/program.h"

/* The first output at or behind (node, domain). */
static uint32_t find(const struct wf_program *program, uint32_t node, uint16_t domain)
{
    uint32_t low = 0, high = program->n_outs;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct wf_output *out = &program->outs[middle];
        if (out->node < node || (out->node == node && out->domain < domain))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t wf_program_output(const struct wf_program *program, uint32_t node)
{
    uint32_t i = find(program, node, 0);
    return i < program->n_outs && program->outs[i].node == node ? i : WF_NONE;
}

uint32_t wf_program_output_in(const struct wf_program *program, uint32_t node, uint16_t domain)
{
    uint32_t i = find(program, node, domain);
    if (i == program->n_outs || program->outs[i].node != node)
        return WF_NONE;
    return program->outs[i].domain == domain ? i : WF_NONE;
}

void wf_program_free(struct wf_program *program)
{
    if (!program)
        return;
    const struct wf_alloc *alloc = program->arena.alloc;
    wf_arena_release(&program->arena);
    wf_free(alloc, program);
}
