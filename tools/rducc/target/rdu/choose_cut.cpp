// A piece grows along an order while stages and inputs last, and ends where its outputs and registers fit, too.
#include "tools/rducc/target/rdu/choose_cut.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "tools/rducc/target/rdu/pcu_program.hpp"
#include "tools/rducc/target/rdu/units.hpp"

namespace rducc::rdu {
namespace {

using Order = std::vector<std::uint32_t>;

constexpr std::uint32_t kOpen = RDU_HW_NONE;

// Where each item went, and who uses the results of whom.
class Uses {
 public:
  explicit Uses(const std::vector<Item>& items) : items_(items), piece_(items.size(), kOpen) {
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      for (const Value& operand : items[i].operands) {
        if (is_computed(operand)) users_[key(operand)].insert(i);
      }
    }
  }
  void put(std::uint32_t item, std::uint32_t piece) { piece_[item] = piece; }
  std::uint32_t piece(std::uint32_t item) const { return piece_[item]; }

  // Distinct rates of the users of a result outside of `piece`, highest first.
  template <class Rate>
  std::vector<std::uint32_t> rates_outside(const Value& value, std::uint32_t piece,
                                           Rate rate) const {
    std::set<std::uint32_t, std::greater<>> rates;
    const auto users = users_.find(key(value));
    if (users == users_.end()) return {};
    for (const std::uint32_t user : users->second) {
      if (piece_[user] != piece) rates.insert(rate(user));
    }
    return {rates.begin(), rates.end()};
  }

 private:
  static std::uint32_t key(const Value& value) {
    return 2 * value.index + (value.kind == Value::Kind::kPosition ? 1 : 0);
  }

  const std::vector<Item>& items_;
  std::map<std::uint32_t, std::set<std::uint32_t>> users_;
  std::vector<std::uint32_t> piece_;
};

// Operands before their users, all of one output before the next: what is written stays near what it is for.
class DepthFirst {
 public:
  explicit DepthFirst(const std::vector<Item>& items) : items_(items), seen_(items.size(), false) {}

  Order run() && {
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
      if (!items_[i].outputs.empty()) visit(i);
    }
    for (std::uint32_t i = 0; i < items_.size(); ++i) visit(i);
    return std::move(order_);
  }

 private:
  struct Visit {
    std::uint32_t item;
    std::size_t operand = 0;  // the next to be visited
  };

  void visit(std::uint32_t root) {
    enter(root);
    while (!stack_.empty()) {
      Visit& top = stack_.back();
      const std::vector<Value>& operands = items_[top.item].operands;
      if (top.operand == operands.size()) {
        order_.push_back(top.item);
        stack_.pop_back();
      } else if (const Value& operand = operands[top.operand++]; is_computed(operand)) {
        enter(operand.index);
      }
    }
  }
  void enter(std::uint32_t item) {
    if (!seen_[item]) stack_.push_back({item});
    seen_[item] = true;
  }

  const std::vector<Item>& items_;
  std::vector<bool> seen_;
  std::vector<Visit> stack_;
  Order order_;
};

