/*
 * delimiter.h - what separates the cells of a CSV file.
 */
#ifndef WF_DATA_DELIMITER_H
#define WF_DATA_DELIMITER_H

#include <stddef.h>

/* The most frequent of comma, semicolon and tab outside quotes; a comma where they tie. */
char wf_header_delimiter(const char *line, size_t len);

#endif
