// The operations of a vector program as loops, and the table of them.
#pragma once

#include "plugins/cpu/simd/elements/half.hpp"
#include "plugins/cpu/simd/elements/math_f32.hpp"
#include "plugins/cpu/simd/elements/math_wide.hpp"
#include "plugins/cpu/simd/floats16.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

using Bool = uint8_t;

template <class T>
inline constexpr bool kIsFloat = T(0.5) != T(0);
template <class T>
inline constexpr bool kIsSigned = T(-1) < T(0);
template <class T>
inline constexpr size_t kBits = sizeof(T) * 8;

// Integer arithmetic that wraps: done without sign, at least as wide as int.
template <size_t Bytes>
struct UnsignedOf {
  using type = uint32_t;
};
template <>
struct UnsignedOf<8> {
  using type = uint64_t;
};
template <class T>
using Unsigned = typename UnsignedOf<sizeof(T)>::type;

struct Add {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (kIsFloat<T>)
      return a + b;
    else
      return static_cast<T>(static_cast<Unsigned<T>>(a) + static_cast<Unsigned<T>>(b));
  }
};
struct Sub {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (kIsFloat<T>)
      return a - b;
    else
      return static_cast<T>(static_cast<Unsigned<T>>(a) - static_cast<Unsigned<T>>(b));
  }
};
struct Mul {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (kIsFloat<T>)
      return a * b;
    else
      return static_cast<T>(static_cast<Unsigned<T>>(a) * static_cast<Unsigned<T>>(b));
  }
};
struct Div {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (kIsFloat<T>) {
      return a / b;
    } else {
      if (b == 0) return 0;
      if constexpr (kIsSigned<T>) {
        if (b == T(-1)) return Sub::apply(T(0), a);
      }
      return static_cast<T>(a / b);
    }
  }
};
struct Rem {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (sizeof(T) == 8 && kIsFloat<T>)
      return __builtin_fmod(a, b);
    else if constexpr (kIsFloat<T>)
      return __builtin_fmodf(a, b);
    else if constexpr (kIsSigned<T>)
      return b == 0 || b == T(-1) ? T(0) : static_cast<T>(a % b);
    else
      return b == 0 ? T(0) : static_cast<T>(a % b);
  }
};
struct Mod {
  template <class T>
  static T apply(T a, T b) {
    const T r = Rem::apply(a, b);
    if constexpr (kIsFloat<T> || kIsSigned<T>) {
      return r != T(0) && (r < T(0)) != (b < T(0)) ? static_cast<T>(r + b) : r;
    } else {
      return r;
    }
  }
};
struct Min {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (kIsFloat<T>)
      return (a < b) | (a != a) ? a : b;
    else
      return a < b ? a : b;
  }
};
struct Max {
  template <class T>
  static T apply(T a, T b) {
    if constexpr (kIsFloat<T>)
      return (a > b) | (a != a) ? a : b;
    else
      return a > b ? a : b;
  }
};
struct Pow {
  static float apply(float a, float b) { return pow_f32(a, b); }
  static double apply(double a, double b) { return __builtin_pow(a, b); }
  template <class T>
  static T apply(T base, T exponent) {
    if constexpr (kIsSigned<T>) {
      if (exponent < 0) {
        const bool odd = (exponent & 1) != 0;
        return base == T(1) ? T(1) : base == T(-1) ? (odd ? T(-1) : T(1)) : T(0);
      }
    }
    Unsigned<T> result = 1, power = static_cast<Unsigned<T>>(base);
    for (Unsigned<T> e = static_cast<Unsigned<T>>(exponent); e != 0; e >>= 1) {
      if ((e & 1) != 0) result *= power;
      power *= power;
    }
    return static_cast<T>(result);
  }
};
struct Atan2 {
  static float apply(float a, float b) { return atan2_f32(a, b); }
  static double apply(double a, double b) { return __builtin_atan2(a, b); }
};

