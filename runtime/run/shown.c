#include "runtime/run/shown.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "runtime/data/load.h"
#include "runtime/run/action.h"
#include "runtime/run/note.h"
#include "runtime/vm/text.h"

enum { MOST_VISITS = 200 };

bool wf_shown(const struct wf_ir *ir, const struct wf_ir_show *show)
{
    const struct wf_ir_field *field = wf_text_field(ir, show->node);
    return !field || !field->private_;
}

uint32_t wf_shown_agg(const struct wf_ir *ir, uint32_t node)
{
    for (int hops = 0; hops < MOST_VISITS; hops++) {
        const struct wf_ir_node *n = &ir->nodes[node];
        if (n->op == WF_IR_AGG)
            return n->a;
        if (n->op == WF_IR_SELECT)
            node = n->b; /* known only where the history is: else missing */
        else if (n->op == WF_IR_EXACT)
            node = n->a;
        else
            break;
    }
    return WF_NONE;
}

/* What keeps a value from being known. */
struct doubt {
    uint32_t agg; /* WF_NONE: nothing */
    bool unseen;  /* its past is not in the exports; else an undecided event bears on it */
    int visits;
};

static bool is_unseen(const struct wf_why *why, const struct wf_ir_node *n)
{
    const struct wf_ir *ir = &why->night->program->ir;
    return n->op == WF_IR_SELECT && wf_scalar_truth(why->scalar, n->a) <= 0 &&
           ir->nodes[n->c].op == WF_IR_CONST && !wf_scalar_value(why->scalar, n->c).present &&
           wf_shown_agg(ir, n->b) != WF_NONE;
}

static void find_doubt(const struct wf_why *why, uint32_t node, struct doubt *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_node *n = &ir->nodes[node];
    const char *args = wf_ir_op_args(n->op);
    const uint32_t operands[3] = {n->a, n->b, n->c};
    if (++out->visits > MOST_VISITS || n->domain >= WF_DOM_EVENT)
        return;
    out->unseen = is_unseen(why, n);
    if (out->unseen)
        out->agg = wf_shown_agg(ir, n->b);
    else if (n->op == WF_IR_AGG && !wf_scalar_agg_sure(why->scalar, n->a))
        out->agg = n->a;
    for (int i = 0; i < 3 && out->agg == WF_NONE; i++)
        if (args[i] == 'n')
            find_doubt(why, operands[i], out);
}

enum wf_known wf_shown_known(const struct wf_why *why, uint32_t node)
{
    struct doubt doubt = {.agg = WF_NONE};
    if (wf_scalar_value(why->scalar, node).present)
        return WF_KNOWN_VALUE;
    find_doubt(why, node, &doubt);
    return doubt.agg == WF_NONE ? WF_KNOWN_MISSING : WF_KNOWN_UNKNOWN;
}

/* ---- the row that was rejected ---- */

static bool is_part_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

/* Whether the id stands in the row as a cell of its own might. */
static bool names(const struct wf_load_reject *reject, const char *id, size_t len)
{
    for (size_t at = 0; len && at + len <= reject->row_len; at++)
        if (memcmp(reject->row + at, id, len) == 0 &&
            (at == 0 || !is_part_of_word(reject->row[at - 1])) &&
            (at + len == reject->row_len || !is_part_of_word(reject->row[at + len])))
            return true;
    return false;
}

const struct wf_load_reject *wf_shown_rejected(const struct wf_load_report *report,
                                               const char *feed, const char *id, size_t len)
{
    for (size_t i = 0; i < report->n_rejects; i++) {
        const struct wf_load_reject *reject = &report->rejects[i];
        if (strcmp(report->feeds[report->files[reject->file].feed].name, feed) == 0 &&
            names(reject, id, len))
            return reject;
    }
    return NULL;
}

void wf_shown_reject(const struct wf_load_report *report, const struct wf_load_reject *reject,
                     struct wf_buf *out)
{
    const char *file = report->files[reject->file].name;
    if (reject->column[0])
        wf_say(out, "line %" PRIu64 " of %s was rejected: %s: %s", reject->line, file,
               reject->column, reject->what);
    else
        wf_say(out, "line %" PRIu64 " of %s was rejected: %s", reject->line, file, reject->what);
}

/* From when on the events of a view are known to be all there are; WF_NO_TIME: nobody said. */
static int64_t seen_since(const struct wf_dataset *data, uint32_t view)
{
    return data->since_known && data->since_known[view] ? data->since[view] : WF_NO_TIME;
}

void wf_shown_doubt(const struct wf_why *why, uint32_t node, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_dataset *data = why->night->data;
    struct doubt doubt = {.agg = WF_NONE};
    char since[WF_STAMP_TEXT];
    find_doubt(why, node, &doubt);
    if (doubt.agg == WF_NONE)
        return;
    uint32_t number = ir->aggs[doubt.agg].view;
    const struct wf_ir_view *view = &ir->views[number];
    const char *event = view->sent ? "sent" : wf_ir_text(ir, ir->events[view->event].name);
    if (doubt.unseen) {
        wf_short_time(why->night->zone, seen_since(data, number), since);
        wf_say(out, "%s is known from %s on only", event, since);
    } else if (why->report && why->row != WF_NO_MEMBER) {
        const struct wf_id *id = &data->ids[why->row];
        const struct wf_load_reject *reject =
            wf_shown_rejected(why->report, event, data->id_heap + id->at, id->len);
        if (reject)
            wf_shown_reject(why->report, reject, out);
    }
}

void wf_shown_value(const struct wf_why *why, uint32_t node, struct wf_buf *out)
{
    struct wf_buf doubt;
    size_t before = out->len;
    switch (wf_shown_known(why, node)) {
    case WF_KNOWN_VALUE:
        wf_text_node(why->scalar, node, out);
        if (out->len == before)
            wf_buf_adds(out, wf_word("empty"));
        break;
    case WF_KNOWN_MISSING: wf_buf_adds(out, wf_word("missing")); break;
    case WF_KNOWN_UNKNOWN:
        wf_buf_init(&doubt, why->night->alloc, 0);
        wf_shown_doubt(why, node, &doubt);
        if (doubt.len)
            wf_say(out, "unknown: %s", wf_buf_str(&doubt));
        else
            wf_buf_adds(out, wf_word("unknown"));
        out->failed |= doubt.failed;
        wf_buf_release(&doubt);
        break;
    }
}
