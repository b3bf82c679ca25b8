#include "persona4rec/personas.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "asking/answer_stage.hpp"
#include "asking/shared_client.hpp"
#include "lexical/vocabulary.hpp"
#include "personas/item_affinities.hpp"
#include "personas/item_reviews.hpp"
#include "personas/persona_prompt.hpp"
#include "personas/prospective_prompt.hpp"
#include "records/row_append.hpp"

namespace persona4rec {
namespace {

constexpr const char* kGroupedRole = "2.5_grouped";
constexpr const char* kRole = "3_personas";

struct PersonaUnit {
  std::uint64_t number = 0;  // of the item
  SummaryRow item;
  bool has_summary = false;
  ShownReviews shown;
  std::uint64_t left_out = 0;  // by the prompt, of the shown reviews
  bool excerpted = false;
  bool prospective = false;  // asked from metadata alone
};

// The prompts of a client that reads none need no bound.
PersonasOptions unbounded(PersonasOptions options) {
  options.prompt_tokens = 0;
  return options;
}

class PersonaMaking final : public AnswerWork<PersonaUnit> {
 public:
  // `shared`: the client where two share the items, else null.
  PersonaMaking(const PersonasOptions& options, const ChatClient& client, const SharedClient* shared,
                AnswerStage& stage)
      : options_(options),
        rest_options_(unbounded(options)),
        shared_(shared),
        items_(options, stage.repeatable(options.aspects), stage.provenance()),
        prompt_(options, items_.vocabulary(), client.reads_prompts()),
        rest_prompt_(rest_options_, items_.vocabulary(), false),
        prospective_(options) {
    if (options.knowledge == Knowledge::kOpen) affinities_.emplace(items_);
    if (shared != nullptr) choose_for_model();
  }

  PersonasReport report;

  std::uint64_t size() override { return items_.size(); }

  // Where two clients share the items, the first walk, which asks, begins with those of the fewest reviews.
  UnitWalk<PersonaUnit> walk(const ShardRange& range) override {
    const bool in_order = shared_ == nullptr || std::exchange(asked_, true);
    std::vector<std::uint64_t> items(range.end - range.begin);
    std::iota(items.begin(), items.end(), range.begin);
    if (!in_order) std::ranges::stable_sort(items, {}, [&](auto item) { return items_.review_count(item); });
    return [this, items = std::move(items), next = std::size_t{0}](PersonaUnit& unit) mutable {
      if (next == items.size()) return false;
      const auto item = items[next++];
      unit = {.number = item, .item = items_.summary(item), .has_summary = items_.has_summary(item)};
      return true;
    };
  }

  std::optional<ChatRequest> request(PersonaUnit& unit) override {
    const bool for_rest = shared_ != nullptr && for_model_[unit.number] == 0;
    const auto& prompt = for_rest ? rest_prompt_ : prompt_;
    items_.for_each_review(unit.number, prompt.reads_aspects(),
                           [&](AspectRow&& review) { unit.shown.add(std::move(review)); });
    std::optional<ChatRequest> request;
    unit.prospective = unit.shown.reviews.empty() || options_.knowledge == Knowledge::kMetadata;
    if (unit.prospective) {
      request = prospective_.request(unit.item);
    } else {
      auto made = prompt.request(unit.item, unit.shown);
      unit.left_out = made.left_out;
      unit.excerpted = made.excerpted;
      request = std::move(made.request);
    }
    if (request) request->for_rest = for_rest;
    return request;
  }

  [[nodiscard]] bool asks_at_once() const override { return true; }
  [[nodiscard]] std::size_t weight(const PersonaUnit& unit) const override { return items_.byte_count(unit.number); }

  void write(PersonaUnit& unit, const UnitAnswer& given, AnswerStage& stage) override {
    PersonaRow row{.item = unit.item, .review_count = items_.review_count(unit.number), .personas = {}};
    if (given.answer) row.personas = personas_of(*given.answer, unit.shown);
    if (affinities_) affinities_->add_to(row.personas, unit.number);
    count(unit, row, given.asked);
    write_grouped(unit, stage.row_in_parts(kGroupedRole));
    line_.clear();
    append_json(line_, row);
    line_ += '\n';
    stage.row_in_parts(kRole).write(line_);
  }

