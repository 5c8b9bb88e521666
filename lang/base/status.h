/*
 * status.h - what a function of the library answers.
 *
 * Every function that can fail returns an enum wf_status; 0 is success. A function that fails
 * leaves its arguments as they were unless its header says otherwise. The library never prints
 * and never exits: the command line turns a status into an exit code (wf_status_exit).
 */
#ifndef WF_BASE_STATUS_H
#define WF_BASE_STATUS_H

enum wf_status {
    WF_OK = 0,
    WF_ERR_FINDINGS = -1, /* check, test, fmt --check, diff: there is something to say    (1) */
    WF_ERR_USAGE = -2,    /* the caller asked for something that has no meaning          (64) */
    WF_ERR_DATA = -3,     /* an export is not what it should be                          (65) */
    WF_ERR_MISSING = -4,  /* an input is not there                                       (66) */
    WF_ERR_INTERNAL = -5, /* a promise of ours is broken                                 (70) */
    WF_ERR_NOMEM = -6,    /* no memory                                                   (70) */
    WF_ERR_IO = -7,       /* the operating system refused a read or a write              (74) */
    WF_ERR_BUSY = -8,     /* another run holds the state; try again                      (75) */
    WF_ERR_PERM = -9,     /* not allowed: a symlink, a device, a path outside            (77) */
    WF_ERR_RULES = -10,   /* the rules do not compile; diagnostics say why               (78) */
    WF_ERR_STATE = -11,   /* the state is foreign, older than its outputs, or broken     (78) */
    WF_ERR_FORMAT = -12,  /* a compiled program is damaged, hostile or of another version(78) */
    WF_ERR_LIMIT = -13,   /* a named limit of limits.h was hit                           (65) */
    WF_ERR_HELD = -14,    /* the night waits for approval                                (80) */
};

/* The exit code of the command line for a status (runtime manual, "Exit status"). */
int wf_status_exit(enum wf_status status);

/* A short phrase for a status, in the reader's language (words.h), static. */
const char *wf_status_text(enum wf_status status);

#endif
