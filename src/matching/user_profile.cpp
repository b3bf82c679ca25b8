#include "matching/user_profile.hpp"

#include <algorithm>
#include <vector>

namespace persona4rec {
namespace {

// Vectors of a user's rows at unit length, side by side; zeros where there is none.
struct RowVectors {
  RowVectors(std::size_t count, std::size_t dimensions) : values(count * dimensions), found(count), d(dimensions) {}
  [[nodiscard]] std::span<float> of(std::size_t i) { return std::span(values).subspan(i * d, d); }

  std::vector<float> values;
  std::vector<std::uint8_t> found;
  std::size_t d;
};

// Makes the e_j of liked rows: all their item means first, so that the many short sums run beside each other.
class InteractionVectors {
 public:
  InteractionVectors(const ItemSide& items, std::span<const std::uint32_t> rows)
      : items_(items), rows_(rows), d_(items.x().dimensions), sums_(rows.size() * d_) {
    for (const auto row : rows_) {
      prefetch(items_.x().row(row));
      items_.prefetch_sum(item_of(row));
    }
  }

  [[nodiscard]] RowVectors make(std::span<const std::uint32_t> without, ProfileSide side) {
    RowVectors means(rows_.size(), d_);
    if (side != ProfileSide::kOwn) {
      for (std::size_t j = 0; j < rows_.size(); ++j) items_.sum(item_of(rows_[j]), without, sum(j));
      write_units(sums_, means.values, means.found);
    }
    if (side != ProfileSide::kItems) add_own(means);
    return means;
  }

 private:
  [[nodiscard]] std::uint32_t item_of(std::uint32_t row) const { return items_.table().item_of_row[row]; }
  [[nodiscard]] std::span<double> sum(std::size_t j) { return std::span(sums_).subspan(j * d_, d_); }

  // norm(x_j + mean), one side alone where the other is missing.
  void add_own(RowVectors& means) {
    RowVectors both(rows_.size(), d_);
    for (std::size_t j = 0; j < rows_.size(); ++j) {
      const auto own = items_.x().row(rows_[j]);
      const auto mean = means.of(j);
      std::transform(own.begin(), own.end(), mean.begin(), sum(j).begin(),
                     [](float a, float b) { return static_cast<double>(a) + static_cast<double>(b); });
    }
    write_units(sums_, both.values, both.found);
    for (std::size_t j = 0; j < rows_.size(); ++j) {
      const auto own = items_.x().row(rows_[j]);
      const bool has_own = !is_missing(own);
      if (!has_own) continue;
      const auto from = means.found[j] != 0 ? std::span<const float>(both.of(j)) : own;
      means.found[j] = means.found[j] != 0 ? both.found[j] : 1;
      std::copy(from.begin(), from.end(), means.of(j).begin());
    }
  }

  const ItemSide& items_;
  std::span<const std::uint32_t> rows_;
  std::size_t d_;
  std::vector<double> sums_;  // [rows, d]
};

}  // namespace

bool user_profile(const ItemSide& items, std::span<const std::uint32_t> liked, std::span<const std::uint32_t> without,
                  const ProfileOptions& options, std::span<float> out) {
  const auto rows = liked.first(std::min(liked.size(), options.k_recent));
  auto vectors = InteractionVectors(items, rows).make(without, options.side);
  VectorSum sum(out.size());
  double factor = 1;
  for (std::size_t j = 0; j < rows.size(); ++j) {
    if (vectors.found[j] != 0) sum.add(vectors.of(j), factor);
    factor *= options.gamma;
  }
  return sum.unit(out);
}

}  // namespace persona4rec
