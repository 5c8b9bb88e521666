#include "runtime/data/serial.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

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

/* The number at the end of a text; answers its digits, 0: too few of them. */
static unsigned split(struct wf_cell text, uint32_t *number_out)
{
    uint32_t number = 0, scale = 1;
    unsigned digits = 0;
    for (; digits < text.len && digits < WF_SERIAL_DIGITS; digits++) {
        unsigned digit = (unsigned char)text.text[text.len - 1 - digits] - (unsigned)'0';
        if (digit > 9)
            break;
        number += digit * scale;
        scale *= 10;
    }
    *number_out = number;
    return digits < WF_SERIAL_LEAST ? 0 : digits;
}

bool wf_serial_of(struct wf_serials *serials, struct wf_cell text, struct wf_serial *out)
{
    unsigned digits = split(text, &out->number);
    size_t len = text.len - digits;
    if (digits == 0 || len > WF_SERIAL_HEAD)
        return false;
    uint32_t place = digits; /* a few heads only: hashed lightly */
    for (size_t i = 0; i < len; i++)
        place = place * 31 + (unsigned char)text.text[i];
    out->head = (uint8_t)place;
    struct wf_serial_head *head = &serials->heads[out->head];
    if (head->digits == 0) {
        head->len = (uint8_t)len;
        head->digits = (uint8_t)digits;
        memcpy(head->text, text.text, len);
    }
    return head->digits == digits && head->len == len && memcmp(head->text, text.text, len) == 0;
}

struct wf_cell wf_serial_text(const struct wf_serials *serials, struct wf_serial serial,
                              char room[WF_SERIAL_ROOM])
{
    const struct wf_serial_head *head = &serials->heads[serial.head];
    uint32_t number = serial.number, len = (uint32_t)head->len + head->digits;
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
