#include "prepare/history_reviews.hpp"

#include <utility>

#include "records/row_append.hpp"

namespace persona4rec {
namespace {

constexpr char kBetweenParts = '\n';  // which JSON text escapes

}  // namespace

std::string history_review_parts(const AspectRow& row, const RowView& view) {
  constexpr std::size_t kAroundTexts = 512;
  std::string text;
  text.reserve(row.review_text.size() + kAroundTexts);
  append_field(text, R"({"user_id":)", row.user_id);
  append_field(text, R"(,"item_id":)", row.item_id);
  append_field(text, R"(,"review_title":)", std::string_view(row.review_title ? *row.review_title : std::string()));
  text += R"(,"summary":)";
  text += kBetweenParts;
  text += R"(,"extracted":)";
  if (const auto aspects = view.maybe("extracted_aspects")) {
    append_json(text, *aspects);
  } else {
    text += "{}";
  }
  append_field(text, R"(,"timestamp":)", row.timestamp);
  append_field(text, R"(,"rating":)", row.rating);
  append_field(text, R"(,"review_id":)", row.review_id);
  append_field(text, R"(,"review_text":)", std::string_view(row.review_text));
  if (row.raw_start) {
    append_field(text, R"(,"raw_start":)", std::string_view(*row.raw_start));
  }
  text += '}';
  return text;
}

std::uint32_t HistoryReviews::append_summary(std::string_view summary) {
  std::string text;
  append_json(text, summary);
  return static_cast<std::uint32_t>(summaries_.append(std::string_view(text)));
}

void HistoryReviews::finish(std::vector<std::uint32_t> summary_of_item) {
  summary_of_item_ = std::move(summary_of_item);
  summaries_.finish();
  reviews_.finish();
}

std::string_view HistoryReviewReader::json(std::uint32_t interaction) {
  const auto parts = reviews_.bytes(interaction);
  const auto between = parts.find(kBetweenParts);
  json_.assign(parts.substr(0, between));
  json_ += summaries_.bytes(of_.summary_of_item_[data_[interaction].item]);
  json_ += parts.substr(between + 1);
  return json_;
}

}  // namespace persona4rec
