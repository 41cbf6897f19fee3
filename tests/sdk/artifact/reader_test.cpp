// Opening: whole files, damaged files, limits, and metadata apart from its segments.
#include "sdk/artifact/reader.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "sdk/artifact/format.hpp"
#include "sdk/artifact/text.hpp"
#include "tests/sdk/artifact/support.hpp"
#include "tests/support/nine_patterns.hpp"
#include "tests/support/seal.hpp"

using namespace rdu;
using namespace rdu::testing;

namespace {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::span<const std::byte> bytes)
      : path_(std::filesystem::temp_directory_path() / "rdu_reader_test.rdu") {
    std::ofstream stream(path_, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

base::Error error_of(std::span<const std::byte> file, const artifact::OpenOptions& options = {}) {
  const auto result = artifact::open_artifact(file, options);
  REQUIRE(!result);
  return result.error();
}

void put_byte(base::AlignedBytes& file, std::size_t at, int value) {
  file.bytes()[at] = static_cast<std::byte>(value);
}

}  // namespace

TEST_CASE("a file cut at any length is an error that says so") {
  const auto whole = written(nine_patterns());
  // Behind the metadata every length fails alike; there the steps are longer.
  for (std::size_t length = 0; length < whole.size(); length += length < 24'000 ? 1 : 61) {
    auto cut = aligned(std::span(whole).first(length));
    INFO("length " << length);
    const base::Error error = error_of(cut.bytes());
    CHECK(error.code == base::Code::kCorrupt);
    CHECK(!error.message.empty());
  }
}

TEST_CASE("a cut file whose prefix claims to be whole is an error too") {
  const auto whole = written(nine_patterns());
  const auto original = aligned(whole);
  const auto opened = artifact::open_artifact(original.bytes());
  REQUIRE(opened);
  // What follows the last segment is padding, which nobody reads.
  const auto& last = (*opened)->segments().back();
  for (std::size_t length = artifact::kPrefixBytes; length < last.offset + last.bytes.size();
       length += 7) {
    auto cut = aligned(std::span(whole).first(length));
    for (std::size_t i = 0; i < 8; ++i) {
      put_byte(cut, 32 + i, static_cast<int>(length >> (8 * i) & 0xff));
    }
    seal_artifact(cut.bytes());
    INFO("length " << length);
    CHECK(error_of(cut.bytes()).code == base::Code::kCorrupt);
  }
}

TEST_CASE("a file that is longer than it says is an error") {
  auto longer = written(nine_patterns());
  longer.push_back(std::byte{0});
  CHECK_THAT(error_of(aligned(longer).bytes()).message, Catch::Contains("its prefix says"));
}

TEST_CASE("every damaged byte of prefix and metadata is noticed") {
  const auto whole = written(nine_patterns());
  auto file = aligned(whole);
  std::uint64_t metadata_bytes = 0;
  std::memcpy(&metadata_bytes, whole.data() + 16, 8);
  for (std::size_t at = 0; at < artifact::kPrefixBytes + metadata_bytes; at += at < 64 ? 1 : 37) {
    INFO("byte " << at);
    file.bytes()[at] ^= std::byte{0x10};
    const base::Error error = error_of(file.bytes());
    CHECK((error.code == base::Code::kCorrupt || error.code == base::Code::kUnsupported));
    file.bytes()[at] ^= std::byte{0x10};
  }
  CHECK(artifact::open_artifact(file.bytes()));
}

TEST_CASE("another version is not supported, and the error says which") {
  auto file = aligned(written(nine_patterns()));
  put_byte(file, 8, 9);
  seal_artifact(file.bytes());
  const base::Error error = error_of(file.bytes());
  CHECK(error.code == base::Code::kUnsupported);
  CHECK_THAT(error.message, Catch::Contains("version 9"));
}

TEST_CASE("what is no artifact is told apart at its first bytes") {
  const std::string text(100, 'x');
  CHECK_THAT(error_of(aligned(std::as_bytes(std::span(text))).bytes()).message,
             Catch::Contains("not an artifact"));
}

TEST_CASE("a damaged weight is found when hashes are asked for") {
  auto file = aligned(written(nine_patterns()));
  const auto last_page = file.bytes().size() - artifact::kSegmentAlignment;
  file.bytes()[last_page] ^= std::byte{1};
  const auto unchecked = artifact::open_artifact(file.bytes());
  REQUIRE(unchecked);
  CHECK(!(*unchecked)->verify_segments());
  artifact::OpenOptions options;
  options.verify_hashes = true;
  const base::Error error = error_of(file.bytes(), options);
  CHECK(error.code == base::Code::kCorrupt);
  CHECK_THAT(error.message, Catch::Contains("segment 0"));
}

TEST_CASE("mapped, copied and in memory an artifact is the same") {
  const auto bytes = written(nine_patterns());
  const TemporaryFile file(bytes);
  const auto mapped = artifact::open_artifact(file.path());
  artifact::OpenOptions copying;
  copying.copy = true;
  const auto copied = artifact::open_artifact(file.path(), copying);
  auto kept = aligned(bytes);
  const auto in_place = artifact::open_artifact(kept.bytes());
  const auto from_memory = artifact::open_artifact(std::as_const(kept).bytes(), copying);
  REQUIRE((mapped && copied && in_place && from_memory));
  std::ranges::fill(kept.bytes(), std::byte{0});
  for (const auto* each : {&copied, &from_memory}) {
    CHECK((**each)->verify_segments());
    CHECK(artifact::dump(***each) == artifact::dump(**mapped));
  }
  CHECK(!(*in_place)->verify_segments());
}

TEST_CASE("missing files, folders and pipes are errors with the path") {
  for (const std::string path : {"/nonexistent/model.rdu", "/tmp", "/dev/null"}) {
    const auto result = artifact::open_artifact(path);
    REQUIRE(!result);
    CHECK_THAT(result.error().message, Catch::Contains(path));
  }
  CHECK(artifact::open_artifact(std::string("/nonexistent/model.rdu")).error().code ==
        base::Code::kNotFound);
}

TEST_CASE("limits are checked before memory is taken") {
  const auto bytes = written(nine_patterns());
  auto file = aligned(bytes);
  artifact::OpenOptions options;
  options.limits.max_metadata_bytes = 1000;
  CHECK(error_of(file.bytes(), options).code == base::Code::kLimit);
  options = {};
  options.limits.max_value_bytes = 47;
  CHECK(error_of(file.bytes(), options).code == base::Code::kLimit);
  options = {};
  options.copy = true;
  options.limits.max_file_bytes = bytes.size() - 1;
  CHECK(error_of(file.bytes(), options).code == base::Code::kLimit);
  const TemporaryFile on_disk(bytes);
  CHECK(artifact::open_artifact(on_disk.path(), options).error().code == base::Code::kLimit);
  options = {};
  options.limits.max_tables = 10;
  CHECK(error_of(file.bytes(), options).code == base::Code::kCorrupt);
}

TEST_CASE("memory that is not aligned is refused and not misread") {
  const auto bytes = written(nine_patterns());
  auto shifted = base::AlignedBytes::allocate(bytes.size() + 32);
  REQUIRE(shifted);
  std::ranges::copy(bytes, shifted->bytes().begin() + 32);
  const auto file = shifted->bytes().subspan(32);
  CHECK(error_of(file).code == base::Code::kInvalidArgument);
  artifact::OpenOptions options;
  options.copy = true;
  CHECK(artifact::open_artifact(std::span<const std::byte>(file), options));
}

TEST_CASE("metadata and segments open apart from their file") {
  auto file = aligned(written(nine_patterns()));
  const auto whole = artifact::open_artifact(file.bytes());
  REQUIRE(whole);
  std::vector<std::span<const std::byte>> segments;
  for (const auto& segment : (*whole)->segments()) segments.push_back(segment.bytes);
  const auto apart = artifact::open_artifact((*whole)->metadata_bytes(), segments);
  REQUIRE(apart);
  CHECK(artifact::diff(**whole, **apart).empty());

  segments[0] = segments[0].first(segments[0].size() - 1);
  const auto shorter = artifact::open_artifact((*whole)->metadata_bytes(), segments);
  REQUIRE(!shorter);
  CHECK(shorter.error().code == base::Code::kInvalidArgument);
  segments.clear();
  CHECK(!artifact::open_artifact((*whole)->metadata_bytes(), segments));
}
