// TfIdfVectorizer over integers: how often each n-gram of a pool occurs in each row.
#include <algorithm>

#include "tools/rducc/import/onnx/ops/operands.hpp"
#include "tools/rducc/import/onnx/registry.hpp"

namespace rducc::import_onnx {
namespace {

struct Rule {
  std::int64_t shortest = 1, longest = 1, most_skipped = 0;
  bool count = true, weigh = false;   // TF, IDF or both
  std::vector<double> weights;        // by column of the output; empty: 1
  std::vector<std::int64_t> columns;  // of the output, by n-gram
};

// The n-grams of one length.
struct Pool {
  std::int64_t length = 1;
  std::vector<std::int64_t> items;

  std::int64_t count() const { return static_cast<std::int64_t>(items.size()) / length; }
};

Rule read_rule(const OpCall& call) {
  Rule rule;
  rule.shortest = call.attr_i("min_gram_length", 1);
  rule.longest = call.attr_i("max_gram_length", 1);
  rule.most_skipped = call.attr_i("max_skip_count", 0);
  if (rule.shortest < 1 || rule.longest < rule.shortest || rule.most_skipped < 0 ||
      rule.most_skipped > kMostStated) {
    call.invalid("n-grams of " + std::to_string(rule.shortest) + " to " +
                 std::to_string(rule.longest) + " items, skipping up to " +
                 std::to_string(rule.most_skipped));
  }
  const std::string mode = call.attr_s("mode", "");
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF") {
    call.invalid("attribute mode = '" + mode + "'");
  }
  rule.count = mode != "IDF";
  rule.weigh = mode != "TF";
  rule.weights = call.attr_floats("weights");
  rule.columns = call.attr_ints("ngram_indexes");
  return rule;
}

std::vector<Pool> read_pools(const OpCall& call) {
  if (call.has_attr("pool_strings")) call.unsupported("n-grams of strings");
  const auto items = call.attr_ints("pool_int64s");
  const auto starts = call.attr_ints("ngram_counts");
  const auto size = static_cast<std::int64_t>(items.size());
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::int64_t end = i + 1 < starts.size() ? starts[i + 1] : size;
    Pool pool{static_cast<std::int64_t>(i + 1), {}};
    if (starts[i] < 0 || end < starts[i] || end > size || (end - starts[i]) % pool.length != 0) {
      call.invalid("ngram_counts = " + to_text(starts) + " for a pool of " + std::to_string(size));
    }
    pool.items.assign(items.begin() + starts[i], items.begin() + end);
    pools.push_back(std::move(pool));
  }
  return pools;
}

// By column of the output, the n-gram that it counts; -1 where none does.
std::vector<std::int64_t> grams_by_column(const OpCall& call, const Rule& rule,
                                          std::size_t num_grams) {
  if (rule.columns.size() != num_grams || rule.columns.empty()) {
    call.invalid(std::to_string(rule.columns.size()) + " ngram_indexes for " +
                 std::to_string(num_grams) + " n-grams");
  }
  const auto [least, most] = std::minmax_element(rule.columns.begin(), rule.columns.end());
  if (*least < 0 || *most >= (std::int64_t{1} << 24)) {
    call.invalid("ngram_indexes = " + to_text(rule.columns));
  }
  std::vector<std::int64_t> grams(static_cast<std::size_t>(*most) + 1, -1);
  for (std::size_t gram = 0; gram < num_grams; ++gram) {
    std::int64_t& entry = grams[static_cast<std::size_t>(rule.columns[gram])];
    if (entry >= 0) call.unsupported("two n-grams of one index");
    entry = static_cast<std::int64_t>(gram);
  }
  if (!rule.weights.empty() && rule.weights.size() != grams.size()) {
    call.invalid(std::to_string(rule.weights.size()) + " weights for " +
                 std::to_string(grams.size()) + " columns");
  }
  return grams;
}

