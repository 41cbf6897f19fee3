// Lists the tables of all families; of an operator with several entries the oldest counts.
#include "tools/rducc/import/onnx/operator_list.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "tools/rducc/import/onnx/ops/families.hpp"

namespace rducc::import_onnx {

const std::vector<ListedOperator>& operator_list() {
  static const std::vector<ListedOperator> list = [] {
    std::map<std::pair<std::string, std::string>, std::int64_t> oldest;
    for (const auto family : kFamilies) {
      for (const OpEntry& entry : family()) {
        const std::string domain(entry.domain.empty() ? "ai.onnx" : entry.domain);
        const auto [at, is_new] =
            oldest.try_emplace({domain, std::string(entry.name)}, entry.since);
        if (!is_new) at->second = std::min(at->second, entry.since);
      }
    }
    std::vector<ListedOperator> operators;
    for (const auto& [key, since] : oldest) operators.push_back({key.first, key.second, since});
    return operators;
  }();
  return list;
}

}  // namespace rducc::import_onnx