struct Same {
  template <class T>
  static T apply(T a) {
    return a;
  }
};
struct Neg {
  template <class T>
  static T apply(T a) {
    if constexpr (kIsFloat<T>)
      return -a;
    else
      return Sub::apply(T(0), a);
  }
};
struct Abs {
  static float apply(float a) { return __builtin_fabsf(a); }
  static double apply(double a) { return __builtin_fabs(a); }
  template <class T>
  static T apply(T a) {
    if constexpr (kIsSigned<T>)
      return a < 0 ? Sub::apply(T(0), a) : a;
    else
      return a;
  }
};
struct Sign {
  template <class T>
  static T apply(T a) {
    const T sign = static_cast<T>((a > T(0)) - (a < T(0)));
    if constexpr (kIsFloat<T>)
      return a != a ? a : sign;
    else
      return sign;
  }
};
struct Sqrt {
  static float apply(float a) { return __builtin_sqrtf(a); }
  static double apply(double a) { return __builtin_sqrt(a); }
};
struct Rsqrt {
  static float apply(float a) { return 1.0f / __builtin_sqrtf(a); }
  static double apply(double a) { return 1.0 / __builtin_sqrt(a); }
};
struct Rcp {
  template <class T>
  static T apply(T a) {
    return T(1) / a;
  }
};

#define RDU_FUNCTION(Name, f32, f64)                 \
  struct Name {                                      \
    static float apply(float a) { return f32(a); }   \
    static double apply(double a) { return f64(a); } \
  };
RDU_FUNCTION(Exp, exp_f32, __builtin_exp)
RDU_FUNCTION(Log, log_f32, __builtin_log)
RDU_FUNCTION(Tanh, tanh_f32, __builtin_tanh)
RDU_FUNCTION(Erf, erf_f32, __builtin_erf)
RDU_FUNCTION(Asin, asin_f32, __builtin_asin)
RDU_FUNCTION(Acos, acos_f32, __builtin_acos)
RDU_FUNCTION(Atan, atan_f32, __builtin_atan)
RDU_FUNCTION(Sinh, sinh_f32, __builtin_sinh)
RDU_FUNCTION(Cosh, cosh_f32, __builtin_cosh)
RDU_FUNCTION(Asinh, asinh_f32, __builtin_asinh)
RDU_FUNCTION(Acosh, acosh_f32, __builtin_acosh)
RDU_FUNCTION(Atanh, atanh_f32, __builtin_atanh)
RDU_FUNCTION(Floor, __builtin_floorf, __builtin_floor)
RDU_FUNCTION(Ceil, __builtin_ceilf, __builtin_ceil)
RDU_FUNCTION(Round, __builtin_rintf, __builtin_rint)
RDU_FUNCTION(Trunc, __builtin_truncf, __builtin_trunc)
// Within the range of sincos_wide, and beyond it.
RDU_FUNCTION(Sin, sin_f32, __builtin_sin)
RDU_FUNCTION(Cos, cos_f32, __builtin_cos)
RDU_FUNCTION(Tan, tan_f32, __builtin_tan)
RDU_FUNCTION(SinFar, __builtin_sinf, __builtin_sin)
RDU_FUNCTION(CosFar, __builtin_cosf, __builtin_cos)
RDU_FUNCTION(TanFar, __builtin_tanf, __builtin_tan)
#undef RDU_FUNCTION

#define RDU_COMPARE(Name, condition)       \
  struct Name {                            \
    template <class T>                     \
    static Bool apply(T a, T b) {          \
      return static_cast<Bool>(condition); \
    }                                      \
  };
RDU_COMPARE(Eq, a == b)
RDU_COMPARE(Ne, a != b)
RDU_COMPARE(Lt, a < b)
RDU_COMPARE(Le, a <= b)
RDU_COMPARE(Gt, a > b)
RDU_COMPARE(Ge, a >= b)
#undef RDU_COMPARE

