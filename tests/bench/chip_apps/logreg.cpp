// LogReg: gradient ascent of logistic regression over all points, `it` times.
//
//   load theta
//   Sequential [it] {
//     MemReduce * 16 of d words over [n] / ts * op { load x (ts x d), y (ts) in parallel
//       MemReduce * 16 of d words over [ts] * mp { Reduce [d] * 16 { x · theta }; y - sigmoid; [d] * 16 { x · error } } }
//     [d] * 16 { theta += gradient } }
//   store theta
#include <cmath>

#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

class LogReg {
 public:
  explicit LogReg(Kernel& kernel)
      : nest_(kernel.nest()),
        d_(kernel["d"]),
        n_(kernel["n"]),
        ts_(kernel["ts"]),
        epochs_(kernel["it"]),
        width_(kernel.num_lanes()),
        tiles_{n_, ts_, kernel["op"]},
        points_{ts_, 1, kernel["mp"]},
        theta_(kernel.random().reals(d_, -0.5f, 0.5f)),
        x_(kernel.random().reals(std::size_t{n_} * d_, -0.125f, 0.125f)),
        y_(labels(kernel.random(), n_)),
        region_x_(kernel.input("x", x_)),
        region_y_(kernel.input("y", y_)),
        region_theta_(kernel.input("theta", theta_)),
        region_result_(kernel.output("result", d_)),
        epoch_{loop(epochs_)},
        trips_(epoch_ + loop(tiles_.trips())),
        each_point_(trips_ + loop(points_.trips())),
        loaded_theta_(nest_.load("load theta", {words()}, region_theta_, d_, {at(0, 1)})) {
    kernel.expect(region_result_, result(), 1e-4);
  }

  void make() {
    std::vector<Stream> terms;
    Loop tiles = {"tiles", 2, {{"load", {}, {}}, {"points", {}, {}}, {"accumulate", {}, {}}}};
    for (std::uint32_t p = 0; p < tiles_.par; ++p) terms.push_back(gradient_of_tile(p, tiles));
    const Stream gradient =
        nest_.reduce("gradient", trips_ + words(), 1, {at(2, 1)}, d_, kAdd, terms);
    const Tile tile =
        nest_.tile("gradient to apply", d_, 1, {{trips_ + words(), {at(2, 1)}, gradient}},
                   {epoch_ + words(), {at(1, 1)}}, 1);
    tiles.stages[2].last = {tile.writes.front()};
    const Stage all_tiles = {"tiles", tiles.stages[0].first, {tile.writes.front()}};
    nest_.metapipe(std::move(tiles));
    nest_.sequential({"iterations", 1, {all_tiles, {"theta", {}, update(tile.data())}}});
  }

 private:
  static constexpr rdu_hw_op kAdd = RDU_HW_OP_ADD_F32;

  static Reals labels(Random& random, std::size_t count) {
    Reals y;
    for (const std::int32_t label : random.integers(count, 0, 1)) y.push_back(float(label));
    return y;
  }

  Counter words() const { return lanes(d_, width_); }
  State theta(const Drain& drain) {
    return nest_.state("theta", d_, Fill{{words()}, {at(0, 1)}, loaded_theta_.data()}, drain);
  }

  Stream gradient_of_tile(std::uint32_t p, Loop& tiles) {
    const Affine first = tiles_.index(1, p);
    const Memory x = nest_.load("load x", trips_ + Chain{loop(ts_), words()}, region_x_,
                                std::int64_t{n_} * d_, {at(3, 1), first + at(2, 1), d_});
    const Memory y =
        nest_.load("load y", trips_ + lanes(ts_, width_), region_y_, n_, {first + at(2, 1)});
    tiles.stages[0].first.insert(tiles.stages[0].first.end(), {x, y});
    std::vector<Stream> terms;
    Loop points = {"points", 3, {{"row", {}, {}}, {"accumulate", {}, {}}}};
    for (std::uint32_t m = 0; m < points_.par; ++m) {
      const Tile row = gradient_of_point(x.data(), y.data(), m, tiles.stages[0], points.stages[0]);
      terms.push_back(row.data());
      points.stages[0].last.push_back(row.writes.front());
    }
    const Chain sweep = each_point_ + words();
    const Stream sum = nest_.reduce("gradient of a tile", sweep, 2, {at(3, 1)}, d_, kAdd, terms);
    const Tile tile = nest_.tile("gradient of a tile to add", d_, 2, {{sweep, {at(3, 1)}, sum}},
                                 {trips_ + words(), {at(2, 1)}});
    points.stages[1].last = {tile.writes.front()};
    tiles.stages[1].last.push_back(tile.writes.front());
    nest_.metapipe(std::move(points));
    return tile.data();
  }

