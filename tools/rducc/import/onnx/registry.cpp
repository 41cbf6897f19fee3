// Looks an operator up in the tables of all families.
#include "tools/rducc/import/onnx/registry.hpp"

#include <map>

#include "tools/rducc/import/onnx/ops/families.hpp"

namespace rducc::import_onnx {
namespace {

using Key = std::pair<std::string_view, std::string_view>;

// By (domain, name): the entries from the oldest opset to the newest.
std::map<Key, std::map<std::int64_t, const OpEntry*>> index_tables() {
  std::map<Key, std::map<std::int64_t, const OpEntry*>> index;
  for (const auto family : kFamilies) {
    for (const OpEntry& entry : family()) index[{entry.domain, entry.name}][entry.since] = &entry;
  }
  return index;
}

}  // namespace

const OpEntry* find_op(std::string_view domain, std::string_view name, std::int64_t opset) {
  static const auto index = index_tables();
  const auto versions = index.find({domain == "ai.onnx" ? "" : domain, name});
  if (versions == index.end()) return nullptr;
  const auto above = versions->second.upper_bound(opset);
  return above == versions->second.begin() ? nullptr : std::prev(above)->second;
}

}  // namespace rducc::import_onnx
