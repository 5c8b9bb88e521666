/*
 * cli.h - the command line: one table of commands, one file a command (cmd_NAME.c).
 *
 * Only this folder prints and only main exits. A command answers an exit code (status.h).
 */
#ifndef WF_CLI_CLI_H
#define WF_CLI_CLI_H

struct wf_command {
    const char *name, *summary, *usage;
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

/* COMMAND(name, "summary", "usage") */
#define COMMAND(name, summary, usage) int cmd_##name(int argc, char **argv);
#include "runtime/cli/commands.def"
#undef COMMAND

extern const struct wf_command wf_commands[]; /* ends with a NULL name */
extern const char *const wf_command_names[];  /* the same, ends with NULL */

/* NULL: there is none of that name. */
const struct wf_command *wf_command_find(const char *name);

#endif
