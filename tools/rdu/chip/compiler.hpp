// The compiler, where it is installed: rdu itself needs none, so its library is opened when it is first asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sdk/artifact/artifact.hpp"
#include "tools/rdu/io/host_tensor.hpp"

namespace rdu::tool {

class Compiler {
 public:
  Compiler();  // throws ToolError where there is no librducc
  ~Compiler();
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;

  // An ONNX model for one target, as "rdu:sn10?pcu.lanes=8"; `data` are folders of samples that give it its shapes.
  // Throws ToolError with the compiler's reasons.
  artifact::ArtifactPtr compile(const std::string& model, const std::string& target,
                                const std::vector<std::string>& data) const;

  // An artifact's graphs for one target.
  AlignedBytes retarget(const AlignedBytes& artifact, const std::string& target) const;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace rdu::tool
