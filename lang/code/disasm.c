#include "lang/code/disasm.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/code/opcode.h"
#include "lang/ir/rule.h"

enum { OP_COLUMN = 18 }; /* where operands begin */

/* What would disturb a terminal is spelled out: the texts of a file may be hostile. */
static void add_escaped(struct wf_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t n = wf_utf8_decode(text + i, len - i, &c);
        if (n == 0)
            return;
        if (c == '"' || c == '\\')
            wf_buf_addf(out, "\\%c", (char)c);
        else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
            wf_buf_addf(out, "\\u{%" PRIx32 "}", c);
        else
            wf_buf_add(out, text + i, n);
        i += n;
    }
}

static void add_text(struct wf_buf *out, const struct wf_ir *ir, uint32_t text)
{
    if (text < ir->n_texts)
        add_escaped(out, ir->texts[text]->text, ir->texts[text]->len);
    else
        wf_buf_adds(out, "-");
}

static const struct wf_ir_field *field_of(const struct wf_ir *ir, const struct wf_ir_record *record,
                                          uint32_t field)
{
    return field < record->fields_count ? &ir->fields[record->fields_first + field] : NULL;
}

static const char *sent_field(uint32_t field)
{
    static const char *const names[] = {"at", "name", "kind", "channel", "journey", "step"};
    return field < sizeof names / sizeof *names ? names[field] : "?";
}

/* "(purchase.amount)", "(store.city)". */
static void add_input(struct wf_buf *out, const struct wf_ir *ir, uint32_t i)
{
    const struct wf_ir_input *input = &ir->inputs[i];
    const struct wf_ir_record *record = &ir->member;
    wf_buf_addf(out, "i%" PRIu32, i);
    if (input->record > ir->n_events) {
        wf_buf_addf(out, " (sent.%s)", sent_field(input->field));
        return;
    }
    if (input->record)
        record = &ir->events[input->record - 1];
    const struct wf_ir_field *field = field_of(ir, record, input->field);
    wf_buf_adds(out, " (");
    if (input->record) {
        add_text(out, ir, record->name);
        wf_buf_addc(out, '.');
    }
    add_text(out, ir, field ? field->name : WF_NONE);
    if (field && input->via_field != WF_NONE) {
        record = field->ref ? &ir->tables[field->ref - 1] : &ir->member;
        field = field_of(ir, record, input->via_field);
        wf_buf_addc(out, '.');
        add_text(out, ir, field ? field->name : WF_NONE);
    }
    wf_buf_addc(out, ')');
}

static void add_view(struct wf_buf *out, const struct wf_ir *ir, uint32_t v)
{
    const struct wf_ir_view *view = &ir->views[v];
    if (view->sent)
        wf_buf_adds(out, "sent");
    else if (view->event < ir->n_events)
        add_text(out, ir, ir->events[view->event].name);
    if (view->by != WF_NONE) {
        wf_buf_adds(out, " by ");
        add_text(out, ir, ir->fields[ir->member.fields_first + view->by].name);
    }
}

/* ---- constants ---- */

static void add_value(struct wf_buf *out, struct wf_value value)
{
    static const char *const names[WF_T_COUNT_] = {"none",   "bool",    "int",  "number", "money",
                                                   "text",   "date",    "time", "clock",  "days",
                                                   "months", "seconds", "set",  "enum",   "ref"};
    wf_buf_addf(out, "%s ", value.type < WF_T_COUNT_ ? names[value.type] : "?");
    if (value.type == WF_T_TEXT || value.type == WF_T_SET) {
        wf_buf_addc(out, '"');
        if (value.present)
            add_escaped(out, value.text, value.len);
        wf_buf_addc(out, '"');
    } else if (!value.present) {
        wf_buf_adds(out, "missing");
    } else if (value.type == WF_T_ENUM || value.type == WF_T_REF) {
        wf_buf_addf(out, "%" PRId64, value.i);
    } else {
        wf_value_print(out, NULL, value);
    }
}

