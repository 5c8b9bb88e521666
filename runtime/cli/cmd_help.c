#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "lang/syntax/diag.h"
#include "runtime/cli/cli.h"

static void list_commands(void)
{
    puts(wf_word("usage: wayfare COMMAND [OPTIONS] [FILES]\n"));
    for (const struct wf_command *c = wf_commands; c->name; c++)
        printf("  %-10s %s\n", c->name, wf_word(c->summary));
}

/* The explanation of a code, in lines that fit a terminal. */
static void explain(enum wf_code code)
{
    enum { WIDTH = 78 };
    printf("%s: %s\n\n", wf_code_text(code), wf_code_title(code));
    size_t column = 0;
    for (const char *word = wf_code_help(code); *word;) {
        size_t len = strcspn(word, " ");
        if (column && column + 1 + len > WIDTH) {
            putchar('\n');
            column = 0;
        }
        printf(column ? " %.*s" : "%.*s", (int)len, word);
        column += len + (column > 0);
        word += len;
        word += strspn(word, " ");
    }
    putchar('\n');
}

int cmd_help(int argc, char **argv)
{
    if (argc < 2) {
        list_commands();
        return 0;
    }
    for (const struct wf_command *c = wf_commands; c->name; c++) {
        if (strcmp(c->name, argv[1]) == 0) {
            printf(wf_word("usage: wayfare %s\n\n%s\n"), c->usage, wf_word(c->summary));
            return 0;
        }
    }
    enum wf_code code = wf_code_find(argv[1]);
    if (code != WF_CODE_COUNT_) {
        explain(code);
        return 0;
    }
    fprintf(stderr, wf_word("wayfare: no command or code '%s'\n"), argv[1]);
    return 64;
}
