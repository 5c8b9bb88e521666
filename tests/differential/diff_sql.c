/*
 * diff_sql.c - conditions against SQL.
 *
 * Makes a small member base full of missing cells, edges and duplicates, and some hundreds of
 * random conditions, each written twice: in the language and in SQL. `wayfare run` says for which
 * members a condition holds (a trigger on this Sunday tags them); sqlite3 is asked the same. The
 * two lists must be equal. The same for random figures over all members, and metrics.csv.
 *
 *   SEED=n COUNT=n WAYFARE=path diff_sql       one condition's text and members on a difference
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/tools/sqlshop.h"

enum { DEPTH = 3 };

static void write_metric(struct gen *g, unsigned i, FILE *rules, FILE *ask, FILE *list)
{
    wf_buf_reset(&g->way);
    wf_buf_reset(&g->sql);
    gen_metric(g, i);
    if (g->way.failed || g->sql.failed)
        exit(1);
    fputs(wf_buf_str(&g->way), rules);
    fputs(wf_buf_str(&g->sql), ask);
    fprintf(list, "f%u\n  %s  %s\n", i, wf_buf_str(&g->way), wf_buf_str(&g->sql));
}

/* rules.way, ask.sql, and conditions.txt: what to show when they differ. */
static void write_conditions(struct gen *g, unsigned count)
{
    FILE *rules = sqlshop_create("rules.way"), *ask = sqlshop_create("ask.sql"),
         *list = sqlshop_create("conditions.txt");
    fputs(sqlshop_schema_way, rules);
    fputs(sqlshop_schema_sql, ask);
    for (unsigned i = 0; i < count; i++) {
        wf_buf_reset(&g->way);
        wf_buf_reset(&g->sql);
        gen_condition(g, DEPTH);
        if (g->way.failed || g->sql.failed)
            exit(1);
        fprintf(rules, "trigger c%u when every sunday and %s then tag \"c%u\"\n", i,
                wf_buf_str(&g->way), i);
        fprintf(ask, "select 'c%u', member_id from members m where %s;\n", i, wf_buf_str(&g->sql));
        fprintf(list, "c%u\n  %s\n  %s\n", i, wf_buf_str(&g->way), wf_buf_str(&g->sql));
    }
    fputs(".output figures.sql.txt\n", ask);
    for (unsigned i = 0; i < count / 2; i++)
        write_metric(g, i, rules, ask, list);
    fclose(rules);
    fclose(ask);
    fclose(list);
}

/* The shell's part: run both, and bring their answers into one form. */
static const char run_both[] =
    "set -e; sqlite3 :memory: <ask.sql; sort -o sql.txt sql.txt\n"
    "\"$WAYFARE\" init --state state.db >log 2>&1 || { cat log; exit 2; }\n"
    "\"$WAYFARE\" run rules.way --data . --as-of 2026-11-22 --state state.db --out out >log 2>&1 ||"
    " { cat log; exit 2; }\n"
    "sqlite3 :memory: '.import --csv out/2026-11-22/actions.csv a' '.mode list'"
    " 'select name, member_id from a' | sort >way.txt\n"
    "sqlite3 :memory: '.import --csv out/2026-11-22/metrics.csv f' '.mode list'"
    " 'select metric, \"group\", value, members, unknown from f' >>way.txt\n"
    "cat figures.sql.txt >>sql.txt; sort -o sql.txt sql.txt; sort -o way.txt way.txt\n"
    "cmp -s sql.txt way.txt && exit 0\n"
    "diff sql.txt way.txt | grep '^[<>]' | sed 's/^</only in SQL: /; s/^>/only in Wayfare: /' "
    ">delta\n"
    "head -20 delta; echo \"($(wc -l <delta) lines differ, in\""
    " \"$(sed 's/.*: *//; s/|.*//' delta | sort -u | wc -l) conditions)\"\n"
    "for c in $(sed 's/.*: *//; s/|.*//' delta | sort -u | head -5); do\n"
    "  grep -A2 \"^$c\\$\" conditions.txt; done; exit 1\n";

int main(void)
{
    struct gen g;
    char folder[] = "/tmp/diff_sql.XXXXXX";
    unsigned seed = sqlshop_setting("SEED", 1), count = sqlshop_setting("COUNT", 400);
    if (!sqlshop_open("diff_sql", folder, seed, &g))
        return 64;
    wf_buf_init(&g.way, NULL, 0);
    wf_buf_init(&g.sql, NULL, 0);
    write_conditions(&g, count);
    wf_buf_release(&g.way);
    wf_buf_release(&g.sql);
    int status = sqlshop_sh(run_both);
    if (status == 0)
        status =
            sqlshop_sh("[ $(cut -d'|' -f1 sql.txt | uniq | wc -l) -gt 100 ]"); /* not all empty */
    return sqlshop_close("diff_sql", folder, seed, status,
                         "conditions: the same members and figures as SQL", count);
}
