// GDA: the covariance of points of two classes around their means, a c x c matrix summed point by point.
//
//   load mu0, mu1 in parallel
//   MemReduce * ip of c x c over [r] / ts * op { load y (ts), x (ts x c) in parallel
//     MemReduce * ip of c x c over [ts] * mp1 { [c] * ip { sub = x - mu[y] }; [c] * mp2 { [c] * ip { sub_i · sub_j } } } }
//   store c x c
#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

class Gda {
 public:
  explicit Gda(Kernel& kernel)
      : nest_(kernel.nest()),
        c_(kernel["c"]),
        r_(kernel["r"]),
        ts_(kernel["ts"]),
        ip_(kernel.lanes("ip")),
        tiles_{r_, ts_, kernel["op"]},
        points_{ts_, 1, kernel["mp1"]},
        rows_{c_, 1, kernel["mp2"]},
        mu_{kernel.random().reals(c_, -1, 1), kernel.random().reals(c_, -1, 1)},
        x_(kernel.random().reals(std::size_t{r_} * c_, -1, 1)),
        y_(kernel.random().integers(r_, 0, 1)),
        region_mu_{kernel.input("mu0", mu_[0]), kernel.input("mu1", mu_[1])},
        region_x_(kernel.input("x", x_)),
        region_y_(kernel.input("y", y_)),
        region_sigma_(kernel.output("sigma", std::size_t{c_} * c_)),
        trips_{loop(tiles_.trips())},
        each_point_(trips_ + loop(points_.trips())) {
    for (std::size_t k = 0; k < 2; ++k) {
      loaded_mu_.push_back(nest_.load("load mu", {lanes(c_, ip_)}, region_mu_[k], c_, {at(0, 1)}));
    }
    kernel.expect(region_sigma_, sigma(), 1e-4);
  }

  void make() {
    std::vector<Stream> terms;
    Loop tiles = {"tiles", 1, {{"load", {}, {}}, {"points", {}, {}}, {"accumulate", {}, {}}}};
    for (std::uint32_t p = 0; p < tiles_.par; ++p) terms.push_back(sigma_of_tile(p, tiles));
    const Chain sweep = trips_ + matrix();
    const Stream total =
        nest_.reduce("sigma", sweep, 0, {at(2, 1), at(1, 1), c_}, words(), kAdd, terms);
    const Tile tile =
        nest_.tile("sigma to store", words(), 0, {{sweep, {at(2, 1), at(1, 1), c_}, total}},
                   {matrix(), {at(1, 1), at(0, 1), c_}}, 1);
    nest_.store("store sigma", matrix(), region_sigma_, words(), tile.data(),
                {at(1, 1), at(0, 1), c_});
    tiles.stages[2].last = {tile.writes.front()};
    nest_.metapipe(std::move(tiles));
  }

 private:
  static constexpr rdu_hw_op kAdd = RDU_HW_OP_ADD_F32;

  std::int64_t words() const { return std::int64_t{c_} * c_; }
  Chain matrix() const { return {loop(c_), lanes(c_, ip_)}; }

  struct Loaded {
    Memory x, y;
    Affine first;  // point of the tile
  };

  // The sum over the points of a tile, in one of op copies.
  Stream sigma_of_tile(std::uint32_t p, Loop& tiles) {
    const Affine first = tiles_.index(0, p);
    const Chain row = trips_ + Chain{loop(ts_), lanes(c_, ip_)};
    const Loaded loaded = {
        nest_.load("load x", row, region_x_, std::int64_t{r_} * c_,
                   {at(2, 1), first + at(1, 1), c_}),
        nest_.load("load y", trips_ + lanes(ts_, ip_), region_y_, r_, {first + at(1, 1)}), first};
    tiles.stages[0].first.insert(tiles.stages[0].first.end(), {loaded.x, loaded.y});
    std::vector<Stream> terms;
    Loop points = {"points", 2, {{"sub", {}, {}}, {"product", {}, {}}, {"accumulate", {}, {}}}};
    for (std::uint32_t m = 0; m < points_.par; ++m) {
      const Stream sub = sub_of_point(loaded, m, tiles, points);
      for (const Stream& term : products(sub, points)) terms.push_back(term);
    }
    const Chain sweep = each_point_ + matrix();
    const Stream sum =
        nest_.reduce("sigma of a tile", sweep, 1, {at(3, 1), at(2, 1), c_}, words(), kAdd, terms);
    const Tile tile =
        nest_.tile("sigma of a tile to add", words(), 1, {{sweep, {at(3, 1), at(2, 1), c_}, sum}},
                   {trips_ + matrix(), {at(2, 1), at(1, 1), c_}});
    points.stages[2].last = {tile.writes.front()};
    tiles.stages[1].last.push_back(tile.writes.front());
    nest_.metapipe(std::move(points));
    return tile.data();
  }

