// Lists whose right answer is known, with the z values of their candidates. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <vector>

namespace persona4rec {

class FitData {
 public:
  explicit FitData(std::size_t channels) : channels_(channels) {}

  // Begins a list whose right answer is its candidate number `target`.
  void begin_list(std::size_t target) {
    targets_.push_back(target);
    begin_.push_back(begin_.back());
  }
  // Appends a candidate to the list begun last. REQUIRES: `z` holds `channels` values.
  void add_candidate(const double* z) {
    values_.insert(values_.end(), z, z + channels_);
    ++begin_.back();
  }
  // Appends the lists of another one. REQUIRES: equal channels.
  void append(const FitData& other) {
    for (std::size_t list = 0; list < other.lists(); ++list) {
      begin_list(other.target(list));
      for (std::size_t i = 0; i < other.list_size(list); ++i) add_candidate(other.candidate(list, i));
    }
  }
  [[nodiscard]] std::size_t lists() const { return targets_.size(); }
  [[nodiscard]] std::size_t channels() const { return channels_; }
  [[nodiscard]] std::size_t list_size(std::size_t list) const { return begin_[list + 1] - begin_[list]; }
  [[nodiscard]] std::size_t target(std::size_t list) const { return targets_[list]; }
  [[nodiscard]] const double* candidate(std::size_t list, std::size_t i) const {
    return values_.data() + (begin_[list] + i) * channels_;
  }

 private:
  std::size_t channels_;
  std::vector<double> values_;            // [candidates, channels]
  std::vector<std::size_t> begin_ = {0};  // [lists + 1]
  std::vector<std::size_t> targets_;      // [lists] position inside the list
};

}  // namespace persona4rec
