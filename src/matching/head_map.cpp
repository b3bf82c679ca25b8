#include "matching/head_map.hpp"

#include <vector>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "matching/vectors.hpp"
#include "persona4rec/encoder_head.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMappedPerTask = 64;

}  // namespace

bool LinearMap::apply(std::span<const float> vector, std::span<float> out) const {
  std::vector<double> values(outputs);
  for (std::size_t i = 0; i < outputs; ++i) values[i] = dot(weights.subspan(i * inputs, inputs), vector);
  return write_unit(values, out);
}

void map_rows(const LinearMap& map, std::span<const float> rows, std::span<float> out, std::size_t threads) {
  const std::size_t count = map.inputs == 0 ? 0 : rows.size() / map.inputs;
  parallel_ranges(count, kMappedPerTask, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      map.apply(rows.subspan(i * map.inputs, map.inputs), out.subspan(i * map.outputs, map.outputs));
    }
  });
}

std::string EncoderHead::fingerprint() const {
  Sha256 hash;
  for (const auto* values : {&user_map, &persona_map, &user_mean, &persona_mean}) {
    hash.update({reinterpret_cast<const char*>(values->data()), values->size() * sizeof(float)});
  }
  return hash.hex();
}

void apply_encoder_head(const EncoderHead& head, HeadSide side, std::span<float> vectors) {
  const bool query = side == HeadSide::kQuery;
  center_rows(vectors, query ? head.user_mean : head.persona_mean, 1);
  const LinearMap map{
      .inputs = head.dimensions, .outputs = head.dimensions, .weights = query ? head.user_map : head.persona_map};
  map_rows(map, std::vector<float>(vectors.begin(), vectors.end()), vectors, 1);
}

}  // namespace persona4rec
