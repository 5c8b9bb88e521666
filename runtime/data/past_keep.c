#include <string.h>

#include "runtime/data/parallel.h"
#include "runtime/data/past_events.h"

/* Rows of a block: so few that what they are made of stays in a core's own cache while each column
 * goes over it, and so many that what every block takes (lists of texts, heads, memory) is little.
 */
enum { TOGETHER = 1 << 14 };

/* An owner of rows of a part: where they stand in it, and whose they are. */
struct owner {
    uint32_t member, seen, n_seen, unseen, n_unseen;
};

/* Owners of a part that become a block together. */
struct packing {
    const struct wf_past_keeping *k;
    const struct wf_group_part *part;
    const struct owner *owners;
    uint32_t n_owners, n_seen, n_rows;
    struct wf_group_row *rows; /* of the block: first come all that are seen */
    char *copies;              /* what they say, one after the other */
    uint8_t *flags;
    size_t room_rows, room_copies, room_flags;
    struct wf_past_pack pack;
};

/* Rows are all over their part; each column goes over them again. */
static enum wf_status copy_rows(struct packing *p)
{
    enum { AHEAD = 32 };
    const uint32_t size = p->k->rows->form->size, n = p->n_rows;
    size_t bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            wf_staged_fetch(p->rows[i + AHEAD].row, size);
        bytes += wf_staged_size(p->rows[i].row, size);
    }
    if (wf_grow(p->pack.alloc, &p->copies, &p->room_copies, bytes, 1) != 0)
        return WF_ERR_NOMEM;
    char *to = p->copies;
    for (uint32_t i = 0; i < n; i++) {
        size_t len = wf_staged_size(p->rows[i].row, size);
        memcpy(to, p->rows[i].row, len);
        p->rows[i].row = (const struct wf_staged *)(const void *)to;
        to += len;
    }
    return WF_OK;
}

static enum wf_status list_rows(struct packing *p)
{
    uint32_t n_unseen = p->n_rows - p->n_seen;
    if (wf_grow(p->pack.alloc, &p->rows, &p->room_rows, p->n_rows, sizeof(*p->rows)) != 0 ||
        wf_grow(p->pack.alloc, &p->flags, &p->room_flags, p->n_rows, 1) != 0)
        return WF_ERR_NOMEM;
    if (p->n_seen)
        memcpy(p->rows, p->part->rows + p->owners[0].seen, p->n_seen * sizeof(*p->rows));
    if (n_unseen)
        memcpy(p->rows + p->n_seen, p->part->unseen + p->owners[0].unseen,
               n_unseen * sizeof(*p->rows));
    return copy_rows(p);
}

static const struct wf_stage *stage_of(const struct packing *p, const struct wf_group_row *row)
{
    return &p->k->rows->stages[wf_group_worker(row->mark)];
}

/* ---- owners ---- */

static struct wf_cell id_of(const struct wf_past_keeping *k, uint32_t member)
{
    if (member & WF_STRANGER)
        return wf_names_text(&k->ctx->strangers->names, member & ~WF_STRANGER);
    const struct wf_id *id = &k->data->ids[member];
    return (struct wf_cell){k->data->id_heap + id->at, id->len, 0};
}

/* When the first of an owner's unseen rows is seen; INT64_MAX: never. */
static int64_t wake_of(const struct packing *p, const struct owner *owner)
{
    const struct wf_stage_form *form = p->k->rows->form;
    int64_t wake = INT64_MAX;
    for (uint32_t i = 0; i < owner->n_unseen; i++) {
        const struct wf_staged *row = p->part->unseen[owner->unseen + i].row;
        int64_t at = wf_staged_state(row, form->feed->at)
                         ? wf_staged_value(form, row, form->feed->at)
                         : INT64_MAX;
        wake = at >= p->k->ctx->now && at < wake ? at : wake;
    }
    return wake;
}

static enum wf_status pack_owners(struct packing *p)
{
    struct wf_past_pack *pack = &p->pack;
    enum wf_status status = wf_past_pack_begin(pack, p->n_owners);
    for (uint32_t i = 0; !status && i < p->n_owners; i++)
        pack->texts[i] = id_of(p->k, p->owners[i].member);
    if (!status)
        status = wf_past_pack_texts(pack, false, false);
    for (uint32_t i = 0; !status && i < p->n_owners; i++)
        pack->numbers[i] = p->owners[i].n_seen;
    if (!status)
        status = wf_past_pack_numbers(pack, false);
    for (uint32_t i = 0; !status && i < p->n_owners; i++)
        pack->numbers[i] = p->owners[i].n_unseen;
    if (!status)
        status = wf_past_pack_numbers(pack, false);
    for (uint32_t i = 0; !status && i < p->n_owners; i++) {
        int64_t wake = wake_of(p, &p->owners[i]);
        pack->state[i] = wake != INT64_MAX;
        pack->numbers[i] = (uint64_t)wake;
    }
    return status ? status : wf_past_pack_numbers(pack, true);
}

