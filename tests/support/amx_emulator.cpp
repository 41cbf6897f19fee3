// A handler of SIGILL that decodes VEX instructions of map 0F38 and does them on memory of the thread.
#include "tests/support/amx_emulator.hpp"

#include <signal.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace rdu::testing {
namespace {

constexpr int kTiles = 8, kMostRows = 16, kRowBytes = 64;

struct Config {
  std::uint8_t palette, start_row, reserved[14];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};
static_assert(sizeof(Config) == 64);

struct Tiles {
  Config config{};
  std::uint8_t data[kTiles][kMostRows][kRowBytes]{};
};

thread_local Tiles tiles;
std::atomic<std::uint64_t> emulated{0};

// Operands are flushed to zero where they are denormal, and results too; rounding is to nearest.
float flushed(float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }

float float_of(const std::uint8_t* bf16) {
  std::uint16_t half = 0;
  std::memcpy(&half, bf16, sizeof half);
  return flushed(std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16));
}

struct Instruction {
  std::uint8_t opcode = 0, prefix = 0;  // 0 none, 1 66, 2 F3, 3 F2
  std::uint8_t reg = 0, rm = 0, third = 0;
  bool memory = false;
  std::uint64_t address = 0, stride = 0;
  std::size_t length = 0;
};

std::uint64_t general(const ucontext_t& context, unsigned number) {
  static constexpr int kOrder[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                   REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                   REG_R12, REG_R13, REG_R14, REG_R15};
  return static_cast<std::uint64_t>(context.uc_mcontext.gregs[kOrder[number]]);
}

// What follows ModRM: SIB and displacement. An index is the stride of tile loads; SIB without one has no stride.
void decode_address(const ucontext_t& context, const std::uint8_t*& at, std::uint8_t modrm,
                    unsigned index_high, unsigned base_high, bool index_is_stride,
                    Instruction& out) {
  const unsigned mode = modrm >> 6;
  unsigned base = modrm & 7u;
  bool displaced = false;
  if (base == 4) {
    const std::uint8_t sib = *at++;
    const unsigned index = (sib >> 3 & 7u) | index_high << 3;
    base = sib & 7u;
    displaced = base == 5 && mode == 0;
    if (index != 4) {
      const std::uint64_t scaled = general(context, index) << (sib >> 6);
      (index_is_stride ? out.stride : out.address) += scaled;
    }
  } else if (base == 5 && mode == 0) {  // relative to the next instruction; there is no immediate
    std::int32_t offset = 0;
    std::memcpy(&offset, at, sizeof offset);
    at += 4;
    out.address = reinterpret_cast<std::uint64_t>(at) +
                  static_cast<std::uint64_t>(static_cast<std::int64_t>(offset));
    return;
  }
  if (!displaced) out.address += general(context, base | base_high << 3);
  std::int64_t offset = 0;
  if (mode == 1) {
    offset = static_cast<std::int8_t>(*at++);
  } else if (mode == 2 || displaced) {
    std::int32_t wide = 0;
    std::memcpy(&wide, at, sizeof wide);
    at += 4;
    offset = wide;
  }
  out.address += static_cast<std::uint64_t>(offset);
}

bool decode(const ucontext_t& context, Instruction& out) {
  const auto* start = reinterpret_cast<const std::uint8_t*>(context.uc_mcontext.gregs[REG_RIP]);
  const std::uint8_t* at = start;
  if (at[0] != 0xc4 || (at[1] & 0x1fu) != 2) return false;  // three bytes of VEX, map 0F38
  const unsigned index_high = (at[1] >> 6 & 1u) ^ 1u, base_high = (at[1] >> 5 & 1u) ^ 1u;
  const bool plain = (at[2] & 0x84u) == 0;  // W0, 128 bits
  out.third = (static_cast<unsigned>(at[2]) >> 3 & 15u) ^ 15u;
  out.prefix = at[2] & 3u;
  out.opcode = at[3];
  const std::uint8_t modrm = at[4];
  at += 5;
  out.reg = modrm >> 3 & 7u;
  out.rm = modrm & 7u;
  out.memory = modrm >> 6 != 3;
  if (out.memory) {
    decode_address(context, at, modrm, index_high, base_high, out.opcode == 0x4b, out);
  }
  out.length = static_cast<std::size_t>(at - start);
  return plain;
}

int rows_of(int tile) { return tiles.config.rows[tile]; }
int bytes_of(int tile) { return tiles.config.row_bytes[tile]; }
bool shaped(int tile) {
  return tiles.config.palette == 1 && rows_of(tile) > 0 && bytes_of(tile) > 0;
}

bool configure(const Instruction& in) {
  if (!in.memory) {  // TILERELEASE
    if (in.prefix != 0 || in.reg != 0 || in.rm != 0) return false;
    tiles = {};
    return true;
  }
  if (in.prefix == 1) {
    std::memcpy(reinterpret_cast<void*>(in.address), &tiles.config, sizeof(Config));
    return true;
  }
  if (in.prefix != 0) return false;
  tiles = {};
  std::memcpy(&tiles.config, reinterpret_cast<const void*>(in.address), sizeof(Config));
  if (tiles.config.palette == 0) tiles = {};
  for (int t = 0; t < kTiles; ++t) {
    if (rows_of(t) > kMostRows || bytes_of(t) > kRowBytes) return false;
  }
  return tiles.config.palette <= 1;
}

