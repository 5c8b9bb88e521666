/*
 * zonefile.h - a time zone by its name, from the system's zone files.
 */
#ifndef WF_RUN_ZONEFILE_H
#define WF_RUN_ZONEFILE_H

#include "lang/base/buf.h"
#include "lang/base/zone.h"
#include "lang/lang.h"

/*
 * "Asia/Shanghai" from /usr/share/zoneinfo, whatever the environment says; "UTC" needs no file.
 * Free it with wf_zone_free. WF_ERR_USAGE: not the name of a zone; WF_ERR_MISSING: there is no such
 * zone on this machine; WF_ERR_DATA: its file is damaged. `why` (may be NULL) receives a line.
 */
enum wf_status wf_zone_load(const char *name, const struct wf_alloc *alloc,
                            struct wf_zone **zone_out, struct wf_buf *why);

/* The compiler's question (lang/sema/front.h): is there such a zone? If not, those that the
 * system's tzdata.zi lists are offered. */
bool wf_zone_known(const char *name, wf_offer_fn *offer, void *to);

#endif
