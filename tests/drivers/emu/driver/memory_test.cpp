// Device memory through the driver: room, zeros, copies, the time they take, and every number that is refused.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "tests/drivers/emu/driver/support.hpp"

using namespace driver_test;

extern "C" std::uint64_t free_bytes_seen_from_c(const char* preset);

namespace {

std::string allocate_answer(const Chip& chip, std::uint32_t tier, std::uint64_t bytes,
                            std::uint64_t alignment) {
  std::uint64_t address = 0;
  return answer([&](rdu_hw_error* error) {
    return rdu_hw_memory_allocate(chip.get(), tier, bytes, alignment, &address, error);
  });
}

std::string free_answer(const Chip& chip, std::uint64_t address) {
  return answer(
      [&](rdu_hw_error* error) { return rdu_hw_memory_free(chip.get(), 0, address, error); });
}

std::string read_answer(const Chip& chip, std::uint64_t address, std::uint64_t bytes) {
  std::vector<std::uint8_t> host(64);
  return answer([&](rdu_hw_error* error) {
    return rdu_hw_memory_read(chip.get(), 0, address, host.data(), bytes, error);
  });
}

// A path at which nothing is.
std::string fresh_path() {
  char path[] = "/tmp/rdu_driver_test_XXXXXX";
  const int file = mkstemp(path);
  REQUIRE(file >= 0);
  close(file);
  unlink(path);
  return path;
}

bool exists(const std::string& path) {
  struct stat unused;
  return stat(path.c_str(), &unused) == 0;
}

void check_memory_of(const Chip& chip) {
  const std::uint64_t page = 4096;
  const std::uint64_t a = allocate(chip, 3 * page + 100), b = allocate(chip, 100);
  std::vector<std::uint8_t> ones((3 * page + 100), 1);
  put(chip, a, ones);
  put(chip, b, std::vector<std::uint8_t>(100, 2));
  CHECK(get<std::uint8_t>(chip, a, ones.size()) == ones);
  REQUIRE(free_answer(chip, a) == "0");
  CHECK(get<std::uint8_t>(chip, b, 100) == std::vector<std::uint8_t>(100, 2));
  const std::uint64_t again = allocate(chip, 3 * page + 100);
  CHECK(again == a);
  CHECK(get<std::uint8_t>(chip, again, ones.size()) == std::vector<std::uint8_t>(ones.size(), 0));
}

}  // namespace

TEST_CASE("a C program sees an empty chip") {
  CHECK(free_bytes_seen_from_c("sn10") == std::uint64_t{3} << 39);
}

TEST_CASE("memory keeps its bytes, and comes back as zeros") {
  check_memory_of(open_chip());
  check_memory_of(open_chip("sn40l"));
}

TEST_CASE("a file lies behind the memory, and is gone") {
  const std::string path = fresh_path();
  {
    rdu_hw_chip_options options = {};
    options.memory_file = path.c_str();
    const Chip chip = open_chip("sn40l", options);
    check_memory_of(chip);
    const std::uint64_t hbm = allocate(chip, 100, RDU_HW_TIER_HBM);
    const std::uint8_t byte = 9;
    CHECK(rdu_hw_memory_write(chip.get(), RDU_HW_TIER_HBM, hbm, &byte, 1, nullptr) == RDU_HW_OK);
    CHECK_FALSE(exists(path));
  }
  CHECK_FALSE(exists(path));
}

TEST_CASE("a file that cannot be") {
  const rdu_hw_chip_options options = {0, 0, "/nowhere/at/all"};
  rdu_hw_arch arch;
  REQUIRE(rdu_hw_arch_load("edge", &arch, nullptr) == RDU_HW_ARCH_OK);
  rdu_hw_chip* chip = nullptr;
  CHECK(answer([&](rdu_hw_error* error) {
          return rdu_hw_chip_open(&arch, &options, &chip, error);
        }) == "3 memory file '/nowhere/at/all' cannot be created: No such file or directory");
}

TEST_CASE("a chip that cannot be opened") {
  rdu_hw_arch arch;
  REQUIRE(rdu_hw_arch_load("edge", &arch, nullptr) == RDU_HW_ARCH_OK);
  rdu_hw_chip* chip = nullptr;
  const auto open = [&](const rdu_hw_chip_options& options) {
    return answer(
        [&](rdu_hw_error* error) { return rdu_hw_chip_open(&arch, &options, &chip, error); });
  };
  CHECK(open({2, 0, nullptr}) == "1 granularity: expected 0 or 1, got 2");
  CHECK(open({0, 2, nullptr}) == "1 timing_only: expected 0 or 1, got 2");
  arch.pcu.lanes = 7;
  CHECK(open({}).substr(0, 2) == "2 ");
  CHECK(rdu_hw_chip_open(nullptr, nullptr, &chip, nullptr) == RDU_HW_ERR_ARGUMENT);
  CHECK(chip == nullptr);
}

