/*
 * serial.h - texts that end with a number, as most keys do: "P000123456" is "P", nine digits and
 * 123456. Held as the place of the first two in a small table, and the number.
 */
#ifndef WF_DATA_SERIAL_H
#define WF_DATA_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "runtime/data/names.h"

enum {
    WF_SERIAL_LEAST = 4,  /* digits: fewer are no serial number */
    WF_SERIAL_DIGITS = 9, /* the last so many at most: they fit 32 bits */
    WF_SERIAL_HEAD = 22,  /* bytes before them at most */
    WF_SERIAL_ROOM = WF_SERIAL_HEAD + WF_SERIAL_DIGITS,
    WF_SERIAL_HEADS = 256
};

struct wf_serial_head {
    uint8_t len, digits; /* digits 0: a free place */
    char text[WF_SERIAL_HEAD];
};

/* The heads met so far; one thread adds to it. */
struct wf_serials {
    struct wf_serial_head *heads; /* WF_SERIAL_HEADS */
};

struct wf_serial {
    uint32_t number;
    uint8_t head;
};

int wf_serials_init(struct wf_serials *serials, const struct wf_alloc *alloc); /* -1: no memory */
void wf_serials_release(struct wf_serials *serials, const struct wf_alloc *alloc);

/* The place of the head of a text that ends with a number; false: it is none. */
bool wf_serial_place(struct wf_cell text, uint8_t *out);

/* False: the text is none, or its head's place is another's. */
bool wf_serial_of(struct wf_serials *serials, struct wf_cell text, struct wf_serial *out);

/* The text again, in `room`. */
struct wf_cell wf_serial_text(const struct wf_serials *serials, struct wf_serial serial,
                              char room[WF_SERIAL_ROOM]);

/* The head and the number of a text, whatever table they are in; false: it is none. */
bool wf_serial_split(struct wf_cell text, struct wf_serial_head *head_out, uint32_t *number_out);
bool wf_serial_same(const struct wf_serial_head *a, const struct wf_serial_head *b);

/* The text of a number behind a head, in `room`. */
struct wf_cell wf_serial_write(const struct wf_serial_head *head, uint32_t number,
                               char room[WF_SERIAL_ROOM]);

/* Alike for texts that are alike, however each is held; others rarely have the same. */
uint32_t wf_serial_mark(struct wf_cell text);
static inline uint32_t wf_serial_mark_of(uint32_t number)
{
    return number * UINT32_C(0x9E3779B1);
}

#endif
