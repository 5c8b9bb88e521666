/*
 * exporter.h - the exporter's manifest: manifest.json in the data folder, by which whoever wrote
 * the exports vouches for them. It may be absent.
 *
 *   {
 *     "complete_until": "2026-11-22T00:00",
 *     "files": {
 *       "members.csv":   { "rows": 2469, "sha256": "9f86d081..." },
 *       "orders.csv.gz": { "rows": 0, "complete_since": "2024-01-01" }
 *     }
 *   }
 *
 * Every member may be left out, nothing else may stand there. complete_until: everything that
 * happened before it is in the files. files: every file that a feed reads is listed; rows do not
 * count the header; sha256 is of the bytes on the disk. complete_since: the file's events reach
 * back to then. Dates mean their local midnight.
 */
#ifndef WF_DATA_EXPORTER_H
#define WF_DATA_EXPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/zone.h"
#include "runtime/data/digest.h"
#include "runtime/data/fault.h"

#define WF_EXPORTER_FILE "manifest.json"

struct wf_exporter_file {
    char *name;
    bool has_rows, has_sha256, has_since;
    uint64_t rows;
    char sha256[WF_HEX_SHA256]; /* lower case */
    int64_t since;
};

struct wf_exporter {
    const struct wf_alloc *alloc;
    bool lists;                     /* it has `files` */
    struct wf_exporter_file *files; /* by name */
    size_t n_files;
    int64_t until; /* WF_NO_UNTIL: it does not say */
};
#define WF_NO_UNTIL INT64_MIN

/*
 * Reads the manifest of an open folder. Without one: WF_OK, and nothing is vouched for. WF_ERR_DATA
 * if it is not as above, WF_ERR_PERM if it is no regular file; WF_ERR_IO, WF_ERR_NOMEM. Release it
 * in any case.
 */
enum wf_status wf_exporter_read(const struct wf_alloc *alloc, int dir, const struct wf_zone *zone,
                                struct wf_exporter *out, struct wf_fault *fault);
void wf_exporter_release(struct wf_exporter *exporter);

/* What is said of a file; NULL: nothing. */
const struct wf_exporter_file *wf_exporter_find(const struct wf_exporter *exporter,
                                                const char *name);

/* A file that was read is what the manifest says: WF_ERR_DATA, with the figures, if not. Where that
 * names a sha256, the fingerprint has one. */
enum wf_status wf_exporter_check(const struct wf_exporter *exporter, const char *name,
                                 uint64_t rows, const struct wf_fingerprint *fingerprint,
                                 struct wf_fault *fault);

/* Every file that is listed lies in the folder: WF_ERR_MISSING if not. */
enum wf_status wf_exporter_all_there(const struct wf_exporter *exporter, int dir,
                                     struct wf_fault *fault);

#endif
