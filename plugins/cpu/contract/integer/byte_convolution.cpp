// All that varies must be constant data that moves with the result's channel alone.
#include "plugins/cpu/contract/integer/byte_convolution.hpp"

#include <cstring>

#include "plugins/cpu/contract/channel_blocks.hpp"
#include "plugins/cpu/contract/integer/operands.hpp"

namespace rdu::cpu {
namespace {

bool is_byte(rdu_dtype dtype) { return dtype == RDU_DTYPE_U8 || dtype == RDU_DTYPE_I8; }

std::int32_t integer_at(rdu_dtype dtype, const std::byte* data, std::int64_t i) {
  if (dtype == RDU_DTYPE_U8) return static_cast<std::uint8_t>(data[i]);
  if (dtype == RDU_DTYPE_I8) return static_cast<std::int8_t>(data[i]);
  std::int32_t value;
  std::memcpy(&value, data + i * 4, sizeof value);
  return value;
}

// A constant that is one value, or one for each position of `loop`.
struct ConstantRow {
  const std::byte* data = nullptr;
  rdu_dtype dtype = RDU_DTYPE_NONE;
  std::int64_t base = 0, step = 0;

  const std::byte* at(std::int64_t i, std::int64_t bytes) const {
    return data + (base + step * i) * bytes;
  }
};

std::optional<ConstantRow> constant_row(const BuildContext& context, const rdu_node& node,
                                        std::uint32_t number, std::uint32_t loop) {
  const rdu_read& read = context.graph.reads(node)[number];
  const Access access = lower_read(scope_of(context, node), read);
  ConstantRow row{static_cast<const std::byte*>(context.graph.value(read.value).data), access.dtype,
                  access.base};
  if (row.data == nullptr || !access.affine()) return {};
  for (std::uint32_t l = 0; l < node.num_loops; ++l) {
    if (access.stride[l] == 0 || context.graph.loops(node)[l].extent == 1) continue;
    if (l != loop) return {};
    row.step = access.stride[l];
  }
  return row;
}

class Matcher {
 public:
  Matcher(const BuildContext& context, const rdu_node& node) : context_(context), node_(node) {}

  std::optional<ByteConvolution> match() {
    const auto operands = integer_operands(context_, node_);
    if (!operands || node_.num_parallel == 0 || !read_source(operands->first)) return {};
    NodeScope scope = scope_of(context_, node_);
    scope.as_plain = true;
    const rdu_read& w = context_.graph.reads(node_)[operands->second.read];
    const Operands plain{operands->first.read, operands->second.read,
                         lower_read(scope, context_.graph.reads(node_)[operands->first.read]),
                         lower_read(scope, w), lower_write(scope, context_.graph.writes(node_)[0])};
    if (!is_byte(plain.second.dtype) || !plain.result.affine()) return {};
    const auto found = match_convolution(context_, node_, plain, out_.source_zero);
    if (!found || !suits(*found)) return {};
    out_.match = *found;
    out_.channel_loop = found->depthwise() ? found->group_loop : found->output_loop;
    out_.weights = plain.second;
    out_.weights_data = static_cast<const std::byte*>(context_.graph.value(w.value).data);
    if (!read_zeros(operands->second.zero) || !read_results(plain.result.dtype)) return {};
    return out_;
  }

 private:
  bool read_source(const IntegerOperand& operand) {
    const rdu_dtype dtype =
        context_.graph.value(context_.graph.reads(node_)[operand.read].value).dtype;
    if (!is_byte(dtype)) return false;
    out_.signed_source = dtype == RDU_DTYPE_I8;
    out_.source_zero = operand.zero.constant;
    if (operand.zero.read == RDU_NONE) return true;
    const auto zero = constant_row(context_, node_, operand.zero.read, kMaxLoops);
    if (zero) out_.source_zero = integer_at(zero->dtype, zero->data, zero->base);
    return zero.has_value();
  }

  static bool suits(const ConvolutionMatch& match) {
    const bool grouped = match.shape.groups > 1 && !match.depthwise();
    return !grouped && !match.shape.transposed && match.shape.spatial <= 2;
  }

  bool read_zeros(const ZeroPoint& zero) {
    const auto channels = static_cast<std::size_t>(out_.match.channels());
    out_.weights_zero.assign(channels, zero.constant);
    if (zero.read == RDU_NONE) return true;
    const auto row = constant_row(context_, node_, zero.read, out_.channel_loop);
    for (std::size_t c = 0; row && c < channels; ++c) {
      const auto at = row->base + row->step * static_cast<std::int64_t>(c);
      out_.weights_zero[c] = integer_at(row->dtype, row->data, at);
    }
    return row.has_value();
  }

  bool read_results(rdu_dtype dtype) {
    auto results = is_byte(dtype) ? match_requantise(context_.graph, node_)
                                  : match_dequantise(context_.graph, node_);
    if (results && results->dtype != dtype) return false;
    if (!results) {
      const auto tabled = match_tabled_requantise(context_.graph, node_, context_.kernels);
      if (!tabled || tabled->dtype != dtype) return false;
      results = tabled->match;
      out_.table = tabled->table;
    }
    out_.results = *results;
    for (const auto* parameter : {&results->whole_bias, &results->scale, &results->bias}) {
      if (parameter->read == RDU_NONE) continue;
      if (!constant_row(context_, node_, parameter->read, out_.channel_loop)) return false;
    }
    return true;
  }

  const BuildContext& context_;
  const rdu_node& node_;
  ByteConvolution out_;
};

template <class T>
void fill(const BuildContext& context, const rdu_node& node, const ByteConvolution& convolution,
          const RequantiseMatch::Parameter& parameter, std::vector<T>& to) {
  const std::int64_t channels = convolution.match.channels();
  to.assign(static_cast<std::size_t>(channel_blocks(channels) * kChannelBlock), T{});
  const auto row = parameter.read == RDU_NONE
                       ? std::nullopt
                       : constant_row(context, node, parameter.read, convolution.channel_loop);
  for (std::int64_t c = 0; c < channels; ++c) {
    T& value = to[static_cast<std::size_t>(c)];
    value = static_cast<T>(parameter.constant);
    if (row) std::memcpy(&value, row->at(c, sizeof(T)), sizeof(T));
  }
}

}  // namespace

std::int32_t ByteConvolution::weight(std::int64_t channel, std::int64_t input, std::int64_t ky,
                                     std::int64_t kx) const {
  const WeightStrides& s = match.weights;
  const bool flat = match.shape.spatial == 1;
  const std::int64_t at = channel * (match.depthwise() ? s.group : s.output) + input * s.channel +
                          ky * (flat ? 0 : s.kernel[0]) + kx * s.kernel[flat ? 0 : 1];
  return integer_at(weights.dtype, weights_data, at) -
         weights_zero[static_cast<std::size_t>(channel)];
}

std::optional<ByteConvolution> match_byte_convolution(const BuildContext& context,
                                                      const rdu_node& node) {
  if (node.pattern != RDU_PATTERN_CONTRACT) return {};
  return Matcher(context, node).match();
}

ByteParameters byte_parameters(const BuildContext& context, const rdu_node& node,
                               const ByteConvolution& convolution) {
  ByteParameters parameters;
  fill(context, node, convolution, convolution.results.whole_bias, parameters.whole_bias);
  fill(context, node, convolution, convolution.results.scale, parameters.scale);
  fill(context, node, convolution, convolution.results.bias, parameters.bias);
  return parameters;
}

}  // namespace rdu::cpu
