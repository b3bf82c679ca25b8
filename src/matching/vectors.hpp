// Dense vectors: row-major f32 matrices and the few operations that the formulas need. Sums run in double, in row
// order, so that equal inputs give equal bits whatever the threads.
// Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

// A matrix that somebody else owns. REQUIRES: values.size() is a multiple of dimensions.
struct VectorsView {
  std::span<const float> values;  // [rows, dimensions] f32 row-major
  std::size_t dimensions = 0;

  [[nodiscard]] std::size_t rows() const { return dimensions == 0 ? 0 : values.size() / dimensions; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const { return values.subspan(i * dimensions, dimensions); }
};

// A vector shorter than this has no direction that means anything (what is left of equal vectors after subtraction): it
// counts as missing. Missing vectors are all zero.
inline constexpr double kMinLength = 1e-6;

[[nodiscard]] bool is_missing(std::span<const float> vector);

[[nodiscard]] double dot(std::span<const float> a, std::span<const float> b);

// values / length, or zeros and false when the length says that there is no direction. REQUIRES: equal sizes.
bool write_unit(std::span<const double> values, std::span<float> out);

// The same for each row of `values` [found.size(), dimensions]; found[i] = 1 where the row has a direction. Faster than
// a row at a time: the lengths of several are summed beside each other.
void write_units(std::span<const double> values, std::span<float> out, std::span<std::uint8_t> found);

// Asks for a vector's memory ahead of its use.
void prefetch(std::span<const float> vector);

// A sum of vectors in double.
class VectorSum {
 public:
  explicit VectorSum(std::size_t dimensions) : values_(dimensions, 0.0) {}
  void clear() { values_.assign(values_.size(), 0.0); }
  void add(std::span<const float> vector, double factor = 1.0);
  // As add() of one row after the other.
  void add_rows(VectorsView vectors, std::span<const std::uint32_t> rows);
  [[nodiscard]] std::span<const double> values() const { return values_; }
  // Writes the sum at unit length to `out`, or zeros and false when it is shorter than kMinLength.
  bool unit(std::span<float> out) const;

 private:
  std::vector<double> values_;
};

// The mean of the rows whose byte in `take` is not 0; missing rows are left out. Zeros when none is left.
// REQUIRES: take.size() == rows.
[[nodiscard]] std::vector<float> mean_of_rows(VectorsView vectors, std::span<const std::uint8_t> take);

// x = norm(text vector - mean), in place (docs/method.md, 3.4 Centring).
// Missing rows stay missing. `threads`: 0 = all processors; changes no result.
void center_rows(std::span<float> values, std::span<const float> mean, std::size_t threads);

}  // namespace persona4rec
