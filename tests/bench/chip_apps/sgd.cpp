// SGD: linear regression by minibatches of `ts` points, in Q16.16 fixed point.
//
//   zero the model
//   Sequential [e] x [n] / ts {
//     load y (ts), x (ts x d)
//     [ts] * mp1 { Reduce [d] * ip { x · model }; error = y - dot }
//     MemFold, a word at a time, into the model over [ts] * mp2 { [d] * ip { x · error · rate } } }
//   store the model
#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

constexpr std::int32_t kOne = 1 << 16;
constexpr std::int32_t kRate = kOne / 64;

std::int32_t fixed_product(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>((std::int64_t{a} * b) >> 16);
}

// With a = 2^16 · ah + al, al from 0 on, and b likewise: ah · b + al · bh + ⌊al · bl / 2^16⌋.
Value fixed_product(Simd& simd, Value a, Value b) {
  const Value half = Simd::integer(16), low = Simd::word(0xffff);
  const Value al = simd.compute(RDU_HW_OP_AND_WORD, a, low);
  const Value bl = simd.compute(RDU_HW_OP_AND_WORD, b, low);
  const Value ah = simd.compute(RDU_HW_OP_SHR_I32, a, half);
  const Value bh = simd.compute(RDU_HW_OP_SHR_I32, b, half);
  const Value lowest =
      simd.compute(RDU_HW_OP_SHR_WORD, simd.compute(RDU_HW_OP_MUL_I32, al, bl), half);
  return simd.compute(RDU_HW_OP_MAD_I32, ah, b, simd.compute(RDU_HW_OP_MAD_I32, al, bh, lowest));
}

class Sgd {
 public:
  explicit Sgd(Kernel& kernel)
      : nest_(kernel.nest()),
        d_(kernel["d"]),
        n_(kernel["n"]),
        ts_(kernel["ts"]),
        epochs_(kernel["e"]),
        ip_(kernel.lanes("ip")),
        tiles_{n_, ts_, 1},
        errors_{ts_, 1, kernel.lanes("mp1")},
        rows_{ts_, 1, kernel["mp2"]},
        x_(kernel.random().integers(std::size_t{n_} * d_, -kOne, kOne)),
        y_(kernel.random().integers(n_, -4 * kOne, 4 * kOne)),
        region_x_(kernel.input("x", x_)),
        region_y_(kernel.input("y", y_)),
        region_model_(kernel.output("model", d_)),
        trips_{loop(epochs_), loop(tiles_.trips())},
        x_row_(trips_ + Chain{loop(ts_), lanes(d_, ip_)}),
        loaded_x_(nest_.load("load x", x_row_, region_x_, std::int64_t{n_} * d_,
                             {at(3, 1), tiles_.index(1, 0) + at(2, 1), d_})),
        loaded_y_(nest_.load("load y", trips_ + lanes(ts_, ip_), region_y_, n_,
                             {tiles_.index(1, 0) + at(2, 1)})) {
    kernel.expect(region_model_, model());
  }

  void make() {
    std::vector<Stream> errors;
    for (std::uint32_t m = 0; m < errors_.par; ++m) errors.push_back(error(m));
    const Chain each = trips_ + loop(errors_.trips());
    const Fill packed = {each + lanes(errors_.par, errors_.par),
                         {at(2, errors_.par) + at(3, 1)},
                         nest_.pack("errors", each, errors)};
    Stage error = {"error", {}, {}};
    std::vector<Stream> rows;
    for (std::uint32_t m = 0; m < rows_.par; ++m) rows.push_back(row(m, packed, error));
    const std::vector<ContextHandle> folded = fold(rows);
    errors_loop_.stages[0].last = error.last;
    rows_loop_.stages[1].last = folded;
    nest_.metapipe(std::move(errors_loop_));
    nest_.metapipe(std::move(rows_loop_));
    nest_.sequential(
        {"tiles", 2, {{"load", {loaded_x_, loaded_y_}, loaded_}, error, {"fold", {}, folded}}});
  }

 private:
  // Not double-buffered.
  Stream rows_of_x(const Chain& points, const Strip& strip, std::uint32_t copy, Stage& stage) {
    const Tile tile = nest_.tile(
        "x", std::int64_t{ts_} * d_, 2, {{x_row_, {at(3, 1), at(2, 1), d_}, loaded_x_.data()}},
        {points + lanes(d_, ip_), {at(3, 1), strip.index(2, copy), d_}}, 1);
    loaded_.push_back(tile.writes.front());
    stage.first.push_back(tile.reads.front());
    return tile.data();
  }

