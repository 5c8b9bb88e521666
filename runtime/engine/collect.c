#include "runtime/engine/collect.h"

#include <string.h>

#include "runtime/data/parallel.h"

/* ---- making ---- */

enum wf_status wf_source_make(const struct wf_program *program, struct wf_scalar *scalar,
                              uint32_t node, struct wf_source *out)
{
    *out = (struct wf_source){.kind = WF_SRC_NONE};
    if (node == WF_NONE)
        return WF_OK;
    if (program->ir.nodes[node].domain == WF_DOM_RUN) {
        int truth = wf_scalar_truth(scalar, node);
        out->kind = truth > 0 ? WF_SRC_TRUE : truth == 0 ? WF_SRC_FALSE : WF_SRC_UNKNOWN;
        return WF_OK;
    }
    out->kind = WF_SRC_OUT;
    out->out = wf_program_output(program, node);
    return out->out == WF_NONE ? WF_ERR_INTERNAL : WF_OK;
}

static enum wf_status name_column(struct wf_collect *collect, struct wf_column_bits *column,
                                  const char *kind, const char *name, const char *value)
{
    struct wf_buf buf;
    wf_buf_init(&buf, collect->night->alloc, 0);
    wf_buf_adds(&buf, kind);
    wf_buf_addc(&buf, ' ');
    wf_buf_adds(&buf, name);
    if (value) {
        wf_buf_addc(&buf, '=');
        wf_buf_adds(&buf, value);
    }
    if (buf.failed) {
        wf_buf_release(&buf);
        return WF_ERR_NOMEM;
    }
    column->name = wf_buf_detach(&buf, NULL);
    return WF_OK;
}

/*
 * A bitmap by row that the sink will fill: a night has hundreds, and zeros are put only where
 * batches share words. (Otherwise every word of it is some batch's.)
 */
static uint64_t *tonights_bits(const struct wf_collect *collect)
{
    const struct wf_roster *roster = collect->roster;
    if (collect->night->vm.batch % 64 || roster->n_words < WF_ROSTER_SPARE)
        return wf_roster_bits(roster);
    uint64_t *bits = wf_realloc(roster->alloc, NULL, roster->n_words * sizeof(*bits));
    for (size_t w = roster->n_words - WF_ROSTER_SPARE; bits && w < roster->n_words; w++)
        bits[w] = 0;
    return bits;
}

/* `asked`: somebody asks for what it was row by row, not only for how many came and went. */
static enum wf_status load_column(struct wf_collect *collect, bool asked,
                                  struct wf_column_bits *column)
{
    const struct wf_state *state = collect->night->state;
    const struct wf_roster *roster = collect->roster;
    const struct wf_column_state *prior = wf_state_column(collect->night->state, column->name);
    column->yes = tonights_bits(collect);
    column->no = tonights_bits(collect);
    if (!column->yes || !column->no)
        return WF_ERR_NOMEM;
    column->compared = prior && state->last.status != WF_RUN_NONE && prior->t == state->last.t;
    if (!column->compared || !asked)
        return WF_OK;
    column->was_yes = wf_roster_bits(roster);
    column->was_no = wf_roster_bits(roster);
    if (!column->was_yes || !column->was_no)
        return WF_ERR_NOMEM;
    wf_roster_gather(roster, &prior->yes, column->was_yes);
    wf_roster_gather(roster, &prior->no, column->was_no);
    return WF_OK;
}

static enum wf_status make_columns(struct wf_collect *collect, struct wf_scalar *scalar)
{
    const struct wf_ir *ir = &collect->night->program->ir;
    enum wf_status st = WF_OK;
    collect->n_columns = ir->n_watches + ir->n_segments + ir->n_classes;
    collect->columns =
        wf_calloc(collect->night->alloc, collect->n_columns, sizeof(*collect->columns));
    if (!collect->columns)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; st == WF_OK && i < collect->n_columns; i++) {
        struct wf_column_bits *column = &collect->columns[i];
        uint32_t node, k = i;
        if (k < ir->n_watches) {
            char hash[17];
            for (int d = 0; d < 16; d++)
                hash[d] = "0123456789abcdef"[ir->watches[k].hash >> (60 - 4 * d) & 15];
            hash[16] = 0;
            node = ir->watches[k].cond;
            st = name_column(collect, column, "watch", hash, NULL);
        } else if ((k -= ir->n_watches) < ir->n_segments) {
            node = ir->segments[k].cond;
            st = name_column(collect, column, "segment", ir->texts[ir->segments[k].name]->text,
                             NULL);
        } else {
            const struct wf_ir_class *class_ = &ir->classes[k - ir->n_segments];
            node = class_->match;
            st = name_column(collect, column, "class", ir->texts[class_->classify]->text,
                             ir->texts[class_->name]->text);
        }
        if (st == WF_OK)
            st = wf_source_make(collect->night->program, scalar, node, &column->cond);
        if (st == WF_OK)
            st = load_column(collect, i < ir->n_watches || i >= ir->n_watches + ir->n_segments,
                             column);
    }
    return st;
}

