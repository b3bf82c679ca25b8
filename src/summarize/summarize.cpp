#include "persona4rec/summarize.hpp"

#include <utility>

#include "asking/answer_rows.hpp"
#include "asking/bounded_request.hpp"
#include "asking/shard.hpp"
#include "base/excerpt.hpp"
#include "base/utf8.hpp"
#include "io/raw_review_reader.hpp"
#include "summarize/item_texts.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxTitleBytes = 500;

struct Unit {
  SummaryRow row;
  std::optional<ChatRequest> request;
  bool shortened = false;
};

bool is_blank(const std::string& text) {
  return trim(text).empty();
}

class Summarizing {
 public:
  Summarizing(const SummarizeOptions& options, ChatClient& client)
      : options_(options),
        prompt_(Prompt::load(options.dataset.prompts, "summarize")),
        path_(shard_path(options.output, options.answers.shard)),
        out_(path_),
        provenance_("summarize", options.force),
        answers_(client, path_, options.answers, options.progress),
        items_(options) {
    require_answer_fields(prompt_, {"item_summary"});
  }

  SummarizeReport run() {
    const auto range = shard_range(options_.answers.shard, items_.size());
    std::size_t next = range.begin;
    const auto requests = [&]() -> std::optional<ChatRequest> {
      while (next < range.end) {
        if (auto unit = unit_of(next++); unit.request) return std::move(unit.request);
      }
      return std::nullopt;
    };
    if (!answers_.ask(requests, range.end - range.begin)) return report_;
    for (auto item = range.begin; item < range.end; ++item) write_row(item);
    finish();
    return report_;
  }

 private:
  Unit unit_of(std::size_t item) {
    Unit unit{.row = items_.row(item)};
    if (is_blank(unit.row.item_title) && is_blank(unit.row.item_description)) return unit;
    auto bounded = bounded_request(unit.row.item_description, options_.prompt_tokens,
                                   [&](std::string text) { return request_of(unit.row, std::move(text)); });
    unit.request = std::move(bounded.request);
    unit.shortened = bounded.shortened;
    return unit;
  }

  [[nodiscard]] ChatRequest request_of(const SummaryRow& row, std::string description) const {
    Json facts = {{"title", excerpt(row.item_title, kMaxTitleBytes)}, {"description", std::move(description)}};
    return prompt_.request(std::move(facts), "item " + row.item_id.text(), options_.answers.sampling);
  }

  void write_row(std::size_t item) {
    auto unit = unit_of(item);
    if (unit.request) {
      if (const auto answer = answers_.next(*unit.request)) {
        unit.row.item_summary = answer->at("item_summary").get<std::string>();
      }
    }
    const bool known = items_.has_metadata(item);
    report_.without_metadata += known ? 0 : 1;
    report_.without_text += known && !unit.request ? 1 : 0;
    report_.title_only += unit.request && is_blank(unit.row.item_description) ? 1 : 0;
    report_.shortened += unit.shortened ? 1 : 0;
    ++report_.items;
    out_.write_row(to_json(unit.row));
  }

  void count_all() {
    report_.duplicates = items_.duplicates();
    report_.unused = items_.unused();
    report_.bad_rows = items_.bad_rows();
    provenance_.count("items", report_.items);
    provenance_.count("without_metadata", report_.without_metadata);
    provenance_.count("without_text", report_.without_text);
    provenance_.count("title_only", report_.title_only);
    provenance_.count("shortened", report_.shortened);
    provenance_.count("input_duplicates", report_.duplicates);
    provenance_.count("input_unused", report_.unused);
    provenance_.count("input_left_out", items_.left_out());
    provenance_.count("input_bad_rows", report_.bad_rows);
  }

  void finish() {
    provenance_.input("reviews", options_.reviews, items_.reviews_sha256());
    provenance_.input("metadata", options_.metadata, items_.metadata_sha256());
    provenance_.settings(selection_settings(options_.selection));
    provenance_.option("prompt_tokens", options_.prompt_tokens);
    provenance_.prompt("summarize", prompt_.fingerprint());
    count_all();
    answers_.describe(provenance_);
    provenance_.write(path_, "2_summary", out_.commit(), report_.items);
    report_.written = true;
    report_.answers = answers_.counts();
    answers_.finish();
  }

  const SummarizeOptions& options_;
  Prompt prompt_;
  std::filesystem::path path_;
  OutputFile out_;
  Provenance provenance_;
  AnswerRows answers_;
  ItemTexts items_;
  SummarizeReport report_;
};

}  // namespace

SummarizeReport summarize(const SummarizeOptions& options, ChatClient& client) {
  return Summarizing(options, client).run();
}

}  // namespace persona4rec
