// Files mapped, read, and written atomically.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sdk/base/atomic_file.hpp"
#include "sdk/base/file_map.hpp"

using namespace rdu::base;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("rdu_file_test." + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string content(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Result<void> write(const std::string& path, const std::string& text) {
  RDU_ASSIGN(AtomicFile file, AtomicFile::create(path));
  RDU_TRY(file.write(bytes_of(text)));
  return file.commit(AtomicFile::Durability::kMachine);
}

}  // namespace

TEST_CASE("an atomic file appears on commit and replaces the old one") {
  const Folder folder;
  const std::string path = folder.file("out");
  REQUIRE(write(path, "old"));
  {
    auto file = AtomicFile::create(path);
    REQUIRE(file);
    REQUIRE(file->write(bytes_of("new")));
    CHECK(content(path) == "old");
  }
  CHECK(content(path) == "old");
  CHECK(folder.count() == 1);
  REQUIRE(write(path, "new"));
  CHECK(content(path) == "new");
  CHECK(folder.count() == 1);
}

TEST_CASE("two writers of one file do not disturb each other") {
  const Folder folder;
  auto first = AtomicFile::create(folder.file("out"));
  auto second = AtomicFile::create(folder.file("out"));
  REQUIRE((first && second));
  REQUIRE(first->write(bytes_of("first")));
  REQUIRE(second->write(bytes_of("second")));
  REQUIRE(second->commit(AtomicFile::Durability::kProcess));
  REQUIRE(first->commit(AtomicFile::Durability::kProcess));
  CHECK(content(folder.file("out")) == "first");
}

TEST_CASE("where nothing can be written the error has the path") {
  const auto file = AtomicFile::create("/nonexistent/out");
  REQUIRE(!file);
  CHECK(file.error().code == Code::kIo);
  CHECK_THAT(file.error().message, Catch::Contains("/nonexistent/out"));
}

TEST_CASE("a write that the system cuts short is an error and leaves nothing") {
  const Folder folder;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const rlimit small{1000, before.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto result = write(folder.file("out"), std::string(5000, 'x'));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, old_handler);
  REQUIRE(!result);
  CHECK(result.error().code == Code::kIo);
  CHECK(folder.count() == 0);
}

TEST_CASE("a file is mapped or read with the same content") {
  const Folder folder;
  const std::string path = folder.file("in");
  const std::string text(10'000, 'q');
  REQUIRE(write(path, text));
  const auto map = FileMap::open(path);
  REQUIRE(map);
  CHECK(std::ranges::equal(map->bytes(), bytes_of(text)));
  const auto copy = read_file(path, 10'000);
  REQUIRE(copy);
  CHECK(std::ranges::equal(copy->bytes(), bytes_of(text)));
  CHECK(read_file(path, 9'999).error().code == Code::kLimit);
}

TEST_CASE("an empty file is empty and no error") {
  const Folder folder;
  REQUIRE(write(folder.file("in"), ""));
  CHECK(FileMap::open(folder.file("in"))->bytes().empty());
  CHECK(read_file(folder.file("in"), 0)->bytes().empty());
}

TEST_CASE("only regular files are opened") {
  const Folder folder;
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  for (const std::string& path :
       {folder.file("pipe"), std::string("/tmp"), std::string("/dev/zero")}) {
    CHECK(!FileMap::open(path));
    CHECK(!read_file(path, 100));
  }
  CHECK(FileMap::open(folder.file("missing")).error().code == Code::kNotFound);
}

TEST_CASE("a moved map still ends exactly once") {
  const Folder folder;
  REQUIRE(write(folder.file("in"), "text"));
  auto first = FileMap::open(folder.file("in"));
  REQUIRE(first);
  FileMap second = *std::move(first);
  FileMap third;
  third = std::move(second);
  CHECK(third.bytes().size() == 4);
}
