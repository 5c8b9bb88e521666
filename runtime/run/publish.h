/*
 * publish.h - the files of a night: written once into a staging folder, each with its digest.
 *
 *   actions.csv (or .jsonl)     what should be done, by member id (bytes), then rule order
 *   suppressed.csv (or .jsonl)  what a gate stopped: the same columns and the gate
 *   rejects.csv                 rows of the exports that could not be taken
 *   segments.csv                segments and classes: size, entered, left
 *   metrics.csv                 the figures of the file's metrics, a row a group (where it has any)
 *   report.html                 the night for people (report.h)
 *   manifest.json               inputs and outputs with rows and sha256, rules, engine, T, counts
 */
#ifndef WF_RUN_PUBLISH_H
#define WF_RUN_PUBLISH_H

#include "runtime/data/digest.h"
#include "runtime/data/load.h"
#include "runtime/engine/engine.h"
#include "runtime/run/fs.h"
#include "runtime/run/html.h"
#include "runtime/run/lapsed.h"

enum wf_format { WF_FORMAT_CSV, WF_FORMAT_JSONL };

struct wf_publish {
    const struct wf_fs *fs;
    const struct wf_night *night;
    const struct wf_outcome *outcome;
    const struct wf_lapsed_row *lapsed; /* outcome->n_lapsed */
    const struct wf_load_report *report;
    const struct wf_rule_text *rules; /* the rules as they were written, for the report */
    size_t n_rules;
    enum wf_format format;
    bool dry_run;
    bool aside;          /* threads may be started */
    int64_t previous_t;  /* the run before, WF_NO_TIME: none */
    const char *plan;    /* of a night that is held, or was: its id; "" */
    const char *held;    /* why it is held, in lines; "" */
    int64_t approved_at; /* WF_NO_TIME: it was not */
};

struct wf_relay; /* relay.h */

/* Writes and syncs every file into the folder, which must be there, and the folder itself; the rows
 * are taken from the relay, which is stopped then. Fills in the manifest's digest. `why` (may be
 * NULL) receives a line about a failure. */
enum wf_status wf_publish_stage(const struct wf_publish *publish, struct wf_relay *relay,
                                const char *folder, char manifest_out[WF_HEX_SHA256],
                                struct wf_buf *why);

#endif