/* ---- rows ---- */

/* Known by all of its unique fields, not by its bytes. */
static bool is_whole(const struct packing *p, const struct wf_group_row *row)
{
    const struct wf_stage_form *form = p->k->rows->form;
    const struct wf_feed *feed = form->feed;
    if (!form->full)
        return feed->n_uniques && wf_staged_state(row->row, feed->uniques[0]);
    uint64_t first = wf_staged_first(stage_of(p, row), row->row);
    return wf_staged_full(form, row->row, first) != wf_staged_hash(form, row->row);
}

static enum wf_status pack_keys(struct packing *p)
{
    const struct wf_stage_form *form = p->k->rows->form;
    const struct wf_feed *feed = form->feed;
    struct wf_past_pack *pack = &p->pack;
    enum wf_status status = WF_OK;
    for (uint32_t half = 0; !status && half < 2; half++) {
        memset(pack->state, 0, pack->n);
        memset(pack->numbers, 0, pack->n * sizeof(*pack->numbers));
        for (uint32_t i = 0; form->key && i < pack->n; i++) {
            const struct wf_staged *row = p->rows[i].row;
            pack->state[i] = !feed->n_uniques || !wf_staged_state(row, feed->uniques[0]);
            if (pack->state[i])
                memcpy(&pack->numbers[i], wf_staged_at(row, form->key + 8 * half), 8);
        }
        status = wf_past_pack_numbers(pack, true);
    }
    return status;
}

/* The hash of the few rows that need it, then the flags of all. */
static enum wf_status pack_facts(struct packing *p)
{
    struct wf_past_pack *pack = &p->pack;
    for (uint32_t i = 0; i < pack->n; i++) {
        const struct wf_group_row *row = &p->rows[i];
        bool whole = is_whole(p, row);
        pack->state[i] = row->mark & WF_STAGED_DOUBT || !whole;
        pack->numbers[i] = pack->state[i] ? wf_staged_hash(p->k->rows->form, row->row) : 0;
        p->flags[i] =
            (uint8_t)((row->mark & WF_STAGED_DOUBT ? WF_PAST_DOUBT : 0) |
                      (whole ? WF_PAST_WHOLE : 0) |
                      (i < p->n_seen && row->mark & WF_GROUP_BEGINS ? WF_PAST_BEGINS : 0));
    }
    enum wf_status status = wf_past_pack_numbers(pack, true);
    if (!status)
        status = pack_keys(p);
    for (uint32_t i = 0; i < pack->n; i++)
        pack->numbers[i] = p->flags[i];
    return status ? status : wf_past_pack_numbers(pack, false);
}

/* ---- cells ---- */

/* The cells of a slot as they are, and their states; answers whether some do not fit. */
static inline __attribute__((always_inline)) bool get_raw(struct packing *p, uint32_t slot,
                                                          unsigned width)
{
    const struct wf_staged_place place = wf_staged_states(slot);
    const struct wf_group_row *rows = p->rows;
    const uint32_t at = p->k->rows->form->cells[slot].at, n = p->pack.n;
    uint64_t *numbers = p->pack.numbers;
    uint8_t *states = p->pack.state;
    unsigned all = 0;
    for (uint32_t i = 0; i < n; i++) {
        unsigned state = wf_staged_state_at(rows[i].row, place);
        numbers[i] = wf_staged_raw(rows[i].row, at, width);
        states[i] = (uint8_t)state;
        all |= state;
    }
    return all & WF_STAGED_WIDE;
}

/* The values of a slot that is no text. */
static void get_numbers(struct packing *p, uint32_t slot)
{
    const struct wf_stage_form *form = p->k->rows->form;
    const struct wf_stage_cell *cell = &form->cells[slot];
    struct wf_past_pack *pack = &p->pack;
    bool wide = cell->width == 1   ? get_raw(p, slot, 1)
                : cell->width == 2 ? get_raw(p, slot, 2)
                                   : get_raw(p, slot, 4);
    if (cell->kind == WF_STAGE_I32)
        for (uint32_t i = 0; i < pack->n; i++)
            pack->numbers[i] =
                (uint64_t)(int32_t)((uint32_t)pack->numbers[i] - (uint32_t)cell->bias);
    else
        for (uint32_t i = 0; i < pack->n; i++)
            pack->numbers[i] -= cell->bias;
    for (uint32_t i = 0; (wide || cell->kind == WF_STAGE_F64) && i < pack->n; i++)
        if (cell->kind == WF_STAGE_F64 || pack->state[i] == WF_STAGED_WIDE)
            pack->numbers[i] = (uint64_t)wf_staged_value(form, p->rows[i].row, slot);
}

