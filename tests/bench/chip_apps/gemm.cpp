// GEMM of int32 matrices of n x n: one dot product per element, tiles of partial products summed in memory.
//
//   [n] / ts * ii x [n] / ts * jj {
//     MemReduce * ip of the tile of c over [n] / ts * kk {
//       load the tile of b; [ts] * i { load a row of a; [ts] * j { Reduce [ts] * ip { a · b }; write one element } } }
//     store the tile of c }
#include "tests/bench/chip_apps/apps.hpp"

namespace chip_apps {
namespace {

// Of one of ii · jj · kk copies of the body of MemReduce.
struct Copy {
  std::uint32_t ii, jj, kk;
};

class Gemm {
 public:
  explicit Gemm(Kernel& kernel)
      : nest_(kernel.nest()),
        n_(kernel["n"]),
        ts_(kernel["ts"]),
        ip_(kernel.lanes("ip")),
        banks_(kernel.arch().pmu.banks),
        rows_{n_, ts_, kernel["ii"]},
        columns_{n_, ts_, kernel["jj"]},
        depth_{n_, ts_, kernel["k"]},
        in_rows_{ts_, 1, kernel["i"]},
        in_columns_{ts_, 1, kernel["j"]},
        a_(kernel.random().integers(std::size_t{n_} * n_, -100, 100)),
        b_(kernel.random().integers(std::size_t{n_} * n_, -100, 100)),
        region_a_(kernel.input("a", a_)),
        region_b_(kernel.input("b", b_)),
        region_c_(kernel.output("c", a_.size())),
        tiles_{loop(rows_.trips()), loop(columns_.trips())},
        steps_(tiles_ + loop(depth_.trips())) {
    if (in_rows_.par * in_columns_.par > kernel.num_lanes()) {
      kernel.refuse("i, j: expected a product of at most " + std::to_string(kernel.num_lanes()) +
                    ", got " + std::to_string(in_rows_.par * in_columns_.par));
    }
    kernel.expect(region_c_, product());
  }

  void make() {
    for (std::uint32_t ii = 0; ii < rows_.par; ++ii) {
      for (std::uint32_t jj = 0; jj < columns_.par; ++jj) make_tile(ii, jj);
    }
  }

 private:
  std::int64_t tile_words() const { return std::int64_t{ts_} * ts_; }
  std::int64_t matrix_words() const { return std::int64_t{n_} * n_; }

  // Its sum over k tiles, and its store.
  void make_tile(std::uint32_t ii, std::uint32_t jj) {
    std::vector<Stream> partial;
    Loop k_tiles = {"k tiles", 3, {{"load b", {}, {}}, {"rows", {}, {}}, {"accumulate", {}, {}}}};
    for (std::uint32_t kk = 0; kk < depth_.par; ++kk) {
      partial.push_back(partial_tile({ii, jj, kk}, k_tiles));
    }
    const Chain sweep = steps_ + Chain{loop(ts_), lanes(ts_, ip_)};
    const Stream c = nest_.reduce("c", sweep, 2, {at(4, 1), at(3, 1), ts_}, tile_words(),
                                  RDU_HW_OP_ADD_I32, partial);
    const Chain out = tiles_ + Chain{loop(ts_), lanes(ts_, ip_)};
    const Tile tile =
        nest_.tile("c to store", tile_words(), 2, {{sweep, {at(4, 1), at(3, 1), ts_}, c}},
                   {out, {at(3, 1), at(2, 1), ts_}});
    k_tiles.stages[2].last = {tile.writes.front()};
    const Affine row = rows_.index(0, ii) + at(2, 1);
    const Affine column = columns_.index(1, jj) + at(3, 1);
    const Memory store =
        nest_.store("store c", out, region_c_, matrix_words(), tile.data(), {column, row, n_});
    Stage body = {"k tiles", k_tiles.stages[0].first, {tile.writes.front()}};
    for (const ContextHandle& first : k_tiles.stages[1].first) body.first.push_back(first);
    nest_.metapipe(std::move(k_tiles));
    nest_.metapipe({"tiles", 2, {body, {"store", {}, {store}}}});
  }