bool load(const Instruction& in) {
  if (!in.memory || !shaped(in.reg)) return false;
  std::memset(tiles.data[in.reg], 0, sizeof tiles.data[0]);
  for (int r = 0; r < rows_of(in.reg); ++r) {
    std::memcpy(
        tiles.data[in.reg][r],
        reinterpret_cast<const void*>(in.address + static_cast<std::uint64_t>(r) * in.stride),
        static_cast<std::size_t>(bytes_of(in.reg)));
  }
  return true;
}

bool store(const Instruction& in) {
  if (!in.memory || !shaped(in.reg)) return false;
  for (int r = 0; r < rows_of(in.reg); ++r) {
    std::memcpy(reinterpret_cast<void*>(in.address + static_cast<std::uint64_t>(r) * in.stride),
                tiles.data[in.reg][r], static_cast<std::size_t>(bytes_of(in.reg)));
  }
  return true;
}

// reg[m][n] += rm[m][k] * third[k][n], in groups of four bytes.
bool fits(const Instruction& in) {
  const int c = in.reg, a = in.rm, b = in.third;
  if (in.memory || b >= kTiles || c == a || c == b || a == b) return false;
  if (!shaped(a) || !shaped(b) || !shaped(c)) return false;
  return rows_of(a) == rows_of(c) && bytes_of(b) == bytes_of(c) && rows_of(b) * 4 == bytes_of(a) &&
         bytes_of(c) % 4 == 0;
}

float sum_of_pairs(int a, int b, int m, int n) {
  float even = 0, odd = 0;
  for (int k = 0; k < bytes_of(a) / 4; ++k) {
    const std::uint8_t *x = tiles.data[a][m] + 4 * k, *y = tiles.data[b][k] + 4 * n;
    even = flushed(std::fma(float_of(x), float_of(y), even));
    odd = flushed(std::fma(float_of(x + 2), float_of(y + 2), odd));
  }
  return flushed(even + odd);
}

// `prefix` tells which of the operands is signed.
std::uint32_t sum_of_bytes(int a, int b, int m, int n, bool a_signed, bool b_signed) {
  std::uint32_t sum = 0;
  const auto extended = [](std::uint8_t byte, bool is_signed) {
    return is_signed ? static_cast<std::int32_t>(static_cast<std::int8_t>(byte)) : byte;
  };
  for (int k = 0; k < bytes_of(a); ++k) {
    const int x = extended(tiles.data[a][m][k], a_signed);
    const int y = extended(tiles.data[b][k / 4][4 * n + k % 4], b_signed);
    sum += static_cast<std::uint32_t>(x * y);
  }
  return sum;
}

bool multiply(const Instruction& in) {
  if (!fits(in)) return false;
  for (int m = 0; m < rows_of(in.reg); ++m) {
    for (int n = 0; n < bytes_of(in.reg) / 4; ++n) {
      std::uint8_t* to = tiles.data[in.reg][m] + 4 * n;
      if (in.opcode == 0x5c) {
        float sum = 0;
        std::memcpy(&sum, to, sizeof sum);
        sum = flushed(flushed(sum) + sum_of_pairs(in.rm, in.third, m, n));
        std::memcpy(to, &sum, sizeof sum);
      } else {  // none: both unsigned; 66: unsigned times signed; F3: signed times unsigned; F2: both signed
        std::uint32_t sum = 0;
        std::memcpy(&sum, to, sizeof sum);
        sum += sum_of_bytes(in.rm, in.third, m, n, in.prefix >= 2, (in.prefix & 1u) != 0);
        std::memcpy(to, &sum, sizeof sum);
      }
    }
  }
  std::memset(tiles.data[in.reg] + rows_of(in.reg), 0,
              static_cast<std::size_t>((kMostRows - rows_of(in.reg)) * kRowBytes));
  return true;
}

bool execute(const Instruction& in) {
  switch (in.opcode) {
    case 0x49:
      if (in.prefix != 3) return configure(in);
      if (in.memory || in.rm != 0 || !shaped(in.reg)) return false;
      std::memset(tiles.data[in.reg], 0, sizeof tiles.data[0]);
      return true;
    case 0x4b:
      return in.prefix == 2 ? store(in) : in.prefix != 0 && load(in);
    case 0x5c:
      return in.prefix == 2 && multiply(in);
    case 0x5e:
      return multiply(in);
    default:
      return false;
  }
}

void handle(int, siginfo_t*, void* context) {
  auto& user = *static_cast<ucontext_t*>(context);
  Instruction in;
  if (decode(user, in) && execute(in)) {
    user.uc_mcontext.gregs[REG_RIP] += static_cast<greg_t>(in.length);
    emulated.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  signal(SIGILL, SIG_DFL);  // the instruction runs again, and ends the process
}

}  // namespace

void emulate_amx() {
  struct sigaction action {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGILL, &action, nullptr);
  setenv("RDU_CPU_EMULATED", "amx", 1);
}

std::uint64_t emulated_instructions() { return emulated.load(); }

}  // namespace rdu::testing
