// Values, accesses and nodes as text, in the notation of sdk/doc/patterns.md.
#include "sdk/artifact/text_graph.hpp"

#include <cstring>
#include <map>
#include <string_view>

#include "sdk/artifact/ops.hpp"
#include "sdk/artifact/text_program.hpp"
#include "sdk/artifact/validate/report.hpp"
#include "sdk/artifact/view.hpp"
#include "sdk/base/checked.hpp"
#include "sdk/base/dtype.hpp"
#include "sdk/base/hash.hpp"

namespace rdu::artifact {
namespace {

using base::format;

// A constant of up to so many elements is shown whole.
constexpr std::int64_t kShownElements = 8;

const char* const kRoles[] = {"intermediate", "input", "parameter", "constant", "variable"};
const char* const kOutside[] = {"", "fill", "clamp", "reflect", "wrap", "error", "skip"};
const char* const kLoopRoles[] = {"", "batch", "m", "n", "k", "window"};
const char* const kFates[] = {"computed", "constant", "view", "expanded", "unused"};
const char* const kPorts[] = {"capture", "carried", "slice", "stack", "index", "keep", "result"};

template <class T>
T element(const rdu_value& value, std::int64_t i) {
  T result;
  std::memcpy(&result, static_cast<const char*>(value.data) + i * sizeof(T), sizeof(T));
  return result;
}

std::string integer_text(rdu_dtype dtype, std::int64_t i) { return number_text(dtype, 0, i); }

std::string packed_text(const rdu_value& value, std::int64_t i) {
  const int byte = element<std::uint8_t>(value, i / 2);
  const int nibble = i % 2 == 0 ? byte & 15 : byte >> 4;
  const bool negative = value.dtype == RDU_DTYPE_I4 && nibble >= 8;
  return integer_text(value.dtype, negative ? nibble - 16 : nibble);
}

std::string element_text(const rdu_value& value, std::int64_t i) {
  switch (value.dtype) {
    case RDU_DTYPE_F32:
      return number_text(value.dtype, element<float>(value, i), 0);
    case RDU_DTYPE_F64:
      return number_text(value.dtype, element<double>(value, i), 0);
    case RDU_DTYPE_F16:
      return number_text(value.dtype, base::f16_to_f32(element<std::uint16_t>(value, i)), 0);
    case RDU_DTYPE_BF16:
      return number_text(value.dtype, base::bf16_to_f32(element<std::uint16_t>(value, i)), 0);
    case RDU_DTYPE_I8:
      return integer_text(value.dtype, element<std::int8_t>(value, i));
    case RDU_DTYPE_I16:
      return integer_text(value.dtype, element<std::int16_t>(value, i));
    case RDU_DTYPE_I32:
      return integer_text(value.dtype, element<std::int32_t>(value, i));
    case RDU_DTYPE_U16:
      return integer_text(value.dtype, element<std::uint16_t>(value, i));
    case RDU_DTYPE_U32:
      return integer_text(value.dtype, element<std::uint32_t>(value, i));
    case RDU_DTYPE_I64:
    case RDU_DTYPE_U64:
      return integer_text(value.dtype, element<std::int64_t>(value, i));
    case RDU_DTYPE_I4:
    case RDU_DTYPE_U4:
      return packed_text(value, i);
    default:
      return integer_text(value.dtype, element<std::uint8_t>(value, i));
  }
}

// Appends " + 2*i1" or " - i1" to an affine sum.
void append_term(std::string& sum, std::int64_t factor, const std::string& what) {
  const bool negative = factor < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(factor) : static_cast<std::uint64_t>(factor);
  if (sum.empty()) {
    sum = negative ? "-" : "";
  } else {
    sum += negative ? " - " : " + ";
  }
  if (what.empty()) {
    sum += format("%llu", static_cast<unsigned long long>(size));
  } else {
    sum +=
        size == 1 ? what : format("%llu*%s", static_cast<unsigned long long>(size), what.c_str());
  }
}

}  // namespace

GraphText::GraphText(const rdu_graph& graph) : graph_(graph) {
  std::map<std::string_view, int> uses;
  for (const auto& value : each<rdu_value>(graph.values)) ++uses[value.name];
  for (std::uint32_t id = 0; id < graph.values.count; ++id) {
    const char* name = at<rdu_value>(graph.values, id).name;
    if (*name == '\0') {
      labels_.push_back(format("%%%u", id));
    } else {
      labels_.push_back(uses[name] > 1 ? format("%s%%%u", name, id) : std::string(name));
    }
  }
}

std::string GraphText::labels(std::uint32_t first, std::uint32_t count) const {
  std::string text;
  for (const std::uint32_t id : list(graph_, first, count)) {
    text += (text.empty() ? "" : ", ") + labels_[id];
  }
  return text;
}

std::string GraphText::type(std::uint32_t id) const {
  const auto& value = at<rdu_value>(graph_.values, id);
  std::string text = format("%s[", base::dtype_name(value.dtype));
  for (std::uint32_t dim = 0; dim < value.rank; ++dim) {
    if (dim > 0) text += ", ";
    if (value.dim_values[dim] != RDU_NONE) text += labels_[value.dim_values[dim]] + "<=";
    text += format("%lld", static_cast<long long>(value.dims[dim]));
  }
  return text + "]";
}

std::string GraphText::constant(const rdu_value& value) const {
  const std::int64_t count = *base::checked_product({value.dims, value.rank});
  if (count > kShownElements) {
    return " hash " +
           base::to_string(base::hash128({static_cast<const std::byte*>(value.data), value.bytes}));
  }
  std::string text = " = {";
  for (std::int64_t i = 0; i < count; ++i) text += (i == 0 ? "" : ", ") + element_text(value, i);
  return text + "}";
}

std::string GraphText::encoding(const rdu_value& value) const {
  const auto& e = at<rdu_encoding>(graph_.encodings, value.encoding);
  std::string text = " quantized by " + labels_[e.scale];
  if (e.zero_point != RDU_NONE) text += " around " + labels_[e.zero_point];
  if (e.axis >= 0) text += format(" along axis %d", e.axis);
  return text;
}

std::string GraphText::value(std::uint32_t id) const {
  const auto& value = at<rdu_value>(graph_.values, id);
  std::string text = type(id) + " " + kRoles[value.role];
  if (value.storage != id) text += " in " + labels_[value.storage];
  if (value.encoding != RDU_NONE) text += encoding(value);
  if (is_constant(value)) text += constant(value);
  return text;
}

std::string GraphText::index(const rdu_node& node, const rdu_index& index) const {
  std::string sum;
  for (const auto& term : slice<rdu_term>(graph_.terms, index.first_term, index.num_terms)) {
    append_term(sum, term.coef, loop_name(node, term.loop));
  }
  if (index.source != RDU_NONE) {
    append_term(sum, 1, access(node, index.source, index.first_source_index));
  }
  if (index.offset != 0 || sum.empty()) append_term(sum, index.offset, "");
  if (index.div != 1) {
    sum = format("(%s)/%lld", sum.c_str(), static_cast<long long>(index.div));
    if (index.exact != 0) sum += " exact";
  }
  if (index.mod != 0) {
    sum = format("(%s)%%%lld", sum.c_str(), static_cast<long long>(index.mod));
  }
  if (index.outside != RDU_OUTSIDE_NEVER) sum += format(" (%s)", kOutside[index.outside]);
  return sum;
}

std::string GraphText::access(const rdu_node& node, std::uint32_t value,
                              std::uint32_t first_index) const {
  std::string text = labels_[value] + "[";
  const std::uint32_t rank = at<rdu_value>(graph_.values, value).rank;
  for (std::uint32_t dim = 0; dim < rank; ++dim) {
    text += (dim == 0 ? "" : ", ") + index(node, at<rdu_index>(graph_.indices, first_index + dim));
  }
  return text + "]";
}

std::string GraphText::loops(const rdu_node& node) const {
  std::string text;
  for (std::uint32_t i = 0; i < node.num_loops; ++i) {
    const auto& loop = at<rdu_loop>(graph_.loops, node.first_loop + i);
    text += " " + loop_name(node, i);
    if (loop.role != RDU_LOOP_PLAIN) text += std::string(":") + kLoopRoles[loop.role];
    text += "<";
    if (loop.extent_value != RDU_NONE) text += labels_[loop.extent_value] + "<=";
    text += format("%lld", static_cast<long long>(loop.extent));
  }
  return text;
}

std::string GraphText::read(const rdu_node& node, std::uint32_t number) const {
  const auto& read = at<rdu_read>(graph_.reads, node.first_read + number);
  std::string text = format("in%u = ", number) + access(node, read.value, read.first_index);
  const auto& value = at<rdu_value>(graph_.values, read.value);
  if (read.fill_value != RDU_NONE) return text + " fill " + labels_[read.fill_value];
  const bool is_float = base::is_float(value.dtype);
  const std::string fill =
      number_text(value.dtype, is_float ? read.fill.f : 0, is_float ? 0 : read.fill.i);
  const bool zero = is_float ? read.fill.f == 0 : read.fill.i == 0;
  return zero ? text : text + " fill " + fill;
}

std::string GraphText::variable(const rdu_variable& variable) const {
  std::string text = "reads " + label(variable.read) + ", writes " + label(variable.write) +
                     ", initially " +
                     (variable.initial == RDU_NONE ? "0" : label(variable.initial));
  if (variable.length == RDU_NONE) return text;
  return text + format("; grows along %u by %lld, length \"%s\"", variable.axis,
                       static_cast<long long>(variable.grows_by),
                       at<rdu_variable>(graph_.variables, variable.length).name);
}

std::string GraphText::port(const rdu_port& port) const {
  const auto name = [&](std::uint32_t id) { return id == RDU_NONE ? "-" : labels_[id]; };
  std::string text = format("port %s", kPorts[port.kind]);
  if (port.slot != 0) text += " else";
  text += ": " + name(port.outer) + " -> " + name(port.inner_in) + " | " + name(port.inner_out) +
          " -> " + name(port.result);
  if (port.kind == RDU_PORT_SLICE || port.kind == RDU_PORT_STACK) {
    text += format(" axis %d%s", port.axis, port.reverse != 0 ? " reverse" : "");
  }
  return text;
}

std::string GraphText::origin(const rdu_origin& origin) const {
  std::string text = format("\"%s\" %s %s", origin.name, origin.op_type, kFates[origin.fate]);
  const char* separator = ": ";
  for (const auto& tensor :
       slice<rdu_origin_tensor>(graph_.origin_tensors, origin.first_tensor, origin.num_tensors)) {
    if (tensor.value == RDU_NONE) continue;
    text += separator + labels_[tensor.value];
    separator = ", ";
  }
  return text;
}

std::string GraphText::origin_names(const rdu_node& node) const {
  std::string text;
  for (const std::uint32_t origin :
       slice<std::uint32_t>(graph_.origin_lists, node.first_origin, node.num_origins)) {
    text +=
        format("%s\"%s\"", text.empty() ? "" : ", ", at<rdu_origin>(graph_.origins, origin).name);
  }
  return text;
}

std::vector<std::string> GraphText::node(const rdu_node& node) const {
  std::vector<std::string> lines{pattern_name(node.pattern) + loops(node)};
  if (node.num_origins > 0) lines.push_back("from " + origin_names(node));
  for (std::uint32_t i = 0; i < node.num_reads; ++i) lines.push_back(read(node, i));
  if (node.base != RDU_NONE) lines.push_back("base " + labels_[node.base]);
  if (node.condition != RDU_NONE) lines.push_back("condition " + labels_[node.condition]);
  if (node.body.num_results > 0) {
    lines.push_back("body " + program_text(graph_, node, node.body));
  }
  if (node.combine != RDU_COMBINE_NONE) {
    lines.push_back(format("combine %s", combine_name(node.combine)));
    if (node.acc_dtype != RDU_DTYPE_NONE) {
      lines.back() += format(" in %s", base::dtype_name(node.acc_dtype));
    }
  }
  if (node.epilogue.num_results > 0) {
    lines.push_back("epilogue " + program_text(graph_, node, node.epilogue));
  }
  if (node.pattern == RDU_PATTERN_SORT) lines.push_back(format("descending 0x%x", node.descending));
  for (std::uint32_t i = 0; i < 2; ++i) {
    if (node.graphs[i] != RDU_NONE) lines.push_back(format("graph %u", node.graphs[i]));
  }
  for (const auto& p : slice<rdu_port>(graph_.ports, node.first_port, node.num_ports)) {
    lines.push_back(port(p));
  }
  for (const auto& write : slice<rdu_write>(graph_.writes, node.first_write, node.num_writes)) {
    lines.push_back("out " + (writes_whole_values(node)
                                  ? labels_[write.value]
                                  : access(node, write.value, write.first_index)));
  }
  return lines;
}

}  // namespace rdu::artifact
