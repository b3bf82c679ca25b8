#include "io/raw_review_reader.hpp"

#include "io/rows/raw_rows.hpp"
#include "records/raw_dataset.hpp"

namespace persona4rec {
namespace {

DelimitedOptions review_columns(const ReviewSchema& schema) {
  DelimitedOptions options{.numbers = {schema.rating, schema.timestamp}, .values = {}, .required = {}, .header = {}};
  for (const auto& field : {schema.item, schema.user, schema.rating, schema.timestamp, schema.text}) {
    if (!field.empty()) options.required.push_back(field);
  }
  return options;
}

}  // namespace

RawReviewReader::RawReviewReader(const InputFile& input, const ReviewSchema& schema, const ReviewSelection& selection,
                                 std::uint64_t max_bad_rows)
    : reader_(open_raw_rows(LineSource(input), review_columns(schema)),
              {.max_bad_rows = max_bad_rows, .python_dicts = true, .read = {schema.time}}),
      schema_(schema),
      selection_(selection) {}

bool RawReviewReader::selects(const RawReview& review) {
  if (selection_.sample != 0 && taken_ >= selection_.sample) return false;
  if (selection_.users == 0) return true;
  if (users_.size() < selection_.users) users_.insert(review.user_id);
  return users_.contains(review.user_id);
}

bool RawReviewReader::next(RawReview& review) {
  while (reader_.next([&](const RowView& view) { review = read_raw_review(view, schema_, reader_.row_index()); })) {
    if (selects(review)) {
      ++taken_;
      if (!schema_.timestamp.empty()) times_.add(review.timestamp.ms);
      return true;
    }
    ++left_out_;
  }
  return false;
}

Json selection_settings(const ReviewSelection& selection) {
  const auto or_null = [](std::uint64_t value) { return value == 0 ? Json(nullptr) : Json(value); };
  return {{"sample", or_null(selection.sample)}, {"users", or_null(selection.users)}};
}

}  // namespace persona4rec
