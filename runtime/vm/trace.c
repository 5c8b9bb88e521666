#include "runtime/vm/trace.h"

#include "lang/base/intern.h"
#include "runtime/vm/scalar_impl.h"
#include "runtime/vm/text.h"

/*
 * The atoms of a program, taken apart once: words, and behind them a value or none.
 *
 *   joined + 7d (joined |2026-11-15|)|      spent < 100.00 (spent |80.00|)|
 */
struct part {
    size_t at, len;                 /* of the words */
    uint32_t node;                  /* whose value follows; WF_NONE: none does */
    const struct wf_column *column; /* the member's cell of it is the value; NULL: it is computed */
};

struct wf_trace {
    struct part *parts;
    size_t n_parts, room_parts;
    size_t *first; /* by atom: its first part; one more is the end */
    struct wf_buf words;
};

/* ---- the parts ---- */

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

static const struct wf_column *column_of(const struct wf_scalar *scalar, uint32_t node)
{
    const struct wf_ir_node *n = &scalar->ir->nodes[node];
    bool own = scalar->data && n->op == WF_IR_COL && scalar->ir->inputs[n->a].domain < WF_DOM_EVENT;
    return own ? &scalar->data->inputs[n->a] : NULL;
}

/* Ends a part: its words are what was added since the one before. */
static void end_part(struct wf_scalar *scalar, struct wf_trace *trace, uint32_t node)
{
    size_t n = trace->n_parts, at = n ? trace->parts[n - 1].at + trace->parts[n - 1].len : 0;
    if (wf_grow(scalar->alloc, &trace->parts, &trace->room_parts, n + 1, sizeof(*trace->parts))) {
        trace->words.failed = true;
        return;
    }
    trace->parts[trace->n_parts++] = (struct part){
        at, trace->words.len - at, node, node == WF_NONE ? NULL : column_of(scalar, node)};
}

static void take_apart(struct wf_scalar *scalar, struct wf_trace *trace, uint32_t atom)
{
    const struct wf_ir *ir = scalar->ir;
    const struct wf_ir_atom *a = &ir->atoms[atom];
    const char *between = " (";
    trace->first[atom] = trace->n_parts;
    add_text(&trace->words, ir, a->text);
    for (uint32_t i = 0; i < a->shows_count; i++) {
        const struct wf_ir_show *show = &ir->shows[a->shows_first + i];
        if (is_private(ir, show->node))
            continue;
        wf_buf_adds(&trace->words, between);
        add_text(&trace->words, ir, show->label);
        wf_buf_addc(&trace->words, ' ');
        end_part(scalar, trace, show->node);
        between = ", ";
    }
    if (between[0] == ',')
        wf_buf_addc(&trace->words, ')');
    end_part(scalar, trace, WF_NONE);
}

void wf_trace_free(const struct wf_alloc *alloc, struct wf_trace *trace)
{
    if (!trace)
        return;
    wf_free(alloc, trace->parts);
    wf_free(alloc, trace->first);
    wf_buf_release(&trace->words);
    wf_free(alloc, trace);
}

/* NULL: no memory. */
static struct wf_trace *make(struct wf_scalar *scalar)
{
    const struct wf_alloc *alloc = scalar->alloc;
    uint32_t n = scalar->ir->n_atoms;
    struct wf_trace *trace = wf_calloc(alloc, 1, sizeof(*trace));
    if (!trace)
        return NULL;
    wf_buf_init(&trace->words, alloc, 0);
    trace->first = wf_calloc(alloc, n + (size_t)1, sizeof(*trace->first));
    for (uint32_t i = 0; trace->first && i < n && !trace->words.failed; i++)
        take_apart(scalar, trace, i);
    if (trace->first && !trace->words.failed) {
        trace->first[n] = trace->n_parts;
        return trace;
    }
    wf_trace_free(alloc, trace);
    return NULL;
}

static const struct wf_trace *trace_of(struct wf_scalar *scalar)
{
    if (!scalar->trace && scalar->status == WF_OK) {
        scalar->trace = make(scalar);
        scalar->status = scalar->trace ? WF_OK : WF_ERR_NOMEM;
    }
    return scalar->trace;
}

/* ---- for a member ---- */

static void put_atom(struct wf_scalar *scalar, const struct wf_trace *trace, uint32_t atom,
                     struct wf_buf *out)
{
    for (size_t i = trace->first[atom]; i < trace->first[atom + 1]; i++) {
        const struct part *part = &trace->parts[i];
        wf_buf_add(out, trace->words.data + part->at, part->len);
        if (part->node == WF_NONE)
            continue;
        struct wf_value value = part->column ? wf_column_value(part->column, scalar->member)
                                             : wf_scalar_value(scalar, part->node);
        if (value.present)
            wf_text_node_value(scalar, part->node, value, out);
        else
            wf_buf_add(out, "missing", 7);
    }
}

void wf_trace_atom(struct wf_scalar *scalar, uint32_t atom, struct wf_buf *out)
{
    const struct wf_trace *trace = trace_of(scalar);
    if (trace)
        put_atom(scalar, trace, atom, out);
    else
        out->failed = true;
}

void wf_trace_reason(struct wf_scalar *scalar, uint32_t trigger, struct wf_buf *out)
{
    const struct wf_ir_trigger *rule = &scalar->ir->triggers[trigger];
    for (uint32_t i = 0; i < rule->atoms_count; i++) {
        if (i)
            wf_buf_add(out, "; ", 2);
        wf_trace_atom(scalar, rule->atoms_first + i, out);
    }
}

void wf_trace_fetch(struct wf_scalar *scalar, uint32_t trigger, uint32_t member)
{
    const struct wf_ir_trigger *rule = &scalar->ir->triggers[trigger];
    const struct wf_trace *trace = trace_of(scalar);
    if (!trace)
        return;
    size_t end = trace->first[rule->atoms_first + rule->atoms_count];
    for (size_t i = trace->first[rule->atoms_first]; i < end; i++)
        if (trace->parts[i].column)
            wf_column_fetch(trace->parts[i].column, member);
}
