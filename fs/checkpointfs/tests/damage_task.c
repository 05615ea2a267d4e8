// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong tasks, processes, credentials and keys, and wrong files at the top.
 */
#include "damage.h"

DAMAGED(bad_magic, HEADER(s)->magic ^= cpu_to_le64(1))
DAMAGED(bad_format, HEADER(s)->format = cpu_to_le32(2))
DAMAGED(bad_arch, HEADER(s)->arch = cpu_to_le32(2))
DAMAGED(bad_page_size, HEADER(s)->page_size = cpu_to_le32(16384))
DAMAGED(bad_incompat, HEADER(s)->incompat = cpu_to_le64(BIT_ULL(63)))
DAMAGED(bad_name, memset(HEADER(s)->name, 'x', 64))
DAMAGED(bad_name_tail, HEADER(s)->name[40] = 'x')
DAMAGED(bad_nr_tasks, HEADER(s)->nr_tasks = cpu_to_le32(5))
DAMAGED(has_parent, HEADER(s)->parent[3] = 1)
DAMAGED(no_cpu, sample_remove(s, 0, CKPT_TOP_CPU))
DAMAGED(cpu_reserved, BODY(s, NONE, CKPT_TOP_CPU, CPU, cpu)->reserved = cpu_to_le32(1))

DAMAGED(no_parent_task, TASK(s, 12)->ppid = cpu_to_le32(99))
DAMAGED(own_parent, TASK(s, 12)->ppid = cpu_to_le32(12))
DAMAGED(cycle, TASK(s, 10)->ppid = cpu_to_le32(12))
DAMAGED(no_leader, TASK(s, 11)->tgid = cpu_to_le32(12))
DAMAGED(other_process, TASK(s, 11)->process = cpu_to_le64(12))
DAMAGED(other_mm, TASK(s, 11)->mm = cpu_to_le64(2))
DAMAGED(no_mm, TASK(s, 11)->mm = cpu_to_le64(9))
DAMAGED(bad_state, TASK(s, 11)->state = cpu_to_le32(3))
DAMAGED(bad_flags, TASK(s, 11)->flags = cpu_to_le32(BIT(31)))
DAMAGED(ssb_twice, TASK(s, 11)->flags = cpu_to_le32(CKPT_TASK_SSB_DISABLE |
						    CKPT_TASK_SSB_NOEXEC))
DAMAGED(ib_twice, TASK(s, 11)->flags = cpu_to_le32(CKPT_TASK_IB_DISABLE |
						   CKPT_TASK_IB_FORCE))
DAMAGED(task_reserved, TASK(s, 11)->reserved = cpu_to_le64(1))
DAMAGED(bad_comm, memset(TASK(s, 11)->comm, 'x', CKPT_COMM_LEN))
DAMAGED(tid_not_id, TASK(s, 11)->tid = cpu_to_le32(13))
DAMAGED(big_tid, TASK(s, 11)->tid = cpu_to_le32(1 << 22))
DAMAGED(vfork_nobody, TASK(s, 10)->flags = cpu_to_le32(CKPT_TASK_VFORKING))
DAMAGED(vfork_unasked, TASK(s, 10)->vfork_child = cpu_to_le32(12))
DAMAGED(thread_signal, TASK(s, 11)->exit_signal = cpu_to_le32(17))
DAMAGED(leader_no_signal, TASK(s, 10)->exit_signal = cpu_to_le32(-1))
DAMAGED(thread_ppid, TASK(s, 11)->ppid = cpu_to_le32(12))
DAMAGED(zombie_parent, TASK(s, 12)->ppid = cpu_to_le32(13);
	TASK(s, 13)->ppid = cpu_to_le32(10))
DAMAGED(vfork_other, TASK(s, 11)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 11)->vfork_child = cpu_to_le32(12))
DAMAGED(vfork_thread, TASK(s, 10)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 10)->vfork_child = cpu_to_le32(11))
DAMAGED(vfork_itself, TASK(s, 10)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 10)->vfork_child = cpu_to_le32(10))
DAMAGED(vfork_twice, vfork_other(s); TASK(s, 10)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 10)->vfork_child = cpu_to_le32(12))
DAMAGED(zombie_runs, TASK(s, 13)->state = cpu_to_le32(CKPT_TASK_RUNNING))
DAMAGED(zombie_mm, TASK(s, 13)->mm = cpu_to_le64(1))
DAMAGED(zombie_alone, TASK(s, 13)->mm = cpu_to_le64(1);
	TASK(s, 13)->fdtable = cpu_to_le64(1); TASK(s, 13)->fs = cpu_to_le64(1);
	TASK(s, 13)->sighand = cpu_to_le64(1))
