/* The interface as a C program meets it. */
#include <rdu_hw/arch.h>

uint32_t arch_units_seen_from_c(const char* preset);

uint32_t arch_units_seen_from_c(const char* preset) {
  rdu_hw_arch arch;
  rdu_hw_arch_error error;
  if (rdu_hw_arch_load(preset, &arch, &error) != RDU_HW_ARCH_OK) return 0;
  return rdu_hw_arch_num_pcus(&arch) + rdu_hw_arch_num_pmus(&arch);
}
