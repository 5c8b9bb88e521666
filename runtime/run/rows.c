#include "runtime/run/rows.h"

#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/report.h"
#include "runtime/vm/trace.h"

const char *const WF_SUPPRESSED_COLUMNS[] = {
    "action_id", "member_id", "kind",       "channel",   "name",    "coupon", "text",
    "owner",     "due",       "not_before", "not_after", "journey", "step",   "rule",
    "file",      "line",      "reason",     "gate",      NULL};
const char *const WF_ACTION_COLUMNS[] = {
    "action_id",  "member_id", "kind",    "channel", "name", "coupon", "text", "owner",  "due",
    "not_before", "not_after", "journey", "step",    "rule", "file",   "line", "reason", NULL};
/* A time as it stands in a cell. */
struct written_time {
    int64_t time;
    uint32_t way; /* of writing it */
    size_t len;   /* 0: none */
    char text[WF_STAMP_TEXT];
};

/*
 * The cells of a row but its ids and its reason, as they came out the last time: what a rule and a
 * channel decide, and when, is the same row after row. Empty: not known.
 *
 *   kind channel name coupon [text owner] | due not_before not_after | journey step rule file line
 *   what                                    when                       where
 */
struct written_rule {
    uint32_t action, channel, step;
    bool alike; /* `what` has the text and the owner, too: they are the same for everyone */
    int64_t occurred, not_before, not_after; /* of `when` */
    struct wf_buf what, when, where;
};

enum { WRITTEN_TIMES = 256, WRITTEN_RULES = 256 };

struct wf_rows {
    const struct wf_publish *publish;
    const struct wf_night *night;
    const struct wf_ir *ir;
    const struct wf_alloc *alloc;
    int64_t *floor; /* by trigger */
    struct wf_vm_params params;
    struct wf_scalar *scalar;
    struct wf_parties parties;
    struct wf_buf cell;
    struct written_time times[WRITTEN_TIMES];
    struct written_rule written[WRITTEN_RULES];
};

struct wf_rows *wf_rows_new(const struct wf_publish *publish)
{
    const struct wf_night *night = publish->night;
    const struct wf_ir *ir = &night->program->ir;
    struct wf_rows *s = wf_calloc(night->alloc, 1, sizeof(*s));
    if (!s)
        return NULL;
    *s = (struct wf_rows){.publish = publish,
                          .night = night,
                          .ir = ir,
                          .alloc = night->alloc,
                          .floor = wf_calloc(night->alloc, ir->n_triggers, sizeof(*s->floor)),
                          .parties = wf_parties_make(night)};
    wf_buf_init(&s->cell, night->alloc, 0);
    s->params = (struct wf_vm_params){.now = night->now, .zone = night->zone, .floor = s->floor};
    if (s->floor)
        s->scalar =
            wf_scalar_new(ir, night->data, &s->params, &publish->outcome->pops, night->alloc);
    if (s->scalar) {
        wf_scalar_recall(s->scalar, &publish->outcome->noted);
        return s;
    }
    wf_rows_free(s);
    return NULL;
}

static void release_written(struct written_rule *w)
{
    wf_buf_release(&w->what);
    wf_buf_release(&w->when);
    wf_buf_release(&w->where);
}

void wf_rows_free(struct wf_rows *rows)
{
    if (!rows)
        return;
    for (size_t i = 0; i < WRITTEN_RULES; i++)
        release_written(&rows->written[i]);
    if (rows->scalar)
        wf_scalar_free(rows->scalar);
    wf_buf_release(&rows->cell);
    wf_free(rows->alloc, rows->floor);
    wf_free(rows->alloc, rows);
}

/* ---- cells ---- */

/* What falls due at a midnight because it is a day's. A journey does not say which is: every
 * midnight's. */
enum { AS_STAMP, AS_TIME, AS_DATE, AS_DATE_AT_MIDNIGHT };

