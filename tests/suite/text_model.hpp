// Models written in ONNX's text form, compiled and run on a device.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::suite {

// What a model is given.
struct Given {
  rdu_dtype dtype = RDU_DTYPE_F32;
  std::vector<std::int64_t> shape;
  std::vector<double> elements;
};

inline Given floats(std::vector<std::int64_t> shape, std::vector<double> elements) {
  return {RDU_DTYPE_F32, std::move(shape), std::move(elements)};
}
inline Given integers(std::vector<std::int64_t> shape, std::vector<double> elements) {
  return {RDU_DTYPE_I64, std::move(shape), std::move(elements)};
}
inline Given flag(bool value) { return {RDU_DTYPE_BOOL, {}, {value ? 1.0 : 0.0}}; }

struct Compilation {
  std::int64_t opset = 16;
  std::int64_t loop_bound = 0;
};

// An input of a node called "none" is absent. "" where the model compiles, else what the compiler says.
std::string complaint(const std::string& graph, const Compilation& options = {});

// Compiled once, run as often as asked for. Throws where the compiler or the run fails.
class TextModel {
 public:
  explicit TextModel(const std::string& graph, const Compilation& options = {});
  ~TextModel();
  TextModel(const TextModel&) = delete;
  TextModel& operator=(const TextModel&) = delete;

  std::vector<tool::HostTensor> run(const std::string& device,
                                    const std::vector<Given>& inputs) const;
  // The patterns of all its nodes, those of sub-graphs after the model's.
  const std::vector<std::uint32_t>& patterns() const { return patterns_; }

 private:
  std::string path_;
  std::vector<std::uint32_t> patterns_;
};

}  // namespace rdu::suite
