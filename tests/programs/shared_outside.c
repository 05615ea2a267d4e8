// SPDX-License-Identifier: GPL-2.0-only
/* Memory that a process shares with its child. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "program.h"

int main(void)
{
	volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;
	int status;

	check(shared != MAP_FAILED);
	*shared = 1;
	child = fork();
	check(child >= 0);
	if (!child) {
		/* Nothing else is shared. */
		check(!close(0) && !close(1) && !close(2));
		shared[2] = 1;
		wait_to_go_on();
		_exit(*shared == 2 ? 0 : 1);
	}
	*shared = 2;
	while (!shared[2])
		usleep(1000);
	ready();
	check(waitpid(child, &status, 0) == child);
	check(status == 0);
	return passed();
}
