// rdu_tensor_from_dlpack and rdu_tensor_to_dlpack: descriptions change, bytes stay.
#include <dlpack/dlpack.h>
#include <rdu/dlpack.h>

#include <memory>

#include "sdk/base/dtype.hpp"
#include "sdk/src/runtime/guard.hpp"

using rdu::runtime::fail;
using rdu::runtime::guarded;
using rdu::runtime::Status;

namespace {

constexpr uint8_t kDlBool = 6;  // since DLPack 0.8, whose header Debian 12 does not have

rdu_dtype dtype_from(const DLDataType& type) {
  if (type.lanes != 1) return RDU_DTYPE_NONE;
  switch (type.code) {
    case kDLFloat:
      return type.bits == 32   ? RDU_DTYPE_F32
             : type.bits == 64 ? RDU_DTYPE_F64
             : type.bits == 16 ? RDU_DTYPE_F16
                               : RDU_DTYPE_NONE;
    case kDLBfloat:
      return type.bits == 16 ? RDU_DTYPE_BF16 : RDU_DTYPE_NONE;
    case kDLInt:
      return type.bits == 8    ? RDU_DTYPE_I8
             : type.bits == 16 ? RDU_DTYPE_I16
             : type.bits == 32 ? RDU_DTYPE_I32
             : type.bits == 64 ? RDU_DTYPE_I64
                               : RDU_DTYPE_NONE;
    case kDLUInt:
      return type.bits == 8    ? RDU_DTYPE_U8
             : type.bits == 16 ? RDU_DTYPE_U16
             : type.bits == 32 ? RDU_DTYPE_U32
             : type.bits == 64 ? RDU_DTYPE_U64
                               : RDU_DTYPE_NONE;
    case kDlBool:
      return type.bits == 8 ? RDU_DTYPE_BOOL : RDU_DTYPE_NONE;
    default:
      return RDU_DTYPE_NONE;
  }
}

bool dtype_to(rdu_dtype dtype, DLDataType& out) {
  if (!rdu::base::is_dtype(dtype) || rdu::base::is_packed(dtype)) return false;
  out.lanes = 1;
  out.bits = static_cast<uint8_t>(rdu::base::dtype_bits(dtype));
  if (dtype == RDU_DTYPE_BF16) {
    out.code = kDLBfloat;
  } else if (dtype == RDU_DTYPE_BOOL) {
    out.code = kDlBool;
  } else if (rdu::base::is_float(dtype)) {
    out.code = kDLFloat;
  } else {
    out.code = rdu::base::is_signed_integer(dtype) ? kDLInt : kDLUInt;
  }
  return true;
}

// What a managed tensor of ours is made of.
struct Exported {
  DLManagedTensor managed{};
  rdu_tensor tensor{};
  int64_t strides[RDU_MAX_RANK] = {};

  static void destroy(DLManagedTensor* managed) {
    auto* exported = static_cast<Exported*>(managed->manager_ctx);
    rdu_tensor_release(&exported->tensor);
    delete exported;
  }
};

}  // namespace

extern "C" {

rdu_status* rdu_tensor_from_dlpack(const DLManagedTensor* managed, rdu_tensor* out_tensor) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(managed);
    RDU_REQUIRE(out_tensor);
    const DLTensor& from = managed->dl_tensor;
    if (from.device.device_type != kDLCPU && from.device.device_type != kDLCUDAHost) {
      return fail(RDU_ERR_UNSUPPORTED, "a DLPack tensor of device type ",
                  static_cast<int>(from.device.device_type), " is not in host memory");
    }
    if (from.ndim < 0 || from.ndim > RDU_MAX_RANK || (from.ndim > 0 && !from.shape)) {
      return fail(RDU_ERR_UNSUPPORTED, "a DLPack tensor of rank ", from.ndim);
    }
    rdu_tensor tensor{};
    tensor.header = RDU_HEADER(rdu_tensor);
    tensor.dtype = dtype_from(from.dtype);
    if (tensor.dtype == RDU_DTYPE_NONE) {
      return fail(RDU_ERR_UNSUPPORTED, "a DLPack tensor of type code ", int{from.dtype.code}, ", ",
                  int{from.dtype.bits}, " bits, ", int{from.dtype.lanes}, " lanes");
    }
    tensor.rank = static_cast<uint32_t>(from.ndim);
    std::copy(from.shape, from.shape + from.ndim, tensor.shape);
    tensor.data = from.data ? static_cast<char*>(from.data) + from.byte_offset : nullptr;
    tensor.strides = from.strides;
    *out_tensor = tensor;
    return {};
  });
}

rdu_status* rdu_tensor_to_dlpack(rdu_tensor* tensor, DLManagedTensor** out_managed) {
  return guarded([&]() -> Status {
    RDU_REQUIRE(tensor);
    RDU_REQUIRE(out_managed);
    if (!tensor->owner) {
      return fail(RDU_ERR_INVALID_ARGUMENT, "the tensor's memory was not allocated by the runtime");
    }
    auto exported = std::make_unique<Exported>();
    DLTensor& to = exported->managed.dl_tensor;
    if (!dtype_to(tensor->dtype, to.dtype)) {
      return fail(RDU_ERR_UNSUPPORTED, "DLPack has no ", rdu::base::dtype_name(tensor->dtype));
    }
    exported->tensor = *tensor;
    int64_t dense = 1;
    for (uint32_t d = tensor->rank; d-- > 0;) {
      exported->strides[d] = dense;
      dense *= tensor->shape[d];
    }
    to.data = tensor->data;
    to.device = {kDLCPU, 0};
    to.ndim = static_cast<int>(tensor->rank);
    to.shape = exported->tensor.shape;
    to.strides = exported->strides;
    exported->managed.manager_ctx = exported.get();
    exported->managed.deleter = Exported::destroy;
    tensor->owner = nullptr;
    tensor->data = nullptr;
    *out_managed = &exported.release()->managed;
    return {};
  });
}

}  // extern "C"
