/*
 * relay.h - the rows of a night, written by whoever has time: some thousand together into memory,
 * and handed on in their order. The bytes are the same however many took part.
 */
#ifndef WF_RUN_RELAY_H
#define WF_RUN_RELAY_H

#include "runtime/run/rows.h"

struct wf_relay;

/* Borrows the night. NULL: no memory. */
struct wf_relay *wf_relay_new(const struct wf_publish *publish);
void wf_relay_free(struct wf_relay *relay);

/* For a thread more: writes rows while a processor is lent for it, until there are none left or
 * nobody wants them. */
void wf_relay_help(struct wf_relay *relay);
/* Whoever has nothing to do, or waits for the disk, lends theirs; and takes it back. */
void wf_relay_lend(struct wf_relay *relay, bool lent);

/* All that left into the sheet, then, asked again, all that was stopped. Failures are the sheet's.
 */
void wf_relay_put(struct wf_relay *relay, struct wf_sheet *sheet, bool stopped);

/* Nobody wants rows any more: who helps returns. */
void wf_relay_stop(struct wf_relay *relay);

#endif
