/*
 * pack.h - rows of the ledger as bytes, some thousand together: what many of them share is written
 * once.
 *
 *   ids     [16 bytes][16 bytes] ...                            ascending
 *   packed  zstd over [bytes of the rows, u32][rows][shapes]
 *     row     shape | member | due | at | note | party          numbers as varints, texts with
 *     shape   rule | position | gate | six names                their length before them
 */
#ifndef WF_STORE_PACK_H
#define WF_STORE_PACK_H

#include "runtime/store/store.h"

/* The buffers are reused from one packing to the next. */
struct wf_packer {
    const struct wf_alloc *alloc;
    struct wf_buf ids, packed; /* what wf_pack made last */
    struct wf_buf rows, shapes;
    const struct wf_ledger_row **known; /* the first row of each shape */
    size_t n_known, room_known;
    uint32_t *slots; /* a hash table over the shapes: 0 free, else its number + 1 */
    void *zstd;
};

void wf_packer_init(struct wf_packer *packer, const struct wf_alloc *alloc);
void wf_packer_release(struct wf_packer *packer);

/* Rows (at most WF_LEDGER_TOGETHER) in the order of their ids. WF_ERR_NOMEM, WF_ERR_LIMIT. */
enum wf_status wf_pack(struct wf_packer *packer, const struct wf_ledger_row *const *rows, size_t n);

struct wf_unpacker {
    const struct wf_alloc *alloc;
    struct wf_ledger_row *rows; /* what wf_unpack made last; texts live until the next */
    size_t n, room_rows;
    struct wf_ledger_row *shapes;
    size_t n_shapes, room_shapes;
    unsigned char *plain;
    size_t room_plain;
};

void wf_unpacker_init(struct wf_unpacker *unpacker, const struct wf_alloc *alloc);
void wf_unpacker_release(struct wf_unpacker *unpacker);

/* Names and gates end with a NUL; `run` is the caller's to fill in. WF_ERR_STATE: packing did not
 * make these bytes. */
enum wf_status wf_unpack(struct wf_unpacker *unpacker, const void *ids, size_t len_ids,
                         const void *packed, size_t len_packed);

#endif
