// Contexts, plugins and devices: who is accepted, who is refused and with which words.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "tests/sdk/src/support/harness.hpp"

using namespace rdu::test;
namespace fs = std::filesystem;

namespace {

Context bare_context(const std::vector<const char*>& paths = {}) {
  rdu_context_options options{};
  options.header = RDU_HEADER(rdu_context_options);
  options.plugin_paths = paths.data();
  options.num_plugin_paths = static_cast<std::uint32_t>(paths.size());
  options.flags = RDU_CONTEXT_ONLY_GIVEN_PLUGINS;
  rdu_context* context = nullptr;
  RDU_OK_(rdu_context_create(&options, &context));
  return Context(context);
}

std::string refusal(const Context& context, const char* name, rdu_plugin_query_fn query) {
  return words(rdu_plugin_register(context.get(), name, query));
}

std::map<std::string, std::string> plugins(const Context& context) {
  std::map<std::string, std::string> found;
  const auto visit = [](void* user, const rdu_plugin_info* info) {
    auto& map = *static_cast<std::map<std::string, std::string>*>(user);
    map[info->name] = info->refused == RDU_OK ? "usable" : info->message;
  };
  RDU_OK_(rdu_plugin_enumerate(context.get(), visit, &found));
  return found;
}

// A directory that goes at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(fs::temp_directory_path() / ("rdu." + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directory(path_);
    fs::permissions(path_, fs::perms::owner_all);
  }
  ~TemporaryDirectory() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("options of another size are read as far as they go") {
  struct {
    rdu_context_options known;
    char beyond[64];
  } later{};
  later.known.header = RDU_HEADER(rdu_context_options);
  later.known.header.struct_size = sizeof(later);
  later.known.header.minor = RDU_ABI_MINOR + 3;
  rdu_context* context = nullptr;
  RDU_OK_(rdu_context_create(&later.known, &context));
  rdu_context_destroy(context);

  rdu_context_options earlier{};
  earlier.header = RDU_HEADER(rdu_context_options);
  earlier.header.struct_size = sizeof(rdu_header);
  earlier.num_plugin_paths = 7;  // beyond what the header covers
  RDU_OK_(rdu_context_create(&earlier, &context));
  rdu_context_destroy(context);

  rdu_context_options alien{};
  alien.header = RDU_HEADER(rdu_context_options);
  alien.header.major = RDU_ABI_MAJOR + 1;
  RDU_FAILS(RDU_ERR_ABI_MISMATCH, rdu_context_create(&alien, &context));
  alien = {};
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_context_create(&alien, &context));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_context_create(nullptr, nullptr));
}

TEST_CASE("results are written as far as the caller's struct goes") {
  Fixture model(chain_model({1}));
  struct {
    rdu_device_info info;
    char guard[16];
  } shorter{};
  shorter.info.header = RDU_HEADER(rdu_device_info);
  shorter.info.header.struct_size = offsetof(rdu_device_info, target);
  shorter.info.memory_bytes = 12345;
  RDU_OK_(rdu_device_get_info(model.devices[0].get(), &shorter.info));
  CHECK(std::string(shorter.info.uri) == "test:");
  CHECK(shorter.info.memory_bytes == 12345);
}

TEST_CASE("a shorter table works with what it has, a longer one with what is known") {
  const Context context = bare_context();
  RDU_OK_(rdu_plugin_register(context.get(), "short", short_plugin));
  RDU_OK_(rdu_plugin_register(context.get(), "long", long_plugin));
  const ArtifactBytes bytes(chain_model({2}));
  for (const std::string uri : {"short:", "long:", "long:?async=1&memory=device"}) {
    const Artifact artifact = open_artifact(context, bytes);
    const Device device = open_device(context, uri);
    rdu_device* list[] = {device.get()};
    rdu_program* program = nullptr;
    RDU_OK_(rdu_program_load(artifact.get(), list, 1, nullptr, &program));
    const Program owner(program);
    CHECK(check_chain(program, 2, 1) == "OK");
  }
  rdu_device* none = nullptr;
  CHECK_THAT(words(rdu_device_open(context.get(), "short:?async=1", &none)),
             Catch::Contains("asynchronous but its plugin has no events"));
}

TEST_CASE("a plugin that does not match is refused with a sentence") {
  const Context context = bare_context();
  CHECK_THAT(refusal(context, "truncated", truncated_plugin),
             Catch::StartsWith("ABI_MISMATCH") && Catch::Contains("has no submit"));
  CHECK_THAT(refusal(context, "alien", alien_plugin), Catch::StartsWith("ABI_MISMATCH"));
  CHECK_THAT(refusal(context, "sanitized", sanitized_plugin),
             Catch::StartsWith("ABI_MISMATCH") && Catch::Contains("Sanitizer"));
  CHECK_THAT(refusal(context, "refusing", refusing_plugin),
             Catch::StartsWith("ABI_MISMATCH") && Catch::Contains("refuses this host"));
  CHECK_THAT(refusal(context, "other", test_plugin),
             Catch::StartsWith("PLUGIN") && Catch::Contains("calls itself 'test'"));
  RDU_OK_(rdu_plugin_register(context.get(), "test", test_plugin));
  CHECK_THAT(refusal(context, "test", test_plugin), Catch::StartsWith("BUSY"));
  CHECK(alive().plugins == 1);
}

