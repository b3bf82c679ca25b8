// The reviews of 1_aspects as 3.5_history has them, set down as text while they are read, to be put together by user.
// The summary of a review's item stands apart, once for all its reviews.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "io/rows/row_spool.hpp"
#include "persona4rec/split.hpp"
#include "records/row_view.hpp"

namespace persona4rec {

// A review's JSON in two parts, between which the value of its `summary` goes. `row`: without its aspects, which are
// taken from the view. Thread-safe.
[[nodiscard]] std::string history_review_parts(const AspectRow& row, const RowView& view);

// Thread-safety: as RowSpool.
class HistoryReviews {
 public:
  // The temporary files lie beside `output`.
  explicit HistoryReviews(const std::filesystem::path& output) : summaries_(output), reviews_(output) {}

  // Returns the summary's number. The first is of items that have none.
  std::uint32_t append_summary(std::string_view summary);
  void append_review(std::string_view parts) { reviews_.append(parts); }
  // `summary_of_item`: [items of the interactions] numbers of summaries. Nothing is appended after it.
  void finish(std::vector<std::uint32_t> summary_of_item);

  // About what a review takes in its row. REQUIRES: finish().
  [[nodiscard]] std::uint64_t byte_count(std::size_t interaction) const { return reviews_.byte_count(interaction); }

 private:
  friend class HistoryReviewReader;
  RowSpool summaries_;  // JSON strings
  RowSpool reviews_;    // [interactions] parts
  std::vector<std::uint32_t> summary_of_item_;
};

// Thread-safety: one object, one thread. REQUIRES: the reviews are finished and outlive it, as the interactions do.
class HistoryReviewReader {
 public:
  HistoryReviewReader(const HistoryReviews& reviews, const Interactions& data)
      : of_(reviews), data_(data), summaries_(reviews.summaries_), reviews_(reviews.reviews_) {}

  // The review's JSON, until the next call.
  [[nodiscard]] std::string_view json(std::uint32_t interaction);

 private:
  const HistoryReviews& of_;
  const Interactions& data_;
  SpoolReader summaries_;
  SpoolReader reviews_;
  std::string json_;
};

}  // namespace persona4rec