DAMAGED(zombie_bare, TASK(s, 10)->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	TASK(s, 12)->ppid = cpu_to_le32(11);
	TASK(s, 10)->mm = 0; TASK(s, 10)->fdtable = 0;
	TASK(s, 10)->fs = 0; TASK(s, 10)->sighand = 0)
DAMAGED(zombie_leads, TASK(s, 10)->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	TASK(s, 12)->ppid = cpu_to_le32(11))
DAMAGED(zombie_other_mm, TASK(s, 10)->state = cpu_to_le32(CKPT_TASK_ZOMBIE);
	TASK(s, 12)->ppid = cpu_to_le32(11);
	TASK(s, 10)->mm = cpu_to_le64(2))
DAMAGED(maker_nobody, TASK(s, 12)->maker = cpu_to_le32(99))
DAMAGED(maker_itself, TASK(s, 12)->maker = cpu_to_le32(12))
DAMAGED(maker_clone, TASK(s, 10)->maker = cpu_to_le32(12))
DAMAGED(maker_zombie, TASK(s, 12)->maker = cpu_to_le32(13))
DAMAGED(maker_of_thread, TASK(s, 11)->maker = cpu_to_le32(12))
DAMAGED(maker_thread, TASK(s, 10)->maker = cpu_to_le32(11))
DAMAGED(maker_of_ended, TASK(s, 13)->maker = cpu_to_le32(10))
#define JOINT(s) BODY(s, TASK, 12, JOINT, joint)
DAMAGED(joint_nothing, JOINT(s)->io = 0; JOINT(s)->sysvsem = 0)
DAMAGED(joint_nobody, JOINT(s)->io = cpu_to_le32(99))
DAMAGED(joint_zombie, JOINT(s)->io = cpu_to_le32(13))
DAMAGED(joint_itself, JOINT(s)->io = cpu_to_le32(12))
DAMAGED(joint_twice, ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 12)->w, CKPT_REC_JOINT, 0))
DAMAGED(joint_has, TASK(s, 12)->flags = cpu_to_le32(CKPT_TASK_IO))
DAMAGED(joint_first_has, TASK(s, 11)->flags = cpu_to_le32(CKPT_TASK_SYSVSEM))
DAMAGED(joint_files_has, JOINT(s)->files = cpu_to_le32(10))
DAMAGED(joint_chain, ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 10)->w, CKPT_REC_JOINT, 0);
	BODY(s, TASK, 10, JOINT, joint)->io = cpu_to_le32(11))
DAMAGED(joint_tables, TASK(s, 12)->ppid = 0;
	JOINT(s)->files = cpu_to_le32(10); JOINT(s)->fs = cpu_to_le32(10))
DAMAGED(joint_other_tables, struct ckpt_writer *w = sample_add(s, CKPT_TYPE_FS, 2);
	ckpt_add(w, CKPT_REC_FS, 0);
	ckpt_add_path(w, CKPT_PATH_CWD, "/tmp"); ckpt_add_path(w, CKPT_PATH_ROOT, "/");
	TASK(s, 12)->ppid = 0; TASK(s, 12)->fs = cpu_to_le64(2);
	JOINT(s)->files = cpu_to_le32(10); JOINT(s)->fs = cpu_to_le32(10))
DAMAGED(files_from_nobody, TASK(s, 12)->ppid = 0; JOINT(s)->fs = cpu_to_le32(10))
DAMAGED(fs_from_nobody, TASK(s, 12)->ppid = 0; JOINT(s)->files = cpu_to_le32(10))
DAMAGED(mm_from_nobody, joint_tables(s); TASK(s, 12)->mm = cpu_to_le64(1))
DAMAGED(sighand_from_nobody, joint_tables(s); TASK(s, 12)->sighand = cpu_to_le64(1))
DAMAGED(zombie_creds, TASK(s, 13)->creds = 0)
DAMAGED(zombie_thread, TASK(s, 13)->tgid = cpu_to_le32(12);
	TASK(s, 13)->process = cpu_to_le64(12))
DAMAGED(vfork_zombie, TASK(s, 12)->flags = cpu_to_le32(CKPT_TASK_VFORKING);
	TASK(s, 12)->vfork_child = cpu_to_le32(13))
DAMAGED(no_regs, sample_remove(s, CKPT_TYPE_REGS, 11))
DAMAGED(no_task, sample_remove(s, CKPT_TYPE_TASK, 11);
	HEADER(s)->nr_tasks = cpu_to_le32(3))
