// Refusals in the order in which they would be met: nothing compiled, the compiler's own, another chip, damaged, too large.
#include "plugins/rdu/check.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include "plugins/rdu/memory_plan.hpp"

namespace rdu::chip_plugin {
namespace {

using plugin::concat;

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 19> text;
  std::snprintf(text.data(), text.size(), "0x%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

Verdict nothing_compiled(const Owner& owner, std::uint64_t chip_hash, std::uint64_t other) {
  if (other == 0) {
    return {RDU_REASON_NOT_COMPILED,
            concat("rducc --target rdu:", owner.name, " compiles it for this chip")};
  }
  return {RDU_REASON_PAYLOAD, concat("for a chip ", hexadecimal(other), ", this one, '", owner.name,
                                     "', is ", hexadecimal(chip_hash))};
}

// The words of the compiler, where it left some in the place of a package.
bool declined(const rdu_bytes& payload, Verdict& out) {
  std::array<char, 256> text = {};
  const auto code = rdu_hw_refusal_decode(payload.data, payload.size, &out.reason, text.data(),
                                          text.size(), nullptr);
  if (code != RDU_HW_IMAGE_OK) return false;
  if (out.reason == RDU_REASON_TAKEN) out.reason = RDU_REASON_NOT_COMPILED;
  out.detail = text.data();
  return true;
}

Verdict fits_memory(const rdu_hw_chip_info& info, const rdu_hw_package& package,
                    std::uint64_t alignment) {
  const auto bytes = bytes_needed(package, alignment);
  for (std::uint32_t tier = 0; tier < RDU_HW_NUM_TIERS; ++tier) {
    if (bytes[tier] <= info.capacity_bytes[tier]) continue;
    return {RDU_REASON_CAPACITY, concat(bytes[tier], " bytes of ", tier == 0 ? "dram" : "hbm",
                                        ", the chip has ", info.capacity_bytes[tier])};
  }
  return {};
}

}  // namespace

Verdict judge(const Owner& owner, std::uint64_t alignment, const rdu_check& check) {
  rdu_hw_chip_info info = {};
  rdu_hw_error error = {};
  if (rdu_hw_chip_get_info(owner.chip, &info, &error) != RDU_HW_OK) {
    return {RDU_REASON_DEVICE, error.text};
  }
  const bool offered = RDU_HAS(&check, payload.data) && check.payload.size != 0;
  if (!offered) {
    const bool knows_hash =
        check.header.struct_size >= offsetof(rdu_check, payload_hash) + sizeof check.payload_hash;
    const std::uint64_t other = knows_hash ? check.payload_hash : 0;
    return nothing_compiled(owner, rdu_hw_arch_hash(info.arch), other);
  }
  Verdict verdict;
  if (declined(check.payload, verdict)) return verdict;
  plugin::Result<Package> package = decode(check.payload);
  if (!package.ok()) return {RDU_REASON_PAYLOAD, package.status().message()};
  rdu_hw_image_error reason = {};
  if (rdu_hw_image_validate((*package)->image, info.arch, &reason) != RDU_HW_IMAGE_OK) {
    return {RDU_REASON_PAYLOAD, reason.text};
  }
  return fits_memory(info, **package, alignment);
}

}  // namespace rdu::chip_plugin
