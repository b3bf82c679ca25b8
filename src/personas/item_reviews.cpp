#include "personas/item_reviews.hpp"

#include <unordered_set>
#include <utility>

#include "asking/shown_reviews.hpp"
#include "io/rows/row_blocks.hpp"
#include "records/row_append.hpp"

namespace persona4rec {
namespace {

// A row on its way into the temporary file.
struct ReadReview {
  std::string words;  // its text, for the vocabulary
  std::string json;   // to_json() of the row
};

ReadReview read_review(const RowView& view, const ReadOptions& options) {
  const auto row = read_row<AspectRow>(view, options);
  std::string aspects;
  if (const auto given = view.maybe("extracted_aspects")) append_json(aspects, *given);
  ReadReview read{.words = review_words_text(row), .json = {}};
  append_json(read.json, row, aspects.empty() ? "{}" : aspects);
  return read;
}

}  // namespace

ItemReviews::ItemReviews(const PersonasOptions& options, InputFile aspects, Provenance& provenance)
    : options_(options), aspects_(std::move(aspects)), reviews_(options.personas), summary_rows_(options.personas) {
  read_split(provenance);
  spool_item_side();
  spool_summaries(provenance);
}

JsonlReader ItemReviews::open(const InputFile& input) const {
  return JsonlReader(input, {.max_bad_rows = options_.max_bad_rows, .read = {.time = options_.time}});
}

void ItemReviews::read_split(Provenance& provenance) {
  auto read = read_interactions(
      aspects_, {.max_bad_rows = options_.max_bad_rows, .read = {.time = options_.time, .aspects = false}}, 0,
      [&](AspectRow&&, std::size_t index) {
        if (options_.progress) options_.progress({.what = "reviews", .done = index + 1});
      });
  data_ = std::move(read.data);
  bad_rows_ += read.read.bad_rows;
  aspects_sha256_ = std::move(read.read.sha256);
  split_ = decide_split(data_, options_.split);
  provenance.input("1_aspects", options_.aspects, aspects_sha256_);
  provenance.settings(split_settings(split_.options()));
  provenance.settings(time_settings(options_.time));
}

void ItemReviews::spool_item_side() {
  const JsonlOptions options{.max_bad_rows = options_.max_bad_rows, .read = {.time = options_.time, .aspects = false}};
  RowBlocks<ReadReview> blocks(aspects_, options, 0);
  VocabularyBuilder words{WordTokenizer(StopWords::resolve(options_.words.stop_words))};
  std::uint32_t interaction = 0;
  const auto read = blocks.read([&](const RowView& view) { return read_review(view, options.read); },
                                [&](ReadReview&& review, const Place& /*place*/) {
                                  const auto number = interaction++;
                                  if (number >= data_.size() || !split_.item_side(number)) return;
                                  interactions_.push_back(number);
                                  words.add(review.words);
                                  reviews_.append(std::string_view(review.json));
                                });
  if (read.sha256 != aspects_sha256_) throw input_error({.file = aspects_.name()}, "was changed while it was read");
  reviews_.finish();
  vocabulary_ = words.build(options_.words);
  group_by_item();
}

void ItemReviews::group_by_item() {
  const auto item_of = [&](std::size_t row) { return data_[interactions_[row]].item; };
  item_begin_.assign(size() + 1, 0);
  for (const auto interaction : interactions_) ++item_begin_[data_[interaction].item + 1];
  for (std::size_t i = 0; i < size(); ++i) item_begin_[i + 1] += item_begin_[i];
  rows_.resize(interactions_.size());
  auto next = item_begin_;
  for (std::uint32_t row = 0; row < rows_.size(); ++row) rows_[next[item_of(row)]++] = row;
}

void ItemReviews::spool_summaries(Provenance& provenance) {
  summaries_.assign(size(), kNone);
  titles_.resize(size());
  std::unordered_set<ItemId> unreviewed;
  auto reader = open(options_.summary);
  for (SummaryRow row; reader.next(row); row = {}) {
    const auto item = data_.find_item(row.item_id);
    if (item ? summaries_[*item] != kNone : !unreviewed.insert(row.item_id).second) {
      throw input_error({.file = reader.place().file, .line = reader.place().line, .field = "item_id"},
                        "the item \"" + row.item_id.text() + "\" has a row already");
    }
    const auto spooled = static_cast<std::uint32_t>(summary_rows_.append(to_json(row)));
    if (item) {
      summaries_[*item] = spooled;
      titles_[*item] = std::move(row.item_title);
    } else {
      summaries_.push_back(spooled);
      titles_.push_back(std::move(row.item_title));
      unreviewed_.push_back(std::move(row.item_id));
    }
  }
  summary_rows_.finish();
  item_begin_.resize(size() + 1, item_begin_.back());
  bad_rows_ += reader.bad_rows();
  provenance.input("2_summary", options_.summary, reader.sha256());
}

SummaryRow ItemReviews::summary(std::size_t item) const {
  SummaryRow row;
  if (has_summary(item)) row = SpoolReader(summary_rows_).row<SummaryRow>(summaries_[item]);
  const auto reviewed = data_.items().size();
  row.item_id = item < reviewed ? data_.items()[item] : unreviewed_[item - reviewed];
  return row;
}

std::string ItemReviews::metadata_text(std::size_t item) const {
  const auto row = summary(item);
  return row.item_title + "\n" + row.item_description + "\n" + row.item_summary;
}

void ItemReviews::for_each_review(std::size_t item, bool aspects, const std::function<void(AspectRow&&)>& take) const {
  SpoolReader reader(reviews_);
  for (auto at = item_begin_[item]; at < item_begin_[item + 1]; ++at) {
    take(reader.row<AspectRow>(rows_[at], {.time = options_.time, .aspects = aspects}));
  }
}

std::uint64_t ItemReviews::byte_count(std::size_t item) const {
  std::uint64_t bytes = 0;
  for (auto at = item_begin_[item]; at < item_begin_[item + 1]; ++at) bytes += reviews_.byte_count(rows_[at]);
  return bytes;
}

void ItemReviews::for_each_json(std::size_t item, const std::function<void(std::string_view)>& take) {
  for (auto at = item_begin_[item]; at < item_begin_[item + 1]; ++at) take(reviews_.bytes(rows_[at]));
}

}  // namespace persona4rec