struct And {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct Xor {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
struct Not {
  template <class T>
  static T apply(T a) {
    return static_cast<T>(~a);
  }
};
struct NotBool {
  static Bool apply(Bool a) { return a ^ 1; }
};
struct Shl {
  template <class T>
  static T apply(T a, T b) {
    const auto by = static_cast<Unsigned<T>>(b);
    return by >= kBits<T> ? T(0) : static_cast<T>(static_cast<Unsigned<T>>(a) << by);
  }
};
struct Shr {
  template <class T>
  static T apply(T a, T b) {
    const auto by = static_cast<Unsigned<T>>(b);
    return by >= kBits<T> ? T(0) : static_cast<T>(a >> by);
  }
};
struct IsNan {
  template <class T>
  static Bool apply(T a) {
    return static_cast<Bool>(a != a);
  }
};
template <unsigned Signs>
struct IsInf {
  template <class T>
  static Bool apply(T a) {
    const T inf = static_cast<T>(__builtin_inf());
    return static_cast<Bool>(((Signs & 1) != 0 && a == inf) || ((Signs & 2) != 0 && a == -inf));
  }
};

template <class F, class T>
void unary(void* dst, const void* a, const void*, const void*, size_t n) {
  using R = decltype(F::apply(T()));
  R* d = static_cast<R*>(dst);
  const T* x = static_cast<const T*>(a);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = F::apply(x[i]);
}

inline void exp_of_floats(void* dst, const void* a, const void*, const void*, size_t n) {
  float* d = static_cast<float*>(dst);
  const float* x = static_cast<const float*>(a);
  size_t i = 0;
  for (; i + 16 <= n; i += 16) store_floats(d + i, exp_floats(load_floats(x + i)));
  if (i == n) return;
  const Floats rest = exp_floats(load_floats(x + i, n - i, all_floats(0.0f)));
  store_floats(d + i, rest, n - i);
}

template <class F, class T>
void binary(void* dst, const void* a, const void* b, const void*, size_t n) {
  using R = decltype(F::apply(T(), T()));
  R* d = static_cast<R*>(dst);
  const T* x = static_cast<const T*>(a);
  const T* y = static_cast<const T*>(b);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) d[i] = F::apply(x[i], y[i]);
}

template <class F, class Far>
void trigonometric(void* dst, const void* a, const void*, const void*, size_t n) {
  const float* x = static_cast<const float*>(a);
  unsigned far = 0;
  for (size_t i = 0; i < n; ++i) far |= __builtin_fabsf(x[i]) > 1e6f;
  if (far != 0) {
    float* d = static_cast<float*>(dst);
    for (size_t i = 0; i < n; ++i) d[i] = Far::apply(x[i]);
    return;
  }
  unary<F, float>(dst, a, nullptr, nullptr, n);
}

template <class T>
void fma(void* dst, const void* a, const void* b, const void* c, size_t n) {
  T* d = static_cast<T*>(dst);
  const T *x = static_cast<const T*>(a), *y = static_cast<const T*>(b),
          *z = static_cast<const T*>(c);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) {
    if constexpr (kIsFloat<T> && sizeof(T) == 8)
      d[i] = __builtin_fma(x[i], y[i], z[i]);
    else if constexpr (kIsFloat<T>)
      d[i] = __builtin_fmaf(x[i], y[i], z[i]);
    else
      d[i] = Add::apply(Mul::apply(x[i], y[i]), z[i]);
  }
}

template <class T>
void select(void* dst, const void* a, const void* b, const void* c, size_t n) {
  T* d = static_cast<T*>(dst);
  const Bool* condition = static_cast<const Bool*>(a);
  const T *x = static_cast<const T*>(b), *y = static_cast<const T*>(c);
  RDU_VECTORIZE
  for (size_t i = 0; i < n; ++i) {
    const T yes = x[i], no = y[i];
    d[i] = condition[i] != 0 ? yes : no;
  }
}

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