static void print_time(struct wf_rows *s, int64_t time, uint32_t way)
{
    const struct wf_zone *zone = s->night->zone;
    struct wf_value value = wf_int_value(WF_T_TIME, time);
    if (way == AS_DATE_AT_MIDNIGHT && wf_zone_midnight(zone, wf_zone_day(zone, time)) == time)
        way = AS_DATE;
    if (way == AS_STAMP)
        wf_local_time(&s->cell, zone, time);
    else
        wf_value_print(&s->cell, zone, way == AS_DATE ? wf_value_date_of(zone, value) : value);
}

/* Nearly all actions of a night may fall due, and leave, at the same few times. */
static void time_cell(struct wf_rows *s, struct wf_sheet *sheet, int64_t time, uint32_t way)
{
    struct written_time *known = &s->times[((uint64_t)time / 60 + 64 * way) % WRITTEN_TIMES];
    if (known->len == 0 || known->time != time || known->way != way) {
        print_time(s, time, way);
        known->time = time;
        known->way = way;
        known->len = s->cell.failed || s->cell.len > sizeof(known->text) ? 0 : s->cell.len;
        memcpy(known->text, wf_buf_str(&s->cell), known->len);
        wf_sheet_built(sheet, &s->cell);
        return;
    }
    wf_sheet_cell(sheet, known->text, known->len);
}

/* A task's deadline if it has one, else when the occurrence fell due: a date where it is one. */
static void due_cell(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d,
                     const struct wf_ir_action *action)
{
    const struct wf_zone *zone = s->night->zone;
    struct wf_value now = wf_int_value(WF_T_TIME, s->night->now);
    struct wf_value span = wf_int_value((enum wf_type)action->due.unit, action->due.count);
    if (action->due.unit == WF_T_NONE) {
        bool date = d->rule < s->ir->n_triggers && s->ir->triggers[d->rule].due_is_date;
        time_cell(s, sheet, d->occurred,
                  d->rule >= s->ir->n_triggers ? AS_DATE_AT_MIDNIGHT
                  : date                       ? AS_DATE
                                               : AS_TIME);
        return;
    }
    struct wf_value due = action->due.unit == WF_T_SECONDS
                              ? wf_value_time_add(zone, now, span)
                              : wf_value_date_add(wf_value_date_of(zone, now), span);
    wf_value_print(&s->cell, zone, due);
    wf_sheet_built(sheet, &s->cell);
}

static void owner_cell(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d,
                       const struct wf_ir_action *action)
{
    if (action->kind == WF_ACT_TASK)
        wf_value_print(&s->cell, s->night->zone, wf_task_owner(&s->parties, action, d->member));
    wf_sheet_built(sheet, &s->cell);
}

static void rule_cells(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d)
{
    struct wf_rule_view rule = wf_rule_view(s->ir, d->rule);
    const char *name = wf_ir_text(s->ir, rule.name);
    uint32_t step = wf_decision_step(d);
    wf_sheet_text(sheet, rule.journey ? name : "");
    wf_sheet_text(sheet, !rule.journey ? "" : step == WF_NONE ? "start" : wf_ir_text(s->ir, step));
    wf_sheet_text(sheet, name);
    if (rule.place == WF_NONE) {
        wf_sheet_text(sheet, "");
        wf_sheet_text(sheet, "");
        return;
    }
    const struct wf_ir_place *place = &s->ir->places[rule.place];
    wf_sheet_text(sheet, wf_ir_text(s->ir, place->file));
    wf_sheet_number(sheet, place->line);
}

/* Whether an action says the same to everyone, and nobody's owner is asked. */
static bool is_alike(const struct wf_ir *ir, const struct wf_ir_action *action)
{
    if (action->kind == WF_ACT_EMIT || action->kind == WF_ACT_TASK)
        return false;
    if (action->text == WF_NONE)
        return action->value == WF_NONE;
    const struct wf_ir_template *text = &ir->templates[action->text];
    for (uint32_t i = 0; i < text->parts_count; i++)
        if (ir->text_parts[text->parts_first + i].text == WF_NONE)
            return false;
    return true;
}

