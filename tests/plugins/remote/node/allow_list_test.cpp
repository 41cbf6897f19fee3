// Lines that let somebody in, and lines that must not.
#include "plugins/remote/node/allow_list.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "plugins/remote/wire/keys.hpp"
#include "tests/plugins/remote/node/scratch.hpp"

namespace rdu::remote::node {
namespace {

TEST_CASE("each line is a key, a name and roles") {
  const std::string a = generate_keys().public_key, b = generate_keys().public_key;
  const Result<AllowList> list = AllowList::parse(
      "# who may come\n\n" + a + " alice run,upload\n  " + b + "\tbob@host\tadmin   # at night\n");
  REQUIRE(list.ok());
  REQUIRE(list->size() == 2);
  const Client* alice = list->find(a);
  REQUIRE(alice != nullptr);
  CHECK(alice->name == "alice");
  CHECK(alice->may(Role::kRun));
  CHECK(alice->may(Role::kUpload));
  CHECK_FALSE(alice->may(Role::kTrain));
  CHECK_FALSE(alice->may(Role::kAdmin));
  CHECK(role_names(alice->roles) == "run,upload");
  CHECK(list->find(b)->may(Role::kAdmin));
  CHECK_FALSE(list->find(b)->may(Role::kRun));
  CHECK(list->find(generate_keys().public_key) == nullptr);
  CHECK(list->find("") == nullptr);
}

TEST_CASE("a line that is not understood makes the whole list unusable, and is named") {
  const std::string key = generate_keys().public_key;
  const std::string bad[] = {"short alice run",
                             key,
                             key + " alice",
                             key + " alice running",
                             key + " alice run more",
                             key + " alice run,,upload",
                             key + " al/ice run",
                             key + "x alice run",
                             key + " a run\n" + key + " b run"};
  for (const std::string& text : bad) {
    INFO(text);
    const Result<AllowList> list = AllowList::parse("\n" + text);
    REQUIRE_FALSE(list.ok());
    CHECK(list.status().message().find("line ") == 0);
  }
}

TEST_CASE("a list that others may change is refused") {
  const testing::Scratch scratch;
  const std::string path = scratch / "clients";
  std::ofstream(path) << generate_keys().public_key << " alice run\n";
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(AllowList::read(path).ok());
  REQUIRE(::chmod(path.c_str(), 0664) == 0);
  CHECK(AllowList::read(path).status().code() == RDU_ERR_PERMISSION);
  CHECK_FALSE(AllowList::read(path + ".missing").ok());
}

}  // namespace
}  // namespace rdu::remote::node
