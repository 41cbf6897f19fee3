// Sixteen independent accumulators hide the latency of every multiplier that is known. They begin with different numbers,
// or else they would be one for the compiler.
#include "tools/rdu/machine_kernels.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>
#endif

namespace rdu::tool {

namespace {

constexpr int kChains = 16;

float plain_fp32(std::uint64_t rounds) {
  float sums[kChains * 4];
  for (int i = 0; i < kChains * 4; ++i) sums[i] = static_cast<float>(i);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const float factor = 1.0F + static_cast<float>(i & 1);
    for (float& sum : sums) sum = sum * 0.5F + factor;
  }
  float all = 0;
  for (const float sum : sums) all += sum;
  return all;
}

float plain_read(const void* memory, std::size_t bytes) {
  const auto* words = static_cast<const std::uint64_t*>(memory);
  std::uint64_t sums[8] = {};
  for (std::size_t i = 0; i < bytes / 8; i += 8) {
    for (std::size_t l = 0; l < 8; ++l) sums[l] += words[i + l];
  }
  std::uint64_t all = 0;
  for (const std::uint64_t sum : sums) all += sum;
  return static_cast<float>(all);
}

#if defined(__x86_64__)

constexpr std::size_t kAhead = 1024;  // of prefetches, in bytes

__attribute__((target("avx2,fma"))) float fp32_avx2(std::uint64_t rounds) {
  __m256 sums[kChains / 2];
  for (int i = 0; i < kChains / 2; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 half = _mm256_set1_ps(0.5F);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, half, half);
  }
  __m256 all = sums[0];
  for (const __m256& sum : sums) all = _mm256_add_ps(all, sum);
  return _mm256_cvtss_f32(all);
}

__attribute__((target("avx2"))) float read_avx2(const void* memory, std::size_t bytes) {
  const auto* at = static_cast<const char*>(memory);
  __m256i sums[4] = {};
  for (std::size_t i = 0; i < bytes; i += 128) {
    _mm_prefetch(at + i + kAhead, _MM_HINT_T1);
    _mm_prefetch(at + i + kAhead + 64, _MM_HINT_T1);
    for (std::size_t l = 0; l < 4; ++l) {
      const __m256i got = _mm256_load_si256(reinterpret_cast<const __m256i*>(at + i + 32 * l));
      sums[l] = _mm256_add_epi64(sums[l], got);
    }
  }
  const __m256i all =
      _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]), _mm256_add_epi64(sums[2], sums[3]));
  return static_cast<float>(_mm256_extract_epi64(all, 0));
}

__attribute__((target("avx512f"))) float fp32_avx512(std::uint64_t rounds) {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 half = _mm512_set1_ps(0.5F);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, half, half);
  }
  __m512 all = sums[0];
  for (const __m512& sum : sums) all = _mm512_add_ps(all, sum);
  return _mm512_cvtss_f32(all);
}

__attribute__((target("avx512f,avx512bf16"))) float bf16_avx512(std::uint64_t rounds) {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const auto half = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f003f00));
  for (std::uint64_t i = 0; i < rounds; ++i) {
    for (__m512& sum : sums) sum = _mm512_dpbf16_ps(sum, half, half);
  }
  __m512 all = sums[0];
  for (const __m512& sum : sums) all = _mm512_add_ps(all, sum);
  return _mm512_cvtss_f32(all);
}

// Two tiles of rows meet two of columns, all four from memory that the second-level cache holds: what a product can reach.
__attribute__((target("amx-tile,amx-bf16"))) float bf16_amx(std::uint64_t rounds) {
  constexpr std::size_t kTile = 512, kRound = 4 * kTile, kElements = 128 * kRound;  // 512 KiB
  static thread_local const std::vector<std::uint16_t> memory(kElements, 0x3f00);
  struct alignas(64) {
    std::uint8_t palette = 1, rest[15] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  } const shapes;
  _tile_loadconfig(&shapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const std::uint16_t* at = memory.data() + i * kRound % kElements;
    _tile_loadd(4, at, 64);
    _tile_loadd(6, at + kTile, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(5, at + 2 * kTile, 64);
    _tile_dpbf16ps(2, 5, 6);
    _tile_loadd(7, at + 3 * kTile, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(3, 5, 7);
  }
  float sums[256] = {};
  _tile_stored(0, sums, 64);
  float all = sums[0];
  _tile_stored(1, sums, 64);
  all += sums[0];
  _tile_stored(2, sums, 64);
  all += sums[0];
  _tile_stored(3, sums, 64);
  _tile_release();
  return all + sums[0];
}

// Has the processor tiles of 16-bit floats, and may this process use them?
bool has_amx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kBf16 = 1u << 22, kTile = 1u << 24;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  if ((d & (kBf16 | kTile)) != (kBf16 | kTile)) return false;
  return syscall(SYS_arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 18 /* tile data */) == 0;
}

__attribute__((target("avx512f,avx512vnni"))) float int8_avx512(std::uint64_t rounds) {
  __m512i sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_epi32(i);
  const __m512i ones = _mm512_set1_epi32(0x01010101);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    for (__m512i& sum : sums) sum = _mm512_dpbusd_epi32(sum, ones, ones);
  }
  __m512i all = sums[0];
  for (const __m512i& sum : sums) all = _mm512_add_epi32(all, sum);
  return static_cast<float>(_mm512_cvtsi512_si32(all));
}

__attribute__((target("avx512f"))) float read_avx512(const void* memory, std::size_t bytes) {
  const auto* at = static_cast<const char*>(memory);
  __m512i sums[4] = {};
  for (std::size_t i = 0; i < bytes; i += 256) {
    for (std::size_t l = 0; l < 4; ++l) {
      _mm_prefetch(at + i + 64 * l + kAhead, _MM_HINT_T1);
      sums[l] = _mm512_add_epi64(sums[l], _mm512_load_si512(at + i + 64 * l));
    }
  }
  const __m512i all =
      _mm512_add_epi64(_mm512_add_epi64(sums[0], sums[1]), _mm512_add_epi64(sums[2], sums[3]));
  return static_cast<float>(_mm512_cvtsi512_si32(all));
}

#endif

}  // namespace

MachineKernels machine_kernels() {
  MachineKernels best{plain_fp32, nullptr, nullptr, 2.0 * 4 * kChains, 0, 0, plain_read};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    best.fp32 = fp32_avx2;
    best.fp32_operations = 2.0 * 8 * (kChains / 2);
    best.read = read_avx2;
  }
  if (__builtin_cpu_supports("avx512f")) {
    best.fp32 = fp32_avx512;
    best.fp32_operations = 2.0 * 16 * kChains;
    best.read = read_avx512;
    if (__builtin_cpu_supports("avx512bf16")) best.bf16 = bf16_avx512;
    if (__builtin_cpu_supports("avx512vnni")) best.int8 = int8_avx512;
    best.bf16_operations = 2.0 * 32 * kChains;
    best.int8_operations = 2.0 * 64 * kChains;
    if (has_amx()) {
      best.bf16 = bf16_amx;
      best.bf16_operations = 4 * 2.0 * 16 * 16 * 32;
    }
  }
#endif
  return best;
}

}  // namespace rdu::tool
