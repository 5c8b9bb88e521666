# Wayfare. `make help` lists the targets.

VERSION  := 0.1.0
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD    ?= build
PREFIX   ?= /usr/local
DESTDIR  ?=
LIBDIR   ?= $(PREFIX)/lib
ZSH_FUNCTIONS ?= site-functions
CSTD     := -std=c17 -D_GNU_SOURCE
WARN     := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla $(WERROR)
# What the library exports its own files may still inline: nobody is to put another function there.
HARDEN   := -fstack-protector-strong -fPIC -fno-semantic-interposition
OPT      ?= -O2 -g
SAN      ?=
# One line a file; `make V=1` shows the commands.
Q := $(if $(V),,@)
saying = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

CPPFLAGS += -I. -I$(BUILD)/gen -DWF_VERSION='"$(VERSION)"'
CFLAGS   += $(CSTD) $(WARN) $(HARDEN) $(OPT) $(SAN)
LDFLAGS  += $(SAN)
LIBS     := -lutf8proc -lxxhash -lsqlite3 -ljansson -lz -lzstd -lnettle -lpthread -lm
TESTLIBS := -lcmocka -lcsv

PACKAGES := gcc make flex bison pkg-config libsqlite3-dev libjansson-dev libutf8proc-dev zlib1g-dev \
            libzstd-dev nettle-dev libxxhash-dev libcmocka-dev libcsv-dev sqlite3 gettext scdoc zstd tzdata

