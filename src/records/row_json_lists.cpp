// Row types made of long lists: histories, candidate lists, reranked lists.
#include <cmath>
#include <utility>

#include "records/row_fields.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

HistoryReview read_review(const RowView& view, const ReadOptions& options) {
  HistoryReview review{.user_id = view.id<UserId>("user_id"),
                       .item_id = view.id<ItemId>("item_id"),
                       .review_title = std::string(view.maybe_string("review_title").value_or("")),
                       .summary = std::string(view.maybe_string("summary").value_or("")),
                       .extracted = options.aspects ? view.json("extracted") : Json(),
                       .timestamp = read_timestamp(view, "timestamp", options.time),
                       .rating = read_rating(view, "rating", true),
                       .review_id = std::nullopt,
                       .review_text = std::nullopt,
                       .raw_start = std::nullopt};
  if (review.extracted.is_null()) review.extracted = Json::object();
  if (view.has("review_id")) review.review_id = view.id<ReviewId>("review_id");
  if (const auto text = view.maybe_string("review_text")) review.review_text = *text;
  if (const auto start = view.maybe_string("raw_start")) review.raw_start = *start;
  return review;
}

Json review_json(const HistoryReview& review) {
  Json out = {{"user_id", to_json(review.user_id)},  {"item_id", to_json(review.item_id)},
              {"review_title", review.review_title}, {"summary", review.summary},
              {"extracted", review.extracted},       {"timestamp", to_json(review.timestamp)},
              {"rating", to_json(review.rating)}};
  if (review.review_id) out["review_id"] = to_json(*review.review_id);
  if (review.review_text) out["review_text"] = *review.review_text;
  if (review.raw_start) out["raw_start"] = *review.raw_start;
  return out;
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// The id of a result; nothing for the published files' empty ids.
std::optional<ItemId> result_item(const RowView& view) {
  const auto element = view.maybe("item_id");
  if (!element || (element->is_string() && element->get_string().value_unsafe().empty())) return std::nullopt;
  return view.id<ItemId>("item_id");
}

RerankedCandidate read_reranked(const RowView& view, ItemId item) {
  RerankedCandidate candidate{.item_id = std::move(item), .score = view.number("score")};
  if (view.has("persona_id")) candidate.persona_id = view.id<PersonaId>("persona_id");
  if (const auto name = view.maybe_string("persona_name")) candidate.persona_name = *name;
  candidate.persona_score = view.maybe_number("persona_score");
  candidate.base_score = view.maybe_number("base_score");
  if (view.has("base_rank")) candidate.base_rank = view.unsigned_number("base_rank");
  return candidate;
}

Json reranked_json(const RerankedCandidate& candidate) {
  return {{"item_id", to_json(candidate.item_id)},
          {"score", candidate.score},
          {"persona_id", candidate.persona_id ? to_json(*candidate.persona_id) : Json(nullptr)},
          {"persona_name", or_null(candidate.persona_name)},
          {"persona_score", or_null(candidate.persona_score)},
          {"base_score", or_null(candidate.base_score)},
          {"base_rank", candidate.base_rank}};
}

}  // namespace

template <>
HistoryRow read_row<HistoryRow>(const RowView& view, const ReadOptions& options) {
  HistoryRow row{.user_id = view.id<UserId>("user_id"), .reviews = {}};
  std::size_t index = 0;
  for (const auto element : view.array("reviews")) {
    row.reviews.push_back(read_review(view.element("reviews", index++, element), options));
  }
  return row;
}

template <>
CandidateRow read_row<CandidateRow>(const RowView& view, const ReadOptions& options) {
  CandidateRow row{.user_id = view.id<UserId>("user_id"),
                   .topk = std::nullopt,
                   .filter_scope = std::nullopt,
                   .results = {},
                   .context = view.json("context")};
  if (view.has("topk")) row.topk = static_cast<std::int64_t>(view.number("topk"));
  if (const auto scope = view.maybe_string("filter_scope")) row.filter_scope = *scope;
  std::size_t index = 0;
  for (const auto element : view.array("results")) {
    const auto result = view.element("results", index++, element);
    auto item = result_item(result);
    if (!item) continue;
    Candidate& candidate = row.results.emplace_back(*std::move(item), result.maybe_number("score"));
    if (options.base_ranks && result.has("base_rank")) {
      candidate.base_rank = result.unsigned_number("base_rank");
      candidate.has_persona = result.has("persona_id");
    }
  }
  return row;
}

template <>
RerankedRow read_row<RerankedRow>(const RowView& view, const ReadOptions& /*options*/) {
  RerankedRow row{.user_id = view.id<UserId>("user_id"), .results = {}};
  std::size_t index = 0;
  for (const auto element : view.array("results")) {
    const auto result = view.element("results", index++, element);
    if (auto item = result_item(result)) row.results.push_back(read_reranked(result, *std::move(item)));
  }
  return row;
}

Json to_json(const HistoryRow& row) {
  Json out = {{"user_id", to_json(row.user_id)}, {"reviews", Json::array()}};
  for (const auto& review : row.reviews) out["reviews"].push_back(review_json(review));
  return out;
}

Json to_json(const CandidateRow& row) {
  Json out = {{"user_id", to_json(row.user_id)}};
  if (row.topk) out["topk"] = *row.topk;
  if (row.filter_scope) out["filter_scope"] = *row.filter_scope;
  out["results"] = Json::array();
  for (const auto& candidate : row.results) {
    Json result = {{"item_id", to_json(candidate.item_id)}};
    if (candidate.score) result["score"] = *candidate.score;
    out["results"].push_back(std::move(result));
  }
  if (!row.context.is_null()) out["context"] = row.context;
  return out;
}

Json to_json(const RerankedRow& row) {
  Json out = {{"user_id", to_json(row.user_id)}, {"results", Json::array()}};
  for (const auto& candidate : row.results) out["results"].push_back(reranked_json(candidate));
  return out;
}

}  // namespace persona4rec
