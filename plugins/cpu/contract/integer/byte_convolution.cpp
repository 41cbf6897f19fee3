// All that varies must be constant data that moves with the result's channel alone.
#include "plugins/cpu/contract/integer/byte_convolution.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

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

ByteResults::Kind kind_of(rdu_dtype dtype) {
  if (dtype == RDU_DTYPE_F32) return ByteResults::kFloats;
  return dtype == RDU_DTYPE_I8 ? ByteResults::kSigned : ByteResults::kUnsigned;
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

  // The kernels count 2^31 bytes of an image with its border.
  static bool suits(const ConvolutionMatch& match) {
    const ConvolutionShape& shape = match.shape;
    const bool grouped = shape.groups > 1 && !match.depthwise();
    double bytes = 2.0 * static_cast<double>(match.source_channels() + kChannelBlock);
    for (std::uint32_t d = 0; d < shape.spatial; ++d) {
      const std::int64_t border = 2 * shape.pad[d] + shape.kernel[d] * shape.dilation[d];
      bytes *= static_cast<double>(shape.in[d] + shape.out[d] * shape.stride[d] + border);
    }
    return !grouped && !shape.transposed && shape.spatial <= 2 && bytes < 0x1p31;
  }

  bool read_zeros(const ZeroPoint& zero) {
    const auto channels = static_cast<std::size_t>(out_.match.channels());
    out_.weights_zero.assign(channels, zero.constant);
    const auto row = zero.read == RDU_NONE
                         ? std::nullopt
                         : constant_row(context_, node_, zero.read, out_.channel_loop);
    for (std::size_t c = 0; row && c < channels; ++c) {
      const auto at = row->base + row->step * static_cast<std::int64_t>(c);
      out_.weights_zero[c] = integer_at(row->dtype, row->data, at);
    }
    const bool bytes = std::all_of(out_.weights_zero.begin(), out_.weights_zero.end(),
                                   [](std::int32_t z) { return z >= -255 && z <= 255; });
    return bytes && (row || zero.read == RDU_NONE);
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
    const float zero = results->zero_point;
    if (std::nearbyint(zero) != zero || std::abs(zero) > 255 || !(results->divisor > 0))
      return false;
    return finite(results->whole_bias) && finite(results->scale) && finite(results->bias);
  }

  bool finite(const RequantiseMatch::Parameter& parameter) const {
    if (parameter.read == RDU_NONE) return std::isfinite(parameter.constant);
    const auto row = constant_row(context_, node_, parameter.read, out_.channel_loop);
    for (std::int64_t c = 0; row && row->dtype == RDU_DTYPE_F32 && c < out_.match.channels(); ++c) {
      float value;
      std::memcpy(&value, row->at(c, sizeof value), sizeof value);
      if (!std::isfinite(value)) return false;
    }
    return row.has_value();
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

std::optional<ByteConvolution> match_byte_convolution(const BuildContext& context,
                                                      const rdu_node& node) {
  if (node.pattern != RDU_PATTERN_CONTRACT) return {};
  return Matcher(context, node).match();
}

ByteParameters::ByteParameters(const BuildContext& context, const rdu_node& node,
                               const ByteConvolution& convolution)
    : table_(convolution.table) {
  const RequantiseMatch& from = convolution.results;
  fill(context, node, convolution, from.whole_bias, whole_bias_);
  fill(context, node, convolution, from.scale, scale_);
  fill(context, node, convolution, from.bias, bias_);
  common_.kind = kind_of(from.dtype);
  common_.low = from.low;
  common_.high = from.high;
  common_.divisor = from.divisor;
  common_.zero_point = static_cast<std::int32_t>(from.zero_point);
  // Rounding and dividing keep the order: bounds may as well come last.
  const bool is_signed = from.dtype == RDU_DTYPE_I8;
  const float least = (is_signed ? -128.0f : 0.0f) - from.zero_point, most = least + 255.0f;
  common_.least = std::clamp(std::nearbyint(from.low / from.divisor), least, most);
  common_.most = std::clamp(std::nearbyint(from.high / from.divisor), least, most);
  choose_factors(from.divisor);
}

// Bytes come from quotients of at most 512, so scaling and dividing round by 2^-15 each, and the factor is off by as much:
// eight units of 2^-16 with the rounding of the fixed point itself. A bias that is cancelled makes all that larger.
void ByteParameters::choose_factors(float divisor) {
  constexpr double kUnit = 65536, kMostBias = 4096;
  const auto ordinary = [](float x) { return std::abs(x) > 1e-18f && std::abs(x) < 1e18f; };
  double most_bias = 0;
  for (const float bias : bias_) most_bias = std::max(most_bias, std::abs(bias / double{divisor}));
  const double margin = most_bias == 0 ? 8 : std::ceil(16 + most_bias / 64);
  common_.fixed = most_bias <= kMostBias ? ByteResults::kFits : ByteResults::kDivided;
  common_.margin = static_cast<std::uint16_t>(std::min(2 * margin, kUnit - 1));
  for (std::size_t c = 0; c < scale_.size(); ++c) {
    const bool safe = ordinary(divisor) && (ordinary(scale_[c]) || scale_[c] == 0);
    const double factor = safe ? kUnit * (double{scale_[c]} / double{divisor}) : 0;
    if (!safe || std::abs(factor) > 1e24) common_.fixed = ByteResults::kDivided;
    factor_.push_back(static_cast<float>(factor));
    offset_.push_back(static_cast<float>(
        kUnit * (bias_[c] / double{divisor} + common_.zero_point + 0.5) + margin));
  }
}

void ByteParameters::add(std::int64_t channel, std::uint32_t sum, double most) {
  const auto c = static_cast<std::size_t>(channel);
  const double whole = std::min(most + std::abs(double(whole_bias_[c])), 0x1p31);
  const double fixed = whole * std::abs(double{factor_[c]}) + std::abs(double{offset_[c]});
  if (common_.fixed == ByteResults::kFits && fixed >= 0x1p30) common_.fixed = ByteResults::kBounded;
  whole_bias_[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(whole_bias_[c]) + sum);
}

ByteResults ByteParameters::results_of(std::int64_t block) const {
  const std::int64_t first = block * kChannelBlock;
  ByteResults results = common_;
  results.whole_bias = whole_bias_.data() + first;
  results.scale = scale_.data() + first;
  results.bias = bias_.data() + first;
  results.factor = factor_.data() + first;
  results.offset = offset_.data() + first;
  results.table = table_ ? table_->data() : nullptr;
  return results;
}

}  // namespace rdu::cpu
