# SPDX-License-Identifier: GPL-2.0-only
#
# The front door of checkpointfs: build and install it for the running kernel,
# put it into a kernel tree, try it in a guest, test it. "make help" lists it all.

SHELL := /bin/bash
KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/checkpointfs
Q := tests/qemu

# What the guest scripts take from the command line of make.
GUEST_VARS := RUN CMD FILES OUT MEM CPUS NODES THREADS ACCEL NOMODULE TIMEOUT TESTS SUITE \
	KERNEL JOBS KEEP_GOING
export $(foreach v,$(GUEST_VARS),$(if $(filter command environment,$(origin $(v))),$(v)))
# A line for the guest's shell is not make's to expand.
override CMD := $(value CMD)

all: modules utils

define HELP
  make                  the module and tools for the running kernel
  make install          install both, and the man pages (PREFIX=/usr/local)
  make modules | utils  one of the two
  make intree KDIR=dir  put the sources into a kernel tree

  make demo             save a running program with tar, bring it back with cat
  make check            run every test in the guest
      TESTS=pattern     only the .bats files whose path matches the pattern
      JOBS=2            in so many guests at once, not one for each processor
  make check-debug      the same, and KUnit, on a kernel with KASAN, lockdep,
                        kmemleak (the first time builds it: some 10 minutes)
      PART=1/7          a seventh of the files: see tests/qemu/costs
  make check-apps       save and restore servers and other programs as people run them
                        (the first time fetches them: some minutes)
  make bench            measure checkpointfs and CRIU side by side in the guest
      BENCH='-c "1 GiB" -r 3'  one case (BENCH=-n lists them), 3 times; what was
                        measured before is kept: a run may be made in parts
  make bench-publish    put the last tables and plots into Documentation/benchmarks.md
  make check-format     of make check what needs no guest (seconds)
  make guest RUN=script boot the guest, run the script in it, exit with its status
                        (make itself says 2 for any but 0: tests/qemu/guest says which)
      CMD='words'       instead of RUN: a line for the shell
      FILES=dir         what the script finds in /files
      OUT=dir           where what it leaves in /out is put
      MEM=2048 CPUS=2   the machine: MiB, processors
      NODES=2           memory and processors are of so many NUMA nodes
      THREADS=2         so many processors share a core
      TIMEOUT=1500      seconds until the script is ended
      ACCEL=kvm|tcg     instead of what a trial boot says
      NOMODULE=1        neither build nor load the module
      KEEP_GOING=1      leave out the test programs that do not compile
      KERNEL=file       boot that kernel, not Debian's
      SUITE=trixie      of which Debian the guest is made, for all that use it
  make root             make the guest's root and nothing else
  make style            checkpatch, codespell, shellcheck
  make sparse           look for words of the image in the wrong byte order
  make clean            what was built in this tree
  make distclean        also the guest's root and all else that is cached
endef
export HELP

help:
	@echo "$$HELP"

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)/fs/checkpointfs

# The headers of a kernel that is not Debian's are where its builder put them.
$(KDIR)/Makefile:
	apt-get -qq update
	apt-get -qq install -y make gcc linux-headers-$(notdir $(patsubst %/build,%,$(KDIR)))

modules: $(KDIR)/Makefile
	$(kbuild) modules

utils:
	$(MAKE) -C utils O=$(CURDIR)/build/utils

# Debian signs its modules with a key that nobody else has.
install: all
	$(kbuild) INSTALL_MOD_PATH=$(DESTDIR) CONFIG_MODULE_SIG_ALL= modules_install
	$(if $(DESTDIR),,depmod)
	$(MAKE) -C utils install O=$(CURDIR)/build/utils PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

intree:
	@$(Q)/intree "$(KDIR)"

root:
	@$(Q)/mkroot

guest:
	@$(Q)/guest

check: $(if $(TESTS),,check-format)
	@$(Q)/check

check-format:
	@tests/format/run

check-debug:
	@$(Q)/check-debug

# Servers and the Java VM need room.
check-apps: export APPS := 1
check-apps: export MEM := $(or $(MEM),4096)
check-apps: export JOBS := $(or $(JOBS),1)
check-apps:
	@$(Q)/check

demo:
	@tests/demo/demo

# All values are in build/bench.json, tables and plots in build/bench.
bench:
	@tests/bench/run $(BENCH)

bench-publish:
	@tests/bench/report publish build/bench Documentation/benchmarks.md

style:
	@tests/style

sparse:
	@tests/sparse

clean:
	rm -rf build
	$(if $(wildcard $(KDIR)/Makefile),-$(kbuild) clean)

distclean: clean
	rm -rf --one-file-system $(CACHE)

.PHONY: all help modules utils install intree root guest check check-apps check-format check-debug demo \
	bench bench-publish style sparse clean distclean
