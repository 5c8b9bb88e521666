#include "runtime/run/expect.h"

#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/cell.h"
#include "runtime/run/action.h"
#include "runtime/run/expect_action.h"
#include "runtime/run/stand.h"

enum { MOST_RULES = 4 };

/* One expectation while it is judged. */
struct judging {
    const struct wf_scene *scene;
    const struct wf_night *night;
    const struct wf_outcome *outcome;
    const struct wf_ir *ir;
    const struct wf_node *expected;
    const struct wf_node *member; /* TEST_MEMBER, NULL: whoever it may be */
    uint32_t row;                 /* WF_NO_MEMBER: not in tonight's exports */
    struct wf_buf *out;
    bool failed; /* no memory */
};

/* ---- what is said of a difference ---- */

static void say_expected(struct judging *j)
{
    wf_say(j->out, "    expected  ");
    wf_print_canonical(j->out, j->expected);
    wf_buf_addc(j->out, '\n');
    wf_say(j->out, "    got       ");
}

static void begin_why(struct judging *j)
{
    wf_say(j->out, "    why\n");
}

static void say_why(struct judging *j, const char *text)
{
    wf_say(j->out, "    why       %s\n", wf_word(text));
}

/* Members who are not there have no conditions to be told of. */
static bool say_absent(struct judging *j)
{
    if (!j->member || j->row != WF_NO_MEMBER)
        return false;
    wf_say(j->out,
           "    why       `%s` is not in the exports of this night: a member is there from "
           "the day after `joined`, in a row that can be read\n",
           j->member->name->text);
    return true;
}

static void say_decision(struct judging *j, const struct wf_decision *d, const char *between)
{
    wf_buf_adds(j->out, between);
    wf_why_action(&j->scene->why, d, j->out);
    if (d->gate != WF_GATE_NONE)
        wf_say(j->out, " (suppressed: %s)", wf_gate_text((enum wf_gate)d->gate));
}

static bool is_about(const struct judging *j, const struct wf_decision *d)
{
    return !j->member || d->target == j->row;
}

/* Everything that tonight wanted to leave for the member, and what became of it, as a test would
 * say it. */
static void say_decisions(struct judging *j)
{
    const char *between = "";
    for (size_t i = 0; i < j->outcome->n_decisions; i++) {
        const struct wf_decision *d = &j->outcome->decisions[i];
        if (!is_about(j, d))
            continue;
        say_decision(j, d, between);
        if (!j->member) {
            const struct wf_id *id = &j->night->data->ids[d->target];
            wf_buf_adds(j->out, " to ");
            wf_buf_add(j->out, j->night->data->id_heap + id->at, id->len);
        }
        between = ", ";
    }
    if (!*between && j->member)
        wf_buf_addf(j->out, "nothing to %s", j->member->name->text);
    else if (!*between)
        wf_buf_adds(j->out, "nothing");
    wf_buf_addc(j->out, '\n');
}

static void say_reason(struct judging *j, const struct wf_decision *d)
{
    const struct wf_ir *ir = j->ir;
    wf_buf_adds(j->out, "      ");
    if (d->rule < ir->n_triggers) {
        wf_buf_addf(j->out, "%s  ", wf_why_rule_name(ir, d->rule));
        wf_why_place(ir, ir->triggers[d->rule].place, j->out);
        wf_buf_adds(j->out, ": ");
    }
    wf_decision_enter(j->scene->why.scalar, ir, d);
    wf_decision_reason(j->scene->why.scalar, j->night, d, j->out);
    wf_buf_addc(j->out, '\n');
}

/* The reasons of what was decided for the member, of one gate or (NULL) of any. */
static void say_reasons(struct judging *j, const char *gate)
{
    begin_why(j);
    for (size_t i = 0; i < j->outcome->n_decisions; i++) {
        const struct wf_decision *d = &j->outcome->decisions[i];
        const char *is = wf_gate_text((enum wf_gate)d->gate);
        if (is_about(j, d) && (!gate || strcmp(gate, is ? is : "") == 0))
            say_reason(j, d);
    }
}

static bool could_any(const struct judging *j, const struct wf_node *action, uint32_t first,
                      uint32_t count)
{
    for (uint32_t k = first; k < first + count; k++)
        if (wf_expect_could(j->ir, action, &j->ir->actions[k]))
            return true;
    return false;
}

/* The rules that have such an action, and what became of them. */
static void say_rules(struct judging *j, const struct wf_node *action)
{
    int said = 0;
    for (uint32_t t = 0; t < j->ir->n_triggers && said < MOST_RULES; t++) {
        const struct wf_ir_trigger *trigger = &j->ir->triggers[t];
        if (!could_any(j, action, trigger->actions_first, trigger->actions_count))
            continue;
        if (said++ == 0)
            begin_why(j);
        wf_why_trigger(&j->scene->why, t, j->row, j->out);
    }
    for (uint32_t i = 0; i < j->ir->n_journeys && said < MOST_RULES; i++) {
        const struct wf_ir_journey *journey = &j->ir->journeys[i];
        if (!could_any(j, action, journey->actions_first, journey->actions_count))
            continue;
        if (said++ == 0)
            begin_why(j);
        wf_stand_say(&j->scene->why, i, j->row, j->out);
    }
    if (!said)
        say_why(j, N_("no rule does this"));
}

