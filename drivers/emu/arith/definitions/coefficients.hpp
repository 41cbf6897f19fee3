// The numbers of the elementary functions, to the bit. Polynomials have their constant term first; each was interpolated
// at Chebyshev points in exact arithmetic and its coefficients rounded to binary64; the relative errors stated are of
// what they are used for, over the whole range.
#pragma once

#include "drivers/emu/arith/definitions/bits.hpp"

namespace rdu_hw::arith::RDU_HW_ARITH_ISA {
namespace {

constexpr double kLog2e = 0x1.71547652b82fep+0;
constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kPi = 0x1.921fb54442d18p+1;
constexpr double kHalfPi = 0x1.921fb54442d18p+0;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;

// pi/2 in three parts; a product of either of the first two and an integer below 2^24 is exact.
constexpr double kHalfPiHigh = 0x1.921fb54000000p+0;
constexpr double kHalfPiMiddle = 0x1.10b4611000000p-30;
constexpr double kHalfPiLow = 0x1.4c4c6628b80dcp-59;

// 2/pi: word i has the weights 2^(-32 i - 1) to 2^(-32 i - 32).
constexpr Word kTwoOverPiWords[] = {0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u,
                                    0xdb629599u, 0x3c439041u, 0xfe5163abu};

// (e^r - 1) / r for |r| <= ln(2) / 2, relative error 2^-43.
constexpr double kExpm1[] = {0x1.0000000000000p+0,  0x1.fffffffff71cfp-2,  0x1.5555555553b7dp-3,
                             0x1.5555557428d91p-5,  0x1.1111111c45d5bp-7,  0x1.6c164df443c8cp-10,
                             0x1.a019adabfb6abp-13, 0x1.a15a4f98eb4a5p-16, 0x1.72c720b2e07bfp-19};

// artanh(s) / s in s^2, for s^2 <= ((sqrt(2) - 1) / (sqrt(2) + 1))^2, relative error 2^-52.
constexpr double kArtanh[] = {0x1.0000000000000p+0, 0x1.5555555552d50p-2, 0x1.999999a435066p-3,
                              0x1.249240b87155dp-3, 0x1.c722cceee92f4p-4, 0x1.732320a9c93b0p-4,
                              0x1.58d5d4a93822dp-4};

// sin(r) / r in r^2, for |r| <= pi/4, relative error 2^-45.
constexpr double kSine[] = {0x1.0000000000000p+0,   -0x1.555555555516ap-3, 0x1.1111110fd3935p-7,
                            -0x1.a019fd9a9838bp-13, 0x1.71d9a97cd3c34p-19, -0x1.aa28204b8cc64p-26};

// cos(r) in r^2, for |r| <= pi/4, relative error 2^-52.
constexpr double kCosine[] = {0x1.0000000000000p+0,   -0x1.fffffffffff79p-2, 0x1.555555554e7cfp-5,
                              -0x1.6c16c163c3f3ep-10, 0x1.a019f7fc0d9eep-16, -0x1.27df3f747e521p-22,
                              0x1.1b8ac93386c1dp-29};

// arctan(q) / q in q^2, for q <= 1, relative error 2^-39.
constexpr double kArctan[] = {0x1.0000000000000p+0,  -0x1.555555554e12ep-2, 0x1.9999998350a7ap-3,
                              -0x1.2492436ae8038p-3, 0x1.c71b46328c101p-4,  -0x1.744cee862929dp-4,
                              0x1.3a8c2625b9aa7p-4,  -0x1.0e22e4c8a6ab4p-4, 0x1.cb4cbfd1c120cp-5,
                              -0x1.703ae186038e7p-5, 0x1.0357b7b676e8cp-5,  -0x1.26a513965d7e6p-6,
                              0x1.e8b7d967003fbp-8,  -0x1.01026ecc75077p-9, 0x1.fb94030f244ddp-13};

// erf(x) / x in x^2 / 8 - 1, for |x| <= 4, relative error 2^-33.
constexpr double kErf[] = {
    0x1.6a0407813ba6ap-2,  -0x1.69a0ccd9f6df8p-3,  0x1.0dabafa9f88e4p-3,  -0x1.b92e963095bd0p-4,
    0x1.717ed25590363p-4,  -0x1.3215ca717cdadp-4,  0x1.ea9c22453d0afp-5,  -0x1.76e9d031dbf77p-5,
    0x1.0eba27d1d1e96p-5,  -0x1.7022a7b996b7ep-6,  0x1.d7c38f92e4738p-7,  -0x1.1a89711343d13p-7,
    0x1.37242b1831533p-8,  -0x1.4d36ca00e41d5p-9,  0x1.78c1edb02fd74p-10, -0x1.5b3198a59e823p-11,
    0x1.4cf6ca5f0eadep-13, -0x1.462501dc85e0fp-14, 0x1.97ec8501d6727p-14, -0x1.2a5b1cc3bdea6p-15};

}  // namespace
}  // namespace rdu_hw::arith::RDU_HW_ARITH_ISA
