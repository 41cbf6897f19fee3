// Requests that are wrong, and requests of another age.
#include <catch2/catch.hpp>
#include <cstring>

#include "tests/tools/rducc/api/call.hpp"

namespace rducc::test {
namespace {

using Catch::Contains;

void check_refused(const rducc_request& request, const std::string& word) {
  const auto refused = compile(request);
  CHECK(refused.code() == RDUCC_ERR_INVALID_ARGUMENT);
  CHECK_THAT(refused.message(), Contains(word));
  REQUIRE(rducc_status_num_diagnostics(refused.status.get()) == 1);
  CHECK(rducc_status_diagnostic(refused.status.get(), 0)->kind == RDUCC_DIAGNOSTIC_REQUEST);
}

TEST_CASE("NULL is refused, and is success where a status is asked") {
  rducc_output* output = nullptr;
  CHECK(rducc_status_code(Status(rducc_compile(nullptr, &output)).get()) ==
        RDUCC_ERR_INVALID_ARGUMENT);
  const std::string model = relu({2}).bytes();
  const auto request = request_for(model);
  CHECK(rducc_status_code(Status(rducc_compile(&request, nullptr)).get()) ==
        RDUCC_ERR_INVALID_ARGUMENT);
  rdu_bytes bytes{};
  CHECK(Status(rducc_output_get_bytes(nullptr, &bytes)));
  CHECK(Status(rducc_output_write(nullptr, "m.rdu")));
  CHECK(Status(rducc_output_get_report(nullptr, nullptr)));
  CHECK(Status(rducc_output_get_table(nullptr, nullptr)));
  rducc_output_destroy(nullptr);
  rducc_status_destroy(nullptr);
  CHECK(rducc_status_code(nullptr) == RDUCC_OK);
  CHECK(std::string(rducc_status_message(nullptr)).empty());
  CHECK(rducc_status_num_diagnostics(nullptr) == 0);
  CHECK(rducc_status_diagnostic(nullptr, 0) == nullptr);
}

TEST_CASE("a request without a header, a model or sense says which field") {
  rducc_request empty{};
  check_refused(empty, "struct_size");
  empty.header = RDU_HEADER(rducc_request);
  check_refused(empty, "model");
  empty.header.major = 77;
  check_refused(empty, "77");

  const std::string model = relu({-1, 2}).bytes();
  auto request = request_for(model);
  check_refused(request, "n0");
  request.dims = {nullptr, 1, sizeof(rducc_dim)};
  check_refused(request, "dims.data");
  rducc_dim dim{nullptr, nullptr, 0, 0};
  request.dims = RDUCC_ARRAY(&dim, 1);
  check_refused(request, "dims[0].name");
  dim.name = "n0";
  check_refused(request, "dims[0]");
  const std::int64_t negative = -3;
  dim.extents = &negative;
  dim.num_extents = 1;
  check_refused(request, "-3");
  request.dims.stride_bytes = 1;
  check_refused(request, "stride_bytes");
}

TEST_CASE("a tensor that is not what it says is refused") {
  const std::string model = relu({2}).bytes();
  const float x[2] = {1, 2};
  rducc_tensor tensor{"x", x, sizeof x, RDU_DTYPE_F32, 1, {2}};
  const rducc_sample sample{RDUCC_ARRAY(&tensor, 1)};
  auto request = request_for(model);
  request.samples = RDUCC_ARRAY(&sample, 1);
  CHECK(compile(request).code() == RDUCC_OK);
  tensor.size_bytes = 7;
  check_refused(request, "7");
  tensor.size_bytes = sizeof x;
  tensor.dtype = 99;
  check_refused(request, "99");
  tensor.dtype = RDU_DTYPE_F32;
  tensor.rank = RDU_MAX_RANK + 1;
  check_refused(request, "rank");
  tensor.rank = 1;
  tensor.shape[0] = std::int64_t{1} << 60;
  check_refused(request, "2^48");
  tensor.shape[0] = 2;
  tensor.data = nullptr;
  check_refused(request, "data");
}

TEST_CASE("targets and passes must exist") {
  const std::string model = relu({2}).bytes();
  const char* name = "toaster";
  auto request = request_for(model);
  request.targets = &name;
  request.num_targets = 1;
  check_refused(request, "toaster");
  request.num_targets = 0;
  request.print_after = &name;
  request.num_print_after = 1;
  check_refused(request, "toaster");
  request.print_after = nullptr;
  check_refused(request, "print_after");
  CHECK(std::string(rducc_target_name(0)) == "cpu");
}

TEST_CASE("an older program's request is read as far as it goes") {
  const std::string model = relu({2}).bytes();
  auto request = request_for(model);
  const std::size_t known = offsetof(rducc_request, folder);
  std::memset(reinterpret_cast<char*>(&request) + known, 0x5a, sizeof request - known);
  request.header.struct_size = known;
  CHECK(compile(request).code() == RDUCC_OK);
}

TEST_CASE("a newer program's request and elements are longer and still read") {
  const std::string model = relu({-1}).bytes();
  struct NewerDim {
    rducc_dim dim;
    std::int64_t more;
  };
  struct NewerRequest {
    rducc_request request;
    std::int64_t more;
  } newer{request_for(model), 5};
  newer.request.header.struct_size = sizeof newer;
  const std::int64_t extents[] = {1, 2};
  const NewerDim dims[] = {{{"n0", extents, 2, 0}, 7}};
  newer.request.dims = {dims, 1, sizeof(NewerDim)};
  CHECK(compile(newer.request).code() == RDUCC_OK);
}

}  // namespace
}  // namespace rducc::test