DAMAGED(no_process, sample_remove(s, CKPT_TYPE_PROCESS, 12))
DAMAGED(no_group_leader, PROCESS(s, 12)->pgid = cpu_to_le32(11))
DAMAGED(no_session_leader, PROCESS(s, 12)->sid = cpu_to_le32(11))
DAMAGED(group_of_session, PROCESS(s, 12)->sid = cpu_to_le32(12))
DAMAGED(session_of_other, PROCESS(s, 12)->sid = cpu_to_le32(12);
	PROCESS(s, 12)->pgid = cpu_to_le32(12);
	PROCESS(s, 13)->sid = cpu_to_le32(10);
	PROCESS(s, 13)->pgid = cpu_to_le32(13))
DAMAGED(leader_in_group, PROCESS(s, 10)->sid = cpu_to_le32(10);
	PROCESS(s, 12)->sid = cpu_to_le32(10);
	PROCESS(s, 13)->sid = cpu_to_le32(10);
	PROCESS(s, 10)->pgid = cpu_to_le32(12))
DAMAGED(group_outside, PROCESS(s, 12)->sid = cpu_to_le32(12);
	PROCESS(s, 12)->pgid = 0)
DAMAGED(group_nowhere, PROCESS(s, 10)->sid = cpu_to_le32(10);
	PROCESS(s, 12)->sid = cpu_to_le32(10);
	PROCESS(s, 13)->sid = cpu_to_le32(10);
	PROCESS(s, 12)->pgid = 0)
DAMAGED(leads_no_session, PROCESS(s, 12)->flags = cpu_to_le32(CKPT_PROCESS_LEADER))

struct ckpt_leader *damage_add_leader(struct sample *s, u32 nr)
{
	struct ckpt_leader *leader =
		ckpt_add(sample_add(s, CKPT_TYPE_LEADER, nr), CKPT_REC_LEADER, 0);

	leader->pid = cpu_to_le32(nr);
	return leader;
}

/* 12 is left in a group, or a session, that 9 had made. */
void damage_leave(struct sample *s, u32 sid)
{
	damage_add_leader(s, 9)->sid = cpu_to_le32(sid);
	PROCESS(s, 12)->pgid = cpu_to_le32(9);
	PROCESS(s, 12)->sid = cpu_to_le32(sid);
}

#define ENDED(s) BODY(s, ENDEDPID, 1, ENDEDPID, endedpid)
DAMAGED(left_group, damage_leave(s, 0))
DAMAGED(left_session, damage_leave(s, 9))
DAMAGED(left_nowhere, damage_leave(s, 8))
DAMAGED(left_elsewhere, damage_leave(s, 9); PROCESS(s, 12)->sid = 0)
DAMAGED(left_number, damage_add_leader(s, 9)->pid = cpu_to_le32(8))
DAMAGED(left_task, damage_add_leader(s, 12))
DAMAGED(left_ended, damage_leave(s, 0); ENDED(s)->pid = cpu_to_le32(9);
	ENDED(s)->flags = cpu_to_le32(CKPT_ENDEDPID_LEADER))
DAMAGED(ended_nobody, ENDED(s)->pid = cpu_to_le32(9);
	ENDED(s)->flags = cpu_to_le32(CKPT_ENDEDPID_LEADER))

#define SCHED(s, tid) BODY(s, TASK, tid, SCHED, sched)
DAMAGED(sched_policy, SCHED(s, 10)->policy = cpu_to_le32(7))
DAMAGED(sched_priority, SCHED(s, 10)->priority = cpu_to_le32(100))
DAMAGED(sched_clamp, SCHED(s, 10)->util_max = cpu_to_le32(1025))
#define CORE(s, tid) BODY(s, TASK, tid, CORE_GROUP, core_group)
DAMAGED(core_group_none, CORE(s, 10)->group = 0)
DAMAGED(core_group_reserved, CORE(s, 10)->reserved = cpu_to_le32(1))
DAMAGED(core_group_twice, ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 10)->w,
				   CKPT_REC_CORE_GROUP, 0))
#define LABEL(s, type, id) BODY(s, type, id, LABEL, label)
DAMAGED(label_no_module, LABEL(s, CREDS, 1)->module = 0)
DAMAGED(label_module, LABEL(s, CREDS, 1)->module = cpu_to_le16(4))
DAMAGED(label_no_kind, LABEL(s, CREDS, 1)->kind = 0)
DAMAGED(label_kind, LABEL(s, CREDS, 1)->kind = cpu_to_le16(8))
DAMAGED(label_none_of_creds, LABEL(s, CREDS, 1)->kind = cpu_to_le16(CKPT_LABEL_HAT))
DAMAGED(label_of_selinux, LABEL(s, CREDS, 1)->module = cpu_to_le16(CKPT_LABEL_SELINUX))
DAMAGED(label_not_current, LABEL(s, CREDS, 1)->module = cpu_to_le16(CKPT_LABEL_SELINUX);
	LABEL(s, CREDS, 1)->kind = cpu_to_le16(CKPT_LABEL_EXEC))
