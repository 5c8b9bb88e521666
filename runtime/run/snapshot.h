/*
 * snapshot.h - STATE.snap-N, the files beside the state: what nights to come need of exports.
 *
 *   read   control names a chain of them and their digests ─ mapped, their directories proved
 *   decide                 ─ the next one is written beside them, and made durable
 *   commit the state names the new one behind the others, or alone if it holds all they do
 *   after  those it does not name are removed
 *
 * A night that dies leaves those that its state names, and perhaps one more that nobody names and
 * the next run removes. The state is the authority: what it does not name, or
 * what is not what it names, is no snapshot of it.
 */
#ifndef WF_RUN_SNAPSHOT_H
#define WF_RUN_SNAPSHOT_H

#include "lang/base/limits.h"
#include "runtime/data/snap.h"
#include "runtime/run/stream.h"

struct wf_running;

struct wf_snapshot {
    struct wf_snap past[WF_MAX_SNAPSHOTS]; /* what nights before kept, oldest first */
    const void *bytes[WF_MAX_SNAPSHOTS];   /* of their files */
    size_t len[WF_MAX_SNAPSHOTS];
    uint32_t n_past, n_mapped;
    bool had_nothing; /* nights before read nothing that is kept */
    bool keeps; /* `next` takes what tonight keeps */
    struct wf_snap_writer next;
    struct wf_stream file; /* of `next` */
    bool staged;           /* it was made */
    bool sealed; /* the state may name it by now, even if the commit seemed to fail: it stays */
};

/*
 * Opens the snapshots of the state, unless exports are said to be full or there is none.
 * WF_ERR_MISSING: a file is gone; WF_ERR_STATE: it is damaged or another state's, or the feed of
 * members holds changes and nobody kept what they change; each with the mend in words.
 */
enum wf_status wf_snapshot_open(struct wf_running *r);

/* Begins the next one, whose file is made when there is something in it. */
enum wf_status wf_snapshot_begin(struct wf_running *r);

/* Finishes it and names it in the state, which is not saved yet. */
enum wf_status wf_snapshot_seal(struct wf_running *r);

/* Waits until it lasts: before a state that names it is saved. Any thread may; what fails is to be
 * told by another call. */
enum wf_status wf_snapshot_sync(struct wf_running *r);
enum wf_status wf_snapshot_told(struct wf_running *r, enum wf_status st);

/* Removes every snapshot but those that the state, as it is saved, names. */
enum wf_status wf_snapshot_sweep(struct wf_running *r);

/* Removes tonight's own, of a night that is not to be committed. */
enum wf_status wf_snapshot_drop(struct wf_running *r);

/* Lets go of files; of a night that did not come so far as to be sealed, its own is removed. */
void wf_snapshot_end(struct wf_running *r);

#endif
