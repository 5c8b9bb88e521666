/*
 * snap_form.h - what the writer and the reader of snapshots share.
 */
#ifndef WF_DATA_SNAP_FORM_H
#define WF_DATA_SNAP_FORM_H

#include "runtime/data/snap.h"

#define WF_SNAP_MAGIC "WFSNAP03"
#define WF_SNAP_OLD_MAGIC "WFSNAP02" /* the same without serial numbers */
enum { WF_SNAP_MAGIC_LEN = 8, WF_SNAP_TAIL = 24, WF_SNAP_BLOCK_SIZE = 44 };

void wf_snap_digest(const void *directory, size_t len, unsigned char out[WF_SNAP_DIGEST]);
void wf_snap_feeds_free(const struct wf_alloc *alloc, struct wf_snap_feed *feeds, size_t n);

#endif
