// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an image needs of a processor: the file `cpu`.
 *
 * A program finds out once what the processor can do, and relies on it from
 * then on: so the machine that goes on with it must have every CPUID feature
 * that the first one had, and lay out the XSAVE area in the same way. What only
 * a kernel can use does not count. The vendor is information. All of this is
 * constant after boot and needs no lock.
 */
#include <asm/cpufeature.h>
#include <asm/fpu/xcr.h>
#include <asm/fpu/xstate.h>
#include <asm/processor.h>

#include "../../checkpointfs.h"

#define CAP(name)	BIT(X86_FEATURE_##name & 31)

/**
 * struct cpu_word - a CPUID feature word of the image
 * @leaf:	where it is kept in boot_cpu_data, enum cpuid_leafs
 * @name:	for messages
 * @kernel:	bits that user mode cannot make use of
 */
struct cpu_word {
	unsigned int leaf;
	const char *name;
	u32 kernel;
};

static const struct cpu_word cpu_words[CKPT_CPU_WORDS] = {
	[CKPT_CPU_1_EDX] = { CPUID_1_EDX, "1.EDX",
		CAP(VME) | CAP(DE) | CAP(PSE) | CAP(MSR) | CAP(PAE) |
		CAP(MCE) | CAP(APIC) | CAP(MTRR) | CAP(PGE) | CAP(MCA) |
		CAP(PAT) | CAP(PSE36) | CAP(PN) | CAP(DS) | CAP(ACPI) |
		CAP(SELFSNOOP) | CAP(HT) | CAP(ACC) | CAP(IA64) | CAP(PBE) },
	/* What OSXSAVE tells is in the mask of XSAVE components. */
	[CKPT_CPU_1_ECX] = { CPUID_1_ECX, "1.ECX",
		CAP(DTES64) | CAP(MWAIT) | CAP(DSCPL) | CAP(VMX) | CAP(SMX) |
		CAP(EST) | CAP(TM2) | CAP(CID) | CAP(SDBG) | CAP(XTPR) |
		CAP(PDCM) | CAP(PCID) | CAP(DCA) | CAP(X2APIC) |
		CAP(TSC_DEADLINE_TIMER) | CAP(OSXSAVE) | CAP(HYPERVISOR) },
	[CKPT_CPU_7_EBX] = { CPUID_7_0_EBX, "7.EBX",
		CAP(TSC_ADJUST) | CAP(FDP_EXCPTN_ONLY) | CAP(SMEP) |
		CAP(INVPCID) | CAP(CQM) | CAP(ZERO_FCS_FDS) | CAP(RDT_A) |
		CAP(SMAP) | CAP(INTEL_PT) },
	[CKPT_CPU_7_ECX] = { CPUID_7_ECX, "7.ECX",
		CAP(UMIP) | CAP(OSPKE) | CAP(TME) | CAP(BUS_LOCK_DETECT) |
		CAP(SGX_LC) },
	[CKPT_CPU_7_EDX] = { CPUID_7_EDX, "7.EDX",
		CAP(SRBDS_CTRL) | CAP(MD_CLEAR) | CAP(RTM_ALWAYS_ABORT) |
		CAP(TSX_FORCE_ABORT) | CAP(HYBRID_CPU) | CAP(PCONFIG) |
		CAP(ARCH_LBR) | CAP(SPEC_CTRL) | CAP(INTEL_STIBP) |
		CAP(FLUSH_L1D) | CAP(ARCH_CAPABILITIES) |
		CAP(CORE_CAPABILITIES) | CAP(SPEC_CTRL_SSBD) },
	[CKPT_CPU_7_1_EAX] = { CPUID_7_1_EAX, "7.1.EAX",
		CAP(ARCH_PERFMON_EXT) | CAP(FRED) | CAP(LKGS) | CAP(WRMSRNS) },
	[CKPT_CPU_80000001_EDX] = { CPUID_8000_0001_EDX, "80000001.EDX",
		CAP(MP) | CAP(NX) | CAP(GBPAGES) },
	[CKPT_CPU_80000001_ECX] = { CPUID_8000_0001_ECX, "80000001.ECX",
		CAP(CMP_LEGACY) | CAP(SVM) | CAP(EXTAPIC) | CAP(CR8_LEGACY) |
		CAP(OSVW) | CAP(IBS) | CAP(SKINIT) | CAP(WDT) | CAP(TCE) |
		CAP(NODEID_MSR) | CAP(TOPOEXT) | CAP(PERFCTR_CORE) |
		CAP(PERFCTR_NB) | CAP(BPEXT) | CAP(PTSC) | CAP(PERFCTR_LLC) },
	[CKPT_CPU_80000008_EBX] = { CPUID_8000_0008_EBX, "80000008.EBX",
		CAP(IRPERF) | CAP(WBNOINVD) | CAP(AMD_IBPB) | CAP(AMD_IBRS) |
		CAP(AMD_STIBP) | CAP(AMD_STIBP_ALWAYS_ON) | CAP(AMD_PPIN) |
		CAP(AMD_SSBD) | CAP(VIRT_SSBD) | CAP(AMD_SSB_NO) | CAP(CPPC) |
		CAP(AMD_PSFD) | CAP(BTC_NO) | CAP(AMD_IBPB_RET) | CAP(BRS) },
	[CKPT_CPU_D_1_EAX] = { CPUID_D_1_EAX, "D.1.EAX", CAP(XSAVES) },
};

