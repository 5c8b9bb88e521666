/* The pages that staged rows stand in. */
#include "runtime/data/pages.h"
#include "runtime/data/stage.h"

enum {
    FIRST_PAGE = 1 << 10,
    LAST_PAGE = 1 << 14,
    FIRST_SLAB = 1 << 18,
    LAST_SLAB = 1 << 23,
};

enum wf_status wf_stage_init(struct wf_stage *stage, struct wf_stage_form *form,
                             struct wf_spill *spill, unsigned n_stages)
{
    const struct wf_alloc *alloc = form->alloc;
    uint32_t n_slots = form->feed->n_slots;
    *stage = (struct wf_stage){.form = form, .n_streams = form->n_parts, .spill = spill};
    stage->budget = spill->budget ? spill->budget / n_stages + 1 : 0;
    stage->streams = wf_calloc(alloc, stage->n_streams, sizeof(*stage->streams));
    stage->serials = wf_calloc(alloc, n_slots, sizeof(*stage->serials));
    stage->text_bytes = wf_calloc(alloc, n_slots, sizeof(*stage->text_bytes));
    stage->missing = wf_calloc(alloc, n_slots, sizeof(*stage->missing));
    stage->wide = wf_calloc(alloc, n_slots, sizeof(*stage->wide));
    bool ok =
        stage->streams && stage->serials && stage->text_bytes && stage->missing && stage->wide;
    for (uint32_t s = 0; ok && s < n_slots; s++)
        if (form->cells[s].kind == WF_STAGE_TEXT)
            ok = wf_serials_init(&stage->serials[s], alloc) == 0;
    return ok ? WF_OK : WF_ERR_NOMEM;
}

/* The pages go back to the system at once: what is made of their rows needs as many. The C library
 * might hold on to them. */
void wf_stage_clear(struct wf_stage *stage, uint32_t index)
{
    struct wf_stage_shelf *shelf = &stage->shelves[index];
    for (size_t i = 0; i < shelf->n_slabs; i++) {
        wf_pages_drop(shelf->slabs[i].bytes, shelf->slabs[i].size);
        wf_free(stage->form->alloc, shelf->slabs[i].bytes);
    }
    wf_free(stage->form->alloc, shelf->slabs);
    *shelf = (struct wf_stage_shelf){0};
}

void wf_stage_release(struct wf_stage *stage)
{
    if (!stage->form)
        return;
    const struct wf_alloc *alloc = stage->form->alloc;
    for (uint32_t i = 0; i < WF_STAGE_SHELVES; i++)
        wf_stage_clear(stage, i);
    for (uint32_t s = 0; stage->serials && s < stage->form->feed->n_slots; s++)
        wf_serials_release(&stage->serials[s], alloc);
    wf_free(alloc, stage->streams);
    wf_free(alloc, stage->pieces);
    wf_free(alloc, stage->origins);
    wf_free(alloc, stage->desk);
    wf_free(alloc, stage->serials);
    wf_free(alloc, stage->text_bytes);
    wf_free(alloc, stage->missing);
    wf_free(alloc, stage->wide);
    *stage = (struct wf_stage){0};
}

/* Small at first, and within a small budget. */
static size_t slab_size(const struct wf_stage *stage, size_t i)
{
    size_t size = i < 5 ? (size_t)FIRST_SLAB << i : LAST_SLAB;
    uint64_t share = stage->budget / (2 * WF_STAGE_SHELVES) + FIRST_PAGE;
    return stage->budget && share < size ? (size_t)share : size;
}

/* A page's bytes; NULL: no memory. */
static char *take_bytes(struct wf_stage *stage, struct wf_stage_shelf *shelf, size_t size)
{
    const struct wf_alloc *alloc = stage->form->alloc;
    if (shelf->left < size) {
        size_t room = slab_size(stage, shelf->n_slabs);
        room = size > room ? size : room;
        if (wf_grow(alloc, &shelf->slabs, &shelf->room_slabs, shelf->n_slabs + 1,
                    sizeof(*shelf->slabs)) != 0)
            return NULL;
        char *slab = wf_realloc(alloc, NULL, room);
        if (!slab)
            return NULL;
        wf_pages_dense(slab, room);
        shelf->slabs[shelf->n_slabs++] = (struct wf_stage_slab){slab, room};
        shelf->free = slab;
        shelf->left = room;
        stage->held += room;
    }
    char *bytes = shelf->free;
    shelf->free += size;
    shelf->left -= size;
    return bytes;
}

