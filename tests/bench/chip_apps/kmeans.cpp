// Kmeans of int32 points whose last column is the constant 1, so that the sum of points of a cluster counts them as well.
//
//   load the first k points as centroids
//   Sequential [it] {
//     MemReduce * ip of k x d over [n] / ts * op { load points (ts x d)
//       MemReduce * ip of k x d over [ts] * mp1 { [k] * mp2 { Reduce [d] * ip { (x - c)² } }; nearest of [k] * ip;
//                                                 [k] x [d] * ip { nearest row ? x : 0 } } }
//     [k] * mp3 { [d - 1] * ip { sum / count } } }
//   store k x d
#include <algorithm>

#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

class Kmeans {
 public:
  explicit Kmeans(Kernel& kernel)
      : nest_(kernel.nest()),
        k_(kernel["k"]),
        d_(kernel["d"]),
        n_(kernel["n"]),
        ts_(kernel["ts"]),
        epochs_(kernel["it"]),
        ip_(kernel.lanes("ip")),
        tiles_{n_, ts_, kernel["op"]},
        points_{ts_, 1, kernel["mp1"]},
        distances_{k_, 1, kernel.lanes("mp2")},
        averages_{k_, 1, kernel["mp3"]},
        x_(random_points(kernel.random())),
        region_x_(kernel.input("points", x_)),
        region_result_(kernel.output("centroids", std::size_t{k_} * d_)),
        epoch_{loop(epochs_)},
        trips_(epoch_ + loop(tiles_.trips())),
        each_point_(trips_ + loop(points_.trips())),
        first_rows_(nest_.load("load centroids", rows(), region_x_, std::int64_t{n_} * d_,
                               {at(1, 1), at(0, 1), d_})),
        banks_(averages_.par) {
    if (k_ > n_) {
      kernel.refuse("k: expected at most the " + std::to_string(n_) + " points, got " +
                    std::to_string(k_));
    } else {
      kernel.expect(region_result_, centroids());
    }
  }

  void make() {
    std::vector<Stream> terms;
    Loop tiles = {"tiles", 2, {{"load", {}, {}}, {"points", {}, {}}, {"accumulate", {}, {}}}};
    for (std::uint32_t p = 0; p < tiles_.par; ++p) terms.push_back(sums_of_tile(p, tiles));
    const Stream sums =
        nest_.reduce("sums", trips_ + rows(), 1, {at(3, 1), at(2, 1), d_}, words(), kAdd, terms);
    Stage all_tiles = {"tiles", tiles.stages[0].first, {}};
    const Stage average = {"average", {}, averages(sums, all_tiles)};
    tiles.stages[2].last = {all_tiles.last.front()};
    nest_.metapipe(std::move(tiles));
    nest_.sequential({"iterations", 1, {all_tiles, average}});
  }

 private:
  static constexpr rdu_hw_op kAdd = RDU_HW_OP_ADD_I32;

  std::int64_t words() const { return std::int64_t{k_} * d_; }
  Chain rows() const { return {loop(k_), lanes(d_, ip_)}; }

  Integers random_points(Random& random) const {
    Integers points = random.integers(std::size_t{n_} * d_, 0, 255);
    for (std::size_t i = d_ - 1; i < points.size(); i += d_) points[i] = 1;
    return points;
  }

  // All centroids, in banks that have as many writers as there are copies that average; `banks` collects them by bank.
  Stream centroids_for(const Drain& drain, std::vector<std::vector<State>>& banks) {
    std::vector<Stream> streams;
    for (std::uint32_t q = 0; q < averages_.par; ++q) {
      Fill begin = {rows(), {at(1, 1), at(0, 1), d_}, first_rows_.data()};
      Drain part = drain;
      begin.place.bank = part.place.bank = {averages_.par, q};
      if (!part.place.bank.meets(part.place.row)) continue;
      banks[q].push_back(nest_.state("centroids", bank_words(), begin, part));
      streams.push_back(banks[q].back().read.data());
    }
    return nest_.sum("centroids", drain.chain, RDU_HW_OP_OR_WORD, streams);
  }

  std::int64_t bank_words() const {
    return std::int64_t{(k_ + averages_.par - 1) / averages_.par} * d_;
  }

