#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/report_int.h"

static struct wf_report_row *add_row(struct wf_report_tally *tally)
{
    if (wf_grow(tally->alloc, &tally->rows, &tally->room, tally->n + 1, sizeof(*tally->rows)) != 0)
        return NULL;
    struct wf_report_row *row = &tally->rows[tally->n++];
    *row = (struct wf_report_row){WF_NONE, WF_NONE, WF_NONE, "", "", "", "", {0}, SIZE_MAX};
    return row;
}

/* An action has a row for each channel it left or was to leave by: few. `heads`: by action. */
static struct wf_report_row *row_of(const struct wf_ir *ir, struct wf_report_tally *tally,
                                    size_t *heads, const struct wf_decision *d)
{
    const struct wf_ir_action *action = wf_decision_action(ir, d);
    const char *channel = wf_ir_text(ir, d->channel);
    for (size_t i = heads[d->action]; i != SIZE_MAX; i = tally->rows[i].next)
        if (tally->rows[i].rule == d->rule && strcmp(tally->rows[i].channel, channel) == 0)
            return &tally->rows[i];
    struct wf_report_row *row = add_row(tally);
    if (!row)
        return NULL;
    bool both = action->kind == WF_ACT_SEND && action->name == WF_NONE;
    row->rule = d->rule;
    row->action = d->action;
    row->place = action->place;
    row->name = wf_ir_text(ir, wf_rule_view(ir, d->rule).name);
    row->kind = wf_action_kind(action);
    row->what = wf_ir_text(ir, both ? action->coupon : action->name);
    row->channel = channel;
    row->next = heads[d->action];
    heads[d->action] = tally->n - 1;
    return row;
}

/* What lapsed is known by the ledger's words only. */
static struct wf_report_row *lapsed_row(struct wf_report_tally *tally,
                                        const struct wf_lapsed_row *lapsed)
{
    const struct wf_ledger_row *l = &lapsed->row;
    for (size_t i = tally->n; i-- > 0;) {
        struct wf_report_row *row = &tally->rows[i];
        if (row->rule == WF_NONE && strcmp(row->name, lapsed->rule.text) == 0 &&
            strcmp(row->kind, l->kind.text) == 0 && strcmp(row->what, l->name.text) == 0 &&
            strcmp(row->channel, l->channel.text) == 0)
            return row;
    }
    struct wf_report_row *row = add_row(tally);
    if (!row)
        return NULL;
    row->name = lapsed->rule.text;
    row->kind = l->kind.text;
    row->what = l->name.text;
    row->channel = l->channel.text;
    return row;
}

static enum wf_gate gate_called(const char *text)
{
    for (int gate = WF_GATE_NONE + 1; text && gate < WF_GATE_COUNT_; gate++)
        if (strcmp(wf_gate_text((enum wf_gate)gate), text) == 0)
            return (enum wf_gate)gate;
    return WF_GATE_VALID;
}

enum wf_status wf_report_count(const struct wf_publish *publish, struct wf_report_tally *tally)
{
    const struct wf_outcome *out = publish->outcome;
    const struct wf_ir *ir = &publish->night->program->ir;
    struct wf_report_row *row = NULL;
    *tally = (struct wf_report_tally){.alloc = publish->night->alloc};
    size_t *heads = wf_calloc(tally->alloc, (size_t)ir->n_actions + 1, sizeof(*heads));
    if (!heads)
        return WF_ERR_NOMEM;
    memset(heads, 0xff, ir->n_actions * sizeof(*heads));
    for (size_t i = 0; i < out->n_decisions && (row || i == 0); i++) {
        row = row_of(ir, tally, heads, &out->decisions[i]);
        if (row)
            row->n[out->decisions[i].gate]++;
    }
    bool failed = out->n_decisions && !row;
    wf_free(tally->alloc, heads);
    for (size_t i = 0; i < out->n_lapsed && !failed; i++) {
        row = lapsed_row(tally, &publish->lapsed[i]);
        failed = !row;
        if (row)
            row->n[gate_called(publish->lapsed[i].row.gate)]++;
    }
    return failed ? WF_ERR_NOMEM : WF_OK;
}

void wf_report_tally_release(struct wf_report_tally *tally)
{
    wf_free(tally->alloc, tally->rows);
    *tally = (struct wf_report_tally){.alloc = tally->alloc};
}

uint64_t wf_report_total(const struct wf_report_tally *tally, enum wf_gate gate)
{
    uint64_t n = 0;
    for (size_t i = 0; i < tally->n; i++)
        n += tally->rows[i].n[gate];
    return n;
}

uint64_t wf_report_stopped(const struct wf_report_row *row)
{
    uint64_t n = 0;
    for (int gate = WF_GATE_NONE + 1; gate < WF_GATE_COUNT_; gate++)
        n += row->n[gate];
    return n;
}

struct wf_html_words wf_report_gate_words(enum wf_gate gate)
{
    static const struct wf_html_words WORDS[WF_GATE_COUNT_] = {
        [WF_GATE_NONE] = {"Left", "发出"},         [WF_GATE_VALID] = {"Not valid", "已失效"},
        [WF_GATE_HOLDOUT] = {"Holdout", "对照组"}, [WF_GATE_PAUSED] = {"Paused", "已暂停"},
        [WF_GATE_HOURS] = {"Hours", "时段"},       [WF_GATE_REACH] = {"Not reachable", "不可触达"},
        [WF_GATE_CAP] = {"Cap", "频次上限"},       [WF_GATE_STOCK] = {"Stock", "库存"},
        [WF_GATE_BUDGET] = {"Budget", "预算"},     [WF_GATE_MISSED] = {"Missed", "已错过"},
    };
    return WORDS[gate];
}

struct wf_html_words wf_report_kind_words(const char *kind)
{
    static const struct wf_html_words WORDS[] = {
        {"send", "消息"},   {"coupon", "优惠券"}, {"grant", "发放券"}, {"points", "积分"},
        {"tag", "打标签"},  {"untag", "去标签"},  {"set", "改字段"},   {"task", "任务"},
        {"invite", "邀请"}, {"emit", "通知系统"},
    };
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++)
        if (strcmp(WORDS[i].en, kind) == 0)
            return WORDS[i];
    return (struct wf_html_words){kind, kind};
}