static void close_page(struct wf_stage_stream *stream)
{
    if (stream->last)
        stream->last->used = (size_t)(stream->at - wf_stage_rows(stream->last));
}

/* ---- beyond the budget ---- */

/* Writes a stream's last page out, whose memory is used again. */
static enum wf_status spill_page(struct wf_stage *stage, struct wf_stage_stream *stream)
{
    struct wf_stage_page *page = stream->last;
    uint32_t len = (uint32_t)(stream->at - wf_stage_rows(page));
    if (wf_grow(stage->form->alloc, &stage->pieces, &stage->room_pieces, stage->n_pieces + 1,
                sizeof(*stage->pieces)) != 0)
        return WF_ERR_NOMEM;
    struct wf_stage_piece *piece = &stage->pieces[stage->n_pieces];
    *piece = (struct wf_stage_piece){.len = len, .before = stream->piece};
    enum wf_status status = wf_spill_write(stage->spill, wf_stage_rows(page), len, &piece->at);
    if (status)
        return status;
    stream->piece = (uint32_t)++stage->n_pieces;
    stream->at = wf_stage_rows(page);
    stream->left += len;
    return WF_OK;
}

size_t wf_stage_spilled(const struct wf_stage *stage, uint32_t part)
{
    size_t bytes = 0;
    uint32_t p = part < stage->n_streams ? stage->streams[part].piece : 0;
    for (; p; p = stage->pieces[p - 1].before)
        bytes += stage->pieces[p - 1].len;
    return bytes ? (bytes + sizeof(struct wf_stage_page) + 63) / 64 * 64 : 0;
}

enum wf_status wf_stage_fetch(struct wf_stage *stage, uint32_t part, void *room)
{
    struct wf_stage_stream *stream = &stage->streams[part];
    struct wf_stage_page *page = room;
    size_t bytes = 0;
    for (uint32_t p = stream->piece; p; p = stage->pieces[p - 1].before)
        bytes += stage->pieces[p - 1].len;
    *page = (struct wf_stage_page){.next = stream->first, .used = bytes, .size = bytes};
    char *end = wf_stage_rows(page) + bytes; /* the last one is met first */
    for (uint32_t p = stream->piece; p; p = stage->pieces[p - 1].before) {
        const struct wf_stage_piece *piece = &stage->pieces[p - 1];
        end -= piece->len;
        enum wf_status status = wf_spill_read(stage->spill, piece->at, end, piece->len);
        if (status)
            return status;
    }
    stream->first = page;
    return WF_OK;
}

/* Room for at least `size` bytes more: in the last page, when that was written out, or a new one.
 */
enum wf_status wf_stage_room(struct wf_stage *stage, uint32_t part, size_t size)
{
    struct wf_stage_stream *stream = &stage->streams[part];
    struct wf_stage_shelf *shelf = &stage->shelves[wf_stage_shelf(stage->form, part)];
    size_t room = stream->last ? 2 * stream->last->size : FIRST_PAGE;
    size_t least = (size + WF_STAGE_SLACK + sizeof(struct wf_stage_page) + 63) / 64 * 64;
    room = room > LAST_PAGE ? LAST_PAGE : room;
    room = room < least ? least : room;
    if (room > UINT32_MAX)
        return WF_ERR_LIMIT;
    if (stage->budget && stage->held >= stage->budget && shelf->left < room && stream->last &&
        stream->last->size >= least)
        return spill_page(stage, stream);
    close_page(stream);
    struct wf_stage_page *page = (struct wf_stage_page *)(void *)take_bytes(stage, shelf, room);
    if (!page)
        return WF_ERR_NOMEM;
    *page = (struct wf_stage_page){.size = room};
    if (stream->last)
        stream->last->next = page;
    else
        stream->first = page;
    stream->last = page;
    stream->at = wf_stage_rows(page);
    stream->left = (uint32_t)(room - sizeof(*page) - WF_STAGE_SLACK);
    return WF_OK;
}

void wf_stage_finish(struct wf_stage *stage)
{
    for (size_t p = 0; p < stage->n_streams; p++)
        close_page(&stage->streams[p]);
    for (uint32_t i = 0; i < WF_STAGE_SHELVES; i++) /* what large pages brought along */
        wf_pages_drop(stage->shelves[i].free, stage->shelves[i].left);
}