  Stream sums_of_tile(std::uint32_t p, Loop& tiles) {
    const Memory x =
        nest_.load("load points", trips_ + Chain{loop(ts_), lanes(d_, ip_)}, region_x_,
                   std::int64_t{n_} * d_, {at(3, 1), tiles_.index(1, p) + at(2, 1), d_});
    tiles.stages[0].first.push_back(x);
    std::vector<Stream> terms;
    Loop points = {
        "points", 3, {{"distances", {}, {}}, {"nearest", {}, {}}, {"accumulate", {}, {}}}};
    for (std::uint32_t m = 0; m < points_.par; ++m) {
      terms.push_back(row_of_point(x.data(), m, tiles.stages[0], points));
    }
    const Chain sweep = each_point_ + rows();
    const Stream sums =
        nest_.reduce("sums of a tile", sweep, 2, {at(4, 1), at(3, 1), d_}, words(), kAdd, terms);
    const Tile tile =
        nest_.tile("sums of a tile to add", words(), 2, {{sweep, {at(4, 1), at(3, 1), d_}, sums}},
                   {trips_ + rows(), {at(3, 1), at(2, 1), d_}});
    points.stages[2].last = {tile.writes.front()};
    tiles.stages[1].last.push_back(tile.writes.front());
    nest_.metapipe(std::move(points));
    return tile.data();
  }

  // The tile of points, read row by row, the point's row in each iteration of a further counter.
  Tile point_for_each(Counter counter, Stream x, std::uint32_t m, Stage& load) {
    const Chain in_tile = trips_ + Chain{loop(ts_), lanes(d_, ip_)};
    const Chain again = each_point_ + Chain{counter, lanes(d_, ip_)};
    const Tile tile =
        nest_.tile("points", std::int64_t{ts_} * d_, 2, {{in_tile, {at(3, 1), at(2, 1), d_}, x}},
                   {again, {at(4, 1), points_.index(2, m), d_}});
    load.last.push_back(tile.writes.front());
    return tile;
  }

  // k x d words: the point in the row of the nearest centroid, zeros in all others.
  Stream row_of_point(Stream x, std::uint32_t m, Stage& load, Loop& points) {
    const Stream nearest = nearest_centroid(distances(x, m, load, points));
    const Chain sweep = each_point_ + rows();
    Simd simd = nest_.section().simd("one row", sweep);
    const Value point = simd.input(point_for_each(loop(k_), x, m, load).data());
    const Value here = simd.compute(RDU_HW_OP_EQ_I32, Simd::counter(3), simd.input(nearest, 3));
    const Stream row =
        simd.vector(simd.compute(RDU_HW_OP_SELECT_WORD, here, point, Simd::integer(0)));
    const Place place = {at(4, 1), at(3, 1), d_};
    const Tile tile = nest_.tile("one row", words(), 3, {{sweep, place, row}}, {sweep, place});
    points.stages[1].last.push_back(tile.writes.front());
    return tile.data();
  }

  // Of all centroids, mp2 at a time.
  Stream distances(Stream x, std::uint32_t m, Stage& load, Loop& points) {
    const Counter some = loop(distances_.trips());
    const Chain sweep = each_point_ + Chain{some, lanes(d_, ip_)};
    const Tile point = point_for_each(some, x, m, load);
    points.stages[0].first.push_back(point.reads.front());
    std::vector<Stream> found;
    for (std::uint32_t q = 0; q < distances_.par; ++q) {
      Simd simd = nest_.section().simd("distance", sweep);
      const Stream centroid =
          centroids_for({sweep, {at(4, 1), distances_.index(3, q), d_}}, banks_);
      const Value apart =
          simd.compute(RDU_HW_OP_SUB_I32, simd.input(point.data()), simd.input(centroid));
      const Value square = simd.compute(RDU_HW_OP_MUL_I32, apart, apart);
      found.push_back(simd.scalar(simd.reduce(RDU_HW_FOLD_ADD_I32, 4, square), 4));
    }
    const Chain each = each_point_ + some;
    const Tile tile = nest_.tile("distances", k_, 3,
                                 {{each + lanes(distances_.par, distances_.par),
                                   {at(3, distances_.par) + at(4, 1)},
                                   nest_.pack("distances", each, found)}},
                                 {each_point_ + lanes(k_, ip_), {at(3, 1)}});
    points.stages[0].last.push_back(tile.writes.front());
    return tile.data();
  }