TEST_CASE("devices are found, listed and described") {
  const Context context = make_context();
  std::vector<std::string> uris;
  const auto visit = [](void* user, const rdu_device_info* info) {
    static_cast<std::vector<std::string>*>(user)->push_back(info->uri);
  };
  RDU_OK_(rdu_device_enumerate(context.get(), visit, &uris));
  CHECK(uris == std::vector<std::string>{"test:", "test:?memory=device&async=1"});

  const Device device = open_device(context, "test");
  rdu_device_info info{};
  info.header = RDU_HEADER(rdu_device_info);
  RDU_OK_(rdu_device_get_info(device.get(), &info));
  CHECK(std::string(info.uri) == "test:");
  CHECK(std::string(info.name) == "a device of the tests");
  CHECK(info.flags == RDU_DEVICE_HOST_MEMORY);
  CHECK(info.alignment == 64);

  rdu_device* none = nullptr;
  CHECK_THAT(words(rdu_device_open(context.get(), "nowhere:", &none)),
             Catch::StartsWith("NOT_FOUND: there is no plugin 'nowhere'"));
  CHECK(words(rdu_device_open(context.get(), "test:broken", &none)) ==
        "DEVICE: the device is broken");
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_device_open(context.get(), "", &none));
  RDU_FAILS(RDU_ERR_INVALID_ARGUMENT, rdu_device_open(context.get(), "test:?x", &none));
  CHECK_THAT(words(rdu_device_open(context.get(), "test:?alignment=48", &none)),
             Catch::Contains("wants an alignment of 48"));
  CHECK(none == nullptr);
}

TEST_CASE("plugin files are refused where others could have replaced them") {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "librdu_plugin_fake.so";
  {
    const int made = ::creat(file.c_str(), 0600);
    REQUIRE(made >= 0);
    ::close(made);
  }
  const std::string path = directory.path().string();
  CHECK_THAT(plugins(bare_context({path.c_str()})).at("fake"), Catch::Contains("cannot load"));
  ::chmod(path.c_str(), 0777);
  CHECK_THAT(plugins(bare_context({path.c_str()})).at("fake"),
             Catch::Contains("'" + path + "'") && Catch::Contains("written by everybody"));
  ::chmod(path.c_str(), 0700);
  ::chmod(file.c_str(), 0602);
  CHECK_THAT(plugins(bare_context({path.c_str()})).at("fake"),
             Catch::Contains("librdu_plugin_fake.so'") && Catch::Contains("written by everybody"));
  const Context context = bare_context({path.c_str()});
  rdu_device* none = nullptr;
  RDU_FAILS(RDU_ERR_PERMISSION, rdu_device_open(context.get(), "fake:", &none));
  CHECK_THAT(words(rdu_device_open(context.get(), "other:", &none)), Catch::Contains(path));
}

TEST_CASE("objects keep what they were made from, in any order of destruction") {
  {
    Fixture model(chain_model({2}), {"test:?memory=device"});
    model.context.reset();
    model.devices.clear();
    model.artifact.reset();
    CHECK(check_chain(model.program.get(), 2, 1) == "OK");
    CHECK(alive().plugins == 1);
    const rdu_artifact* artifact = rdu_program_get_artifact(model.program.get());
    CHECK(rdu_artifact_num_signatures(artifact) == 1);
  }
  CHECK(alive().plugins == 0);
  CHECK(alive().devices == 0);
}

TEST_CASE("two contexts load the same plugin twice") {
  Fixture one(chain_model({2})), two(chain_model({2}));
  CHECK(alive().plugins == 2);
  one.program.reset();
  one.artifact.reset();
  one.devices.clear();
  one.context.reset();
  CHECK(alive().plugins == 1);
  CHECK(check_chain(two.program.get(), 2, 0) == "OK");

  rdu_device* foreign[] = {two.devices[0].get()};
  const Context other = make_context();
  const Artifact artifact = open_artifact(other, two.bytes);
  rdu_program* none = nullptr;
  CHECK_THAT(words(rdu_program_load(artifact.get(), foreign, 1, nullptr, &none)),
             Catch::Contains("belong to different contexts"));
}

TEST_CASE("a child process is told that it has no context") {
  Fixture model(chain_model({2}), {"test:?async=1"});
  REQUIRE(check_chain(model.program.get(), 2, 0) == "OK");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    rdu_device* device = nullptr;
    rdu_status* opened = rdu_device_open(model.context.get(), "test:", &device);
    rdu_status* ran = rdu_run(model.program.get(), nullptr);
    const bool told =
        rdu_status_code(opened) == RDU_ERR_FORKED && rdu_status_code(ran) == RDU_ERR_FORKED;
    rdu_program_destroy(model.program.get());
    rdu_context_destroy(model.context.get());
    ::_exit(told ? 0 : 1);
  }
  int outcome = -1;
  REQUIRE(::waitpid(child, &outcome, 0) == child);
  CHECK(outcome == 0);
}

TEST_CASE("a status says what it knows, and NULL is success") {
  CHECK(rdu_status_code(nullptr) == RDU_OK);
  CHECK(std::string(rdu_status_message(nullptr)).empty());
  CHECK(rdu_status_hint(nullptr) == nullptr);
  CHECK(rdu_status_node(nullptr) == RDU_NO_INDEX);
  rdu_status_destroy(nullptr);
  CHECK(std::string(rdu_code_name(RDU_ERR_BUSY)) == "BUSY");
  CHECK(std::string(rdu_code_name(77)) == "UNKNOWN");
  const Context context = bare_context();
  rdu_device* none = nullptr;
  const StatusOwner status(rdu_device_open(context.get(), "cpu:", &none));
  CHECK_THAT(rdu_status_hint(status.get()), Catch::Contains("RDU_PLUGIN_PATH"));
}
