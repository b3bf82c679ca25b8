// Raw reviews of a dataset (io/rows/raw_rows.hpp: in whatever shape), as its schema names their fields, with the same
// selection in every stage that reads them.
#pragma once

#include <unordered_set>

#include "io/jsonl_reader.hpp"
#include "persona4rec/dataset.hpp"
#include "records/raw_dataset.hpp"

namespace persona4rec {

class RawReviewReader {
 public:
  // Throws Error kInput as JsonlReader does.
  RawReviewReader(const InputFile& input, const ReviewSchema& schema, const ReviewSelection& selection,
                  std::uint64_t max_bad_rows);

  // The next selected review, in file order; false at the end of the file (which is always reached, so that the hash
  // is that of the whole file).
  bool next(RawReview& review);

  [[nodiscard]] std::uint64_t taken() const { return taken_; }  // selected so far
  [[nodiscard]] const TimeSpan& times() const {
    return times_;
  }  // of those taken so far; empty when the dataset has none
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // usable, not selected
  [[nodiscard]] std::uint64_t bad_rows() const { return reader_.bad_rows(); }
  [[nodiscard]] std::string sha256() const { return reader_.sha256(); }  // REQUIRES: next() returned false

 private:
  [[nodiscard]] bool selects(const RawReview& review);

  JsonlReader reader_;
  ReviewSchema schema_;
  ReviewSelection selection_;
  std::unordered_set<UserId> users_;
  std::uint64_t taken_ = 0;
  std::uint64_t left_out_ = 0;
  TimeSpan times_;
};

// The selection as settings of the meta file, which later stages share; null = all.
[[nodiscard]] Json selection_settings(const ReviewSelection& selection);

}  // namespace persona4rec