LANG_DIRS    := base syntax sema ir code
RUNTIME_DIRS := data vm store engine run lsp
LIB_SRC := $(wildcard lang/*.c $(LANG_DIRS:%=lang/%/*.c) runtime/*.c $(RUNTIME_DIRS:%=runtime/%/*.c))
CLI_SRC := $(wildcard runtime/cli/*.c)
MO      := $(patsubst lang/po/%.po,$(BUILD)/locale/%/LC_MESSAGES/wayfare.mo,$(wildcard lang/po/*.po))
GEN_SRC := $(if $(wildcard lang/syntax/lexer.l),$(BUILD)/gen/lexer.c) \
           $(if $(wildcard lang/syntax/grammar.y),$(BUILD)/gen/grammar.c) \
           $(if $(wildcard stdlib/*.way),$(BUILD)/gen/stdlib_files.c) $(BUILD)/gen/report_files.c
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o) $(GEN_SRC:%.c=%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(BUILD)/obj/%.o) $(BUILD)/gen/cli_files.o
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
DIFF    := $(patsubst tests/differential/%.c,$(BUILD)/differential/%,$(wildcard tests/differential/diff_*.c))
TESTLIB := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/tools/*.c tests/naive/*.c))
COMMANDS := $(filter-out $(BUILD)/obj/runtime/cli/main.o,$(CLI_OBJ)) # those that change a state are crashed too
CRASH   := $(patsubst tests/crash/%.c,$(BUILD)/crash/%,$(wildcard tests/crash/*.c))
MEMORY  := $(BUILD)/obj/tests/fault/memory.o # malloc itself: only where allocations are to fail
FAULTLIB := $(filter-out $(MEMORY),$(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/fault/*.c)))

.PHONY: all
all: $(MO) $(BUILD)/wayfare $(BUILD)/libwayfare.a $(BUILD)/libwayfare.so ## build the program and the library

$(BUILD)/wayfare: $(CLI_OBJ) $(BUILD)/libwayfare.a | $(MO)
	$(call saying,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(CLI_OBJ) $(BUILD)/libwayfare.a $(LIBS)

$(BUILD)/libwayfare.a: $(LIB_OBJ)
	@rm -f $@
	$(call saying,AR,$@)
	$(Q)ar rcs $@ $(LIB_OBJ)

$(BUILD)/libwayfare.so: $(LIB_OBJ)
	$(call saying,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -Wl,-soname,libwayfare.so.0 -o $@ $(LIB_OBJ) $(LIBS)

ifeq ($(shell uname -m),x86_64)
CFLAGS_scan_avx2 := -mavx2 -mbmi -mbmi2 -mpopcnt # run only where the machine has them
CFLAGS_scan_avx512 := $(CFLAGS_scan_avx2) -mavx512bw -mavx512vbmi2
CFLAGS_plain_avx512 := -mavx512bw -mavx512dq -mavx512vl
endif

CFLAGS_narrow := -O3 # loops over whole columns, for the compiler to make vectors of
CFLAGS_kernel_bool := -O3 # likewise over words of bits
CFLAGS_snap_copy := -O3
CFLAGS_snap_read := -O3
CFLAGS_stage := -O3
CFLAGS_snap_write := -O3
CFLAGS_past_keep := -O3

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call saying,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS_$(notdir $*)) -MMD -MP -c -o $@ $<

$(BUILD)/locale/%/LC_MESSAGES/wayfare.mo: lang/po/%.po
	@mkdir -p $(@D)
	$(call saying,MSGFMT,$<)
	$(Q)msgfmt -o $@ $<

# ---- generated sources: made in the build folder, never committed ----

# What flex and bison write is not ours to warn about where the tools themselves are at fault.
GENFLAGS := -Wno-conversion -Wno-sign-conversion -Wno-unused-function -Wno-missing-prototypes -Wno-shadow

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(call saying,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) -Ilang/syntax $(CFLAGS) $(GENFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/grammar.c $(BUILD)/gen/grammar.h &: lang/syntax/grammar.y
	@mkdir -p $(@D)
	$(call saying,BISON,$<)
	$(Q)bison -Wall -Wcounterexamples -Werror --defines=$(BUILD)/gen/grammar.h -o $(BUILD)/gen/grammar.c $<

$(BUILD)/gen/lexer.c $(BUILD)/gen/lexer.h &: lang/syntax/lexer.l
	@mkdir -p $(@D)
	$(call saying,FLEX,$<)
	$(Q)flex --header-file=$(BUILD)/gen/lexer.h -o $(BUILD)/gen/lexer.c $<

$(BUILD)/gen/stdlib_files.c: tests/tools/embed.sh $(wildcard stdlib/*.way)
	@mkdir -p $(@D)
	$(call saying,EMBED,$@)
	$(Q)sh tests/tools/embed.sh lang/sema/stdlib.h wf_stdlib_file \
	  $(foreach f,$(sort $(wildcard stdlib/*.way)),std.$(basename $(notdir $f))=$f) > $@.new && mv $@.new $@

# The report's style and script, and the library that draws its charts: from npm, pinned by the lock
# file. Where that cannot be had, reports keep the charts they are published with.
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
REPORT := runtime/run/report
$(BUILD)/charts/chartist.js: $(REPORT)/package.json $(REPORT)/package-lock.json
	@mkdir -p $(@D)
	$(call saying,NPM,$@)
	$(Q)cp $^ $(@D)/ && if (cd $(@D) && timeout 120 $(NPM_CI)) >$(@D)/log 2>&1; \
	  then { echo '/* Chartist, MIT or WTFPL */'; \
	    sed '/sourceMappingURL/d' $(@D)/node_modules/chartist/dist/index.umd.js; } >$@; \
	  else : >$@; echo "  the report is built without its chart library (npm: $(@D)/log)"; fi

REPORT_FILES := $(REPORT)/page.css $(REPORT)/page.js $(BUILD)/charts/chartist.js
$(BUILD)/gen/report_files.c: tests/tools/embed.sh $(REPORT_FILES)
	@mkdir -p $(@D)
	$(call saying,EMBED,$@)
	$(Q)sh tests/tools/embed.sh runtime/run/report.h wf_report_asset \
	  $(foreach f,$(REPORT_FILES),$(notdir $f)=$f) > $@.new && mv $@.new $@

# What the program prints or scaffolds: runtime/cli/files, each under its path there.
CLI_FILES := $(sort $(shell find runtime/cli/files -type f))
# The exports of a new project are made up: new/LANGUAGE/data/FEED.csv.
NEW_DATA := $(foreach l,en zh,$(foreach w,members orders optouts,$(BUILD)/gen/new/$l/data/$w.csv))
$(NEW_DATA): runtime/cli/new_data.awk
	@mkdir -p $(@D)
	$(Q)LC_ALL=C awk -v lang=$(word 2,$(subst /, ,$(@:$(BUILD)/gen/%=%))) -v what=$(basename $(@F)) -f $< > $@.new && mv $@.new $@

$(BUILD)/gen/cli_files.c: tests/tools/embed.sh $(CLI_FILES) $(NEW_DATA)
	@mkdir -p $(@D)
	$(call saying,EMBED,$@)
	$(Q)sh tests/tools/embed.sh runtime/cli/files.h wf_cli_file \
	  $(foreach f,$(CLI_FILES),$(f:runtime/cli/files/%=%)=$f) \
	  $(foreach f,$(NEW_DATA),$(f:$(BUILD)/gen/%=%)=$f) > $@.new && mv $@.new $@

GEN_HDR := $(if $(wildcard lang/syntax/grammar.y),$(BUILD)/gen/grammar.h) \
           $(if $(wildcard lang/syntax/lexer.l),$(BUILD)/gen/lexer.h)
TEST_OBJ := $(patsubst $(BUILD)/%,$(BUILD)/obj/tests/%.o,$(UNIT) $(DIFF) $(CRASH))
.SECONDARY: $(TEST_OBJ)
$(LIB_OBJ) $(CLI_OBJ) $(TESTLIB) $(FAULTLIB) $(TEST_OBJ): | $(GEN_HDR)

# ---- tests ----

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(TESTLIB) $(BUILD)/libwayfare.a
	@mkdir -p $(@D)
	$(call saying,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(TESTLIB) $(BUILD)/libwayfare.a $(TESTLIBS) $(LIBS)

$(BUILD)/differential/%: $(BUILD)/obj/tests/differential/%.o $(TESTLIB) $(BUILD)/libwayfare.a
	@mkdir -p $(@D)
	$(call saying,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(TESTLIB) $(BUILD)/libwayfare.a $(TESTLIBS) $(LIBS)

$(BUILD)/crash/%: $(BUILD)/obj/tests/crash/%.o $(FAULTLIB) $(TESTLIB) $(COMMANDS) $(BUILD)/libwayfare.a
	@mkdir -p $(@D)
	$(call saying,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(TESTLIBS) $(LIBS)
$(BUILD)/crash/oom: $(MEMORY)

.PHONY: test check unit golden manuals formats-test pages-test shells conventions way-tests differential examples install-test
test: lint unit golden po-check manuals pages-test conventions way-tests differential examples install-test faults ## run every test (under ten minutes)
	@echo "all tests passed"
check: test ## the same as test

unit: $(UNIT) ## unit tests (cmocka)
	@set -e; for t in $(UNIT); do echo "== $$t"; $$t; done

golden: $(BUILD)/wayfare ## language tests as data; `make golden ACCEPT=--accept` takes the new output
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/golden.sh $(ACCEPT) tests/golden/*

manuals: $(BUILD)/wayfare ## the examples in the manuals
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/doc_examples.sh lang/REFERENCE.md lang/REFERENCE.zh.md README.md
	@bash tests/tools/manual_twins.sh lang/REFERENCE.md lang/REFERENCE.zh.md runtime/README.md runtime/README.zh.md

pages-test: pages ## the examples in the manual pages, and what bash completes
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/man_examples.sh $(ACCEPT) runtime/cli/pages/*.scd
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/completion_test.sh $(BUILD)/completion bash

shells: pages ## what bash, zsh and fish complete
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/completion_test.sh $(BUILD)/completion bash zsh fish

conventions: $(BUILD)/wayfare ## exit codes, help, a full disk on standard output, interrupts
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/conventions.sh

way-tests: $(BUILD)/wayfare ## the tests in the library's and the examples' rules, which see every branch
	@set -e; for f in $(wildcard stdlib/*.way examples/*/*.way); do \
	  $(BUILD)/wayfare test --quiet --min-coverage 100 $$(d=$$(dirname $$f)/tables; test ! -d $$d || echo --data $$d) $$f; done; echo "tests in rules: passed"
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/stdlib_test.sh

differential: $(DIFF) $(BUILD)/wayfare ## the machine against the row evaluator, and against SQL
	@set -e; for t in $(DIFF); do echo "== $$t"; WAYFARE=$(abspath $(BUILD)/wayfare) $$t; done

WEAKNESSES := synchronous-off files-unsynced folders-unsynced
.PHONY: faults crash power ioerr oom races
faults: $(CRASH) ## small editions of the campaigns below
	@$(BUILD)/crash/crash --stride 7 --deep 37 --least 500
	@$(BUILD)/crash/power --stride 59 --least 500
	@$(BUILD)/crash/ioerr --stride 17
	@$(BUILD)/crash/oom --stride 127
	@$(BUILD)/crash/races
	@bash tests/crash/proof.sh $(BUILD)/crash/proof
	@set -e; for w in $(WEAKNESSES); do $(BUILD)/crash/power --stride 151 --weaken $$w; done
crash: $(BUILD)/crash/crash ## kill a night, and the run that goes on, at every call that changes a file
	$(BUILD)/crash/crash --verbose --deep 3 --least 20000
ioerr: $(BUILD)/crash/ioerr ## fail every call on a file, with each error it may meet
	$(BUILD)/crash/ioerr --verbose
races: $(BUILD)/crash/races $(BUILD)/crash/proof ## two runs at once, states that no run may trust, a full disk
	$(BUILD)/crash/races
	@bash tests/crash/proof.sh $(BUILD)/crash/proof
oom: $(BUILD)/crash/oom ## fail every allocation, of the compiler and of nights
	$(BUILD)/crash/oom --verbose
power: $(BUILD)/crash/power ## cut the power at every write and sync of a night, on a disk that loses what it may
	$(BUILD)/crash/power --verbose --least 20000
	@set -e; for w in $(WEAKNESSES); do $(BUILD)/crash/power --stride 11 --weaken $$w; done

.PHONY: differential-long
differential-long: $(BUILD)/differential/diff_vm ## a hundred thousand random programs (half an hour)
	$(BUILD)/differential/diff_vm --count 600000

.PHONY: naive-long
naive-long: $(BUILD)/unit/test_naive ## twenty thousand random shops against the naive model (ten minutes)
	WF_NAIVE=20000 $<

.PHONY: histories-long
histories-long: $(BUILD)/unit/test_histories ## twenty thousand shops over sixty nights, exported whole, by change, mixed (an hour)
	WF_HISTORIES=20000 $<

formats-test: $(BUILD)/wayfare ## SARIF, JSON, JUnit and the CI templates by independent validators (npm, pip)
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/formats_test.sh $(BUILD)/formats-test

examples: $(BUILD)/wayfare ## every example against its expected output
	@set -e; for t in $(wildcard examples/*/test.sh); do echo "== $$t"; \
	  WAYFARE=$(abspath $(BUILD)/wayfare) bash $$t; done

.PHONY: agree
agree: $(BUILD)/wayfare ## what explain says before every night of winback_90_nights against what was done (half an hour)
	@rm -rf $(BUILD)/agree
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash examples/winback_90_nights/agree.sh $(abspath $(BUILD))/agree all

.PHONY: schema-test
schema-test: $(BUILD)/wayfare ## what explain prints as JSON, by an independent validator (python3-jsonschema)
	@$(BUILD)/wayfare explain --schema >$(BUILD)/explain.schema.json
	@sed -n 's/^  | \({"member".*\)/\1/p' tests/golden/explain/*.expected | \
	  python3 tests/tools/schema_test.py $(BUILD)/explain.schema.json

.PHONY: cpus
cpus: $(BUILD)/wayfare $(BUILD)/bench/gen ## nights on processors without AVX-512, AVX2, AVX (QEMU): the same bytes
	@GEN=$(abspath $(BUILD)/bench/gen) WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/cpus_test.sh $(BUILD)/cpus

.PHONY: graph-test
graph-test: $(BUILD)/wayfare ## graphs as Mermaid's own parser (from npm) and Graphviz read them
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/graph/test.sh $(BUILD)/graph-test

install-test: all ## install into a scratch folder, build a program against it
	@BUILD=$(BUILD) CC="$(CC) $(SAN)" bash tests/tools/install_test.sh

# ---- editors: these two need node, and npm once to fetch what the lock files name ----

$(BUILD)/lsp-test/node_modules/.fetched: tests/lsp/package-lock.json
	@mkdir -p $(BUILD)/lsp-test
	@cp tests/lsp/package.json tests/lsp/package-lock.json $(BUILD)/lsp-test/
	cd $(BUILD)/lsp-test && $(NPM_CI) && touch node_modules/.fetched

.PHONY: lsp-test vscode
lsp-test: $(BUILD)/wayfare $(BUILD)/lsp-test/node_modules/.fetched ## the language server driven by a client library, the colours tokenised
	@WAYFARE=$(abspath $(BUILD)/wayfare) NODE_PATH=$(abspath $(BUILD)/lsp-test/node_modules) \
	  node --test --test-timeout=60000 --test-reporter=dot tests/lsp/*.test.js

.PHONY: report-test
report-test: $(BUILD)/wayfare ## reports in Chromium: on telephones and desks, light and dark, sorted, in Chinese (npm)
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/report/test.sh $(abspath $(BUILD)/report-test)

$(BUILD)/vscode/node_modules/.fetched: lang/editors/vscode/package-lock.json
	@mkdir -p $(BUILD)/vscode
	@cp lang/editors/vscode/package.json lang/editors/vscode/package-lock.json $(BUILD)/vscode/
	cd $(BUILD)/vscode && $(NPM_CI) && touch node_modules/.fetched

vscode: $(BUILD)/vscode/node_modules/.fetched ## the extension for VS Code as a file to install
	@cp -R lang/editors/vscode/. LICENSE $(BUILD)/vscode/
	@node lang/editors/vscode/grammar.js lang/syntax/keywords.def >$(BUILD)/vscode/wayfare.tmLanguage.json
	@cd $(BUILD)/vscode && node_modules/.bin/vsce package --allow-missing-repository \
	  --out ../wayfare-$(VERSION).vsix

FUZZ_SECONDS ?= 60
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(BUILD)/fuzz/%: tests/fuzz/%.c $(TESTLIB) $(BUILD)/libwayfare.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< $(TESTLIB) $(BUILD)/libwayfare.a $(TESTLIBS) $(LIBS)

.PHONY: fuzz fuzz-run
fuzz: ## every fuzz target for FUZZ_SECONDS each (clang)
	$(MAKE) BUILD=$(BUILD)/fuzzing CC=clang OPT="-O1 -g" SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined" fuzz-run
fuzz-run: $(FUZZ)
	@set -e; for t in $(FUZZ); do echo "== $$t"; \
	  mkdir -p $$t.corpus; $$t -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 -artifact_prefix=$$t- $$t.corpus; done

.PHONY: asan ubsan clang
asan: ## every test under AddressSanitizer and UBSan
	$(MAKE) BUILD=$(BUILD)/asan OPT="-O1 -g" SAN="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" unit golden differential
ubsan: ## every unit test under UBSan alone
	$(MAKE) BUILD=$(BUILD)/ubsan OPT="-O1 -g" SAN="-fsanitize=undefined -fno-sanitize-recover=undefined" unit golden
clang: ## build everything with clang, warnings as errors
	$(MAKE) BUILD=$(BUILD)/clang CC=clang WERROR=-Werror all

# ---- the tree's own rules ----

.PHONY: layers hdr-check lint fmt compile_commands.json
layers: ## dependency directions of lang/README.md and runtime/README.md
	@bash tests/tools/layers.sh

hdr-check: | $(GEN_HDR) ## every header compiles alone
	@set -e; for h in $$(find lang runtime -name '*.h'); do \
	  $(CC) $(CPPFLAGS) $(CSTD) $(WARN) -Werror -fsyntax-only -x c $$h; done; echo "headers: ok"
	@$(CC) $(CPPFLAGS) $(CSTD) $(WARN) -Werror -DWF_ENGLISH_ONLY -fsyntax-only lang/base/buf.c lang/base/status.c lang/syntax/diag.c

lint: layers hdr-check ## layers, headers, format, banned calls, lengths
	@bash tests/tools/lint.sh

fmt: ## format the sources
	clang-format -i $$(git ls-files '*.c' '*.h')

compile_commands.json: ## for editors and clang tools
	@bash tests/tools/compdb.sh "$(CC) $(CPPFLAGS) $(CFLAGS)" $(LIB_SRC) $(CLI_SRC) > $@

# ---- what is said, in other languages ----

.PHONY: po po-check
po: ## take new and changed messages into the translations
	@bash tests/tools/po.sh $(BUILD)/wayfare.pot
	@set -e; for po in lang/po/*.po; do \
	  msgmerge --quiet --no-fuzzy-matching --no-wrap --update --backup=none $$po $(BUILD)/wayfare.pot; \
	  sed -i '/^#~/d' $$po; msgfmt --statistics -o /dev/null $$po; done

po-check: $(BUILD)/wayfare ## every message is translated, every format agrees, carets stand where they stood
	@bash tests/tools/po_check.sh $(BUILD)
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/zh_twins.sh

# ---- manual pages and completions, made of the program's own tables ----

PAGES := $(BUILD)/man/.made
COMPLETIONS := $(BUILD)/completion/wayfare $(BUILD)/completion/_wayfare $(BUILD)/completion/wayfare.fish

.PHONY: pages
pages: $(PAGES) $(COMPLETIONS) ## manual pages in both languages; completion for bash, zsh, fish

$(PAGES): $(BUILD)/wayfare $(MO) tests/tools/man.sh tests/tools/man_rules.awk $(wildcard lang/REFERENCE*.md runtime/cli/pages/*.scd)
	$(call saying,MAN,$(@D))
	$(Q)rm -rf $(@D) && WAYFARE=$(abspath $(BUILD)/wayfare) VERSION=$(VERSION) bash tests/tools/man.sh $(@D) && touch $@

shell_of = $(if $(filter _%,$1),zsh,$(if $(filter %.fish,$1),fish,bash))
$(COMPLETIONS): $(BUILD)/wayfare tests/tools/completion.sh
	@mkdir -p $(@D)
	$(call saying,SHELL,$@)
	$(Q)WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/tools/completion.sh $(call shell_of,$(@F)) > $@.new && mv $@.new $@

# ---- install ----

.PHONY: install
install: all pages ## install under PREFIX (DESTDIR honoured)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include/wayfare
	install -m 755 $(BUILD)/wayfare $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(BUILD)/libwayfare.a $(DESTDIR)$(LIBDIR)/
	install -m 755 $(BUILD)/libwayfare.so $(DESTDIR)$(LIBDIR)/libwayfare.so.0
	ln -sf libwayfare.so.0 $(DESTDIR)$(LIBDIR)/libwayfare.so
	for mo in $(MO:$(BUILD)/%=%); do \
	  install -D -m 644 $(BUILD)/$$mo $(DESTDIR)$(PREFIX)/share/$$mo; done
	install -d $(DESTDIR)$(PREFIX)/share/wayfare
	install -m 644 runtime/cli/files/*.schema.json $(DESTDIR)$(PREFIX)/share/wayfare/
	for page in $$(cd $(BUILD)/man && find . -name '*.[15]'); do \
	  install -D -m 644 $(BUILD)/man/$$page $(DESTDIR)$(PREFIX)/share/man/$$page; done
	install -D -m 644 $(BUILD)/completion/wayfare $(DESTDIR)$(PREFIX)/share/bash-completion/completions/wayfare
	install -D -m 644 $(BUILD)/completion/_wayfare $(DESTDIR)$(PREFIX)/share/zsh/$(ZSH_FUNCTIONS)/_wayfare
	install -D -m 644 $(BUILD)/completion/wayfare.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/wayfare.fish
	for h in $$(bash tests/tools/public_headers.sh); do \
	  install -D -m 644 $$h $(DESTDIR)$(PREFIX)/include/wayfare/$$h; done
	printf 'prefix=%s\nlibdir=%s\nName: wayfare\nDescription: rules language for member operations\nVersion: %s\nLibs: -L$${libdir} -lwayfare\nLibs.private: %s\nCflags: -I$${prefix}/include/wayfare\n' \
	  "$(PREFIX)" "$(patsubst $(PREFIX)/%,\$${prefix}/%,$(LIBDIR))" "$(VERSION)" "$(LIBS)" > $(DESTDIR)$(LIBDIR)/pkgconfig/wayfare.pc

.PHONY: deb
DEB := $(BUILD)/deb
deb: $(MO) ## Debian packages of what is committed or to be, judged by lintian, unpacked and run
	rm -rf $(DEB) && mkdir -p $(DEB)/wayfare-$(VERSION)
	git ls-files -z | xargs -0 cp --parents -t $(DEB)/wayfare-$(VERSION)
	cp -r runtime/packaging/debian $(DEB)/wayfare-$(VERSION)/debian
	cd $(DEB)/wayfare-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL nice dpkg-buildpackage -us -uc -b -j2 > ../build.log 2>&1 || \
	  { tail -30 ../build.log; exit 1; }
	bash tests/tools/deb_test.sh $(DEB)

.PHONY: demo bench deps clean help
deps: ## install what is missing from the distribution, or print the line that does
	@bash tests/tools/deps.sh $(PACKAGES)

demo: deps ## build, run the main job on real data night by night, show what was sent and why
	@$(MAKE) --no-print-directory -s all
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash examples/complete_journey/demo.sh
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash examples/winback_90_nights/demo.sh

$(BUILD)/bench/gen: tests/bench/gen.c $(BUILD)/libwayfare.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libwayfare.a $(LIBS)

$(BUILD)/bench/bench_lsp: tests/bench/bench_lsp.c $(TESTLIB) $(BUILD)/libwayfare.a
	@mkdir -p $(@D)
	$(call saying,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(TESTLIB) $(BUILD)/libwayfare.a $(TESTLIBS) $(LIBS)

bench: $(BUILD)/wayfare $(BUILD)/bench/gen $(BUILD)/bench/bench_lsp ## speed, as ratios in one run (see tests/bench/README.md)
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/bench/check.sh
	@bash tests/bench/make_project.sh $(BUILD)/bench/project && $(BUILD)/bench/bench_lsp $(BUILD)/bench/project
	@WAYFARE=$(abspath $(BUILD)/wayfare) bash tests/bench/bench.sh

.PHONY: bench-growth bench-figures
BENCH_DIR ?= $(abspath $(BUILD))/bench/growth
bench-growth: $(BUILD)/wayfare $(BUILD)/bench/gen ## hours of it: members to 10 million, orders, rules, share of change
	@WAYFARE=$(abspath $(BUILD)/wayfare) BENCH_DIR=$(BENCH_DIR) bash tests/bench/growth.sh

bench-figures: ## what bench-growth measured, as tables and charts of tests/bench/README.md
	@bash tests/bench/figures.sh $(if $(wildcard $(BENCH_DIR)/growth.tsv),$(BENCH_DIR))

$(BUILD)/bench/bench_vm: tests/bench/bench_vm.c $(BUILD)/libwayfare.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libwayfare.a $(LIBS)

.PHONY: bench-vm
bench-vm: $(BUILD)/bench/bench_vm ## the machine alone: nanoseconds a rule and member, share of the memory's bandwidth
	@for n in 10 100 300 1000; do mkdir -p $(BUILD)/bench/vm-$$n; \
	  bash tests/bench/make_work.sh w1 $(BUILD)/bench/vm-$$n $$n; \
	  $(BUILD)/bench/bench_vm $(BUILD)/bench/vm-$$n/w1.way; done
	@$(BUILD)/bench/bench_vm --threads 2 $(BUILD)/bench/vm-100/w1.way
	@mkdir -p $(BUILD)/bench/vm-w2; bash tests/bench/make_work.sh w2 $(BUILD)/bench/vm-w2; \
	  $(BUILD)/bench/bench_vm $(BUILD)/bench/vm-w2/w2.way

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@grep -hE '^[a-z_. -]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z_. -]+):.*## (.*)/\1|\2/' | \
	  awk -F'|' '{ printf "  %-22s %s\n", $$1, $$2 }'

-include $(shell find $(BUILD) -path $(BUILD)/deb -prune -o -name '*.d' -type f -print 2>/dev/null)
