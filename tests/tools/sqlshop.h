/*
 * sqlshop.h - a small member base full of missing cells, edges and duplicates, for the language and
 * for SQL: what the tests against sqlite3 share.
 */
#ifndef WF_TESTS_SQLSHOP_H
#define WF_TESTS_SQLSHOP_H

#include <stdio.h>

#include "tests/tools/sqlgen.h"

/* The schema of members.csv and orders.csv, as rules and as SQL that imports them. */
extern const char sqlshop_schema_way[], sqlshop_schema_sql[];

/* Makes the folder (a template of mkstemp's kind) and the exports in it, and goes there; the dice
 * are those of the seed. false: it said what is wrong. */
bool sqlshop_open(const char *program, char *folder, unsigned seed, struct gen *g);

/* Says how it went and answers main's code; the folder is kept where it failed. */
int sqlshop_close(const char *program, const char *folder, unsigned seed, int status,
                  const char *what, unsigned count);

FILE *sqlshop_create(const char *name);                         /* or exits */
int sqlshop_sh(const char *command);                            /* its exit code */
unsigned sqlshop_setting(const char *name, unsigned otherwise); /* of the environment */

#endif
