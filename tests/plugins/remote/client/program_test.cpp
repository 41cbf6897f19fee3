// What a client keeps of a host's structs.
#include "plugins/remote/client/program.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstring>

using rdu::remote::client::kept_load;

// The struct of an older host ends where readable memory ends.
TEST_CASE("a load is not read past what its host knows of it") {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* pages = mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(pages != MAP_FAILED);
  REQUIRE(mprotect(static_cast<std::byte*>(pages) + page, page, PROT_NONE) == 0);

  rdu_load known{};
  known.header = RDU_HEADER(rdu_load);
  known.header.struct_size = offsetof(rdu_load, flags);
  known.first_section = 3;
  known.end_section = 5;
  known.flags = RDU_LOAD_STATE;
  std::byte* at = static_cast<std::byte*>(pages) + page - known.header.struct_size;
  std::memcpy(at, &known, known.header.struct_size);

  const rdu_load kept = kept_load(*reinterpret_cast<const rdu_load*>(at));
  CHECK(kept.header.struct_size == offsetof(rdu_load, flags));
  CHECK(kept.first_section == 3);
  CHECK(kept.end_section == 5);
  CHECK(kept.flags == 0);
  munmap(pages, 2 * page);
}
