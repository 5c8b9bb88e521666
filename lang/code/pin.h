/*
 * pin.h - the structure of a journey, kept for the members who entered under it.
 *
 *   tonight's program ── wf_pin ──▶ bytes in the state ──┐
 *   a later night's program ─────────────────────────────┴─ wf_pin_link ─▶ the program of that
 * night
 *
 * A pin is a compiled file like any other: versioned, checksummed, verified before it is used.
 */
#ifndef WF_CODE_PIN_H
#define WF_CODE_PIN_H

#include "lang/base/buf.h"
#include "lang/base/status.h"
#include "lang/code/program.h"

/* Appends the pin of one journey of a verified program. */
enum wf_status wf_pin(const struct wf_program *program, uint32_t journey,
                      const struct wf_alloc *alloc, struct wf_buf *out);

struct wf_pinned {
    const void *bytes;
    size_t len;
    const char *identity; /* of tonight's journey that goes on with it; NULL: as the pin says */
};

/*
 * A new, verified program: tonight's, its rules numbered as they were, with the pinned journeys
 * behind its own, in the order given; its hash is tonight's. The caller frees it.
 *
 * WF_ERR_FORMAT: a pin is damaged; WF_ERR_RULES: it reads what tonight's schema does not have, as
 * the sentence in `why` says.
 */
enum wf_status wf_pin_link(const struct wf_program *tonight, const struct wf_pinned *pins, size_t n,
                           const struct wf_alloc *alloc, struct wf_program **out,
                           struct wf_buf *why);

#endif
