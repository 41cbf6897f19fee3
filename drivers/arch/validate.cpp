// What makes a chip a chip: every figure in its range, and no two that contradict each other.
#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "drivers/arch/chip.hpp"
#include "drivers/arch/document.hpp"
#include "drivers/arch/fault.hpp"
#include "drivers/arch/fields.hpp"
#include "drivers/arch/value.hpp"
#include "drivers/arch/words.hpp"

namespace rdu_hw::arch {
namespace {

constexpr uint32_t kMaxUnits = 16384;
constexpr uint32_t kMinClockPs = 10;
constexpr uint32_t kMaxDenominator = 1'000'000;
constexpr uint32_t kMaxBanks = 64;  // of a channel
constexpr uint64_t kMaxRows = uint64_t{1} << 32;
constexpr uint64_t kMaxRatio = 1 << 20;

bool all_zero(const void* data, size_t bytes) {
  const auto* p = static_cast<const uint8_t*>(data);
  return std::all_of(p, p + bytes, [](uint8_t byte) { return byte == 0; });
}

bool is_clean_name(const char* text) {
  size_t length = strnlen(text, RDU_HW_NAME_BYTES);
  return length < RDU_HW_NAME_BYTES && is_name({text, length}) &&
         all_zero(text + length, RDU_HW_NAME_BYTES - length);
}

bool is_good_ratio(const Field& field, const uint32_t* ratio) {
  return ratio[0] >= field.min && ratio[0] <= field.max && ratio[1] >= 1 &&
         ratio[1] <= kMaxDenominator && std::gcd(ratio[0], ratio[1]) == 1;
}

bool is_permutation(const uint8_t* digits) {
  uint32_t seen = 0;
  for (size_t i = 0; i < RDU_HW_MAP_DIGITS; ++i) seen |= digits[i] < 32 ? 1u << digits[i] : 0u;
  return seen == (1u << RDU_HW_MAP_DIGITS) - 1;
}

bool is_good(const Field& field, const rdu_hw_arch& arch) {
  const void* at = place_of(field, arch);
  auto has_value = [&](uint64_t value) {
    return std::ranges::any_of(field.words, [&](const Word& word) { return word.value == value; });
  };
  switch (field.kind) {
    case Kind::kCount:
    case Kind::kSize: {
      uint64_t number = number_of(field, arch);
      return number >= field.min && number <= field.max;
    }
    case Kind::kChoice:
      return has_value(number_of(field, arch));
    case Kind::kSet: {
      uint64_t known = 0;
      for (const Word& word : field.words) known |= word.value;
      return (number_of(field, arch) & ~known) == 0;
    }
    case Kind::kRatio:
      return is_good_ratio(field, static_cast<const uint32_t*>(at));
    case Kind::kMap:
      return is_permutation(static_cast<const uint8_t*>(at));
    case Kind::kText:
      return is_clean_name(static_cast<const char*>(at));
  }
  return false;
}

class Checker {
 public:
  Checker(const rdu_hw_arch& arch, const std::string& origin) : arch_(arch), origin_(origin) {}

  void check() const {
    check_figures();
    check_units();
    check_edges();
    check_dram(arch_.dram, "dram");
    if (has_hbm(arch_)) check_dram(arch_.hbm, "hbm");
  }

 private:
  // Throws unless `good`: "pmu.banks: expected …, got …".
  void demand(bool good, const std::string& key, const std::string& expected,
              const std::string& seen) const {
    if (good) return;
    throw Fault(RDU_HW_ARCH_ERR_CONFLICT,
                place_in(origin_, key) + ": expected " + expected + ", got " + seen);
  }
  void demand(bool good, const std::string& key, const std::string& expected, uint64_t seen) const {
    demand(good, key, expected, std::to_string(seen));
  }

  void check_figures() const {
    if (!is_clean_name(arch_.name)) {
      throw bad_value(place_in(origin_, "name"), "1 to 31 letters, digits or ._+-",
                      in_quotes({arch_.name, strnlen(arch_.name, RDU_HW_NAME_BYTES)}));
    }
    if (!has_hbm(arch_) && !all_zero(&arch_.hbm, sizeof arch_.hbm)) {
      throw bad_value(place_in(origin_, "hbm.channels"), "1 or more, or a tier of zeros", "0");
    }
    for (const Field& field : fields()) {
      if ((is_optional(field) && !has_hbm(arch_)) || is_good(field, arch_)) continue;
      throw bad_value(place_in(origin_, field.key), expectation(field), plain_text(field, arch_));
    }
    uint32_t reserved = arch_.pcu.ports.reserved | arch_.pmu.ports.reserved |
                        arch_.agcu.ports.reserved | arch_.pmu.reserved | arch_.agcu.reserved |
                        arch_.dram.reserved | arch_.hbm.reserved | arch_.dram.reserved_bytes[0] |
                        arch_.dram.reserved_bytes[1] | arch_.hbm.reserved_bytes[0] |
                        arch_.hbm.reserved_bytes[1];
    if (reserved != 0) {
      throw bad_value(place_in(origin_, "reserved"), "0", std::to_string(reserved));
    }
  }

