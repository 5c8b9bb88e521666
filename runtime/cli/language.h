/*
 * language.h - which language the program speaks: `--lang en|zh`, else what the locale says.
 *
 * Works where no locale is generated: the system's C.UTF-8 then stands for it. The catalogue lies
 * in $WAYFARE_LOCALE_DIR, else in `locale` beside the program (a build folder), else in
 * ../share/locale.
 */
#ifndef WF_CLI_LANGUAGE_H
#define WF_CLI_LANGUAGE_H

/*
 * Takes every `--lang X` and `--lang=X` that stands before a `--` out of argv[1 .. *argc - 1], and
 * speaks X from here on. Answers 0, or 64 after a mistake that was printed.
 */
int wf_language(int *argc, char **argv);

#endif
