#include "runtime/data/grid.h"

#include <string.h>

enum wf_status wf_grid_init(struct wf_grid *grid, const struct wf_alloc *alloc,
                            const struct wf_feed *feed)
{
    *grid = (struct wf_grid){.alloc = alloc};
    grid->data = wf_calloc(alloc, feed->n_slots, sizeof(*grid->data));
    grid->state = wf_calloc(alloc, feed->n_slots, sizeof(*grid->state));
    if (!grid->data || !grid->state || pthread_rwlock_init(&grid->moving, NULL) != 0) {
        wf_free(alloc, grid->data);
        wf_free(alloc, grid->state);
        *grid = (struct wf_grid){0};
        return WF_ERR_NOMEM;
    }
    grid->feed = feed;
    return WF_OK;
}

void wf_grid_release(struct wf_grid *grid)
{
    if (!grid->feed)
        return;
    for (uint32_t s = 0; s < grid->feed->n_slots; s++) {
        wf_free(grid->alloc, grid->data[s]);
        wf_free(grid->alloc, grid->state[s]);
    }
    wf_free(grid->alloc, grid->data);
    wf_free(grid->alloc, grid->state);
    pthread_rwlock_destroy(&grid->moving);
    *grid = (struct wf_grid){0};
}

static void *resized(const struct wf_grid *grid, void *array, uint64_t n, size_t size)
{
    return n > SIZE_MAX / 2 / size ? NULL
                                   : wf_realloc(grid->alloc, array, n ? (size_t)n * size : 1);
}

/* On failure what is there keeps at least the room it had. */
static enum wf_status resize_slot(struct wf_grid *grid, uint32_t slot, uint64_t room)
{
    void *data = resized(grid, grid->data[slot], room, grid->feed->slots[slot].size);
    if (!data)
        return WF_ERR_NOMEM;
    grid->data[slot] = data;
    uint8_t *state = resized(grid, grid->state[slot], room, 1);
    if (!state)
        return WF_ERR_NOMEM;
    grid->state[slot] = state;
    return WF_OK;
}

static enum wf_status grow(struct wf_grid *grid, uint64_t room)
{
    enum wf_status status = WF_OK;
    for (uint32_t s = 0; !status && s < grid->feed->n_slots; s++)
        status = resize_slot(grid, s, room);
    if (!status)
        grid->room = room;
    return status;
}

enum wf_status wf_grid_enter(struct wf_grid *grid, uint64_t upto, uint64_t guess)
{
    enum wf_status status = WF_OK;
    pthread_rwlock_rdlock(&grid->moving);
    while (!status && grid->room < upto) {
        pthread_rwlock_unlock(&grid->moving);
        pthread_rwlock_wrlock(&grid->moving);
        uint64_t room = grid->room + grid->room / 2;
        room = room < guess ? guess : room;
        if (grid->room < upto)
            status = grow(grid, room < upto ? upto : room);
        pthread_rwlock_unlock(&grid->moving);
        if (!status)
            pthread_rwlock_rdlock(&grid->moving);
    }
    return status;
}

void wf_grid_leave(struct wf_grid *grid)
{
    pthread_rwlock_unlock(&grid->moving);
}

void wf_grid_shift(struct wf_grid *grid, uint32_t slot, uint64_t from, uint64_t to, uint32_t n)
{
    size_t size = grid->feed->slots[slot].size;
    char *data = grid->data[slot];
    uint8_t *state = grid->state[slot];
    if (from == to || n == 0)
        return;
    memmove(data + to * size, data + from * size, n * size);
    memmove(state + to, state + from, n);
}

enum wf_status wf_grid_take(struct wf_grid *grid, uint32_t slot, uint64_t rows, uint64_t room,
                            void **data_out, uint8_t **state_out)
{
    size_t size = grid->feed->slots[slot].size;
    if (resize_slot(grid, slot, room) != WF_OK)
        return WF_ERR_NOMEM;
    memset((char *)grid->data[slot] + rows * size, 0, (size_t)(room - rows) * size);
    memset(grid->state[slot] + rows, 0, (size_t)(room - rows));
    *data_out = grid->data[slot];
    *state_out = grid->state[slot];
    grid->data[slot] = NULL;
    grid->state[slot] = NULL;
    return WF_OK;
}
