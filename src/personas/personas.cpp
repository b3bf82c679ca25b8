#include "persona4rec/personas.hpp"

#include <utility>

#include "asking/answer_stage.hpp"
#include "lexical/vocabulary.hpp"
#include "personas/item_reviews.hpp"
#include "personas/persona_prompt.hpp"

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
};

class PersonaMaking final : public AnswerWork<PersonaUnit> {
 public:
  PersonaMaking(const PersonasOptions& options, const ChatClient& client, AnswerStage& stage)
      : options_(options),
        items_(options, stage.repeatable(options.aspects), stage.provenance()),
        prompt_(options, items_.vocabulary(), client.reads_prompts()) {}

  PersonasReport report;

  std::uint64_t size() override { return items_.size(); }

  UnitWalk<PersonaUnit> walk(const ShardRange& range) override {
    return walk_by_number<PersonaUnit>(range, [this](std::uint64_t item) {
      return PersonaUnit{.number = item, .item = items_.summary(item), .has_summary = items_.has_summary(item)};
    });
  }

  std::optional<ChatRequest> request(PersonaUnit& unit) override {
    items_.for_each_review(unit.number, [&](AspectRow&& review) {
      if (!prompt_.reads_aspects()) review.extracted_aspects = Json::object();
      unit.shown.add(std::move(review));
    });
    if (unit.shown.reviews.empty()) return std::nullopt;
    auto made = prompt_.request(unit.item, unit.shown);
    unit.left_out = made.left_out;
    unit.excerpted = made.excerpted;
    return std::move(made.request);
  }

  void write(PersonaUnit& unit, const UnitAnswer& given, AnswerStage& stage) override {
    PersonaRow row{.item = unit.item, .review_count = items_.review_count(unit.number), .personas = {}};
    if (given.answer) row.personas = personas_of(*given.answer, unit.shown);
    count(unit, row);
    write_grouped(unit, stage.row_in_parts(kGroupedRole));
    stage.write_row(kRole, to_json(row));
  }

  void describe(Provenance& provenance) override {
    provenance.option("prompt_tokens", options_.prompt_tokens);
    provenance.option("words", to_json(options_.words));
    provenance.prompt("personas", prompt_.fingerprint());
    report.bad_rows = items_.bad_rows();
    report.split = items_.split_counts();
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"items", report.items},
             {"personas", report.personas},
             {"without_reviews", report.without_reviews},
             {"without_text", report.without_text},
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
    std::string head = to_json(unit.item).dump();
    head.pop_back();
    out.write(head + ",\"aspects\":[");
    bool first = true;
    items_.for_each_json(unit.number, [&](std::string_view review) {
      if (!std::exchange(first, false)) out.write(",");
      out.write(review);
    });
    out.write("],\"aspect_count\":" + std::to_string(items_.review_count(unit.number)) + "}\n");
  }

  void count(const PersonaUnit& unit, const PersonaRow& row) {
    const bool has_reviews = row.review_count > 0;
    ++report.items;
    report.personas += row.personas.size();
    report.without_reviews += has_reviews ? 0 : 1;
    report.without_text += has_reviews && unit.shown.reviews.empty() ? 1 : 0;
    report.without_summary += unit.has_summary ? 0 : 1;
    report.item_side_reviews += row.review_count;
    report.repeated_reviews += unit.shown.repeated;
    report.reviews_without_text += unit.shown.without_text;
    report.bounded_items += unit.left_out > 0 ? 1 : 0;
    report.reviews_left_out += unit.left_out;
    report.excerpted_items += unit.excerpted ? 1 : 0;
  }

  const PersonasOptions& options_;
  ItemReviews items_;
  PersonaPrompt prompt_;
};

}  // namespace

PersonasReport make_personas(const PersonasOptions& options, ChatClient& client) {
  AnswerStage stage(client, {.command = "personas",
                             .artifacts = {{options.grouped, kGroupedRole}, {options.personas, kRole}},
                             .answers = options.answers,
                             .force = options.force,
                             .progress = options.progress});
  PersonaMaking work(options, client, stage);
  work.report.written = stage.run(work);
  work.report.answers = stage.counts();
  return work.report;
}

}  // namespace persona4rec