/* What was decided already is told apart in the sink where its key is at hand. */
static void find_marks(struct wf_collect *collect, uint32_t i)
{
    const struct wf_night *night = collect->night;
    const struct wf_ir *ir = &night->program->ir;
    const struct wf_ir_trigger *trigger = &ir->triggers[i];
    const struct wf_rule_state *rule = &night->state->rules[collect->rules[i].state];
    struct wf_trigger_bits *bits = &collect->triggers[i];
    int64_t year;
    if (!rule->marks.n)
        return;
    if (trigger->moment == WF_MOMENT_EVENT && night->data->views[trigger->view].key)
        bits->marks = &rule->marks;
    if (trigger->moment != WF_MOMENT_ANNIVERSARY || ir->nodes[trigger->due].op != WF_IR_ANNIVERSARY)
        return;
    if (wf_anniv_one_year(night->zone, &ir->annivs[ir->nodes[trigger->due].b],
                          collect->rules[i].floor, night->now, &year)) {
        bits->marks = &rule->marks;
        wf_mark_number(bits->year, year);
    }
}

static enum wf_status make_trigger(struct wf_collect *collect, struct wf_scalar *scalar, uint32_t i)
{
    const struct wf_program *program = collect->night->program;
    const struct wf_ir_trigger *trigger = &program->ir.triggers[i];
    struct wf_trigger_bits *bits = &collect->triggers[i];
    enum wf_status st = WF_OK;
    bits->column = trigger->moment == WF_MOMENT_CROSSING ? trigger->watch : WF_NONE;
    bits->from = trigger->moment == WF_MOMENT_CROSSING ? trigger->from_watch : WF_NONE;
    if (trigger->moment != WF_MOMENT_CROSSING && trigger->moment != WF_MOMENT_CALENDAR) {
        st = wf_source_make(program, scalar, trigger->due_le_now, &bits->due);
        if (st == WF_OK)
            st = wf_source_make(program, scalar, trigger->due_ge_floor, &bits->reach);
    }
    if (st == WF_OK && trigger->moment == WF_MOMENT_EVENT)
        st = wf_source_make(program, scalar, trigger->filter, &bits->filter);
    /* an event's guard that is of the member is asked for when there is a candidate */
    bool later = trigger->moment == WF_MOMENT_EVENT && trigger->guard != WF_NONE &&
                 program->ir.nodes[trigger->guard].domain == WF_DOM_MEMBER;
    if (st == WF_OK && !later)
        st = wf_source_make(program, scalar, trigger->guard, &bits->guard);
    if (st != WF_OK)
        return st;
    find_marks(collect, i);
    if (trigger->moment != WF_MOMENT_TIME)
        return WF_OK;
    bits->fresh = tonights_bits(collect);
    if (!bits->fresh)
        return WF_ERR_NOMEM;
    const struct wf_rule_state *rule = &collect->night->state->rules[collect->rules[i].state];
    if (!rule->decided.n_words)
        return WF_OK;
    bits->decided = wf_roster_bits(collect->roster);
    if (!bits->decided)
        return WF_ERR_NOMEM;
    wf_roster_gather(collect->roster, &rule->decided, bits->decided);
    return WF_OK;
}

uint32_t wf_joined_input(const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        if (input->domain != WF_DOM_MEMBER || input->record != 0 || input->via_field != WF_NONE)
            continue;
        const struct wf_ir_field *field = &ir->fields[ir->member.fields_first + input->field];
        if (input->type == WF_T_DATE && strcmp(ir->texts[field->name]->text, "joined") == 0)
            return i;
    }
    return WF_NONE;
}

/* Who is seen for the first time was out before only if `joined` says they were not yet in. */
static enum wf_status find_newcomers(struct wf_collect *collect)
{
    const struct wf_night *night = collect->night;
    uint32_t input = wf_joined_input(&night->program->ir);
    collect->newcomers = wf_roster_bits(collect->roster);
    if (!collect->newcomers)
        return WF_ERR_NOMEM;
    if (input == WF_NONE || night->state->last.status == WF_RUN_NONE)
        return WF_OK;
    int64_t since = wf_zone_day(night->zone, night->state->last.t);
    for (size_t w = 0; w < collect->roster->n_words; w++) {
        uint64_t left = collect->roster->fresh[w] & ~collect->roster->merged[w];
        for (; left; left &= left - 1) {
            uint64_t row = w * 64 + (uint64_t)__builtin_ctzll(left);
            struct wf_value joined = wf_dataset_value(night->data, input, row);
            if (joined.present && joined.i >= since)
                collect->newcomers[w] |= left & -left;
        }
    }
    return WF_OK;
}

