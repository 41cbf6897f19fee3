// Of a block only the last word can stay.
#include "drivers/emu/units/scalar_result.hpp"

namespace rdu_hw::emu {

ScalarResult::ScalarResult(const Context& context, World& world)
    : ContextUnit(context, world),
      transfer_(context.view.image.transfers[context.record().detail]),
      data_(timeline_.firing(), timeline_.place(transfer_.data),
            words_of(context.port(transfer_.data).kind, lanes())) {}

sim::Progress ScalarResult::run() {
  return run_blocks([&](std::int64_t count) {
    if (values()) {
      data_.begin(count);
      world_.bindings[transfer_.argument].word = *data_.at(count - 1);
    }
    timeline_.skip(count);
  });
}

}  // namespace rdu_hw::emu