/* ---- what tonight did ---- */

static const struct wf_decision *find(struct judging *j, const char *gate,
                                      const struct wf_node *action)
{
    for (size_t i = 0; i < j->outcome->n_decisions; i++) {
        const struct wf_decision *d = &j->outcome->decisions[i];
        const char *is = wf_gate_text((enum wf_gate)d->gate);
        if (!is_about(j, d) || strcmp(is ? is : "", gate) != 0)
            continue;
        if (!action || wf_expect_is(j->scene, action, d, &j->failed))
            return d;
    }
    return NULL;
}

/* Where a gate stopped it, the gate is why; else the rules that could have done it tell. */
static bool judge_action(struct judging *j, const struct wf_node *action)
{
    const struct wf_decision *stopped = NULL;
    if (find(j, "", action))
        return true;
    say_expected(j);
    say_decisions(j);
    for (int gate = WF_GATE_NONE + 1; gate < WF_GATE_COUNT_ && !stopped; gate++)
        stopped = find(j, wf_gate_text((enum wf_gate)gate), action);
    if (stopped) {
        begin_why(j);
        say_reason(j, stopped);
    } else if (!say_absent(j)) {
        say_rules(j, action);
    }
    return false;
}

static bool judge_nothing(struct judging *j)
{
    if (!find(j, "", NULL))
        return true;
    say_expected(j);
    say_decisions(j);
    say_reasons(j, "");
    return false;
}

static bool judge_suppressed(struct judging *j, const struct wf_node *action)
{
    if (find(j, j->expected->name->text, action))
        return true;
    say_expected(j);
    say_decisions(j);
    if (say_absent(j))
        return false;
    bool any = false;
    for (size_t i = 0; i < j->outcome->n_decisions; i++)
        any |= is_about(j, &j->outcome->decisions[i]);
    if (any)
        say_reasons(j, NULL);
    else if (action && j->member)
        say_rules(j, action);
    else
        say_why(j, N_("no rule wanted to do anything"));
    return false;
}

/* ---- where the member is ---- */

static bool same_place(const struct judging *j, uint32_t place, struct wf_span span)
{
    const struct wf_sources *sources = j->scene->timeline->sources;
    if (place == WF_NONE || span.file >= sources->n)
        return false;
    const struct wf_source *source = &sources->files[span.file];
    struct wf_place at = wf_source_place(source, span.start);
    const struct wf_ir_place *is = &j->ir->places[place];
    return is->line == at.line && is->column == at.column &&
           strcmp(wf_ir_text(j->ir, is->file), source->name) == 0;
}

static const char *truth_word(int truth)
{
    return truth > 0 ? N_("in it") : truth < 0 ? N_("unknown") : N_("not in it");
}

static int truth_of(struct judging *j, uint32_t node)
{
    wf_scalar_member(j->scene->why.scalar, j->row);
    return wf_scalar_truth(j->scene->why.scalar, node);
}

static bool judge_segment(struct judging *j)
{
    const struct wf_ir_segment *segment = NULL;
    for (uint32_t i = 0; i < j->ir->n_segments && !segment; i++)
        if (same_place(j, j->ir->segments[i].place, j->expected->sym->node->name_span))
            segment = &j->ir->segments[i];
    int truth = segment && j->row != WF_NO_MEMBER ? truth_of(j, segment->cond) : -1;
    if (truth > 0)
        return true;
    say_expected(j);
    wf_buf_addf(j->out, "%s\n", wf_word(truth_word(truth)));
    if (!say_absent(j) && segment) {
        begin_why(j);
        wf_why_atoms(&j->scene->why, segment->atoms_first, segment->atoms_count, j->out);
    }
    return false;
}

/* Why a class is not the member's: its own condition, and what came before it. */
static void say_class(struct judging *j, uint32_t wanted, uint32_t got)
{
    const struct wf_ir_class *c = &j->ir->classes[wanted];
    begin_why(j);
    wf_why_atoms(&j->scene->why, c->atoms_first, c->atoms_count, j->out);
    if (got != WF_NONE && got != wanted) {
        c = &j->ir->classes[got];
        wf_buf_addf(j->out, "      %s:\n", wf_ir_text(j->ir, c->name));
        wf_why_atoms(&j->scene->why, c->atoms_first, c->atoms_count, j->out);
    }
}

static bool judge_class(struct judging *j)
{
    uint32_t wanted = WF_NONE, got = WF_NONE;
    const struct wf_symbol *sym = j->expected->sym;
    const char *classify = sym->type->enums->classify->name->text;
    for (uint32_t i = 0; i < j->ir->n_classes && j->row != WF_NO_MEMBER; i++) {
        const struct wf_ir_class *c = &j->ir->classes[i];
        if (strcmp(wf_ir_text(j->ir, c->classify), classify) != 0)
            continue;
        if (same_place(j, c->place, sym->node->name_span))
            wanted = i;
        if (truth_of(j, c->match) > 0)
            got = i;
    }
    if (wanted != WF_NONE && wanted == got)
        return true;
    say_expected(j);
    wf_buf_addf(j->out, "%s\n",
                got == WF_NONE ? wf_word("no class is known")
                               : wf_ir_text(j->ir, j->ir->classes[got].name));
    if (!say_absent(j) && wanted != WF_NONE)
        say_class(j, wanted, got);
    return false;
}