/* A constant or a parameter; other nodes by number. */
static void add_leaf(struct wf_buf *out, const struct wf_ir *ir, uint32_t n)
{
    static const char *const params[] = {"now", "today", "since", "floor"};
    const struct wf_ir_node *node = &ir->nodes[n];
    if (node->op == WF_IR_CONST) {
        add_value(out, ir->consts[node->a]);
    } else if (node->op == WF_IR_PARAM && node->a < WF_PARAM_COUNT_) {
        wf_buf_adds(out, params[node->a]);
        if (node->a == WF_PARAM_SINCE || node->a == WF_PARAM_FLOOR)
            wf_buf_addf(out, " %" PRIu32, node->b);
    } else {
        wf_buf_addf(out, "node %" PRIu32, n);
    }
}

static void add_run_node(struct wf_buf *out, const struct wf_ir *ir, uint32_t n)
{
    const struct wf_ir_node *node = &ir->nodes[n];
    const uint32_t operand[3] = {node->a, node->b, node->c};
    const char *args = wf_ir_op_args(node->op), *between = "(";
    if (args[0] != 'n') {
        add_leaf(out, ir, n);
        return;
    }
    wf_buf_adds(out, wf_ir_op_name(node->op));
    for (int k = 0; k < 3 && args[k] != '-'; k++) {
        wf_buf_adds(out, between);
        if (args[k] == 'n')
            add_leaf(out, ir, operand[k]);
        else
            wf_buf_addf(out, "%" PRIu32, operand[k]);
        between = ", ";
    }
    wf_buf_addc(out, ')');
}

static void add_list(struct wf_buf *out, const struct wf_ir *ir, uint32_t l)
{
    const struct wf_ir_list *list = &ir->lists[l];
    wf_buf_addc(out, '(');
    for (uint32_t i = 0; i < list->count; i++) {
        if (i)
            wf_buf_adds(out, ", ");
        add_value(out, ir->consts[ir->list_items[list->first + i]]);
    }
    wf_buf_addc(out, ')');
}

/* A text test: its operation and what it compares with. */
static void add_test(struct wf_buf *out, const struct wf_ir *ir, uint32_t n)
{
    const struct wf_ir_node *node = &ir->nodes[n];
    wf_buf_addf(out, "%s ", wf_ir_op_name(node->op));
    if (node->op == WF_IR_IN)
        add_list(out, ir, node->b);
    else if (node->op == WF_IR_EQ || node->op == WF_IR_NE)
        add_leaf(out, ir, node->b);
    else
        add_value(out, ir->consts[node->b]);
}

/* ---- instructions ---- */

static char register_letter(char kind)
{
    return kind == 'B' ? 'b' : (kind == 'D' || kind == 'C' || kind == 'W') ? 'w' : 'v';
}

/* Names the register class of a KEEP or KEPT slot: that of its other operand. */
static char slot_letter(const char *kinds)
{
    return register_letter(kinds[0] != '-' ? kinds[0] : kinds[1]);
}

static void add_operand(struct wf_buf *out, const struct wf_program *p, const char *kinds,
                        char kind, uint32_t value)
{
    static const char *const parts[] = {"value", "lo", "hi", "sure"};
    static const char *const roles[] = {"x", "among", "per"};
    switch (kind) {
    case 'k':
    case 'm':
    case 'z': wf_buf_addf(out, "k%" PRIu32, value); return;
    case 'i':
    case 'j': add_input(out, &p->ir, value); return;
    case 'n': add_test(out, &p->ir, value); return;
    case 'l': add_list(out, &p->ir, value); return;
    case 'y': wf_buf_addf(out, "anniversary %" PRIu32, value); return;
    case 'f': wf_buf_addf(out, "follow %" PRIu32, value); return;
    case 'g': wf_buf_addf(out, "agg %" PRIu32, value); return;
    case 'p': wf_buf_adds(out, value < 4 ? parts[value] : "?"); return;
    case 'q': wf_buf_addf(out, "pop %" PRIu32, value); return;
    case 'r': wf_buf_adds(out, value < 3 ? roles[value] : "?"); return;
    case 'x': wf_buf_addf(out, "slot %c%" PRIu32, slot_letter(kinds), value); return;
    case 'o': wf_buf_addf(out, "out %" PRIu32, value); return;
    default: wf_buf_addf(out, "%c%" PRIu32, register_letter(kind), value); return;
    }
}