static enum wf_status make_workers(struct wf_collect *collect)
{
    const struct wf_night *night = collect->night;
    collect->n_workers = night->vm.threads ? night->vm.threads : 1;
    collect->workers = wf_calloc(night->alloc, collect->n_workers, sizeof(*collect->workers));
    if (!collect->workers)
        return WF_ERR_NOMEM;
    for (unsigned i = 0; i < collect->n_workers; i++) {
        struct wf_collect_worker *worker = &collect->workers[i];
        worker->columns = wf_calloc(night->alloc, collect->n_columns, sizeof(*worker->columns));
        worker->tallies =
            wf_calloc(night->alloc, night->program->ir.n_triggers, sizeof(*worker->tallies));
        worker->counts =
            wf_calloc(night->alloc, night->program->ir.n_triggers, sizeof(*worker->counts));
        worker->cursors =
            wf_calloc(night->alloc, night->program->ir.n_triggers, sizeof(*worker->cursors));
        if (!worker->columns || !worker->tallies || !worker->counts || !worker->cursors)
            return WF_ERR_NOMEM;
    }
    return WF_OK;
}

enum wf_status wf_collect_init(struct wf_collect *collect, const struct wf_night *night,
                               const struct wf_rule_night *rules, const struct wf_roster *roster,
                               struct wf_buf *why)
{
    const struct wf_ir *ir = &night->program->ir;
    *collect = (struct wf_collect){.night = night,
                                   .rules = rules,
                                   .roster = roster,
                                   .lanes = wf_lanes_choose(night->vm.vectors)};
    struct wf_vm_params params = {.now = night->now, .zone = night->zone};
    struct wf_scalar *scalar = wf_scalar_new(ir, NULL, &params, NULL, night->alloc);
    collect->triggers = wf_calloc(night->alloc, ir->n_triggers, sizeof(*collect->triggers));
    enum wf_status st = scalar && collect->triggers ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = make_columns(collect, scalar);
    if (st == WF_OK)
        st = make_workers(collect);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_triggers; i++)
        st = make_trigger(collect, scalar, i);
    if (st == WF_OK)
        st = find_newcomers(collect);
    if (st == WF_OK)
        st = wf_breakers_init(&collect->breakers, night, scalar);
    if (st == WF_OK)
        st = wf_metrics_init(&collect->metrics, night);
    if (scalar)
        wf_scalar_free(scalar);
    if (st == WF_ERR_INTERNAL && why)
        wf_buf_adds(why, "the program does not output a condition that a rule needs");
    return st;
}

void wf_collect_release(struct wf_collect *collect)
{
    const struct wf_alloc *alloc = collect->night->alloc;
    uint32_t n_triggers = collect->triggers ? collect->night->program->ir.n_triggers : 0;
    for (uint32_t i = 0; i < n_triggers; i++) {
        wf_free(alloc, collect->triggers[i].decided);
        wf_free(alloc, collect->triggers[i].fresh);
    }
    for (uint32_t i = 0; collect->columns && i < collect->n_columns; i++) {
        struct wf_column_bits *column = &collect->columns[i];
        wf_free(alloc, column->name);
        wf_free(alloc, column->was_yes);
        wf_free(alloc, column->was_no);
        wf_free(alloc, column->yes);
        wf_free(alloc, column->no);
    }
    for (unsigned i = 0; collect->workers && i < collect->n_workers; i++) {
        wf_free(alloc, collect->workers[i].items);
        wf_free(alloc, collect->workers[i].columns);
        wf_free(alloc, collect->workers[i].tallies);
        wf_free(alloc, collect->workers[i].counts);
        wf_free(alloc, collect->workers[i].cursors);
    }
    wf_free(alloc, collect->triggers);
    wf_free(alloc, collect->columns);
    wf_free(alloc, collect->workers);
    wf_free(alloc, collect->newcomers);
    wf_breakers_release(&collect->breakers);
    wf_metrics_release(&collect->metrics);
}

/* ---- after the run ---- */

