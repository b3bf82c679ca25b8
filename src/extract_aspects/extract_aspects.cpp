#include "persona4rec/extract_aspects.hpp"

#include <utility>

#include "asking/answer_rows.hpp"
#include "asking/bounded_request.hpp"
#include "asking/shard.hpp"
#include "base/excerpt.hpp"
#include "base/utf8.hpp"
#include "io/raw_review_reader.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxTitleBytes = 300;

// One selected review of this shard, with its request when it has text.
struct Unit {
  RawReview review;
  std::optional<ChatRequest> request;
  bool shortened = false;
};

class Extraction {
 public:
  Extraction(const ExtractAspectsOptions& options, ChatClient& client)
      : options_(options),
        prompt_(Prompt::load(options.prompts, "extract_aspects")),
        path_(shard_path(options.output, options.answers.shard)),
        out_(path_),
        provenance_("extract-aspects", options.force),
        answers_(client, path_, options.answers, options.progress) {
    for (const auto& [key, value] : prompt_.schema()->at("properties").items()) no_aspects_[key] = nullptr;
  }

  ExtractAspectsReport run() {
    range_ = shard_range(options_.answers.shard, count_reviews());
    Pass asking(*this);
    if (!answers_.ask([&] { return asking.next_request(); }, range_.end - range_.begin)) return report_;
    write_rows();
    finish();
    return report_;
  }

 private:
  // A walk over the reviews of this shard. The file is read once a walk, so that no text stays in memory.
  class Pass {
   public:
    explicit Pass(const Extraction& owner) : owner_(owner), reader_(owner.open()) {}

    bool next(Unit& unit) {
      RawReview review;
      while (reader_.next(review)) {
        if (!owner_.range_.holds(reader_.taken() - 1)) continue;
        unit = owner_.unit_of(std::move(review));
        return true;
      }
      return false;
    }

    std::optional<ChatRequest> next_request() {
      for (Unit unit; next(unit);) {
        if (unit.request) return std::move(unit.request);
      }
      return std::nullopt;
    }

    [[nodiscard]] const RawReviewReader& reader() const { return reader_; }

   private:
    const Extraction& owner_;
    RawReviewReader reader_;
  };

  [[nodiscard]] RawReviewReader open() const {
    return {options_.reviews, options_.schema, options_.selection, options_.max_bad_rows};
  }

  std::uint64_t count_reviews() {
    auto reader = open();
    for (RawReview review; reader.next(review);) {
    }
    report_.left_out = reader.left_out();
    report_.bad_rows = reader.bad_rows();
    sha256_ = reader.sha256();
    return reader.taken();
  }

  [[nodiscard]] Unit unit_of(RawReview review) const {
    Unit unit{.review = std::move(review)};
    if (count_code_points(trim(unit.review.text)) < options_.min_text_chars) return unit;
    auto bounded = bounded_request(unit.review.text, options_.prompt_tokens,
                                   [&](std::string text) { return request_of(unit.review, std::move(text)); });
    unit.request = std::move(bounded.request);
    unit.shortened = bounded.shortened;
    return unit;
  }

  [[nodiscard]] ChatRequest request_of(const RawReview& review, std::string text) const {
    Json facts = {{"title", excerpt(review.title.value_or(""), kMaxTitleBytes)},
                  {"text", std::move(text)},
                  {"rating", stars(review.rating)}};
    return prompt_.request(std::move(facts), "review " + review.review_id.text(), options_.answers.sampling);
  }

  void write_rows() {
    Pass pass(*this);
    for (Unit unit; pass.next(unit);) {
      report_.shortened += unit.shortened ? 1 : 0;
      write_row(unit);
    }
    if (pass.reader().sha256() != sha256_) {
      throw input_error({.file = options_.reviews.string()}, "was changed while it was read");
    }
  }

  void write_row(Unit& unit) {
    auto& review = unit.review;
    AspectRow row{.review_id = std::move(review.review_id),
                  .item_id = std::move(review.item_id),
                  .user_id = std::move(review.user_id),
                  .rating = review.rating,
                  .timestamp = std::move(review.timestamp),
                  .review_title = std::move(review.title),
                  .review_text = std::move(review.text),
                  .extracted_aspects = no_aspects_,
                  .status = AspectStatus::kNoText};
    if (unit.request) {
      auto answer = answers_.next(*unit.request);
      row.status = answer ? AspectStatus::kOk : AspectStatus::kRejected;
      if (answer) row.extracted_aspects = in_schema_order(*answer);
    }
    report_.no_text += row.status == AspectStatus::kNoText ? 1 : 0;
    ++report_.reviews;
    out_.write_row(to_json(row));
  }

  // A model may answer in any order; rows have one.
  [[nodiscard]] Json in_schema_order(const Json& answer) const {
    Json aspects = no_aspects_;
    for (auto& [key, value] : aspects.items()) value = answer.value(key, Json());
    return aspects;
  }

  void finish() {
    provenance_.input("reviews", options_.reviews, sha256_);
    provenance_.settings(selection_settings(options_.selection));
    provenance_.settings(time_settings(options_.schema.time));
    provenance_.option("min_text_chars", options_.min_text_chars);
    provenance_.option("prompt_tokens", options_.prompt_tokens);
    provenance_.prompt("extract_aspects", prompt_.fingerprint());
    provenance_.count("reviews", report_.reviews);
    provenance_.count("no_text", report_.no_text);
    provenance_.count("shortened", report_.shortened);
    provenance_.count("input_left_out", report_.left_out);
    provenance_.count("input_bad_rows", report_.bad_rows);
    answers_.describe(provenance_);
    provenance_.write(path_, "1_aspects", out_.commit(), report_.reviews);
    report_.written = true;
    report_.answers = answers_.counts();
    answers_.finish();
  }

  const ExtractAspectsOptions& options_;
  Prompt prompt_;
  std::filesystem::path path_;
  OutputFile out_;
  Provenance provenance_;
  AnswerRows answers_;
  ShardRange range_;
  Json no_aspects_ = Json::object();
  std::string sha256_;
  ExtractAspectsReport report_;
};

}  // namespace

ExtractAspectsReport extract_aspects(const ExtractAspectsOptions& options, ChatClient& client) {
  return Extraction(options, client).run();
}

}  // namespace persona4rec
