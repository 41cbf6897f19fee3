// Every operator that the importer knows, as its tables have it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rducc::import_onnx {

struct ListedOperator {
  std::string domain;  // "ai.onnx" is written out
  std::string name;
  std::int64_t since;  // the oldest opset that is supported
};

// By domain, then by name.
const std::vector<ListedOperator>& operator_list();

}  // namespace rducc::import_onnx
