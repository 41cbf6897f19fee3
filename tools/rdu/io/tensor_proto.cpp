// A defensive decoder of the protobuf wire format for one message, ONNX TensorProto:
// dims = 1, data_type = 2, float_data = 4, int32_data = 5, int64_data = 7, name = 8, raw_data = 9, double_data = 10,
// uint64_data = 11, data_location = 14.
#include "tools/rdu/io/tensor_proto.hpp"

#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/file.hpp"

namespace rdu::tool {

namespace {

enum Wire : std::uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

class WireReader {
 public:
  explicit WireReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(take(1)[0]);
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw ToolError("not a TensorProto: a varint is longer than 10 bytes");
  }

  template <typename T>
  T fixed() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }

  std::span<const std::byte> take(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      throw ToolError("not a TensorProto: it ends within a field at byte " + std::to_string(at_));
    }
    const auto part = bytes_.subspan(at_, count);
    at_ += count;
    return part;
  }

  std::span<const std::byte> delimited() { return take(varint()); }

  void skip(std::uint32_t wire) {
    switch (wire) {
      case kVarint:
        varint();
        break;
      case kFixed64:
        take(8);
        break;
      case kLengthDelimited:
        delimited();
        break;
      case kFixed32:
        take(4);
        break;
      default:
        throw ToolError("not a TensorProto: wire type " + std::to_string(wire) + " at byte " +
                        std::to_string(at_));
    }
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

struct Fields {
  std::vector<std::int64_t> dims;
  std::uint64_t data_type = 0;
  std::string name;
  std::span<const std::byte> raw;
  bool has_raw = false;
  bool external = false;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::uint64_t> integers;  // int32_data, int64_data or uint64_data
};

// A repeated scalar field: packed in one delimited field or one element a time.
template <typename T, typename ReadOne>
void read_repeated(WireReader& reader, std::uint32_t wire, std::vector<T>& out, ReadOne read_one) {
  if (wire != kLengthDelimited) {
    out.push_back(read_one(reader));
    return;
  }
  WireReader packed(reader.delimited());
  while (!packed.at_end()) out.push_back(read_one(packed));
}

void read_field(WireReader& reader, Fields& fields) {
  const std::uint64_t key = reader.varint();
  const auto wire = static_cast<std::uint32_t>(key & 7);
  const auto varint = [](WireReader& r) { return r.varint(); };
  switch (key >> 3) {
    case 1:
      read_repeated(reader, wire, fields.dims,
                    [](WireReader& r) { return static_cast<std::int64_t>(r.varint()); });
      break;
    case 2:
      fields.data_type = reader.varint();
      break;
    case 4:
      read_repeated(reader, wire, fields.floats, [](WireReader& r) { return r.fixed<float>(); });
      break;
    case 5:
    case 7:
    case 11:
      read_repeated(reader, wire, fields.integers, varint);
      break;
    case 8: {
      const auto text = reader.delimited();
      fields.name.assign(reinterpret_cast<const char*>(text.data()), text.size());
      break;
    }
    case 9:
      fields.raw = reader.delimited();
      fields.has_raw = true;
      break;
    case 10:
      read_repeated(reader, wire, fields.doubles, [](WireReader& r) { return r.fixed<double>(); });
      break;
    case 14:
      fields.external = reader.varint() == 1;
      break;
    default:
      reader.skip(wire);
  }
}

// ONNX's TensorProto.DataType.
rdu_dtype dtype_of(std::uint64_t data_type) {
  switch (data_type) {
    case 1:
      return RDU_DTYPE_F32;
    case 2:
      return RDU_DTYPE_U8;
    case 3:
      return RDU_DTYPE_I8;
    case 4:
      return RDU_DTYPE_U16;
    case 5:
      return RDU_DTYPE_I16;
    case 6:
      return RDU_DTYPE_I32;
    case 7:
      return RDU_DTYPE_I64;
    case 9:
      return RDU_DTYPE_BOOL;
    case 10:
      return RDU_DTYPE_F16;
    case 11:
      return RDU_DTYPE_F64;
    case 12:
      return RDU_DTYPE_U32;
    case 13:
      return RDU_DTYPE_U64;
    case 16:
      return RDU_DTYPE_BF16;
    case 21:
      return RDU_DTYPE_U4;
    case 22:
      return RDU_DTYPE_I4;
    default:
      throw ToolError("a tensor has ONNX data type " + std::to_string(data_type) +
                      ", which is not supported");
  }
}

bool is_nibble(rdu_dtype dtype) { return dtype == RDU_DTYPE_I4 || dtype == RDU_DTYPE_U4; }

// Bytes that the message brings for a dtype; int32_data holds packed pairs of nibbles.
std::uint64_t bytes_brought(const Fields& fields, rdu_dtype dtype) {
  if (fields.has_raw) return fields.raw.size();
  if (dtype == RDU_DTYPE_F32) return fields.floats.size() * sizeof(float);
  if (dtype == RDU_DTYPE_F64) return fields.doubles.size() * sizeof(double);
  const std::int64_t one = 1;
  return fields.integers.size() * (is_nibble(dtype) ? 1 : rdu_tensor_bytes(dtype, 1, &one));
}

// Narrows little-endian integers to the tensor's element size.
void store_integers(const std::vector<std::uint64_t>& integers, HostTensor& tensor) {
  const std::size_t width = integers.empty() ? 0 : tensor.bytes.size() / integers.size();
  for (std::size_t i = 0; i < integers.size(); ++i) {
    std::memcpy(tensor.bytes.data() + i * width, &integers[i], width);
  }
}

void store(const void* elements, HostTensor& tensor) {
  if (tensor.bytes.size() > 0) {
    std::memcpy(tensor.bytes.data(), elements, tensor.bytes.size());
  }
}

}  // namespace

HostTensor decode_tensor_proto(std::span<const std::byte> bytes) {
  static_assert(std::endian::native == std::endian::little);
  Fields fields;
  WireReader reader(bytes);
  while (!reader.at_end()) read_field(reader, fields);
  if (fields.external) throw ToolError("a tensor keeps its data in another file");

  const rdu_dtype dtype = dtype_of(fields.data_type);
  const std::uint64_t needed =
      rdu_tensor_bytes(dtype, static_cast<std::uint32_t>(fields.dims.size()), fields.dims.data());
  if (bytes_brought(fields, dtype) != needed) {
    throw ToolError("a tensor " + type_text(dtype, fields.dims) + " has " +
                    std::to_string(bytes_brought(fields, dtype)) + " bytes of data, not " +
                    std::to_string(needed));
  }
  HostTensor tensor = make_host_tensor(dtype, fields.dims);
  tensor.name = fields.name;
  if (fields.has_raw) {
    store(fields.raw.data(), tensor);
  } else if (dtype == RDU_DTYPE_F32) {
    store(fields.floats.data(), tensor);
  } else if (dtype == RDU_DTYPE_F64) {
    store(fields.doubles.data(), tensor);
  } else {
    store_integers(fields.integers, tensor);
  }
  return tensor;
}

HostTensor read_tensor_proto(const std::filesystem::path& path) {
  try {
    return decode_tensor_proto(read_file(path));
  } catch (const ToolError& error) {
    throw ToolError(path.string() + ": " + error.what());
  }
}

}  // namespace rdu::tool
