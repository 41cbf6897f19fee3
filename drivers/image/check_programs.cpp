// The programs that are one record: contractions, memory accesses, transfers.
#include "drivers/emu/arith/ops.hpp"
#include "drivers/image/checks.hpp"

namespace rdu_hw::image {
namespace {

constexpr auto kValue = RDU_HW_IMAGE_ERR_VALUE;
constexpr auto kConflict = RDU_HW_IMAGE_ERR_CONFLICT;
constexpr std::uint32_t kMaxArray = 128;

// The port that a memory program moves its data through; no other output may carry words.
void check_data(const ContextView& context, std::uint32_t number, rdu_hw_direction direction) {
  const rdu_hw_port& port = data_port(context, number, direction, context.place, "data");
  if (direction == RDU_HW_OUTPUT) {
    demand_equal(port.level, context.innermost(), kConflict, context.place.in("port", number),
                 "level");
  }
  for (std::uint32_t i = 0; i < context.record.ports.count; ++i) {
    const rdu_hw_port& other = context.ports()[i];
    if (other.direction == RDU_HW_INPUT || other.kind == RDU_HW_CONTROL || i == number) continue;
    refuse(kConflict, context.place.in("port", i), "kind", "control, beside the data",
           std::to_string(other.kind));
  }
}

void check_fold(const ContextView& context, const rdu_hw_access& access) {
  const Place& place = context.place;
  const bool folds = access.fold != RDU_HW_NONE;
  if (folds) demand_number(access.fold, arith::kNumFolds, place, "fold");
  demand(!folds || context.record.program == RDU_HW_PROGRAM_WRITE, kConflict, place, "fold",
         "none when reading", access.fold);
  if (!folds || access.fresh_count == 0) {
    demand_equal(access.fresh_count, 0, kConflict, place, "fresh_count");
    return demand_equal(access.fresh_first, 0, kConflict, place, "fresh_first");
  }
  const std::uint32_t counters = context.innermost();
  demand_number(access.fresh_first, counters, place, "fresh_first");
  demand_within<std::uint32_t>(access.fresh_count, 1, counters - access.fresh_first, kValue, place,
                               "fresh_count");
}

void check_region_access(const ContextView& context, const rdu_hw_argument& argument) {
  const bool loads = context.record.program == RDU_HW_PROGRAM_LOAD;
  const std::uint32_t needed = loads ? RDU_HW_ACCESS_READ : RDU_HW_ACCESS_WRITE;
  const bool fits = argument.kind == RDU_HW_ARGUMENT_REGION && (argument.access & needed) != 0;
  demand(fits, kConflict, context.place, "argument",
         loads ? "a region that the chip reads" : "a region that the chip writes",
         context.image.transfers[context.record.detail].argument);
}

void check_result(const ContextView& context, const rdu_hw_transfer& transfer) {
  const Place& place = context.place;
  demand_scalar(context.image, transfer.argument, RDU_HW_ACCESS_WRITE, place, "argument");
  demand_equal(context.record.steps.count, 0, kConflict, place, "steps");
  demand_equal(transfer.mode, 0, kValue, place, "mode");
  demand_equal(transfer.format, RDU_HW_FORMAT_WORD, kValue, place, "format");
  demand_equal(transfer.fill, 0, kValue, place, "fill");
}

}  // namespace

void check_systolic(const ContextView& context) {
  const rdu_hw_systolic& array = context.image.systolics[context.record.detail];
  const Place& place = context.place;
  demand_equal(context.record.instructions.count, 0, kConflict, place, "instructions");
  demand_equal(context.record.steps.count, 0, kConflict, place, "steps");
  demand_within<std::uint32_t>(array.rows, 1, kMaxArray, kValue, place, "rows");
  demand_within<std::uint32_t>(array.columns, 1, kMaxArray, kValue, place, "columns");
  demand_within<std::uint32_t>(array.format, 0, RDU_HW_SYSTOLIC_BF16_PAIR, kValue, place, "format");
  demand_within<std::uint32_t>(array.level, 0, context.innermost(), kValue, place, "level");
  demand_equal(array.reserved, 0, kValue, place, "reserved");
  for (std::uint32_t i = 0; i < context.innermost(); ++i) {
    demand_equal(context.counters()[i].lanes, 1, kConflict, place.in("counter", i), "lanes");
  }
  const auto check = [&](std::uint32_t number, rdu_hw_direction direction, std::uint32_t level,
                         const char* field) {
    const rdu_hw_port& port = data_port(context, number, direction, place, field);
    demand_equal(port.kind, RDU_HW_VECTOR, kConflict, place.in("port", number), "kind");
    demand_equal(port.level, level, kConflict, place.in("port", number), "level");
  };
  check(array.a, RDU_HW_INPUT, context.innermost(), "a");
  check(array.b, RDU_HW_INPUT, context.innermost(), "b");
  demand(array.a != array.b, kConflict, place, "b", "another port than a", array.b);
  check(array.result, RDU_HW_OUTPUT, array.level, "result");
  for (std::uint32_t i = 0; i < context.record.ports.count; ++i) {
    const bool known = i == array.a || i == array.b || i == array.result;
    const std::uint32_t kind = context.ports()[i].kind;
    demand(known || kind != RDU_HW_VECTOR, kConflict, place.in("port", i), "kind",
           "no vectors beside a, b and result", kind);
  }
}

void check_access(const ContextView& context) {
  const rdu_hw_access& access = context.image.accesses[context.record.detail];
  const Place& place = context.place;
  const bool writes = context.record.program == RDU_HW_PROGRAM_WRITE;
  demand_equal(context.record.instructions.count, 0, kConflict, place, "instructions");
  demand_number(access.buffer, context.section.buffers.count, place, "buffer");
  const rdu_hw_buffer& buffer =
      context.image.buffers[context.section.buffers.first + access.buffer];
  demand_equal(buffer.row, context.record.row, kConflict, place, "row of the buffer");
  demand_equal(buffer.column, context.record.column, kConflict, place, "column of the buffer");
  check_data(context, access.data, writes ? RDU_HW_INPUT : RDU_HW_OUTPUT);
  demand_within<std::uint32_t>(access.format, 0, RDU_HW_FORMAT_UINT8, kValue, place, "format");
  check_fold(context, access);
  demand_within<std::uint32_t>(access.swap_level, 0, context.innermost(), kValue, place,
                               "swap_level");
  if (writes) demand_equal(access.fill, 0, kValue, place, "fill");
  check_addresses(context, {buffer.bytes, access.format, false});
}

void check_transfer(const ContextView& context) {
  const rdu_hw_transfer& transfer = context.image.transfers[context.record.detail];
  const Place& place = context.place;
  const bool loads = context.record.program == RDU_HW_PROGRAM_LOAD;
  demand_equal(context.record.instructions.count, 0, kConflict, place, "instructions");
  demand_equal(context.record.column, 0, kValue, place, "column");
  demand_equal(transfer.reserved, 0, kValue, place, "reserved");
  check_data(context, transfer.data, loads ? RDU_HW_OUTPUT : RDU_HW_INPUT);
  if (context.record.program == RDU_HW_PROGRAM_RESULT) return check_result(context, transfer);
  demand_number(transfer.argument, context.image.num_arguments, place, "argument");
  const rdu_hw_argument& argument = context.image.arguments[transfer.argument];
  check_region_access(context, argument);
  demand_within<std::uint32_t>(transfer.mode, 0, RDU_HW_TRANSFER_SPARSE, kValue, place, "mode");
  demand_within<std::uint32_t>(transfer.format, 0, RDU_HW_FORMAT_UINT8, kValue, place, "format");
  if (!loads) demand_equal(transfer.fill, 0, kValue, place, "fill");
  check_addresses(context,
                  {argument.bytes, transfer.format, transfer.mode == RDU_HW_TRANSFER_DENSE});
}

}  // namespace rdu_hw::image
