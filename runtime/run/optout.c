#include "runtime/run/optout.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/intern.h"

static bool is_text(const struct wf_ir *ir, uint32_t text, const char *a, const char *b)
{
    const char *is = text == WF_NONE ? "" : ir->texts[text]->text;
    return strcmp(is, a) == 0 || strcmp(is, b) == 0;
}

static bool is_optout(const struct wf_ir *ir, const struct wf_ir_record *event)
{
    return is_text(ir, event->name, "optout", "unfriend") ||
           is_text(ir, event->word, "opted_out", "unfriended");
}

bool wf_optout_feed(const struct wf_ir *ir, const char *feed, size_t len)
{
    for (uint32_t i = 0; i < ir->n_events; i++) {
        const struct wf_str *name = ir->texts[ir->events[i].name];
        if (name->len == len && memcmp(name->text, feed, len) == 0)
            return is_optout(ir, &ir->events[i]);
    }
    return false;
}

static bool optout_view(const struct wf_ir *ir, uint32_t view)
{
    const struct wf_ir_view *v = &ir->views[view];
    return !v->sent && v->by == WF_NONE && is_optout(ir, &ir->events[v->event]);
}

bool wf_optout_read(const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_views; i++)
        if (optout_view(ir, i))
            return true;
    return false;
}

static bool bit(const uint64_t *bits, uint64_t row, bool without)
{
    return bits ? bits[row / 64] >> (row % 64) & 1 : without;
}

uint64_t *wf_optouts(const struct wf_ir *ir, const struct wf_dataset *data,
                     const struct wf_alloc *alloc)
{
    uint64_t *hashes = wf_calloc(alloc, data->n_members, sizeof(*hashes));
    for (uint32_t v = 0; hashes && v < ir->n_views; v++) {
        const struct wf_events *events = &data->views[v];
        if (!optout_view(ir, v))
            continue;
        for (uint32_t m = 0; m < data->n_members; m++) {
            struct wf_event_span rows = wf_events_of(events, m);
            for (uint64_t row = rows.row; row < rows.end; row++) {
                int64_t what[4] = {(int64_t)v, bit(events->at_known, row, true),
                                   bit(events->doubt, row, false), events->at[row]};
                uint64_t hash = XXH3_64bits_withSeed(what, sizeof(what), hashes[m]);
                hashes[m] = hash ? hash : 1;
            }
        }
    }
    return hashes;
}
