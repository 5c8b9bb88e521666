/*
 * rules.h - rule files and compiled programs, for every command that takes them.
 */
#ifndef WF_CLI_RULES_H
#define WF_CLI_RULES_H

#include "lang/lang.h"

/*
 * Reads rule files from the disk ("-": standard input). Only regular files: a symbolic link, a pipe
 * or a device is WF_ERR_PERM. Over WF_MAX_PROGRAM bytes is WF_ERR_LIMIT.
 */
struct wf_loader wf_cli_loader(void);

/* A file that is read from memory and not from the disk: standard input under a name. */
struct wf_overlay {
    const char *path;
    char *bytes; /* of malloc; the owner's */
    size_t len;
};

/* Fills an overlay with what stands in standard input, or else in the file. */
enum wf_status wf_cli_overlay(const char *path, bool input, struct wf_overlay *out);

/* The loader above, but for the overlay's path, which it lends. */
struct wf_loader wf_cli_overlaid(struct wf_overlay *overlay);

/* Prints diagnostics to standard error, in colour on a terminal unless NO_COLOR is set; notes, that
 * ask for nothing, only where they are wanted. */
void wf_cli_diags(const struct wf_diags *diags, bool notes);

/*
 * Compiles rules, or loads and verifies a compiled program (told apart by the first bytes), and
 * says on standard error whatever there is to say. Release *out with wf_compiled_release whatever
 * it answers.
 */
enum wf_status wf_cli_program(const char *path, struct wf_compiled *out);

/* The same, but warnings are kept back when nothing is wrong: they are not for a night's log. */
enum wf_status wf_cli_program_quietly(const char *path, struct wf_compiled *out);

/* Prints "wayfare: PATH: what went wrong" for a status that no diagnostic explains. */
void wf_cli_fail(const char *path, enum wf_status status, const char *why);

/*
 * Puts a file in place at once: written beside `path` with no rights for others, synced, renamed.
 * WF_ERR_IO or WF_ERR_PERM; then `path` is as it was.
 */
enum wf_status wf_cli_write(const char *path, const void *bytes, size_t len);

/* The same for a file that is there: it keeps its rights. */
enum wf_status wf_cli_rewrite(const char *path, const void *bytes, size_t len);

#endif
