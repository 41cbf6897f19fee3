// Runs of one image: the same words, cycles and counters each time, alone and beside another run.
#include "tests/drivers/emu/driver/support.hpp"
#include "tests/drivers/image/random_program.hpp"
#include "tests/drivers/image/samples.hpp"
#include "tests/drivers/image/support.hpp"

using namespace driver_test;
using rdu_hw::image::Program;

namespace {

// A run on a chip of its own, which begins at once, on a thread of its own.
class Job {
 public:
  Job(const rdu_hw_arch& arch, const Program& program)
      : chip_(open_chip(arch.name)), module_(load(chip_, program)) {
    for (std::uint32_t i = 0; i < image().num_arguments; ++i) bind(i);
    run_ = start(module_, bound_);
  }

  // Everything that it says and leaves behind, once it is over.
  std::string traces() const {
    std::string text = outcome(run_);
    rdu_hw_counters counters = {};
    if (rdu_hw_run_counters(run_.get(), &counters, nullptr) == RDU_HW_OK) {
      add(&counters.cycles, 1, text);
      add(counters.contexts, counters.num_contexts, text);
      add(counters.link_elements, counters.num_links, text);
      std::string json(rdu_hw_run_print_json(run_.get(), nullptr, 0) + 1, '\0');
      rdu_hw_run_print_json(run_.get(), json.data(), json.size());
      text += json;
    }
    for (std::uint32_t i = 0; i < image().num_arguments; ++i) add_argument(i, text);
    return text;
  }

 private:
  const rdu_hw_image& image() const { return *rdu_hw_module_image(module_.get()); }

  void bind(std::uint32_t number) {
    const rdu_hw_argument& argument = image().arguments[number];
    bound_.push_back({0, 3, 0});
    if (argument.kind != RDU_HW_ARGUMENT_REGION) return;
    const std::uint64_t address =
        allocate(chip_, argument.bytes, argument.tier, argument.alignment);
    std::vector<std::uint8_t> bytes(argument.bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(i * 7 + number * 31 + i / 251);
    }
    REQUIRE(rdu_hw_memory_write(chip_.get(), argument.tier, address, bytes.data(), bytes.size(),
                                nullptr) == RDU_HW_OK);
    bound_.back().address = address;
  }

  template <typename T>
  static void add(const T* items, std::size_t count, std::string& text) {
    text.append(reinterpret_cast<const char*>(items), count * sizeof *items);
  }

  void add_argument(std::uint32_t number, std::string& text) const {
    const rdu_hw_argument& argument = image().arguments[number];
    if (argument.kind == RDU_HW_ARGUMENT_REGION) {
      std::vector<char> bytes(argument.bytes);
      REQUIRE(rdu_hw_memory_read(chip_.get(), argument.tier, bound_[number].address, bytes.data(),
                                 bytes.size(), nullptr) == RDU_HW_OK);
      return add(bytes.data(), bytes.size(), text);
    }
    std::uint32_t word = 0;
    if (rdu_hw_run_word(run_.get(), number, &word, nullptr) == RDU_HW_OK) add(&word, 1, text);
  }

  Chip chip_;
  Module module_;
  std::vector<rdu_hw_bound> bound_;
  Run run_;
};

void require_same_always(const rdu_hw_arch& arch, const Program& program) {
  const std::string first = Job(arch, program).traces();
  for (int i = 0; i < 10; ++i) {
    REQUIRE(Job(arch, program).traces() == first);
    // Two at once: on two threads of the host.
    const Job one(arch, program), other(arch, program);
    REQUIRE(one.traces() == first);
    REQUIRE(other.traces() == first);
  }
}

}  // namespace

TEST_CASE("a stream, a metapipe and a systolic tile are the same thirty times") {
  const rdu_hw_arch sara20 = image_test::chip("sara20"), sn10 = image_test::chip("sn10");
  const std::uint64_t hash = rdu_hw_arch_hash(&sara20);
  require_same_always(sara20, image_test::dot_product(hash, 512, 64));
  require_same_always(sara20, image_test::metapipelined_map(hash, 4, 64));
  require_same_always(sn10, image_test::systolic_tile(rdu_hw_arch_hash(&sn10), 64));
}

TEST_CASE("sections of many contexts are the same thirty times") {
  const rdu_hw_arch edge = image_test::chip("edge");
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    CAPTURE(seed);
    require_same_always(edge, image_test::random_program(seed, edge));
  }
}