void wf_disasm_insn(const struct wf_program *p, uint32_t i, struct wf_buf *out)
{
    const struct wf_insn *insn = &p->insns[i];
    const struct wf_op_info *info = &wf_op_table[insn->op];
    const uint32_t operands[] = {insn->a, insn->b, insn->c, insn->d};
    wf_buf_addf(out, "%-*s", OP_COLUMN - 4, info->text);
    const char *between = "";
    if (info->operands[0] != '-') {
        add_operand(out, p, info->operands, info->operands[0], insn->dst);
        between = " = ";
    }
    for (int k = 0; k < 4; k++) {
        if (info->operands[k + 1] == '-')
            continue;
        wf_buf_adds(out, between);
        add_operand(out, p, info->operands, info->operands[k + 1], operands[k]);
        between = ", ";
    }
}

/* ---- what outputs are for ---- */

struct purpose {
    struct wf_buf *out;
    const struct wf_ir *ir;
    bool places;
    uint32_t node;
};

static void add_place(const struct purpose *u, uint32_t place)
{
    if (!u->places || place >= u->ir->n_places)
        return;
    const struct wf_ir_place *at = &u->ir->places[place];
    wf_buf_adds(u->out, " at ");
    add_text(u->out, u->ir, at->file);
    wf_buf_addf(u->out, ":%" PRIu32 ":%" PRIu32, at->line, at->column);
}

static void say(const struct purpose *u, uint32_t node, const char *what, uint32_t name,
                uint32_t place)
{
    if (node != u->node)
        return;
    wf_buf_addf(u->out, "; %s ", what);
    add_text(u->out, u->ir, name);
    add_place(u, place);
}

static void add_purposes(const struct purpose *u)
{
    const struct wf_ir *ir = u->ir;
    for (uint32_t i = 0; i < ir->n_segments; i++)
        say(u, ir->segments[i].cond, "segment", ir->segments[i].name, ir->segments[i].place);
    for (uint32_t i = 0; i < ir->n_classes; i++)
        say(u, ir->classes[i].match, "class", ir->classes[i].name, ir->classes[i].place);
    for (uint32_t i = 0; i < ir->n_watches; i++)
        say(u, ir->watches[i].cond, "watch", ir->watches[i].name, WF_NONE);
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        const struct wf_ir_trigger *t = &ir->triggers[i];
        say(u, t->due_le_now, "due of", t->identity, t->place);
        say(u, t->due_ge_floor, "floor of", t->identity, t->place);
        say(u, t->guard, "guard of", t->identity, t->place);
        if (t->moment == WF_MOMENT_EVENT)
            say(u, t->filter, "filter of", t->identity, t->place);
    }
}

static void add_outs(struct wf_buf *out, const struct wf_program *p, bool places)
{
    wf_buf_adds(out, "outputs\n");
    for (uint32_t i = 0; i < p->n_outs; i++) {
        struct purpose u = {out, &p->ir, places, p->outs[i].node};
        wf_buf_addf(out, "    out %" PRIu32 " = node %" PRIu32 " ", i, p->outs[i].node);
        add_purposes(&u);
        wf_buf_addc(out, '\n');
    }
}

void wf_disasm(const struct wf_program *p, bool places, struct wf_buf *out)
{
    wf_buf_addf(out, "registers b %u, v %u, w %u; slots b %u, v %u, w %u; stages %u\n", p->n_b,
                p->n_v, p->n_w, p->slots_b, p->slots_v, p->slots_w, p->n_stages);
    wf_buf_adds(out, "constants\n");
    for (uint32_t i = 0; i < p->n_run_nodes; i++) {
        wf_buf_addf(out, "    k%" PRIu32 " = ", i);
        add_run_node(out, &p->ir, p->run_nodes[i]);
        wf_buf_addc(out, '\n');
    }
    for (uint32_t b = 0; b < p->n_blocks; b++) {
        const struct wf_block *block = &p->blocks[b];
        wf_buf_addf(out, "stage %u, ", block->stage);
        if (block->domain == WF_DOM_MEMBER) {
            wf_buf_adds(out, "members");
        } else {
            wf_buf_adds(out, "events of ");
            add_view(out, &p->ir, (uint32_t)(block->domain - WF_DOM_EVENT));
        }
        wf_buf_addc(out, '\n');
        for (uint32_t i = 0; i < block->count; i++) {
            wf_buf_adds(out, "    ");
            wf_disasm_insn(p, block->first + i, out);
            wf_buf_addc(out, '\n');
        }
    }
    add_outs(out, p, places);
}
