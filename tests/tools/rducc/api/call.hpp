// librducc's objects with owners, for tests.
#pragma once

#include <rducc/rducc.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/tools/rducc/onnx_model.hpp"

namespace rducc::test {

struct Close {
  void operator()(rducc_status* status) const { rducc_status_destroy(status); }
  void operator()(rducc_output* output) const { rducc_output_destroy(output); }
};
using Status = std::unique_ptr<rducc_status, Close>;
using Output = std::unique_ptr<rducc_output, Close>;

inline rducc_request request_for(const std::string& model) {
  rducc_request request{};
  request.header = RDU_HEADER(rducc_request);
  request.model = {model.data(), model.size()};
  return request;
}

struct Compilation {
  Status status;
  Output output;

  rducc_code code() const { return rducc_status_code(status.get()); }
  std::string message() const { return rducc_status_message(status.get()); }
};

inline Compilation compile(const rducc_request& request) {
  rducc_output* output = nullptr;
  Status status(rducc_compile(&request, &output));
  return {std::move(status), Output(output)};
}

// Empty where there is no artifact.
inline std::vector<std::byte> bytes_of(const Compilation& compilation) {
  rdu_bytes bytes{};
  if (!compilation.output) return {};
  const Status status(rducc_output_get_bytes(compilation.output.get(), &bytes));
  const auto* data = static_cast<const std::byte*>(bytes.data);
  return {data, data + bytes.size};
}

inline std::string report_of(const Compilation& compilation) {
  const char* json = "";
  if (!compilation.output) return {};
  const Status status(rducc_output_get_report(compilation.output.get(), &json));
  return json;
}

inline OnnxModel relu(std::vector<std::int64_t> dims) {
  OnnxModel model;
  model.input("x", std::move(dims)).output("y").node("Relu", {"x"}, {"y"});
  return model;
}

}  // namespace rducc::test
