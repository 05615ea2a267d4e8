// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three processes that move money between accounts in their private memory,
 * in memory that all of them share, and in pipes that connect them in a ring.
 * At every instant all of it together is the same sum; tests/programs/audit looks for it in
 * images. The program itself counts it at the end.
 *
 * What has to change at once is written to a journal first: while it is
 * valid, its values are meant instead of those at its addresses. A message
 * to the next process is in "out" until it is in the pipe, and in "in" until it is
 * credited: its number tells.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/types.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>

#include "tasks.h"

#define BANKS		3
#define MAGIC		0x4b4e4142		/* "BANK" */
#define PRIVATE		((struct bank *)0x10000000)
#define SHARED		((struct vault *)0x20000000)
#define ACCOUNTS	64			/* of a bank, one per page */
#define SAFES		32			/* in the vault, one per page */
#define DEPOSIT		1000			/* in each of them at first */
#define PAGE		4096

struct message {
	__u32 magic, bank;
	__u64 number, amount, check;
};

struct journal {
	__u64 valid, nr;
	struct {
		__u64 address, value;
	} entry[3];
};

struct bank {
	__u32 magic, index;
	struct message out, in;
	__u64 credited;
	struct journal journal;
	char rest[PAGE - 8 - 2 * sizeof(struct message) - 8 - sizeof(struct journal)];
	struct {
		__u64 money;
		char rest[PAGE - 8];
	} account[ACCOUNTS];
};

struct vault {
	volatile __u32 lock, stop, open;	/* @open: banks that are at work */
	char rest[PAGE - 12];
	struct {
		__u64 money;
		char rest[PAGE - 8];
	} safe[SAFES];
};

static int ring[BANKS][2];	/* pipe i leads from bank i to the next one */
static __u64 seed;

static unsigned int random_below(unsigned int n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % n;
}

#define barrier() __asm__ __volatile__("" : : : "memory")

static void note(__u64 *place, __u64 value)
{
	struct journal *j = &PRIVATE->journal;

	j->entry[j->nr].address = (uintptr_t)place;
	j->entry[j->nr].value = value;
	j->nr++;
}

static void post(void)
{
	struct journal *j = &PRIVATE->journal;
	unsigned int i;

	barrier();
	j->valid = 1;
	barrier();
	for (i = 0; i < j->nr; i++)
		*(volatile __u64 *)(uintptr_t)j->entry[i].address = j->entry[i].value;
	barrier();
	j->valid = 0;
	barrier();
	j->nr = 0;
}

static __u64 *some_account(void)
{
	return &PRIVATE->account[random_below(ACCOUNTS)].money;
}

static void transfer(__u64 *from, __u64 *to)
{
	__u64 amount = *from ? random_below(*from < 1000 ? *from + 1 : 1000) : 0;

	if (from == to)
		return;
	note(from, *from - amount);
	note(to, *to + amount);
	post();
}

static void visit_vault(void)
{
	__u64 *safe = &SHARED->safe[random_below(SAFES)].money;

	while (__atomic_exchange_n(&SHARED->lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	if (random_below(2))
		transfer(safe, some_account());
	else
		transfer(some_account(), safe);
	__atomic_store_n(&SHARED->lock, 0, __ATOMIC_RELEASE);
}

static int out_pending;

static void send(void)
{
	struct bank *b = PRIVATE;
	__u64 *from = some_account();
	__u64 amount = *from / 2;

	if (!out_pending) {
		note(from, *from - amount);
		note(&b->out.amount, amount);
		note(&b->out.number, b->out.number + 1);
		post();
		out_pending = 1;
	}
	if (write(ring[b->index][1], &b->out, sizeof(b->out)) == sizeof(b->out))
		out_pending = 0;
	else
		check(errno == EAGAIN);
}

static void receive(void)
{
	struct bank *b = PRIVATE;
	__u64 *to = some_account();
	unsigned int from = (b->index + BANKS - 1) % BANKS;
	int ret = read(ring[from][0], &b->in, sizeof(b->in));

	if (ret == -1 && errno == EAGAIN)
		return;
	check(ret == sizeof(b->in));
	check(b->in.magic == MAGIC && b->in.bank == from);
	check(b->in.number == b->credited + 1);
	note(to, *to + b->in.amount);
	note(&b->credited, b->in.number);
	post();
}

static __u64 sum_of_accounts(void)
{
	__u64 sum = 0;
	unsigned int i;

	for (i = 0; i < ACCOUNTS; i++)
		sum += PRIVATE->account[i].money;
	return sum;
}

static void be_bank(unsigned int index, int report)
{
	struct bank *b = PRIVATE;
	__u64 sum;

	b->out.magic = MAGIC;
	b->out.bank = index;
	b->index = index;
	seed = index + 1;
	__atomic_add_fetch(&SHARED->open, 1, __ATOMIC_RELEASE);
	while (!SHARED->stop) {
		transfer(some_account(), some_account());
		visit_vault();
		if (random_below(4))
			send();
		if (random_below(4))
			receive();
	}
	sum = sum_of_accounts() + (out_pending ? b->out.amount : 0);
	check(write(report, &sum, sizeof(sum)) == sizeof(sum));
}

static void set_up(void)
{
	unsigned int i;

	check(mmap(PRIVATE, sizeof(*PRIVATE), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == PRIVATE);
	check(mmap(SHARED, sizeof(*SHARED), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == SHARED);
	PRIVATE->magic = MAGIC;
	PRIVATE->index = BANKS;
	for (i = 0; i < ACCOUNTS; i++)
		PRIVATE->account[i].money = DEPOSIT;
	for (i = 0; i < SAFES; i++)
		SHARED->safe[i].money = DEPOSIT;
	for (i = 0; i < BANKS; i++)
		check(!pipe2(ring[i], O_NONBLOCK));
}

static __u64 sum_of_all(int report)
{
	__u64 sum = 0, part;
	struct message m;
	unsigned int i;

	for (i = 0; i < BANKS; i++) {
		check(read(report, &part, sizeof(part)) == sizeof(part));
		sum += part;
		while (read(ring[i][0], &m, sizeof(m)) == sizeof(m))
			sum += m.amount;
	}
	for (i = 0; i < SAFES; i++)
		sum += SHARED->safe[i].money;
	return sum;
}

int main(void)
{
	pid_t pids[BANKS];
	int report[2];
	unsigned int i;

	set_up();
	check(!pipe(report));
	for (i = 0; i < BANKS; i++) {
		pids[i] = fork();
		check(pids[i] >= 0);
		if (!pids[i]) {
			be_bank(i, report[1]);
			_exit(0);
		}
	}
	while (SHARED->open < BANKS)
		nap(5);
	nap(200);
	ready();
	SHARED->stop = 1;
	for (i = 0; i < BANKS; i++)
		check(exited_with(pids[i], 0));
	check(sum_of_all(report[0]) == (BANKS * ACCOUNTS + SAFES) * DEPOSIT);
	return passed();
}
