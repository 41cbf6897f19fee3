// oneDNN behind four functions. Its OpenMP runtime is told, on every thread and around every call, to use that thread
// alone: the tasks of the plan are the only parallelism.
#include "plugins/cpu/contract/dnnl/call.hpp"

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

extern "C" {
int omp_get_max_threads(void);
void omp_set_num_threads(int);
}

namespace rdu::cpu {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

memory::desc plain(const memory::dims& dims, const memory::dims& strides) {
  return {dims, memory::data_type::f32, strides};
}

dnnl::primitive_attr attributes(const PostOp& post) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (post.clamp) {
    dnnl::post_ops ops;
    if (post.high == __builtin_inff() && post.low == 0) {
      ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
    } else {
      ops.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, post.low, post.high);
    }
    attr.set_post_ops(ops);
  }
  return attr;
}

Tag blocked_tag(std::uint32_t spatial) {
  return spatial == 1 ? Tag::nCw16c : spatial == 2 ? Tag::nChw16c : Tag::nCdhw16c;
}
Tag plain_tag(std::uint32_t spatial) {
  return spatial == 1 ? Tag::ncw : spatial == 2 ? Tag::nchw : Tag::ncdhw;
}

// One for the process: oneDNN's cache then finds the code of equal shapes whichever call asks for it.
const dnnl::engine& engine() {
  static const dnnl::engine shared(dnnl::engine::kind::cpu, 0);
  return shared;
}

struct Windows {
  memory::dims stride, dilation, pad_low, pad_high;
};

}  // namespace

struct DnnlCall::Impl {
  dnnl::primitive primitive;
  memory::desc source, plain_weights, weights, bias, destination, scratchpad;
  bool has_bias = false;
  std::vector<memory> packed;

  template <class Convolution>
  void create(dnnl::algorithm algorithm, const memory::desc& any, const Windows& w,
              const PostOp& post) {
    constexpr auto kInference = dnnl::prop_kind::forward_inference;
    using Desc = typename Convolution::desc;
    const Desc desc = has_bias ? Desc(kInference, algorithm, source, any, bias, destination,
                                      w.stride, w.dilation, w.pad_low, w.pad_high)
                               : Desc(kInference, algorithm, source, any, destination, w.stride,
                                      w.dilation, w.pad_low, w.pad_high);
    const typename Convolution::primitive_desc pd(desc, attributes(post), engine());
    primitive = Convolution(pd);
    weights = pd.weights_desc();
    scratchpad = pd.scratchpad_desc();
  }

  void pack(const std::vector<const float*>& firsts, PackedMemory& into) {
    const dnnl::reorder reorder({engine(), plain_weights, engine(), weights});
    dnnl::stream stream(engine());
    for (const float* first : firsts) {
      memory from(plain_weights, engine(), const_cast<float*>(first));
      packed.emplace_back(weights, engine(), into.take(weights.get_size()));
      reorder.execute(stream, from, packed.back());
    }
  }
};

void multiply_any(const float* a, const float* b, float* c, const MatmulShape& s) {
  const OneThread alone;
  const bool a_rows = s.a_k == 1, b_rows = s.b_n == 1;
  // Nothing can fail: match_matmul knows that the strides are those of matrices.
  (void)dnnl_sgemm(a_rows ? 'N' : 'T', b_rows ? 'N' : 'T', s.m, s.n, s.k, 1.0f, a,
                   a_rows ? s.a_m : s.a_k, b, b_rows ? s.b_k : s.b_n, 0.0f, c, s.c_m);
}

DnnlCall::DnnlCall(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DnnlCall::~DnnlCall() = default;

std::unique_ptr<DnnlCall> DnnlCall::convolution(const ConvolutionShape& shape,
                                                const WeightStrides& strides) try {
  const OneThread alone;
  auto impl = std::make_unique<Impl>();
  memory::dims source{1, shape.groups * shape.channels},
      destination{1, shape.groups * shape.outputs};
  memory::dims weights{shape.outputs, shape.channels}, steps{strides.output, strides.channel};
  if (shape.groups > 1) {
    weights.insert(weights.begin(), shape.groups);
    steps.insert(steps.begin(), strides.group);
  }
  memory::dims stride, dilation, pad_low, pad_high;
  for (std::uint32_t d = 0; d < shape.spatial; ++d) {
    const std::int64_t small = shape.transposed ? shape.in[d] : shape.out[d];
    const std::int64_t large = shape.transposed ? shape.out[d] : shape.in[d];
    const std::int64_t reach =
        (small - 1) * shape.stride[d] + (shape.kernel[d] - 1) * shape.dilation[d] + 1;
    source.push_back(shape.in[d]);
    destination.push_back(shape.out[d]);
    weights.push_back(shape.kernel[d]);
    steps.push_back(strides.kernel[d]);
    stride.push_back(shape.stride[d]);
    dilation.push_back(shape.dilation[d] - 1);
    pad_low.push_back(shape.pad[d]);
    pad_high.push_back(reach - large - shape.pad[d]);
  }
  constexpr auto kF32 = memory::data_type::f32;
  const Tag source_tag =
      shape.blocked_source ? blocked_tag(shape.spatial) : plain_tag(shape.spatial);
  impl->source = {source, kF32, source_tag};
  impl->destination = {destination, kF32, blocked_tag(shape.spatial)};
  impl->plain_weights = plain(weights, steps);
  impl->has_bias = shape.bias;
  if (shape.bias) impl->bias = {{destination[1]}, kF32, Tag::x};
  const memory::desc any(weights, kF32, Tag::any);
  const Windows windows{stride, dilation, pad_low, pad_high};
  if (shape.transposed) {
    impl->create<dnnl::deconvolution_forward>(dnnl::algorithm::deconvolution_direct, any, windows,
                                              shape.post);
  } else {
    impl->create<dnnl::convolution_forward>(dnnl::algorithm::convolution_direct, any, windows,
                                            shape.post);
  }
  return std::unique_ptr<DnnlCall>(new DnnlCall(std::move(impl)));
} catch (const dnnl::error&) {
  return nullptr;
}

void DnnlCall::pack(const std::vector<const float*>& firsts, PackedMemory& packed) {
  const OneThread alone;
  impl_->pack(firsts, packed);
}

void DnnlCall::execute(const float* source, std::size_t piece, const float* bias,
                       float* destination, std::byte* scratchpad) const {
  const OneThread alone;
  const Impl& call = *impl_;
  const auto view = [&](const memory::desc& desc, const void* data) {
    return memory(desc, engine(), const_cast<void*>(data));
  };
  std::unordered_map<int, memory> arguments;
  arguments.emplace(DNNL_ARG_SRC, view(call.source, source));
  arguments.emplace(DNNL_ARG_WEIGHTS, call.packed[piece]);
  if (call.has_bias) arguments.emplace(DNNL_ARG_BIAS, view(call.bias, bias));
  arguments.emplace(DNNL_ARG_DST, view(call.destination, destination));
  arguments.emplace(DNNL_ARG_SCRATCHPAD, view(call.scratchpad, scratchpad));
  dnnl::stream stream(engine());
  call.primitive.execute(stream, arguments);
}

std::uint64_t DnnlCall::scratchpad_bytes() const { return impl_->scratchpad.get_size(); }

std::uint64_t DnnlCall::packed_bytes() const {
  return impl_->packed.size() * impl_->weights.get_size();
}

}  // namespace rdu::cpu
