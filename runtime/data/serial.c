#include "runtime/data/serial.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/data/quick.h"

int wf_serials_init(struct wf_serials *serials, const struct wf_alloc *alloc)
{
    serials->heads = wf_calloc(alloc, WF_SERIAL_HEADS, sizeof(*serials->heads));
    return serials->heads ? 0 : -1;
}

void wf_serials_release(struct wf_serials *serials, const struct wf_alloc *alloc)
{
    wf_free(alloc, serials->heads);
    serials->heads = NULL;
}

/* How many of the last bytes of a word of text are digits. */
static unsigned digits_in(uint64_t word)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t x = word ^ UINT64_C(0x3030303030303030);
    uint64_t others = (((x & ~high) + UINT64_C(0x7676767676767676)) | x) & high;
    return others ? (unsigned)__builtin_clzll(others) / 8 : 8;
}

/* The number at the end of a text; answers its digits, 0: too few of them. */
static inline unsigned split(struct wf_cell text, uint32_t *number_out)
{
    unsigned digits = 0;
    int64_t number = 0;
    uint64_t word = 0;
    if (text.len >= 8)
        word = wf_quick_word(text.text + text.len - 8, 8);
    else
        for (uint32_t i = 0; i < text.len; i++)
            word |= (uint64_t)(unsigned char)text.text[i] << 8 * (8 - text.len + i);
    digits = digits_in(word);
    if (digits < WF_SERIAL_LEAST)
        return 0;
    wf_quick_digits(word >> (64 - 8 * digits), digits, &number);
    if (digits == 8 && text.len > 8) {
        unsigned more = (unsigned)(unsigned char)text.text[text.len - 9] - '0';
        number += more > 9 ? 0 : (int64_t)more * 100000000;
        digits += more <= 9;
    }
    *number_out = (uint32_t)number;
    return digits;
}

/* A few heads only: hashed lightly. */
static uint8_t place_of(const char *head, size_t len, unsigned digits)
{
    uint32_t place = digits;
    for (size_t i = 0; i < len; i++)
        place = place * 31 + (unsigned char)head[i];
    return (uint8_t)place;
}

bool wf_serial_place(struct wf_cell text, uint8_t *out)
{
    uint32_t number;
    unsigned digits = split(text, &number);
    size_t len = text.len - digits;
    if (digits == 0 || len > WF_SERIAL_HEAD)
        return false;
    *out = place_of(text.text, len, digits);
    return true;
}

bool wf_serial_of(struct wf_serials *serials, struct wf_cell text, struct wf_serial *out)
{
    unsigned digits = split(text, &out->number);
    size_t len = text.len - digits;
    if (digits == 0 || len > WF_SERIAL_HEAD)
        return false;
    out->head = place_of(text.text, len, digits);
    struct wf_serial_head *head = &serials->heads[out->head];
    if (head->digits == 0) {
        head->len = (uint8_t)len;
        head->digits = (uint8_t)digits;
        memcpy(head->text, text.text, len);
    }
    return head->digits == digits && head->len == len && wf_same_bytes(head->text, text.text, len);
}

bool wf_serial_split(struct wf_cell text, struct wf_serial_head *head_out, uint32_t *number_out)
{
    unsigned digits = split(text, number_out);
    size_t len = text.len - digits;
    if (digits == 0 || len > WF_SERIAL_HEAD)
        return false;
    *head_out = (struct wf_serial_head){(uint8_t)len, (uint8_t)digits, ""};
    memcpy(head_out->text, text.text, len);
    return true;
}

bool wf_serial_same(const struct wf_serial_head *a, const struct wf_serial_head *b)
{
    return a->len == b->len && a->digits == b->digits && memcmp(a->text, b->text, a->len) == 0;
}

struct wf_cell wf_serial_text(const struct wf_serials *serials, struct wf_serial serial,
                              char room[WF_SERIAL_ROOM])
{
    return wf_serial_write(&serials->heads[serial.head], serial.number, room);
}

struct wf_cell wf_serial_write(const struct wf_serial_head *head, uint32_t number,
                               char room[WF_SERIAL_ROOM])
{
    uint32_t len = (uint32_t)head->len + head->digits;
    memcpy(room, head->text, head->len);
    uint32_t i = len;
    for (; i > head->len + 1u; number /= 100) { /* two digits a division */
        room[--i] = (char)('0' + number % 10);
        room[--i] = (char)('0' + number / 10 % 10);
    }
    if (i > head->len)
        room[--i] = (char)('0' + number % 10);
    return (struct wf_cell){room, len, 0};
}

uint32_t wf_serial_mark(struct wf_cell text)
{
    uint32_t number;
    if (split(text, &number))
        return wf_serial_mark_of(number);
    return (uint32_t)XXH3_64bits(text.text, text.len);
}
