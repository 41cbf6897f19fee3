// Measures columns, then pads.
#include "tools/rdu/table.hpp"

#include <algorithm>
#include <cctype>

namespace rdu::tool {

namespace {

// "12", "3.63 G", "92.1 %", "-".
bool is_number(const std::string& cell) {
  return cell == "-" || (!cell.empty() && std::isdigit(static_cast<unsigned char>(cell[0])) &&
                         std::ranges::count(cell, '-') == 0);
}

}  // namespace

std::string Table::text() const {
  const std::size_t columns = lines_[0].size();
  std::vector<std::size_t> widths(columns, 0);
  std::vector<bool> right(columns, !empty());
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    for (std::size_t c = 0; c < columns; ++c) {
      widths[c] = std::max(widths[c], lines_[i][c].size());
      if (i > 0) right[c] = right[c] && is_number(lines_[i][c]);
    }
  }
  std::string text;
  for (const auto& line : lines_) {
    std::string out;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string padding(widths[c] - line[c].size(), ' ');
      out += (c == 0 ? "" : "  ") + (right[c] ? padding + line[c] : line[c] + padding);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  }
  return text;
}

}  // namespace rdu::tool
