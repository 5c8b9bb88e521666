#include "runtime/run/cut.h"

#include "runtime/vm/population.h"

/* A text of the evaluator lives until it moves on. */
enum { LONGEST_GROUP = 256 };

static struct wf_value group_of(const struct wf_why *why, const struct wf_ir_pop *pop)
{
    return pop->per == WF_NONE ? wf_bool_value(true) : wf_scalar_value(why->scalar, pop->per);
}

/* The member's own group, with its text kept; false: too long, which no shop's is. */
static bool own_group(const struct wf_why *why, const struct wf_ir_pop *pop,
                      char text[LONGEST_GROUP], struct wf_value *out)
{
    *out = group_of(why, pop);
    if (!out->present || out->type != WF_T_TEXT)
        return true;
    if (out->len > LONGEST_GROUP)
        return false;
    for (size_t i = 0; i < out->len; i++)
        text[i] = out->text[i];
    out->text = text;
    return true;
}

bool wf_cut(const struct wf_why *why, uint32_t index, struct wf_value *out)
{
    const struct wf_ir_pop *pop = &why->night->program->ir.pops[index];
    const struct wf_figure *figure = &why->outcome->pops.figures[index];
    char text[LONGEST_GROUP];
    struct wf_value mine;
    bool top = pop->kind == WF_POP_TOP, found = false;
    if ((!top && pop->kind != WF_POP_BOTTOM) || !figure->ready || !own_group(why, pop, text, &mine))
        return false;
    for (uint32_t m = 0; m < why->night->data->n_members; m++) {
        if (!(figure->t[m / 64] >> m % 64 & 1))
            continue;
        wf_scalar_member(why->scalar, m);
        struct wf_value x = wf_scalar_value(why->scalar, pop->x);
        if (!x.present || wf_value_compare(group_of(why, pop), mine) != 0)
            continue;
        if (!found || (wf_value_compare(x, *out) < 0) == top)
            *out = x;
        found = true;
    }
    wf_why_at(why);
    return found;
}
