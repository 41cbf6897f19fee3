// Aligned columns for the terminal.
#pragma once

#include <string>
#include <vector>

namespace rdu::tool {

// Columns as wide as their longest cell, two spaces apart; numbers and percentages stand to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> head) { lines_.push_back(std::move(head)); }
  void add(std::vector<std::string> line) { lines_.push_back(std::move(line)); }
  bool empty() const { return lines_.size() == 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> lines_;
};

}  // namespace rdu::tool
