// ONNX models written in a few lines.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rducc::test {

class OnnxModel {
 public:
  explicit OnnxModel(std::int64_t opset = 13);

  // A dimension of -1 is symbolic and called "n<axis>".
  OnnxModel& input(const std::string& name, std::vector<std::int64_t> dims,
                   std::int32_t type = onnx::TensorProto::FLOAT);
  OnnxModel& output(const std::string& name, std::int32_t type = onnx::TensorProto::FLOAT);
  OnnxModel& floats(const std::string& name, std::vector<std::int64_t> dims,
                    const std::vector<float>& elements);
  OnnxModel& integers(const std::string& name, const std::vector<std::int64_t>& elements);
  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs);

  onnx::ModelProto& proto() { return proto_; }
  std::string bytes() const { return proto_.SerializeAsString(); }
  void save(const std::string& path) const;

 private:
  onnx::ModelProto proto_;
};

void set_int(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void save_tensor(const std::string& path, const std::string& name, std::vector<std::int64_t> dims,
                 const std::vector<float>& elements);

// A folder of this process, emptied, that is removed at exit of the scope.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace rducc::test
