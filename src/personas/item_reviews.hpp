// The item side of a dataset, item by item: what 2.5_grouped holds and what personas are made from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/provenance.hpp"
#include "io/rows/row_spool.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/personas.hpp"
#include "split/interactions_reader.hpp"

namespace persona4rec {

// Memory: interactions without texts, the vocabulary; the rows wait in temporary files beside the output.
class ItemReviews {
 public:
  // Reads `aspects`, which is repeatable, twice and 2_summary once, decides the split, registers both inputs and the
  // split's settings with `provenance`. Throws Error kInput.
  ItemReviews(const PersonasOptions& options, InputFile aspects, Provenance& provenance);

  // Items in the order in which the reviews name them first, those without item-side reviews too; then those that
  // 2_summary alone knows, in its order.
  [[nodiscard]] std::size_t size() const { return data_.items().size() + unreviewed_.size(); }
  [[nodiscard]] SummaryRow summary(std::size_t item) const;  // from any threads at once
  // Its item-side reviews in file order, one in memory at a time: as rows, with or without their aspects, and as the
  // JSON that they stand in. for_each_review: from any threads at once.
  [[nodiscard]] std::size_t review_count(std::size_t item) const { return item_begin_[item + 1] - item_begin_[item]; }
  void for_each_review(std::size_t item, bool aspects, const std::function<void(AspectRow&&)>& take) const;
  void for_each_json(std::size_t item, const std::function<void(std::string_view)>& take);
  // Bytes of that JSON, about.
  [[nodiscard]] std::uint64_t byte_count(std::size_t item) const;
  // The interaction that the item's review of that number, in that order, stands for.
  [[nodiscard]] std::size_t interaction(std::size_t item, std::size_t number) const {
    return interactions_[rows_[item_begin_[item] + number]];
  }
  [[nodiscard]] bool has_summary(std::size_t item) const { return summaries_[item] != kNone; }

  // What metadata say of the item, as one text.
  [[nodiscard]] std::string metadata_text(std::size_t item) const;  // from any threads at once
  // "" where 2_summary has none.
  [[nodiscard]] const std::vector<std::string>& titles() const { return titles_; }

  [[nodiscard]] const Interactions& data() const { return data_; }
  [[nodiscard]] const Split& split() const { return split_; }

  // Fitted on the item-side reviews alone.
  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
  [[nodiscard]] const SplitCounts& split_counts() const { return split_.counts(); }
  [[nodiscard]] std::uint64_t bad_rows() const { return bad_rows_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  [[nodiscard]] JsonlReader open(const InputFile& input) const;
  void read_split(Provenance& provenance);
  void spool_item_side();
  void spool_summaries(Provenance& provenance);
  void group_by_item();

  const PersonasOptions& options_;
  InputFile aspects_;
  Interactions data_;
  Split split_;
  RowSpool reviews_;                         // item-side rows of 1_aspects, in file order
  RowSpool summary_rows_;                    // rows of 2_summary
  std::vector<std::uint32_t> interactions_;  // [rows of reviews_]
  std::vector<std::uint32_t> rows_;          // rows of reviews_, grouped by item
  std::vector<std::size_t> item_begin_;      // [items + 1] offsets into rows_
  std::vector<std::uint32_t> summaries_;     // [items] row of summary_rows_, or kNone
  std::vector<std::string> titles_;          // [items]
  std::vector<ItemId> unreviewed_;           // that 2_summary alone knows
  Vocabulary vocabulary_;
  std::uint64_t bad_rows_ = 0;
  std::string aspects_sha256_;
};

}  // namespace persona4rec
