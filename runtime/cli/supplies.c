#include "runtime/cli/supplies.h"

#include <inttypes.h>
#include <stdio.h>

#include "lang/base/calendar.h"
#include "lang/base/value.h"
#include "lang/base/words.h"
#include "runtime/data/json_text.h"
#include "runtime/run/action.h"

/* ---- in lines ---- */

/* How long what is left lasts, after a semicolon. */
static void add_rate(struct wf_buf *out, const struct wf_supply *s,
                     const struct wf_supply_item *item)
{
    char day[WF_DATE_TEXT];
    unsigned long nights = (unsigned long)s->nights;
    if (item->recent <= 0) {
        wf_buf_addf(out,
                    wf_word_n("; none of it went in the last %" PRId64 " night",
                              "; none of it went in the last %" PRId64 " nights", nights),
                    s->nights);
    } else if (item->empty == WF_LASTS) {
        wf_buf_addf(out,
                    wf_word_n("; it lasts at the rate of the last %" PRId64 " night",
                              "; it lasts at the rate of the last %" PRId64 " nights", nights),
                    s->nights);
    } else {
        wf_date_text(item->empty, day);
        wf_buf_addf(out,
                    wf_word_n("; at the rate of the last %" PRId64 " night empty on %s",
                              "; at the rate of the last %" PRId64 " nights empty on %s", nights),
                    s->nights, day);
    }
}

static void add_stock(struct wf_buf *out, const struct wf_supply *s, const struct wf_ir *ir,
                      const struct wf_supply_item *item)
{
    const char *name = wf_ir_text(ir, ir->contents[item->item].name);
    int64_t left = item->limit > item->used ? item->limit - item->used : 0;
    wf_say(out, "coupon %s: %" PRId64 " of %" PRId64 " left", name, left, item->limit);
    if (left)
        add_rate(out, s, item);
}

static void add_budget(struct wf_buf *out, const struct wf_supply *s, const struct wf_ir *ir,
                       const struct wf_supply_item *item)
{
    char last[WF_DATE_TEXT];
    struct wf_buf left;
    wf_buf_init(&left, out->alloc, 0);
    int64_t n = item->limit > item->used ? item->limit - item->used : 0;
    wf_value_print(&left, NULL, wf_int_value(WF_T_MONEY, n));
    wf_date_text(item->until - 1, last);
    wf_say(out, "%s: %s left for the days up to %s", wf_ir_text(ir, ir->budgets[item->item].text),
           wf_buf_str(&left), last);
    if (n)
        add_rate(out, s, item);
    out->failed |= left.failed;
    wf_buf_release(&left);
}

/* Whom a cap counts. */
enum whom { MEMBERS, OWNERS, STORES };
static enum whom whom_of(const struct wf_ir_cap *cap)
{
    return cap->per_owner ? OWNERS : cap->per_store ? STORES : MEMBERS;
}

static void add_cap(struct wf_buf *out, const struct wf_ir *ir, const struct wf_supply_cap *cap)
{
    static const char *const TEXTS[] = {
        [MEMBERS] = N_("cap %s: members at it %" PRIu64 ", one below it %" PRIu64),
        [OWNERS] = N_("cap %s: owners at it %" PRIu64 ", one below it %" PRIu64),
        [STORES] = N_("cap %s: stores at it %" PRIu64 ", one below it %" PRIu64),
    };
    const struct wf_ir_cap *of = &ir->caps[cap->item];
    wf_say(out, TEXTS[whom_of(of)], wf_ir_text(ir, of->text), cap->full, cap->near);
}

enum wf_status wf_cli_print_supplies(const struct wf_supply *supply, const struct wf_ir *ir)
{
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    for (size_t i = 0; i < supply->n_stocks; i++) {
        add_stock(&out, supply, ir, &supply->stocks[i]);
        wf_buf_addc(&out, '\n');
    }
    for (size_t i = 0; i < supply->n_budgets; i++) {
        add_budget(&out, supply, ir, &supply->budgets[i]);
        wf_buf_addc(&out, '\n');
    }
    for (size_t i = 0; i < supply->n_caps; i++) {
        add_cap(&out, ir, &supply->caps[i]);
        wf_buf_addc(&out, '\n');
    }
    enum wf_status st = out.failed ? WF_ERR_NOMEM : WF_OK;
    fputs(wf_buf_str(&out), stdout);
    wf_buf_release(&out);
    return st;
}

/* ---- as JSON ---- */

static json_t *day_json(int64_t day)
{
    char text[WF_DATE_TEXT];
    wf_date_text(day, text);
    return json_string(text);
}

static json_t *item_json(const struct wf_supply *s, const struct wf_supply_item *item, bool *bad)
{
    json_t *one = json_object();
    wf_json_put(one, "limit", json_integer(item->limit), bad);
    wf_json_put(one, "used", json_integer(item->used), bad);
    wf_json_put(one, "recent", json_integer(item->recent), bad);
    wf_json_put(one, "nights", json_integer(s->nights), bad);
    wf_json_put(one, "empty_on", item->empty == WF_LASTS ? json_null() : day_json(item->empty),
                bad);
    return one;
}

void wf_cli_supplies_json(const struct wf_supply *s, const struct wf_ir *ir, json_t *out, bool *bad)
{
    static const char *const WHOM[] = {"member", "owner", "store"};
    json_t *stocks = json_array(), *budgets = json_array(), *caps = json_array();
    for (size_t i = 0; i < s->n_stocks; i++) {
        json_t *one = item_json(s, &s->stocks[i], bad);
        uint32_t name = ir->contents[s->stocks[i].item].name;
        wf_json_put(one, "coupon", json_string(wf_ir_text(ir, name)), bad);
        wf_json_append(stocks, one, bad);
    }
    for (size_t i = 0; i < s->n_budgets; i++) {
        json_t *one = item_json(s, &s->budgets[i], bad);
        const struct wf_ir_budget *budget = &ir->budgets[s->budgets[i].item];
        wf_json_put(one, "budget", json_string(wf_ir_text(ir, budget->text)), bad);
        wf_json_put(one, "until", day_json(s->budgets[i].until - 1), bad);
        wf_json_append(budgets, one, bad);
    }
    for (size_t i = 0; i < s->n_caps; i++) {
        json_t *one = json_object();
        const struct wf_ir_cap *cap = &ir->caps[s->caps[i].item];
        wf_json_put(one, "cap", json_string(wf_ir_text(ir, cap->text)), bad);
        wf_json_put(one, "per", json_string(WHOM[whom_of(cap)]), bad);
        wf_json_put(one, "full", json_integer((json_int_t)s->caps[i].full), bad);
        wf_json_put(one, "one_more", json_integer((json_int_t)s->caps[i].near), bad);
        wf_json_append(caps, one, bad);
    }
    wf_json_put(out, "stocks", stocks, bad);
    wf_json_put(out, "budgets", budgets, bad);
    wf_json_put(out, "caps", caps, bad);
}
