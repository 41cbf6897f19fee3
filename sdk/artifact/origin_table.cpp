// Rows of origins as aligned columns: node, operator, section, device, what it became.
#include <algorithm>
#include <utility>

#include "sdk/artifact/ops.hpp"
#include "sdk/artifact/origin_rows.hpp"
#include "sdk/base/result.hpp"

namespace rdu::artifact {
namespace {

// Longer names keep their end, which tells nodes of one layer apart.
constexpr std::size_t kMaxColumn = 48;
constexpr std::size_t kShownParts = 4;
constexpr std::size_t kShownNames = 3;

std::string shortened(const std::string& text) {
  if (text.size() <= kMaxColumn) return text;
  return "..." + text.substr(text.size() - (kMaxColumn - 3));
}

// The part is called after the row: "conv1", "conv1.2".
bool is_own(const OriginRow& row, const OriginPart& part) {
  return part.node.starts_with(row.name) &&
         (part.node.size() == row.name.size() || part.node[row.name.size()] == '.');
}

// "2 reduce, map"; in the order of their first mention.
std::string counted(const std::vector<std::string>& words) {
  std::vector<std::pair<std::string, std::size_t>> counts;
  for (const std::string& word : words) {
    const auto known = std::find_if(counts.begin(), counts.end(),
                                    [&](const auto& entry) { return entry.first == word; });
    if (known == counts.end()) {
      counts.emplace_back(word, 1);
    } else {
      ++known->second;
    }
  }
  std::string text;
  for (const auto& [word, count] : counts) {
    text += text.empty() ? "" : ", ";
    text += count == 1 ? word : base::format("%zu %s", count, word.c_str());
  }
  return text;
}

// The patterns that are called after the row, in order where they are few.
std::string own_text(const OriginRow& row) {
  std::vector<std::string> patterns;
  std::string text;
  for (const OriginPart& part : row.parts) {
    if (!is_own(row, part)) continue;
    patterns.emplace_back(pattern_name(part.pattern));
    text += (text.empty() ? "" : ", ") + patterns.back();
  }
  return patterns.size() <= kShownParts ? text : counted(patterns);
}

std::string others_text(const OriginRow& row) {
  std::vector<std::string> names;
  for (const OriginPart& part : row.parts) {
    if (is_own(row, part)) continue;
    names.push_back(
        base::format("%s %s", pattern_name(part.pattern), shortened(part.node).c_str()));
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShownNames); ++i) {
    text += (i == 0 ? "in " : ", ") + names[i];
  }
  if (names.size() <= kShownNames) return text;
  return text + base::format(" and %zu more", names.size() - kShownNames);
}

// "3", "3-5", "3, 7".
std::string sections_text(const OriginRow& row) {
  std::vector<std::uint32_t> numbers;
  for (const OriginPart& part : row.parts) numbers.push_back(part.section);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    text += base::format("%s%u", text.empty() ? "" : ", ", numbers[i]);
    if (end - i > 1) text += base::format("-%u", numbers[end - 1]);
    i = end;
  }
  return text.empty() ? "-" : text;
}

std::string devices_text(const OriginRow& row, std::span<const std::string> devices) {
  std::vector<std::string> names;
  for (const OriginPart& part : row.parts) {
    const std::string& name = devices[part.number];
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "-" : text;
}

// The last column is not padded.
std::string aligned(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines[0].size(), 0);
  for (const auto& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t c = 0; c + 1 < line.size(); ++c) {
      text += line[c] + std::string(widths[c] + 2 - line[c].size(), ' ');
    }
    text += line.back() + "\n";
  }
  return text;
}

}  // namespace

const char* fate_name(std::uint32_t fate) {
  constexpr const char* kNames[] = {"computed", "constant", "view", "expanded", "unused"};
  return fate <= RDU_ORIGIN_UNUSED ? kNames[fate] : "?";
}

std::string became_text(std::span<const OriginRow> rows, std::uint32_t number) {
  const OriginRow& row = rows[number];
  if (row.parts.empty()) return fate_name(row.fate);
  const std::string own = own_text(row);
  if (own.empty()) return others_text(row);
  std::vector<std::string> with;
  for (const std::uint32_t other : row.fused_with) with.push_back(rows[other].op_type);
  const std::string others = others_text(row);
  return own + (with.empty() ? "" : " with " + counted(with)) +
         (others.empty() ? "" : "; " + others);
}

std::string origin_table(std::span<const OriginRow> rows, std::span<const std::uint32_t> shown,
                         std::span<const std::string> devices) {
  std::vector<std::vector<std::string>> lines;
  const auto add = [&](std::string name, std::string op, std::string section, std::string device,
                       std::string became) {
    auto& line = lines.emplace_back();
    line = {std::move(name), std::move(op), std::move(section)};
    if (!devices.empty()) line.push_back(std::move(device));
    line.push_back(std::move(became));
  };
  add("node", "operator", "section", "device", "became");
  for (const std::uint32_t number : shown) {
    const OriginRow& row = rows[number];
    const std::string domain = row.domain.empty() ? "" : row.domain + ".";
    add(shortened(row.name), domain + row.op_type, sections_text(row),
        devices.empty() ? "" : devices_text(row, devices), became_text(rows, number));
  }
  return aligned(lines);
}

}  // namespace rdu::artifact
