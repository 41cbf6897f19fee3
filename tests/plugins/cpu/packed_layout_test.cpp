// A layout that is stored in artifacts stays what it is: "number: hash of the bytes". Where the bytes change and the number
// does not, kPackedVersion has to be raised; where both do, the line alone is new.
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "plugins/cpu/contract/panel/convolution.hpp"
#include "plugins/cpu/contract/panel/window_weights.hpp"
#include "sdk/base/hash.hpp"
#include "sdk/base/result.hpp"

using namespace rdu::cpu;

namespace {

ConvolutionShape square_convolution(std::int64_t channels, std::int64_t outputs,
                                    std::int64_t kernel, std::int64_t side) {
  ConvolutionShape shape;
  shape.spatial = 3;
  shape.channels = channels;
  shape.outputs = outputs;
  for (int d = 1; d < 3; ++d) {
    shape.in[d] = shape.out[d] = side;
    shape.kernel[d] = kernel;
    shape.pad[d] = kernel / 2;
  }
  return shape;
}

std::vector<float> weights_of(const ConvolutionShape& shape) {
  std::vector<float> weights(
      static_cast<std::size_t>(shape.outputs * shape.channels * shape.kernel[1] * shape.kernel[2]));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<float>(576 * (static_cast<int>(i * 37 % 101) - 50));
  }
  return weights;
}

std::string packed_by(const Kernels& kernels, const ConvolutionShape& shape) {
  const auto weights = weights_of(shape);
  const std::int64_t taps = shape.kernel[1] * shape.kernel[2];
  const WeightStrides strides{0, taps * shape.channels, taps, {taps, shape.kernel[2], 1}};
  PackedStore store({}, 0, {});
  PackedMemory memory(store, 0);
  const PanelConvolution convolution(kernels, shape, strides, weights.data(),
                                     static_cast<std::int64_t>(kernels.panels.rows), 1, memory);
  REQUIRE(store.pieces().size() == 1);
  const PackedPiece& piece = store.pieces().front();
  return rdu::base::format("%016llx: ", static_cast<unsigned long long>(piece.key.layout)) +
         to_string(rdu::base::hash128({piece.data, piece.bytes}));
}

}  // namespace

TEST_CASE("layouts that artifacts hold mean what they meant in this version") {
  REQUIRE(kPackedVersion == 1);
  const std::map<std::string, std::vector<std::string>> frozen = {
      {"avx2",
       {"1fe8e152a0b27580: d80c16146e98e6b640553bac68eb167a",
        "2f94b862b2296a17: f29ba4f14a81a59d884b8edee5d880bd",
        "3fff5a7030607c0c: b1f0a4e55fae74bbb045156bc66fddec"}},
      {"avx512",
       {"de8a466dab7d9bb0: 627afd7d50eff31b1f15de5b39143e46",
        "00b5496c1cc3cfa7: 20f75cd1ef7e2bbbff1813aeb964b9ba",
        "5003892ad47bdd34: 65b6c4ba2b8e646f202f86c5145362e9"}},
  };
  const ConvolutionShape shapes[] = {square_convolution(20, 40, 1, 7),
                                     square_convolution(3, 40, 3, 4),
                                     square_convolution(80, 72, 3, 32)};
  for (const auto& [isa, expected] : frozen) {
    const Kernels* kernels = select_kernels(isa.c_str());
    if (kernels == nullptr) continue;
    for (std::size_t i = 0; i < std::size(shapes); ++i) {
      INFO(isa << ", shape " << i);
      CHECK(packed_by(*kernels, shapes[i]) == expected[i]);
    }
  }
}
