#include "persona4rec/summarize.hpp"

#include <utility>

#include "asking/answer_stage.hpp"
#include "asking/bounded_request.hpp"
#include "asking/prompt.hpp"
#include "base/excerpt.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "io/raw_review_reader.hpp"
#include "summarize/item_texts.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxTitleBytes = 500;
constexpr const char* kRole = "2_summary";

struct SummaryUnit {
  std::uint64_t number = 0;  // of the item
  SummaryRow row;
  bool has_metadata = false;
  bool decoded = false;
  bool shortened = false;
};

bool is_blank(const std::string& text) {
  return trim(text).empty();
}

class Summarizing final : public AnswerWork<SummaryUnit> {
 public:
  Summarizing(const SummarizeOptions& options, ChatClient& client)
      : options_(options),
        client_(client),
        prompt_(Prompt::load(options.dataset.prompts, "summarize")),
        items_(options) {
    require_answer_fields(prompt_, {"item_summary"});
  }

  SummarizeReport report;

  std::uint64_t size() override { return items_.size(); }

  UnitWalk<SummaryUnit> walk(const ShardRange& range) override {
    ++walks_;
    return walk_by_number<SummaryUnit>(range, [this](std::uint64_t item) {
      return SummaryUnit{.number = item,
                         .row = items_.row(item),
                         .has_metadata = items_.has_metadata(item),
                         .decoded = items_.decoded(item)};
    });
  }

  std::optional<ChatRequest> request(SummaryUnit& unit) override {
    if (is_blank(unit.row.item_title) && is_blank(unit.row.item_description)) return std::nullopt;
    auto bounded = bounded_request(unit.row.item_description, options_.prompt_tokens,
                                   [&](std::string text) { return request_of(unit.row, std::move(text)); });
    unit.shortened = bounded.shortened;
    if (walks_ == 1 && unit.decoded) report.asked_anew += is_asked_anew(unit, bounded.request) ? 1 : 0;
    return std::move(bounded.request);
  }

  void write(SummaryUnit& unit, const UnitAnswer& given, AnswerStage& stage) override {
    if (given.answer) unit.row.item_summary = given.answer->at("item_summary").get<std::string>();
    ++report.items;
    report.unreviewed += items_.has_review(unit.number) ? 0 : 1;
    report.without_metadata += unit.has_metadata ? 0 : 1;
    report.without_text += unit.has_metadata && !given.asked ? 1 : 0;
    report.title_only += given.asked && is_blank(unit.row.item_description) ? 1 : 0;
    report.shortened += unit.shortened ? 1 : 0;
    report.decoded += given.asked && unit.decoded ? 1 : 0;
    stage.write_row(kRole, to_json(unit.row));
  }

  void describe(Provenance& provenance) override {
    provenance.input("reviews", options_.reviews, items_.reviews_sha256());
    if (!options_.metadata.empty()) provenance.input("metadata", options_.metadata, items_.metadata_sha256());
    provenance.settings(selection_settings(options_.selection));
    provenance.option("prompt_tokens", options_.prompt_tokens);
    if (options_.all_items) provenance.option("all_items", true);
    provenance.prompt("summarize", prompt_.fingerprint());
    report.duplicates = items_.duplicates();
    report.unused = items_.unused();
    report.script_titles = items_.script_titles();
    report.bad_rows = items_.bad_rows();
    provenance.count("items", report.items);
    if (options_.all_items) provenance.count("unreviewed", report.unreviewed);
    provenance.count("without_metadata", report.without_metadata);
    provenance.count("without_text", report.without_text);
    provenance.count("title_only", report.title_only);
    provenance.count("shortened", report.shortened);
    if (report.decoded > 0) provenance.count("decoded", report.decoded);
    if (report.script_titles > 0) provenance.count("input_script_titles", report.script_titles);
    provenance.count("input_duplicates", report.duplicates);
    provenance.count("input_unused", report.unused);
    provenance.count("input_left_out", items_.left_out());
    provenance.count("input_bad_rows", report.bad_rows);
  }

 private:
  // As `request` would have been before character references were resolved: does the store know that one alone?
  [[nodiscard]] bool is_asked_anew(const SummaryUnit& unit, const ChatRequest& request) {
    if (client_.has_answer(request)) return false;
    const SummaryRow raw = items_.raw_row(unit.number);
    const auto before = bounded_request(raw.item_description, options_.prompt_tokens,
                                        [&](std::string text) { return request_of(raw, std::move(text)); });
    return client_.has_answer(before.request);
  }

  [[nodiscard]] ChatRequest request_of(const SummaryRow& row, std::string description) const {
    Json facts = {{"title", excerpt(row.item_title, kMaxTitleBytes)}, {"description", std::move(description)}};
    return prompt_.request(std::move(facts), "item " + row.item_id.text(), options_.answers.sampling);
  }

  const SummarizeOptions& options_;
  ChatClient& client_;
  Prompt prompt_;
  ItemTexts items_;
  int walks_ = 0;  // the first asks, the second writes
};

}  // namespace

SummarizeReport summarize(const SummarizeOptions& options, ChatClient& client) {
  if (options.metadata.empty())
    log_warning(
        "no metadata (--raw-meta): items have neither titles nor descriptions, personas stand on reviews alone");
  AnswerStage stage(client, {.command = "summarize",
                             .artifacts = {{options.output, kRole}},
                             .answers = options.answers,
                             .force = options.force,
                             .progress = options.progress});
  Summarizing work(options, client);
  work.report.written = stage.run(work);
  work.report.answers = stage.counts();
  return work.report;
}

}  // namespace persona4rec
