// The ways to run a contract other than as a reduction; null where the accesses are not of that kind.
#pragma once

#include "plugins/cpu/contract/operands.hpp"

namespace rdu::cpu {

std::unique_ptr<Step> make_matmul_step(const BuildContext& context, const rdu_node& node,
                                       const Operands& operands);

// For loops whose extents only a run knows.
std::unique_ptr<Step> make_bounded_matmul_step(const BuildContext& context, const rdu_node& node,
                                               const Operands& operands);

// Where the second operand is not plain but computed from what it reads.
std::unique_ptr<Step> make_computed_operand_step(const BuildContext& context, const rdu_node& node);

// For convolutions of bytes that byte_convolution.hpp finds.
std::unique_ptr<Step> make_byte_convolution_step(const BuildContext& context, const rdu_node& node);

std::unique_ptr<Step> make_integer_step(const BuildContext& context, const rdu_node& node);

// For operands that become floats on the way: half floats, weights that are dequantised.
std::unique_ptr<Step> make_converted_step(const BuildContext& context, const rdu_node& node);

// For plain floats at places that only a list tells.
std::unique_ptr<Step> make_gathered_step(const BuildContext& context, const rdu_node& node,
                                         const Operands& operands);

struct ConvolutionMatch;

// Null where it is not depthwise, or not in blocks of channels on both sides.
std::unique_ptr<Step> make_depthwise_step(const BuildContext& context, const rdu_node& node,
                                          const ConvolutionMatch& match);

std::unique_ptr<Step> make_convolution_step(const BuildContext& context, const rdu_node& node);

}  // namespace rdu::cpu