DAMAGED(label_flags, LABEL(s, CREDS, 1)->flags = cpu_to_le32(CKPT_LABEL_STACK))
DAMAGED(label_token, LABEL(s, CREDS, 1)->token = cpu_to_le64(1))
DAMAGED(label_space, ((char *)(LABEL(s, CREDS, 1) + 1))[2] = ' ')
DAMAGED(label_lines, ((char *)(LABEL(s, CREDS, 1) + 1))[1] = '\n')
DAMAGED(label_ends, ((char *)(LABEL(s, CREDS, 1) + 1))[1] = '\0')
DAMAGED(label_none_of_tasks, LABEL(s, TASK, 11)->kind = cpu_to_le16(CKPT_LABEL_CURRENT))
DAMAGED(label_not_apparmor, LABEL(s, TASK, 11)->module = cpu_to_le16(CKPT_LABEL_SMACK))
DAMAGED(label_twice, LABEL(s, TASK, 11)->token = 0;
	LABEL(s, TASK, 11)->kind = cpu_to_le16(CKPT_LABEL_EXEC))
DAMAGED(oom_least, PROCESS(s, 10)->oom_score_adj_min = cpu_to_le32(-1001))
DAMAGED(autogroup_nice, PROCESS(s, 10)->autogroup_nice = cpu_to_le32(20))
DAMAGED(pdeath_signal, TASK(s, 11)->pdeath_signal = cpu_to_le32(65))
DAMAGED(ptracer_nobody, PROCESS(s, 10)->ptracer = cpu_to_le32(99))
#define TRACEE(s) BODY(s, TASK, 12, TRACEE, tracee)
DAMAGED(tracee_of_nobody, TRACEE(s)->tracer = 0)
DAMAGED(tracee_of_zombie, TRACEE(s)->tracer = cpu_to_le32(13))
DAMAGED(tracee_of_itself, TRACEE(s)->tracer = cpu_to_le32(12))
DAMAGED(tracee_runs, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_RUNS))
DAMAGED(tracee_no_stop, TRACEE(s)->stop = 0)
DAMAGED(tracee_group, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_GROUP))
DAMAGED(tracee_trapped, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP))
DAMAGED(tracee_attached, TRACEE(s)->flags = 0)
DAMAGED(tracee_not_seized, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP);
	TRACEE(s)->flags = 0)
DAMAGED(tracee_interrupted, TRACEE(s)->flags = cpu_to_le32(CKPT_TRACEE_INTERRUPT))
DAMAGED(tracee_code, TRACEE(s)->code = cpu_to_le32(1 << 16))
DAMAGED(tracee_code_of_signal, TRACEE(s)->code = cpu_to_le32(CKPT_NSIG))
DAMAGED(tracee_code_of_none, TRACEE(s)->code = cpu_to_le32(CKPT_NSIG + 1))
DAMAGED(tracee_code_of_trap, TRACEE(s)->code = cpu_to_le32(5 | 128 << 8))
DAMAGED(tracee_code_of_event, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP);
	TRACEE(s)->code = cpu_to_le32(5 | 1 << 8))
DAMAGED(tracee_trap_told, TRACEE(s)->stop = cpu_to_le32(CKPT_TRACEE_TRAP);
	TRACEE(s)->code = cpu_to_le32(5 | 128 << 8))
DAMAGED(tracee_twice,
	ckpt_add(&sample_file(s, CKPT_TYPE_TASK, 12)->w, CKPT_REC_TRACEE, 1))
