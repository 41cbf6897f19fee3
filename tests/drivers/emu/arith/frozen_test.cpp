// The bits themselves, as a digest per operation: they are the same for every compiler, level of optimisation and
// instruction set, and for ever. A change here is a change of the chip.
#include <catch2/catch.hpp>

#include "tests/drivers/emu/arith/words.hpp"

namespace rdu_hw::arith {
namespace {

// FNV-1a over the bytes of the words, least significant first.
std::uint64_t digest(const std::vector<Word>& words) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (Word w : words) {
    for (int byte = 0; byte < 4; ++byte) {
      hash = (hash ^ (w >> (8 * byte) & 0xffu)) * 0x100000001b3u;
    }
  }
  return hash;
}

constexpr std::uint64_t kFrozen[kNumOps] = {
    0x6c985c08484ca2bf,  // add_f32
    0xc66e9505574bebad,  // sub_f32
    0xc1bd4b2e43155c23,  // mul_f32
    0xf240b810c15bb72d,  // fma_f32
    0x0234e2d5b811e971,  // div_f32
    0x6f671d0d3443ffc1,  // min_f32
    0x6d41b1ff0e4f8319,  // max_f32
    0xecdd82c3daf5fe39,  // neg_f32
    0x9650daf0b218b639,  // abs_f32
    0x4feb95b7da55e118,  // sign_f32
    0xf98614e7e66f0a7a,  // floor_f32
    0x38939914eea4f95b,  // ceil_f32
    0xad765bfc130535aa,  // round_f32
    0x745e79936b5dee21,  // trunc_f32
    0xf5dda34312547b02,  // sqrt_f32
    0x0d3b420911466a59,  // rsqrt_f32
    0xbef5382df99ab942,  // rcp_f32
    0x5be50bfaf699cf86,  // exp_f32
    0xab1ff3afad539019,  // log_f32
    0x2dc46f16b2657158,  // pow_f32
    0x13c121ee9a7b27f5,  // sigmoid_f32
    0xfeebec4ce043d355,  // tanh_f32
    0xccc84298e3c02eaf,  // sinh_f32
    0x51b751c8da6b305f,  // cosh_f32
    0x1fde62518e223152,  // asinh_f32
    0xcf73db5f44764e18,  // acosh_f32
    0x3375447e71f38f1d,  // atanh_f32
    0xa9cd11e449fb00f4,  // erf_f32
    0x086ecf5c184327fe,  // sin_f32
    0x92ef7edbb9d2af86,  // cos_f32
    0x714a3c289fef9b60,  // tan_f32
    0x3d2bc606c9d01522,  // asin_f32
    0x4863e084f645c9cf,  // acos_f32
    0xfb8cf3e17be8ae3f,  // atan_f32
    0xa72ad48a741c4b5a,  // atan2_f32
    0x5952e05d28e06864,  // eq_f32
    0x5baac92e6f51bbe4,  // ne_f32
    0x464bbda9af8559c5,  // lt_f32
    0xa7eece138882cb64,  // le_f32
    0xd32db622aee2cfb5,  // gt_f32
    0xf0933f8500829314,  // ge_f32
    0x42e7c52b1925b3d5,  // is_nan_f32
    0x11d1013c1b55b545,  // is_inf_f32
    0x7fef47b5842714a8,  // add_i32
    0xe9995a605dbd9d2f,  // sub_i32
    0x31ae60714870c72b,  // mul_i32
    0xc2abce0fe5a810b3,  // mad_i32
    0xeb60eef54fd65f19,  // div_i32
    0x392a33ab71f8a4e1,  // rem_i32
    0x8ff99173c5bab678,  // mod_i32
    0x27f402c4170e9ac7,  // min_i32
    0xffe4d83ceba98d2a,  // max_i32
    0x41a628812920c51a,  // neg_i32
    0xfa5fed3907f8c42c,  // abs_i32
    0xe74ca9ba02b06e6d,  // sign_i32
    0xb9bde5ee23060124,  // eq_i32
    0x12e65fc462819604,  // ne_i32
    0xa2e8c73947c08475,  // lt_i32
    0xed6dcd901686d7f4,  // le_i32
    0xd3b1f513cfcbd274,  // gt_i32
    0xb600988f47cf2c55,  // ge_i32
    0x09e826deaaf2784f,  // and_word
    0x433cccc0a82e6292,  // or_word
    0xec9a320b6179777c,  // xor_word
    0x012faf47a8fa58a3,  // not_word
    0x9cd32f25de3b5ad6,  // shl_word
    0x68aea636193a9217,  // shr_word
    0xd150583e6f605c54,  // shr_i32
    0x870b0d22f4461ad3,  // select_word
    0xca8da4bbb209e1f5,  // f32_of_i32
    0x8fc5fa635aa85e20,  // i32_of_f32_trunc
    0xfe587cd9b23a1290,  // i32_of_f32_nearest
    0xe9535e07e8d1a3e6,  // bf16_of_f32
    0x1d9825939c8c2929,  // i8_wrap
    0xf6fe1ea282fa3c09,  // u8_wrap
    0xe5c1c37750e11d8d,  // i8_saturate
    0xbfe03da2fbc517d8,  // u8_saturate
};

TEST_CASE("the bits of every operation are frozen") {
  RandomWords random(2026);
  const auto a = random.take(20000), b = random.take(20000), c = random.take(20000);
  std::vector<Word> results(a.size());
  auto tables = block_forms();
  tables.push_back(&kScalarForms);
  for (const Forms* forms : tables) {
    for (std::size_t op = 0; op < kNumOps; ++op) {
      forms->op[op](results.data(), a.data(), b.data(), c.data(), results.size());
      INFO(forms->isa << ' ' << op_name(op) << std::hex << ": 0x" << digest(results));
      CHECK(digest(results) == kFrozen[op]);
    }
  }
}

}  // namespace
}  // namespace rdu_hw::arith
