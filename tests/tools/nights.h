/*
 * nights.h - a chain in a scratch folder, run night by night from C: rules and exports as strings,
 * what was published as one line.
 */
#ifndef TESTS_TOOLS_NIGHTS_H
#define TESTS_TOOLS_NIGHTS_H

#include "lang/base/buf.h"
#include "lang/lang.h"
#include "runtime/run/night.h"

struct chain {
    char dir[64];
    char data[32];       /* name of the exports' folder in it */
    char state[32];      /* and of the state: shop.db */
    struct wf_buf rules; /* the main file */
    struct wf_compiled compiled;
    struct wf_zone *zone; /* NULL: the rules are not compiled yet */
    struct wf_buf why;    /* of the last run that failed */
    unsigned threads, batch;
    uint64_t event_memory; /* 0: any */
    bool dry_run, jsonl, full, sha256, accept_volume;
    uint64_t max_actions;               /* 0: any number */
    const struct wf_approval *approval; /* NULL: a run, no release of a held night */
    const struct wf_fs *fs;             /* NULL: the operating system's */
    const struct wf_alloc *alloc;       /* of the run and its store, not of the compiler */
};

/* A scratch folder with a fresh state; every chain must be closed. */
void chain_open(struct chain *chain);
void chain_close(struct chain *chain);

/* cmocka's: *state is a chain, opened and closed. */
int chain_setup(void **state);
int chain_teardown(void **state);

/* Other rules and exports (a folder of that name, made) over the state of a chain that is open. */
void chain_join(struct chain *chain, const char *dir, const char *data);
void chain_leave(struct chain *chain);

/* The rules from now on; `import std.retail` is put above them. */
void chain_rules(struct chain *chain, const char *text);

/* One export, by name, from now on; NULL takes it away. */
void chain_feed(struct chain *chain, const char *name, const char *text);

/* The night of `as_of`; the first run compiles the rules. */
enum wf_status chain_run_quietly(struct chain *chain, const char *as_of,
                                 struct wf_run_result *result);

/*
 * Runs the night of `as_of` and appends "member:name" for each action that left and
 * "member:name!gate" for each that was stopped, in the order of the files, separated by spaces. A
 * night that was run before adds "(already)".
 */
enum wf_status chain_run(struct chain *chain, const char *as_of, struct wf_buf *out);

/* The same, and what came must be `expect`; a refused night is "refused NN", its exit code. */
void chain_night(struct chain *chain, const char *as_of, const char *expect);

#endif
