// A user's history as the user's targets share it.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "lexical/sparse.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// Reviews come up for several targets: the term vector of each is made once, for the first that shows it.
// Thread-safety: const use from any thread.
class UserHistory {
 public:
  explicit UserHistory(HistoryRow row) : row_(std::move(row)), vectors_(row_.reviews.size()) {}

  [[nodiscard]] const HistoryRow& row() const { return row_; }

  // What make() gives for the review, the first time. REQUIRES: `review` is one of row().reviews; make() gives the same
  // whoever asks.
  template <class Make>
  [[nodiscard]] const SparseVector& vector_of(const HistoryReview& review, const Make& make) const {
    auto& made = vectors_[static_cast<std::size_t>(&review - row_.reviews.data())];
    std::call_once(made.once, [&] { made.vector = make(); });
    return made.vector;
  }

 private:
  struct Made {
    std::once_flag once;
    SparseVector vector;
  };
  HistoryRow row_;
  mutable std::vector<Made> vectors_;  // [reviews]
};

}  // namespace persona4rec
