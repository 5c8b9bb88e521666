#include "runtime/data/grid.h"

#include <string.h>

#include "runtime/data/row_bits.h"

enum wf_status wf_grid_init(struct wf_grid *grid, const struct wf_alloc *alloc,
                            const struct wf_feed *feed)
{
    *grid = (struct wf_grid){.alloc = alloc};
    grid->slots = wf_calloc(alloc, feed->n_slots, sizeof(*grid->slots));
    if (!grid->slots || pthread_rwlock_init(&grid->moving, NULL) != 0) {
        wf_free(alloc, grid->slots);
        *grid = (struct wf_grid){0};
        return WF_ERR_NOMEM;
    }
    grid->feed = feed;
    for (uint32_t s = 0; s < feed->n_slots; s++)
        grid->slots[s].form = wf_narrow_first((enum wf_type)feed->slots[s].type,
                                              (enum wf_layout)feed->slots[s].layout);
    return WF_OK;
}

void wf_grid_release(struct wf_grid *grid)
{
    if (!grid->feed)
        return;
    for (uint32_t s = 0; s < grid->feed->n_slots; s++) {
        wf_free(grid->alloc, grid->slots[s].cells);
        wf_free(grid->alloc, grid->slots[s].present);
    }
    wf_free(grid->alloc, grid->slots);
    pthread_rwlock_destroy(&grid->moving);
    *grid = (struct wf_grid){0};
}

/* ---- room ---- */

static enum wf_layout layout_of(const struct wf_grid *grid, uint32_t slot)
{
    return (enum wf_layout)grid->feed->slots[slot].layout;
}

/* Bytes of n cells. */
static size_t bytes_of(const struct wf_grid *grid, uint32_t slot, struct wf_narrow form, uint64_t n)
{
    if (layout_of(grid, slot) == WF_LAY_BITS)
        return (size_t)(n / 8);
    return (size_t)n * (form.width ? form.width : grid->feed->slots[slot].size);
}

/* Bits beyond those that were there are zero. */
static enum wf_status resize_bits(const struct wf_grid *grid, uint64_t **bits, uint64_t had,
                                  uint64_t room)
{
    size_t before = (size_t)(had / 8), bytes = (size_t)(room / 8);
    uint64_t *moved = *bits ? wf_realloc(grid->alloc, *bits, bytes ? bytes : 1)
                            : wf_calloc(grid->alloc, 1, bytes);
    if (!moved)
        return WF_ERR_NOMEM;
    if (*bits && bytes > before)
        memset((char *)moved + before, 0, bytes - before);
    *bits = moved;
    return WF_OK;
}

/* On failure what is there keeps at least the room it had. */
static enum wf_status resize(struct wf_grid *grid, uint32_t s, uint64_t room)
{
    struct wf_grid_slot *slot = &grid->slots[s];
    if (room > SIZE_MAX / 32)
        return WF_ERR_NOMEM;
    if (resize_bits(grid, &slot->present, slot->room, room))
        return WF_ERR_NOMEM;
    if (layout_of(grid, s) == WF_LAY_BITS) {
        uint64_t *bits = slot->cells;
        enum wf_status status = resize_bits(grid, &bits, slot->room, room);
        slot->cells = bits;
        if (status)
            return status;
    } else {
        size_t bytes = bytes_of(grid, s, slot->form, room);
        void *cells = wf_realloc(grid->alloc, slot->cells, bytes ? bytes : 1);
        if (!cells)
            return WF_ERR_NOMEM;
        slot->cells = cells;
    }
    slot->room = room;
    return WF_OK;
}

static enum wf_status grow(struct wf_grid *grid, uint32_t s, uint64_t upto, uint64_t guess)
{
    uint64_t had = grid->slots[s].room, room = had + had / 2;
    room = room < guess ? guess : room;
    room = room < upto ? upto : room;
    return had < upto ? resize(grid, s, (room + 63) / 64 * 64) : WF_OK;
}

/* ---- putting ---- */

