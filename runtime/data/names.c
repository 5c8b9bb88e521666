#include "runtime/data/names.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { AHEAD = 32 }; /* how many look-ups are under way at once */

void wf_names_init(struct wf_names *names, const struct wf_alloc *alloc, uint64_t seed)
{
    *names = (struct wf_names){.alloc = alloc, .seed = seed};
}

void wf_names_release(struct wf_names *names)
{
    wf_free(names->alloc, names->slots);
    wf_free(names->alloc, names->at);
    wf_free(names->alloc, names->bytes);
    *names = (struct wf_names){.alloc = names->alloc, .seed = names->seed};
}

static uint64_t hash_of(const struct wf_names *names, const char *text, size_t len)
{
    return XXH3_64bits_withSeed(text, len, names->seed);
}

static bool same(const struct wf_names *names, uint32_t code, const char *text, size_t len)
{
    uint64_t at = names->at[code];
    return names->at[code + 1] - at == len && wf_same_bytes(names->bytes + at, text, len);
}

static uint32_t find_hashed(const struct wf_names *names, uint64_t hash, const char *text,
                            size_t len)
{
    if (!names->room_slots)
        return WF_NO_NAME;
    size_t mask = names->room_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        const struct wf_name_slot *slot = &names->slots[i];
        if (slot->code == WF_NO_NAME)
            return WF_NO_NAME;
        if (slot->tag == (uint32_t)(hash >> 32) && same(names, slot->code, text, len))
            return slot->code;
    }
}

uint32_t wf_names_find(const struct wf_names *names, const char *text, size_t len)
{
    return find_hashed(names, hash_of(names, text, len), text, len);
}

void wf_names_find_many(const struct wf_names *names, const struct wf_cell *cells, size_t n,
                        uint32_t *codes_out)
{
    uint64_t hashes[AHEAD];
    if (!names->room_slots) {
        for (size_t i = 0; i < n; i++)
            codes_out[i] = WF_NO_NAME;
        return;
    }
    size_t mask = names->room_slots - 1;
    for (size_t first = 0; first < n; first += AHEAD) {
        size_t batch = n - first < AHEAD ? n - first : AHEAD;
        for (size_t i = 0; i < batch; i++) {
            hashes[i] = hash_of(names, cells[first + i].text, cells[first + i].len);
            __builtin_prefetch(&names->slots[hashes[i] & mask]);
        }
        for (size_t i = 0; i < batch; i++) {
            uint32_t code = names->slots[hashes[i] & mask].code;
            if (code != WF_NO_NAME)
                __builtin_prefetch(&names->at[code]);
        }
        for (size_t i = 0; i < batch; i++) {
            uint32_t code = names->slots[hashes[i] & mask].code;
            if (code != WF_NO_NAME)
                __builtin_prefetch(names->bytes + names->at[code]);
        }
        for (size_t i = 0; i < batch; i++)
            codes_out[first + i] =
                find_hashed(names, hashes[i], cells[first + i].text, cells[first + i].len);
    }
}

static void place(struct wf_name_slot *slots, size_t room, uint64_t hash, uint32_t code)
{
    size_t i = hash & (room - 1);
    while (slots[i].code != WF_NO_NAME)
        i = (i + 1) & (room - 1);
    slots[i] = (struct wf_name_slot){(uint32_t)(hash >> 32), code};
}

static enum wf_status resize_slots(struct wf_names *names, size_t room)
{
    struct wf_name_slot *slots = wf_realloc(names->alloc, NULL, room * sizeof(*slots));
    if (!slots)
        return WF_ERR_NOMEM;
    memset(slots, 0xff, room * sizeof(*slots));
    for (uint32_t code = 0; code < names->n; code++) {
        struct wf_cell name = wf_names_text(names, code);
        place(slots, room, hash_of(names, name.text, name.len), code);
    }
    wf_free(names->alloc, names->slots);
    names->slots = slots;
    names->room_slots = room;
    return WF_OK;
}

