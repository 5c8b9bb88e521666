/* Reading staged rows. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/stage.h"

static struct wf_cell text_at(const char *at)
{
    uint32_t len = *(const unsigned char *)at++;
    if (len == 255) {
        memcpy(&len, at, 4);
        at += 4;
    }
    return (struct wf_cell){at, len, 0};
}

/* What did not fit the cell of a slot. */
static const char *behind(const struct wf_stage_form *form, const struct wf_staged *row,
                          uint32_t slot)
{
    const char *at = wf_staged_at(row, form->size + 4);
    for (uint32_t s = 0; s < slot; s++) {
        if (wf_staged_state(row, s) != WF_STAGED_WIDE)
            continue;
        struct wf_cell text = text_at(at);
        at = form->cells[s].kind == WF_STAGE_TEXT ? text.text + text.len : at + 8;
    }
    return at;
}

struct wf_cell wf_staged_text(const struct wf_stage *stage, const struct wf_staged *row,
                              uint32_t slot, char room[WF_SERIAL_ROOM])
{
    const struct wf_stage_form *form = stage->form;
    const struct wf_stage_cell *cell = &form->cells[slot];
    if (wf_staged_state(row, slot) == WF_STAGED_WIDE)
        return text_at(behind(form, row, slot));
    struct wf_serial serial = {wf_staged_raw(row, cell->at, 4), (uint8_t)cell->bias};
    if (cell->width > 4)
        serial.head = (uint8_t)wf_staged_raw(row, cell->at + 4, 1);
    return wf_serial_text(&stage->serials[slot], serial, room);
}

int64_t wf_staged_value(const struct wf_stage_form *form, const struct wf_staged *row,
                        uint32_t slot)
{
    const struct wf_stage_cell *cell = &form->cells[slot];
    enum wf_staged_state state = wf_staged_state(row, slot);
    int64_t value = 0;
    if (state == WF_STAGED_MISSING)
        return 0;
    if (state == WF_STAGED_WIDE || cell->kind == WF_STAGE_F64) {
        memcpy(&value,
               state == WF_STAGED_WIDE ? behind(form, row, slot) : wf_staged_at(row, cell->at), 8);
        return value;
    }
    uint32_t raw = wf_staged_raw(row, cell->at, cell->width);
    if (cell->kind == WF_STAGE_I32)
        return (int32_t)(raw - (uint32_t)cell->bias);
    return (int64_t)(raw - cell->bias);
}

uint64_t wf_staged_line(const struct wf_stage *stage, const struct wf_staged *row)
{
    uint32_t line = wf_staged_raw(row, WF_STAGED_LINE, 4);
    size_t low = 0, high = stage->n_origins;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (stage->origins[middle].first <= line)
            low = middle;
        else
            high = middle;
    }
    return stage->origins[low].place + (line - stage->origins[low].first);
}

uint64_t wf_staged_hash(const struct wf_stage_form *form, const struct wf_staged *row)
{
    uint64_t hash;
    if (form->whole_hash || (form->first && !wf_staged_state(row, form->feed->uniques[0]))) {
        memcpy(&hash, wf_staged_at(row, form->whole_hash ? form->hash : form->first), 8);
        return hash;
    }
    hash = wf_staged_raw(row, form->hash, 4);
    if (!wf_staged_state(row, form->feed->uniques[0]))
        hash |= (uint64_t)wf_staged_raw(row, form->cells[form->feed->uniques[0]].at, 4) << 32;
    return hash;
}

uint64_t wf_staged_first(const struct wf_stage *stage, const struct wf_staged *row)
{
    const struct wf_stage_form *form = stage->form;
    const struct wf_feed *feed = form->feed;
    uint64_t first;
    char room[WF_SERIAL_ROOM];
    if (form->first) {
        memcpy(&first, wf_staged_at(row, form->first), 8);
        return first;
    }
    if (!feed->n_uniques || !wf_staged_state(row, feed->uniques[0]))
        return wf_staged_hash(form, row);
    struct wf_cell text = wf_staged_text(stage, row, feed->uniques[0], room);
    return XXH3_64bits(text.text, text.len);
}

uint64_t wf_staged_full(const struct wf_stage_form *form, const struct wf_staged *row,
                        uint64_t first)
{
    if (form->full)
        memcpy(&first, wf_staged_at(row, form->full), 8);
    return first;
}

uint32_t wf_staged_mark(const struct wf_stage *stage, const struct wf_staged *row)
{
    const struct wf_stage_form *form = stage->form;
    uint32_t slot = form->feed->n_uniques ? form->feed->uniques[0] : 0;
    char room[WF_SERIAL_ROOM];
    if (form->first || !form->feed->n_uniques || !wf_staged_state(row, slot))
        return (uint32_t)wf_staged_first(stage, row);
    if (wf_staged_state(row, slot) == WF_STAGED_HERE)
        return wf_serial_mark_of(wf_staged_raw(row, form->cells[slot].at, 4));
    return wf_serial_mark(wf_staged_text(stage, row, slot, room));
}
