// Titles and descriptions of the items that reviews speak of, in the order in which the reviews name them first; where
// all are wanted, then those of the metadata that no review speaks of.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "io/rows/row_spool.hpp"
#include "persona4rec/summarize.hpp"
#include "records/raw_dataset.hpp"

namespace persona4rec {

// Memory: the ids and an offset each; the texts wait in a temporary file beside the output.
class ItemTexts {
 public:
  // Reads both files of the options. Throws Error kInput.
  explicit ItemTexts(const SummarizeOptions& options);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  // The item's row without summary; nothing in it but the id when the metadata lacks it.
  [[nodiscard]] SummaryRow row(std::size_t item);
  [[nodiscard]] bool has_metadata(std::size_t item) const { return spooled_[item] != kNone; }

  // Were character references resolved in its metadata?
  [[nodiscard]] bool decoded(std::size_t item) const { return decoded_[item] != kNone; }
  // The row without that. REQUIRES: decoded(item).
  [[nodiscard]] SummaryRow raw_row(std::size_t item) { return spool_.row<SummaryRow>(decoded_[item]); }

  [[nodiscard]] bool has_review(std::size_t item) const { return item < reviewed_; }

  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t unused() const { return unused_; }
  [[nodiscard]] std::uint64_t script_titles() const { return script_titles_; }
  [[nodiscard]] std::uint64_t bad_rows() const { return bad_rows_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }  // reviews outside the selection
  [[nodiscard]] const std::string& reviews_sha256() const { return reviews_sha256_; }
  [[nodiscard]] const std::string& metadata_sha256() const { return metadata_sha256_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void read_reviews(const SummarizeOptions& options);
  void read_metadata(const SummarizeOptions& options);
  void take(RawItem item);

  bool all_items_;
  std::size_t reviewed_ = 0;  // items that reviews speak of: the first ones
  std::vector<ItemId> items_;
  std::vector<std::uint32_t> spooled_;  // [items] row of the spool, or kNone
  std::vector<std::uint32_t> decoded_;  // [items] row of the spool with the raw texts, or kNone
  std::unordered_map<ItemId, std::uint32_t> index_;
  RowSpool spool_;
  std::uint64_t duplicates_ = 0;
  std::uint64_t unused_ = 0;
  std::uint64_t script_titles_ = 0;
  std::uint64_t bad_rows_ = 0;
  std::uint64_t left_out_ = 0;
  std::string reviews_sha256_;
  std::string metadata_sha256_;
};

}  // namespace persona4rec
