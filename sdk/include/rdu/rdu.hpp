/* The application ABI for C++20: owners instead of pointers, exceptions instead of statuses. Header-only.
 *
 *   rdu::Context context;
 *   rdu::Program program(context.open_artifact("model.rdu"), {context.open_device("cpu:")});
 *   std::vector<float> picture(1 * 28 * 28);
 *   rdu::Outputs outputs = program.run({rdu::input(picture, {1, 1, 28, 28})});
 *   std::span<const float> scores = outputs[0].data<float>();
 *
 * Everything keeps what it was made from, so objects may be destroyed in any order. */
#pragma once

#include <rdu/app/context.hpp>
#include <rdu/app/error.hpp>
#include <rdu/app/program.hpp>
#include <rdu/app/tensor.hpp>
