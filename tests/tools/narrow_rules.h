/*
 * narrow_rules.h - random rules whose limits lie close together, so that many of their conditions
 * clash, or meet in one point.
 */
#ifndef TESTS_TOOLS_NARROW_RULES_H
#define TESTS_TOOLS_NARROW_RULES_H

#include <stdint.h>

#include "lang/base/buf.h"

/* Appends a program: segments that use each other, a classify, triggers of all kinds of moment. */
void narrow_rules(uint64_t seed, struct wf_buf *out);

/* Appends a program of triggers that all set one field to different values. */
void narrow_settings(uint64_t seed, unsigned rules, struct wf_buf *out);

#endif
