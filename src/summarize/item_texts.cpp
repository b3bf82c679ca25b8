#include "summarize/item_texts.hpp"

#include <utility>

#include "io/jsonl_reader.hpp"
#include "io/raw_review_reader.hpp"
#include "io/rows/raw_rows.hpp"
#include "records/raw_dataset.hpp"

namespace persona4rec {

ItemTexts::ItemTexts(const SummarizeOptions& options) : all_items_(options.all_items), spool_(options.output) {
  check_schema(options.dataset.item);
  read_reviews(options);
  read_metadata(options);
}

void ItemTexts::read_reviews(const SummarizeOptions& options) {
  RawReviewReader reader(options.reviews, options.dataset.review, options.selection, options.max_bad_rows);
  for (RawReview review; reader.next(review);) {
    if (!index_.emplace(review.item_id, static_cast<std::uint32_t>(items_.size())).second) continue;
    items_.push_back(std::move(review.item_id));
  }
  reviewed_ = items_.size();
  spooled_.assign(items_.size(), kNone);
  decoded_.assign(items_.size(), kNone);
  bad_rows_ += reader.bad_rows();
  left_out_ = reader.left_out();
  reviews_sha256_ = reader.sha256();
}

void ItemTexts::read_metadata(const SummarizeOptions& options) {
  if (options.metadata.empty()) return;
  const ItemSchema& schema = options.dataset.item;
  DelimitedOptions columns{.numbers = {}, .values = schema.description, .required = {schema.item}, .header = {}};
  columns.values.push_back(schema.attributes);
  JsonlReader reader(open_raw_rows(LineSource(options.metadata), std::move(columns)),
                     {.max_bad_rows = options.max_bad_rows, .python_dicts = true});
  RawItem item;
  while (reader.next([&](const RowView& view) { item = read_raw_item(view, options.dataset.item); })) {
    take(std::exchange(item, {}));
    if (options.progress) options.progress({.what = "metadata rows", .done = reader.rows()});
  }
  bad_rows_ += reader.bad_rows();
  metadata_sha256_ = reader.sha256();
}

void ItemTexts::take(RawItem item) {
  auto known = index_.find(item.item_id);
  if (known == index_.end() && all_items_) {
    known = index_.emplace(item.item_id, static_cast<std::uint32_t>(items_.size())).first;
    items_.push_back(item.item_id);
    spooled_.push_back(kNone);
    decoded_.push_back(kNone);
  }
  if (known == index_.end()) {
    ++unused_;
    return;
  }
  auto& spooled = spooled_[known->second];
  if (spooled != kNone) {
    ++duplicates_;
    return;
  }
  if (item.decoded) {
    const SummaryRow raw{.item_id = items_[known->second],
                         .item_title = std::move(item.raw_title),
                         .item_description = std::move(item.raw_description),
                         .item_summary = {}};
    decoded_[known->second] = static_cast<std::uint32_t>(spool_.append(to_json(raw)));
  }
  script_titles_ += item.script_title ? 1 : 0;
  const SummaryRow row{.item_id = items_[known->second],  // as the reviews write it
                       .item_title = std::move(item.title),
                       .item_description = std::move(item.description),
                       .item_summary = {}};
  spooled = static_cast<std::uint32_t>(spool_.append(to_json(row)));
}

SummaryRow ItemTexts::row(std::size_t item) {
  if (!has_metadata(item))
    return {.item_id = items_[item], .item_title = {}, .item_description = {}, .item_summary = {}};
  return spool_.row<SummaryRow>(spooled_[item]);
}

}  // namespace persona4rec
