/*
 * disk.h - what a power cut leaves of a folder: a model of a disk that owes nothing to anybody but
 * what was synced.
 *
 * A recording holds a folder as it was and every change since. At any point of it the power may
 * go; then there is left
 *
 *   of a file     what it held when it was last synced, and of the writes and truncations since
 *                 any subset, writes in sectors of 512 bytes; where a file grew but what was
 *                 written did not survive, there are zeros or rubbish
 *   of a folder   the names it had when it was last synced, and of the creations, renames and
 *                 removals since any subset (each rename as a whole)
 *
 * What survives is drawn by a seed. A file that was synced under a name that was not is lost.
 */
#ifndef WF_TESTS_DISK_H
#define WF_TESTS_DISK_H

#include "tests/fault/calls.h"

enum disk_weakness { DISK_SOUND, DISK_FILES_UNSYNCED, DISK_FOLDERS_UNSYNCED };

struct disk;

/* Starts from the folder as it is, all of it safe. With a weakness, syncs below `out` (of its
 * files, of its folders) do nothing. */
struct disk *disk_new(const char *root, enum disk_weakness weakness);
void disk_free(struct disk *disk);

/* The hook that records. */
struct calls_hook disk_hook(struct disk *disk);

/* How many changes and syncs were recorded. */
unsigned disk_steps(const struct disk *disk);

/* After that many steps: whether there is such a file, for who looks before the power goes. */
bool disk_sees(struct disk *disk, unsigned steps, const char *path);

/* The power goes after that many steps: what is left is put into the folder, in place of all that
 * the recording was about. */
void disk_cut(struct disk *disk, unsigned steps, uint64_t seed, const char *root);

#endif
