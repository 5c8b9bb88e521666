/* Compiled for machines with AVX-512 (Makefile, CFLAGS_scan_avx512); run only where wf_scanner_pick
 * says. */
#include "runtime/data/scan_loop.h"

#ifdef __AVX512VBMI2__
static void avx512_index(const char *text, size_t len, char delimiter, struct wf_index *index)
{
    index_text(text, len, delimiter, index);
}

static void avx512_edge(const char *text, size_t len, struct wf_edge *edge)
{
    edge_text(text, len, edge);
}

const struct wf_scanner wf_scanner_avx512 = {avx512_index, avx512_edge};
#endif
