/* The interface as a C program meets it. */
#include <rdu_hw/driver.h>

uint64_t free_bytes_seen_from_c(const char* preset);

uint64_t free_bytes_seen_from_c(const char* preset) {
  rdu_hw_arch arch;
  rdu_hw_chip* chip;
  rdu_hw_chip_info info;
  uint64_t bytes = 0;
  if (rdu_hw_arch_load(preset, &arch, NULL) != RDU_HW_ARCH_OK) return 0;
  if (rdu_hw_chip_open(&arch, NULL, &chip, NULL) != RDU_HW_OK) return 0;
  if (rdu_hw_chip_get_info(chip, &info, NULL) == RDU_HW_OK) {
    bytes = info.capacity_bytes[RDU_HW_TIER_DRAM] - info.allocated_bytes[RDU_HW_TIER_DRAM];
  }
  rdu_hw_chip_close(chip);
  return bytes;
}
