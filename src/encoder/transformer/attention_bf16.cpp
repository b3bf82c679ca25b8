#include "encoder/transformer/attention_bf16.hpp"

#include "encoder/kernels/attention_f32.hpp"

#if defined(__x86_64__)

#define P4R_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#include "encoder/kernels/attention_avx512.hpp"

namespace persona4rec {
namespace {

struct Bf16Pairs {
  using Element = Bf16;
  static constexpr std::size_t kPacked = 2;

  P4R_TARGET static P4R_INLINE __m512 multiply_add(__m512 sum, __m512 a, __m512 b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }

  // Word (pair, d) = element d of tokens 2 pair and 2 pair + 1; zero behind the last token.
  P4R_TARGET static void pack_values(const AttentionBlock& block, const Bf16* source, std::size_t stride) {
    for (std::size_t pair = 0; pair < block.value_rows; ++pair) {
      const Bf16* even = source + 2 * pair * stride;
      const bool has_odd = 2 * pair + 1 < block.length;
      for (std::size_t d = 0; d < block.head_size; d += kLanes) {
        const __m512i high = has_odd ? _mm512_slli_epi32(widen(even + stride + d), 16) : _mm512_setzero_si512();
        _mm512_storeu_si512(block.values + pair * block.head_size + d, _mm512_or_si512(widen(even + d), high));
      }
    }
  }

  P4R_TARGET static void pack_weights(AttentionBlock& block) {
    for (std::size_t row = 0; row < kRows; ++row) {
      auto* words = reinterpret_cast<char*>(block.weights + row * block.padded);
      for (std::size_t k = 0; k < block.padded; k += kLanes) {
        store_half(words + k * sizeof(Bf16), _mm512_loadu_ps(block.scores + row * block.padded + k));
      }
    }
  }

  P4R_TARGET static P4R_INLINE void store(Bf16* target, __m512 value) { store_half(target, value); }

 private:
  P4R_TARGET static P4R_INLINE __m512i widen(const Bf16* source) {
    return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(source)));
  }
  P4R_TARGET static P4R_INLINE void store_half(void* target, __m512 value) {
    _mm256_storeu_si256(static_cast<__m256i*>(target), reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(value)));
  }
};

}  // namespace

bool has_bf16_instructions() {
  return __builtin_cpu_supports("avx512bf16");
}

// Keys are packed 16 words at a time: 32 elements.
bool has_fast_attention_bf16(const AttentionShape& shape) {
  return shape.head_size % (2 * kLanes) == 0 && has_bf16_instructions() && has_fast_attention_f32(shape);
}

void attend(const AttentionShape& shape, std::size_t head, std::size_t length, const Bf16* qkv, Bf16* context,
            AttentionScratch& scratch) {
  attend_head<Bf16Pairs>(shape, head, length, qkv, context, scratch);
}

}  // namespace persona4rec

#else

#include "persona4rec/error.hpp"

namespace persona4rec {

bool has_bf16_instructions() {
  return false;
}

bool has_fast_attention_bf16(const AttentionShape&) {
  return false;
}

void attend(const AttentionShape&, std::size_t, std::size_t, const Bf16*, Bf16*, AttentionScratch&) {
  throw internal_error("attention for AVX-512 was called on another processor");
}

}  // namespace persona4rec

#endif
