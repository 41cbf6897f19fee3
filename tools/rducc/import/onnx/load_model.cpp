// Parses ONNX messages from files of bounded size.
#include "tools/rducc/import/onnx/load_model.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <limits>

#include "sdk/base/file_map.hpp"
#include "tools/rducc/ir/error.hpp"

namespace rducc::import_onnx {
namespace {

// Protobuf messages end at 2 GiB; weights beyond that are external data.
constexpr std::size_t kMostBytes = std::numeric_limits<std::int32_t>::max();
constexpr int kMostNesting = 100;

[[noreturn]] void invalid(const std::string& message) {
  throw CompileError(CompileErrorKind::kInvalid, message);
}

// Protobuf prints its complaints; ours carry the file's name instead.
void parse(std::span<const std::byte> bytes, google::protobuf::MessageLite& message,
           const char* what) {
  google::protobuf::LogSilencer quiet;
  if (bytes.size() > kMostBytes) invalid(std::string(what) + " is larger than 2 GiB");
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  google::protobuf::io::CodedInputStream stream(data, static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(kMostNesting);
  if (!message.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
    invalid(std::string("not a valid ") + what);
  }
}

rdu::base::FileMap map_file(const std::string& path) {
  auto file = rdu::base::FileMap::open(path);
  if (!file.ok()) invalid(file.error().message);
  return *std::move(file);
}

}  // namespace

LoadedModel parse_model(std::span<const std::byte> bytes, std::string folder) {
  auto proto = std::make_shared<onnx::ModelProto>();
  parse(bytes, *proto, "ONNX model");
  if (!proto->has_graph()) invalid("not a valid ONNX model: it holds no graph");
  return {std::move(proto), std::move(folder), rdu::base::hash128(bytes), bytes.size()};
}

NamedTensor load_tensor(const std::string& path) {
  const auto file = map_file(path);
  auto proto = std::make_shared<onnx::TensorProto>();
  parse(file.bytes(), *proto, "TensorProto");
  return {proto->name(), to_tensor(*proto, proto, {})};
}

}  // namespace rducc::import_onnx
