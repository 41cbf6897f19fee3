// The program: exit codes, what is printed where, and that a failure leaves no file.
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/tools/rducc/onnx_model.hpp"

namespace rducc::test {
namespace {

using Catch::Contains;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Outcome {
  int code = -1;
  std::string out, err;
};

Outcome rducc(const TempFolder& folder, const std::string& arguments) {
  const std::string command = std::string(RDUCC_PROGRAM) + " " + arguments + " >" +
                              (folder / "out.txt") + " 2>" + (folder / "err.txt");
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(folder / "out.txt"),
          read_text(folder / "err.txt")};
}

void save_relu(const std::string& path) {
  OnnxModel model;
  model.input("x", {-1, 4}).output("y").node("Relu", {"x"}, {"y"});
  model.save(path);
}

TEST_CASE("an unsupported model exits with 1 and writes no file") {
  const TempFolder folder;
  OnnxModel model;
  model.input("x", {2}).output("y").node("Frobnicate", {"x"}, {"y"});
  model.save(folder / "m.onnx");
  const auto outcome = rducc(folder, folder / "m.onnx -o " + (folder / "m.rdu"));
  CHECK(outcome.code == 1);
  CHECK(outcome.out.empty());
  CHECK_THAT(outcome.err, Contains("Frobnicate"));
  CHECK_FALSE(std::filesystem::exists(folder / "m.rdu"));
}

TEST_CASE("what is not a model is an error, not a crash") {
  const TempFolder folder;
  std::ofstream(folder / "m.onnx") << "this is no model";
  CHECK(rducc(folder, folder / "m.onnx -o " + (folder / "m.rdu")).code == 1);
  CHECK(rducc(folder, folder / "absent.onnx -o " + (folder / "m.rdu")).code == 1);
  CHECK(rducc(folder, folder.path() + " -o " + (folder / "m.rdu")).code == 1);
  CHECK_FALSE(std::filesystem::exists(folder / "m.rdu"));
}

TEST_CASE("a wrong command line exits with 2") {
  const TempFolder folder;
  save_relu(folder / "m.onnx");
  const std::string both = folder / "m.onnx -o " + (folder / "m.rdu");
  CHECK(rducc(folder, "").code == 2);
  CHECK(rducc(folder, folder / "m.onnx").code == 2);
  CHECK(rducc(folder, both + " --nonsense").code == 2);
  CHECK(rducc(folder, both + " --dim n0").code == 2);
  CHECK(rducc(folder, both + " --dim n0=x").code == 2);
  CHECK(rducc(folder, both + " --target toaster").code == 2);
  CHECK(rducc(folder, both + " --print-after lunch").code == 2);
}

TEST_CASE("a compiled model, its report and its graph") {
  const TempFolder folder;
  save_relu(folder / "m.onnx");
  const auto outcome = rducc(folder, folder / "m.onnx -o " + (folder / "m.rdu") +
                                         " --dim n0=1,2 --print-after fuse_maps --time-passes" +
                                         " --report " + (folder / "r.json"));
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, Contains("after fuse_maps") && Contains("map \"Relu_1\""));
  CHECK_THAT(outcome.err, Contains("fold_views"));
  CHECK(std::filesystem::file_size(folder / "m.rdu") > 64);
  CHECK_THAT(read_text(folder / "r.json"),
             Contains("\"source_nodes\": 1") && Contains("\"n0\": 2"));

  const auto again =
      rducc(folder, folder / "m.onnx -o " + (folder / "again.rdu") + " --dim n0=1,2 --report -");
  CHECK(again.code == 0);
  CHECK_THAT(again.out, Contains("1 node became 1 pattern") && Contains("for n0=2"));
  CHECK_THAT(again.out, Contains("Relu_1  Relu      0        map"));
  CHECK(read_text(folder / "m.rdu") == read_text(folder / "again.rdu"));
}

TEST_CASE("a chip as a target") {
  const TempFolder folder;
  save_relu(folder / "m.onnx");
  const std::string both =
      folder / "m.onnx -o " + (folder / "m.rdu") + " --dim n0=2 --report - --target ";
  const auto outcome = rducc(folder, both + "cpu,rdu:edge --schedule kernel --seed 3");
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.out, Contains("rdu:edge?schedule=kernel&seed=3: 1 of 1 pattern, 100.0 %"));
  CHECK_THAT(rducc(folder, both + "rdu:toaster").err, Contains("toaster"));
  CHECK(rducc(folder, both + "rdu").code == 2);
}

TEST_CASE("help, version and completion") {
  const TempFolder folder;
  const auto help = rducc(folder, "--help");
  CHECK(help.code == 0);
  CHECK_THAT(help.out, Contains("--variant") && Contains("Examples"));
  CHECK_THAT(rducc(folder, "--version").out, Contains("rducc "));
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const auto script = rducc(folder, "--completion " + shell);
    CHECK(script.code == 0);
    CHECK_THAT(script.out, Contains("rducc") && Contains("fold_views"));
  }
}

}  // namespace
}  // namespace rducc::test