static struct written_rule *written_of(struct wf_rows *s, const struct wf_decision *d)
{
    uint32_t step = wf_decision_step(d), mixed = d->action * 31 + (d->channel + 1) * 7 + step + 1;
    struct written_rule *w = &s->written[mixed % WRITTEN_RULES];
    if (w->what.len && w->action == d->action && w->channel == d->channel && w->step == step)
        return w;
    struct wf_buf *cells[] = {&w->what, &w->when, &w->where};
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
        if (!cells[i]->data)
            wf_buf_init(cells[i], s->alloc, 0);
        wf_buf_reset(cells[i]);
    }
    w->action = d->action;
    w->channel = d->channel;
    w->step = step;
    w->alike = is_alike(s->ir, wf_decision_action(s->ir, d));
    return w;
}

/* Keeps what came out behind `from`: all of it or nothing. */
static void keep_cells(struct wf_buf *cells, const struct wf_sheet *sheet, size_t from)
{
    wf_buf_reset(cells);
    if (!sheet->buf.failed)
        wf_buf_add(cells, sheet->buf.data + from, sheet->buf.len - from);
    if (cells->failed)
        wf_buf_reset(cells);
}

static void text_cells(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d,
                       const struct wf_ir_action *action)
{
    wf_decision_text(s->scalar, s->night, d, &s->cell);
    wf_sheet_built(sheet, &s->cell);
    owner_cell(s, sheet, d, action);
}

static void what_cells(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d,
                       struct written_rule *written)
{
    const struct wf_ir_action *action = wf_decision_action(s->ir, d);
    size_t from = sheet->buf.len;
    if (written->what.len) {
        wf_sheet_again(sheet, &written->what, written->alike ? 6 : 4);
    } else {
        wf_sheet_text(sheet, wf_action_kind(action));
        wf_sheet_text(sheet, wf_ir_text(s->ir, d->channel));
        wf_sheet_text(sheet, wf_ir_text(s->ir, action->name));
        wf_sheet_text(sheet, wf_ir_text(s->ir, action->coupon));
        if (written->alike)
            text_cells(s, sheet, d, action);
        keep_cells(&written->what, sheet, from);
    }
    if (!written->alike)
        text_cells(s, sheet, d, action);
}

static void when_cells(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d,
                       struct written_rule *written)
{
    size_t from = sheet->buf.len;
    if (written->when.len && written->occurred == d->occurred &&
        written->not_before == d->not_before && written->not_after == d->not_after) {
        wf_sheet_again(sheet, &written->when, 3);
        return;
    }
    due_cell(s, sheet, d, wf_decision_action(s->ir, d));
    time_cell(s, sheet, d->not_before, AS_STAMP);
    time_cell(s, sheet, d->not_after, AS_STAMP);
    keep_cells(&written->when, sheet, from);
    written->occurred = d->occurred;
    written->not_before = d->not_before;
    written->not_after = d->not_after;
}

static void where_cells(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d,
                        struct written_rule *written)
{
    size_t from = sheet->buf.len;
    if (written->where.len) {
        wf_sheet_again(sheet, &written->where, 5);
        return;
    }
    rule_cells(s, sheet, d);
    keep_cells(&written->where, sheet, from);
}

static void decision_row(struct wf_rows *s, struct wf_sheet *sheet, const struct wf_decision *d,
                         bool stopped)
{
    const struct wf_id *id = &s->night->data->ids[d->target];
    struct written_rule *written = written_of(s, d);
    char hex[33];
    wf_decision_enter(s->scalar, s->ir, d);
    wf_hex(hex, d->id, sizeof(d->id));
    wf_sheet_plain(sheet, hex, 32);
    wf_sheet_cell(sheet, s->night->data->id_heap + id->at, id->len);
    what_cells(s, sheet, d, written);
    when_cells(s, sheet, d, written);
    where_cells(s, sheet, d, written);
    wf_decision_reason(s->scalar, s->night, d, &s->cell);
    wf_sheet_built(sheet, &s->cell);
    if (stopped)
        wf_sheet_text(sheet, wf_gate_text((enum wf_gate)d->gate));
    wf_sheet_end_row(sheet);
}