  // Of one tile of k: what MemReduce adds up.
  Stream partial_tile(const Copy& copy, Loop& k_tiles) {
    const Chain load = steps_ + Chain{loop(ts_), lanes(ts_, ip_)};
    const Affine row = depth_.index(2, copy.kk) + at(3, 1);
    const Affine column = columns_.index(1, copy.jj) + at(4, 1);
    const Memory load_b = nest_.load("load b", load, region_b_, matrix_words(), {column, row, n_});
    k_tiles.stages[0].first.push_back(load_b);

    const Chain dots = steps_ + Chain{loop(in_rows_.trips()), loop(in_columns_.trips())};
    const Chain words = dots + lanes(ts_, ip_);
    std::vector<Stream> columns_of_b;
    for (std::uint32_t j = 0; j < in_columns_.par; ++j) {
      const Affine in_tile = in_columns_.index(4, j);
      const Tile b =
          nest_.tile("b", tile_words(), 3, {{load, {at(4, 1), at(3, 1), ts_}, load_b.data()}},
                     {words, {in_tile, at(5, 1), ts_}}, 2, {ts_});
      columns_of_b.push_back(b.data());
      k_tiles.stages[0].last.push_back(b.writes.front());
    }
    std::vector<Stream> elements;
    Loop rows = {"rows", 4, {{"load a", {}, {}}, {"dots", {}, {}}}};
    for (std::uint32_t i = 0; i < in_rows_.par; ++i) {
      for (const Stream& dot : row_of_dots(copy, i, words, columns_of_b, rows)) {
        elements.push_back(dot);
      }
    }
    const Tile partial = collect(dots, elements);
    rows.stages[1].last = {partial.writes.front()};
    k_tiles.stages[1].last.push_back(partial.writes.front());
    for (const ContextHandle& first : rows.stages[0].first) {
      k_tiles.stages[1].first.push_back(first);
    }
    nest_.metapipe(std::move(rows));
    return partial.data();
  }

  // A row of a against the columns that are read at the same time.
  std::vector<Stream> row_of_dots(const Copy& copy, std::uint32_t i, const Chain& words,
                                  const std::vector<Stream>& columns_of_b, Loop& rows) {
    const Chain load = steps_ + Chain{loop(in_rows_.trips()), lanes(ts_, ip_)};
    const Affine row = rows_.index(0, copy.ii) + in_rows_.index(3, i);
    const Affine column = depth_.index(2, copy.kk) + at(4, 1);
    const Guard inside = {in_rows_.index(3, i), ts_};
    const Memory load_a =
        nest_.load("load a", load, region_a_, matrix_words(), {column, row, n_, {inside}});
    const Tile a =
        nest_.tile("a", ts_, 4, {{load, {at(4, 1)}, load_a.data()}}, {words, {at(5, 1)}});
    rows.stages[0].first.push_back(load_a);
    rows.stages[0].last.push_back(a.writes.front());

    std::vector<Stream> dots;
    for (const Stream& column_of_b : columns_of_b) {
      Simd dot = nest_.section().simd("dot", words);
      const Value term =
          dot.compute(RDU_HW_OP_MUL_I32, dot.input(a.data()), dot.input(column_of_b));
      dots.push_back(dot.scalar(dot.reduce(RDU_HW_FOLD_ADD_I32, 5, term), 5));
    }
    return dots;
  }

  // The elements of a firing go side by side into the tile: number q is that of copy q / j of the rows and q mod j of the columns. Rows
  // are as much longer as puts each of them into another bank, j further on than the row before.
  Tile collect(const Chain& dots, const std::vector<Stream>& elements) {
    const auto count = static_cast<std::uint32_t>(elements.size());
    const Stream packed = nest_.pack("elements", dots, elements);
    const Chain side_by_side = dots + lanes(count, count);
    const std::uint32_t j = in_columns_.par;
    const std::uint32_t width =
        in_rows_.par == 1 ? ts_ : ts_ + (j + banks_ - ts_ % banks_) % banks_;
    Place place = {at(4, j) + at(5, 1), at(3, in_rows_.par), width};
    place.piece = j;
    const Chain sweep = steps_ + Chain{loop(ts_), lanes(ts_, ip_)};
    return nest_.tile("partial c", std::int64_t{ts_} * width, 3, {{side_by_side, place, packed}},
                      {sweep, {at(4, 1), at(3, 1), width}});
  }

  Integers product() const {
    Integers c(a_.size());
    for (std::uint32_t i = 0; i < n_; ++i) {
      for (std::uint32_t k = 0; k < n_; ++k) {
        for (std::uint32_t j = 0; j < n_; ++j) c[i * n_ + j] += a_[i * n_ + k] * b_[k * n_ + j];
      }
    }
    return c;
  }

  Nest& nest_;
  std::uint32_t n_, ts_, ip_, banks_;
  Strip rows_, columns_, depth_, in_rows_, in_columns_;
  Integers a_, b_;
  Region region_a_, region_b_, region_c_;
  Chain tiles_, steps_;
};

}  // namespace

void make_gemm(Kernel& kernel) { Gemm(kernel).make(); }

}  // namespace chip_apps