/* At the label, or in the journey at all. */
static bool judge_journey(struct judging *j, const struct wf_node *step)
{
    const struct wf_why *why = &j->scene->why;
    uint32_t journey = 0;
    while (journey < j->ir->n_journeys && (j->ir->journeys[journey].pinned ||
                                           strcmp(wf_ir_text(j->ir, j->ir->journeys[journey].name),
                                                  j->expected->sym->name->text) != 0))
        journey++;
    bool there = journey < j->ir->n_journeys && j->row != WF_NO_MEMBER;
    const struct wf_entry *entry = there ? wf_stand_entry(why, journey, j->row) : NULL;
    const char *label = entry ? wf_stand_label(why, journey, entry) : NULL;
    if (entry && (!step || (label && strcmp(label, step->name->text) == 0)))
        return true;
    say_expected(j);
    if (label)
        wf_say(j->out, "at %s\n", label);
    else
        wf_say(j->out, "not in it\n");
    if (!say_absent(j) && there) {
        begin_why(j);
        wf_stand_say(why, journey, j->row, j->out);
    }
    return false;
}

/* ---- what the exports say ---- */

static void add_value(struct judging *j, const struct wf_field *field, const struct wf_node *value,
                      struct wf_buf *out)
{
    if (!value || value->kind == WF_N_MISSING)
        return;
    if (field->type->base == WF_T_SET) {
        struct wf_buf cell;
        wf_buf_init(&cell, j->night->alloc, 0);
        wf_timeline_cell(j->scene->timeline, field, value, &cell);
        if (wf_cell_set(wf_buf_str(&cell), cell.len, out))
            wf_buf_adds(out, wf_buf_str(&cell));
        j->failed |= cell.failed;
        wf_buf_release(&cell);
    } else if (field->type->base == WF_T_REF || value->kind == WF_N_TIME) {
        wf_timeline_cell(j->scene->timeline, field, value, out);
    } else {
        wf_expect_literal(j->scene, value, (enum wf_type)field->type->base, out);
    }
}

static bool judge_value(struct judging *j, const struct wf_node *want)
{
    const struct wf_field *field = j->expected->sym->field;
    const struct wf_node *got =
        wf_timeline_value(j->scene->timeline, j->member, field, j->scene->day);
    struct wf_buf is, should;
    if (!got || got->kind == WF_N_MISSING)
        got = field->default_value;
    wf_buf_init(&is, j->night->alloc, 0);
    wf_buf_init(&should, j->night->alloc, 0);
    add_value(j, field, got, &is);
    add_value(j, field, want, &should);
    bool same = strcmp(wf_buf_str(&is), wf_buf_str(&should)) == 0;
    if (!same) {
        say_expected(j);
        wf_buf_addf(j->out, "%s\n", is.len ? wf_buf_str(&is) : wf_word("missing"));
        say_why(j, N_("that is what the night's export says: rules request changes, exports make "
                      "them (`on DATE m { field value }`)"));
    }
    j->failed |= is.failed || should.failed;
    wf_buf_release(&is);
    wf_buf_release(&should);
    return same;
}

static bool judge(struct judging *j)
{
    const struct wf_node *what = j->expected->kid[WF_K_EXPECTED_WHAT];
    switch (j->expected->op) {
    case WF_OP_EX_ACTION: return judge_action(j, what);
    case WF_OP_EX_NOTHING: return judge_nothing(j);
    case WF_OP_EX_SUPPRESSED: return judge_suppressed(j, what);
    case WF_OP_EX_SEGMENT: return judge_segment(j);
    case WF_OP_EX_CLASS: return judge_class(j);
    case WF_OP_EX_JOURNEY: return judge_journey(j, what);
    case WF_OP_EX_VALUE: return judge_value(j, what);
    default: return false;
    }
}

enum wf_status wf_expect(const struct wf_scene *scene, const struct wf_node *expected,
                         bool *holds_out, struct wf_buf *out)
{
    struct judging j = {.scene = scene,
                        .night = scene->why.night,
                        .outcome = scene->why.outcome,
                        .ir = &scene->why.night->program->ir,
                        .expected = expected,
                        .row = WF_NO_MEMBER,
                        .out = out};
    const struct wf_node *name = expected->kid[WF_K_EXPECTED_MEMBER];
    if (name) {
        j.member = name->sym->node;
        const struct wf_str *id = wf_timeline_id(scene->timeline, j.member);
        j.row = wf_why_row(j.night->data, id->text, id->len);
    }
    *holds_out = judge(&j);
    if (j.failed || out->failed)
        return WF_ERR_NOMEM;
    return wf_scalar_status(scene->why.scalar);
}