  void describe(Provenance& provenance) override {
    provenance.option("prompt_tokens", options_.prompt_tokens);
    provenance.option("words", to_json(options_.words));
    if (options_.max_personas != kMaxPersonas) provenance.option("max_personas", options_.max_personas);
    provenance.option("knowledge", to_string(options_.knowledge));
    provenance.prompt("personas", prompt_.fingerprint());
    provenance.prompt("prospective", prospective_.fingerprint());
    if (shared_ != nullptr) {
      report.without_model = shared_->of_rest();
      provenance.option("llm_for", to_string(options_.llm_for));
      provenance.count("without_model", report.without_model);
    }
    report.bad_rows = items_.bad_rows();
    report.split = items_.split_counts();
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"items", report.items},
             {"personas", report.personas},
             {"without_reviews", report.without_reviews},
             {"without_text", report.without_text},
             {"prospective", report.prospective},
             {"without_facts", report.without_facts},
             {"with_affinities", report.with_affinities},
             {"without_summary", report.without_summary},
             {"item_side_reviews", report.item_side_reviews},
             {"repeated_reviews", report.repeated_reviews},
             {"reviews_without_text", report.reviews_without_text},
             {"bounded_items", report.bounded_items},
             {"reviews_left_out", report.reviews_left_out},
             {"excerpted_items", report.excerpted_items},
             {"input_evaluated_users", report.split.evaluated_users},
             {"input_item_side_reviews", report.split.item_side},
             {"input_bad_rows", report.bad_rows}}) {
      provenance.count(name, value);
    }
  }

 private:
  // A GroupedRow, review by review: an item may have any number.
  void write_grouped(const PersonaUnit& unit, OutputFile& out) {
    line_.clear();
    append_json(line_, unit.item);
    line_.pop_back();
    line_ += ",\"aspects\":[";
    out.write(line_);
    bool first = true;
    items_.for_each_json(unit.number, [&](std::string_view review) {
      if (!std::exchange(first, false)) out.write(",");
      out.write(review);
    });
    out.write("],\"aspect_count\":" + std::to_string(items_.review_count(unit.number)) + "}\n");
  }

  // Of the items, by how few item-side reviews they have: those that the model is to be asked about.
  void choose_for_model() {
    std::vector<std::size_t> counts;
    counts.reserve(items_.size());
    for (std::size_t item = 0; item < items_.size(); ++item) counts.push_back(items_.review_count(item));
    auto sorted = counts;
    std::ranges::sort(sorted);
    const auto fifth = (sorted.size() + 4) / 5;
    const std::size_t most = options_.llm_for == LlmFor::kCold                ? 0
                             : options_.llm_for == LlmFor::kAll || fifth == 0 ? SIZE_MAX
                                                                              : sorted[fifth - 1];
    for (const auto count : counts) for_model_.push_back(count <= most ? 1 : 0);
  }

  void count(const PersonaUnit& unit, const PersonaRow& row, bool asked) {
    const bool has_reviews = row.review_count > 0;
    ++report.items;
    report.personas += row.personas.size();
    report.without_reviews += has_reviews ? 0 : 1;
    report.without_text += has_reviews && unit.shown.reviews.empty() ? 1 : 0;
    report.prospective += asked && unit.prospective ? 1 : 0;
    report.without_facts += asked ? 0 : 1;
    for (const auto& persona : row.personas) report.with_affinities += persona.affinities.empty() ? 0 : 1;
    report.without_summary += unit.has_summary ? 0 : 1;
    report.item_side_reviews += row.review_count;
    report.repeated_reviews += unit.shown.repeated;
    report.reviews_without_text += unit.shown.without_text;
    report.bounded_items += unit.left_out > 0 ? 1 : 0;
    report.reviews_left_out += unit.left_out;
    report.excerpted_items += unit.excerpted ? 1 : 0;
  }

  const PersonasOptions& options_;
  const PersonasOptions rest_options_;
  const SharedClient* shared_;
  ItemReviews items_;
  PersonaPrompt prompt_;
  PersonaPrompt rest_prompt_;  // for the client that answers the rest
  ProspectivePrompt prospective_;
  std::optional<ItemAffinities> affinities_;
  std::vector<std::uint8_t> for_model_;  // [items] where two clients share them
  bool asked_ = false;
  std::string line_;
};

}  // namespace

PersonasReport make_personas(const PersonasOptions& options, ChatClient& client, ChatClient* rest) {
  std::optional<SharedClient> shared;
  if (rest != nullptr) shared.emplace(client, *rest);
  ChatClient& asked = shared ? *shared : client;
  AnswerStage stage(asked, {.command = "personas",
                            .artifacts = {{options.grouped, kGroupedRole}, {options.personas, kRole}},
                            .answers = options.answers,
                            .force = options.force,
                            .progress = options.progress});
  PersonaMaking work(options, asked, shared ? &*shared : nullptr, stage);
  work.report.written = stage.run(work);
  work.report.answers = stage.counts();
  return work.report;
}

}  // namespace persona4rec
