/*
 * mend.h - carries out the certain mends of diagnostics, in files or in a text from standard input.
 */
#ifndef WF_CLI_MEND_H
#define WF_CLI_MEND_H

#include "runtime/cli/rules.h"

/*
 * Mends `path` and what it imports, and checks again, until nothing is left that can be mended.
 * Each file is replaced whole and keeps its rights. With an overlay only its text is mended, in
 * memory, and no file is touched; what is built in never is. Appends a line for each mend to
 * `said`, and counts them. Else the status of reading or writing.
 */
enum wf_status wf_mend(const char *path, struct wf_overlay *overlay, struct wf_buf *said,
                       size_t *mended_out);

#endif
