/*
 * compiled.h - rules that lie in memory, and programs made of them.
 */
#ifndef TESTS_TOOLS_COMPILED_H
#define TESTS_TOOLS_COMPILED_H

#include "lang/lang.h"

/* A row of a list that ends with a NULL path. */
struct file {
    const char *path, *text;
};

/* Reads those files and no others; the list must outlive it. */
struct wf_loader loader_of(const struct file *files);

/* The program of one text, verified; rules that do not compile fail the test. */
struct wf_program *compiled(const char *text);

#endif
