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

static enum wf_status load_column(struct wf_collect *collect, struct wf_column_bits *column)
{
    const struct wf_state *state = collect->night->state;
    const struct wf_roster *roster = collect->roster;
    const struct wf_column_state *prior = wf_state_column(collect->night->state, column->name);
    column->yes = wf_roster_bits(roster);
    column->no = wf_roster_bits(roster);
    column->was_yes = wf_roster_bits(roster);
    column->was_no = wf_roster_bits(roster);
    if (!column->yes || !column->no || !column->was_yes || !column->was_no)
        return WF_ERR_NOMEM;
    column->compared = prior && state->last.status != WF_RUN_NONE && prior->t == state->last.t;
    if (column->compared) {
        wf_roster_gather(roster, &prior->yes, column->was_yes);
        wf_roster_gather(roster, &prior->no, column->was_no);
    }
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
            st = load_column(collect, column);
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
    bits->decided = wf_roster_bits(collect->roster);
    bits->fresh = wf_roster_bits(collect->roster);
    if (!bits->decided || !bits->fresh)
        return WF_ERR_NOMEM;
    const struct wf_rule_state *rule = &collect->night->state->rules[collect->rules[i].state];
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
        worker->counts =
            wf_calloc(night->alloc, night->program->ir.n_triggers, sizeof(*worker->counts));
        worker->cursors =
            wf_calloc(night->alloc, night->program->ir.n_triggers, sizeof(*worker->cursors));
        if (!worker->counts || !worker->cursors)
            return WF_ERR_NOMEM;
    }
    return WF_OK;
}

enum wf_status wf_collect_init(struct wf_collect *collect, const struct wf_night *night,
                               const struct wf_rule_night *rules, const struct wf_roster *roster,
                               struct wf_buf *why)
{
    const struct wf_ir *ir = &night->program->ir;
    *collect = (struct wf_collect){.night = night, .rules = rules, .roster = roster};
    struct wf_vm_params params = {.now = night->now, .zone = night->zone};
    struct wf_scalar *scalar = wf_scalar_new(ir, NULL, &params, NULL, night->alloc);
    collect->triggers = wf_calloc(night->alloc, ir->n_triggers, sizeof(*collect->triggers));
    enum wf_status st = scalar && collect->triggers ? WF_OK : WF_ERR_NOMEM;
    if (st == WF_OK)
        st = make_workers(collect);
    if (st == WF_OK)
        st = make_columns(collect, scalar);
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

/* ---- the sink ---- */

uint32_t wf_event_member(const struct wf_events *view, uint32_t low, uint32_t n_members,
                         uint64_t row)
{
    uint32_t high = n_members;
    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;
        if (view->first[mid] <= row)
            low = mid;
        else
            high = mid;
    }
    return low;
}

struct batch {
    struct wf_collect *collect;
    struct wf_collect_worker *worker;
    const struct wf_bits *outs;
    uint32_t first, n;
};

/* Whether a word of the batch is a whole word of the bitmaps by row, so no other batch writes it.
 */
static inline bool owns(const struct batch *batch, uint32_t w)
{
    return batch->first % 64 == 0 && w * 64 + 64 <= batch->n;
}

static enum wf_status push(const struct batch *batch, struct wf_candidate candidate)
{
    struct wf_collect_worker *worker = batch->worker;
    if (wf_grow(batch->collect->night->alloc, &worker->items, &worker->room, worker->n + 1,
                sizeof(candidate)) != 0)
        return WF_ERR_NOMEM;
    worker->items[worker->n++] = candidate;
    return WF_OK;
}

/* A candidate for each row of `word`, whose bit 0 is row `at`. */
static enum wf_status push_rows(const struct batch *batch, uint32_t trigger, uint32_t at,
                                uint64_t word, uint64_t guard)
{
    enum wf_status st = WF_OK;
    for (; word && st == WF_OK; word &= word - 1) {
        uint32_t bit = (uint32_t)__builtin_ctzll(word);
        st = push(batch, (struct wf_candidate){.trigger = trigger,
                                               .row = at + bit,
                                               .event = WF_NO_EVENT,
                                               .guard = guard >> bit & 1});
    }
    return st;
}

static enum wf_status take_time(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    struct wf_rule_counts *counts = &batch->worker->counts[i];
    enum wf_status st = WF_OK;
    for (uint32_t w = 0; w * 64 < batch->n && st == WF_OK; w++) {
        uint32_t at = batch->first + w * 64;
        uint64_t fresh = wf_source_true(&bits->due, batch->outs, w) & wf_word_mask(batch->n, w);
        fresh &= ~wf_bits_at(bits->decided, at);
        if (!fresh)
            continue;
        uint64_t near = fresh & wf_source_true(&bits->reach, batch->outs, w);
        uint64_t guard = wf_source_true(&bits->guard, batch->outs, w);
        wf_bits_or(bits->fresh, at, fresh, owns(batch, w));
        counts->before += wf_popcount(fresh & ~near);
        counts->guard += wf_popcount(near & ~guard);
        st = push_rows(batch, i, at, near & guard, guard);
    }
    return st;
}