  Tile gradient_of_point(Stream x, Stream y, std::uint32_t m, Stage& load, Stage& row_stage) {
    const Affine point = points_.index(2, m);
    const Chain sweep = each_point_ + words();
    const auto rows_of_x = [&] {
      const Tile tile =
          nest_.tile("x", std::int64_t{ts_} * d_, 2,
                     {{trips_ + Chain{loop(ts_), words()}, {at(3, 1), at(2, 1), d_}, x}},
                     {sweep, {at(3, 1), point, d_}});
      load.last.push_back(tile.writes.front());
      row_stage.first.push_back(tile.reads.front());
      return tile.data();
    };
    const Tile label = nest_.tile("y", ts_, 2, {{trips_ + lanes(ts_, width_), {at(2, 1)}, y}},
                                  {each_point_ + lanes(1, 1), {point}});
    load.last.push_back(label.writes.front());
    row_stage.first.push_back(label.reads.front());

    Simd dot = nest_.section().simd("dot", sweep);
    thetas_.push_back(theta({sweep, {at(3, 1)}}));
    const Value term = dot.compute(RDU_HW_OP_MUL_F32, dot.input(rows_of_x()),
                                   dot.input(thetas_.back().read.data()));
    const Stream sum = dot.scalar(dot.reduce(RDU_HW_FOLD_ADD_F32, 3, term), 3);

    Simd error = nest_.section().simd("error", each_point_ + lanes(1, 1));
    const Value guess = error.compute(RDU_HW_OP_SIGMOID_F32, error.input(sum));
    const Stream wrong =
        error.scalar(error.compute(RDU_HW_OP_SUB_F32, error.input(label.data()), guess));

    Simd row = nest_.section().simd("row", sweep);
    const Stream product =
        row.vector(row.compute(RDU_HW_OP_MUL_F32, row.input(rows_of_x()), row.input(wrong, 3)));
    return nest_.tile("row", d_, 3, {{sweep, {at(3, 1)}, product}}, {sweep, {at(3, 1)}});
  }

  // theta += gradient, in every copy of it.
  std::vector<ContextHandle> update(Stream gradient) {
    const Chain sweep = epoch_ + words();
    const State own = theta({sweep, {at(1, 1)}});
    Simd adder = nest_.section().simd("theta", sweep);
    const Stream sum =
        adder.vector(adder.compute(kAdd, adder.input(own.read.data()), adder.input(gradient)));
    thetas_.push_back(own);
    for (const State& state : thetas_) nest_.update(state, "theta", {sweep, {at(1, 1)}, sum}, 1);
    const State last = nest_.state("theta to store", d_, {}, {{words()}, {at(0, 1)}});
    const Memory write = nest_.update_at_end(last, "theta to store", {sweep, {at(1, 1)}, sum});
    nest_.store("store theta", {words()}, region_result_, d_, last.read.data(), {at(0, 1)});
    return {write};
  }

  std::vector<double> result() const {
    std::vector<double> theta(theta_.begin(), theta_.end());
    for (std::uint32_t epoch = 0; epoch < epochs_; ++epoch) {
      std::vector<double> gradient(d_);
      for (std::uint32_t point = 0; point < n_; ++point) {
        double dot = 0;
        for (std::uint32_t i = 0; i < d_; ++i) dot += x_[point * d_ + i] * theta[i];
        const double error = y_[point] - 1 / (1 + std::exp(-dot));
        for (std::uint32_t i = 0; i < d_; ++i) gradient[i] += x_[point * d_ + i] * error;
      }
      for (std::uint32_t i = 0; i < d_; ++i) theta[i] += gradient[i];
    }
    return theta;
  }

  Nest& nest_;
  std::uint32_t d_, n_, ts_, epochs_, width_;
  Strip tiles_, points_;
  Reals theta_, x_, y_;
  Region region_x_, region_y_, region_theta_, region_result_;
  Chain epoch_, trips_, each_point_;
  Memory loaded_theta_;
  std::vector<State> thetas_;
};

}  // namespace

void make_logreg(Kernel& kernel) { LogReg(kernel).make(); }

}  // namespace chip_apps