/* How many a segment or a class has, and of how many that is unknown. */
static void count_column(const struct wf_collect *collect, uint32_t i,
                         struct wf_segment_counts *counts)
{
    uint64_t known = 0;
    for (unsigned k = 0; k < collect->n_workers; k++) {
        counts->size += collect->workers[k].columns[i].yes;
        known += collect->workers[k].columns[i].known;
    }
    counts->unknown = collect->roster->n - known;
    counts->compared = collect->columns[i].compared;
}

static enum wf_status keep_column(struct wf_collect *collect, uint32_t i,
                                  struct wf_segment_counts *counts)
{
    struct wf_state *state = collect->night->state;
    struct wf_column_bits *column = &collect->columns[i];
    struct wf_column_state *kept = wf_state_column(state, column->name);
    struct wf_member_set yes = {0}, no = {0};
    enum wf_status st = wf_roster_become(collect->roster, column->yes, state->members.n, &yes);
    column->yes = NULL;
    if (st == WF_OK) {
        st = wf_roster_become(collect->roster, column->no, state->members.n, &no);
        column->no = NULL;
    }
    if (st != WF_OK) {
        wf_free(state->alloc, yes.words);
        wf_free(state->alloc, no.words);
        return st;
    }
    if (counts) {
        count_column(collect, i, counts);
        for (size_t w = 0; column->compared && w < yes.n_words; w++) {
            uint64_t was = w < kept->yes.n_words ? kept->yes.words[w] : 0;
            counts->entered += wf_bit_count(yes.words[w] & ~was);
            counts->left += wf_bit_count(was & ~yes.words[w]);
        }
    }
    wf_free(state->alloc, kept->yes.words);
    wf_free(state->alloc, kept->no.words);
    yes.dirty = no.dirty = true;
    kept->yes = yes;
    kept->no = no;
    kept->t = collect->night->now;
    return WF_OK;
}

static enum wf_status keep_trigger(struct wf_collect *collect, uint32_t i, struct wf_outcome *out)
{
    struct wf_state *state = collect->night->state;
    struct wf_rule_state *rule = &state->rules[collect->rules[i].state];
    struct wf_trigger_bits *bits = &collect->triggers[i];
    uint64_t fresh = 0; /* not 0: some were decided tonight */
    for (unsigned k = 0; k < collect->n_workers; k++) {
        const struct wf_tallies *tallies = &collect->workers[k].tallies[i];
        out->rules[i].guard += collect->workers[k].counts[i].guard;
        fresh |= tallies->hit;
        for (int part = 0; part < WF_SUM_PARTS; part++) {
            out->rules[i].before += tallies->early[part];
            out->rules[i].guard += tallies->barred[part];
            fresh |= tallies->early[part] | tallies->barred[part];
        }
    }
    if (!fresh)
        return WF_OK;
    enum wf_status st;
    if (rule->decided.n_words) {
        st = wf_roster_scatter(collect->roster, bits->fresh, state->members.n, &rule->decided);
    } else {
        st = wf_roster_become(collect->roster, bits->fresh, state->members.n, &rule->decided);
        bits->fresh = NULL;
    }
    rule->decided.dirty = true;
    return st;
}

/* Two watches of one definition have one name: then the state keeps the first. */
static bool is_twin(const struct wf_collect *collect, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++)
        if (collect->columns[k].id == collect->columns[i].id)
            return true;
    return false;
}

struct keeping {
    struct wf_collect *collect;
    struct wf_outcome *out;
};

/* First the columns, then the triggers: each has its own place in the state. */
static enum wf_status keep_one(void *ctx, unsigned thread, uint32_t i)
{
    const struct keeping *keeping = ctx;
    struct wf_collect *collect = keeping->collect;
    uint32_t n_watches = collect->night->program->ir.n_watches;
    (void)thread;
    if (i >= collect->n_columns)
        return keep_trigger(collect, i - collect->n_columns, keeping->out);
    if (is_twin(collect, i))
        return WF_OK;
    return keep_column(collect, i, i < n_watches ? NULL : &keeping->out->segments[i - n_watches]);
}

enum wf_status wf_collect_keep(struct wf_collect *collect, struct wf_outcome *out)
{
    struct wf_state *state = collect->night->state;
    struct keeping keeping = {collect, out};
    for (uint32_t i = 0; i < collect->n_columns; i++) {
        struct wf_column_bits *column = &collect->columns[i];
        struct wf_column_state *kept = wf_state_column(state, column->name);
        if (!kept && wf_state_add_column(state, column->name, &kept) != WF_OK)
            return WF_ERR_NOMEM;
        column->id = kept->id;
    }
    return wf_parallel(collect->night->vm.threads,
                       collect->n_columns + collect->night->program->ir.n_triggers, &keeping,
                       keep_one);
}