  Stream error(std::uint32_t m) {
    const Chain points = trips_ + loop(errors_.trips());
    const Chain sweep = points + lanes(d_, ip_);
    models_.push_back(nest_.state("model", d_, {}, {sweep, {at(3, 1)}}));
    Simd dot = nest_.section().simd("dot", sweep);
    const Value x = dot.input(rows_of_x(points, errors_, m, errors_loop_.stages[0]));
    const Value term = fixed_product(dot, x, dot.input(models_.back().read.data()));
    const Stream sum = dot.scalar(dot.reduce(RDU_HW_FOLD_ADD_I32, 3, term), 3);

    const Tile y =
        nest_.tile("y", ts_, 2, {{trips_ + lanes(ts_, ip_), {at(2, 1)}, loaded_y_.data()}},
                   {points + lanes(1, 1), {errors_.index(2, m)}}, 1);
    loaded_.push_back(y.writes.front());
    errors_loop_.stages[0].first.push_back(y.reads.front());
    Simd simd = nest_.section().simd("error", points + lanes(1, 1));
    return simd.scalar(simd.compute(RDU_HW_OP_SUB_I32, simd.input(y.data()), simd.input(sum)));
  }

  // What a point adds to the model, ready to be read a word at a time.
  Stream row(std::uint32_t m, const Fill& errors, Stage& error) {
    const Chain points = trips_ + loop(rows_.trips());
    const Chain sweep = points + lanes(d_, ip_);
    const Tile wrong = nest_.tile("errors", ts_, 2, {errors},
                                  {points + nest_.broadcast(), {rows_.index(2, m)}}, 1);
    error.last.push_back(wrong.writes.front());
    rows_loop_.stages[0].first.push_back(wrong.reads.front());
    Simd simd = nest_.section().simd("row", sweep);
    const Value x = simd.input(rows_of_x(points, rows_, m, rows_loop_.stages[0]));
    const Value slope = fixed_product(simd, x, simd.input(wrong.data(), 3));
    const Stream row = simd.vector(fixed_product(simd, slope, Simd::integer(kRate)));
    const Tile tile =
        nest_.tile("row", d_, 3, {{sweep, {at(3, 1)}, row}}, {points + lanes(d_, 1), {at(3, 1)}});
    rows_loop_.stages[0].last.push_back(tile.writes.front());
    return tile.data();
  }

  // Into the model that is carried from point to point, and from there into those that the dots read in the next tile.
  std::vector<ContextHandle> fold(const std::vector<Stream>& rows) {
    const Chain sweep = trips_ + Chain{loop(rows_.trips()), lanes(d_, 1)};
    const Stream model = nest_.fold("the model", sweep, 2, {at(3, 1)}, d_, RDU_HW_OP_ADD_I32, rows);
    const Fill fill = {sweep, {at(3, 1)}, model};
    for (const State& state : models_) nest_.update(state, "model", fill, 2);
    const State last = nest_.state("model to store", d_, {}, {{lanes(d_, ip_)}, {at(0, 1)}});
    const Memory write = nest_.update_at_end(last, "model to store", fill);
    nest_.store("store model", {lanes(d_, ip_)}, region_model_, d_, last.read.data(), {at(0, 1)});
    return {write};
  }

  Integers model() const {
    std::vector<std::uint32_t> model(d_);
    for (std::uint32_t e = 0; e < epochs_; ++e) {
      for (std::uint32_t begin = 0; begin < n_; begin += ts_) {
        const std::vector<std::uint32_t> old = model;
        for (std::uint32_t point = begin; point < std::min(begin + ts_, n_); ++point) {
          const std::int32_t* x = &x_[std::size_t{point} * d_];
          std::uint32_t dot = 0;
          for (std::uint32_t i = 0; i < d_; ++i) {
            dot +=
                static_cast<std::uint32_t>(fixed_product(x[i], static_cast<std::int32_t>(old[i])));
          }
          const auto wrong = static_cast<std::int32_t>(static_cast<std::uint32_t>(y_[point]) - dot);
          for (std::uint32_t i = 0; i < d_; ++i) {
            model[i] +=
                static_cast<std::uint32_t>(fixed_product(fixed_product(x[i], wrong), kRate));
          }
        }
      }
    }
    return {model.begin(), model.end()};
  }

  Nest& nest_;
  std::uint32_t d_, n_, ts_, epochs_, ip_;
  Strip tiles_, errors_, rows_;
  Integers x_, y_;
  Region region_x_, region_y_, region_model_;
  Chain trips_, x_row_;
  Memory loaded_x_, loaded_y_;
  std::vector<ContextHandle> loaded_;
  Loop errors_loop_ = {"errors", 3, {{"error", {}, {}}}};
  Loop rows_loop_ = {"rows", 3, {{"row", {}, {}}, {"fold", {}, {}}}};
  std::vector<State> models_;
};

}  // namespace

void make_sgd(Kernel& kernel) { Sgd(kernel).make(); }

}  // namespace chip_apps
