#include "runtime/run/lift_sheet.h"

#include <math.h>
#include <stdio.h>

#include "runtime/run/action.h"
#include "runtime/engine/lift.h"
#include "runtime/run/figure.h"

const char *const WF_LIFT_COLUMNS[] = {
    "journey",      "split",           "variant",         "base",
    "goal",         "holdout",         "members",         "reached",
    "rate",         "base_members",    "base_reached",    "base_rate",
    "difference",   "low",             "high",            "unit",
    "mean",         "base_mean",       "mean_difference", "mean_low",
    "mean_high",    "incremental",     "incremental_low", "incremental_high",
    "unknown",      NULL};

struct writing {
    const struct wf_ir *ir;
    struct wf_sheet *sheet;
    struct wf_buf cell;
    bool money;
};

static void end_cell(struct writing *w)
{
    if (w->cell.failed)
        w->sheet->status = WF_ERR_NOMEM;
    wf_sheet_cell(w->sheet, wf_buf_str(&w->cell), w->cell.len);
    wf_buf_reset(&w->cell);
}

static void number(struct writing *w, bool known, double value)
{
    if (known)
        wf_figure_number(&w->cell, value);
    end_cell(w);
}

/* `value` is in hundredths. */
static void worth(struct writing *w, bool known, double value)
{
    if (known && w->money)
        wf_buf_addf(&w->cell, "%.2f", (round(value) + 0.0) / 100);
    else if (known)
        wf_figure_number(&w->cell, value / 100);
    end_cell(w);
}

static void text(struct writing *w, uint32_t of)
{
    wf_sheet_text(w->sheet, of == WF_NONE ? "" : wf_ir_text(w->ir, of));
}

static void arm(struct writing *w, uint32_t of)
{
    text(w, of == WF_NONE ? WF_NONE : w->ir->arms[of].label);
}

static enum wf_type unit_of(const struct wf_ir *ir, const struct wf_ir_journey *j)
{
    return j->goal_kind == WF_GOAL_VALUE ? (enum wf_type)ir->nodes[j->goal_node].type : WF_T_NONE;
}

static void write_worth(struct writing *w, const struct wf_compared *c, enum wf_type unit)
{
    const struct wf_lift *lift = &c->lift;
    const struct wf_interval *means = &lift->means;
    double members = (double)c->cells[0]->members;
    bool sure = means->known && means->sure;
    w->money = unit == WF_T_MONEY;
    wf_sheet_text(w->sheet, unit == WF_T_NONE ? "" : w->money ? "money" : "number");
    worth(w, lift->measured[0], lift->mean[0]);
    worth(w, lift->measured[1], lift->mean[1]);
    worth(w, means->known, means->value);
    worth(w, sure, means->low);
    worth(w, sure, means->high);
    worth(w, means->known, means->value * members);
    worth(w, sure, means->low * members);
    worth(w, sure, means->high * members);
}

static enum wf_status write_row(void *ctx, const struct wf_compared *c)
{
    struct writing *w = ctx;
    const struct wf_ir_journey *j = &w->ir->journeys[c->journey];
    const struct wf_lift *lift = &c->lift;
    text(w, j->name);
    if (c->split)
        wf_buf_addf(&w->cell, "%u", (unsigned)c->split);
    end_cell(w);
    arm(w, c->arm);
    arm(w, c->base);
    text(w, j->goal_text);
    number(w, true, (double)c->holdout / 1000000);
    for (int i = 0; i < 2; i++) {
        wf_sheet_number(w->sheet, (int64_t)c->cells[i]->members);
        wf_sheet_number(w->sheet, (int64_t)c->cells[i]->reached);
        number(w, lift->rated[i], lift->rate[i]);
    }
    number(w, lift->rates.known, lift->rates.value);
    number(w, lift->rates.sure, lift->rates.low);
    number(w, lift->rates.sure, lift->rates.high);
    write_worth(w, c, unit_of(w->ir, j));
    wf_sheet_number(w->sheet, (int64_t)(c->cells[0]->unknown + c->cells[1]->unknown));
    wf_sheet_end_row(w->sheet);
    return w->sheet->status;
}

enum wf_status wf_lift_rows(const struct wf_night *night, struct wf_sheet *sheet)
{
    struct writing w = {.ir = &night->program->ir, .sheet = sheet};
    wf_buf_init(&w.cell, night->alloc, 0);
    enum wf_status st = wf_lift_each(w.ir, night->state, write_row, &w);
    wf_buf_release(&w.cell);
    return st;
}
