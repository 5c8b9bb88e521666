/*
 * names.h - distinct byte strings numbered from 0 in the order they came: ids and dictionaries.
 *
 *   slots  [tag|code][      ][tag|code] ...   open addressing, at most half full
 *   at     [0][5][9] ...                      name c is bytes[at[c]] .. bytes[at[c + 1]]
 *
 * The hash is seeded, so nobody can aim at it; nothing that leaves may depend on its order.
 */
#ifndef WF_DATA_NAMES_H
#define WF_DATA_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"

#define WF_NO_NAME UINT32_MAX

/* A piece of text that lives elsewhere. */
struct wf_cell {
    const char *text;
    uint32_t len;
    uint32_t extra; /* the owner's business */
};

/* memcmp(a, b, len) == 0 without the call where the texts are short, as ids and codes are. */
static inline bool wf_same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t p, q, r, s;
    if (len > 16)
        return memcmp(a, b, len) == 0;
    if (len >= 8) { /* the two words may lie over each other */
        memcpy(&p, a, 8);
        memcpy(&q, b, 8);
        memcpy(&r, a + len - 8, 8);
        memcpy(&s, b + len - 8, 8);
        return ((p ^ q) | (r ^ s)) == 0;
    }
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/* memcpy without the call where texts are short. */
static inline void wf_copy_bytes(char *out, const char *text, size_t len)
{
    uint64_t first, last;
    if (len > 16) {
        memcpy(out, text, len);
    } else if (len >= 8) { /* the two words may lie over each other */
        memcpy(&first, text, 8);
        memcpy(&last, text + len - 8, 8);
        memcpy(out, &first, 8);
        memcpy(out + len - 8, &last, 8);
    } else {
        for (size_t i = 0; i < len; i++)
            out[i] = text[i];
    }
}

/* How texts follow each other; both bits where they are of one length. */
enum wf_order {
    WF_BY_BYTES = 1,  /* as memcmp has it, a beginning before the whole */
    WF_BY_LENGTH = 2, /* the shorter one first, then by bytes: as numbers do */
};

/* Eight bytes as a number that is greater where they come later. */
static inline uint64_t wf_big_word(const char *text)
{
    uint64_t word;
    memcpy(&word, text, 8);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? word : __builtin_bswap64(word);
}

/* memcmp of two texts of 8 to 16 bytes: the two words of each may lie over each other. */
static inline int wf_compare_words(const char *a, const char *b, uint32_t len)
{
    uint64_t x = wf_big_word(a), y = wf_big_word(b);
    if (x == y) {
        x = wf_big_word(a + len - 8);
        y = wf_big_word(b + len - 8);
    }
    return (x > y) - (x < y);
}

/* The orders in which b comes behind a; 0 if they are alike. */
static inline unsigned wf_order_of(struct wf_cell a, struct wf_cell b)
{
    int bytes = a.len == b.len && a.len >= 8 && a.len <= 16
                    ? wf_compare_words(a.text, b.text, a.len)
                    : memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);
    unsigned order = bytes < 0 || (bytes == 0 && a.len < b.len) ? WF_BY_BYTES : 0;
    return order | (a.len < b.len || (a.len == b.len && bytes < 0) ? WF_BY_LENGTH : 0);
}

struct wf_name_slot {
    uint32_t tag, code; /* code WF_NO_NAME: free */
};

struct wf_names {
    const struct wf_alloc *alloc;
    uint64_t seed;
    struct wf_name_slot *slots;
    uint64_t *at;
    char *bytes;
    size_t room_slots, room_at, room_bytes; /* room_slots is 0 or a power of two */
    uint32_t n;
};

void wf_names_init(struct wf_names *names, const struct wf_alloc *alloc, uint64_t seed);
void wf_names_release(struct wf_names *names);

/* The number of a name, a new one if it was not there. WF_ERR_NOMEM, WF_ERR_LIMIT. */
enum wf_status wf_names_add(struct wf_names *names, const char *text, size_t len,
                            uint32_t *code_out);

/* Makes room for so many names and bytes in all, so that adding them never moves the table. */
enum wf_status wf_names_reserve(struct wf_names *names, uint32_t n, size_t bytes);

/* wf_names_add for many, with the memory fetched ahead. */
enum wf_status wf_names_add_many(struct wf_names *names, const struct wf_cell *cells, size_t n,
                                 uint32_t *codes_out);

/* The number of a name or WF_NO_NAME. */
uint32_t wf_names_find(const struct wf_names *names, const char *text, size_t len);

/* The same for many, with the memory fetched ahead. */
void wf_names_find_many(const struct wf_names *names, const struct wf_cell *cells, size_t n,
                        uint32_t *codes_out);

static inline struct wf_cell wf_names_text(const struct wf_names *names, uint32_t code)
{
    return (struct wf_cell){names->bytes + names->at[code],
                            (uint32_t)(names->at[code + 1] - names->at[code]), 0};
}

/* order[i] is the code of the i-th name by bytes; the caller gives room for names->n. */
enum wf_status wf_names_sort(const struct wf_names *names, uint32_t *order);

#endif
