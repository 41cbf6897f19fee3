// Recognises x[n, g·Cg + c, s·oy + d·ky − p, …] · w[(g,) o, c, ky, …] with constant weights, and the transposed
// convolution, which reads x at (oy + p − d·ky) / s where that is exact.
#include "plugins/cpu/contract/convolution_shape.hpp"

#include <algorithm>

namespace rdu::cpu {
namespace {

// The moving loops of an index: at most one parallel and one reducing.
struct IndexTerms {
  std::uint32_t parallel = kMaxLoops, reducing = kMaxLoops;
  std::int64_t parallel_coef = 0, reducing_coef = 0;
};

class Matcher {
 public:
  Matcher(const BuildContext& context, const rdu_node& node, std::int64_t outside)
      : context_(context), node_(node), outside_(outside) {
    extents_ = scope_of(context, node).extents;
  }

  std::optional<ConvolutionMatch> match(const Operands& operands) {
    if (bounded_loops(context_, node_) != 0) return {};
    const rdu_read& x = context_.graph.reads(node_)[operands.first_read];
    const rdu_read& w = context_.graph.reads(node_)[operands.second_read];
    const rdu_value& source = context_.graph.value(x.value);
    const rdu_value& result = context_.graph.value(context_.graph.writes(node_)[0].value);
    const bool ranks = source.rank >= 3 && source.rank <= 5 && result.rank == source.rank;
    if (!ranks || context_.graph.value(w.value).data == nullptr) return {};
    if (!operands.second.affine()) return {};
    match_.source = x.value;
    match_.destination = context_.graph.writes(node_)[0].value;
    match_.shape.spatial = source.rank - 2;
    if (!read_source(x, source) || !read_weights(operands.second) ||
        !read_result(operands.result) || !all_loops_known()) {
      return {};
    }
    std::copy_n(spatial_loop_, 3, match_.spatial_loop);
    return match_;
  }

 private:
  std::int64_t extent(std::uint32_t loop) const { return loop == kMaxLoops ? 1 : extents_[loop]; }
  std::int64_t stride(const Access& access, std::uint32_t loop) const {
    return loop == kMaxLoops ? 0 : access.stride[loop];
  }

  bool terms_of(const rdu_index& index, IndexTerms& out) {
    if (index.source != RDU_NONE || index.mod != 0) return false;
    if (index.div != 1 && index.exact == 0) return false;
    for (const rdu_term& term : context_.graph.terms(index)) {
      if (extents_[term.loop] == 1) continue;
      const bool parallel = term.loop < node_.num_parallel;
      std::uint32_t& loop = parallel ? out.parallel : out.reducing;
      if (loop != kMaxLoops || (term.coef > 0) == (index.exact != 0 && !parallel)) return false;
      loop = term.loop;
      (parallel ? out.parallel_coef : out.reducing_coef) = term.coef;
      known_ |= 1u << term.loop;
    }
    return true;
  }

  bool fills_as_expected(const rdu_read& x, const rdu_value& value) const {
    if (x.fill_value != RDU_NONE) return false;
    const bool real = value.dtype == RDU_DTYPE_F32;
    return real ? x.fill.f == static_cast<double>(outside_) : x.fill.i == outside_;
  }

  bool read_source(const rdu_read& x, const rdu_value& value) {
    const auto indices = context_.graph.indices(x);
    IndexTerms image, channel;
    if (!terms_of(indices[0], image) || !terms_of(indices[1], channel)) return false;
    if (indices[0].exact != 0 || indices[1].exact != 0) return false;
    if (indices[0].offset != 0 || indices[1].offset != 0 || image.reducing != kMaxLoops)
      return false;
    match_.image_loop = image.parallel;
    match_.images = extent(image.parallel);
    match_.group_loop = channel.parallel;
    channel_loop_ = channel.reducing;
    ConvolutionShape& s = match_.shape;
    s.groups = extent(channel.parallel);
    s.channels = extent(channel.reducing);
    const bool dense = (image.parallel == kMaxLoops || image.parallel_coef == 1) &&
                       (channel.reducing == kMaxLoops || channel.reducing_coef == 1) &&
                       (channel.parallel == kMaxLoops || channel.parallel_coef == s.channels);
    if (!dense || s.groups * s.channels != value.dims[1] || match_.images != value.dims[0])
      return false;
    for (std::uint32_t d = 0; d < s.spatial; ++d) {
      const rdu_index& index = indices[2 + d];
      const bool plain = index.outside == RDU_OUTSIDE_NEVER ||
                         (index.outside == RDU_OUTSIDE_FILL && fills_as_expected(x, value));
      IndexTerms terms;
      if (!plain || !terms_of(index, terms)) return false;
      if (index.exact != 0 ? index.offset < 0 || terms.parallel_coef > 1 : index.offset > 0)
        return false;
      spatial_loop_[d] = terms.parallel;
      kernel_loop_[d] = terms.reducing;
      s.in[d] = value.dims[2 + d];
      s.out[d] = extent(terms.parallel);
      s.kernel[d] = extent(terms.reducing);
      s.stride[d] = terms.parallel == kMaxLoops ? 1 : terms.parallel_coef;
      s.dilation[d] = terms.reducing == kMaxLoops ? 1 : terms.reducing_coef;
      s.pad[d] = -index.offset;
      if (index.exact == 0) continue;
      s.transposed = true;
      s.stride[d] = index.div;
      s.dilation[d] = terms.reducing == kMaxLoops ? 1 : -terms.reducing_coef;
      s.pad[d] = index.offset;
    }
    // A dimension without windows is the same both ways.
    for (std::uint32_t d = 0; s.transposed && d < s.spatial; ++d) {
      const bool idle = s.kernel[d] == 1 && s.stride[d] == 1 && s.pad[d] == 0;
      if (indices[2 + d].exact == 0 && !idle) return false;
    }
    return true;
  }