  Stream nearest_centroid(Stream distances) {
    Simd simd = nest_.section().simd("nearest", each_point_ + lanes(k_, ip_));
    return simd.scalar(
        simd.reduce_pick(RDU_HW_PICK_MIN_FIRST_I32, 3, simd.input(distances), Simd::counter(3))
            .position,
        3);
  }

  // By mp3 copies, each for its own bank of every centroids' memory. A cluster without points gets zeros.
  std::vector<ContextHandle> averages(Stream sums, Stage& before) {
    const Place place = {at(3, 1), at(2, 1), d_};
    const Chain some = epoch_ + loop(averages_.trips());
    const Chain sweep = some + lanes(d_ - 1, ip_);
    std::vector<std::vector<State>> last(averages_.par);
    const Place whole = {at(1, 1), at(0, 1), d_};
    const Stream result = centroids_for({rows(), whole}, last);
    nest_.store("store centroids", rows(), region_result_, words(), result, whole);
    std::vector<ContextHandle> writes;
    for (std::uint32_t q = 0; q < averages_.par; ++q) {
      const Affine row = averages_.index(1, q);
      const Tile sum = nest_.tile("sums to divide", words(), 1, {{trips_ + rows(), place, sums}},
                                  {sweep, {at(2, 1), row, d_}}, 1);
      const Tile count = nest_.tile(
          "counts", words(), 1, {{trips_ + rows(), place, sums}},
          {some + nest_.broadcast(), {rducc::rdu::constant_address(d_ - 1), row, d_}}, 1);
      before.last.insert(before.last.end(), {sum.writes.front(), count.writes.front()});
      Simd simd = nest_.section().simd("average", sweep);
      const Value some_points =
          simd.compute(RDU_HW_OP_MAX_I32, simd.input(count.data(), 2), Simd::integer(1));
      const Stream average =
          simd.vector(simd.compute(RDU_HW_OP_DIV_I32, simd.input(sum.data()), some_points));
      Fill fill = {sweep, {at(2, 1), row, d_}, average};
      fill.place.bank = {averages_.par, q};
      writes.push_back(nest_.update_at_end(last[q].front(), "centroids to store", fill));
      for (const State& state : banks_[q]) nest_.update(state, "centroids", fill, 1);
    }
    return writes;
  }

  std::uint32_t nearest(const Integers& centroids, std::uint32_t point) const {
    std::vector<std::int64_t> squares(k_);
    for (std::uint32_t k = 0; k < k_; ++k) {
      for (std::uint32_t i = 0; i < d_; ++i) {
        const std::int64_t apart = x_[point * d_ + i] - centroids[k * d_ + i];
        squares[k] += apart * apart;
      }
    }
    return static_cast<std::uint32_t>(std::ranges::min_element(squares) - squares.begin());
  }

  Integers centroids() const {
    Integers centroids(x_.begin(), x_.begin() + words());
    for (std::uint32_t epoch = 0; epoch < epochs_; ++epoch) {
      Integers sums(static_cast<std::size_t>(words()));
      for (std::uint32_t point = 0; point < n_; ++point) {
        const std::uint32_t k = nearest(centroids, point);
        for (std::uint32_t i = 0; i < d_; ++i) sums[k * d_ + i] += x_[point * d_ + i];
      }
      for (std::uint32_t k = 0; k < k_; ++k) {
        const std::int32_t count = std::max(sums[k * d_ + d_ - 1], 1);
        for (std::uint32_t i = 0; i + 1 < d_; ++i) centroids[k * d_ + i] = sums[k * d_ + i] / count;
      }
    }
    return centroids;
  }

  Nest& nest_;
  std::uint32_t k_, d_, n_, ts_, epochs_, ip_;
  Strip tiles_, points_, distances_, averages_;
  Integers x_;
  Region region_x_, region_result_;
  Chain epoch_, trips_, each_point_;
  Memory first_rows_;
  std::vector<std::vector<State>> banks_;  // of all copies of the centroids
};

}  // namespace

void make_kmeans(Kernel& kernel) { Kmeans(kernel).make(); }

}  // namespace chip_apps