DAMAGED(tracee_vforks, TASK(s, 12)->flags = cpu_to_le32(CKPT_TASK_VFORKING))
#define BREAKPOINTS(s) BODY(s, REGS, 11, BREAKPOINTS, breakpoints)
DAMAGED(breakpoint_not_set, BREAKPOINTS(s)->set = cpu_to_le32(1))
DAMAGED(breakpoint_at_none, BREAKPOINTS(s)->set = cpu_to_le32(3))
DAMAGED(breakpoint_fifth, BREAKPOINTS(s)->set = cpu_to_le32(0x12))
#define PORTS(s) BODY(s, REGS, 11, PORTS, ports)
#define PORT_RUN(s) ELEMS(s, REGS, 11, PORTS, port_run)
DAMAGED(ports_level, PORTS(s)->level = cpu_to_le32(4))
DAMAGED(ports_reserved, PORTS(s)->reserved = cpu_to_le32(1))
DAMAGED(ports_backwards, PORT_RUN(s)[0].first = cpu_to_le16(0x81))
DAMAGED(ports_in_disorder, PORT_RUN(s)[0].last = cpu_to_le16(0xffff))
DAMAGED(ports_beside_each_other, PORT_RUN(s)[0].last = cpu_to_le16(0xfeff))
DAMAGED(ports_twice, ckpt_add(&sample_file(s, CKPT_TYPE_REGS, 11)->w, CKPT_REC_PORTS, 1))
DAMAGED(ports_none, ckpt_add(&sample_file(s, CKPT_TYPE_REGS, 10)->w, CKPT_REC_PORTS, 0))
#define FILTER(s, id) BODY(s, SECCOMP, id, SECCOMP, seccomp)
DAMAGED(filter_upon_itself, FILTER(s, 2)->previous = cpu_to_le64(2))
DAMAGED(filter_upon_later, FILTER(s, 1)->previous = cpu_to_le64(2))
DAMAGED(filter_upon_none, FILTER(s, 2)->previous = cpu_to_le64(9))
DAMAGED(filter_flags, FILTER(s, 1)->flags = cpu_to_le32(4))
DAMAGED(filter_killable, FILTER(s, 1)->flags = cpu_to_le32(CKPT_SECCOMP_KILLABLE))
DAMAGED(filter_not_heard, FILTER(s, 2)->flags = 0; FILTER(s, 2)->listener = 0)
DAMAGED(filter_heard_by_none, FILTER(s, 1)->listener = cpu_to_le32(99))
DAMAGED(filter_heard_by_file, FILTER(s, 1)->listener = cpu_to_le32(1))
DAMAGED(filters_heard_by_one, FILTER(s, 1)->listener = cpu_to_le32(130))
#define LISTENER(s)	BODY(s, LISTENER, 130, LISTENER, listener)
DAMAGED(listener_of_none, LISTENER(s)->filter = 0)
DAMAGED(listener_of_unknown, LISTENER(s)->filter = cpu_to_le64(9))
DAMAGED(listener_of_other, LISTENER(s)->filter = cpu_to_le64(1))
DAMAGED(listener_flags, LISTENER(s)->flags = cpu_to_le32(2))
DAMAGED(listener_mode, BODY(s, LISTENER, 130, FILE, file)->flags = 0)
DAMAGED(no_filter, TASK(s, 10)->seccomp = cpu_to_le64(9))
DAMAGED(filter_empty, sample_file(s, CKPT_TYPE_SECCOMP, 1)->w.len = 0;
	ckpt_add(&sample_file(s, CKPT_TYPE_SECCOMP, 1)->w, CKPT_REC_SECCOMP, 0))
DAMAGED(timer_no_clock, TIMER(s, 10)[1].clock_tid = 0)
DAMAGED(timer_no_task, TIMER(s, 10)[1].clock_tid = cpu_to_le32(99))
DAMAGED(timer_clock_of, TIMER(s, 10)[0].clock_tid = cpu_to_le32(10))
DAMAGED(timer_relative, TIMER(s, 10)[0].clock = cpu_to_le32(1))
DAMAGED(timer_id, TIMER(s, 10)[0].id = cpu_to_le32(-1))
DAMAGED(timer_never, TIMER(s, 10)[0].expires = cpu_to_le64(BIT_ULL(63)))
DAMAGED(timer_no_interval, TIMER(s, 10)[0].interval = 0)
DAMAGED(timer_interval, TIMER(s, 10)[0].interval = cpu_to_le64(BIT_ULL(63)))
DAMAGED(timer_twice, TIMER(s, 10)[0].flags |= cpu_to_le32(CKPT_TIMER_ARMED))
DAMAGED(timer_none, TIMER(s, 10)[1].flags = cpu_to_le32(CKPT_TIMER_PENDING))
DAMAGED(timer_notify, TIMER(s, 10)[1].notify = cpu_to_le32(5))
DAMAGED(timer_overrun, TIMER(s, 10)[0].overrun = cpu_to_le64(-2))
DAMAGED(timer_next, PROCESS(s, 10)->next_timer = cpu_to_le32(-1))
DAMAGED(alarm_never, PROCESS(s, 10)->real_left = cpu_to_le64(BIT_ULL(62)))
DAMAGED(alarm_interval, PROCESS(s, 10)->real_interval = cpu_to_le64(BIT_ULL(63)))
DAMAGED(usage_long, BODY(s, TASK, 10, USAGE, usage)->utime = cpu_to_le64(BIT_ULL(63)))
DAMAGED(usage_nobody, BODY(s, TASK, 10, USAGE, usage)->who = 0)

