// Where plugin libraries may lie, and whether to trust what lies there.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sdk/src/runtime/status.hpp"

namespace rdu::runtime::plugin {

// A library that can be loaded under `name`; `refusal` says why it will not be.
struct Candidate {
  std::string name;
  std::string path;
  Status refusal;
};

// Directories or files in order of precedence.
class SearchPath {
 public:
  void add(std::string path) { entries_.push_back(std::move(path)); }
  void add_list(std::string_view colon_separated);

  // RDU_PLUGIN_PATH, then rdu/plugins beside the library that this code is in.
  void add_defaults();

  // The first library of that name; false: there is none.
  bool find(std::string_view name, Candidate& out) const;

  // One per name, sorted by name.
  std::vector<Candidate> all() const;

  const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<Candidate> candidates() const;

  std::vector<std::string> entries_;
};

}  // namespace rdu::runtime::plugin