/* The XSAVE components that user mode may use on this machine. */
static u64 host_xfeatures(void)
{
	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		return XFEATURE_MASK_FPSSE;
	return xgetbv(XCR_XFEATURE_ENABLED_MASK);
}

/* Bytes of a standard-format XSAVE area with these components; 0: no XSAVE. */
static u32 xsave_extent(u64 xfeatures)
{
	u32 end = FXSAVE_SIZE + XSAVE_HDR_SIZE;
	unsigned int i;

	if (!boot_cpu_has(X86_FEATURE_XSAVE))
		return 0;
	for (i = XFEATURE_YMM; i < 63; i++) {
		u32 size, offset, ecx, edx;

		if (!(xfeatures & BIT_ULL(i)))
			continue;
		cpuid_count(0xd, i, &size, &offset, &ecx, &edx);
		end = max(end, offset + size);
	}
	return end;
}

int ckpt_cpu_save(struct ckpt_writer *w)
{
	struct ckpt_cpu *cpu = ckpt_add(w, CKPT_REC_CPU, CKPT_CPU_WORDS);
	__le32 *words;
	unsigned int i;

	if (!cpu)
		return w->error;
	cpu->xfeatures = cpu_to_le64(host_xfeatures());
	cpu->xsave_size = cpu_to_le32(xsave_extent(host_xfeatures()));
	strscpy_pad(cpu->vendor, boot_cpu_data.x86_vendor_id);
	words = ckpt_elems(cpu);
	for (i = 0; i < CKPT_CPU_WORDS; i++)
		words[i] = cpu_to_le32(boot_cpu_data.x86_capability[cpu_words[i].leaf]);
	return 0;
}

static int check_word(struct ckpt_image *img, unsigned int i, u32 word)
{
	const struct cpu_word *w = &cpu_words[i];
	u32 lacks = word & ~w->kernel & ~boot_cpu_data.x86_capability[w->leaf];

	if (!lacks)
		return 0;
	ckpt_err(img->mount, "restore: %s/cpu: this processor lacks CPUID %s bit %d",
		 img->name, w->name, ffs(lacks) - 1);
	return -EOPNOTSUPP;
}

int ckpt_cpu_check(struct ckpt_image *img)
{
	const struct ckpt_cpu *cpu;
	struct ckpt_view view;
	const __le32 *words;
	u64 xfeatures;
	unsigned int i;
	int err = 0;

	if (!ckpt_find(img->cpu.bytes, img->cpu.size, CKPT_REC_CPU, &view))
		return -EUCLEAN;
	cpu = view.body;
	words = view.elems;
	for (i = 0; !err && i < min_t(u32, view.count, CKPT_CPU_WORDS); i++)
		err = check_word(img, i, le32_to_cpu(words[i]));
	if (err)
		return err;

	xfeatures = le64_to_cpu(cpu->xfeatures);
	if (xfeatures & ~host_xfeatures()) {
		ckpt_err(img->mount, "restore: %s/cpu: this machine lacks XSAVE components %#llx",
			 img->name, xfeatures & ~host_xfeatures());
		return -EOPNOTSUPP;
	}
	/* Components may lie elsewhere on a processor of another make. */
	if (le32_to_cpu(cpu->xsave_size) != xsave_extent(xfeatures)) {
		ckpt_err(img->mount, "restore: %s/cpu: this processor lays out its XSAVE area differently",
			 img->name);
		return -EOPNOTSUPP;
	}
	return 0;
}