#define KEY(s, id)	BODY(s, KEY, id, KEY, key)
#define LINKS(s, TYPE, id) ((__le64 *)sample_elems(s, CKPT_TYPE_##TYPE, id, CKPT_REC_KEYS))
DAMAGED(key_kind, KEY(s, 3)->kind = 0)
DAMAGED(key_other_kind, KEY(s, 3)->kind = cpu_to_le32(4))
DAMAGED(key_special, KEY(s, 4)->serial = cpu_to_le32(-2))
DAMAGED(key_nothing, KEY(s, 4)->serial = 0)
DAMAGED(key_perm, KEY(s, 3)->perm = cpu_to_le32(0x40))
DAMAGED(key_time, KEY(s, 3)->expiry = cpu_to_le64(BIT_ULL(63)))
DAMAGED(key_type, KEY(s, 3)->type[0] = 'x')
DAMAGED(key_type_long, memset(KEY(s, 4)->type, 'x', 32))
DAMAGED(key_type_none, memset(KEY(s, 4)->type, 0, 32))
DAMAGED(key_ring_type, KEY(s, 2)->type[0] = 'x')
DAMAGED(key_ring_name, ((char *)sample_elems(s, CKPT_TYPE_KEY, 2, CKPT_REC_KEY))[0] = '.')
DAMAGED(key_no_name, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_KEY, 4)->w;
	w->len = 0;
	struct ckpt_key *key = ckpt_add(w, CKPT_REC_KEY, 1);
	if (key)
		*key = (struct ckpt_key){ .kind = cpu_to_le32(CKPT_KEY_EXISTING),
					  .serial = cpu_to_le32(1), .type = "user" })
DAMAGED(key_not_made, KEY(s, 1)->kind = cpu_to_le32(CKPT_KEY_EXISTING))
DAMAGED(key_not_read, KEY(s, 3)->kind = cpu_to_le32(CKPT_KEY_EXISTING))
DAMAGED(key_unread, KEY(s, 4)->kind = cpu_to_le32(CKPT_KEY_USER))
DAMAGED(key_empty, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_KEY, 3)->w;
	w->len -= 24;
	ckpt_add(w, CKPT_REC_PAYLOAD, 0))
DAMAGED(key_twice, ckpt_add(&sample_file(s, CKPT_TYPE_KEY, 3)->w, CKPT_REC_PAYLOAD, 1))
DAMAGED(key_links_twice, ckpt_add(&sample_file(s, CKPT_TYPE_KEY, 2)->w, CKPT_REC_KEYS, 0))
DAMAGED(key_links_none, sample_file(s, CKPT_TYPE_KEY, 2)->w.len -= 16)
DAMAGED(key_link_nothing, LINKS(s, KEY, 1)[0] = 0)
DAMAGED(key_link_gone, LINKS(s, KEY, 1)[0] = cpu_to_le64(99))
DAMAGED(creds_session, LINKS(s, CREDS, 1)[0] = cpu_to_le64(3))
DAMAGED(creds_process, LINKS(s, CREDS, 1)[1] = cpu_to_le64(4))
DAMAGED(creds_reqkey, BODY(s, CREDS, 1, CREDS, creds)->reqkey = cpu_to_le32(6))
DAMAGED(creds_reqkey_none, BODY(s, CREDS, 1, CREDS, creds)->reqkey = cpu_to_le32(8))
DAMAGED(creds_gone, LINKS(s, CREDS, 1)[2] = cpu_to_le64(99))
DAMAGED(creds_keyrings_twice, ckpt_add(&sample_file(s, CKPT_TYPE_CREDS, 1)->w,
				       CKPT_REC_KEYS, 3))
DAMAGED(creds_two_keyrings, struct ckpt_writer *w = &sample_file(s, CKPT_TYPE_CREDS, 1)->w;
	w->len -= 40;
	ckpt_add(w, CKPT_REC_KEYS, 2))

