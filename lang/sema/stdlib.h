/*
 * stdlib.h - the modules that are built into the program: stdlib/NAME.way as "std.NAME".
 *
 * The array is made from the files at build time (tests/tools/embed.sh) and ends with a NULL name.
 */
#ifndef WF_SEMA_STDLIB_H
#define WF_SEMA_STDLIB_H

#include <stddef.h>

struct wf_stdlib_file {
    const char *name, *text; /* "std.retail"; its bytes, a NUL behind them */
    size_t len;
};

extern const struct wf_stdlib_file wf_stdlib_files[];

#endif
