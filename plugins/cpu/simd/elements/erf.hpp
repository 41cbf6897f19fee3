// The error function of sixteen floats: with AVX-512, a polynomial whose coefficients two registers hold for each of 32
// stretches of the argument; elsewhere lane by lane.
#pragma once

#include "plugins/cpu/simd/floats16.hpp"

namespace rdu::cpu::RDU_CPU_ISA {
namespace {

#if defined(__AVX512F__)

// erf(x) / x at x = n / 8 + h: of h to the power of the row, for n of the column. Fitted at Chebyshev's points.
alignas(64) constexpr float kErfTable[5][32] = {
    {1.128379226e+00f, 1.122529626e+00f, 1.105305552e+00f, 1.077645063e+00f, 1.040999770e+00f,
     9.971854091e-01f, 9.482074976e-01f, 8.960857987e-01f, 8.427007794e-01f, 7.896784544e-01f,
     7.383201122e-01f, 6.895782351e-01f, 6.440700889e-01f, 6.021192074e-01f, 5.638123751e-01f,
     5.290613770e-01f, 4.976611435e-01f, 4.693392813e-01f, 4.437943399e-01f, 4.207229614e-01f,
     3.998372257e-01f, 3.808741570e-01f, 3.635997772e-01f, 3.478094339e-01f, 3.333259821e-01f,
     3.199968338e-01f, 3.076909781e-01f, 2.962957621e-01f, 2.857140601e-01f, 2.758619785e-01f,
     2.666666508e-01f, 2.580645084e-01f},
    {1.521687913e-15f,  -9.315485507e-02f, -1.811655611e-01f, -2.594458759e-01f, -3.244341016e-01f,
     -3.738971651e-01f, -4.070350826e-01f, -4.243893027e-01f, -4.275932312e-01f, -4.190261960e-01f,
     -4.014392197e-01f, -3.776134849e-01f, -3.500932753e-01f, -3.210135996e-01f, -2.920214236e-01f,
     -2.642750144e-01f, -2.384971231e-01f, -2.150581330e-01f, -1.940675825e-01f, -1.754595786e-01f,
     -1.590635777e-01f, -1.446576267e-01f, -1.320049018e-01f, -1.208762452e-01f, -1.110622361e-01f,
     -1.023782566e-01f, -9.466516227e-02f, -8.778755367e-02f, -8.163104951e-02f, -7.609924674e-02f,
     -7.111086696e-02f, -6.659720093e-02f},
    {-3.761261702e-01f, -3.656454384e-01f, -3.353510201e-01f, -2.884964049e-01f, -2.299137563e-01f,
     -1.652636379e-01f, -1.002173945e-01f, -3.972862661e-02f, 1.248569973e-02f,  5.419364944e-02f,
     8.463010192e-02f,  1.042680666e-01f,  1.144650951e-01f,  1.170744672e-01f,  1.140943244e-01f,
     1.074008048e-01f,  9.858155251e-02f,  8.886300027e-02f,  7.910994440e-02f,  6.987125427e-02f,
     6.144715473e-02f,  5.395979807e-02f,  4.741551355e-02f,  4.175368696e-02f,  3.688149527e-02f,
     3.269628808e-02f,  2.909855545e-02f,  2.599837631e-02f,  2.331775799e-02f,  2.099067904e-02f,
     1.896201633e-02f,  1.718603447e-02f},
    {-7.795647266e-13f, 5.528283864e-02f,  1.045464724e-01f,  1.427607238e-01f,  1.666559279e-01f,
     1.751190424e-01f,  1.691569835e-01f,  1.514774561e-01f,  1.258223653e-01f,  9.622692317e-02f,
     6.636656076e-02f,  3.910317272e-02f,  1.627465151e-02f,  -1.291796216e-03f, -1.360499673e-02f,
     -2.125292085e-02f, -2.513602376e-02f, -2.624204196e-02f, -2.548766136e-02f, -2.363008633e-02f,
     -2.123671584e-02f, -1.869464479e-02f, -1.624170505e-02f, -1.400464401e-02f, -1.203510072e-02f,
     -1.033879071e-02f, -8.896659128e-03f, -7.678783499e-03f, -6.652641576e-03f, -5.787466187e-03f,
     -5.056139082e-03f, -4.435687326e-03f},
    {1.126806214e-01f,  1.064824164e-01f,  8.891717345e-02f,  6.284406036e-02f,  3.232887387e-02f,
     1.796714263e-03f,  -2.481899224e-02f, -4.472844303e-02f, -5.661104247e-02f, -6.058920547e-02f,
     -5.791862682e-02f, -5.052138492e-02f, -4.049988836e-02f, -2.974184230e-02f, -1.967587136e-02f,
     -1.118538156e-02f, -4.649145063e-03f, -5.833588148e-05f, 2.840252127e-03f,  4.412729759e-03f,
     5.039347336e-03f,  5.054049194e-03f,  4.717521835e-03f,  4.214035813e-03f,  3.661838593e-03f,
     3.128885524e-03f,  2.648566850e-03f,  2.232722240e-03f,  1.881132950e-03f,  1.587765059e-03f,
     1.344490447e-03f,  1.143075060e-03f},
};

class ErfOfFloats {
 public:
  RDU_INLINE ErfOfFloats() {
#pragma GCC unroll 8
    for (size_t d = 0; d < 5; ++d) {
      low_[d] = load_floats(kErfTable[d]);
      high_[d] = load_floats(kErfTable[d] + 16);
    }
  }

  RDU_INLINE Floats operator()(Floats x) const {
    const Floats round = all_floats(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
    const Floats a = _mm512_abs_ps(x);
    const Floats t = fused(a, all_floats(8.0f), round);
    const Floats h = _mm512_fnmadd_ps(minus(t, round), all_floats(0.125f), a);
    const __m512i n = _mm512_castps_si512(t);  // its last five bits
    Floats p = pick(4, n);
#pragma GCC unroll 4
    for (size_t d = 4; d-- > 0;) p = fused(p, h, pick(d, n));
    // Beyond the table, and with more than half a unit to spare, it is 1.
    const __mmask16 far = _mm512_cmp_ps_mask(a, all_floats(3.92f), _CMP_GE_OQ);
    p = _mm512_mask_mov_ps(times(p, a), far, all_floats(1.0f));
    return _mm512_or_ps(p, _mm512_and_ps(x, all_floats(-0.0f)));
  }

 private:
  RDU_INLINE Floats pick(size_t d, __m512i n) const {
    return _mm512_permutex2var_ps(low_[d], n, high_[d]);
  }

  Floats low_[5], high_[5];
};

#else

struct ErfOfFloats {
  RDU_INLINE Floats operator()(const Floats& x) const {
    return by_lane([&](size_t l) { return erf_f32(x.lane[l]); });
  }
};

#endif

}  // namespace
}  // namespace rdu::cpu::RDU_CPU_ISA