static const struct damage_case cases[] = {
#define ROW(damage, result) { #damage, damage, result }
	ROW(bad_magic, -EUCLEAN),	ROW(bad_format, -EOPNOTSUPP),
	ROW(bad_arch, -EOPNOTSUPP),	ROW(bad_page_size, -EOPNOTSUPP),
	ROW(bad_incompat, -EOPNOTSUPP),	ROW(bad_name, -EUCLEAN),
	ROW(bad_name_tail, -EUCLEAN),	ROW(bad_nr_tasks, -EUCLEAN),
	ROW(has_parent, -EUCLEAN),	ROW(no_cpu, -EUCLEAN),
	ROW(cpu_reserved, -EUCLEAN),	ROW(no_parent_task, -EUCLEAN),
	ROW(own_parent, -EUCLEAN),	ROW(cycle, -EUCLEAN),
	ROW(no_leader, -EUCLEAN),	ROW(other_process, -EUCLEAN),
	ROW(other_mm, -EUCLEAN),	ROW(no_mm, -EUCLEAN),
	ROW(bad_state, -EUCLEAN),	ROW(bad_flags, -EUCLEAN),
	ROW(ssb_twice, -EUCLEAN),	ROW(ib_twice, -EUCLEAN),
	ROW(task_reserved, -EUCLEAN),	ROW(bad_comm, -EUCLEAN),
	ROW(tid_not_id, -EUCLEAN),	ROW(big_tid, -EUCLEAN),
	ROW(vfork_nobody, -EUCLEAN),	ROW(vfork_unasked, -EUCLEAN),
	ROW(thread_signal, -EUCLEAN),	ROW(leader_no_signal, -EUCLEAN),
	ROW(thread_ppid, -EUCLEAN),	ROW(zombie_parent, -EUCLEAN),
	ROW(vfork_other, 0),		ROW(vfork_thread, 0),
	ROW(vfork_itself, -EUCLEAN),	ROW(vfork_twice, -EUCLEAN),
	ROW(zombie_runs, -EUCLEAN),	ROW(zombie_mm, -EUCLEAN),
	ROW(zombie_thread, -EUCLEAN),	ROW(maker_nobody, -EUCLEAN),
	ROW(maker_itself, -EUCLEAN),	ROW(maker_clone, -EUCLEAN),
	ROW(maker_zombie, -EUCLEAN),	ROW(maker_of_thread, -EUCLEAN),
	ROW(maker_thread, -EUCLEAN),	ROW(zombie_creds, -EUCLEAN),
	ROW(zombie_alone, -EUCLEAN),	ROW(zombie_leads, 0),
	ROW(zombie_bare, -EUCLEAN),	ROW(zombie_other_mm, -EUCLEAN),
	ROW(vfork_zombie, -EUCLEAN),	ROW(no_regs, -EUCLEAN),
	ROW(no_task, -EUCLEAN),		ROW(no_process, -EUCLEAN),
	ROW(no_group_leader, -EUCLEAN),	ROW(no_session_leader, -EUCLEAN),
	ROW(group_of_session, -EUCLEAN), ROW(leads_no_session, -EUCLEAN),
	ROW(left_group, 0),		ROW(left_session, 0),
	ROW(left_nowhere, -EUCLEAN),	ROW(left_elsewhere, -EUCLEAN),
	ROW(left_number, -EUCLEAN),	ROW(left_task, -EUCLEAN),
	ROW(left_ended, 0),		ROW(ended_nobody, -EUCLEAN),
	ROW(sched_policy, -EUCLEAN),	ROW(sched_priority, -EUCLEAN),
	ROW(sched_clamp, -EUCLEAN),	ROW(oom_least, -EUCLEAN),
	ROW(core_group_none, -EUCLEAN),	ROW(core_group_reserved, -EUCLEAN),
	ROW(core_group_twice, -EUCLEAN), ROW(autogroup_nice, -EUCLEAN),
	ROW(pdeath_signal, -EUCLEAN),	ROW(ptracer_nobody, -EUCLEAN),
	ROW(tracee_of_nobody, -EUCLEAN), ROW(tracee_of_zombie, -EUCLEAN),
	ROW(tracee_of_itself, -EUCLEAN), ROW(tracee_runs, -EUCLEAN),
	ROW(tracee_no_stop, -EUCLEAN),	ROW(tracee_group, -EUCLEAN),
	ROW(tracee_trapped, 0),		ROW(tracee_attached, 0),
	ROW(tracee_not_seized, -EUCLEAN), ROW(tracee_interrupted, -EUCLEAN),
	ROW(tracee_code, -EUCLEAN),	ROW(tracee_twice, -EUCLEAN),
	ROW(tracee_code_of_signal, 0),	ROW(tracee_code_of_none, -EUCLEAN),
	ROW(tracee_code_of_trap, -EUCLEAN), ROW(tracee_code_of_event, -EUCLEAN),
	ROW(tracee_trap_told, 0),	ROW(breakpoint_not_set, -EUCLEAN),
	ROW(breakpoint_at_none, 0),	ROW(breakpoint_fifth, -EUCLEAN),
	ROW(tracee_vforks, -EUCLEAN),	ROW(filter_upon_itself, -EUCLEAN),
	ROW(filter_upon_later, -EUCLEAN), ROW(filter_upon_none, -EUCLEAN),
	ROW(filter_flags, -EUCLEAN),	ROW(no_filter, -EUCLEAN),
	ROW(filter_empty, -EUCLEAN),	ROW(timer_no_clock, -EUCLEAN),
	ROW(timer_no_task, -EUCLEAN),	ROW(timer_clock_of, -EUCLEAN),
	ROW(timer_relative, -EUCLEAN),	ROW(timer_id, -EUCLEAN),
	ROW(timer_never, -EUCLEAN),	ROW(timer_no_interval, -EUCLEAN),
	ROW(timer_interval, -EUCLEAN),	ROW(timer_twice, -EUCLEAN),
	ROW(timer_none, -EUCLEAN),	ROW(timer_notify, -EUCLEAN),
	ROW(timer_overrun, -EUCLEAN),	ROW(timer_next, -EUCLEAN),
	ROW(alarm_never, -EUCLEAN),	ROW(alarm_interval, -EUCLEAN),
	ROW(usage_long, -EUCLEAN),	ROW(usage_nobody, -EUCLEAN),
	ROW(session_of_other, -EUCLEAN), ROW(leader_in_group, -EUCLEAN),
	ROW(group_outside, -EUCLEAN),	ROW(group_nowhere, -EUCLEAN),
	ROW(key_kind, -EUCLEAN),	ROW(key_other_kind, -EUCLEAN),
	ROW(key_special, -EUCLEAN),	ROW(key_nothing, -EUCLEAN),
	ROW(key_perm, -EUCLEAN),	ROW(key_time, -EUCLEAN),
	ROW(key_type, -EUCLEAN),	ROW(key_type_long, -EUCLEAN),
	ROW(key_type_none, -EUCLEAN),	ROW(key_ring_type, -EUCLEAN),
	ROW(key_ring_name, -EUCLEAN),	ROW(key_no_name, -EUCLEAN),
	ROW(key_not_made, -EUCLEAN),	ROW(key_not_read, -EUCLEAN),
	ROW(key_unread, -EUCLEAN),	ROW(key_empty, -EUCLEAN),
	ROW(key_twice, -EUCLEAN),	ROW(key_links_twice, -EUCLEAN),
	ROW(key_links_none, -EUCLEAN),	ROW(key_link_nothing, -EUCLEAN),
	ROW(key_link_gone, -EUCLEAN),	ROW(creds_session, -EUCLEAN),
	ROW(creds_process, -EUCLEAN),	ROW(creds_gone, -EUCLEAN),
	ROW(creds_keyrings_twice, -EUCLEAN), ROW(creds_two_keyrings, -EUCLEAN),
	ROW(creds_reqkey, -EUCLEAN),	ROW(creds_reqkey_none, -EUCLEAN),
	ROW(label_no_module, -EUCLEAN),	ROW(label_module, -EUCLEAN),
	ROW(label_no_kind, -EUCLEAN),	ROW(label_kind, -EUCLEAN),
	ROW(label_none_of_creds, -EUCLEAN), ROW(label_of_selinux, 0),
	ROW(label_not_current, -EUCLEAN), ROW(label_flags, -EUCLEAN),
	ROW(label_token, -EUCLEAN),	ROW(label_space, -EUCLEAN),
	ROW(label_lines, -EUCLEAN),	ROW(label_ends, -EUCLEAN),
	ROW(label_none_of_tasks, -EUCLEAN), ROW(label_not_apparmor, -EUCLEAN),
	ROW(label_twice, -EUCLEAN),
	ROW(ports_level, -EUCLEAN),	ROW(ports_reserved, -EUCLEAN),
	ROW(ports_backwards, -EUCLEAN),	ROW(ports_in_disorder, -EUCLEAN),
	ROW(ports_beside_each_other, -EUCLEAN), ROW(ports_twice, -EUCLEAN),
	ROW(ports_none, -EUCLEAN),	ROW(filter_killable, -EUCLEAN),
	ROW(filter_not_heard, -EUCLEAN), ROW(filter_heard_by_none, -EUCLEAN),
	ROW(filter_heard_by_file, -EUCLEAN), ROW(filters_heard_by_one, -EUCLEAN),
	ROW(maker_of_ended, -EUCLEAN),	ROW(joint_nothing, -EUCLEAN),
	ROW(joint_nobody, -EUCLEAN),	ROW(joint_zombie, -EUCLEAN),
	ROW(joint_itself, -EUCLEAN),	ROW(joint_twice, -EUCLEAN),
	ROW(joint_has, -EUCLEAN),	ROW(joint_first_has, -EUCLEAN),
	ROW(joint_files_has, -EUCLEAN),	ROW(joint_chain, -EUCLEAN),
	ROW(joint_tables, 0),		ROW(joint_other_tables, -EUCLEAN),
	ROW(files_from_nobody, -EUCLEAN), ROW(fs_from_nobody, -EUCLEAN),
	ROW(mm_from_nobody, -EUCLEAN),	ROW(sighand_from_nobody, -EUCLEAN),
	ROW(listener_of_none, -EUCLEAN), ROW(listener_of_unknown, -EUCLEAN),
	ROW(listener_of_other, -EUCLEAN), ROW(listener_flags, -EUCLEAN),
	ROW(listener_mode, -EUCLEAN),
#undef ROW
};

const struct damage_table damage_tasks = { cases, ARRAY_SIZE(cases) };
