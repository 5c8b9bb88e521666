/*
 * table.h - small CSV files as `check --data` looks into them.
 */
#ifndef WF_CLI_TABLE_H
#define WF_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first line of a CSV file. */
struct wf_cli_table {
    char *line;     /* without its end; NULL: it cannot be read, or is not plain UTF-8 text */
    char **columns; /* names, quotes off */
    size_t n_columns;
    char delimiter;
};

struct wf_piece_of {
    uint32_t start, end; /* bytes */
};

/* Reads the header of a file of the folder; what cannot be read leaves it empty. */
void wf_cli_table_header(struct wf_cli_table *table, const char *dir, const char *name);
void wf_cli_table_release(struct wf_cli_table *table);

/* Where the n-th cell of a row stands, quotes included; false: the row is shorter. */
bool wf_cli_cell(const char *row, size_t len, char delimiter, size_t n, struct wf_piece_of *out);

#endif
