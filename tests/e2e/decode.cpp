// decode DEVICE GROWING.rdu PLAIN.rdu: a language model over 64 tokens, step by step on a state that grows, against the
// model without a state. GROWING has room for 64 positions and takes 1, 32 or all of them; PLAIN takes all and no past.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <rdu/rdu.hpp>
#include <stdexcept>

using namespace rdu;

namespace {

constexpr std::int64_t kTokens = 64, kHalf = 32;
constexpr double kTolerance = 1e-4;  // of the largest logit

using Numbers = std::vector<float>;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

class Model {
 public:
  Model(const Context& context, const std::string& device, const std::string& path)
      : artifact_(context.open_artifact(path)),
        program_(artifact_, {context.open_device(device)}) {}

  // The logits of `count` tokens from number `first` on.
  Numbers run(std::int64_t first, std::int64_t count, const State* state) const {
    std::vector<std::vector<std::int64_t>> numbers;
    std::vector<TensorRef> tensors;
    const auto inputs = artifact_.inputs();
    numbers.reserve(inputs.size());
    for (const ValueInfo& info : inputs) {
      if (info.dtype != RDU_DTYPE_I64) {
        tensors.emplace_back(nullptr, 0, info.dtype, info.shape, info.name);  // an empty past
        continue;
      }
      auto& each = numbers.emplace_back();
      for (std::int64_t t = first; t < first + count; ++t) {
        each.push_back(info.name == "position_ids" ? t : (t * 73 + 11) % 500);
      }
      tensors.push_back(input(each, {1, count}, info.name));
    }
    RunOptions options;
    options.state = state;
    const Outputs outputs = program_.run(tensors, options);
    const auto logits = outputs[0].data<float>();
    return {logits.begin(), logits.end()};
  }

  State state() const { return State(program_); }

 private:
  Artifact artifact_;
  Program program_;
};

// Every byte of a state.
std::vector<std::byte> content(const State& state) {
  std::vector<std::byte> all;
  for (std::uint32_t k = 0; k < rdu_state_num_variables(state.get()); ++k) {
    auto info = detail::sized<rdu_value_info>();
    check(rdu_state_get_variable(state.get(), k, &info));
    const std::size_t before = all.size();
    all.resize(before + info.size_bytes);
    check(rdu_state_read(state.get(), info.name, info.size_bytes, all.data() + before));
  }
  return all;
}

Numbers steps(const Model& model, const State& state, std::int64_t first) {
  Numbers all;
  for (std::int64_t t = first; t < kTokens; ++t) {
    const Numbers one = model.run(t, 1, &state);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

// Of the last logits of `expected`, as many as there are.
void compare(const char* what, const Numbers& actual, const Numbers& expected) {
  require(!actual.empty() && actual.size() <= expected.size(), std::string(what) + ": no logits");
  const Numbers tail(expected.end() - static_cast<std::ptrdiff_t>(actual.size()), expected.end());
  double largest = 0, apart = 0;
  for (std::size_t i = 0; i < tail.size(); ++i) {
    require(std::isfinite(actual[i]), std::string(what) + ": a logit is not finite");
    largest = std::max(largest, std::fabs(double{tail[i]}));
    apart = std::max(apart, std::fabs(double{actual[i]} - tail[i]));
  }
  std::printf("%-40s %zu logits, relative error %.1e\n", what, tail.size(), apart / largest);
  require(apart <= kTolerance * largest, std::string(what) + ": too far apart");
}

void refuse_one_more(const Model& model, const State& state) {
  const auto before = content(state);
  try {
    model.run(0, 1, &state);
  } catch (const Error& error) {
    std::printf("step %lld: %s\n", static_cast<long long>(kTokens + 1), error.what());
    require(error.code() == RDU_ERR_LIMIT_EXCEEDED, error.code_name());
    require(content(state) == before, "a step that was refused changed the state");
    return;
  }
  throw std::runtime_error("a step beyond the room was not refused");
}

void decode(const std::string& device, const std::string& growing, const std::string& plain) {
  const Context context;
  const Numbers expected = Model(context, device, plain).run(0, kTokens, nullptr);
  const Model model(context, device, growing);
  State state = model.state();
  const Numbers stepped = steps(model, state, 0);
  compare("64 steps", stepped, expected);
  refuse_one_more(model, state);

  state.reset();
  const Numbers whole = model.run(0, kTokens, &state);
  compare("all at once", whole, expected);
  compare("64 steps and all at once", stepped, whole);
  refuse_one_more(model, state);

  state.reset();
  Numbers halves = model.run(0, kHalf, &state);
  const Numbers rest = steps(model, state, kHalf);
  halves.insert(halves.end(), rest.begin(), rest.end());
  compare("32 at once, then 32 steps", halves, expected);

  state.reset();
  require(steps(model, state, 0) == stepped, "after a reset the same steps give other bits");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: decode DEVICE GROWING.rdu PLAIN.rdu\n");
    return 2;
  }
  try {
    decode(argv[1], argv[2], argv[3]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "decode: %s\n", error.what());
    return 1;
  }
}
