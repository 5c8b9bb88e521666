#include "runtime/run/note.h"

#include <inttypes.h>

#include "runtime/engine/party.h"
#include "runtime/engine/rules.h"

const char *wf_long_time(const struct wf_zone *zone, int64_t time, char out[WF_STAMP_TEXT])
{
    int64_t day, clock;
    out[0] = 0;
    if (time == WF_NO_TIME)
        return out;
    wf_zone_local(zone, time, &day, &clock);
    wf_stamp_text(day, clock, out);
    return out;
}

void wf_local_time(struct wf_buf *out, const struct wf_zone *zone, int64_t time)
{
    char text[WF_STAMP_TEXT];
    wf_buf_adds(out, wf_long_time(zone, time, text));
}

static void add_day(struct wf_buf *out, const struct wf_zone *zone, int64_t time)
{
    char text[WF_DATE_TEXT];
    wf_date_text(wf_zone_day(zone, time), text);
    wf_buf_adds(out, text);
}

const char *wf_short_time(const struct wf_zone *zone, int64_t time, char out[WF_STAMP_TEXT])
{
    int64_t day, clock;
    out[0] = 0;
    if (time == WF_NO_TIME)
        return out;
    wf_zone_local(zone, time, &day, &clock);
    if (wf_zone_midnight(zone, day) == time)
        wf_date_text(day, out);
    else
        wf_stamp_text(day, clock, out);
    return out;
}

void wf_local_short(struct wf_buf *out, const struct wf_zone *zone, int64_t time)
{
    char text[WF_STAMP_TEXT];
    wf_buf_adds(out, wf_short_time(zone, time, text));
}

static void add_text(struct wf_buf *out, const struct wf_ir *ir, uint32_t text)
{
    if (text != WF_NONE)
        wf_buf_add(out, ir->texts[text]->text, ir->texts[text]->len);
}

static void add_place(struct wf_buf *out, const struct wf_ir *ir, uint32_t place)
{
    if (place == WF_NONE)
        return;
    wf_buf_adds(out, " (");
    add_text(out, ir, ir->places[place].file);
    wf_buf_addf(out, ":%" PRIu32 ")", ir->places[place].line);
}

static void add_money(struct wf_buf *out, int64_t hundredths)
{
    wf_value_print(out, NULL, wf_int_value(WF_T_MONEY, hundredths));
}

static void add_percent(struct wf_buf *out, const char *before, int64_t parts)
{
    wf_buf_addf(out, "%s (%g%%)", before, (double)parts / 10000.0);
}

static void add_late(const struct wf_night *night, const struct wf_decision *d, struct wf_buf *out)
{
    struct wf_ir_duration grace = wf_rule_view(&night->program->ir, d->rule).grace;
    if (grace.unit == WF_T_NONE)
        grace = (struct wf_ir_duration){.count = 1, .unit = WF_T_DAYS};
    wf_buf_adds(out, "too late: due ");
    wf_local_time(out, night->zone, d->occurred);
    wf_buf_adds(out, d->rare->again ? ", held until " : ", could be known on ");
    add_day(out, night->zone, d->rare->known_by);
    wf_buf_adds(out, ", grace ");
    wf_value_print(out, NULL, wf_int_value((enum wf_type)grace.unit, grace.count));
}

static void add_paused(const struct wf_night *night, uint32_t item, struct wf_buf *out)
{
    const struct wf_control *control = &night->state->control;
    if (item >= control->n_pauses)
        return;
    const struct wf_pause *pause = &control->pauses[item];
    wf_buf_addf(out, "%s paused since ", pause->what);
    wf_local_short(out, night->zone, pause->since);
    if (pause->why[0])
        wf_buf_addf(out, ": %s", pause->why);
}

static void add_quiet(const struct wf_ir *ir, const struct wf_gate_note *note, struct wf_buf *out)
{
    if (note->item == WF_NONE) {
        wf_buf_adds(out, "quiet hours 21:00 to 09:00");
    } else {
        add_text(out, ir, ir->quiets[note->item].text);
        add_place(out, ir, ir->quiets[note->item].place);
    }
    wf_buf_adds(out, note->what == WF_NOTE_QUIET_AT ? ": its hour is one of them"
                     : note->what == WF_NOTE_QUIET_EVER
                         ? " leave no minute of any day"
                         : " leave no minute before the next night's run");
}

static void add_reach(const struct wf_ir *ir, uint32_t item, struct wf_buf *out)
{
    if (item == WF_NONE) {
        wf_buf_adds(out, "no channel is declared for this member");
        return;
    }
    add_text(out, ir, ir->reaches[item].text);
    add_place(out, ir, ir->reaches[item].place);
    wf_buf_adds(out, ": not known true");
}

