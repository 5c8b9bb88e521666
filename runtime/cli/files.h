/*
 * files.h - the files that are built into the program: runtime/cli/files, each under its path
 * there.
 */
#ifndef WF_CLI_FILES_H
#define WF_CLI_FILES_H

#include <stddef.h>

struct wf_cli_file {
    const char *name, *bytes; /* a NUL behind the bytes */
    size_t len;
};

extern const struct wf_cli_file wf_cli_files[]; /* ends with a NULL name */

/* The text of one that is known to be there. */
const char *wf_cli_text(const char *name);

#endif