enum wf_status wf_names_reserve(struct wf_names *names, uint32_t n, size_t bytes)
{
    size_t room = names->room_slots ? names->room_slots : 64;
    while (room / 2 < n)
        room *= 2;
    if (room > names->room_slots && resize_slots(names, room) != WF_OK)
        return WF_ERR_NOMEM;
    if (wf_grow(names->alloc, &names->at, &names->room_at, (size_t)n + 2, sizeof(*names->at)) ||
        wf_grow(names->alloc, &names->bytes, &names->room_bytes, bytes + 1, 1))
        return WF_ERR_NOMEM;
    return WF_OK;
}

static enum wf_status add_hashed(struct wf_names *names, uint64_t hash, const char *text,
                                 size_t len, uint32_t *code_out)
{
    uint32_t code = find_hashed(names, hash, text, len);
    if (code != WF_NO_NAME) {
        *code_out = code;
        return WF_OK;
    }
    if (names->n >= WF_NO_NAME - 1)
        return WF_ERR_LIMIT;
    if ((size_t)names->n + 1 > names->room_slots / 2 &&
        resize_slots(names, names->room_slots ? names->room_slots * 2 : 64) != WF_OK)
        return WF_ERR_NOMEM;
    uint64_t end = names->n ? names->at[names->n] : 0;
    if (wf_grow(names->alloc, &names->at, &names->room_at, (size_t)names->n + 2,
                sizeof(*names->at)) ||
        wf_grow(names->alloc, &names->bytes, &names->room_bytes, end + len + 1, 1))
        return WF_ERR_NOMEM;
    if (len)
        memcpy(names->bytes + end, text, len);
    names->at[names->n] = end;
    names->at[names->n + 1] = end + len;
    place(names->slots, names->room_slots, hash, names->n);
    *code_out = names->n++;
    return WF_OK;
}

enum wf_status wf_names_add(struct wf_names *names, const char *text, size_t len,
                            uint32_t *code_out)
{
    return add_hashed(names, hash_of(names, text, len), text, len, code_out);
}

enum wf_status wf_names_add_many(struct wf_names *names, const struct wf_cell *cells, size_t n,
                                 uint32_t *codes_out)
{
    uint64_t hashes[AHEAD];
    for (size_t first = 0; first < n; first += AHEAD) {
        size_t batch = n - first < AHEAD ? n - first : AHEAD;
        for (size_t i = 0; i < batch; i++) {
            hashes[i] = hash_of(names, cells[first + i].text, cells[first + i].len);
            if (names->room_slots)
                __builtin_prefetch(&names->slots[hashes[i] & (names->room_slots - 1)]);
        }
        for (size_t i = 0; i < batch; i++) {
            const struct wf_cell *cell = &cells[first + i];
            enum wf_status status =
                add_hashed(names, hashes[i], cell->text, cell->len, &codes_out[first + i]);
            if (status)
                return status;
        }
    }
    return WF_OK;
}

/* ---- order ---- */

/* The first eight bytes decide nearly every comparison without a look at the name. */
struct sort_key {
    uint64_t head;
    uint32_t code;
};

static int compare_keys(const void *a, const void *b, void *ctx)
{
    const struct sort_key *x = a, *y = b;
    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    struct wf_cell p = wf_names_text(ctx, x->code), q = wf_names_text(ctx, y->code);
    int order = memcmp(p.text, q.text, p.len < q.len ? p.len : q.len);
    return order ? order : (p.len > q.len) - (p.len < q.len);
}

static uint64_t head_of(struct wf_cell name)
{
    uint64_t head = 0;
    for (uint32_t i = 0; i < 8; i++)
        head = head << 8 | (i < name.len ? (unsigned char)name.text[i] : 0);
    return head;
}

enum wf_status wf_names_sort(const struct wf_names *names, uint32_t *order)
{
    struct sort_key *keys = wf_calloc(names->alloc, names->n, sizeof(*keys));
    if (!keys)
        return WF_ERR_NOMEM;
    for (uint32_t code = 0; code < names->n; code++)
        keys[code] = (struct sort_key){head_of(wf_names_text(names, code)), code};
    qsort_r(keys, names->n, sizeof(*keys), compare_keys, (void *)(uintptr_t)names);
    for (uint32_t i = 0; i < names->n; i++)
        order[i] = keys[i].code;
    wf_free(names->alloc, keys);
    return WF_OK;
}