static bool is_decided(const struct batch *batch, uint32_t i, uint32_t row,
                       const unsigned char key[16])
{
    struct wf_mark mark = {.member = batch->collect->roster->ordinal[row]};
    memcpy(mark.key, key, sizeof(mark.key));
    return wf_marks_seek(batch->collect->triggers[i].marks, &batch->worker->cursors[i], &mark);
}

/* Moments whose occurrences have keys of their own: who may have one is looked at one by one. */
static enum wf_status take_keyed(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    enum wf_status st = WF_OK;
    for (uint32_t w = 0; w * 64 < batch->n && st == WF_OK; w++) {
        uint64_t rows = wf_source_true(&bits->due, batch->outs, w) & wf_word_mask(batch->n, w) &
                        wf_source_true(&bits->reach, batch->outs, w);
        for (uint64_t left = bits->marks ? rows : 0; left; left &= left - 1) {
            uint32_t row = batch->first + w * 64 + (uint32_t)__builtin_ctzll(left);
            if (is_decided(batch, i, row, bits->year))
                rows &= ~(left & -left);
        }
        st = push_rows(batch, i, batch->first + w * 64, rows,
                       wf_source_true(&bits->guard, batch->outs, w));
    }
    return st;
}

static enum wf_status take_crossing(const struct batch *batch, uint32_t i)
{
    const struct wf_collect *collect = batch->collect;
    const struct wf_trigger_bits *bits = &collect->triggers[i];
    const struct wf_column_bits *column = &collect->columns[bits->column];
    const struct wf_column_bits *from =
        bits->from == WF_NONE ? NULL : &collect->columns[bits->from];
    bool leaves = collect->night->program->ir.triggers[i].leaves;
    struct wf_rule_counts *counts = &batch->worker->counts[i];
    enum wf_status st = WF_OK;
    if (!collect->rules[i].may_cross || !column->compared || (from && !from->compared))
        return WF_OK;
    for (uint32_t w = 0; w * 64 < batch->n && st == WF_OK; w++) {
        uint32_t at = batch->first + w * 64;
        uint64_t t = wf_source_true(&column->cond, batch->outs, w);
        uint64_t cross;
        if (leaves)
            cross = wf_bits_at(column->was_yes, at) &
                    wf_source_known(&column->cond, batch->outs, w) & ~t;
        else
            cross = t & (wf_bits_at(column->was_no, at) | wf_bits_at(collect->newcomers, at));
        if (from)
            cross &= wf_bits_at(from->was_yes, at);
        cross &= wf_word_mask(batch->n, w) & ~wf_bits_at(collect->roster->merged, at);
        uint64_t guard = wf_source_true(&bits->guard, batch->outs, w);
        counts->guard += wf_popcount(cross & ~guard);
        st = push_rows(batch, i, at, cross & guard, guard);
    }
    return st;
}

static enum wf_status take_calendar(const struct batch *batch, uint32_t i)
{
    const struct wf_trigger_bits *bits = &batch->collect->triggers[i];
    uint64_t n_dates = (uint64_t)batch->collect->rules[i].n_dates;
    enum wf_status st = WF_OK;
    for (uint32_t w = 0; n_dates && w * 64 < batch->n && st == WF_OK; w++) {
        uint64_t mask = wf_word_mask(batch->n, w);
        uint64_t guard = wf_source_true(&bits->guard, batch->outs, w) & mask;
        batch->worker->counts[i].guard += wf_popcount(mask & ~guard) * n_dates;
        st = push_rows(batch, i, batch->first + w * 64, guard, guard);
    }
    return st;
}

static void take_column(const struct batch *batch, struct wf_column_bits *column)
{
    for (uint32_t w = 0; w * 64 < batch->n; w++) {
        uint32_t at = batch->first + w * 64;
        uint64_t mask = wf_word_mask(batch->n, w);
        uint64_t t = wf_source_true(&column->cond, batch->outs, w) & mask;
        uint64_t no = wf_source_known(&column->cond, batch->outs, w) & ~t & mask;
        wf_bits_or(column->yes, at, t, owns(batch, w));
        wf_bits_or(column->no, at, no, owns(batch, w));
    }
}