  // x - mu[y]; a copy without a point has zeros.
  Stream sub_of_point(const Loaded& loaded, std::uint32_t m, Loop& tiles, Loop& points) {
    const Affine point = points_.index(1, m);
    const Chain row = trips_ + Chain{loop(ts_), lanes(c_, ip_)};
    const Chain words = each_point_ + lanes(c_, ip_);
    const Guard inside = {loaded.first + point, r_};
    const Tile x = nest_.tile("x", std::int64_t{ts_} * c_, 1,
                              {{row, {at(2, 1), at(1, 1), c_}, loaded.x.data()}},
                              {words, {at(2, 1), point, c_}});
    const Tile y =
        nest_.tile("y", ts_, 1, {{trips_ + lanes(ts_, ip_), {at(1, 1)}, loaded.y.data()}},
                   {each_point_ + nest_.broadcast(), {point}});
    tiles.stages[0].last.insert(tiles.stages[0].last.end(), {x.writes.front(), y.writes.front()});
    points.stages[0].first.insert(points.stages[0].first.end(), {x.reads.front(), y.reads.front()});
    Place of_class = {at(2, 1), {}, c_, {inside, {point, ts_}}};
    of_class.chosen = ChosenRow{y.data(), 2};
    std::vector<Fill> fills;
    for (std::uint32_t k = 0; k < 2; ++k) {
      fills.push_back({{lanes(c_, ip_)}, {at(0, 1) + k * c_}, loaded_mu_[k].data()});
    }
    const Tile mu = nest_.tile("mu", 2 * std::int64_t{c_}, 0, fills, {words, of_class}, 1);
    Simd simd = nest_.section().simd("sub", words);
    return simd.vector(
        simd.compute(RDU_HW_OP_SUB_F32, simd.input(x.data()), simd.input(mu.data())));
  }

  // The outer product of sub with itself, by mp2 copies that have rows in turn.
  std::vector<Stream> products(Stream sub, Loop& points) {
    const Chain words = each_point_ + lanes(c_, ip_);
    const Chain some_rows = each_point_ + loop(rows_.trips());
    const Chain sweep = some_rows + lanes(c_, ip_);
    const Tile all =
        nest_.tile("sub, whole", c_, 2, {{words, {at(2, 1)}, sub}}, {sweep, {at(3, 1)}});
    points.stages[0].last.push_back(all.writes.front());
    std::vector<Fill> fills;
    for (std::uint32_t q = 0; q < rows_.par; ++q) {
      const Affine row = rows_.index(2, q);
      const Tile one = nest_.tile("sub, one by one", c_, 2, {{words, {at(2, 1)}, sub}},
                                  {some_rows + nest_.broadcast(), {row}});
      points.stages[0].last.push_back(one.writes.front());
      Simd simd = nest_.section().simd("product", sweep);
      const Stream product = simd.vector(
          simd.compute(RDU_HW_OP_MUL_F32, simd.input(one.data(), 3), simd.input(all.data())));
      fills.push_back({sweep, {at(3, 1), row, c_}, product});
    }
    std::vector<Stream> streams;
    for (const Tile& bank : nest_.banked("product", this->words(), 2, fills,
                                         {each_point_ + matrix(), {at(3, 1), at(2, 1), c_}})) {
      streams.push_back(bank.data());
      points.stages[1].last.push_back(bank.writes.front());
    }
    return streams;
  }

  std::vector<double> sigma() const {
    std::vector<double> sum(std::size_t{c_} * c_);
    std::vector<double> sub(c_);
    for (std::uint32_t point = 0; point < r_; ++point) {
      const Reals& mean = mu_[static_cast<std::size_t>(y_[point])];
      for (std::uint32_t i = 0; i < c_; ++i) sub[i] = double{x_[point * c_ + i]} - mean[i];
      for (std::uint32_t i = 0; i < c_; ++i) {
        for (std::uint32_t j = 0; j < c_; ++j) sum[i * c_ + j] += sub[i] * sub[j];
      }
    }
    return sum;
  }

  Nest& nest_;
  std::uint32_t c_, r_, ts_, ip_;
  Strip tiles_, points_, rows_;
  Reals mu_[2], x_;
  Integers y_;
  Region region_mu_[2], region_x_, region_y_, region_sigma_;
  Chain trips_, each_point_;
  std::vector<Memory> loaded_mu_;
};

}  // namespace

void make_gda(Kernel& kernel) { Gda(kernel).make(); }

}  // namespace chip_apps
