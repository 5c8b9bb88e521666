/*
 * tree.h - what a night leaves on the disk: its state and its outputs, to be copied, taken away and
 * compared. Folders of exports (data...) in the same place are left alone.
 */
#ifndef WF_TESTS_TREE_H
#define WF_TESTS_TREE_H

#include "lang/base/buf.h"

void tree_clear(const char *root);
void tree_copy(const char *from, const char *to); /* into a folder that is made if need be */

/*
 * One line for each file and folder, with its size and hash; for the state, one for each table with
 * the hash of its rows (the same rows in other pages are the same state). Opens the state, so a
 * journal it has left is played back.
 */
void tree_digest(const char *root, struct wf_buf *out);

/* The lines that only one of two digests has. */
void tree_difference(const char *expect, const char *got, struct wf_buf *out);

/* Statements upon a state. */
void tree_sql(const char *state, const char *sql);

/* A folder that a campaign may fill, in memory where the machine has such a place. */
void tree_scratch(char out[64]);
void tree_remove(const char *root); /* with everything in it */

#endif
