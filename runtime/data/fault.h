/*
 * fault.h - why a feed cannot be read, in one sentence that names file and line.
 */
#ifndef WF_DATA_FAULT_H
#define WF_DATA_FAULT_H

#include <stdint.h>

#include "lang/base/status.h"

struct wf_fault {
    enum wf_status status; /* WF_OK: nothing happened */
    char text[600];
};

/* Fills the fault unless it is filled already, and answers its status. A line of 0 is left out.
 * The format is looked up in the reader's language (lang/base/words.h). */
enum wf_status wf_fault_set(struct wf_fault *fault, enum wf_status status, const char *file,
                            uint64_t line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
