#include "lang/code/wire.h"

#include <string.h>

void wf_put(struct wf_buf *out, uint64_t value, unsigned bytes)
{
    unsigned char b[8];
    for (unsigned i = 0; i < bytes; i++)
        b[i] = (unsigned char)(value >> 8 * i);
    wf_buf_add(out, b, bytes);
}

const void *wf_get_bytes(struct wf_reader *in, uint64_t len)
{
    if (in->why || len > in->left) {
        in->why = in->why ? in->why : "it ends too early";
        return NULL;
    }
    const void *bytes = in->at;
    in->at += len;
    in->left -= (size_t)len;
    return bytes;
}

uint64_t wf_get(struct wf_reader *in, unsigned bytes)
{
    const unsigned char *b = wf_get_bytes(in, bytes);
    uint64_t value = 0;
    for (unsigned i = 0; b && i < bytes; i++)
        value |= (uint64_t)b[i] << 8 * i;
    return value;
}

uint32_t wf_get_count(struct wf_reader *in, size_t size)
{
    uint32_t count = (uint32_t)wf_get(in, 4);
    if (count <= in->left / size)
        return count;
    in->why = in->why ? in->why : "a table is longer than its section";
    return 0;
}

uint64_t wf_field_bits(const struct wf_ir_fd *field, const void *row)
{
    const char *at = (const char *)row + field->offset;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (field->size) {
    case 1: memcpy(&u8, at, 1); return u8;
    case 2: memcpy(&u16, at, 2); return u16;
    case 4: memcpy(&u32, at, 4); return u32;
    default: memcpy(&u64, at, 8); return u64;
    }
}

static void set_field(const struct wf_ir_fd *field, void *row, uint64_t bits)
{
    char *at = (char *)row + field->offset;
    uint8_t u8 = (uint8_t)bits;
    uint16_t u16 = (uint16_t)bits;
    uint32_t u32 = (uint32_t)bits;
    switch (field->size) {
    case 1: memcpy(at, &u8, 1); return;
    case 2: memcpy(at, &u16, 2); return;
    case 4: memcpy(at, &u32, 4); return;
    default: memcpy(at, &bits, 8); return;
    }
}

void wf_put_row(struct wf_buf *out, const struct wf_ir_fd *fields, unsigned n, const void *row)
{
    for (unsigned i = 0; i < n; i++)
        wf_put(out, wf_field_bits(&fields[i], row), fields[i].size);
}

void wf_get_row(struct wf_reader *in, const struct wf_ir_fd *fields, unsigned n, void *row)
{
    for (unsigned i = 0; i < n; i++) {
        uint64_t bits = wf_get(in, fields[i].size);
        /* What is no bool must never be stored as one; other limits are the verifier's. */
        if (fields[i].kind == WF_FK_BOOL && bits > 1) {
            in->why = in->why ? in->why : "a truth value is neither 0 nor 1";
            bits = 0;
        }
        set_field(&fields[i], row, bits);
    }
}

size_t wf_row_wire_size(const struct wf_ir_fd *fields, unsigned n)
{
    size_t size = 0;
    for (unsigned i = 0; i < n; i++)
        size += fields[i].size;
    return size;
}