// Loops: row, n-gram | skip, position. A single item skips nothing.
ValueId count_grams(OpCall& call, const Pool& pool, const Rule& rule, ValueId rows) {
  ir::Builder& b = call.b();
  const Dims in = b.dims(rows);
  const ValueId items =
      b.add_constant(ir::make_tensor(RDU_DTYPE_I64, {pool.count(), pool.length}, pool.items));
  ir::ReduceSpec spec;
  spec.dims = {in[0], pool.count()};
  const std::int64_t skips = pool.length == 1 ? 1 : rule.most_skipped + 1;
  for (const std::int64_t extent : {in[0], pool.count(), skips, in[1]}) {
    spec.loops.push_back({extent});
  }
  spec.num_parallel = 2;
  for (std::int64_t j = 0; j < pool.length; ++j) {
    ir::Index at = ir::along(3, 1, j);
    at.terms.push_back({2, j});
    spec.reads.push_back(b.read(rows, {ir::along(0), ir::outside(at, RDU_OUTSIDE_FILL)}));
  }
  for (std::int64_t j = 0; j < pool.length; ++j) {
    spec.reads.push_back(b.read(items, {ir::along(1), ir::at(j)}));
  }
  const auto length = static_cast<std::size_t>(pool.length);
  spec.body = [length](Body& body, std::span<const Reg> r) {
    Reg equal = body.inside(static_cast<std::uint32_t>(length - 1));
    for (std::size_t j = 0; j < length; ++j) {
      const Reg item = body.cast(r[j], RDU_DTYPE_I64);
      equal = body.binary(RDU_OP_AND, equal, body.binary(RDU_OP_EQ, item, r[length + j]));
    }
    body.result(body.cast(equal, RDU_DTYPE_F32));
  };
  return b.reduce(std::move(spec));
}

// Columns that no n-gram has are zero.
ValueId arrange(ir::Builder& b, ValueId counts, const std::vector<std::int64_t>& grams,
                const Rule& rule) {
  const auto width = static_cast<std::int64_t>(grams.size());
  ir::Index gram;
  gram.source = b.add_constant(ir::make_tensor(RDU_DTYPE_I64, {width}, grams));
  gram.source_access = {ir::along(1)};
  std::vector<ir::Read> reads{b.read(counts, {ir::along(0), ir::outside(gram, RDU_OUTSIDE_FILL)})};
  const bool weighted = rule.weigh && !rule.weights.empty();
  if (weighted) {
    const ValueId weights = b.add_constant(ir::make_tensor(RDU_DTYPE_F32, {width}, rule.weights));
    reads.push_back(b.read(weights, {ir::along(1)}));
  }
  const Dims dims{b.dims(counts)[0], width};
  return b.map(RDU_DTYPE_F32, dims, reads, [&](Body& body, std::span<const Reg> r) {
    Reg number = rule.count ? r[0] : body.min(r[0], body.like(r[0], 1));
    body.result(weighted ? body.mul(number, r[1]) : number);
  });
}

void import_tf_idf(OpCall& call) {
  const Rule rule = read_rule(call);
  const std::vector<Pool> pools = read_pools(call);
  Dims dims = call.dims(0);
  if (call.dtype(0) != RDU_DTYPE_I32 && call.dtype(0) != RDU_DTYPE_I64) {
    call.invalid("input of " + std::string(ir::dtype_name(call.dtype(0))));
  }
  if (dims.size() != 1 && dims.size() != 2) call.invalid("input of shape " + to_text(dims));
  ir::Builder& b = call.b();
  const std::int64_t num_rows = dims.size() == 2 ? dims[0] : 1;
  const ValueId rows = b.reshape(call.input(0), {num_rows, dims.back()});
  std::vector<ValueId> counts;
  std::size_t num_grams = 0;
  for (const Pool& pool : pools) {
    num_grams += static_cast<std::size_t>(pool.count());
    if (pool.count() == 0) continue;
    const bool counted = pool.length >= rule.shortest && pool.length <= rule.longest;
    counts.push_back(counted ? count_grams(call, pool, rule, rows)
                             : b.expand(b.scalar(RDU_DTYPE_F32, 0), {num_rows, pool.count()}));
  }
  const auto grams = grams_by_column(call, rule, num_grams);
  const ValueId all = counts.size() == 1 ? counts[0] : b.concat(counts, 1);
  const ValueId result = arrange(b, all, grams, rule);
  dims.back() = static_cast<std::int64_t>(grams.size());
  call.set_output(0, b.reshape(result, dims));
}

constexpr OpEntry kOps[] = {{"", "TfIdfVectorizer", 9, import_tf_idf}};

}  // namespace

std::span<const OpEntry> ngrams_ops() { return kOps; }

}  // namespace rducc::import_onnx
