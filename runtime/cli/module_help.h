/*
 * module_help.h - what the modules of the library are for, from their own comments.
 *
 * A module begins with a comment `# std.NAME: what it is for`; std.NAME.zh says the same in Chinese
 * and gives the names in Chinese. Where Chinese is spoken, the twin speaks first.
 */
#ifndef WF_CLI_MODULE_HELP_H
#define WF_CLI_MODULE_HELP_H

#include <stdbool.h>

/* Prints every module with its first sentence; `plain`: the names alone, a line each. */
void wf_help_modules(bool plain);

/* Prints the documentation of a module: what it is for, the columns of the exports that it reads,
 * and its declarations as they stand. false: there is no such module. */
bool wf_help_module(const char *name);

#endif