TEST_CASE("room and alignment") {
  const Chip chip = open_chip("edge");
  const rdu_hw_chip_info info = info_of(chip);
  CHECK(info.allocated_bytes[0] == 0);
  CHECK(std::string(info.description) == "emulator");
  CHECK(allocate(chip, 1) == 0);
  CHECK(allocate(chip, 1) == info.alignment);
  CHECK(allocate(chip, 1, 0, 1 << 20) == 1 << 20);
  CHECK(info_of(chip).allocated_bytes[0] == 3);
  CHECK(allocate_answer(chip, 0, 0, 1) == "1 0 bytes of device memory");
  CHECK(allocate_answer(chip, 1, 1, 1) == "1 the chip has no memory tier 1");
  CHECK(allocate_answer(chip, 9, 1, 1) == "1 the chip has no memory tier 9");
  CHECK(allocate_answer(chip, 0, 1, 3) == "1 alignment: expected a power of two up to 2^30, got 3");
  CHECK(allocate_answer(chip, 0, 1, std::uint64_t{1} << 31).substr(0, 12) == "1 alignment:");
}

TEST_CASE("more than there is") {
  const rdu_hw_chip_info edge = info_of(open_chip("edge"));
  const std::string path = fresh_path();
  const rdu_hw_chip_options behind = {0, 0, path.c_str()};
  CHECK(
      allocate_answer(open_chip("edge", behind), 0, edge.capacity_bytes[0] + 1, 1).substr(0, 14) ==
      "5 no room for ");
  CHECK(allocate_answer(open_chip("sn10"), 0, std::uint64_t{1} << 40, 1)
            .find("more than the host's") != std::string::npos);
}

// The sanitizers' own memory is beyond any such limit.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a process with little address space has a smaller device") {
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  rlimit less = before;
  less.rlim_cur = std::min<rlim_t>(before.rlim_cur, rlim_t{16} << 30);
  REQUIRE(setrlimit(RLIMIT_AS, &less) == 0);
  const Chip chip = open_chip("sn10");
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(info_of(chip).capacity_bytes[0] == std::uint64_t{3} << 39);
  check_memory_of(chip);
  CHECK(allocate_answer(chip, 0, std::uint64_t{17} << 30, 1).substr(0, 2) == "5 ");
}
#endif

TEST_CASE("copies stay within one allocation") {
  const Chip chip = open_chip("edge");
  const std::uint64_t a = allocate(chip, 64), b = allocate(chip, 64);
  REQUIRE(b == a + 64);
  CHECK(read_answer(chip, a, 64) == "0");
  CHECK(read_answer(chip, a + 63, 1) == "0");
  CHECK(read_answer(chip, a, 0) == "0");
  CHECK(read_answer(chip, a, 65) == "1 65 bytes from 0 in dram are not within one allocation");
  CHECK(read_answer(chip, b + 64, 1).substr(0, 2) == "1 ");
  CHECK(read_answer(chip, ~std::uint64_t{0}, 2).substr(0, 2) == "1 ");
  CHECK(free_answer(chip, a + 1) == "1 no allocation begins at 1 in dram");
  CHECK(free_answer(chip, a) == "0");
  CHECK(free_answer(chip, a) == "1 no allocation begins at 0 in dram");
  CHECK(read_answer(chip, a, 1).substr(0, 2) == "1 ");
}

TEST_CASE("copies take the time of the chip's link to the host") {
  const Chip chip = open_chip("edge", {}, {"agcu.host_dma_bytes_per_s=3GB/s"});
  const std::uint64_t a = allocate(chip, 64);
  put(chip, a, std::vector<std::uint8_t>(10, 1));
  get<std::uint8_t>(chip, a, 3);
  const rdu_hw_chip_info info = info_of(chip);
  CHECK(info.dma_in_bytes == 10);
  CHECK(info.dma_out_bytes == 3);
  CHECK(info.dma_ns == 4 + 1);  // 10 / 3 and 3 / 3 ns, each rounded up
}

TEST_CASE("no handle is a code") {
  rdu_hw_chip_info info;
  std::uint64_t address;
  CHECK(rdu_hw_chip_get_info(nullptr, &info, nullptr) == RDU_HW_ERR_ARGUMENT);
  CHECK(rdu_hw_memory_allocate(nullptr, 0, 1, 1, &address, nullptr) == RDU_HW_ERR_ARGUMENT);
  CHECK(rdu_hw_memory_free(nullptr, 0, 0, nullptr) == RDU_HW_ERR_ARGUMENT);
  CHECK(rdu_hw_memory_write(nullptr, 0, 0, "", 1, nullptr) == RDU_HW_ERR_ARGUMENT);
  CHECK(rdu_hw_memory_read(nullptr, 0, 0, &info, 1, nullptr) == RDU_HW_ERR_ARGUMENT);
  const Chip chip = open_chip("edge");
  const std::uint64_t a = allocate(chip, 1);
  CHECK(rdu_hw_memory_write(chip.get(), 0, a, nullptr, 1, nullptr) == RDU_HW_ERR_ARGUMENT);
  CHECK(rdu_hw_memory_read(chip.get(), 0, a, nullptr, 1, nullptr) == RDU_HW_ERR_ARGUMENT);
  rdu_hw_chip_close(nullptr);
}
