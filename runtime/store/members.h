/*
 * members.h - who was ever seen: ids, and the ordinals they got for ever.
 *
 * Shops number their members. An id that ends in a number is kept by it, exactly, and a run of
 * numbers as one span; of any other id its xxh3-128 is kept.
 *
 *   ordinal   0 ... 999,999                      1,000,000 ...        1,000,007 ...
 *   span      "M" and 7 digits, from 0000001     hashes, from 0       "M" and 7 digits, from
 * 1000017
 */
#ifndef WF_STORE_MEMBERS_H
#define WF_STORE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/buf.h"
#include "lang/base/status.h"

#define WF_NO_MEMBER UINT32_MAX
enum { WF_ID_DIGITS = 18, WF_ID_PREFIX = 22 };

struct wf_member_hash {
    unsigned char bytes[16];
};

/* How ids are written: a prefix, then a number of so many digits, leading zeros included. */
struct wf_id_form {
    unsigned char len, digits;
    char prefix[WF_ID_PREFIX];
};

/* Members from `ordinal` to where the next span begins: `number`, number + 1, ... */
struct wf_id_span {
    uint64_t number;
    uint32_t ordinal;
    uint32_t form; /* WF_HASHED: the numbers are those of hashes */
};
#define WF_HASHED UINT32_MAX

struct wf_members {
    const struct wf_alloc *alloc;
    size_t n;        /* members */
    size_t n_stored; /* the first of them, which a store has */
    struct wf_id_span *spans;
    size_t n_spans, room_spans;
    struct wf_id_form *forms;
    size_t n_forms, room_forms;
    struct wf_member_hash *hashes;
    size_t n_hashes, room_hashes;
    struct wf_id_key *keys; /* the first spans by form and number; made when first asked for */
    size_t n_keys;
    uint32_t *slots; /* hash table over hashes: 0 empty, else number + 1; made when asked for */
    size_t n_slots, n_slotted;
    size_t next_len, next_digits; /* of the id that goes on the last span; 0: not known */
    char next[WF_ID_PREFIX + WF_ID_DIGITS];
};

void wf_members_init(struct wf_members *members, const struct wf_alloc *alloc);
void wf_members_release(struct wf_members *members);

/* The ordinal of an id, WF_NO_MEMBER if it was never seen. Needs memory: WF_ERR_NOMEM. */
enum wf_status wf_members_find(struct wf_members *members, const char *id, size_t len,
                               uint32_t *out);

/* The next ordinal for an id that was never seen. WF_ERR_LIMIT: there are too many. */
enum wf_status wf_members_add(struct wf_members *members, const char *id, size_t len);

/* The members of `more`, never seen before, in their order behind all others. Where most of its
 * spans are short, they become hashes. */
enum wf_status wf_members_join(struct wf_members *members, const struct wf_members *more);

/* A place among the members that goes on cheaply to the next one; begins zeroed. */
struct wf_member_place {
    size_t span;
    uint32_t next; /* ordinal + 1; 0: nowhere yet */
    size_t len;
    char id[WF_ID_PREFIX + WF_ID_DIGITS]; /* unless it is a hash */
};

/* Whether the member of that ordinal (< n) has this id. */
bool wf_members_is(const struct wf_members *members, struct wf_member_place *place,
                   uint32_t ordinal, const char *id, size_t len);

/* How many members from that ordinal (< n) on have ids that are one prefix and a number of so many
 * digits, each one more than the one before it; 1: nothing is known. */
uint32_t wf_members_count(const struct wf_members *members, uint32_t ordinal);

/* Appends the members from ordinal `from` on, so many that it does not get much longer than a
 * megabyte; answers where it stopped. */
size_t wf_members_write(const struct wf_members *members, size_t from, struct wf_buf *out);

/* Takes what was written, behind all others. WF_ERR_STATE: nothing writes that. */
enum wf_status wf_members_read(struct wf_members *members, const void *bytes, size_t len);

/* The same of the hashes alone, as states before format 6 keep them. */
enum wf_status wf_members_read_hashes(struct wf_members *members, const void *bytes, size_t len);

#endif