/* Codes met lately, by their workers, and which text of the block's list each is. Cells that are
 * missing are met like others: whether one is can mostly not be foreseen. */
enum { LATELY = 512 };
struct lately {
    uint64_t key; /* code, worker, whether it is there; and one more */
    uint32_t text;
};

static enum wf_status meet(const struct packing *p, uint32_t slot, uint64_t key,
                           struct wf_names *names, struct lately *met)
{
    uint32_t worker = (uint32_t)(key - 1) / 2 % WF_MAX_THREADS;
    const struct wf_names *dict = &p->k->dicts[worker * p->k->rows->feed->n_slots + slot];
    met->key = key;
    met->text = 0;
    if ((key - 1) % 2 == 0)
        return WF_OK;
    struct wf_cell text = wf_names_text(dict, (uint32_t)((key - 1) / 2 / WF_MAX_THREADS));
    return wf_names_add(names, text.text, text.len, &met->text);
}

static enum wf_status pack_codes(struct packing *p, uint32_t slot)
{
    struct wf_past_pack *pack = &p->pack;
    const struct wf_group_row *rows = p->rows;
    const uint8_t *state = pack->state;
    uint64_t *numbers = pack->numbers;
    struct lately lately[LATELY] = {{0, 0}};
    struct wf_names names;
    enum wf_status status = WF_OK;
    wf_names_init(&names, pack->alloc, 0);
    get_numbers(p, slot);
    for (uint32_t i = 0, n = pack->n; i < n; i++) {
        unsigned worker = wf_group_worker(rows[i].mark), there = state[i] != 0;
        uint64_t key = (numbers[i] * WF_MAX_THREADS + worker) * 2 + there + 1;
        struct lately *met = &lately[(numbers[i] * 4 + worker * 2 + there) % LATELY];
        if (met->key != key && (status = meet(p, slot, key, &names, met)) != WF_OK)
            break;
        numbers[i] = met->text;
    }
    if (!status)
        status = wf_snap_put_list(&pack->block, pack->state, pack->numbers, pack->n, &names,
                                  pack->alloc);
    wf_names_release(&names);
    return status;
}

/* The head of all serial numbers of a slot, where its cells need not say which; false: there is
 * none, or workers know different ones by that place. */
static bool find_head(const struct packing *p, uint32_t slot, struct wf_serial_head *head_out)
{
    const struct wf_event_rows *rows = p->k->rows;
    const struct wf_stage_cell *cell = &rows->form->cells[slot];
    bool found = false, same = cell->width == 4;
    for (unsigned t = 0; same && t < rows->n_stages; t++) {
        const struct wf_serial_head *head = &rows->stages[t].serials[slot].heads[cell->bias];
        if (!head->digits)
            continue;
        same = !found || wf_serial_same(head, head_out);
        *head_out = *head;
        found = true;
    }
    return found && same;
}

static enum wf_status pack_texts(struct packing *p, uint32_t slot)
{
    struct wf_past_pack *pack = &p->pack;
    struct wf_serial_head head;
    if (find_head(p, slot, &head) && !get_raw(p, slot, 4))
        return wf_snap_put_serials(&pack->block, pack->state, pack->numbers, pack->n, &head);
    char(*rooms)[WF_SERIAL_ROOM] = wf_calloc(pack->alloc, pack->n, sizeof(*rooms));
    if (!rooms)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < pack->n; i++) {
        const struct wf_group_row *row = &p->rows[i];
        pack->state[i] = wf_staged_state(row->row, slot) != WF_STAGED_MISSING;
        if (pack->state[i])
            pack->texts[i] = wf_staged_text(stage_of(p, row), row->row, slot, rooms[i]);
    }
    enum wf_status status = wf_past_pack_texts(pack, true, false);
    wf_free(pack->alloc, rooms);
    return status;
}

static enum wf_status pack_slot(struct packing *p, uint32_t slot)
{
    switch ((enum wf_stage_kind)p->k->rows->form->cells[slot].kind) {
    case WF_STAGE_TEXT: return pack_texts(p, slot);
    case WF_STAGE_CODE: return pack_codes(p, slot);
    default: get_numbers(p, slot); return wf_past_pack_numbers(&p->pack, true);
    }
}

