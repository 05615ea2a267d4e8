// SPDX-License-Identifier: GPL-2.0-only
/* Memory that a process shares with its child. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

int main(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	check(shared != MAP_FAILED);
	*shared = 1;
	child = fork();
	check(child >= 0);
	if (!child) {
		/* Nothing else is shared. */
		check(!close(0) && !close(1) && !close(2));
		wait_to_go_on();
		_exit(*shared == 2 ? 0 : 1);
	}
	*shared = 2;
	ready();
	check(waitpid(child, shared + 1, 0) == child);
	check(shared[1] == 0);
	return passed();
}
