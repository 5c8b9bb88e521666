#include "runtime/vm/text.h"

#include <string.h>

#include "lang/base/intern.h"
#include "runtime/vm/scalar_impl.h"

static const struct wf_str *text_of(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? NULL : ir->texts[text];
}

static void add_text(struct wf_buf *out, const struct wf_str *text)
{
    if (text)
        wf_buf_add(out, text->text, text->len);
}

uint32_t wf_text_choose(const struct wf_ir *ir, uint32_t template_, const char *language)
{
    uint32_t at = template_;
    for (uint32_t hops = 0; at != WF_NONE && hops < ir->n_templates; hops++) {
        const struct wf_str *own = text_of(ir, ir->templates[at].language);
        if (own && strcmp(own->text, language) == 0)
            return at;
        at = ir->templates[at].next;
    }
    return template_;
}

static const struct wf_ir_field *field_of_record(const struct wf_ir *ir,
                                                 const struct wf_ir_record *record, uint32_t field)
{
    return &ir->fields[record->fields_first + field];
}

static const struct wf_ir_field *field_of_input(const struct wf_ir *ir,
                                                const struct wf_ir_input *input)
{
    const struct wf_ir_record *record =
        input->record ? &ir->events[input->record - 1] : &ir->member;
    const struct wf_ir_field *field = field_of_record(ir, record, input->field);
    if (input->via_field == WF_NONE)
        return field;
    record = field->ref ? &ir->tables[field->ref - 1] : &ir->member;
    return field_of_record(ir, record, input->via_field);
}

const struct wf_ir_field *wf_text_field(const struct wf_ir *ir, uint32_t node)
{
    for (int hops = 0; hops < 64 && node != WF_NONE; hops++) {
        const struct wf_ir_node *n = &ir->nodes[node];
        switch (n->op) {
        case WF_IR_COL: {
            const struct wf_ir_input *input = &ir->inputs[n->a];
            return input->record == WF_NONE ? NULL : field_of_input(ir, input);
        }
        case WF_IR_LIFT:
        case WF_IR_OR_ELSE:
        case WF_IR_EXACT: node = n->a; break;
        case WF_IR_SELECT: node = n->b; break;
        case WF_IR_AGG: node = ir->aggs[n->a].value; break;
        default: return NULL;
        }
    }
    return NULL;
}

enum { MOST_VISITS = 1000 }; /* what is made of more counts as private */

static bool is_private(const struct wf_ir *ir, uint32_t node, int *visits)
{
    const struct wf_ir_node *n = &ir->nodes[node];
    const char *args = wf_ir_op_args(n->op);
    const uint32_t operands[3] = {n->a, n->b, n->c};
    if (++*visits > MOST_VISITS)
        return true;
    if (n->op == WF_IR_COL) {
        const struct wf_ir_field *field = wf_text_field(ir, node);
        return field && field->private_;
    }
    if (n->op == WF_IR_AGG && ir->aggs[n->a].value != WF_NONE &&
        is_private(ir, ir->aggs[n->a].value, visits))
        return true;
    for (int i = 0; i < 3; i++)
        if (args[i] == 'n' && is_private(ir, operands[i], visits))
            return true;
    return false;
}

bool wf_text_private(const struct wf_ir *ir, uint32_t node)
{
    int visits = 0;
    return is_private(ir, node, &visits);
}

static void add_enum(const struct wf_ir *ir, uint32_t node, int64_t position, struct wf_buf *out)
{
    const struct wf_ir_field *field = wf_text_field(ir, node);
    if (field && position >= 0 && position < (int64_t)field->enums_count)
        add_text(out, text_of(ir, ir->enum_names[field->enums_first + (uint32_t)position]));
    else
        wf_buf_addf(out, "%lld", (long long)position);
}

static void add_ref(const struct wf_scalar *scalar, uint32_t node, int64_t row, struct wf_buf *out)
{
    const struct wf_ir_field *field = wf_text_field(scalar->ir, node);
    if (field && field->ref == 0 && row >= 0 && row < (int64_t)scalar->data->n_members) {
        struct wf_id id = scalar->data->ids[row];
        wf_buf_add(out, scalar->data->id_heap + id.at, id.len);
    } else {
        wf_buf_addf(out, "%lld", (long long)row);
    }
}

void wf_text_node_value(const struct wf_scalar *scalar, uint32_t node, struct wf_value v,
                        struct wf_buf *out)
{
    if (v.present && v.type == WF_T_ENUM)
        add_enum(scalar->ir, node, v.i, out);
    else if (v.present && v.type == WF_T_REF)
        add_ref(scalar, node, v.i, out);
    else
        wf_value_print(out, scalar->params->zone, v);
}

void wf_text_node(struct wf_scalar *scalar, uint32_t node, struct wf_buf *out)
{
    wf_text_node_value(scalar, node, wf_scalar_value(scalar, node), out);
}

void wf_text_render(struct wf_scalar *scalar, uint32_t template_, struct wf_buf *out)
{
    const struct wf_ir *ir = scalar->ir;
    const struct wf_ir_template *text = &ir->templates[template_];
    for (uint32_t i = 0; i < text->parts_count; i++) {
        const struct wf_ir_part_of_text *part = &ir->text_parts[text->parts_first + i];
        if (part->node == WF_NONE)
            add_text(out, text_of(ir, part->text));
        else if (wf_scalar_value(scalar, part->node).present)
            wf_text_node(scalar, part->node, out);
        else
            add_text(out, text_of(ir, part->fallback));
    }
}
