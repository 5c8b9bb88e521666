/*
 * release.h - a night's folder on its way out: staging, name, marker.
 */
#ifndef WF_RUN_RELEASE_H
#define WF_RUN_RELEASE_H

#include "lang/base/zone.h"
#include "runtime/run/fs.h"
#include "runtime/store/store.h"

enum { WF_FOLDER_NAME = 32 };
#define WF_HELD_FOLDER ".held" /* behind the name of a night that waits for approval */

/* The name of the night of T: its local date, with the clock when T is no midnight. */
void wf_night_folder(const struct wf_zone *zone, int64_t now, char out[WF_FOLDER_NAME]);

/* The T a folder's name stands for; false: not the name of a night. */
bool wf_night_time(const struct wf_zone *zone, const char *name, int64_t *time_out);

/* out/NAME with something before and behind, in a buffer to be released. NULL: no memory. */
const char *wf_out_path(struct wf_buf *buf, const char *out, const char *before, const char *name,
                        const char *behind);

/*
 * Brings the night of a PUBLISHING run row into the open: renames its staging folder unless that
 * was done, proves the manifest's digest, commits PUBLISHED, writes the marker. Doing it again does
 * no harm. For a PUBLISHED row only the marker is restored.
 */
enum wf_status wf_release_night(const struct wf_fs *fs, struct wf_store *store, const char *out,
                                struct wf_run_row *run, struct wf_buf *why);

/* Whether a file has that digest (hex): WF_ERR_MISSING: there is none; WF_ERR_STATE: it has not. */
enum wf_status wf_prove_file(const struct wf_fs *fs, const char *path, const char *sha256);

/*
 * The folder of a night that was published is there, and holds the manifest that the state knows:
 * WF_ERR_STATE, in words, if it is gone or another. It cannot be made again.
 */
enum wf_status wf_check_published(const struct wf_fs *fs, const char *out,
                                  const struct wf_run_row *run, struct wf_buf *why);

/* Removes what a crash left of nights before they were committed or held: every folder whose name
 * is a night's with that before and behind it. */
enum wf_status wf_clear_nights(const struct wf_fs *fs, const struct wf_zone *zone, const char *out,
                               const char *before, const char *behind);

/* WF_ERR_STATE if the output folder holds a night later than `last` (WF_RUN_NONE: any night). */
enum wf_status wf_check_outputs(const struct wf_fs *fs, const struct wf_zone *zone, const char *out,
                                const struct wf_run_row *last, struct wf_buf *why);

#endif
