// The .npy format: magic, version, header length, a Python dictionary as text, then the elements.
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "tools/rdu/io/npy.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include "tools/rdu/error.hpp"
#include "tools/rdu/io/file.hpp"

namespace rdu::tool {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct DtypeCode {
  std::string_view code;
  rdu_dtype dtype;
};
constexpr std::array kCodes = {DtypeCode{"f4", RDU_DTYPE_F32}, DtypeCode{"f8", RDU_DTYPE_F64},
                               DtypeCode{"f2", RDU_DTYPE_F16}, DtypeCode{"i1", RDU_DTYPE_I8},
                               DtypeCode{"i2", RDU_DTYPE_I16}, DtypeCode{"i4", RDU_DTYPE_I32},
                               DtypeCode{"i8", RDU_DTYPE_I64}, DtypeCode{"u1", RDU_DTYPE_U8},
                               DtypeCode{"u2", RDU_DTYPE_U16}, DtypeCode{"u4", RDU_DTYPE_U32},
                               DtypeCode{"u8", RDU_DTYPE_U64}, DtypeCode{"b1", RDU_DTYPE_BOOL}};

// The text after 'key': in the header's dictionary.
std::string_view entry(std::string_view header, std::string_view key) {
  const std::string quoted = "'" + std::string(key) + "':";
  const std::size_t at = header.find(quoted);
  if (at == std::string_view::npos) {
    throw ToolError("not a .npy file: its header has no '" + std::string(key) + "'");
  }
  header.remove_prefix(at + quoted.size());
  while (!header.empty() && header.front() == ' ') header.remove_prefix(1);
  return header;
}

rdu_dtype parse_descr(std::string_view text) {
  if (text.size() < 4 || text[0] != '\'' || text[1] == '>') {
    throw ToolError("a .npy file of big-endian or structured elements is not supported");
  }
  for (const DtypeCode& code : kCodes) {
    if (text.substr(2, 2) == code.code) return code.dtype;
  }
  throw ToolError("a .npy file of dtype " + std::string(text.substr(0, text.find(','))) +
                  " is not supported");
}

std::vector<std::int64_t> parse_shape(std::string_view text) {
  std::vector<std::int64_t> shape;
  const std::size_t close = text.find(')');
  if (text.empty() || text[0] != '(' || close == std::string_view::npos) {
    throw ToolError("not a .npy file: its shape is no tuple");
  }
  const char* at = text.data() + 1;
  const char* end = text.data() + close;
  while (at < end) {
    std::int64_t extent = 0;
    const auto [next, error] = std::from_chars(at, end, extent);
    if (error == std::errc()) {
      if (extent < 0) throw ToolError("not a .npy file: its shape has a negative extent");
      shape.push_back(extent);
      at = next;
    } else {
      ++at;
    }
  }
  if (shape.size() > RDU_MAX_RANK) {
    throw ToolError("a .npy file of rank " + std::to_string(shape.size()) + " is not supported");
  }
  return shape;
}

// Row-major elements from column-major ones.
void transpose_into(const std::byte* columns, HostTensor& tensor) {
  const auto count = static_cast<std::size_t>(tensor.num_elements());
  const std::size_t width = count == 0 ? 0 : tensor.bytes.size() / count;
  std::vector<std::int64_t> position(tensor.shape.size(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t from = 0;
    for (std::size_t d = tensor.shape.size(); d-- > 0;) from = from * tensor.shape[d] + position[d];
    std::memcpy(tensor.bytes.data() + i * width, columns + static_cast<std::size_t>(from) * width,
                width);
    for (std::size_t d = tensor.shape.size(); d-- > 0;) {
      if (++position[d] < tensor.shape[d]) break;
      position[d] = 0;
    }
  }
}

std::string_view code_of(rdu_dtype dtype) {
  for (const DtypeCode& code : kCodes) {
    if (code.dtype == dtype) return code.code;
  }
  if (dtype == RDU_DTYPE_BF16) return "u2";
  throw ToolError(std::string(rdu_dtype_name(dtype)) + " tensors cannot be written as .npy");
}

}  // namespace

HostTensor decode_npy(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.size() < 12 || text.substr(0, kMagic.size()) != kMagic) {
    throw ToolError("not a .npy file: the magic bytes are missing");
  }
  const int major = text[6];
  std::uint32_t header_bytes = 0;
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  std::memcpy(&header_bytes, text.data() + 8, length_bytes);
  const std::size_t start = 8 + length_bytes;
  if (header_bytes > text.size() - start) {
    throw ToolError("not a .npy file: it ends within its header");
  }
  const std::string_view header = text.substr(start, header_bytes);
  const rdu_dtype dtype = parse_descr(entry(header, "descr"));
  std::vector<std::int64_t> shape = parse_shape(entry(header, "shape"));
  const auto data = bytes.subspan(start + header_bytes);
  const std::uint64_t needed =
      rdu_tensor_bytes(dtype, static_cast<std::uint32_t>(shape.size()), shape.data());
  if (data.size() < needed) {
    throw ToolError("a .npy file holds " + std::to_string(data.size()) +
                    " bytes of data, not the " + std::to_string(needed) + " of " +
                    type_text(dtype, shape));
  }
  HostTensor tensor = make_host_tensor(dtype, std::move(shape));
  if (entry(header, "fortran_order").starts_with("True")) {
    transpose_into(data.data(), tensor);
  } else if (tensor.bytes.size() > 0) {
    std::memcpy(tensor.bytes.data(), data.data(), tensor.bytes.size());
  }
  return tensor;
}

HostTensor read_npy(const std::filesystem::path& path) {
  try {
    return decode_npy(read_file(path));
  } catch (const ToolError& error) {
    throw ToolError(path.string() + ": " + error.what());
  }
}

void write_npy(const std::filesystem::path& path, const HostTensor& tensor) {
  const std::string_view code = code_of(tensor.dtype);
  const char order = code[1] == '1' ? '|' : '<';
  std::string header = "{'descr': '";
  header += order;
  header += code;
  header += "', 'fortran_order': False, 'shape': (";
  for (const std::int64_t extent : tensor.shape) header += std::to_string(extent) + ", ";
  header += "), }";
  constexpr std::size_t kPrefix = 10;
  header.append(63 - (kPrefix + header.size()) % 64, ' ');
  header += '\n';

  std::string out(kMagic);
  out += '\x01';
  out += '\x00';
  const auto length = static_cast<std::uint16_t>(header.size());
  out += static_cast<char>(length & 255);
  out += static_cast<char>(length >> 8);
  out += header;
  out.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  write_text(path, out);
}

}  // namespace rdu::tool