static void add_scarce(const struct wf_night *night, const struct wf_gate_note *note,
                       struct wf_buf *out)
{
    const struct wf_ir *ir = &night->program->ir;
    switch ((enum wf_note)note->what) {
    case WF_NOTE_CAP:
        wf_buf_adds(out, "cap ");
        add_text(out, ir, ir->caps[note->item].text);
        add_place(out, ir, ir->caps[note->item].place);
        wf_buf_addf(out, ": %" PRId64 " since ", note->have);
        wf_local_short(out, night->zone, note->since);
        break;
    case WF_NOTE_STOCK:
        wf_buf_adds(out, "stock of ");
        add_text(out, ir, ir->contents[note->item].name);
        wf_buf_addf(out, ": %" PRId64 " of %" PRId64 " issued", note->have, note->limit);
        break;
    case WF_NOTE_BUDGET:
        add_text(out, ir, ir->budgets[note->item].text);
        add_place(out, ir, ir->budgets[note->item].place);
        wf_buf_adds(out, ": ");
        add_money(out, note->have);
        wf_buf_adds(out, " spent since ");
        wf_local_short(out, night->zone, note->since);
        break;
    default: break;
    }
}

/* What tonight's catalogues have against it. */
static void add_listed(const struct wf_ir *ir, const struct wf_gate_note *note, struct wf_buf *out)
{
    wf_buf_addf(out, "%s ", note->have ? "coupon" : "message");
    add_text(out, ir, note->item);
    if (note->what == WF_NOTE_UNLISTED)
        wf_buf_adds(out, " is in no catalogue of tonight");
    else if (note->what == WF_NOTE_UNAPPROVED)
        wf_buf_adds(out, " is not approved in its catalogue");
    if (note->what != WF_NOTE_EXPIRED)
        return;
    char day[WF_DATE_TEXT];
    wf_date_text(note->since, day);
    wf_buf_addf(out, " ended on %s, as its catalogue says", day);
}

static void add_what(const struct wf_night *night, const struct wf_decision *d, struct wf_buf *out)
{
    const struct wf_ir *ir = &night->program->ir;
    const struct wf_gate_note *note = &d->rare->note;
    switch ((enum wf_note)note->what) {
    case WF_NOTE_CONFLICT: wf_buf_adds(out, "conflict: another rule sets the same field"); break;
    case WF_NOTE_GUARD:
        wf_buf_adds(out, "held meanwhile, and its condition does not hold now");
        break;
    case WF_NOTE_EXITED: wf_buf_adds(out, "held meanwhile, and the member left the journey"); break;
    case WF_NOTE_WITHDRAWN: wf_buf_adds(out, "what it says or gives is declared no more"); break;
    case WF_NOTE_UNLISTED:
    case WF_NOTE_UNAPPROVED:
    case WF_NOTE_EXPIRED: add_listed(ir, note, out); break;
    case WF_NOTE_HELD_OUT: add_percent(out, "held out", note->limit); break;
    case WF_NOTE_HOUSE:
        add_percent(out, "held out by the house", note->limit);
        add_place(out, ir, ir->policies[note->item].place);
        break;
    case WF_NOTE_PAUSED: add_paused(night, note->item, out); break;
    case WF_NOTE_FROZEN:
        wf_buf_adds(out, "its journey is paused");
        add_place(out, ir, ir->freezes[note->item].place);
        break;
    case WF_NOTE_QUIET:
    case WF_NOTE_QUIET_AT:
    case WF_NOTE_QUIET_EVER: add_quiet(ir, note, out); break;
    case WF_NOTE_NO_CLOCK:
        wf_buf_adds(out, "at ");
        add_text(out, ir, ir->actions[d->action].at_text);
        wf_buf_adds(out, ": not known");
        break;
    case WF_NOTE_NO_OWNER: wf_buf_adds(out, "no owner and no store to do it"); break;
    case WF_NOTE_NO_INVITER: wf_buf_adds(out, "no inviter among the members"); break;
    case WF_NOTE_UNREACHED: add_reach(ir, note->item, out); break;
    case WF_NOTE_LATE: add_late(night, d, out); break;
    case WF_NOTE_UNPLANNED: wf_buf_adds(out, "the plan that was approved did not hold it"); break;
    case WF_NOTE_OPTED_OUT: wf_buf_adds(out, "opted out after the night was planned"); break;
    case WF_NOTE_OVER:
        wf_buf_adds(out, "too late: approved at ");
        wf_local_time(out, night->zone, note->since);
        break;
    default: add_scarce(night, note, out); break;
    }
}

void wf_note_text(const struct wf_night *night, const struct wf_decision *decision,
                  struct wf_buf *out)
{
    if (decision->gate == WF_GATE_NONE)
        return;
    add_what(night, decision, out);
    if (decision->rare->held == WF_NO_TIME)
        return;
    bool hours = decision->gate == WF_GATE_HOURS;
    wf_buf_adds(out, hours ? "; held until " : "; deferred until ");
    wf_local_short(out, night->zone, hours ? decision->rare->earliest : decision->rare->held);
}
