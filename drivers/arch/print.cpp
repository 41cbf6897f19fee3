// A chip as text: a table for people, and JSON that parses to the same bytes.
#include <algorithm>
#include <vector>

#include "drivers/arch/amount.hpp"
#include "drivers/arch/chip.hpp"
#include "drivers/arch/fields.hpp"
#include "drivers/arch/value.hpp"

namespace rdu_hw::arch {
namespace {

std::vector<const Field*> present_fields(const rdu_hw_arch& arch) {
  std::vector<const Field*> present;
  for (const Field& field : fields()) {
    if (!is_optional(field) || has_hbm(arch)) present.push_back(&field);
  }
  return present;
}

// At least two spaces before what follows.
std::string padded(std::string text, size_t width) {
  size_t spaces = text.size() < width ? width - text.size() + 2 : 2;
  return text.append(spaces, ' ');
}

// 12288000000000 is "12.29 T"; rounded, for the summary only.
std::string about(uint64_t number) {
  uint64_t unit = 1;
  size_t prefix = 0;
  constexpr std::string_view kPrefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  while (number / unit >= 1000) {
    unit *= 1000;
    ++prefix;
  }
  uint64_t hundredths = number / unit * 100 + (number % unit) / std::max<uint64_t>(unit / 100, 1);
  if (unit >= 1000 && number % (unit / 100) >= unit / 200) ++hundredths;
  std::string fraction = std::to_string(100 + hundredths % 100).substr(1);
  return std::to_string(hundredths / 100) + "." + fraction + " " + std::string(kPrefixes[prefix]);
}

std::string summary(const rdu_hw_arch& arch) {
  std::string mesh = std::to_string(rdu_hw_arch_mesh_rows(&arch)) + " x " +
                     std::to_string(rdu_hw_arch_mesh_columns(&arch));
  std::string text = std::to_string(rdu_hw_arch_num_pcus(&arch)) + " PCUs and " +
                     std::to_string(rdu_hw_arch_num_pmus(&arch)) + " PMUs in a mesh of " + mesh +
                     ", " + std::to_string(rdu_hw_arch_num_switches(&arch)) + " switches, " +
                     std::to_string(arch.agcu.count) + " AGCUs\n";
  text += "peak";
  if (uint64_t fp32 = rdu_hw_arch_peak_flops(&arch, RDU_HW_DTYPE_FP32)) {
    text += " " + about(fp32) + "FLOPS fp32,";
  }
  if (uint64_t bf16 = rdu_hw_arch_peak_flops(&arch, RDU_HW_DTYPE_BF16)) {
    text += " " + about(bf16) + "FLOPS bf16,";
  }
  text += " DRAM " + about(rdu_hw_dram_peak_bytes_per_s(&arch.dram)) + "B/s";
  if (has_hbm(arch)) text += ", HBM " + about(rdu_hw_dram_peak_bytes_per_s(&arch.hbm)) + "B/s";
  return text + "; SRAM " + format_amount(rdu_hw_arch_sram_bytes(&arch), "B") + "\n";
}

// Writes nested objects from dotted keys that come group by group.
class ObjectWriter {
 public:
  void add(std::string_view key, const std::string& value) {
    std::vector<std::string_view> parts;
    for (size_t dot; (dot = key.find('.')) != std::string_view::npos; key.remove_prefix(dot + 1)) {
      parts.push_back(key.substr(0, dot));
    }
    size_t common = 0;
    while (common < std::min(parts.size(), open_.size()) && parts[common] == open_[common]) {
      ++common;
    }
    while (open_.size() > common) close();
    while (open_.size() < parts.size()) {
      begin_line(parts[open_.size()]);
      text_ += '{';
      open_.push_back(parts[open_.size()]);
      first_ = true;
    }
    begin_line(key);
    text_ += value;
  }

  std::string finish() {
    while (!open_.empty()) close();
    return "{" + text_ + "\n}\n";
  }

 private:
  void begin_line(std::string_view key) {
    text_ += first_ ? "\n" : ",\n";
    first_ = false;
    text_.append(2 * (open_.size() + 1), ' ').append("\"").append(key).append("\": ");
  }

  void close() {
    text_.append("\n").append(2 * open_.size(), ' ').append("}");
    open_.pop_back();
    first_ = false;
  }

  std::string text_;
  std::vector<std::string_view> open_;
  bool first_ = true;
};

std::string name_of(const rdu_hw_arch& arch) {
  return {arch.name, std::find(arch.name, arch.name + sizeof arch.name, '\0')};
}

}  // namespace

std::string table_of(const rdu_hw_arch& arch) {
  size_t key_width = 0;
  size_t value_width = 0;
  for (const Field* field : present_fields(arch)) {
    key_width = std::max(key_width, field->key.size());
    value_width = std::max(value_width, std::min<size_t>(plain_text(*field, arch).size(), 16));
  }
  std::string text = name_of(arch) + "\n" + summary(arch);
  std::string_view group = "";
  for (const Field* field : present_fields(arch)) {
    std::string_view here = field->key.substr(0, std::min(field->key.find('.'), field->key.size()));
    if (here != group) text += '\n';
    group = here;
    text += padded(std::string(field->key), key_width) +
            padded(plain_text(*field, arch), value_width) + std::string(field->meaning) + "\n";
  }
  return text;
}

std::string json_of(const rdu_hw_arch& arch) {
  ObjectWriter writer;
  writer.add("name", "\"" + name_of(arch) + "\"");
  for (const Field* field : present_fields(arch)) writer.add(field->key, json_text(*field, arch));
  return writer.finish();
}

}  // namespace rdu_hw::arch
