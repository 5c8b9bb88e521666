/* Compiled for machines with AVX2 (Makefile, CFLAGS_scan_avx2); run only where wf_scanner_pick
 * says. */
#include "runtime/data/scan_loop.h"

#ifdef __AVX2__
static void avx2_index(const char *text, size_t len, char delimiter, struct wf_index *index)
{
    index_text(text, len, delimiter, index);
}

static void avx2_edge(const char *text, size_t len, struct wf_edge *edge)
{
    edge_text(text, len, edge);
}

const struct wf_scanner wf_scanner_avx2 = {avx2_index, avx2_edge};
#endif