static enum wf_status put_block(struct packing *p, uint64_t order)
{
    const struct wf_feed *feed = p->k->rows->feed;
    wf_buf_reset(&p->pack.block);
    enum wf_status status = pack_owners(p);
    if (!status)
        status = list_rows(p);
    if (!status)
        status = wf_past_pack_begin(&p->pack, p->n_rows);
    if (!status)
        status = pack_facts(p);
    for (uint32_t s = 0; !status && s < feed->n_slots; s++)
        if (wf_past_is_kept(&feed->slots[s]))
            status = pack_slot(p, s);
    return status ? status
                  : wf_snap_put_block(p->k->ctx->keeps, p->k->index, order, &p->pack.block,
                                      p->n_owners, p->n_rows);
}

/* ---- parts ---- */

/* Those of a part that have rows here. */
static uint32_t list_owners(const struct wf_group_part *part, struct owner *owners)
{
    uint32_t n = 0, seen = 0, unseen = 0;
    for (uint32_t m = 0; m < part->n_members; m++) {
        uint32_t member = part->low + m;
        struct owner owner = {part->strangers ? WF_STRANGER | member : member, seen,
                              part->ends[m] - seen, unseen, part->unseen_ends[m] - unseen};
        seen = part->ends[m];
        unseen = part->unseen_ends[m];
        if (owner.n_seen || owner.n_unseen)
            owners[n++] = owner;
    }
    return n;
}

enum wf_status wf_past_keep(const struct wf_past_keeping *keeping, const struct wf_group_part *part)
{
    const struct wf_alloc *alloc = keeping->ctx->alloc;
    struct packing p = {.k = keeping, .part = part};
    struct owner *owners = wf_calloc(alloc, part->n_members, sizeof(*owners));
    enum wf_status status = owners ? WF_OK : WF_ERR_NOMEM;
    uint64_t order = (uint64_t)(part->low | (part->strangers ? WF_STRANGER : 0)) << 32;
    uint32_t n = owners ? list_owners(part, owners) : 0;
    wf_past_pack_init(&p.pack, alloc);
    for (uint32_t i = 0; !status && i < n; i += p.n_owners) {
        p.owners = owners + i;
        p.n_owners = p.n_seen = p.n_rows = 0;
        while (i + p.n_owners < n) {
            const struct owner *owner = &p.owners[p.n_owners];
            uint64_t rows = (uint64_t)p.n_rows + owner->n_seen + owner->n_unseen;
            if (p.n_owners && rows > TOGETHER)
                break;
            p.n_owners++;
            p.n_seen += owner->n_seen;
            p.n_rows = (uint32_t)rows;
        }
        status = put_block(&p, order + i);
    }
    wf_past_pack_release(&p.pack);
    wf_free(alloc, p.rows);
    wf_free(alloc, p.copies);
    wf_free(alloc, p.flags);
    wf_free(alloc, owners);
    return status;
}

enum wf_status wf_past_keep_gone(const struct wf_past_keeping *keeping, const struct wf_names *gone)
{
    const struct wf_feed *feed = keeping->rows->feed;
    struct wf_past_pack pack;
    enum wf_status status = WF_OK;
    if (gone->n == 0 || keeping->ctx->anew)
        return WF_OK;
    wf_past_pack_init(&pack, keeping->ctx->alloc);
    for (uint32_t first = 0, n; !status && first < gone->n; first += n) {
        n = gone->n - first < TOGETHER ? gone->n - first : TOGETHER;
        wf_buf_reset(&pack.block);
        status = wf_past_pack_begin(&pack, n);
        for (uint32_t i = 0; !status && i < n; i++) {
            pack.texts[i] = wf_names_text(gone, first + i);
            pack.numbers[i] = 0;
        }
        if (!status)
            status = wf_past_pack_texts(&pack, false, false);
        for (uint32_t c = WF_PAST_SEEN; !status && c < WF_PAST_OWNER_COLUMNS; c++)
            status = wf_past_pack_numbers(&pack, c == WF_PAST_WAKE);
        pack.n = 0;
        for (uint32_t c = WF_PAST_HASH; !status && c < WF_PAST_EVENT_COLUMNS; c++)
            status = wf_past_pack_numbers(&pack, false);
        for (uint32_t s = 0; !status && s < feed->n_slots; s++)
            if (wf_past_is_kept(&feed->slots[s]))
                status = wf_past_pack_numbers(&pack, false);
        if (!status)
            status = wf_snap_put_block(keeping->ctx->keeps, keeping->index, UINT64_MAX - first,
                                       &pack.block, n, 0);
    }
    wf_past_pack_release(&pack);
    return status;
}
