#include "runtime/engine/dues.h"

enum { FEW = 32 }; /* nodes still to look at */

/* The only input that a node hangs on, of members; WF_NONE: there are several, or it hangs on
 * something else of theirs. */
static uint32_t lone_input(const struct wf_ir *ir, uint32_t due, uint32_t year)
{
    uint32_t left[FEW] = {due, year}, n = year == WF_NONE ? 1 : 2, input = WF_NONE;
    while (n) {
        const struct wf_ir_node *node = &ir->nodes[left[--n]];
        const char *args = wf_ir_op_args(node->op);
        const uint32_t of[3] = {node->a, node->b, node->c};
        bool column = node->op == WF_IR_COL;
        if (node->domain == WF_DOM_RUN)
            continue;
        if (node->domain != WF_DOM_MEMBER || (args[0] != 'n' && !column) ||
            (column && input != WF_NONE && input != node->a) || n + 3 > FEW)
            return WF_NONE;
        if (column)
            input = node->a;
        for (int i = 0; i < 3; i++)
            if (args[i] == 'n')
                left[n++] = of[i];
    }
    return input;
}

void wf_dues_init(struct wf_dues *dues, const struct wf_ir *ir, const struct wf_ir_trigger *trigger,
                  const struct wf_dataset *data, struct wf_scalar *scalar)
{
    uint32_t due = trigger->due, year = trigger->year;
    uint32_t input = due == WF_NONE ? WF_NONE : lone_input(ir, due, year);
    *dues = (struct wf_dues){.scalar = scalar, .due = due, .year = year};
    if (input != WF_NONE &&
        (data->inputs[input].type == WF_T_DATE || data->inputs[input].type == WF_T_TIME))
        dues->column = &data->inputs[input];
}

static struct wf_due compute(const struct wf_dues *dues)
{
    struct wf_due made = {.due = wf_scalar_value(dues->scalar, dues->due)};
    if (dues->year != WF_NONE)
        made.year = wf_scalar_value(dues->scalar, dues->year);
    return made;
}

struct wf_due wf_dues_of(struct wf_dues *dues, uint32_t member)
{
    struct wf_value cell = {0};
    if (dues->column)
        cell = wf_column_value(dues->column, member);
    if (!cell.present)
        return compute(dues);
    struct wf_due_kept *kept = &dues->kept[(uint64_t)cell.i % WF_DUES_KEPT];
    if (!kept->set || kept->cell != cell.i)
        *kept = (struct wf_due_kept){true, cell.i, compute(dues)};
    return kept->due;
}