  void check_units() const {
    const rdu_hw_pcu& pcu = arch_.pcu;
    uint32_t units = rdu_hw_arch_num_units(&arch_);
    demand(units >= 2 && units <= kMaxUnits, "grid", "2 to " + std::to_string(kMaxUnits) + " units",
           units);
    demand(std::has_single_bit(pcu.lanes), "pcu.lanes", "a power of two", pcu.lanes);
    demand((pcu.systolic_rows == 0) == (pcu.systolic_columns == 0), "pcu.systolic_columns",
           "0 exactly where pcu.systolic_rows is, which is " + std::to_string(pcu.systolic_rows),
           pcu.systolic_columns);
    demand(pcu.dtypes != 0, "pcu.dtypes", "at least one number format", "none");
    demand(pcu.bf16_per_word == 1 || (pcu.dtypes & RDU_HW_DTYPE_BF16) != 0, "pcu.bf16_per_word",
           "1 without bf16 among pcu.dtypes", pcu.bf16_per_word);
    const rdu_hw_pmu& pmu = arch_.pmu;
    demand(std::has_single_bit(pmu.banks), "pmu.banks", "a power of two", pmu.banks);
    uint64_t slice = uint64_t{pmu.banks} * (arch_.grid.word_bits / 8);
    demand(pmu.bytes % slice == 0, "pmu.bytes",
           "a multiple of " + std::to_string(slice) + ", a word of each bank", pmu.bytes);
  }

  void check_edges() const {
    demand(arch_.agcu.edges != 0, "agcu.edges", "at least one side", "none");
    for (const Side& side : sides_of(arch_)) {
      demand(side.agcus <= side.switches, "agcu.count",
             "at most " + std::to_string(side.switches) + " on a side, a switch for each",
             std::to_string(side.agcus) + " of " + std::to_string(arch_.agcu.count));
    }
  }

  void check_dram(const rdu_hw_dram& dram, const std::string& tier) const {
    demand(dram.clock_ps_num >= uint64_t{kMinClockPs} * dram.clock_ps_den, tier + ".clock_ps",
           "at least " + std::to_string(kMinClockPs) + " ps",
           std::to_string(dram.clock_ps_num) + "/" + std::to_string(dram.clock_ps_den));
    demand(dram.bus_bits % 8 == 0, tier + ".bus_bits", "a multiple of 8", dram.bus_bits);
    demand(dram.burst_length % 2 == 0, tier + ".burst_length", "an even number, two per clock",
           dram.burst_length);
    uint32_t burst = rdu_hw_dram_burst_bytes(&dram);
    demand(dram.row_bytes % burst == 0, tier + ".row_bytes",
           "a multiple of the " + std::to_string(burst) + " bytes of a burst", dram.row_bytes);
    uint64_t slice =
        uint64_t{dram.channels} * dram.ranks * dram.bank_groups * dram.banks * dram.row_bytes;
    demand(dram.capacity_bytes % slice == 0, tier + ".capacity_bytes",
           "a multiple of " + std::to_string(slice) +
               ", channels x ranks x bank_groups x banks x row_bytes",
           dram.capacity_bytes);
    demand(rdu_hw_dram_rows(&dram) <= kMaxRows, tier + ".capacity_bytes",
           "at most " + std::to_string(kMaxRows) + " rows in a bank", rdu_hw_dram_rows(&dram));
    uint32_t banks = dram.ranks * dram.bank_groups * dram.banks;
    demand(banks <= kMaxBanks, tier + ".banks",
           "ranks x bank_groups x banks of at most " + std::to_string(kMaxBanks), banks);
    ClockRatio ratio = clock_ratio(arch_, dram);
    demand(ratio.clocks <= kMaxRatio && ratio.cycles <= kMaxRatio, tier + ".clock_ps",
           "a simple ratio to clock_hz, of numbers up to " + std::to_string(kMaxRatio),
           std::to_string(ratio.clocks) + "/" + std::to_string(ratio.cycles));
    check_timing(dram, tier + ".timing.");
  }

  void check_timing(const rdu_hw_dram& dram, const std::string& prefix) const {
    const rdu_hw_dram_timing& t = dram.timing;
    auto at_least = [&](const char* key, uint32_t value, const char* what, uint32_t bound) {
      demand(value >= bound, prefix + key, "at least " + std::to_string(bound) + ", " + what,
             value);
    };
    at_least("ccd_s", t.ccd_s, "the clocks of a burst", dram.burst_length / 2);
    at_least("ccd_l", t.ccd_l, "as ccd_s", t.ccd_s);
    at_least("rrd_l", t.rrd_l, "as rrd_s", t.rrd_s);
    at_least("wtr_l", t.wtr_l, "as wtr_s", t.wtr_s);
    at_least("faw", t.faw, "as rrd_s", t.rrd_s);
    at_least("ras", t.ras, "as rcd", t.rcd);
    at_least("rc", t.rc, "as ras", t.ras);
    // Else a rank would never come to anything but refreshing.
    at_least("refi", t.refi, "more than rfc + rc + rp + wr", t.rfc + t.rc + t.rp + t.wr + 1);
  }

  const rdu_hw_arch& arch_;
  const std::string& origin_;
};

}  // namespace

void validate_chip(const rdu_hw_arch& arch, const std::string& origin) {
  Checker(arch, origin).check();
}

}  // namespace rdu_hw::arch