static enum wf_status take_members(void *ctx, unsigned worker, uint32_t first, uint32_t n,
                                   const struct wf_bits *outs)
{
    struct wf_collect *collect = ctx;
    const struct wf_ir *ir = &collect->night->program->ir;
    struct batch batch = {collect, &collect->workers[worker], outs, first, n};
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; i < collect->n_columns; i++)
        take_column(&batch, &collect->columns[i]);
    for (uint32_t i = 0; i < ir->n_triggers && st == WF_OK; i++) {
        switch (ir->triggers[i].moment) {
        case WF_MOMENT_TIME: st = take_time(&batch, i); break;
        case WF_MOMENT_ANNIVERSARY:
        case WF_MOMENT_LAST: st = take_keyed(&batch, i); break;
        case WF_MOMENT_CROSSING: st = take_crossing(&batch, i); break;
        case WF_MOMENT_CALENDAR: st = take_calendar(&batch, i); break;
        default: break; /* events come by themselves */
        }
    }
    return st == WF_OK ? wf_metrics_rows(&collect->metrics, worker, first, n, outs) : st;
}

/* The rows of one trigger's events in a batch of a view. */
static enum wf_status take_rows(const struct batch *batch, uint32_t i, uint64_t first)
{
    const struct wf_collect *collect = batch->collect;
    const struct wf_trigger_bits *bits = &collect->triggers[i];
    const struct wf_events *view =
        &collect->night->data->views[collect->night->program->ir.triggers[i].view];
    uint32_t member = 0, n_members = collect->roster->n;
    enum wf_status st = WF_OK;
    for (uint32_t w = 0; w * 64 < batch->n && st == WF_OK; w++) {
        uint64_t rows = wf_source_true(&bits->due, batch->outs, w) &
                        wf_source_true(&bits->reach, batch->outs, w) &
                        wf_source_true(&bits->filter, batch->outs, w) & wf_word_mask(batch->n, w);
        uint64_t guard = wf_source_true(&bits->guard, batch->outs, w);
        for (; rows && st == WF_OK; rows &= rows - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(rows);
            uint64_t row = first + w * 64 + bit;
            if (view->first[member + 1] <= row)
                member = wf_event_member(view, member, n_members, row);
            if (bits->marks && is_decided(batch, i, member, view->key[row]))
                continue;
            st = push(batch,
                      (struct wf_candidate){
                          .trigger = i, .row = member, .event = row, .guard = guard >> bit & 1});
        }
    }
    return st;
}

static enum wf_status take_events(void *ctx, unsigned worker, uint32_t view, uint64_t first,
                                  uint32_t n, const struct wf_bits *outs)
{
    struct wf_collect *collect = ctx;
    const struct wf_ir *ir = &collect->night->program->ir;
    struct batch batch = {collect, &collect->workers[worker], outs, 0, n};
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; i < ir->n_triggers && st == WF_OK; i++)
        if (ir->triggers[i].moment == WF_MOMENT_EVENT && ir->triggers[i].view == view)
            st = take_rows(&batch, i, first);
    wf_breakers_rows(&collect->breakers, view, first, n, outs);
    return st;
}

struct wf_vm_sink wf_collect_sink(struct wf_collect *collect)
{
    return (struct wf_vm_sink){.ctx = collect, .members = take_members, .events = take_events};
}

/* ---- after the run ---- */

static enum wf_status keep_column(struct wf_collect *collect, struct wf_column_bits *column,
                                  struct wf_segment_counts *counts)
{
    struct wf_state *state = collect->night->state;
    struct wf_column_state *kept = wf_state_column(state, column->name);
    struct wf_member_set yes = {0}, no = {0};
    enum wf_status st = wf_roster_become(collect->roster, column->yes, state->n_ids, &yes);
    column->yes = NULL;
    if (st == WF_OK) {
        st = wf_roster_become(collect->roster, column->no, state->n_ids, &no);
        column->no = NULL;
    }
    if (st != WF_OK) {
        wf_free(state->alloc, yes.words);
        wf_free(state->alloc, no.words);
        return st;
    }
    if (counts) {
        counts->compared = column->compared;
        counts->size = wf_set_count(&yes);
        counts->unknown = collect->roster->n - counts->size - wf_set_count(&no);
        for (size_t w = 0; column->compared && w < yes.n_words; w++) {
            uint64_t was = w < kept->yes.n_words ? kept->yes.words[w] : 0;
            counts->entered += wf_popcount(yes.words[w] & ~was);
            counts->left += wf_popcount(was & ~yes.words[w]);
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
    for (unsigned k = 0; k < collect->n_workers; k++) {
        const struct wf_rule_counts *counts = &collect->workers[k].counts[i];
        out->rules[i].guard += counts->guard;
        out->rules[i].before += counts->before;
    }
    uint64_t any = 0;
    for (size_t w = 0; bits->fresh && w < collect->roster->n_words; w++)
        any |= bits->fresh[w];
    if (!any)
        return WF_OK;
    rule->decided.dirty = true;
    return wf_roster_scatter(collect->roster, bits->fresh, state->n_ids, &rule->decided);
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
    return keep_column(collect, &collect->columns[i],
                       i < n_watches ? NULL : &keeping->out->segments[i - n_watches]);
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
