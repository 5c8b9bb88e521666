#include "runtime/vm/trace.h"

#include "lang/base/intern.h"
#include "runtime/vm/scalar_impl.h"
#include "runtime/vm/text.h"

static void add_text(struct wf_buf *out, const struct wf_ir *ir, uint32_t text)
{
    if (text != WF_NONE)
        wf_buf_add(out, ir->texts[text]->text, ir->texts[text]->len);
}

static bool is_private(const struct wf_ir *ir, uint32_t node)
{
    const struct wf_ir_field *field = wf_text_field(ir, node);
    return field && field->private_;
}

void wf_trace_shows(struct wf_scalar *scalar, uint32_t atom, struct wf_buf *out)
{
    const struct wf_ir *ir = scalar->ir;
    const struct wf_ir_atom *a = &ir->atoms[atom];
    const char *between = " (";
    for (uint32_t i = 0; i < a->shows_count; i++) {
        const struct wf_ir_show *show = &ir->shows[a->shows_first + i];
        if (is_private(ir, show->node))
            continue;
        wf_buf_adds(out, between);
        add_text(out, ir, show->label);
        wf_buf_addc(out, ' ');
        if (wf_scalar_value(scalar, show->node).present)
            wf_text_node(scalar, show->node, out);
        else
            wf_buf_adds(out, "missing");
        between = ", ";
    }
    if (between[0] == ',')
        wf_buf_addc(out, ')');
}

void wf_trace_atom(struct wf_scalar *scalar, uint32_t atom, struct wf_buf *out)
{
    add_text(out, scalar->ir, scalar->ir->atoms[atom].text);
    wf_trace_shows(scalar, atom, out);
}

void wf_trace_reason(struct wf_scalar *scalar, uint32_t trigger, struct wf_buf *out)
{
    const struct wf_ir_trigger *rule = &scalar->ir->triggers[trigger];
    for (uint32_t i = 0; i < rule->atoms_count; i++) {
        if (i)
            wf_buf_adds(out, "; ");
        wf_trace_atom(scalar, rule->atoms_first + i, out);
    }
}

void wf_trace_fetch(const struct wf_scalar *scalar, uint32_t trigger, uint32_t member)
{
    const struct wf_ir *ir = scalar->ir;
    const struct wf_ir_trigger *rule = &ir->triggers[trigger];
    for (uint32_t i = 0; i < rule->atoms_count; i++) {
        const struct wf_ir_atom *atom = &ir->atoms[rule->atoms_first + i];
        for (uint32_t k = 0; k < atom->shows_count; k++) {
            const struct wf_ir_node *node = &ir->nodes[ir->shows[atom->shows_first + k].node];
            if (node->op == WF_IR_COL && ir->inputs[node->a].domain < WF_DOM_EVENT)
                wf_column_fetch(&scalar->data->inputs[node->a], member);
        }
    }
}
