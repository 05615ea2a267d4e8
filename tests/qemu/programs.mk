# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the test programs into OUT, inside the guest's root: NAME for each
# tests/programs/NAME.c, and NAME32 too for those with the words
# "also 32-bit" in them. Scripts among them are copied.

SRC := tests/programs
CFLAGS := -O2 -g -Wall -Wextra -Werror -pthread -Iinclude/uapi -I$(SRC)
HEADERS := $(wildcard $(SRC)/*.h) tests/qemu/programs.mk
C := $(wildcard $(SRC)/*.c)
C32 := $(if $(C),$(shell grep -l 'also 32-bit' $(C)))
SCRIPTS := $(filter-out %.c %.h,$(wildcard $(SRC)/*))

ALL := $(C:$(SRC)/%.c=$(OUT)/%) $(C32:$(SRC)/%.c=$(OUT)/%32) \
	$(SCRIPTS:$(SRC)/%=$(OUT)/%)

all: $(ALL) | $(OUT)
	@rm -rf $(filter-out $(ALL),$(wildcard $(OUT)/*))

$(OUT):
	mkdir -p $@

$(C:$(SRC)/%.c=$(OUT)/%): $(OUT)/%: $(SRC)/%.c $(HEADERS) | $(OUT)
	gcc $(CFLAGS) -o $@ $< -Wl,--as-needed -lrt -lm

$(C32:$(SRC)/%.c=$(OUT)/%32): $(OUT)/%32: $(SRC)/%.c $(HEADERS) | $(OUT)
	gcc -m32 $(CFLAGS) -o $@ $< -Wl,--as-needed -lrt -lm

$(SCRIPTS:$(SRC)/%=$(OUT)/%): $(OUT)/%: $(SRC)/% | $(OUT)
	cp -p $< $@

.PHONY: all