/* The next form of a slot, for the rows that are there and those to come. */
static enum wf_status widen(struct wf_grid *grid, uint32_t s, struct wf_narrow before)
{
    struct wf_grid_slot *slot = &grid->slots[s];
    enum wf_layout layout = layout_of(grid, s);
    if (slot->form.width != before.width) /* another thread did */
        return WF_OK;
    struct wf_narrow form =
        wf_narrow_next((enum wf_type)grid->feed->slots[s].type, layout, slot->form);
    void *cells = wf_realloc(grid->alloc, NULL, bytes_of(grid, s, form, slot->room) + 1);
    if (!cells)
        return WF_ERR_NOMEM;
    wf_narrow_widen(slot->cells, layout, slot->used, slot->form, form, cells);
    wf_free(grid->alloc, slot->cells);
    slot->cells = cells;
    slot->form = form;
    return WF_OK;
}

static void mark_used(struct wf_grid_slot *slot, uint64_t upto)
{
    uint64_t used = __atomic_load_n(&slot->used, __ATOMIC_RELAXED);
    while (used < upto && !__atomic_compare_exchange_n(&slot->used, &used, upto, true,
                                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
}

/* False where a value does not fit the slot's form. */
static bool put_cells(struct wf_grid *grid, uint32_t s, uint64_t place, uint32_t n,
                      const void *cells)
{
    struct wf_grid_slot *slot = &grid->slots[s];
    enum wf_layout layout = layout_of(grid, s);
    char *to = (char *)slot->cells + bytes_of(grid, s, slot->form, place);
    if (layout == WF_LAY_BITS)
        wf_row_bits_put(slot->cells, place, cells, n);
    else if (layout == WF_LAY_STR)
        memcpy(to, cells, bytes_of(grid, s, slot->form, n));
    else
        return wf_narrow_put(cells, layout, n, slot->form, to);
    return true;
}

enum wf_status wf_grid_put(struct wf_grid *grid, uint32_t s, uint64_t place, uint32_t n,
                           uint64_t guess, const void *cells, const uint8_t *states)
{
    struct wf_grid_slot *slot = &grid->slots[s];
    enum wf_status status = WF_OK;
    if (n == 0)
        return WF_OK;
    for (bool done = false; !status && !done;) {
        pthread_rwlock_rdlock(&grid->moving);
        struct wf_narrow form = slot->form;
        bool roomy = slot->room >= place + n;
        if (roomy) {
            mark_used(slot, place + n);
            done = put_cells(grid, s, place, n, cells);
        }
        if (done)
            wf_row_bits_put(slot->present, place, states, n);
        pthread_rwlock_unlock(&grid->moving);
        if (done)
            break;
        pthread_rwlock_wrlock(&grid->moving);
        status = roomy ? widen(grid, s, form) : grow(grid, s, place + n, guess);
        pthread_rwlock_unlock(&grid->moving);
    }
    return status;
}

/* ---- the end ---- */

void wf_grid_shift(struct wf_grid *grid, uint32_t s, uint64_t from, uint64_t to, uint32_t n)
{
    struct wf_grid_slot *slot = &grid->slots[s];
    char *cells = slot->cells;
    if (from == to || n == 0)
        return;
    wf_row_bits_shift(slot->present, from, to, n);
    if (layout_of(grid, s) == WF_LAY_BITS)
        wf_row_bits_shift(slot->cells, from, to, n);
    else
        memmove(cells + bytes_of(grid, s, slot->form, to),
                cells + bytes_of(grid, s, slot->form, from), bytes_of(grid, s, slot->form, n));
}

enum wf_status wf_grid_take(struct wf_grid *grid, uint32_t s, uint64_t rows, uint64_t room,
                            struct wf_grid_slot *out)
{
    struct wf_grid_slot *slot = &grid->slots[s];
    if (resize(grid, s, room) != WF_OK)
        return WF_ERR_NOMEM;
    wf_row_bits_clear(slot->present, rows, room);
    if (layout_of(grid, s) == WF_LAY_BITS)
        wf_row_bits_clear(slot->cells, rows, room);
    else
        memset((char *)slot->cells + bytes_of(grid, s, slot->form, rows), 0,
               bytes_of(grid, s, slot->form, room - rows));
    *out = *slot;
    slot->cells = NULL;
    slot->present = NULL;
    return WF_OK;
}
