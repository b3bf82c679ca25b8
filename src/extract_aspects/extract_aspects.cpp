#include "persona4rec/extract_aspects.hpp"

#include <memory>
#include <utility>

#include "asking/answer_stage.hpp"
#include "asking/bounded_request.hpp"
#include "asking/prompt.hpp"
#include "base/excerpt.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "io/raw_review_reader.hpp"
#include "records/row_append.hpp"
#include "records/time.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxTitleBytes = 300;
constexpr const char* kRole = "1_aspects";

struct ReviewUnit {
  RawReview review;
  bool shortened = false;
};

class Extraction final : public AnswerWork<ReviewUnit> {
 public:
  Extraction(const ExtractAspectsOptions& options, ChatClient& client, const AnswerStage& stage)
      : options_(options),
        client_(client),
        rendered_(client.reads_prompts() || options.prompt_tokens > 0),
        reviews_(stage.repeatable(options.reviews)),
        prompt_(Prompt::load(options.prompts, "extract_aspects")) {
    for (const auto& [key, value] : prompt_.schema()->at("properties").items()) no_aspects_[key] = nullptr;
  }

  ExtractAspectsReport report;

  std::uint64_t size() override {
    auto reader = open();
    for (RawReview review; reader.next(review);) {
    }
    report.times = reader.times();
    report.left_out = reader.left_out();
    report.bad_rows = reader.bad_rows();
    sha256_ = reader.sha256();
    warn_of_missing_fields();
    if (const auto doubt = unit_doubt(report.times, options_.schema.time); !doubt.empty())
      log_warning(reviews_.name() + ": " + doubt);
    return reader.taken();
  }

  // The file is read once a walk, so that no text stays in memory.
  UnitWalk<ReviewUnit> walk(const ShardRange& range) override {
    ++walks_;
    return [this, range, reader = std::make_shared<RawReviewReader>(open())](ReviewUnit& unit) {
      while (reader->next(unit.review)) {
        if (range.holds(reader->taken() - 1)) return true;
      }
      if (reader->sha256() == sha256_) return false;
      throw input_error({.file = reviews_.name()}, "was changed while it was read");
    };
  }

  std::optional<ChatRequest> request(ReviewUnit& unit) override {
    if (count_code_points(trim(unit.review.text)) < options_.min_text_chars) return std::nullopt;
    auto bounded = bounded_request(unit.review.text, options_.prompt_tokens,
                                   [&](std::string text) { return request_of(unit.review, std::move(text)); });
    unit.shortened = bounded.shortened;
    if (walks_ == 1 && unit.review.decoded) report.asked_anew += is_asked_anew(unit.review, bounded.request) ? 1 : 0;
    return std::move(bounded.request);
  }

  [[nodiscard]] bool asks_at_once() const override { return true; }

  void write(ReviewUnit& unit, const UnitAnswer& given, AnswerStage& stage) override {
    auto& review = unit.review;
    AspectRow row{.review_id = std::move(review.review_id),
                  .item_id = std::move(review.item_id),
                  .user_id = std::move(review.user_id),
                  .rating = review.rating,
                  .timestamp = std::move(review.timestamp),
                  .review_title = std::move(review.title),
                  .review_text = std::move(review.text),
                  .raw_start = std::move(review.raw_start),
                  .extracted_aspects = given.answer ? in_schema_order(*given.answer) : no_aspects_,
                  .status = given.answer  ? AspectStatus::kOk
                            : given.asked ? AspectStatus::kRejected
                                          : AspectStatus::kNoText};
    ++report.reviews;
    report.no_text += given.asked ? 0 : 1;
    report.shortened += unit.shortened ? 1 : 0;
    report.decoded += given.asked && review.decoded ? 1 : 0;
    line_.clear();
    append_json(line_, row);
    line_ += '\n';
    stage.row_in_parts(kRole).write(line_);
  }

  void describe(Provenance& provenance) override {
    provenance.input("reviews", options_.reviews, sha256_);
    provenance.settings(selection_settings(options_.selection));
    provenance.settings(time_settings(options_.schema.time));
    if (options_.schema.timestamp.empty()) provenance.option("order", order_name());
    provenance.option("min_text_chars", options_.min_text_chars);
    provenance.option("prompt_tokens", options_.prompt_tokens);
    provenance.prompt("extract_aspects", prompt_.fingerprint());
    provenance.count("reviews", report.reviews);
    provenance.count("no_text", report.no_text);
    provenance.count("shortened", report.shortened);
    if (report.decoded > 0) provenance.count("decoded", report.decoded);
    provenance.count("input_left_out", report.left_out);
    provenance.count("input_bad_rows", report.bad_rows);
  }

 private:
  [[nodiscard]] const char* order_name() const { return options_.schema.order == ReviewOrder::kHash ? "hash" : "file"; }

  void warn_of_missing_fields() const {
    const auto& schema = options_.schema;
    if (schema.rating.empty())
      log_warning(reviews_.name() + ": [schema.review] names no rating: every review counts as liked");
    if (!schema.timestamp.empty()) return;
    const bool by_hash = schema.order == ReviewOrder::kHash;
    log_warning(reviews_.name() + ": [schema.review] names no timestamp: a user's reviews are put in order by " +
                (by_hash
                     ? "a hash of what they are, so the \"last\" one is any one (--order file takes the file's order)"
                     : "their place in the file, and a file that is sorted by item tells with it what was taken "
                       "last: metrics are too good then (--order hash, the default, is free of that)"));
  }

  [[nodiscard]] RawReviewReader open() const {
    return {reviews_, options_.schema, options_.selection, options_.max_bad_rows};
  }

  // As `request` would have been before character references were resolved: does the store know that one alone?
  [[nodiscard]] bool is_asked_anew(RawReview& review, const ChatRequest& request) {
    if (client_.has_answer(request)) return false;
    const auto title = review.title ? std::exchange(review.title, review.raw_title) : std::nullopt;
    const auto before = bounded_request(review.raw_text, options_.prompt_tokens,
                                        [&](std::string text) { return request_of(review, std::move(text)); });
    review.title = title;
    return client_.has_answer(before.request);
  }

  [[nodiscard]] ChatRequest request_of(const RawReview& review, std::string text) const {
    Json facts = {{"title", excerpt(review.title.value_or(""), kMaxTitleBytes)},
                  {"text", std::move(text)},
                  {"rating", stars(review.rating)}};
    const auto make = rendered_ ? &Prompt::request : &Prompt::bare_request;
    return (prompt_.*make)(std::move(facts), "review " + review.review_id.text(), options_.answers.sampling, nullptr);
  }

  // A model may answer in any order; rows have one.
  [[nodiscard]] Json in_schema_order(const Json& answer) const {
    Json aspects = no_aspects_;
    for (auto& [key, value] : aspects.items()) value = answer.value(key, Json());
    return aspects;
  }

  const ExtractAspectsOptions& options_;
  ChatClient& client_;
  bool rendered_;  // false where nobody reads the prompts
  InputFile reviews_;
  Prompt prompt_;
  Json no_aspects_ = Json::object();
  std::string sha256_;
  int walks_ = 0;  // the first asks, the second writes
  std::string line_;
};

}  // namespace

ExtractAspectsReport extract_aspects(const ExtractAspectsOptions& options, ChatClient& client) {
  AnswerStage stage(client, {.command = "extract-aspects",
                             .artifacts = {{options.output, kRole}},
                             .answers = options.answers,
                             .force = options.force,
                             .progress = options.progress});
  Extraction work(options, client, stage);
  work.report.written = stage.run(work);
  work.report.answers = stage.counts();
  return work.report;
}

}  // namespace persona4rec
