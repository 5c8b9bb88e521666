/*
 * wire.h - numbers and described rows as little-endian bytes, and back.
 *
 * A reader that meets something impossible sets `why` (static text) and answers zeros from then on;
 * it never reads past its end.
 */
#ifndef WF_CODE_WIRE_H
#define WF_CODE_WIRE_H

#include <stdint.h>

#include "lang/base/buf.h"
#include "lang/ir/desc.h"

struct wf_reader {
    const unsigned char *at;
    size_t left;
    const char *why; /* NULL: all well */
};

void wf_put(struct wf_buf *out, uint64_t value, unsigned bytes);
uint64_t wf_get(struct wf_reader *in, unsigned bytes);

/* Takes `len` bytes; NULL when there are not as many. */
const void *wf_get_bytes(struct wf_reader *in, uint64_t len);

/* A count of things of at least `size` bytes each (> 0): more than can follow is refused. */
uint32_t wf_get_count(struct wf_reader *in, size_t size);

/* A row field by field, in the order of its description. */
void wf_put_row(struct wf_buf *out, const struct wf_ir_fd *fields, unsigned n, const void *row);
void wf_get_row(struct wf_reader *in, const struct wf_ir_fd *fields, unsigned n, void *row);
size_t wf_row_wire_size(const struct wf_ir_fd *fields, unsigned n);

/* A field's bytes as an unsigned number. */
uint64_t wf_field_bits(const struct wf_ir_fd *field, const void *row);

#endif
