// Products of two matrices.
#pragma once

#include "plugins/cpu/contract/matmul_shape.hpp"

namespace rdu::cpu {

std::unique_ptr<Step> make_panel_matmul_step(const BuildContext& context, const rdu_node& node,
                                             const Operands& operands, const MatmulMatch& match);

}  // namespace rdu::cpu
