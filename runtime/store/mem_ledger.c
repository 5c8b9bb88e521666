#include "runtime/store/mem_ledger.h"

#include <string.h>

enum { LEDGER_TEXTS = 9, LEAST_SLOTS = 1 << 10 };

static void texts_of(struct wf_ledger_row *row, struct wf_ledger_text *out[LEDGER_TEXTS])
{
    out[0] = &row->member;
    out[1] = &row->kind;
    out[2] = &row->name;
    out[3] = &row->channel;
    out[4] = &row->coupon;
    out[5] = &row->journey;
    out[6] = &row->step;
    out[7] = &row->note;
    out[8] = &row->party;
}

/* A row of our own, its texts in one block. */
static enum wf_status copy_row(struct wf_mem_row *copy, const struct wf_ledger_row *row,
                               const struct wf_alloc *alloc)
{
    struct wf_ledger_text *texts[LEDGER_TEXTS];
    size_t len = 0, gate = row->gate ? strlen(row->gate) + 1 : 0;
    *copy = (struct wf_mem_row){.row = *row};
    texts_of(&copy->row, texts);
    for (int i = 0; i < LEDGER_TEXTS; i++)
        len += texts[i]->len + 1;
    copy->texts = wf_realloc(alloc, NULL, len + gate);
    if (!copy->texts)
        return WF_ERR_NOMEM;
    char *to = copy->texts;
    for (int i = 0; i < LEDGER_TEXTS; i++) {
        if (texts[i]->len)
            memcpy(to, texts[i]->text, texts[i]->len);
        to[texts[i]->len] = 0;
        texts[i]->text = to;
        to += texts[i]->len + 1;
    }
    if (gate)
        copy->row.gate = memcpy(to, row->gate, gate);
    return WF_OK;
}

/* The slot of an id: its row's, or a free one. Ids are hashes already. */
static uint32_t *slot_of(const struct wf_mem_ledger *ledger, const unsigned char id[16])
{
    uint64_t hash;
    memcpy(&hash, id, sizeof(hash));
    size_t at = (size_t)hash & (ledger->n_slots - 1);
    while (ledger->slots[at] &&
           memcmp(ledger->rows[ledger->slots[at] - 1].row.action_id, id, 16) != 0)
        at = (at + 1) & (ledger->n_slots - 1);
    return &ledger->slots[at];
}

/* Room for one row more, the table at most half full. */
static enum wf_status room_for_row(struct wf_mem_ledger *ledger, const struct wf_alloc *alloc)
{
    if (ledger->n + 1 >= UINT32_MAX)
        return WF_ERR_LIMIT;
    if (wf_grow(alloc, &ledger->rows, &ledger->room, ledger->n + 1, sizeof(*ledger->rows)) != 0)
        return WF_ERR_NOMEM;
    if (ledger->n_slots >= 2 * (ledger->n + 1))
        return WF_OK;
    size_t n_slots = ledger->n_slots ? ledger->n_slots : LEAST_SLOTS;
    while (n_slots < 4 * (ledger->n + 1))
        n_slots *= 2;
    uint32_t *slots = wf_calloc(alloc, n_slots, sizeof(*slots));
    if (!slots)
        return WF_ERR_NOMEM;
    wf_free(alloc, ledger->slots);
    ledger->slots = slots;
    ledger->n_slots = n_slots;
    for (size_t i = 0; i < ledger->n; i++)
        *slot_of(ledger, ledger->rows[i].row.action_id) = (uint32_t)i + 1;
    return WF_OK;
}

/* The row there gives way to a later word on the same action. */
static enum wf_status replace_row(struct wf_mem_ledger *ledger, size_t at,
                                  const struct wf_mem_row *row, const struct wf_alloc *alloc)
{
    if (at < ledger->before) {
        if (wf_grow(alloc, &ledger->undo, &ledger->room_undo, ledger->n_undo + 1,
                    sizeof(*ledger->undo)) != 0)
            return WF_ERR_NOMEM;
        ledger->undo[ledger->n_undo++] = (struct wf_mem_undo){at, ledger->rows[at]};
    } else {
        wf_free(alloc, ledger->rows[at].texts);
    }
    ledger->rows[at] = *row;
    return WF_OK;
}

enum wf_status wf_mem_ledger_add(struct wf_mem_ledger *ledger, const struct wf_ledger_row *row,
                                 const struct wf_alloc *alloc)
{
    struct wf_mem_row copy = {0};
    enum wf_status st = room_for_row(ledger, alloc);
    if (st == WF_OK)
        st = copy_row(&copy, row, alloc);
    if (st != WF_OK)
        return st;
    uint32_t *slot = slot_of(ledger, row->action_id);
    if (*slot == 0) {
        ledger->rows[ledger->n++] = copy;
        *slot = (uint32_t)ledger->n;
        return WF_OK;
    }
    st = row->again && ledger->rows[*slot - 1].row.gate
             ? replace_row(ledger, *slot - 1, &copy, alloc)
             : WF_ERR_INTERNAL;
    if (st != WF_OK)
        wf_free(alloc, copy.texts);
    return st;
}

const struct wf_mem_row *wf_mem_ledger_find(const struct wf_mem_ledger *ledger,
                                            const unsigned char id[16])
{
    uint32_t slot = ledger->n_slots ? *slot_of(ledger, id) : 0;
    return slot ? &ledger->rows[slot - 1] : NULL;
}

void wf_mem_ledger_commit(struct wf_mem_ledger *ledger, const struct wf_alloc *alloc)
{
    for (size_t i = 0; i < ledger->n_undo; i++)
        wf_free(alloc, ledger->undo[i].old.texts);
    ledger->n_undo = 0;
    ledger->before = 0;
}

void wf_mem_ledger_rollback(struct wf_mem_ledger *ledger, const struct wf_alloc *alloc)
{
    while (ledger->n_undo > 0) {
        const struct wf_mem_undo *undo = &ledger->undo[--ledger->n_undo];
        wf_free(alloc, ledger->rows[undo->at].texts);
        ledger->rows[undo->at] = undo->old;
    }
    while (ledger->n > ledger->before)
        wf_free(alloc, ledger->rows[--ledger->n].texts);
    if (ledger->n_slots)
        memset(ledger->slots, 0, ledger->n_slots * sizeof(*ledger->slots));
    for (size_t i = 0; i < ledger->n; i++)
        *slot_of(ledger, ledger->rows[i].row.action_id) = (uint32_t)i + 1;
}

void wf_mem_ledger_release(struct wf_mem_ledger *ledger, const struct wf_alloc *alloc)
{
    wf_mem_ledger_commit(ledger, alloc);
    for (size_t i = 0; i < ledger->n; i++)
        wf_free(alloc, ledger->rows[i].texts);
    wf_free(alloc, ledger->rows);
    wf_free(alloc, ledger->undo);
    wf_free(alloc, ledger->slots);
}
