/*
 * exercise.h - does with a verified program all that a night does, over data made for it.
 */
#ifndef WF_TESTS_EXERCISE_H
#define WF_TESTS_EXERCISE_H

#include "lang/code/program.h"

/*
 * Prints the program, runs the machine over random data, and asks the row evaluator for outputs,
 * due times, reasons and texts of some members. NULL, or what was not as it must be.
 */
const char *exercise(const struct wf_program *program, uint64_t seed);

#endif
