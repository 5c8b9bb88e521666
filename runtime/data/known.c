#include "runtime/data/known.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"
#include "runtime/data/dataset.h"

/* A row's cell of a slot, wherever its bytes are. */
struct knowing {
    const struct wf_feed *feed;
    const struct wf_names *dicts;
    const struct wf_chunk *chunk;
    uint32_t row;
};

static void number_bytes(uint64_t value, unsigned char small[8])
{
    for (unsigned b = 0; b < 8; b++)
        small[b] = (unsigned char)(value >> (8 * b));
}

/* The bytes that stand for a value; false where it is missing. */
static bool value_bytes(const struct knowing *k, uint32_t slot, unsigned char small[8],
                        const void **bytes_out, size_t *len_out)
{
    const struct wf_chunk *chunk = k->chunk;
    uint32_t i = k->row;
    int64_t value = 0;
    if (!chunk->state[slot][i])
        return false;
    *bytes_out = small;
    *len_out = 8;
    switch (k->feed->slots[slot].layout) {
    case WF_LAY_STR: {
        struct wf_cut cut = ((const struct wf_cut *)chunk->data[slot])[i];
        *bytes_out = chunk->heap.data + cut.at;
        *len_out = cut.len;
        return true;
    }
    case WF_LAY_CODE: {
        struct wf_cell name =
            wf_names_text(&k->dicts[slot], ((const uint32_t *)chunk->data[slot])[i]);
        *bytes_out = name.text;
        *len_out = name.len;
        return true;
    }
    case WF_LAY_BITS: value = ((const uint8_t *)chunk->data[slot])[i]; break;
    case WF_LAY_I32: value = ((const int32_t *)chunk->data[slot])[i]; break;
    default: memcpy(&value, (const char *)chunk->data[slot] + (size_t)i * 8, 8); break;
    }
    number_bytes((uint64_t)value, small);
    return true;
}

/* The field is not part of the key, and the key is whole without it. */
static bool is_no_column(const struct knowing *k, const uint32_t *columns, uint32_t slot)
{
    return columns ? columns[slot] == WF_NONE : !k->chunk->state[slot][k->row];
}

void wf_known_row(const struct wf_feed *feed, const struct wf_names *dicts, const uint32_t *columns,
                  const char *row, size_t row_len, uint32_t i, struct wf_chunk *chunk)
{
    const struct knowing k = {feed, dicts, chunk, i};
    unsigned char small[8];
    const void *bytes = row;
    size_t len = row_len;
    bool whole = feed->n_uniques > 0 && value_bytes(&k, feed->uniques[0], small, &bytes, &len);
    if (chunk->key && (whole || columns)) {
        XXH128_hash_t key = XXH3_128bits(bytes, len);
        memcpy(chunk->key[i], &key, sizeof(key));
    }
    if (!chunk->first && !chunk->full)
        return;
    uint64_t full = whole ? XXH3_64bits(bytes, len) : chunk->hash[i];
    if (chunk->first)
        chunk->first[i] = full;
    for (uint32_t u = 1; whole && u < feed->n_uniques; u++) {
        uint32_t slot = feed->uniques[u];
        if (is_no_column(&k, columns, slot))
            continue;
        whole = value_bytes(&k, slot, small, &bytes, &len);
        if (whole)
            full = XXH3_64bits_withSeed(bytes, len, full);
    }
    if (chunk->full)
        chunk->full[i] = whole ? full : chunk->hash[i];
}

void wf_known_key(const struct wf_cell *text, uint64_t number, unsigned char key_out[16])
{
    unsigned char small[8];
    number_bytes(number, small);
    XXH128_hash_t key = text ? XXH3_128bits(text->text, text->len) : XXH3_128bits(small, 8);
    memcpy(key_out, &key, sizeof(key));
}
