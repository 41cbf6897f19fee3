// Weights packed ahead of time: found again by their keys, and whatever the bytes are, nothing outside of them is read.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "plugins/cpu/packed/write.hpp"

using namespace rdu::cpu;

namespace {

constexpr PackedLayout kWide = layout_of("panels", {32, 10}),
                       kNarrow = layout_of("panels", {16, 10});
constexpr PackedOwner kOwner{0, 1, 2, 5};

void fill_with(std::byte* to, std::uint64_t bytes, int seed) {
  for (std::uint64_t i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(i * 31 + seed);
}

// Nodes 3 and 4 pack alike, node 4 something larger too; node 5 only what nobody else can read.
void pack_some(PackedStore& store, PackedLayout layout, bool& packs) {
  packs = false;
  const auto piece = [&](PackedMemory& memory, std::uint64_t bytes, int seed) {
    const std::byte* data = memory.pack(layout, bytes, [&](std::byte* to) {
      packs = true;
      fill_with(to, bytes, seed);
    });
    std::vector<std::byte> wanted(bytes);
    fill_with(wanted.data(), bytes, seed);
    CHECK(std::equal(wanted.begin(), wanted.end(), data));
    CHECK(reinterpret_cast<std::uintptr_t>(data) % 64 == 0);
  };
  PackedMemory third(store, 3), fourth(store, 4), fifth(store, 5);
  piece(fourth, 300, 1);
  piece(third, 300, 1);
  piece(fourth, 100'000, 2);
  std::memset(fifth.take(1000), 0xff, 1000);
}

// Aligned as a segment is.
struct File {
  explicit File(std::vector<std::byte> content)
      : memory(new (std::align_val_t{64}) std::byte[std::max<std::size_t>(content.size(), 1)]),
        size(content.size()) {
    std::ranges::copy(content, memory.get());
  }
  std::span<const std::byte> bytes() const { return {memory.get(), size}; }
  struct Free {
    void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{64}); }
  };
  std::unique_ptr<std::byte[], Free> memory;
  std::size_t size;
};

std::vector<std::byte> file_of(std::vector<const PackedStore*> stores) {
  std::vector<std::byte> file;
  write_packed(stores, [&](std::span<const std::byte> bytes) {
    file.insert(file.end(), bytes.begin(), bytes.end());
  });
  return file;
}

std::vector<std::byte> sample_file() {
  PackedStore store(kOwner, 0, {});
  bool packs = false;
  pack_some(store, kWide, packs);
  CHECK(packs);
  return file_of({&store});
}

}  // namespace

TEST_CASE("packed pieces are found by owner, node, number, layout and size alone") {
  const File file(sample_file());
  std::string trouble;
  const PackedFile ready(file.bytes(), trouble);
  REQUIRE(trouble == "");
  bool packs = true;
  PackedStore again(kOwner, 0, ready);
  pack_some(again, kWide, packs);
  CHECK(!packs);
  CHECK(again.num_found() == 3);
  CHECK(again.found_bytes() == 100'600);
  // What came from a file is kept like what was made.
  CHECK(file_of({&again}) == sample_file());
  PackedStore others(kOwner, 0, ready);
  pack_some(others, kNarrow, packs);
  CHECK(packs);
  CHECK(others.num_found() == 0);
  PackedOwner stranger = kOwner;
  stranger.end_section = 6;
  PackedStore elsewhere(stranger, 0, ready);
  pack_some(elsewhere, kWide, packs);
  CHECK(elsewhere.num_found() == 0);
  CHECK(ready.find({kOwner, 3, 0, kWide.number}, 300) != nullptr);
  CHECK(ready.find({kOwner, 3, 0, kWide.number}, 301) == nullptr);
  CHECK(ready.find({kOwner, 3, 1, kWide.number}, 300) == nullptr);
}

TEST_CASE("equal pieces are stored once, whatever order they are packed in") {
  const auto alone = sample_file();
  PackedStore first(kOwner, 0, {}), second({0, 2, 2, 5}, 0, {}), narrow(kOwner, 0, {});
  bool packs = false;
  pack_some(first, kWide, packs);
  pack_some(second, kWide, packs);
  pack_some(narrow, kNarrow, packs);
  const auto together = file_of({&first, &second, &narrow});
  CHECK(together.size() < alone.size() + 5000);
  CHECK(file_of({&narrow, &second, &first}) == together);
  CHECK(file_of({}).empty());
}

TEST_CASE("a packed file that is cut, foreign, of another version or not aligned is declined") {
  const auto good = sample_file();
  const auto trouble_of = [](std::vector<std::byte> content) {
    const File file(std::move(content));
    std::string trouble;
    const PackedFile ready(file.bytes(), trouble);
    CHECK(ready.empty() == !trouble.empty());
    return trouble;
  };
  CHECK(trouble_of(good) == "");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{63}, std::size_t{64}, good.size() - 1}) {
    CHECK(trouble_of({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}) != "");
  }
  const auto with = [&](std::size_t at, int value) {
    auto changed = good;
    changed[at] = static_cast<std::byte>(value);
    return trouble_of(changed);
  };
  CHECK(with(0, 0).find("not of this plugin") != std::string::npos);
  CHECK(with(16, 99).find("version is 99") != std::string::npos);
  CHECK(with(23, 0x7f).find("no room for a table") != std::string::npos);
  CHECK(with(64 + 16, 200).find("out of order") != std::string::npos);  // the first piece's node
  CHECK(with(64 + 32, 1).find("piece 0: 300 bytes at") != std::string::npos);
  const File file(good);
  std::string trouble;
  CHECK(PackedFile(file.bytes().subspan(8), trouble).empty());
}

TEST_CASE("damaged packed files are declined or give pieces that lie within them") {
  const auto good = sample_file();
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    auto bad = good;
    for (int i = 0; i < 3; ++i) bad[random() % 256] = static_cast<std::byte>(random());
    if (round % 3 == 0) bad.resize(random() % bad.size());
    const File file(std::move(bad));
    std::string trouble;
    const PackedFile ready(file.bytes(), trouble);
    for (const std::uint64_t bytes : {std::uint64_t{300}, std::uint64_t{100'000}}) {
      for (std::uint32_t node = 3; node < 5; ++node) {
        for (std::uint32_t number = 0; number < 2; ++number) {
          const std::byte* found = ready.find({kOwner, node, number, kWide.number}, bytes);
          if (found == nullptr) continue;
          REQUIRE(found >= file.bytes().data());
          REQUIRE(found + bytes <= file.bytes().data() + file.size);
        }
      }
    }
  }
}
