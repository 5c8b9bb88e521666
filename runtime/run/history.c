#include "runtime/run/history.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/run/note.h"

enum { MOST_ROWS = 20 };

struct line {
    int64_t at;
    size_t seq; /* the order of coming, where `at` is the same */
    char *text;
};

struct history {
    const struct wf_alloc *alloc;
    const struct wf_state *state;
    const struct wf_zone *zone;
    struct line *lines;
    size_t n, room;
};

static void add_piece(struct wf_buf *out, const char *before, struct wf_ledger_text piece)
{
    if (piece.len == 0)
        return;
    wf_buf_adds(out, before);
    wf_buf_add(out, piece.text, piece.len);
}

static void write_row(const struct history *h, const struct wf_ledger_row *row, struct wf_buf *out)
{
    wf_buf_adds(out, "  ");
    wf_local_short(out, h->zone, row->at);
    add_piece(out, "  ", row->kind);
    add_piece(out, " ", row->name);
    if (row->coupon.len != row->name.len || memcmp(row->coupon.text, row->name.text, row->name.len))
        add_piece(out, " with coupon ", row->coupon);
    add_piece(out, " via ", row->channel);
    for (size_t i = 0; i < h->state->n_rules; i++)
        if (h->state->rules[i].id == row->rule)
            wf_buf_addf(out, "  [%s]", h->state->rules[i].identity);
    if (row->gate)
        wf_buf_addf(out, ": stopped (%s)", row->gate);
    else
        wf_buf_adds(out, ": left");
    if (row->gate)
        add_piece(out, ": ", row->note);
    wf_buf_addc(out, '\n');
}

static enum wf_status take_row(void *ctx, const struct wf_ledger_row *row)
{
    struct history *h = ctx;
    struct wf_buf text;
    if (wf_grow(h->alloc, &h->lines, &h->room, h->n + 1, sizeof(*h->lines)) != 0)
        return WF_ERR_NOMEM;
    wf_buf_init(&text, h->alloc, 0);
    write_row(h, row, &text);
    h->lines[h->n] = (struct line){row->at, h->n, wf_buf_detach(&text, NULL)};
    return h->lines[h->n++].text ? WF_OK : WF_ERR_NOMEM;
}

static int compare(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

enum wf_status wf_history_say(struct wf_store *store, const struct wf_state *state,
                              const struct wf_zone *zone, const char *member, struct wf_buf *out)
{
    struct history h = {.alloc = store->alloc, .state = state, .zone = zone};
    enum wf_status st = store->ops->each_of(store, member, strlen(member), take_row, &h);
    if (h.n)
        qsort(h.lines, h.n, sizeof(*h.lines), compare);
    for (size_t i = 0; i < h.n; i++) {
        if (st == WF_OK && i + MOST_ROWS >= h.n)
            wf_buf_adds(out, h.lines[i].text);
        wf_free(store->alloc, h.lines[i].text);
    }
    wf_free(store->alloc, h.lines);
    return st == WF_OK && out->failed ? WF_ERR_NOMEM : st;
}