/* What is not known of tonight's rules or of an absent member stays empty. */
static void lapsed_row(struct wf_rows *s, struct wf_sheet *sheet,
                       const struct wf_lapsed_row *lapsed)
{
    const struct wf_ledger_row *row = &lapsed->row;
    const struct wf_ledger_text none = {"", 0}, start = {"start", 5};
    const struct wf_ledger_text step = row->journey.len && !row->step.len ? start : row->step;
    const struct wf_ledger_text before[] = {row->member, row->kind, row->channel, row->name,
                                            row->coupon, none,      none};
    const struct wf_ledger_text after[] = {none,         none, row->journey, step,
                                           lapsed->rule, none, none};
    char hex[33];
    wf_hex(hex, row->action_id, sizeof(row->action_id));
    wf_sheet_plain(sheet, hex, 32);
    for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
        wf_sheet_cell(sheet, before[i].text, before[i].len);
    wf_local_short(&s->cell, s->night->zone, row->due);
    wf_sheet_built(sheet, &s->cell);
    for (size_t i = 0; i < sizeof(after) / sizeof(*after); i++)
        wf_sheet_cell(sheet, after[i].text, after[i].len);
    wf_buf_addf(&s->cell, "held: %s; stopped: %s", lapsed->held.text, row->note.text);
    wf_sheet_built(sheet, &s->cell);
    wf_sheet_text(sheet, row->gate);
    wf_sheet_end_row(sheet);
}

/* Whether a member's decisions come after what lapsed for another. */
static bool comes_after(const struct wf_rows *s, uint32_t member, struct wf_ledger_text lapsed)
{
    const struct wf_id *id = &s->night->data->ids[member];
    size_t len = id->len < lapsed.len ? id->len : lapsed.len;
    int order = memcmp(s->night->data->id_heap + id->at, lapsed.text, len);
    return order != 0 ? order > 0 : id->len > lapsed.len;
}

/* How many lapsed rows come before the decision of that number: each comes before the first
 * decision whose member comes after its own. */
static size_t lapsed_before(const struct wf_rows *s, size_t decision)
{
    const struct wf_outcome *out = s->publish->outcome;
    size_t low = 0, high = decision ? out->n_lapsed : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (comes_after(s, out->decisions[decision - 1].target, s->publish->lapsed[mid].row.member))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* (Inlined, for gcc leaves out calls of what only fetches.) */
static inline __attribute__((always_inline)) void
fetch_ahead(const struct wf_rows *s, const struct wf_decision *d, size_t left)
{
    if (left <= WF_IDS_AHEAD)
        return;
    wf_ids_fetch(s->night->data, d[WF_IDS_AHEAD].target, d[WF_IDS_AHEAD / 2].target);
    if (d[WF_IDS_AHEAD / 2].rule < s->ir->n_triggers)
        wf_trace_fetch(s->scalar, d[WF_IDS_AHEAD / 2].rule, d[WF_IDS_AHEAD / 2].member);
}

void wf_rows_put(struct wf_rows *s, struct wf_sheet *sheet, size_t from, size_t to, bool stopped)
{
    const struct wf_outcome *out = s->publish->outcome;
    const struct wf_lapsed_row *lapsed = s->publish->lapsed;
    size_t n_lapsed = stopped ? out->n_lapsed : 0, at = stopped ? lapsed_before(s, from) : 0;
    for (size_t i = from; sheet->status == WF_OK && i < to; i++) {
        const struct wf_decision *d = &out->decisions[i];
        fetch_ahead(s, d, out->n_decisions - i);
        while (at < n_lapsed && comes_after(s, d->target, lapsed[at].row.member))
            lapsed_row(s, sheet, &lapsed[at++]);
        if ((d->gate != WF_GATE_NONE) == stopped)
            decision_row(s, sheet, d, stopped);
    }
    while (sheet->status == WF_OK && to == out->n_decisions && at < n_lapsed)
        lapsed_row(s, sheet, &lapsed[at++]);
    if (sheet->status == WF_OK)
        sheet->status = wf_scalar_status(s->scalar);
}