  bool read_weights(const Access& w) {
    ConvolutionShape& s = match_.shape;
    for (std::uint32_t l = 0; l < node_.num_parallel; ++l) {
      if (extents_[l] == 1 || l == match_.group_loop) continue;
      if (w.stride[l] == 0) continue;
      if ((known_ >> l & 1) != 0 || match_.output_loop != kMaxLoops) return false;
      match_.output_loop = l;
      known_ |= 1u << l;
    }
    s.outputs = extent(match_.output_loop);
    match_.weights.group = stride(w, match_.group_loop);
    match_.weights.output = stride(w, match_.output_loop);
    match_.weights.channel = stride(w, channel_loop_);
    for (std::uint32_t d = 0; d < s.spatial; ++d) {
      match_.weights.kernel[d] = stride(w, kernel_loop_[d]);
      if (s.kernel[d] > 1 && match_.weights.kernel[d] == 0) return false;
    }
    return w.base == 0 && (s.groups == 1 || match_.weights.group != 0);
  }

  // Channels one after the other, each with its points dense.
  bool read_result(const Access& y) {
    const ConvolutionShape& s = match_.shape;
    std::int64_t dense = 1;
    for (std::uint32_t d = s.spatial; d-- > 0;) {
      if (s.out[d] > 1 && y.stride[spatial_loop_[d]] != dense) return false;
      dense *= s.out[d];
    }
    match_.destination_base = y.base;
    match_.destination_image = stride(y, match_.image_loop);
    match_.destination_channel = dense;
    const bool outputs = s.outputs == 1 || y.stride[match_.output_loop] == dense;
    const bool groups = s.groups == 1 || y.stride[match_.group_loop] == dense * s.outputs;
    return outputs && groups;
  }

  bool all_loops_known() const {
    for (std::uint32_t l = 0; l < node_.num_loops; ++l) {
      if (extents_[l] != 1 && (known_ >> l & 1) == 0) return false;
    }
    return true;
  }

  const BuildContext& context_;
  const rdu_node& node_;
  const std::int64_t outside_;
  LoopArray extents_{};
  ConvolutionMatch match_;
  std::uint32_t channel_loop_ = kMaxLoops;
  std::uint32_t spatial_loop_[3] = {kMaxLoops, kMaxLoops, kMaxLoops};
  std::uint32_t kernel_loop_[3] = {kMaxLoops, kMaxLoops, kMaxLoops};
  std::uint32_t known_ = 0;
};

}  // namespace

namespace {

// One window for each image is a row of a matrix.
bool is_product(const ConvolutionShape& shape) {
  if (shape.groups != 1) return false;
  for (std::uint32_t d = 0; d < shape.spatial; ++d) {
    if (shape.out[d] != 1 || shape.pad[d] != 0) return false;
  }
  return true;
}

}  // namespace

bool ConvolutionMatch::pointwise() const {
  if (shape.groups != 1) return false;
  for (std::uint32_t d = 0; d < shape.spatial; ++d) {
    if (shape.kernel[d] != 1 || shape.stride[d] != 1 || shape.pad[d] != 0) return false;
  }
  return true;
}

std::optional<ConvolutionMatch> match_convolution(const BuildContext& context, const rdu_node& node,
                                                  const Operands& operands, std::int64_t outside) {
  auto match = Matcher(context, node, outside).match(operands);
  if (match && is_product(match->shape)) return {};
  return match;
}

std::optional<ConvolutionMatch> match_convolution(const BuildContext& context,
                                                  const rdu_node& node) {
  const auto operands = plain_operands(context, node);
  return operands ? match_convolution(context, node, *operands, 0) : std::nullopt;
}

}  // namespace rdu::cpu