Order as_written(const std::vector<Item>& items) {
  Order order(items.size());
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// Whether pieces may hold items of several rates. The piece then fires as often as the most frequent.
enum class Mixing { kAllowed, kForbidden };

class Cutter {
 public:
  Cutter(const Context& context, const ValueFacts& facts, const std::vector<Item>& items,
         const rdu_hw_arch& arch)
      : context_(context), facts_(facts), items_(items), arch_(arch), uses_(items) {}

  // What is needed most often comes first: it never waits for the rest.
  base::Result<Cut> run(Order order, Mixing mixing) {
    std::ranges::stable_sort(order, std::greater{},
                             [&](std::uint32_t item) { return items_[item].rate; });
    Cut cut;
    while (!order.empty()) {
      const auto number = static_cast<std::uint32_t>(cut.size());
      RDU_ASSIGN(Order piece, grow(order, number, mixing));
      std::erase_if(order, [&](std::uint32_t item) { return uses_.piece(item) == number; });
      std::ranges::sort(piece);
      cut.push_back(std::move(piece));
    }
    return cut;
  }

 private:
  base::Result<Order> grow(const Order& order, std::uint32_t number, Mixing mixing) {
    Order members;
    std::size_t complete = 0;
    std::string lack;
    const std::uint32_t rate = items_[order.front()].rate;
    for (const std::uint32_t item : order) {
      if (mixing == Mixing::kForbidden && items_[item].rate != rate) break;
      if (!is_ready(item, number) || !(members.empty() || is_near(item, number))) continue;
      members.push_back(item);
      uses_.put(item, number);
      const Context piece = piece_of(members, number);
      const std::string growing = shortage_of(without_outputs(piece), arch_);
      if (!growing.empty()) {
        if (lack.empty()) lack = growing;
        uses_.put(item, kOpen);
        members.pop_back();
        continue;
      }
      const std::string whole = shortage_of(piece, arch_);
      if (whole.empty()) complete = members.size();
      if (lack.empty()) lack = whole;
    }
    for (std::size_t i = complete; i < members.size(); ++i) uses_.put(members[i], kOpen);
    members.resize(complete);
    if (members.empty()) return refuse(order.front(), lack);
    return members;
  }

  base::Error refuse(std::uint32_t item, const std::string& lack) const {
    return base::fail(base::Code::kLimit, "context \"%s\": %s %u alone needs %s",
                      context_.label.name.c_str(),
                      items_[item].operation ? "operation" : "a port, item", item, lack.c_str());
  }

  Context piece_of(const Order& members, std::uint32_t number) {
    Order sorted = members;
    std::ranges::sort(sorted);
    const auto rate = [&](std::uint32_t item) { return items_[item].rate; };
    return PieceMaker(context_, facts_, items_)
        .make(sorted, [&](const Value& value) { return uses_.rates_outside(value, number, rate); })
        .context;
  }

  // What only grows with the piece; outputs may become fewer when their users join it.
  static Context without_outputs(Context piece) {
    piece.outputs.clear();
    return piece;
  }

  bool is_ready(std::uint32_t item, std::uint32_t number) const {
    return std::ranges::all_of(items_[item].operands, [&](const Value& operand) {
      if (!is_computed(operand)) return true;
      const std::uint32_t piece = uses_.piece(operand.index);
      return piece <= number && piece != kOpen;
    });
  }

  // It takes something that the piece has already, or takes nothing at all from others: else it may as well be elsewhere.
  bool is_near(std::uint32_t item, std::uint32_t number) const {
    return std::ranges::any_of(items_[item].operands,
                               [&](const Value& operand) {
                                 return is_computed(operand) ? uses_.piece(operand.index) == number
                                                             : operand.kind == Value::Kind::kInput;
                               }) ||
           std::ranges::none_of(items_[item].operands, is_computed);
  }

  const Context& context_;
  const ValueFacts& facts_;
  const std::vector<Item>& items_;
  const rdu_hw_arch& arch_;
  Uses uses_;
};

struct Score {
  std::size_t pieces;
  std::size_t crossings;
  auto operator<=>(const Score&) const = default;
};

Score score_of(const std::vector<Piece>& pieces) {
  Score score = {pieces.size(), 0};
  for (const Piece& piece : pieces) {
    score.crossings += static_cast<std::size_t>(
        std::ranges::count_if(piece.outputs, [](const Origin& it) { return !it.port; }));
  }
  return score;
}

}  // namespace

std::string shortage_of(const Context& context, const rdu_hw_arch& arch) {
  for (const Operation& operation : context.operations) {
    for (const Value& operand : operation.operands) {
      if (is_computed(operand) && seat_of(context.operations[operand.index], arch) == Seat::kTail) {
        return "a stage behind the tail";
      }
    }
  }
  return shortage(load_of(context, arch), arch, RDU_HW_UNIT_PCU);
}

std::vector<Piece> make_pieces(const Context& context, const ValueFacts& facts,
                               const std::vector<Item>& items, const Cut& cut) {
  Uses uses(items);
  std::vector<std::uint32_t> rates;
  for (std::uint32_t i = 0; i < cut.size(); ++i) {
    rates.push_back(0);
    for (const std::uint32_t item : cut[i]) {
      uses.put(item, i);
      rates[i] = std::max(rates[i], items[item].rate);
    }
  }
  const auto rate = [&](std::uint32_t item) { return rates[uses.piece(item)]; };
  PieceMaker maker(context, facts, items);
  std::vector<Piece> pieces;
  for (std::uint32_t i = 0; i < cut.size(); ++i) {
    pieces.push_back(
        maker.make(cut[i], [&](const Value& value) { return uses.rates_outside(value, i, rate); }));
  }
  return pieces;
}

base::Result<Cut> choose_cut(const Context& context, const ValueFacts& facts,
                             const std::vector<Item>& items, const rdu_hw_arch& arch) {
  std::optional<Cut> best;
  std::optional<Score> best_score;
  std::optional<base::Error> error;
  for (const Mixing mixing : {Mixing::kAllowed, Mixing::kForbidden}) {
    for (const Order& order : {DepthFirst(items).run(), as_written(items)}) {
      auto cut = Cutter(context, facts, items, arch).run(order, mixing);
      if (!cut.ok()) {
        if (!error) error = std::move(cut.error());
        continue;
      }
      const std::vector<Piece> pieces = make_pieces(context, facts, items, *cut);
      const bool fits = std::ranges::all_of(
          pieces, [&](const Piece& piece) { return shortage_of(piece.context, arch).empty(); });
      const Score score = score_of(pieces);
      if (!fits || (best_score && *best_score <= score)) continue;
      best = *std::move(cut);
      best_score = score;
    }
  }
  if (best) return *std::move(best);
  if (error) return *std::move(error);
  return base::fail(base::Code::kLimit, "context \"%s\" cannot be cut into what PCUs hold",
                    context.label.name.c_str());
}

}  // namespace rducc::rdu
