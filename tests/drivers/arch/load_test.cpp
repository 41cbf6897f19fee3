// By name, by path, and files that extend files.
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/drivers/arch/chips.hpp"

extern "C" uint32_t arch_units_seen_from_c(const char* preset);

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "rdu_arch_XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { fs::remove_all(path_); }

  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return at(name);
  }
  std::string at(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string load_answer(const std::string& path, rdu_hw_arch* out = nullptr) {
  rdu_hw_arch arch = {};
  rdu_hw_arch_error error = {};
  rdu_hw_arch_code code = rdu_hw_arch_load(path.c_str(), &arch, &error);
  if (out != nullptr) *out = arch;
  return code == RDU_HW_ARCH_OK ? "0" : std::to_string(code) + " " + error.text;
}

}  // namespace

TEST_CASE("the presets are listed in alphabetical order, each under its own name") {
  for (size_t i = 0; i < kPresetNames.size(); ++i) {
    REQUIRE(rdu_hw_arch_preset_name(i) != nullptr);
    CHECK(rdu_hw_arch_preset_name(i) == kPresetNames[i]);
    CHECK(chip(kPresetNames[i]).name == kPresetNames[i]);
  }
  CHECK(rdu_hw_arch_preset_name(kPresetNames.size()) == nullptr);
  CHECK(rdu_hw_arch_preset_json("sn11") == nullptr);
}

TEST_CASE("C programs load chips") {
  CHECK(arch_units_seen_from_c("sn10") == 1280);
  CHECK(arch_units_seen_from_c("sn11") == 0);
}

TEST_CASE("the embedded presets are the files") {
  for (const std::string& name : kPresetNames) {
    INFO(name);
    rdu_hw_arch from_file = {};
    REQUIRE(load_answer(ARCH_SOURCE_DIR "/presets/" + name + ".json", &from_file) == "0");
    CHECK(same(from_file, chip(name)));
  }
}

TEST_CASE("files extend presets and files beside them") {
  Folder folder;
  rdu_hw_arch arch = {};
  folder.write("base.json", R"({"name": "base", "extends": "edge", "pcu": {"lanes": 8}})");
  std::string leaf =
      folder.write("sub/leaf.json", R"({"extends": "../base.json", "pcu": {"stages": 4}})");
  REQUIRE(load_answer(leaf, &arch) == "0");
  CHECK(std::string(arch.name) == "base+");
  CHECK(arch.pcu.lanes == 8);
  CHECK(arch.pcu.stages == 4);
}

TEST_CASE("a file's mistake is told with the file's name") {
  Folder folder;
  std::string bad = folder.write("bad.json", R"({"extends": "edge", "pcu": {"lanes": 65}})");
  std::string user = folder.write("user.json", R"({"extends": "./bad.json"})");
  const std::string message = ": pcu.lanes: expected an integer from 1 to 64, got 65";
  CHECK(load_answer(bad) == "6 " + bad + message);
  CHECK(load_answer(user) == "6 " + bad + message);
}

TEST_CASE("what cannot be loaded is a clear error") {
  Folder folder;
  CHECK(load_answer("sn1o") ==
        "2 no preset \"sn1o\"; did you mean \"sn10\"? There are edge, plasticine, sara20, sn10, "
        "sn40l, or give the path of a .json file");
  CHECK(load_answer("").substr(0, 15) == "2 no preset \"\";");
  CHECK(load_answer("missing.json") == "2 missing.json: no such file");
  CHECK(load_answer(folder.at("")) == "3 " + folder.at("") + ": expected a regular file");
  std::string fifo = folder.at("fifo.json");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(load_answer(fifo) == "3 " + fifo + ": expected a regular file");
  std::string big = folder.write("big.json", std::string(300'000, ' '));
  CHECK(load_answer(big) == "4 " + big + ": expected at most 262144 bytes of JSON, got 262145");
}

TEST_CASE("files that extend each other in a ring end") {
  Folder folder;
  std::string a = folder.write("a.json", R"({"extends": "./b.json"})");
  folder.write("b.json", R"({"extends": "./a.json"})");
  CHECK(load_answer(a).ends_with("\"extends\" does not end after 8 files"));
  CHECK(load_answer(a).substr(0, 2) == "7 ");
}
