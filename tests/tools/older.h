/*
 * older.h - makes a state what an earlier version would have written.
 */
#ifndef WF_TESTS_OLDER_H
#define WF_TESTS_OLDER_H

#include <stdbool.h>

/* Of format 2, 3, 4 or 5; answers whether that could be done. Rows of the ledger lose what the
 * format does not know. */
bool make_older(const char *path, int format);

#endif
