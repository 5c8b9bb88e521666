#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "lang/syntax/diag.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/module_help.h"
#include "runtime/cli/options.h"

static void list_commands(void)
{
    puts(wf_word("usage: wayfare COMMAND [OPTIONS] [FILES]\n"));
    for (const struct wf_command *c = wf_commands; c->name; c++)
        printf("  %-10s %s\n", c->name, wf_word(c->summary));
}

static size_t character(const char *text)
{
    size_t len = 1;
    while (((unsigned char)text[len] & 0xC0) == 0x80)
        len++;
    return len;
}

/* A sign that never begins a line, where words are not parted by spaces. */
static bool is_closing(const char *text, size_t len)
{
    static const char *const signs[] = {"，", "。", "、", "；", "：", "）", "”"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
        if (strlen(signs[i]) == len && memcmp(signs[i], text, len) == 0)
            return true;
    return false;
}

/* How many bytes may not be parted by the end of a line: a word, or one character of a script that
 * has no spaces, and the signs that close it. */
static size_t piece(const char *text)
{
    size_t len = 0;
    while (text[len] && text[len] != ' ' && (unsigned char)text[len] < 0x80)
        len++;
    if (len == 0)
        len = character(text);
    while ((unsigned char)text[len] >= 0x80 && is_closing(text + len, character(text + len)))
        len += character(text + len);
    return len;
}

/* The explanation of a code, in lines that fit a terminal. */
static void explain(enum wf_code code)
{
    enum { WIDTH = 78 };
    printf("%s: %s\n\n", wf_code_text(code), wf_code_title(code));
    size_t column = 0;
    for (const char *text = wf_code_help(code); *text;) {
        size_t spaces = strspn(text, " ");
        text += spaces;
        size_t len = *text ? piece(text) : 0, width = wf_utf8_width(text, len);
        if (column && column + spaces + width > WIDTH) {
            putchar('\n');
            column = 0;
        }
        printf("%*s%.*s", column ? (int)spaces : 0, "", (int)len, text);
        column += (column ? spaces : 0) + width;
        text += len;
    }
    putchar('\n');
}

/* For the scripts that make the manual pages and the completions: name, summary, usage. */
static void print_table(void)
{
    for (const struct wf_command *c = wf_commands; c->name; c++)
        printf("%s\t%s\t%s\n", c->name, wf_word(c->summary), c->usage);
}

int cmd_help(int argc, char **argv)
{
    bool as_table = false;
    int n = 0;
    const struct wf_option table[] = {
        {"table", WF_OPT_FLAG, &as_table, NULL,
         N_("the commands (of std: the modules), a line each for scripts"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n > 1)
        return wf_usage("help", "one command, code or module, not '%s' as well", argv[2]);
    if (n == 0) {
        if (as_table)
            print_table();
        else
            list_commands();
        return 0;
    }
    if (strcmp(argv[1], "std") == 0) {
        wf_help_modules(as_table);
        return 0;
    }
    if (wf_help_module(argv[1]))
        return 0;
    const struct wf_command *c = wf_command_find(argv[1]);
    if (c)
        return c->run(2, (char *[]){argv[1], "--help", NULL});
    enum wf_code found = wf_code_find(argv[1]);
    if (found != WF_CODE_COUNT_) {
        explain(found);
        return 0;
    }
    fprintf(stderr, wf_word("wayfare: no command, code or module '%s'\n"), argv[1]);
    return 64;
}
