#include "encoder/kernels/attention_f32.hpp"

#if defined(__x86_64__)

#define P4R_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#include "encoder/kernels/attention_avx512.hpp"

namespace persona4rec {
namespace {

struct F32 {
  using Element = float;
  static constexpr std::size_t kPacked = 1;

  P4R_TARGET static P4R_INLINE __m512 multiply_add(__m512 sum, __m512 a, __m512 b) {
    return _mm512_fmadd_ps(a, b, sum);
  }

  P4R_TARGET static void pack_values(const AttentionBlock& block, const float* source, std::size_t stride) {
    for (std::size_t token = 0; token < block.length; ++token) {
      for (std::size_t d = 0; d < block.head_size; d += kLanes) {
        _mm512_storeu_ps(block.values + token * block.head_size + d, _mm512_loadu_ps(source + token * stride + d));
      }
    }
  }

  static void pack_weights(AttentionBlock& block) { block.weights = block.scores; }

  P4R_TARGET static P4R_INLINE void store(float* target, __m512 value) { _mm512_storeu_ps(target, value); }
};

}  // namespace

bool has_fast_attention_f32(const AttentionShape& shape) {
  return shape.head_size % kLanes == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

void attend(const AttentionShape& shape, std::size_t head, std::size_t length, const float* qkv, float* context,
            AttentionScratch& scratch) {
  attend_head<F32>(shape, head, length, qkv, context, scratch);
}

}  // namespace persona4rec

#else

#include "persona4rec/error.hpp"

namespace persona4rec {

bool has_fast_attention_f32(const AttentionShape&) {
  return false;
}

void attend(const AttentionShape&, std::size_t, std::size_t, const float*, float*, AttentionScratch&) {
  throw internal_error("attention for AVX-512 was called on another processor");
}

}  // namespace persona4rec

#endif
