/*
 * options.h - the options of a command: one table, read the same way everywhere.
 *
 * `--name value` and `--name=value` (`-n value` where the name is one letter); options may stand
 * before or after operands; `--` ends them; `-` alone is an operand (standard input). `--help`
 * prints the command's usage and its options; `--help=table` the options alone, a line each for
 * scripts: name, kind, value, help.
 */
#ifndef WF_CLI_OPTIONS_H
#define WF_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wf_option_kind {
    WF_OPT_FLAG,
    WF_OPT_TEXT,
    WF_OPT_TEXTS,
    WF_OPT_NUMBER,
    WF_OPT_SIZE, /* bytes: 500M, 4G */
    WF_OPT_CHOICE
};

/* The values of an option that may be given several times; `items` has room for as many as there
 * are arguments. */
struct wf_option_texts {
    const char **items;
    size_t n;
};

struct wf_option {
    const char *name; /* without the dashes; NULL ends the table */
    enum wf_option_kind kind;
    void *to; /* bool, const char *, struct wf_option_texts or int64_t; CHOICE: int64_t, the
                 choice's place */
    const char *value; /* what the help calls the value; CHOICE: "csv|jsonl" */
    const char *help;
    int64_t min, max; /* NUMBER, SIZE */
};

enum { WF_OPTIONS_GO = -1 };

/*
 * Reads argv[1 ..] and leaves the operands, in order, in argv[1 .. *n_operands_out]. Answers
 * WF_OPTIONS_GO, or the exit code of a command that has nothing left to do (0 after --help, 64
 * after a mistake that was printed).
 */
int wf_options(int argc, char **argv, const struct wf_option *table, int *n_operands_out);

/* Prints `wayfare COMMAND: message` and answers 64. */
int wf_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The name of the list that `word` most likely meant; NULL: none is near. `names` ends with NULL.
 */
const char *wf_nearest(const char *word, const char *const *names);

#endif
